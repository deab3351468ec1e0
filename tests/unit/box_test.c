// SPDX-License-Identifier: MIT
#include "box.h"

#include "ruleset.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "random.h"

#define CHECK(condition, ...)                                                                                          \
    do {                                                                                                               \
        if (!(condition)) fail_msg(__VA_ARGS__);                                                                       \
    } while (0)

// ---- Words of few values, against sets -----------------------------------------------------------------------------

// Five bits at some place of the word, all other bits as in `rest`: 32 values, so a set of them is a uint32_t.
struct place {
    unsigned shift;
    uint32_t rest;
};

static uint32_t member(struct place p, uint32_t i) {
    return (p.rest & ~(UINT32_C(31) << p.shift)) | i << p.shift;
}

static uint32_t set_of(const struct word *w, struct place p) {
    uint32_t set = 0;
    for (uint32_t i = 0; i < 32; i++)
        if (word_has(w, member(p, i))) set |= UINT32_C(1) << i;
    return set;
}

static struct place random_place(void) {
    static const uint32_t rests[] = {0, UINT32_MAX, 0x80000000, 0x7fffffff};
    return (struct place){below(28), below(2) ? rests[below(4)] : (uint32_t)draw()};
}

// Clips and fixes until the word has the values of a random set that it can have; false where none is left.
static bool random_word(struct place p, struct word *w, uint32_t *set) {
    *w = word_range(member(p, 0), member(p, 31));
    *set = UINT32_MAX;
    bool left = true;
    for (unsigned bit = 0; bit < 32 && left; bit++) // the bits outside
        if (!((UINT32_C(31) << p.shift) >> bit & 1)) left = word_fix(w, UINT32_C(1) << bit, p.rest >> bit & 1);
    assert_true(left);
    for (uint32_t step = below(6); step > 0 && left; step--) {
        if (below(2)) {
            const uint32_t lo = member(p, below(32)), hi = member(p, below(32));
            for (uint32_t i = 0; i < 32; i++)
                if (member(p, i) < lo || member(p, i) > hi) *set &= ~(UINT32_C(1) << i);
            left = word_clip(w, lo, hi);
        } else {
            const uint32_t bit = below(5), on = below(2);
            for (uint32_t i = 0; i < 32; i++)
                if ((i >> bit & 1) != on) *set &= ~(UINT32_C(1) << i);
            left = word_fix(w, UINT32_C(1) << (bit + p.shift), on != 0);
        }
        CHECK(left == (*set != 0), "%s though the set is %#x", left ? "members left" : "empty", *set);
    }
    return left;
}

static void emptiness_is_exact(void **unused) {
    (void)unused;
    seed("emptiness");
    unsigned empty = 0;
    for (int round = 0; round < 200000; round++) {
        const struct place p = random_place();
        struct word w;
        uint32_t set;
        if (!random_word(p, &w, &set)) {
            empty++;
            continue;
        }
        assert_int_equal(set_of(&w, p), set);
        assert_int_equal(w.lo, member(p, (uint32_t)__builtin_ctz(set)));
        assert_int_equal(w.hi, member(p, 31 - (uint32_t)__builtin_clz(set)));
    }
    assert_in_range(empty, 10000, 190000);
}

static unsigned outcome_of(uint32_t x, const struct measure *m) {
    const uint32_t y = (x & m->mask) ^ m->flip;
    return y < m->value ? OUTCOME_LESS : y == m->value ? OUTCOME_EQUAL : OUTCOME_GREATER;
}

static struct measure random_measure(struct place p) {
    struct measure m = {.mask = UINT32_MAX};
    if (below(2)) m.mask = (uint32_t)draw() | (below(2) ? UINT32_C(31) << p.shift : 0);
    if (below(3) == 0) m.flip = below(2) ? UINT32_C(1) << 31 : (uint32_t)draw();
    m.value = ((member(p, below(32)) + (below(4) ? 0 : below(3) - 1)) & m.mask) ^ m.flip;
    if (below(8) == 0) m.value = (uint32_t)draw();
    return m;
}

static void comparisons_miss_nothing(void **unused) {
    (void)unused;
    seed("comparisons");
    for (int round = 0; round < 200000; round++) {
        const struct place p = random_place();
        struct word w;
        uint32_t set;
        if (!random_word(p, &w, &set)) continue;
        const struct measure m = random_measure(p);
        unsigned real = 0;
        for (uint32_t i = 0; i < 32; i++)
            if (set >> i & 1) real |= outcome_of(member(p, i), &m);
        const unsigned said = word_compare(&w, &m);
        CHECK((real & ~said) == 0, "an outcome is missing: %u of %u", said, real);
        if (m.mask == UINT32_MAX && m.flip == 0) assert_int_equal(said, real);
        if (w.lo == w.hi) assert_int_equal(said, real);
    }
}

// Cutting loses no value, doubles none, and comes to an end with every part decided.
static void cut_down(struct place p, const struct word *w, const struct measure *m, unsigned accept, uint32_t *seen,
                     unsigned depth) {
    assert_true(depth < 70);
    const unsigned outcome = word_compare(w, m);
    if ((outcome & accept) == 0 || (outcome & ~accept) == 0) {
        const uint32_t set = set_of(w, p);
        assert_int_not_equal(set, 0);
        assert_int_equal(*seen & set, 0);
        *seen |= set;
        for (uint32_t i = 0; i < 32; i++)
            if (set >> i & 1) assert_int_not_equal(outcome & outcome_of(member(p, i), m), 0);
        return;
    }
    struct word parts[3];
    const unsigned count = word_cut(w, m, accept, parts);
    assert_in_range(count, 1, 3);
    for (unsigned i = 0; i < count; i++)
        cut_down(p, &parts[i], m, accept, seen, depth + 1);
}

static void cuts_partition(void **unused) {
    (void)unused;
    seed("cuts");
    for (int round = 0; round < 100000; round++) {
        const struct place p = random_place();
        struct word w;
        uint32_t set, seen = 0;
        if (!random_word(p, &w, &set)) continue;
        const struct measure m = random_measure(p);
        cut_down(p, &w, &m, 1 + below(6), &seen, 0);
        assert_int_equal(seen, set);
    }
}

// ---- Tests of 64 bits, against test_holds --------------------------------------------------------------------------

static uint64_t random_value(void) {
    static const uint64_t values[] = {0,          1,           2,           0x7fffffff,         0x80000000,
                                      0xffffffff, 0x100000000, 0x100000001, 0x7fffffffffffffff, 0x8000000000000000,
                                      UINT64_MAX};
    return values[below(sizeof values / sizeof *values)] + below(3) - 1;
}

static struct test random_test(void) {
    struct test t = {.wide = below(2) != 0, .op = (enum comparison)below(6)};
    const uint64_t full = t.wide ? UINT64_MAX : UINT32_MAX;
    t.mask = below(2) ? full : (random_value() | draw() << below(64)) & full;
    t.is_signed = t.mask == full && below(2);
    t.value = random_value() & t.mask;
    return t;
}

// Follows one input down the cuts: the part that holds it must be there once, and in the end the test decides as
// test_holds does.
static void follow(const struct test *t, uint64_t x) {
    struct box b;
    box_all(&b);
    enum truth truth;
    for (unsigned depth = 0; (truth = box_test(&b, t)) == TRUTH_OPEN; depth++) {
        assert_true(depth < 140);
        const struct cut cut = box_cut(&b, t);
        unsigned holds = 0, part = 0;
        for (unsigned i = 0; i < cut.count; i++)
            if (word_has(&cut.parts[i], (uint32_t)(cut.word == BOX_HIGH(0) ? x >> 32 : x))) {
                holds++;
                part = i;
            }
        assert_int_equal(holds, 1);
        b.word[cut.word] = cut.parts[part];
    }
    const uint64_t args[6] = {x}, other[6] = {box_argument(&b, 0)};
    CHECK((truth == TRUTH_TRUE) == test_holds(t, args), "%#llx is decided wrongly", (unsigned long long)x);
    CHECK((truth == TRUTH_TRUE) == test_holds(t, other), "%#llx is decided wrongly", (unsigned long long)other[0]);
}

static void boxes_agree_with_the_reference(void **unused) {
    (void)unused;
    seed("boxes");
    for (int round = 0; round < 200000; round++) {
        const struct test t = random_test();
        follow(&t, below(4) ? random_value() : draw());
        follow(&t, t.value + below(3) - 1);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(emptiness_is_exact),
        cmocka_unit_test(comparisons_miss_nothing),
        cmocka_unit_test(cuts_partition),
        cmocka_unit_test(boxes_agree_with_the_reference),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
