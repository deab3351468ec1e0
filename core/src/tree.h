// SPDX-License-Identifier: MIT
// A decision tree over the word in A: which of many intervals it is in.
#ifndef ABJURE_TREE_H
#define ABJURE_TREE_H

#include "emit.h"

// Words from `first` to the next segment's first, less one.
struct segment {
    uint32_t first;
    uint32_t weight; // how often, beside the others
    label to;
};

struct tree_cell {
    uint64_t weight; // of all regions before this one
    uint32_t cost;
    uint32_t next;
};

enum {
    TREE_CHAIN_LIMIT = 64
};

struct tree {
    struct emit *emit;
    unsigned chain; // single values that are tried one by one, at most: more make a smaller and slower program
    struct tree_cell *cells;
    size_t room;
    // Of the call that is under way:
    const struct segment *segments;
    size_t count;
    uint32_t limit;
};

void tree_end(struct tree *t);

// The segments cover 0 to `limit`, in order; neighbours have different labels. At least one.
// The first instruction tests A; a single segment gives its label. The list is used up.
label tree_build(struct tree *t, struct segment *segments, size_t count, uint32_t limit);

#endif
