// SPDX-License-Identifier: MIT
#include "clauses.h"

#include <errno.h>
#include <string.h>

#include "memory.h"

enum {
    FREE_BITS = 3, // a cube with so few is told as values
    PASSES = 4,    // looks for neighbours in one row
};

#define HIGH (UINT64_C(0xffffffff) << 32)

void clauses_free(struct clauses *c) {
    memory_free(c->list);
    *c = (struct clauses){0};
}

static struct clause *append(struct clauses *c) {
    if (c->count == c->room && memory_grow(&c->list, &c->room, c->count + 1, sizeof *c->list) < 0) return NULL;
    return &c->list[c->count++];
}

// ---- From words to looks -------------------------------------------------------------------------------------------

static bool is_all(const struct word *w) {
    return w->known == 0 && w->lo == 0 && w->hi == UINT32_MAX;
}

// Is it all x with (x & known) == value?
static bool is_cube(const struct word *w) {
    return w->lo == w->value && w->hi == (w->value | ~w->known);
}

// Is it all x in lo..hi?
static bool is_range(const struct word *w) {
    const struct word range = word_range(w->lo, w->hi);
    return range.known == w->known;
}

static void add_look(struct clause *c, unsigned argument, uint64_t mask, uint64_t first, uint64_t last) {
    c->look[c->looks++] = (struct look){.mask = mask, .first = first, .last = last, .argument = (uint8_t)argument};
}

// One half by itself.
static void add_half(struct clause *c, unsigned argument, const struct word *w, unsigned shift) {
    const uint64_t mask = (uint64_t)UINT32_MAX << shift;
    if (is_all(w)) return;
    if (is_range(w) || !is_cube(w)) add_look(c, argument, mask, (uint64_t)w->lo << shift, (uint64_t)w->hi << shift);
    if (is_range(w)) return;
    const uint64_t value = (uint64_t)w->value << shift;
    add_look(c, argument, (uint64_t)w->known << shift, value, value);
}

static void add_argument(struct clause *c, unsigned argument, const struct word *high, const struct word *low) {
    const uint64_t first = (uint64_t)high->lo << 32 | low->lo, last = (uint64_t)high->hi << 32 | low->hi;
    if (is_all(high)) {
        add_half(c, argument, low, 0);
    } else if ((high->lo == high->hi && is_range(low)) || (is_range(high) && is_all(low))) {
        add_look(c, argument, UINT64_MAX, first, last);
    } else if (is_cube(high) && is_cube(low)) {
        add_look(c, argument, (uint64_t)high->known << 32 | low->known, first, first);
    } else {
        add_half(c, argument, high, 32);
        add_half(c, argument, low, 0);
    }
}

static void add_looks(struct clause *c, const struct box *b, bool big_endian) {
    const unsigned low = big_endian ? BOX_IP + 1 : BOX_IP;
    for (unsigned i = 0; i < CLAUSE_POINTER; i++)
        add_argument(c, i, &b->word[BOX_HIGH(i)], &b->word[BOX_LOW(i)]);
    add_argument(c, CLAUSE_POINTER, &b->word[low ^ 1u], &b->word[low]);
}

static unsigned bits_in(uint64_t x) {
    unsigned count = 0;
    for (; x != 0; x &= x - 1)
        count++;
    return count;
}

// One clause, or one for each value where a few bits are open.
static int add_case(struct clauses *out, const struct cases *c, bool big_endian) {
    struct clause *clause = append(out);
    if (clause == NULL) return -ENOMEM;
    *clause = (struct clause){.verdict = c->verdict, .unsure = c->unsure};
    add_looks(clause, &c->where, big_endian);
    if (clause->looks != 1) return 0;
    const struct look look = clause->look[0];
    const uint64_t open = look.mask > UINT32_MAX ? ~look.mask : UINT32_MAX & ~look.mask;
    if (look.first != look.last || open == 0 || bits_in(open) > FREE_BITS) return 0;
    const uint64_t mask = look.mask | open;
    for (uint64_t bits = 0;;) {
        clause->look[0].mask = mask;
        clause->look[0].first = clause->look[0].last = look.first | bits;
        bits = (bits - open) & open; // the next subset of the open bits
        if (bits == 0) return 0;
        const struct clause copy = *clause;
        clause = append(out);
        if (clause == NULL) return -ENOMEM;
        *clause = copy;
    }
}

// ---- One argument: ranges in order ---------------------------------------------------------------------------------

static bool same_end(const struct clause *a, const struct clause *b) {
    return a->verdict == b->verdict && a->unsure == b->unsure;
}

// Do all look once at most, all at the same argument in the same way?
static bool is_line(const struct clauses *c) {
    const struct look *first = NULL;
    for (size_t i = 0; i < c->count; i++) {
        if (c->list[i].looks == 0) continue;
        const struct look *look = &c->list[i].look[0];
        if (first == NULL) first = look;
        if (c->list[i].looks > 1 || look->mask != first->mask || look->argument != first->argument) return false;
        if ((look->mask & (look->mask + 1)) != 0) return false; // all bits from the lowest on
    }
    return first != NULL;
}

// Where ranges begin, sorted and each once. NULL: out of memory.
static uint64_t *starts_of(const struct clauses *c, uint64_t top, size_t *count) {
    uint64_t *starts = memory_new(2 * c->count + 1, sizeof *starts);
    if (starts == NULL) return NULL;
    *count = 1; // 0
    for (size_t i = 0; i < 2 * c->count; i++) {
        const struct clause *clause = &c->list[i / 2];
        if (clause->looks == 0) continue;
        if (i % 2 == 1 && clause->look[0].last == top) continue;
        const uint64_t start = i % 2 == 0 ? clause->look[0].first : clause->look[0].last + 1;
        size_t at = *count;
        while (starts[at - 1] > start)
            at--;
        if (starts[at - 1] == start) continue;
        memmove(&starts[at + 1], &starts[at], (*count - at) * sizeof *starts);
        starts[at] = start;
        ++*count;
    }
    return starts;
}

static const struct clause *decides(const struct clauses *c, uint64_t value) {
    const struct clause *clause = c->list;
    while (clause->looks > 0 && (value < clause->look[0].first || value > clause->look[0].last))
        clause++;
    return clause;
}

// The verdict to leave unsaid: what remains then is said by the fewest comparisons; of several, that of the widest range.
static struct clause otherwise(const struct clauses *ranges) {
    size_t best = 0, most = 0;
    uint64_t widest = 0;
    for (size_t i = 0; i < ranges->count; i++) {
        size_t comparisons = 0;
        uint64_t wide = 0;
        for (size_t j = 0; j < ranges->count; j++) {
            const struct look *look = &ranges->list[j].look[0];
            if (!same_end(&ranges->list[i], &ranges->list[j])) continue;
            comparisons += look->first == look->last ? 1 : 2;
            wide = look->last - look->first > wide ? look->last - look->first : wide;
        }
        if (comparisons < most || (comparisons == most && wide <= widest)) continue;
        best = i;
        most = comparisons;
        widest = wide;
    }
    struct clause end = ranges->list[best];
    end.looks = 0;
    return end;
}

// The same as disjoint ranges in order, and one verdict for what is in none.
static int straighten(struct clauses *c) {
    struct clauses ranges = {0};
    size_t count = 0, at = 0;
    while (at + 1 < c->count && c->list[at].looks == 0)
        at++;
    const struct look like = c->list[at].look[0];
    uint64_t *starts = starts_of(c, like.mask, &count);
    if (starts == NULL) return -ENOMEM;
    int r = 0;
    for (size_t i = 0; i < count; i++) {
        const struct clause *from = decides(c, starts[i]);
        const uint64_t last = i + 1 < count ? starts[i + 1] - 1 : like.mask;
        if (ranges.count > 0 && same_end(&ranges.list[ranges.count - 1], from)) {
            ranges.list[ranges.count - 1].look[0].last = last;
            continue;
        }
        struct clause *clause = append(&ranges);
        if (clause == NULL) {
            r = -ENOMEM;
            break;
        }
        *clause = (struct clause){.verdict = from->verdict, .unsure = from->unsure, .looks = 1};
        clause->look[0] = (struct look){.mask = like.mask, .first = starts[i], .last = last, .argument = like.argument};
    }
    memory_free(starts);
    const struct clause end = r == 0 && ranges.list != NULL ? otherwise(&ranges) : (struct clause){0};
    c->count = 0;
    for (size_t i = 0; i < ranges.count && r == 0; i++) {
        if (same_end(&ranges.list[i], &end)) continue;
        struct clause *clause = append(c);
        if (clause == NULL) r = -ENOMEM;
        if (clause != NULL) *clause = ranges.list[i];
    }
    struct clause *last = r == 0 ? append(c) : NULL;
    if (last != NULL) *last = end;
    clauses_free(&ranges);
    return last == NULL ? -ENOMEM : 0;
}

// ---- Several arguments: neighbours become one ----------------------------------------------------------------------

// Makes *a both, where they differ in one look and touch there.
static bool unite(struct clause *a, const struct clause *b) {
    if (!same_end(a, b) || a->looks != b->looks) return false;
    struct look *differ = NULL;
    const struct look *with = NULL;
    for (unsigned i = 0; i < a->looks; i++) {
        const struct look *x = &a->look[i], *y = &b->look[i];
        if (x->argument != y->argument || x->mask != y->mask) return false;
        if (x->first == y->first && x->last == y->last) continue;
        if (differ != NULL || (x->mask & (x->mask + 1)) != 0) return false;
        differ = &a->look[i];
        with = y;
    }
    if (differ == NULL) return true;
    if (differ->last == with->first - 1 && with->first > 0)
        differ->last = with->last;
    else if (with->last == differ->first - 1 && differ->first > 0)
        differ->first = with->first;
    else
        return false;
    return true;
}

// Clauses start..end-1 have one verdict and so may change places. Those that went into another get CLAUSE_LOOKS + 1.
static bool unite_row(struct clauses *c, size_t start, size_t end) {
    bool any = false;
    for (size_t i = start; i + 1 < end; i++) {
        for (size_t j = i + 1; j < end && c->list[i].looks <= CLAUSE_LOOKS; j++) {
            if (c->list[j].looks > CLAUSE_LOOKS || !unite(&c->list[i], &c->list[j])) continue;
            c->list[j].looks = CLAUSE_LOOKS + 1;
            any = true;
        }
    }
    return any;
}

static void unite_rows(struct clauses *c) {
    for (size_t start = 0, end; start < c->count; start = end) {
        end = start + 1;
        while (end < c->count && same_end(&c->list[start], &c->list[end]) && c->list[end].looks > 0)
            end++;
        for (int pass = 0; pass < PASSES && unite_row(c, start, end);)
            pass++;
    }
    size_t kept = 0;
    for (size_t i = 0; i < c->count; i++)
        if (c->list[i].looks <= CLAUSE_LOOKS) c->list[kept++] = c->list[i];
    c->count = kept;
}

// Drops looks that hold for all values, which neighbours may have become, and clauses that say what comes behind them.
static void tidy(struct clauses *c) {
    for (size_t i = 0; i < c->count; i++) {
        struct clause *clause = &c->list[i];
        uint8_t kept = 0;
        for (unsigned j = 0; j < clause->looks; j++)
            if (clause->look[j].first != 0 || clause->look[j].last != clause->look[j].mask)
                clause->look[kept++] = clause->look[j];
        clause->looks = kept;
        if (kept == 0) c->count = i + 1; // the rest is never asked
    }
    while (c->count > 1 && same_end(&c->list[c->count - 2], &c->list[c->count - 1])) {
        c->list[c->count - 2] = c->list[c->count - 1];
        c->count--;
    }
}

int clauses_make(const struct cases *cases, bool big_endian, struct clauses *out) {
    int r = 0;
    *out = (struct clauses){0};
    for (; cases != NULL && r == 0; cases = cases->next)
        r = add_case(out, cases, big_endian);
    if (r == 0 && out->count > 1) {
        if (is_line(out))
            r = straighten(out);
        else
            unite_rows(out);
        tidy(out);
    }
    if (r < 0) clauses_free(out);
    return r;
}
