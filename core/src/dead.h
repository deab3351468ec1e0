// SPDX-License-Identifier: MIT
// Finds rules that decide nothing: covered by earlier ones, or never true.
#ifndef ABJURE_DEAD_H
#define ABJURE_DEAD_H

#include "ruleset.h"

// An item of the filter that decides no input on any ABI: with another verdict somewhere, or never true:
// -EEXIST with a message that names both rules; else a note. Items of OCI profiles (gentle) give notes only.
// Rules whose conditions are too many to tell in time are taken as alive, and a note says so.
// 0, -EEXIST, -ENOMEM.
int dead_find(struct filter *f, const struct meaning *m, struct error *e);

#endif
