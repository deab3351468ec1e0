// SPDX-License-Identifier: MIT
// Instructions that no call reaches.
#include <linux/seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lint.h"

struct words {
    uint32_t *list;
    size_t count, room;
};

static bool add(struct words *w, uint32_t word) {
    if (w->count == w->room) {
        size_t room = w->room == 0 ? 64 : 2 * w->room;
        uint32_t *larger = realloc(w->list, room * sizeof *larger);
        if (larger == NULL) return false;
        w->list = larger;
        w->room = room;
    }
    w->list[w->count++] = word;
    return true;
}

static int compare(const void *a, const void *b) {
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

static void sort(struct words *w) {
    if (w->count == 0) return;
    qsort(w->list, w->count, sizeof *w->list, compare);
    size_t kept = 1;
    for (size_t i = 1; i < w->count; i++)
        if (w->list[kept - 1] != w->list[i]) w->list[kept++] = w->list[i];
    w->count = kept;
}

enum {
    X32_BIT = 0x40000000
};

// A value of each class that the comparisons of the word tell apart. *exact is false where they are of a kind whose
// classes are not known: the program then counts as reaching whatever a jump leads to.
static bool classes(const struct walk *w, unsigned word, struct words *out, bool *exact) {
    bool bit = false;
    if (!add(out, 0) || !add(out, UINT32_MAX)) return false;
    for (size_t i = 0; i < w->test_count; i++) {
        const struct walk_test *t = &w->tests[i];
        if (t->word != word) continue;
        if (t->op == BPF_JSET && t->k == X32_BIT && t->mask == UINT32_MAX)
            bit = true;
        else if (t->op == BPF_JSET || t->mask != UINT32_MAX)
            *exact = false;
        else if (!add(out, t->k - 1) || !add(out, t->k) || !add(out, t->k + 1))
            return false;
    }
    // The bit divides the numbers into four ranges.
    for (uint32_t n = 0; n < 4 && bit; n++)
        if (!add(out, n * X32_BIT)) return false;
    sort(out);
    return true;
}

static bool run_classes(struct walk *w, const struct words *archs, const struct words *numbers) {
    walk_forget(w);
    for (size_t i = 0; i < archs->count; i++) {
        for (size_t n = 0; n < numbers->count; n++) {
            const uint32_t words[WALK_WORDS] = {[WALK_NUMBER] = numbers->list[n], [WALK_ARCH] = archs->list[i]};
            if (!walk_run(w, 1u << WALK_NUMBER | 1u << WALK_ARCH, words)) return false;
        }
    }
    return true;
}

// Marks in w->reached what some call may reach; never too little.
static bool mark(struct walk *w) {
    enum {
        STEPS = 20 * 1000 * 1000 // at most; about a second
    };
    static const uint32_t none[WALK_WORDS];
    struct words archs = {.count = 0}, numbers = {.count = 0};
    walk_forget(w);
    bool exact = true, done = walk_run(w, 0, none);
    exact = exact && !w->computes;
    done = done && classes(w, WALK_ARCH, &archs, &exact) && classes(w, WALK_NUMBER, &numbers, &exact);
    if (done && exact && archs.count * numbers.count * w->count <= STEPS) done = run_classes(w, &archs, &numbers);
    free(archs.list);
    free(numbers.list);
    return done;
}

// Whether an instruction that is reached returns the same.
static bool is_answered(const struct subject_program *p, uint32_t k) {
    for (size_t n = 0; n < p->count; n++)
        if (p->walk.reached[n] && p->code[n].code == (BPF_RET | BPF_K) && p->code[n].k == k) return true;
    return false;
}

static bool is_lost_denial(const struct subject_program *p, size_t n) {
    uint32_t action = p->code[n].k & SECCOMP_RET_ACTION_FULL;
    return p->code[n].code == (BPF_RET | BPF_K) && action != SECCOMP_RET_ALLOW && action != SECCOMP_RET_LOG &&
           !is_answered(p, p->code[n].k);
}

static bool tell(struct lint *l, const struct flaw *flaw, const struct subject_program *p, size_t count, size_t first) {
    struct finding *f = findings_add(&l->findings, flaw);
    if (f == NULL) return false;
    size_t at = 0;
    if (l->subject.program_count > 1)
        at = (size_t)snprintf(f->detail, sizeof f->detail, "Of program %td: ", p - l->subject.programs);
    snprintf(f->detail + at, sizeof f->detail - at, "%zu of %zu instructions, the first at %zu.", count, p->count,
             first);
    return true;
}

static bool search(struct lint *l, const struct flaw *flaw, bool denials) {
    for (size_t i = 0; i < l->subject.program_count; i++) {
        struct subject_program *p = &l->subject.programs[i];
        size_t count = 0, first = 0;
        if (!mark(&p->walk)) return false;
        for (size_t n = p->count; n-- > 0;) {
            if (p->walk.reached[n] || (denials && !is_lost_denial(p, n))) continue;
            count++;
            first = n;
        }
        if (count > 0 && !tell(l, flaw, p, count, first)) return false;
    }
    return true;
}

bool search_unreachable(struct lint *l, const struct flaw *flaw) {
    return search(l, flaw, false);
}

bool search_lost_denial(struct lint *l, const struct flaw *flaw) {
    return search(l, flaw, true);
}
