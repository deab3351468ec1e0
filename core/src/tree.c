// SPDX-License-Identifier: MIT
#include "tree.h"

#include "memory.h"

#include <string.h>

enum {
    MANY_SEGMENTS = 64, // more are not looked at for bits: the search is quadratic
    COST_BITS = 7,      // a leaf's cost counts exponentially, as the longest way grows, but no more than this
};

void tree_end(struct tree *t) {
    memory_free(t->cells);
    memset(t, 0, sizeof *t);
}

static uint32_t last_of(const struct tree *t, size_t segment) {
    return segment + 1 < t->count ? t->segments[segment + 1].first - 1 : t->limit;
}

static bool is_single(const struct tree *t, size_t segment) {
    return last_of(t, segment) == t->segments[segment].first;
}

// ---- Regions -------------------------------------------------------------------------------------------------------
//
// A region is a stretch with one label but for some single values: n tests "== value" find those out, where a tree
// over all its 2n + 1 segments would take 2n. The split into regions that makes the fewest tests is found from the end:
//   cost(k) = min over j > k of 1 + (single values in k..j-1 that differ from k) + cost(j)

static void find_regions(struct tree *t) {
    struct tree_cell *cells = t->cells;
    cells[t->count] = (struct tree_cell){0};
    for (size_t k = t->count; k-- > 0;) {
        const label base = t->segments[k].to;
        unsigned single = 0;
        cells[k].cost = UINT32_MAX;
        for (size_t j = k + 1;; j++) {
            const uint32_t cost = 1 + single + cells[j].cost;
            if (cost < cells[k].cost) {
                cells[k].cost = cost;
                cells[k].next = (uint32_t)j;
            }
            if (j == t->count) break;
            if (t->segments[j].to == base) continue;
            if (!is_single(t, j) || ++single > t->chain) break;
        }
    }
}

// Balances the mean by the weight, and the longest way by the cost of what follows.
static uint64_t region_weight(const struct tree *t, size_t first, size_t end) {
    const label base = t->segments[first].to;
    uint64_t weight = 0;
    unsigned cost = 0, single = 0;
    for (size_t i = first; i < end; i++) {
        const unsigned own = emit_cost(t->emit, t->segments[i].to);
        weight += t->segments[i].weight;
        single += t->segments[i].to != base;
        if (own > cost) cost = own;
    }
    cost += single - 1;
    return weight + (1u << (cost < COST_BITS ? cost : COST_BITS));
}

// x == v1 ? l1 : x == v2 ? l2 : … base, the costly ones first.
static label build_region(struct tree *t, size_t first, size_t end) {
    const struct segment *single[TREE_CHAIN_LIMIT];
    size_t count = 0;
    label to = t->segments[first].to;
    for (const struct segment *s = &t->segments[end]; s-- > &t->segments[first];) {
        if (s->to == to) continue;
        size_t at = count++;
        for (; at > 0 && emit_cost(t->emit, single[at - 1]->to) > emit_cost(t->emit, s->to); at--)
            single[at] = single[at - 1];
        single[at] = s;
    }
    for (size_t i = 0; i < count; i++)
        to = emit_test(t->emit, BPF_JEQ, single[i]->first, single[i]->to, to);
    return to;
}

// ---- The tree over regions -----------------------------------------------------------------------------------------

// The region at which the weight of `first` to `end` is halved best; cells[i].next is the region's first segment here.
static size_t halve(const struct tree *t, size_t first, size_t end) {
    const uint64_t half = (t->cells[first].weight + t->cells[end].weight) / 2;
    size_t low = first + 1, high = end - 1;
    while (low < high) {
        const size_t middle = (low + high) / 2;
        if (t->cells[middle].weight < half)
            low = middle + 1;
        else
            high = middle;
    }
    const uint64_t above = t->cells[low].weight > half ? t->cells[low].weight - half : 0;
    return low > first + 1 && half - t->cells[low - 1].weight < above ? low - 1 : low;
}

// x >= first of the upper half ? upper : lower. Each halving lowers the weight, so the depth is at most twice the
// logarithm of the whole weight.
static label build(struct tree *t, size_t first, size_t end) {
    if (end - first == 1) return build_region(t, t->cells[first].next, t->cells[end].next);
    const size_t split = halve(t, first, end);
    const label upper = build(t, split, end);
    const label lower = build(t, first, split);
    const struct segment *low = &t->segments[t->cells[first].next], *high = &t->segments[t->cells[split].next];
    // Where one side is one value, == reads better and costs the same.
    if (high - low == 1 && is_single(t, t->cells[first].next))
        return emit_test(t->emit, BPF_JEQ, low->first, lower, upper);
    return emit_test(t->emit, BPF_JGE, high->first, upper, lower);
}

static label build_regions(struct tree *t) {
    find_regions(t);
    size_t regions = 0;
    uint64_t weight = 0;
    for (size_t k = 0; k < t->count;) {
        const size_t next = t->cells[k].next;
        t->cells[regions++] = (struct tree_cell){.weight = weight, .next = (uint32_t)k};
        weight += region_weight(t, k, next);
        k = next;
    }
    t->cells[regions] = (struct tree_cell){.weight = weight, .next = (uint32_t)t->count};
    return build(t, 0, regions);
}

// ---- Sets of bits --------------------------------------------------------------------------------------------------
//
// Flags make sets such as {0, 8, 0x20000, 0x20008}: all that can be had of some bits. They are one test:
//   x is one of them  <=>  x & ~bits == 0

static struct segment *find_single(const struct tree *t, struct segment *segments, uint32_t value) {
    size_t low = 0, high = t->count;
    while (high - low > 1) {
        const size_t middle = (low + high) / 2;
        if (segments[middle].first <= value)
            low = middle;
        else
            high = middle;
    }
    return segments[low].first == value && is_single(t, low) ? &segments[low] : NULL;
}

// Whether all values of `bits` and `more` lead where 0 leads, those of `bits` being known to.
static bool can_add(const struct tree *t, struct segment *segments, uint32_t bits, uint32_t more) {
    for (uint32_t part = bits;; part = (part - 1) & bits) {
        const struct segment *s = find_single(t, segments, part | more);
        if (s == NULL || s->to != segments[0].to) return false;
        if (part == 0) return true;
    }
}

static uint32_t find_bits(const struct tree *t, struct segment *segments) {
    uint32_t bits = 0;
    if (t->count > MANY_SEGMENTS || !is_single(t, 0)) return 0;
    for (size_t i = 1; i < t->count; i++) {
        const uint32_t bit = segments[i].first;
        if ((bit & (bit - 1)) == 0 && can_add(t, segments, bits, bit)) bits |= bit;
    }
    return bits;
}

// Gives the values of the bits to what lies beside them, and joins neighbours of one label.
static void leave_out(struct tree *t, struct segment *segments, uint32_t bits) {
    for (uint32_t part = bits;; part = (part - 1) & bits) {
        struct segment *s = find_single(t, segments, part);
        s->to = part > 0 ? s[-1].to : s[1].to;
        if (part == 0) break;
    }
    size_t kept = 0;
    for (size_t i = 0; i < t->count; i++)
        if (kept == 0 || segments[kept - 1].to != segments[i].to) segments[kept++] = segments[i];
    t->count = kept;
}

// ---- The whole -----------------------------------------------------------------------------------------------------

label tree_build(struct tree *t, struct segment *segments, size_t count, uint32_t limit) {
    if (memory_grow(&t->cells, &t->room, count + 1, sizeof *t->cells) < 0) {
        t->emit->failed = true;
        return 0;
    }
    t->segments = segments;
    t->count = count;
    t->limit = limit;
    const label zero = segments[0].to;
    const uint32_t bits = find_bits(t, segments);
    if (bits != 0) leave_out(t, segments, bits);
    const label rest = build_regions(t);
    return bits != 0 ? emit_test(t->emit, BPF_JSET, ~bits, rest, zero) : rest;
}
