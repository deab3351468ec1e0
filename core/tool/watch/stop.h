// SPDX-License-Identifier: MIT
// Signals that end a long work: the first lets it finish what is there, the second ends it at once.
#ifndef ABJURE_STOP_H
#define ABJURE_STOP_H

#include <stdbool.h>

// An eventfd that becomes readable at the first signal; -1: it cannot be made.
int stop_start(void);
bool stop_wanted(void);
// Calls that this needs under a filter, beside write to that descriptor.
extern const char stop_calls[];

#endif
