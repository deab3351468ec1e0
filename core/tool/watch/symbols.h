// SPDX-License-Identifier: MIT
// Where in a program a call was made: "libc bind+0x7", for a process that is still there.
#ifndef ABJURE_SYMBOLS_H
#define ABJURE_SYMBOLS_H

#include <stdbool.h>

#include "event.h"

// Sets e->at where it can be known at once, or within a few milliseconds where `may_wait`.
void symbols_find(struct event *e, bool may_wait);

#endif
