// SPDX-License-Identifier: MIT
// What becomes of each call, with the arguments that are worth trying.
#ifndef ABJURE_LINT_CENSUS_H
#define ABJURE_LINT_CENSUS_H

#include "lint_subject.h"

// Fills in what subject.h leaves open in each call. False: out of memory.
bool census_take(struct subject *s);

#endif
