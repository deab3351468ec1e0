// SPDX-License-Identifier: MIT
// Where in a program a call was made: "libc bind+0x7", for a process that is still there. A process of its own looks
// it up, since that takes privileges and reads files that are not trusted, and may take its time.
#ifndef ABJURE_SYMBOLS_H
#define ABJURE_SYMBOLS_H

#include <stdbool.h>

#include "event.h"

// The descriptor of its questions; -1: it cannot be started.
int symbols_start(void);
// Sets e->at where it can be known at once, or within a few milliseconds where `may_wait`.
void symbols_find(struct event *e, bool may_wait);

#endif
