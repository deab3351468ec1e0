// SPDX-License-Identifier: MIT
// Says where being traced makes a program behave otherwise than it would, or hides something.
#ifndef ABJURE_BECOME_H
#define ABJURE_BECOME_H

#include "follow.h"

void become_program(struct follow *f, const struct tracee *t);              // after an execve
void become_tell(struct follow *f, const struct tracee *t, int64_t result); // at a call's end

#endif
