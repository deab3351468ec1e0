// SPDX-License-Identifier: MIT
// What the rules say, by number: for each architecture the stretches of numbers that fare alike.
#ifndef ABJURE_NUMBERS_H
#define ABJURE_NUMBERS_H

#include "ruleset.h"

// A ruling with conditions, ready to be asked.
struct entry {
    const struct test *tests;
    uint32_t count;
    uint32_t verdict;
};

// Numbers first..last: the entries in order, then the verdict. Several numbers only where there is no entry.
struct stretch {
    uint32_t first, last;
    uint32_t entry, entries;
    uint32_t verdict;
};

// Values of `arch`: one architecture of the filter, or all that lie between two of them.
struct region {
    uint32_t first, last;
    uint32_t stretch, stretches; // sorted, without gaps: they cover all 32 bits
};

struct numbers {
    struct region *regions; // sorted, without gaps
    struct stretch *stretches;
    struct entry *entries;
    size_t region_count, stretch_count, entry_count;
    size_t region_room, stretch_room, entry_room;
};

int numbers_make(const struct meaning *m, struct numbers *out); // 0 or -ENOMEM
void numbers_free(struct numbers *n);

// The stretch of the region that holds the number.
uint32_t numbers_find(const struct numbers *n, const struct region *r, uint32_t number);

// Indices of the rulings in `order` by number, those of one number in their order. `scratch` as large.
void numbers_sort(const struct ruleset *s, uint32_t *order, uint32_t *scratch);

#endif
