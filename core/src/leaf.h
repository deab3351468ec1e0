// SPDX-License-Identifier: MIT
// The rules of one call: the first whose tests on the arguments hold decides.
#ifndef ABJURE_LEAF_H
#define ABJURE_LEAF_H

#include "ruleset.h"
#include "sort.h"
#include "tree.h"

struct leaf_range {
    uint64_t first, last;
};

// argument & mask is in one of the ranges. All comparisons, signed ones too, are this.
struct leaf_test {
    uint64_t mask;
    uint32_t range, ranges; // first and count
    uint8_t argument;
};

struct leaf_row {
    uint32_t test, tests; // first and count; all must hold
    label to;
};

// Rows that are decided by one look at one masked argument.
struct leaf_run {
    size_t first, count; // of `order`
    uint64_t mask;
    uint8_t argument;
    uint8_t kind;
};

struct leaf_span {
    uint64_t first;
    label to;
};

// Working memory, kept from call to call. `runs`, `spans` and `segments` are stacks.
struct leaf {
    struct tree *tree;
    bool big_endian;
    struct leaf_range *ranges;
    struct leaf_test *tests;
    struct leaf_row *rows;
    uint32_t *order;
    struct leaf_run *runs;
    struct leaf_span *spans;
    struct segment *segments;
    struct sort_key *keys;
    size_t range_count, test_count, row_count, run_count, span_count, segment_count;
    size_t range_room, test_room, row_room, order_room, run_room, span_room, segment_room, key_room;
};

void leaf_end(struct leaf *l);

// The rulings rulings[0..count), all of one number, in order; where none matches, `otherwise`.
label leaf_build(struct leaf *l, const struct ruleset *s, const uint32_t *rulings, size_t count, label otherwise);

#endif
