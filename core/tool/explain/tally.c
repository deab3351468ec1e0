// SPDX-License-Identifier: MIT
#include "tally.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

enum {
    FIRST_ROOM = 64
};

// Names come from processes that one does not trust: who does not know the seed cannot make them collide.
static uint64_t seed(void) {
    static uint64_t value;
    if (value != 0) return value;
    ssize_t n = getrandom(&value, sizeof value, 0);
    (void)n; // without random bytes it is the same seed each time, and counts are right all the same
    value |= 1;
    return value;
}

static uint64_t hash_of(const char *key, size_t length) {
    uint64_t hash = seed() ^ length;
    for (; length >= 8; key += 8, length -= 8) {
        uint64_t word;
        memcpy(&word, key, 8);
        hash = (hash ^ word) * 0xff51afd7ed558ccdu;
        hash ^= hash >> 32;
    }
    uint64_t rest = 0;
    memcpy(&rest, key, length);
    hash = (hash ^ rest) * 0xff51afd7ed558ccdu;
    return hash ^ hash >> 32;
}

static uint32_t *slot_of(const struct tally *t, const char *key, size_t length, uint64_t hash) {
    size_t at = hash & (t->slot_count - 1);
    for (;; at = (at + 1) & (t->slot_count - 1)) {
        if (t->slots[at] == 0) return &t->slots[at];
        const struct tally_entry *e = &t->entries[t->slots[at] - 1];
        if (e->hash == hash && e->length == length && memcmp(e->key, key, length) == 0) return &t->slots[at];
    }
}

// Twice the room, with at most half of the slots in use.
static bool grow(struct tally *t) {
    size_t room = t->room == 0 ? FIRST_ROOM : t->room * 2;
    if (room > UINT32_MAX / 2) return false;
    struct tally_entry *entries = realloc(t->entries, room * sizeof *entries);
    if (entries == NULL) return false;
    t->entries = entries;
    uint32_t *slots = calloc(room * 2, sizeof *slots);
    if (slots == NULL) return false;
    free(t->slots);
    t->slots = slots;
    t->slot_count = room * 2;
    t->room = room;
    for (size_t i = 0; i < t->count; i++)
        *slot_of(t, entries[i].key, entries[i].length, entries[i].hash) = (uint32_t)i + 1;
    return true;
}

struct tally_entry *tally_add(struct tally *t, const char *key, size_t length, int64_t when) {
    if (t->count == t->room && !grow(t)) return NULL;
    uint64_t hash = hash_of(key, length);
    uint32_t *slot = slot_of(t, key, length, hash);
    if (*slot == 0) {
        if (t->limit > 0 && t->count >= t->limit) {
            t->refused++;
            return NULL;
        }
        char *copy = malloc(length + 1);
        if (copy == NULL) return NULL;
        memcpy(copy, key, length);
        copy[length] = '\0';
        t->entries[t->count] = (struct tally_entry){.key = copy, .length = length, .hash = hash, .first = when};
        *slot = (uint32_t)++t->count;
    }
    struct tally_entry *e = &t->entries[*slot - 1];
    e->count++;
    e->last = when;
    return e;
}

static int by_count(const void *a, const void *b) {
    const struct tally_entry *left = a, *right = b;
    if (left->count != right->count) return left->count < right->count ? 1 : -1;
    return strcmp(left->key, right->key);
}

void tally_sort(struct tally *t) {
    if (t->count > 0) qsort(t->entries, t->count, sizeof *t->entries, by_count);
}

void tally_end(struct tally *t) {
    for (size_t i = 0; i < t->count; i++)
        free(t->entries[i].key);
    free(t->entries);
    free(t->slots);
    *t = (struct tally){0};
}
