// SPDX-License-Identifier: MIT
// A kill leaves two records: SECCOMP with the call, then ANOM_ABEND. The second tells nothing new.
#ifndef ABJURE_DEATHS_H
#define ABJURE_DEATHS_H

#include "event.h"

enum {
    DEATHS_RECENT = 256 // killed processes that are remembered, a power of 2
};

struct deaths {
    struct {
        uint64_t pid;
        int64_t seconds;
    } killed[DEATHS_RECENT];
};

// Takes each record; true of the death of a process whose call was there before.
bool deaths_repeat(struct deaths *d, const struct event *e);

#endif
