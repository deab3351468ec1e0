// SPDX-License-Identifier: MIT
// Turns programs into lists of cases, for the numbers and architectures that they treat alike.
#ifndef ABJURE_UNFOLD_H
#define ABJURE_UNFOLD_H

#include "accumulator.h"
#include "cases.h"

struct unfolding;

// All programs of a handle, the newest first; they must outlive it. NULL: out of memory.
struct unfolding *unfolding_new(const struct program *programs);
void unfolding_free(struct unfolding *u);

// What happens to calls whose arch and number lie in these intervals, if that is one list.
// 0 and *out; 1: the program tells them apart, and parts[0..*count) are intervals of the word *word to ask about one by
// one; -ENOMEM.
int unfold(struct unfolding *u, const struct word *arch, const struct word *number, const struct cases **out,
           unsigned *word, struct word parts[3], unsigned *count);

// "It depends": the strictest verdict that may come at all, or of those in a list. NULL: out of memory.
const struct cases *unfold_unsure(struct unfolding *u);
const struct cases *unfold_worst(struct unfolding *u, const struct cases *cases);

#endif
