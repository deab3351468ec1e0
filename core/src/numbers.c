// SPDX-License-Identifier: MIT
#include "numbers.h"

#include <errno.h>

#include "memory.h"

enum {
    DIGIT = 11,
    DIGITS = 1 << DIGIT
};

// Radix sort by digits of 11 bits, leaving out digits that are the same in all numbers: as a rule one pass.
void numbers_sort(const struct ruleset *s, uint32_t *order, uint32_t *scratch) {
    uint32_t varies = 0;
    for (uint32_t i = 0; i < s->ruling_count; i++) {
        order[i] = i;
        varies |= s->rulings[i].number ^ s->rulings[0].number;
    }
    uint32_t *from = order, *to = scratch;
    for (unsigned shift = 0; shift < 32; shift += DIGIT) {
        if ((varies >> shift) % DIGITS == 0) continue;
        uint32_t start[DIGITS + 1] = {0};
        for (size_t i = 0; i < s->ruling_count; i++)
            start[(s->rulings[i].number >> shift) % DIGITS + 1]++;
        for (size_t i = 1; i < DIGITS; i++)
            start[i] += start[i - 1];
        for (size_t i = 0; i < s->ruling_count; i++)
            to[start[(s->rulings[from[i]].number >> shift) % DIGITS]++] = from[i];
        uint32_t *swap = from;
        from = to;
        to = swap;
    }
    for (size_t i = 0; from != order && i < s->ruling_count; i++)
        order[i] = from[i];
}

// Where the next numbers of one set are to be read.
struct cursor {
    const struct ruleset *set;
    const uint32_t *order;
    size_t ruling;
    const struct syscall_range *known;
    size_t range, ranges;
};

static int add_stretch(struct numbers *n, uint32_t region_start, struct stretch s) {
    if (s.entries == 0 && n->stretch_count > region_start) {
        struct stretch *before = &n->stretches[n->stretch_count - 1];
        if (before->entries == 0 && before->verdict == s.verdict) {
            before->last = s.last;
            return 0;
        }
    }
    if (memory_grow(&n->stretches, &n->stretch_room, n->stretch_count + 1, sizeof s) < 0) return -ENOMEM;
    n->stretches[n->stretch_count++] = s;
    return 0;
}

// Numbers without rulings: the default, or what unknown numbers get.
static int add_plain(struct numbers *n, uint32_t start, struct cursor *c, uint32_t first, uint32_t last) {
    if (!c->set->unknown_differs)
        return add_stretch(n, start,
                           (struct stretch){.first = first, .last = last, .verdict = c->set->default_verdict});
    for (;;) {
        while (c->range < c->ranges && c->known[c->range].last < first)
            c->range++;
        bool any = c->range < c->ranges;
        bool known = any && c->known[c->range].first <= first;
        uint32_t end = last;
        if (known && c->known[c->range].last < last) end = c->known[c->range].last;
        if (!known && any && c->known[c->range].first <= last) end = c->known[c->range].first - 1;
        struct stretch s = {.first = first, .last = end};
        s.verdict = known ? c->set->default_verdict : c->set->unknown_verdict;
        if (add_stretch(n, start, s) < 0) return -ENOMEM;
        if (end == last) return 0;
        first = end + 1;
    }
}

// The number at the cursor, with all its rulings up to the first without conditions.
static int add_number(struct numbers *n, uint32_t start, struct cursor *c) {
    const struct ruleset *set = c->set;
    uint32_t number = set->rulings[c->order[c->ruling]].number;
    struct stretch s = {.first = number, .last = number, .entry = (uint32_t)n->entry_count};
    bool unknown = set->unknown_differs && !syscalls_known(set->abi, number);
    s.verdict = unknown ? set->unknown_verdict : set->default_verdict;
    bool closed = false;
    for (; c->ruling < set->ruling_count; c->ruling++) {
        const struct ruling *r = &set->rulings[c->order[c->ruling]];
        if (r->number != number) break;
        if (closed) continue;
        closed = r->tests == 0;
        if (closed) {
            s.verdict = r->verdict;
            continue;
        }
        if (memory_grow(&n->entries, &n->entry_room, n->entry_count + 1, sizeof *n->entries) < 0) return -ENOMEM;
        n->entries[n->entry_count++] = (struct entry){&set->tests[r->test], r->tests, r->verdict};
        s.entries++;
    }
    return add_stretch(n, start, s);
}

static int add_span(struct numbers *n, uint32_t start, struct cursor *c, uint32_t first, uint32_t last) {
    const struct ruleset *set = c->set;
    while (c->ruling < set->ruling_count && set->rulings[c->order[c->ruling]].number < first)
        c->ruling++;
    for (;;) {
        bool any = c->ruling < set->ruling_count;
        uint32_t next = any ? set->rulings[c->order[c->ruling]].number : 0;
        if (!any || next > last) return add_plain(n, start, c, first, last);
        if (next > first && add_plain(n, start, c, first, next - 1) < 0) return -ENOMEM;
        if (add_number(n, start, c) < 0) return -ENOMEM;
        if (next == last) return 0;
        first = next + 1;
    }
}

// One architecture. Two ABIs may share it: one has the numbers with a certain bit, the other those without.
static int add_region(struct numbers *n, const struct meaning *m, uint32_t arch, uint32_t *scratch) {
    struct cursor plain = {0}, based = {0};
    uint32_t bit = 0;
    uint32_t *order = scratch;
    for (int i = 0; i < ABI_COUNT; i++)
        if (abis[i].audit_arch == arch) bit |= abis[i].number_base;
    for (size_t i = 0; i < m->count; i++) {
        const struct ruleset *s = &m->sets[i];
        if (abis[s->abi].audit_arch != arch) continue;
        struct cursor *c = abis[s->abi].number_base ? &based : &plain;
        numbers_sort(s, order, order + s->ruling_count);
        *c = (struct cursor){.set = s, .order = order};
        c->known = syscalls_ranges(s->abi, &c->ranges);
        order += 2 * s->ruling_count;
    }
    uint32_t start = (uint32_t)n->stretch_count;
    uint32_t size = bit ? bit : UINT32_MAX; // numbers in one span
    for (uint32_t first = 0;; first += size) {
        uint32_t last = bit ? first + (bit - 1) : UINT32_MAX;
        struct cursor *c = bit && (first & bit) ? &based : &plain;
        struct stretch s = {.first = first, .last = last};
        s.verdict = c == &based ? m->x32_verdict : m->foreign_verdict;
        int r = c->set ? add_span(n, start, c, first, last) : add_stretch(n, start, s);
        if (r < 0) return r;
        if (last == UINT32_MAX) break;
    }
    struct region region = {arch, arch, start, (uint32_t)n->stretch_count - start};
    if (memory_grow(&n->regions, &n->region_room, n->region_count + 1, sizeof region) < 0) return -ENOMEM;
    n->regions[n->region_count++] = region;
    return 0;
}

static int add_foreign(struct numbers *n, const struct meaning *m, uint32_t first, uint32_t last) {
    struct region region = {first, last, (uint32_t)n->stretch_count, 1};
    struct stretch s = {.last = UINT32_MAX, .verdict = m->foreign_verdict};
    if (add_stretch(n, region.stretch, s) < 0) return -ENOMEM;
    if (memory_grow(&n->regions, &n->region_room, n->region_count + 1, sizeof region) < 0) return -ENOMEM;
    n->regions[n->region_count++] = region;
    return 0;
}

static int add_regions(struct numbers *n, const struct meaning *m, uint32_t *scratch) {
    uint64_t next = 0; // the first value of `arch` without a region
    for (;;) {
        uint64_t arch = UINT64_C(1) << 32;
        for (size_t i = 0; i < m->count; i++) {
            uint32_t a = abis[m->sets[i].abi].audit_arch;
            if (a >= next && a < arch) arch = a;
        }
        if (arch > next && add_foreign(n, m, (uint32_t)next, (uint32_t)(arch - 1)) < 0) return -ENOMEM;
        if (arch > UINT32_MAX) return 0;
        if (add_region(n, m, (uint32_t)arch, scratch) < 0) return -ENOMEM;
        next = arch + 1;
        if (next > UINT32_MAX) return 0;
    }
}

int numbers_make(const struct meaning *m, struct numbers *out) {
    *out = (struct numbers){0};
    size_t rulings = 1;
    for (size_t i = 0; i < m->count; i++)
        rulings += m->sets[i].ruling_count;
    uint32_t *scratch = memory_new(rulings, 2 * sizeof *scratch);
    if (scratch == NULL) return -ENOMEM;
    int r = add_regions(out, m, scratch);
    memory_free(scratch);
    if (r < 0) numbers_free(out);
    return r;
}

void numbers_free(struct numbers *n) {
    memory_free(n->regions);
    memory_free(n->stretches);
    memory_free(n->entries);
    *n = (struct numbers){0};
}

uint32_t numbers_find(const struct numbers *n, const struct region *r, uint32_t number) {
    uint32_t low = r->stretch, high = r->stretch + r->stretches; // in low..high-1
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (n->stretches[middle].first <= number)
            low = middle;
        else
            high = middle;
    }
    return low;
}
