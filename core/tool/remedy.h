// SPDX-License-Identifier: MIT
// What would let a denied call pass. It is tried on a copy of the rules before it is told.
#ifndef ABJURE_REMEDY_H
#define ABJURE_REMEDY_H

#include "denials.h"

// One sentence, or "" where there is none to give. `varied`: bits of the arguments that are not those of `d` each time.
void remedy_find(abjure_filter *rules, const struct denial *d, unsigned varied, char *text, size_t size);

#endif
