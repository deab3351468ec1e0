// SPDX-License-Identifier: MIT
// Waits for the program of `abjure run` as env(1) and timeout(1) do, and says what killed it.
#ifndef ABJURE_AWAIT_H
#define ABJURE_AWAIT_H

#include <stdbool.h>

#include "target.h"

// Filters this process, lets the child go and waits for it. The exit status of `abjure run`.
int await(struct target *t, bool trace, bool can_kill);

#endif
