// SPDX-License-Identifier: MIT
// Stable sorting in linear time, in the caller's memory.
#ifndef ABJURE_SORT_H
#define ABJURE_SORT_H

#include <stddef.h>
#include <stdint.h>

struct sort_key {
    uint64_t value;
    uint32_t index; // the caller's
};

// By value; `scratch` has room for as many. Fewer than 2^32.
void sort_keys(struct sort_key *keys, struct sort_key *scratch, size_t count);

#endif
