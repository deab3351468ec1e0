// SPDX-License-Identifier: MIT
#include "lint_probe.h"

#include <stdlib.h>
#include <string.h>

static bool add(struct probe_values *v, uint32_t word) {
    if (v->count == v->room) {
        size_t room = v->room == 0 ? 8 : 2 * v->room;
        uint32_t *larger = realloc(v->list, room * sizeof *larger);
        if (larger == NULL) return false;
        v->list = larger;
        v->room = room;
    }
    v->list[v->count++] = word;
    return true;
}

static int compare(const void *a, const void *b) {
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

static void sort(struct probe_values *v) {
    qsort(v->list, v->count, sizeof *v->list, compare);
    size_t kept = 0;
    for (size_t i = 0; i < v->count; i++)
        if (kept == 0 || v->list[kept - 1] != v->list[i]) v->list[kept++] = v->list[i];
    v->count = kept;
}

// Values on both sides of the comparison.
static bool add_around(struct probe_values *v, const struct walk_test *t) {
    switch (t->op) {
    case BPF_JSET:
        return add(v, t->k & t->mask) && add(v, t->k & t->mask & (0u - (t->k & t->mask)));
    case BPF_JEQ:
        if (!add(v, t->k)) return false;
        if (t->mask != UINT32_MAX) return add(v, t->k ^ t->mask) && add(v, t->k ^ (t->mask & (0u - t->mask)));
        return t->k != 0 || add(v, 1);
    default:
        return (t->k == 0 || add(v, t->k - 1)) && add(v, t->k) && (t->k == UINT32_MAX || add(v, t->k + 1));
    }
}

static bool take_tests(struct probe *p, const struct subject_program *program) {
    enum {
        FIRST = 4 // word of argument 0, low or high by the byte order
    };
    p->computes |= program->walk.computes;
    for (size_t i = 0; i < program->walk.test_count; i++) {
        const struct walk_test *t = &program->walk.tests[i];
        if (t->word < FIRST) continue;
        unsigned argument = (t->word - FIRST) / 2;
        bool high = ((t->word & 1) != 0) != program->big_endian;
        p->tested[argument] = p->any_tested = true;
        if (high) p->high_tested[argument] = true;
        if (!high && t->op != BPF_JSET && t->mask == UINT32_MAX) p->ordered[argument] = true;
        if (!high && t->op == BPF_JEQ && t->mask == UINT32_MAX && !add(&p->equal[argument], t->k)) return false;
        if (!add_around(high ? &p->high[argument] : &p->low[argument], t)) return false;
    }
    return true;
}

bool probe_start(struct probe *p, struct subject *s, const struct subject_abi *abi, const struct known_call *call) {
    *p = (struct probe){.abi = abi, .call = call->name, .total = 1};
    for (unsigned i = 0; i < ARGUMENTS; i++)
        if (!add(&p->low[i], 0) || !add(&p->high[i], 0)) return false;
    if (!subject_walk(s, abi->facts, call->number)) return false;
    for (size_t i = 0; i < s->program_count; i++)
        if (!take_tests(p, &s->programs[i])) return false;
    for (unsigned i = 0; i < ARGUMENTS; i++) {
        sort(&p->low[i]);
        sort(&p->high[i]);
        if (p->total <= s->combinations) p->total *= p->low[i].count;
        if (p->total <= s->combinations) p->total *= p->high[i].count;
    }
    p->sampled = p->total > s->combinations;
    if (p->sampled) p->total = s->combinations;
    s->cut |= p->sampled;
    return true;
}

void probe_end(struct probe *p) {
    for (unsigned i = 0; i < ARGUMENTS; i++) {
        free(p->low[i].list);
        free(p->high[i].list);
        free(p->equal[i].list);
    }
    *p = (struct probe){.total = 0};
}

bool probe_compares(const struct probe *p, unsigned argument, uint32_t word) {
    for (size_t i = 0; i < p->equal[argument].count; i++)
        if (p->equal[argument].list[i] == word) return true;
    return false;
}

static uint32_t pick(const struct probe_values *v, uint64_t *rest) {
    uint32_t word = v->list[*rest % v->count];
    *rest /= v->count;
    return word;
}

// A step of a linear congruential generator: always the same sample.
static uint64_t scatter(uint64_t *state) {
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return *state >> 33;
}

// One value after the other with the other arguments 0, then values at random.
static void sample(const struct probe *p, uint64_t at, uint64_t arguments[ARGUMENTS]) {
    uint64_t rest = at;
    for (unsigned i = 0; i < ARGUMENTS; i++) {
        if (rest < p->low[i].count) {
            arguments[i] = p->low[i].list[rest];
            return;
        }
        rest -= p->low[i].count;
    }
    uint64_t state = at;
    for (unsigned i = 0; i < ARGUMENTS; i++) {
        uint64_t random = scatter(&state);
        arguments[i] = pick(&p->low[i], &random);
        random = scatter(&state);
        arguments[i] |= (uint64_t)pick(&p->high[i], &random) << 32;
    }
}

bool probe_next(struct probe *p, uint64_t arguments[ARGUMENTS]) {
    if (p->at == p->total) return false;
    memset(arguments, 0, ARGUMENTS * sizeof *arguments);
    uint64_t rest = p->at++;
    if (p->sampled) {
        sample(p, rest, arguments);
        return true;
    }
    for (unsigned i = 0; i < ARGUMENTS; i++) {
        arguments[i] = pick(&p->low[i], &rest);
        arguments[i] |= (uint64_t)pick(&p->high[i], &rest) << 32;
    }
    return true;
}
