// SPDX-License-Identifier: MIT
// What the pointers of a call point to, for people: paths and socket addresses. A filter does not see it.
#ifndef ABJURE_POINTED_H
#define ABJURE_POINTED_H

#include <sys/types.h>

#include "constants.h"

// Replaces the pointers by what is in the memory of the stopped thread now, where that can be read.
void pointed_write(pid_t thread, const struct made_call *made, struct written_call *call);

#endif
