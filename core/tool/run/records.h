// SPDX-License-Identifier: MIT
// Audit records of processes that a filter killed, from the kernel's multicast socket.
#ifndef ABJURE_RECORDS_H
#define ABJURE_RECORDS_H

#include <stdbool.h>
#include <stdint.h>

// A descriptor, or -1 where records cannot be read (no CAP_AUDIT_READ), where their process ids, which are those of
// the initial PID namespace, are not ours, or where this process is under a filter itself: *why then says which.
int records_open(const char **why);

struct record {
    int pid;
    char name[64]; // as the record has it: the program's name, "?" for what cannot be printed
    uint32_t arch;
    uint32_t number;
};

int64_t records_now(void); // milliseconds

// The next record of a process that died of SIGSYS; waits until then for it, at most. False: no more.
bool records_next(int fd, int64_t until, struct record *out);

#endif
