// SPDX-License-Identifier: MIT
// Filters of the command's own processes: whoever writes code into them gains nothing.
#ifndef ABJURE_GUARD_H
#define ABJURE_GUARD_H

#include <sys/types.h>

struct guard {
    pid_t child;
    int gate;       // may be written to: lets the child go
    int name_fd;    // may be read; -1: none
    int records_fd; // may be read; -1: none
};

// Leaves to this process: to wait for the child, to go on with what it traces already, to signal the child, to write
// messages, and the descriptors above. 0 or -1, and then it has been said why.
int guard_enter(const struct guard *g);

// Leaves to all threads of this process memory, time, signals, messages, and these calls, in the language of rules.
// 0 or -1, and then it has been said why, behind `failure`.
int guard_load(const char *const calls[], int count, const char *failure);

#endif
