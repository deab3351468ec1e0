// SPDX-License-Identifier: MIT
// Sets of argument values as unions of cubes: of each argument, some bits are given and the others free.
#ifndef ABJURE_CUBE_H
#define ABJURE_CUBE_H

#include "ruleset.h"

// All arguments with (argument & mask) == value, for each of the six.
struct cube {
    uint64_t mask[SYSCALL_ARGUMENTS], value[SYSCALL_ARGUMENTS];
};

struct cubes {
    struct cube *list;
    size_t count, room;
};

enum {
    CUBES_LIMIT = 4096 // a set that takes more is given up: -E2BIG
};

void cubes_free(struct cubes *c);

// Where all tests hold.
// 0, -ENOMEM, -E2BIG.
int cubes_make(struct cubes *out, const struct test *tests, size_t count);
// Takes the values of `other` out of `c`; the cubes that remain are disjoint where they were. 0, -ENOMEM, -E2BIG.
int cubes_subtract(struct cubes *c, const struct cubes *other);

#endif
