// SPDX-License-Identifier: MIT
// What would let a denied call pass. It is tried on a copy of the rules before it is told.
#ifndef ABJURE_REMEDY_H
#define ABJURE_REMEDY_H

#include "cause.h"

// One sentence, or "" where there is none to give.
void remedy_find(abjure_filter *rules, const struct made_call *made, const struct written_call *call,
                 const struct cause *cause, char *text, size_t size);

#endif
