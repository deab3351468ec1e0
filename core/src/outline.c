// SPDX-License-Identifier: MIT
#include "outline.h"

#include <errno.h>
#include <string.h>

#include "memory.h"
#include "unfold.h"

enum {
    UNKNOWN_SPANS = 512, // in a part, of numbers that no table knows; what needs more is told as unsure
    PARTS = 256,         // the same of architectures
    CASES = 8192,        // of all calls of a part together
};

// Intervals that wait, the next one on top.
struct waiting {
    struct word *list;
    size_t count, room;
};

struct builder {
    struct outline *o;
    struct outline_part part;
    size_t unknown; // spans of unknown numbers so far
};

// So that the first of the parts comes next.
static int wait(struct waiting *w, const struct word *parts, unsigned count) {
    if (w->count + count > w->room && memory_grow(&w->list, &w->room, w->count + count, sizeof *w->list) < 0)
        return -ENOMEM;
    while (count > 0)
        w->list[w->count++] = parts[--count];
    return 0;
}

// ---- Spans ---------------------------------------------------------------------------------------------------------

static int add_span(struct builder *b, const struct word *number, bool known, const struct cases *cases) {
    struct outline *o = b->o;
    if (o->span_count > b->part.span) {
        struct outline_span *before = &o->spans[o->span_count - 1];
        if (before->cases == cases && before->known == known && number->lo == before->last + 1) {
            before->last = number->hi;
            return 0;
        }
    }
    if (o->span_count == o->span_room && memory_grow(&o->spans, &o->span_room, o->span_count + 1, sizeof *o->spans) < 0)
        return -ENOMEM;
    o->spans[o->span_count++] =
        (struct outline_span){.first = number->lo, .last = number->hi, .cases = cases, .known = known};
    if (!known) b->unknown++;
    return 0;
}

static int add_part(struct builder *b, const struct word *arch) {
    struct outline *o = b->o;
    struct outline_part part = b->part;
    part.arch_first = arch->lo;
    part.arch_last = arch->hi;
    part.spans = o->span_count - part.span;
    if (o->part_count == o->part_room && memory_grow(&o->parts, &o->part_room, o->part_count + 1, sizeof *o->parts) < 0)
        return -ENOMEM;
    o->parts[o->part_count++] = part;
    return 0;
}

// One interval of numbers: its span, or the parts of it that wait then. As unfold; 1: arch is to be cut.
static int add_interval(struct builder *b, const struct word *arch, const struct word *number, bool known,
                        struct waiting *w, struct word arches[3], unsigned *arch_count) {
    const struct cases *cases = NULL;
    struct word parts[3];
    unsigned word, count;
    int r = 0;
    if (known || b->unknown < UNKNOWN_SPANS)
        r = unfold(b->o->unfolding, arch, number, &cases, &word, parts, &count);
    else if ((cases = unfold_unsure(b->o->unfolding)) == NULL)
        r = -ENOMEM;
    if (r == 0) return add_span(b, number, known, cases);
    if (r < 0 || word == BOX_NUMBER) return r < 0 ? r : wait(w, parts, count);
    memcpy(arches, parts, sizeof parts);
    *arch_count = count;
    return 1;
}

// The numbers of one interval, for one arch. 0, -ENOMEM; 1: the program tells values of arch apart, which are in
// arches[0..*arch_count).
static int add_numbers(struct builder *b, const struct word *arch, const struct word *number, bool known,
                       struct word arches[3], unsigned *arch_count) {
    struct waiting w = {0};
    int r = wait(&w, number, 1);
    while (r == 0 && w.count > 0) {
        const struct word now = w.list[--w.count];
        r = add_interval(b, arch, &now, known, &w, arches, arch_count);
    }
    memory_free(w.list);
    return r;
}

// ---- ABIs ----------------------------------------------------------------------------------------------------------

// The known ranges within first..last and what is between them.
static int add_domain(struct builder *b, const struct word *arch, uint32_t first, uint32_t last) {
    size_t count;
    const struct syscall_range *known = syscalls_ranges(b->part.abi, &count);
    struct word unused[3];
    unsigned unused_count;
    for (size_t i = 0;;) {
        while (i < count && known[i].last < first)
            i++;
        const bool any = i < count && known[i].first <= last;
        const bool is_known = any && known[i].first <= first;
        uint32_t end = last;
        if (is_known && known[i].last < last) end = known[i].last;
        if (!is_known && any) end = known[i].first - 1;
        const struct word number = word_range(first, end);
        if (add_numbers(b, arch, &number, is_known, unused, &unused_count) < 0) return -ENOMEM;
        if (end == last) return 0;
        first = end + 1;
    }
}

// Of two ABIs that share an architecture, one has the numbers with a certain bit and the other those without.
static int add_abi(struct outline *o, enum abi_id abi) {
    struct builder b = {.o = o, .part = {.abi = abi, .span = o->span_count}};
    const struct word arch = word_range(abis[abi].audit_arch, abis[abi].audit_arch);
    uint32_t bit = 0;
    for (int i = 0; i < ABI_COUNT; i++)
        if (abis[i].audit_arch == abis[abi].audit_arch) bit |= abis[i].number_base;
    const uint32_t size = bit != 0 ? bit : UINT32_MAX;
    for (uint32_t first = 0;; first += size) {
        const uint32_t last = bit != 0 ? first + (bit - 1) : UINT32_MAX;
        if ((first & bit) == abis[abi].number_base && add_domain(&b, &arch, first, last) < 0) return -ENOMEM;
        if (last == UINT32_MAX) break;
    }
    return add_part(&b, &arch);
}

// ---- Other architectures -------------------------------------------------------------------------------------------

static int add_arch(struct outline *o, const struct word *arch, struct waiting *w) {
    const struct word all = word_all();
    struct builder b = {.o = o, .part = {.abi = ABI_NONE, .span = o->span_count}};
    struct word arches[3];
    unsigned count = 0;
    // Past the limit nothing is cut any more.
    if (o->part_count >= PARTS) b.unknown = UNKNOWN_SPANS;
    int r = add_numbers(&b, arch, &all, false, arches, &count);
    if (r < 0) return r;
    if (r == 0) return add_part(&b, arch);
    o->span_count = b.part.span;
    return wait(w, arches, count);
}

static int add_foreign_range(struct outline *o, const struct word *range) {
    struct waiting w = {0};
    int r = wait(&w, range, 1);
    while (r == 0 && w.count > 0) {
        const struct word now = w.list[--w.count];
        r = add_arch(o, &now, &w);
    }
    memory_free(w.list);
    return r;
}

static int add_foreign(struct outline *o) {
    for (uint64_t first = 0; first <= UINT32_MAX;) {
        uint64_t next = UINT64_C(1) << 32; // the first arch from here on that is one of ours
        for (int i = 0; i < ABI_COUNT; i++)
            if (abis[i].audit_arch >= first && abis[i].audit_arch < next) next = abis[i].audit_arch;
        if (next > first) {
            const struct word range = word_range((uint32_t)first, (uint32_t)(next - 1));
            if (add_foreign_range(o, &range) < 0) return -ENOMEM;
        }
        first = next + 1;
    }
    return 0;
}

// Does the part do the same as the other architectures, one by one?
static bool differs(const struct outline *o, const struct outline_part *part, const struct outline_part *foreign) {
    for (size_t i = part->span; i < part->span + part->spans; i++) {
        const struct outline_span *s = &o->spans[i];
        for (size_t j = foreign->span; j < foreign->span + foreign->spans; j++) {
            const struct outline_span *f = &o->spans[j];
            if (f->first <= s->last && f->last >= s->first && f->cases != s->cases) return true;
        }
    }
    return false;
}

// A verdict for all calls of the part; NULL: they differ, or it depends.
static const struct cases *uniform(const struct outline *o, const struct outline_part *part) {
    const struct cases *first = o->spans[part->span].cases;
    for (size_t i = part->span; i < part->span + part->spans; i++)
        if (o->spans[i].cases != first) return NULL;
    return first->length == 1 ? first : NULL;
}

static void compare_parts(struct outline *o) {
    const struct cases *all = NULL;
    o->one_foreign = true;
    for (size_t i = 0; i < o->part_count; i++) {
        if (o->parts[i].abi != ABI_NONE) continue;
        const struct cases *one = uniform(o, &o->parts[i]);
        o->one_foreign = o->one_foreign && one != NULL && !one->unsure && (all == NULL || one == all);
        all = one;
    }
    for (size_t i = 0; i < o->part_count; i++) {
        if (o->parts[i].abi == ABI_NONE) continue;
        for (size_t j = 0; j < o->part_count && !o->parts[i].apart; j++)
            if (o->parts[j].abi == ABI_NONE) o->parts[i].apart = differs(o, &o->parts[i], &o->parts[j]);
    }
}

// Keeps what is written within bounds: calls with many cases, once those are too many, become unsure.
static int bound(struct outline *o, const struct outline_part *part) {
    uint64_t total = 0;
    for (size_t i = part->span; i < part->span + part->spans; i++) {
        struct outline_span *s = &o->spans[i];
        if (s->cases->length == 1) continue;
        const uint64_t cases = (s->known ? (uint64_t)s->last - s->first + 1 : 1) * s->cases->length;
        if (total + cases <= CASES)
            total += cases;
        else if ((s->cases = unfold_worst(o->unfolding, s->cases)) == NULL)
            return -ENOMEM;
    }
    return 0;
}

// ---- All -----------------------------------------------------------------------------------------------------------

int outline_make(const struct program *programs, struct outline *out) {
    *out = (struct outline){.programs = programs, .unfolding = unfolding_new(programs)};
    int r = out->unfolding == NULL ? -ENOMEM : 0;
    for (int abi = 0; abi < ABI_COUNT && r == 0; abi++)
        r = add_abi(out, (enum abi_id)abi);
    if (r == 0) r = add_foreign(out);
    for (size_t i = 0; i < out->part_count && r == 0; i++)
        r = bound(out, &out->parts[i]);
    if (r == 0)
        compare_parts(out);
    else
        outline_free(out);
    return r;
}

void outline_free(struct outline *o) {
    memory_free(o->parts);
    memory_free(o->spans);
    unfolding_free(o->unfolding);
    *o = (struct outline){0};
}

const struct cases *outline_cases(const struct outline *o, const struct outline_part *part, uint32_t number) {
    size_t low = part->span, high = part->span + part->spans;
    while (high - low > 1) {
        const size_t middle = low + (high - low) / 2;
        if (o->spans[middle].first <= number)
            low = middle;
        else
            high = middle;
    }
    return o->spans[low].cases;
}

const struct outline_span *outline_next(const struct outline *o, const struct outline_part *part) {
    const struct outline_span *next = NULL;
    for (size_t i = part->span; i < part->span + part->spans; i++) {
        if (o->spans[i].known)
            next = NULL;
        else if (next == NULL)
            next = &o->spans[i];
    }
    return next;
}

const struct cases *outline_usual(const struct outline *o, const struct outline_part *part) {
    const struct outline_span *next = outline_next(o, part);
    const struct cases *all = next == NULL ? NULL : next->cases;
    for (size_t i = part->span; i < part->span + part->spans && all != NULL; i++)
        if (o->spans[i].known && o->spans[i].cases != all) all = NULL;
    return all != NULL && all->length == 1 ? all : NULL;
}
