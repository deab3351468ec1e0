// SPDX-License-Identifier: MIT
// Learns which programs a traced thread loads.
#ifndef ABJURE_LOADING_H
#define ABJURE_LOADING_H

#include <stdbool.h>

#include "tracees.h"

// At the entry of a call that may load a program: reads it from the thread's memory. `own`: the rules of the command
// line are being loaded.
void loading_enter(struct tracees *all, struct tracee *t, bool own);

// At its end, with its result: the kernel's word on what was loaded, where it may be had.
void loading_leave(struct tracees *all, struct tracee *t, int64_t result);

// Whether `filters` are what the kernel says that the thread has; mends them where that is possible.
void loading_check(const struct tracees *all, struct tracee *t);

#endif
