// SPDX-License-Identifier: MIT
#include "sort.h"

#include <stdbool.h>
#include <string.h>

enum {
    BITS = 8,
    BUCKETS = 1 << BITS,
};

static void pass(const struct sort_key *from, struct sort_key *to, size_t count, int shift) {
    uint32_t place[BUCKETS] = {0};
    for (size_t i = 0; i < count; i++)
        place[from[i].value >> shift & (BUCKETS - 1)]++;
    uint32_t sum = 0;
    for (size_t b = 0; b < BUCKETS; b++) {
        const uint32_t size = place[b];
        place[b] = sum;
        sum += size;
    }
    for (size_t i = 0; i < count; i++)
        to[place[from[i].value >> shift & (BUCKETS - 1)]++] = from[i];
}

// By bytes from the lowest up; bytes in which all values agree are skipped.
void sort_keys(struct sort_key *keys, struct sort_key *scratch, size_t count) {
    uint64_t differ = 0;
    bool sorted = true;
    for (size_t i = 1; i < count; i++) {
        differ |= keys[i].value ^ keys[0].value;
        sorted &= keys[i - 1].value <= keys[i].value;
    }
    if (sorted) return;
    struct sort_key *from = keys, *to = scratch;
    for (int shift = 0; shift < 64; shift += BITS) {
        if ((differ >> shift & (BUCKETS - 1)) == 0) continue;
        pass(from, to, count, shift);
        struct sort_key *const swap = from;
        from = to;
        to = swap;
    }
    if (from != keys) memcpy(keys, from, count * sizeof *keys);
}
