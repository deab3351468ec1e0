// SPDX-License-Identifier: MIT
#include "compile.h"

#include "emit.h"
#include "leaf.h"
#include "memory.h"
#include "sort.h"
#include "syscalls.h"
#include "text.h"
#include "tree.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <string.h>

enum {
    NUMBER_OFFSET = 0, // in seccomp_data
    ARCH_OFFSET = 4,
    X32_BIT = 0x40000000,
};

// From quick to small; the first with which the program fits is taken. A program shrinks by a quarter at most, so that
// one of twice the kernel's limit is given up at once.
static const unsigned chains[] = {3, 8, TREE_CHAIN_LIMIT};

struct compiler {
    const struct meaning *meaning;
    struct emit emit;
    struct tree tree;
    struct leaf leaf;
    struct sort_key *keys; // the set's rulings by number, and as much scratch
    uint32_t *order;       // the same, indices only
    struct segment *segments;
    size_t key_room, order_room, segment_count, segment_room;
    size_t largest; // instructions of the largest call
    enum abi_id largest_abi;
    uint32_t largest_number;
};

static bool room(struct compiler *c, void *items, size_t *capacity, size_t count, size_t size) {
    if (!c->emit.failed && memory_grow(items, capacity, count, size) == 0) return true;
    c->emit.failed = true;
    return false;
}

// ---- Numbers of one ABI --------------------------------------------------------------------------------------------

static void push_segment(struct compiler *c, size_t mark, uint64_t first, uint32_t weight, label to) {
    if (!room(c, &c->segments, &c->segment_room, c->segment_count + 1, sizeof *c->segments)) return;
    if (c->segment_count > mark && c->segments[c->segment_count - 1].to == to)
        c->segments[c->segment_count - 1].weight += weight;
    else
        c->segments[c->segment_count++] = (struct segment){(uint32_t)first, weight, to};
}

// The numbers without rulings: where the table's ranges are, and what they and the gaps between them lead to.
struct background {
    const struct syscall_range *ranges;
    size_t count, at;
    label known, unknown;
};

// Does the table know the number? Asked of growing numbers only.
static bool is_known(struct background *b, uint64_t number) {
    while (b->at < b->count && b->ranges[b->at].last < number)
        b->at++;
    return b->at < b->count && b->ranges[b->at].first <= number;
}

// Numbers that the table knows weigh 1, since those are called.
static void push_background(struct compiler *c, struct background *b, size_t mark, uint64_t first, uint64_t end) {
    while (first < end) {
        const bool known = is_known(b, first);
        uint64_t next = end;
        if (b->at < b->count) next = known ? (uint64_t)b->ranges[b->at].last + 1 : b->ranges[b->at].first;
        if (next > end) next = end;
        push_segment(c, mark, first, known ? (uint32_t)(next - first) : 0, known ? b->known : b->unknown);
        first = next;
    }
}

static bool sort_rulings(struct compiler *c, const struct ruleset *s) {
    const size_t count = s->ruling_count;
    if (!room(c, &c->keys, &c->key_room, 2 * count + 1, sizeof *c->keys) ||
        !room(c, &c->order, &c->order_room, count + 1, sizeof *c->order))
        return false;
    for (size_t i = 0; i < count; i++)
        c->keys[i] = (struct sort_key){s->rulings[i].number, (uint32_t)i};
    sort_keys(c->keys, c->keys + count, count);
    for (size_t i = 0; i < count; i++)
        c->order[i] = c->keys[i].index;
    return true;
}

static label build_call(struct compiler *c, const struct ruleset *s, size_t first, size_t end, label otherwise) {
    const struct ruling *r = &s->rulings[c->order[first]];
    const size_t before = c->emit.count;
    if (r->tests == 0) return emit_return(&c->emit, r->verdict); // as with most calls
    const label to = leaf_build(&c->leaf, s, c->order + first, end - first, otherwise);
    if (c->emit.count - before > c->largest) {
        c->largest = c->emit.count - before;
        c->largest_abi = s->abi;
        c->largest_number = (uint32_t)c->keys[first].value;
    }
    return to;
}

// Appends the segments of all 2^32 numbers.
static void push_set(struct compiler *c, const struct ruleset *s) {
    struct background b = {.known = emit_return(&c->emit, s->default_verdict)};
    b.unknown = s->unknown_differs ? emit_return(&c->emit, s->unknown_verdict) : b.known;
    b.ranges = syscalls_ranges(s->abi, &b.count);
    const size_t mark = c->segment_count;
    uint64_t at = 0;
    if (!sort_rulings(c, s)) return;
    for (size_t i = 0, next; i < s->ruling_count && !c->emit.failed; i = next) {
        const uint32_t number = (uint32_t)c->keys[i].value;
        for (next = i + 1; next < s->ruling_count && c->keys[next].value == number; next++) {
        }
        push_background(c, &b, mark, at, number);
        const bool known = is_known(&b, number);
        push_segment(c, mark, number, known, build_call(c, s, i, next, known ? b.known : b.unknown));
        at = (uint64_t)number + 1;
    }
    push_background(c, &b, mark, at, (uint64_t)UINT32_MAX + 1);
}

// ---- Two ABIs under one audit number -------------------------------------------------------------------------------

// The ABI of x32's kind that shares the set's audit number: its numbers have bit 30. NULL: none.
static const struct abi *bit_abi(uint32_t arch) {
    for (int i = 0; i < ABI_COUNT; i++)
        if (abis[i].audit_arch == arch && abis[i].number_base != 0) return &abis[i];
    return NULL;
}

static const struct ruleset *find_set(const struct meaning *m, uint32_t arch, bool bit) {
    for (size_t i = 0; i < m->count; i++) {
        const struct abi *abi = &abis[m->sets[i].abi];
        if (abi->audit_arch == arch && (abi->number_base != 0) == bit) return &m->sets[i];
    }
    return NULL;
}

// Copies what [first, end) of from[0..count) says to the end of the list.
static void copy_segments(struct compiler *c, size_t mark, size_t from, size_t count, uint64_t first, uint64_t end) {
    for (size_t i = 0; i < count && !c->emit.failed; i++) {
        const struct segment s = c->segments[from + i];
        const uint64_t last = i + 1 < count ? c->segments[from + i + 1].first : (uint64_t)UINT32_MAX + 1;
        if (last <= first || s.first >= end) continue;
        push_segment(c, mark, s.first > first ? s.first : first, s.weight, s.to);
    }
}

// number & 2^30 ? high : low, where both are lists of all numbers: the quarters of the numbers alternate.
static label build_halves(struct compiler *c, size_t low, size_t high) {
    struct segment *s = c->segments;
    const size_t low_count = high - low, high_count = c->segment_count - high;
    if (c->emit.failed) return 0;
    if (high_count == 1 && s[high - 1].first <= X32_BIT) {
        // All that differs beyond the last call is the bit.
        s[high - 1].to = emit_test(&c->emit, BPF_JSET, X32_BIT, s[high].to, s[high - 1].to);
        return tree_build(&c->tree, s + low, low_count, UINT32_MAX);
    }
    const size_t mark = c->segment_count;
    for (uint64_t first = 0; first <= UINT32_MAX; first += X32_BIT) {
        const bool bit = (first & X32_BIT) != 0;
        copy_segments(c, mark, bit ? high : low, bit ? high_count : low_count, first, first + X32_BIT);
    }
    if (c->emit.failed) return 0;
    return tree_build(&c->tree, c->segments + mark, c->segment_count - mark, UINT32_MAX);
}

static void push_side(struct compiler *c, const struct ruleset *s, uint32_t verdict) {
    if (s != NULL)
        push_set(c, s);
    else
        push_segment(c, c->segment_count, 0, 0, emit_return(&c->emit, verdict));
}

static label build_arch(struct compiler *c, uint32_t arch) {
    const struct meaning *m = c->meaning;
    const struct ruleset *low = find_set(m, arch, false), *high = find_set(m, arch, true);
    label tree;
    c->segment_count = 0;
    push_side(c, low, m->foreign_verdict);
    if (bit_abi(arch) != NULL) {
        const size_t start = c->segment_count;
        push_side(c, high, m->x32_verdict);
        tree = build_halves(c, 0, start);
    } else {
        tree = c->emit.failed ? 0 : tree_build(&c->tree, c->segments, c->segment_count, UINT32_MAX);
    }
    return emit_load(&c->emit, NUMBER_OFFSET, tree);
}

// ---- The whole -----------------------------------------------------------------------------------------------------

// arch == a1 ? tree1 : arch == a2 ? tree2 : … foreign; the first set, which the user named first, is tried first.
static label build(struct compiler *c) {
    const struct meaning *m = c->meaning;
    label to = emit_return(&c->emit, m->foreign_verdict);
    for (size_t i = m->count; i-- > 0;) {
        const uint32_t arch = abis[m->sets[i].abi].audit_arch;
        size_t first = 0;
        while (abis[m->sets[first].abi].audit_arch != arch)
            first++;
        if (first == i) to = emit_test(&c->emit, BPF_JEQ, arch, build_arch(c, arch), to);
    }
    return emit_load(&c->emit, ARCH_OFFSET, to);
}

static int too_big(const struct compiler *c, size_t count, struct error *e) {
    static const char limit[] = "the filter needs %zu instructions, and the kernel takes at most %d";
    const int r = error_set(e, E2BIG, limit, count, BPF_LIMIT);
    const syscall_id id = syscalls_at(c->largest_abi, c->largest_number);
    if (c->largest == 0) return r; // all are needed to tell the numbers of calls apart
    struct text t;
    text_start(&t, e->message, sizeof e->message);
    text_add(&t, limit, count, BPF_LIMIT);
    if (id != SYSCALL_NONE)
        text_add(&t, "; %s", syscalls_name(id));
    else
        text_add(&t, "; call %u", c->largest_number);
    text_add(&t, " alone needs %zu of them: write ranges (<, >=) or masks (&) in its rules in place of single values",
             c->largest);
    text_end(&t);
    return r;
}

static void end(struct compiler *c) {
    emit_end(&c->emit);
    tree_end(&c->tree);
    leaf_end(&c->leaf);
    memory_free(c->keys);
    memory_free(c->order);
    memory_free(c->segments);
}

// 0 with *code NULL: does not fit.
static int attempt(const struct meaning *m, unsigned chain, bool is_last, struct program **out, struct error *e) {
    struct compiler c = {.meaning = m, .tree = {.chain = chain}};
    struct sock_filter *code = NULL;
    size_t count = 0;
    c.tree.emit = &c.emit;
    c.leaf.tree = &c.tree;
    c.leaf.big_endian = abis[m->sets[0].abi].big_endian;
    int r = emit_start(&c.emit);
    if (r == 0) r = emit_layout(&c.emit, build(&c), &code, &count);
    if (r < 0) {
        error_memory(e);
    } else if (count <= BPF_LIMIT) {
        *out = program_new(code, count, c.leaf.big_endian);
        if (*out == NULL) r = error_memory(e);
    } else if (is_last || count > (size_t)2 * BPF_LIMIT) {
        r = too_big(&c, count, e);
    }
    memory_free(code);
    end(&c);
    return r;
}

int compile(const struct meaning *m, struct program **out, struct error *e) {
    *out = NULL;
    if (m->count == 0) return error_set(e, EINVAL, "the filter has no ABI");
    for (size_t i = 1; i < m->count; i++) {
        const struct abi *a = &abis[m->sets[0].abi], *b = &abis[m->sets[i].abi];
        if (a->big_endian != b->big_endian)
            return error_set(e, ENOTSUP,
                             "%s and %s differ in byte order and cannot share a program; make a filter for each",
                             a->name, b->name);
    }
    const size_t attempts = sizeof chains / sizeof *chains;
    for (size_t i = 0; i < attempts; i++) {
        const int r = attempt(m, chains[i], i + 1 == attempts, out, e);
        if (r < 0 || *out != NULL) return r;
    }
    return 0;
}
