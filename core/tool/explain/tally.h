// SPDX-License-Identifier: MIT
// Counts how often each of many texts comes.
#ifndef ABJURE_TALLY_H
#define ABJURE_TALLY_H

#include <stddef.h>
#include <stdint.h>

struct tally_entry {
    char *key; // terminated; may hold other bytes than text
    size_t length;
    uint64_t hash, count;
    int64_t first, last; // milliseconds since 1970; -1: not known
};

struct tally {
    struct tally_entry *entries; // in the order of their first coming, until tally_sort
    size_t count, room;
    uint32_t *slots; // 1 + index of the entry; 0: free
    size_t slot_count;
    size_t limit;     // of texts; 0: none
    uint64_t refused; // what came beyond the limit
};

// The entry of the key, counted once more; NULL: out of memory, or refused.
struct tally_entry *tally_add(struct tally *t, const char *key, size_t length, int64_t when);
void tally_sort(struct tally *t); // the most frequent first; adds no more afterwards
void tally_end(struct tally *t);

#endif
