// SPDX-License-Identifier: MIT
#include "cube.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "memory.h"

void cubes_free(struct cubes *c) {
    memory_free(c->list);
    memset(c, 0, sizeof *c);
}

static int add(struct cubes *c, const struct cube *cube) {
    if (c->count == CUBES_LIMIT) return -E2BIG;
    if (c->count == c->room && memory_grow(&c->list, &c->room, c->count + 1, sizeof *cube) < 0) return -ENOMEM;
    c->list[c->count++] = *cube;
    return 0;
}

static bool disjoint(const struct cube *a, const struct cube *b) {
    for (int i = 0; i < SYSCALL_ARGUMENTS; i++)
        if (((a->value[i] ^ b->value[i]) & a->mask[i] & b->mask[i]) != 0) return true;
    return false;
}

// a without b: for each bit that b gives and a leaves free, from the highest on, the part of a in which it is the other
// way and the bits before it are as in b.
static int add_difference(struct cubes *out, struct cube a, const struct cube *b) {
    if (disjoint(&a, b)) return add(out, &a);
    for (int i = 0; i < SYSCALL_ARGUMENTS; i++) {
        for (uint64_t open = b->mask[i] & ~a.mask[i]; open != 0;) {
            const uint64_t bit = UINT64_C(1) << (63 - __builtin_clzll(open));
            open ^= bit;
            a.mask[i] |= bit;
            a.value[i] |= ~b->value[i] & bit;
            int r = add(out, &a);
            if (r < 0) return r;
            a.value[i] ^= bit;
        }
    }
    return 0;
}

static int subtract_one(struct cubes *c, const struct cube *b) {
    struct cubes rest = {0};
    int r = 0;
    for (size_t i = 0; i < c->count && r == 0; i++)
        r = add_difference(&rest, c->list[i], b);
    if (r < 0) {
        cubes_free(&rest);
        return r;
    }
    cubes_free(c);
    *c = rest;
    return 0;
}

int cubes_subtract(struct cubes *c, const struct cubes *other) {
    int r = 0;
    for (size_t i = 0; i < other->count && r == 0; i++)
        r = subtract_one(c, &other->list[i]);
    return r;
}

// False where nothing is in both.
static bool meet(const struct cube *a, const struct cube *b, struct cube *both) {
    if (disjoint(a, b)) return false;
    for (int i = 0; i < SYSCALL_ARGUMENTS; i++) {
        both->mask[i] = a->mask[i] | b->mask[i];
        both->value[i] = a->value[i] | b->value[i];
    }
    return true;
}

// Keeps of `c` what is in `other` too.
static int keep(struct cubes *c, const struct cubes *other) {
    struct cubes kept = {0};
    int r = 0;
    for (size_t i = 0; i < other->count && r == 0; i++) {
        for (size_t j = 0; j < c->count && r == 0; j++) {
            struct cube both;
            if (meet(&c->list[j], &other->list[i], &both)) r = add(&kept, &both);
        }
    }
    cubes_free(c);
    *c = kept;
    return r;
}

// The values below `limit` in the test's order, as prefixes: like the limit above one of its 1 bits, and 0 there. In a
// signed order the sign bit is turned, so that the order is the unsigned one.
static int below(const struct test *t, uint64_t limit, struct cubes *out) {
    const uint64_t width = t->wide ? UINT64_MAX : UINT32_MAX;
    const uint64_t sign = t->is_signed ? width ^ (width >> 1) : 0;
    limit ^= sign;
    for (uint64_t bits = limit; bits != 0;) {
        const uint64_t bit = UINT64_C(1) << (63 - __builtin_clzll(bits));
        const bool tested = (bit & t->mask) != 0;
        struct cube cube = {0};
        bits ^= bit;
        cube.mask[t->argument] = t->mask & width & ~(bit - 1);
        cube.value[t->argument] = ((limit & ~bit) ^ sign) & cube.mask[t->argument];
        int r = add(out, &cube);
        // What the mask leaves out is 0 on the left: with the limit's bit 1, all the rest is below.
        if (r < 0 || !tested) return r;
    }
    return 0;
}

static int order(struct cubes *c, const struct test *t, uint64_t limit, bool less) {
    struct cubes part = {0};
    int r = below(t, limit, &part);
    if (r == 0) r = less ? keep(c, &part) : cubes_subtract(c, &part);
    cubes_free(&part);
    return r;
}

static int apply(struct cubes *c, const struct test *t) {
    const uint64_t width = t->wide ? UINT64_MAX : UINT32_MAX;
    const uint64_t top = t->is_signed ? width >> 1 : width & t->mask; // the greatest value in the order
    struct cube cube = {0};
    cube.mask[t->argument] = t->mask & width;
    cube.value[t->argument] = t->value & t->mask & width;
    switch (t->op) {
    case COMPARE_EQ:
        return keep(c, &(struct cubes){.list = &cube, .count = 1});
    case COMPARE_NE:
        return subtract_one(c, &cube);
    case COMPARE_LT:
        return order(c, t, t->value, true);
    case COMPARE_GE:
        return order(c, t, t->value, false);
    case COMPARE_LE: // <= v is < v + 1, but for the greatest v, where all is
        return t->value == top ? 0 : order(c, t, (t->value + 1) & width, true);
    case COMPARE_GT:
        if (t->value != top) return order(c, t, (t->value + 1) & width, false);
        c->count = 0;
        return 0;
    }
    return 0;
}

int cubes_make(struct cubes *out, const struct test *tests, size_t count) {
    struct cube all = {0};
    memset(out, 0, sizeof *out);
    int r = add(out, &all);
    for (size_t i = 0; i < count && r == 0; i++)
        r = apply(out, &tests[i]);
    if (r < 0) cubes_free(out);
    return r;
}
