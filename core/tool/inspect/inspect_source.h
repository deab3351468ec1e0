// SPDX-License-Identifier: MIT
// Where the programs come from that `abjure inspect` shows.
#ifndef ABJURE_INSPECT_SOURCE_H
#define ABJURE_INSPECT_SOURCE_H

#include <stdbool.h>

#include "abjure.h"

// A process, a file of struct sock_filter, or a policy; "-" is standard input.
struct source {
    const char *word;
    bool filter_given;
    unsigned long filter; // of the programs of a process, 0 being the newest
    const char *abi;      // for a policy that names none; NULL: this machine's
    int pid;              // out; 0: a file
};

// The exit status; not EXIT_OK: it has been said why.
int source_open(struct source *s, abjure_program **out);

// The name of a process and its threads that differ, as abjure_status has them; NULL where they are not known. The text
// is for the caller to free.
char *source_status(const struct source *s, const char **name, const char **differing);

#endif
