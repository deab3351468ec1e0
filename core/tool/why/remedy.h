// SPDX-License-Identifier: MIT
// What would let a denied call pass. It is tried on a copy of the rules before it is told.
#ifndef ABJURE_REMEDY_H
#define ABJURE_REMEDY_H

#include "tell.h"

// One sentence, or "" where there is none to give. `varied`: bits of the arguments that are not those of `d` each time.
void remedy_find(abjure_filter *rules, const struct denial *d, unsigned varied, char *text, size_t size);

// The calls of one --allow that lets all of the denials pass that have a remedy; "" where there are less than two, or
// where it cannot be one.
void remedy_all(abjure_filter *rules, const struct summed *list, size_t count, char *text, size_t size);

#endif
