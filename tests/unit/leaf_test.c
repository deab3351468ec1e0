// SPDX-License-Identifier: MIT
#include "leaf.h"

#include "kit.h"

#include <linux/seccomp.h>

enum {
    OTHERWISE = 7777, // the verdict where no rule matches; rule i has verdict i
    MOST = 900
};

// The rules of one call as a set, and the program that leaf_build makes of them.
struct bench {
    struct ruleset set;
    uint32_t order[MOST];
    bool big_endian;
};

static void put(struct bench *b, const struct test *tests, size_t count) {
    struct ruleset *s = &b->set;
    assert_true(s->ruling_count < MOST);
    assert_int_equal(memory_grow(&s->rulings, &s->ruling_room, s->ruling_count + 1, sizeof *s->rulings), 0);
    assert_int_equal(memory_grow(&s->tests, &s->test_room, s->test_count + count, sizeof *s->tests), 0);
    b->order[s->ruling_count] = (uint32_t)s->ruling_count;
    s->rulings[s->ruling_count] = (struct ruling){
        .verdict = (uint32_t)s->ruling_count, .test = (uint32_t)s->test_count, .tests = (uint16_t)count};
    s->ruling_count++;
    if (count > 0) memcpy(s->tests + s->test_count, tests, count * sizeof *tests);
    s->test_count += count;
}

static void clear(struct bench *b) {
    memory_free(b->set.rulings);
    memory_free(b->set.tests);
    *b = (struct bench){.big_endian = b->big_endian};
}

// NULL where memory is out.
static struct program *build(const struct bench *b) {
    struct emit emit;
    if (emit_start(&emit) < 0) return NULL;
    struct tree tree = {.emit = &emit, .chain = 8};
    struct leaf leaf = {.tree = &tree, .big_endian = b->big_endian};
    const label otherwise = emit_return(&emit, OTHERWISE);
    const label root = leaf_build(&leaf, &b->set, b->order, b->set.ruling_count, otherwise);
    struct sock_filter *code = NULL;
    size_t count = 0;
    struct program *p = NULL;
    if (emit_layout(&emit, root, &code, &count) == 0) p = program_new(code, count, b->big_endian);
    memory_free(code);
    leaf_end(&leaf);
    tree_end(&tree);
    emit_end(&emit);
    return p;
}

static uint32_t wanted(const struct bench *b, const uint64_t args[6]) {
    for (size_t i = 0; i < b->set.ruling_count; i++) {
        bool holds = true;
        for (size_t t = 0; t < b->set.rulings[i].tests; t++)
            holds = holds && test_holds(&b->set.tests[b->set.rulings[i].test + t], args);
        if (holds) return b->set.rulings[i].verdict;
    }
    return OTHERWISE;
}

static unsigned check(const struct bench *b, const struct program *p, const uint64_t args[6]) {
    const struct bpf_input input = bpf_input(b->big_endian, 0, 0, 0, args);
    unsigned executed = 0;
    const uint32_t got = bpf_run(p, &input, &executed), want = wanted(b, args);
    CHECK(got == want, "%u, not %u, for %#llx %#llx %#llx", got, want, (unsigned long long)args[0],
          (unsigned long long)args[1], (unsigned long long)args[2]);
    return executed;
}

static struct test equal(uint8_t argument, uint64_t mask, uint64_t value) {
    return (struct test){argument, mask > UINT32_MAX, false, COMPARE_EQ, mask, value};
}

// ---- Sizes that follow from the form of the rules -------------------------------------------------------------------

static uint32_t size_of(struct bench *b) {
    struct program *p = build(b);
    assert_non_null(p);
    const uint32_t count = p->count;
    program_free(p);
    clear(b);
    return count;
}

static void small_forms(void **unused) {
    (void)unused;
    struct bench b = {.big_endian = false};
    // No rule, and a rule without tests: no look at any argument.
    assert_int_equal(size_of(&b), 1);
    put(&b, NULL, 0);
    assert_int_equal(size_of(&b), 1);
    // One word, one value: load, compare, two returns.
    struct test t = equal(3, UINT32_MAX, 5);
    put(&b, &t, 1);
    assert_int_equal(size_of(&b), 4);
    // A bit needs no mask instruction, nor do several of which all must be clear.
    t = equal(0, 0x40, 0x40);
    put(&b, &t, 1);
    assert_int_equal(size_of(&b), 4);
    t = equal(0, 0x7e020000, 0);
    put(&b, &t, 1);
    assert_int_equal(size_of(&b), 4);
    t = equal(0, 0xf0, 0x50);
    put(&b, &t, 1);
    assert_int_equal(size_of(&b), 5);
    // Two values to one verdict would share all, but these have two verdicts.
    t = equal(1, UINT32_MAX, 5);
    put(&b, &t, 1);
    t = equal(1, UINT32_MAX, 9);
    put(&b, &t, 1);
    assert_int_equal(size_of(&b), 6);
    // 64 bits: both words.
    t = equal(5, UINT64_MAX, UINT64_C(0x100000002));
    put(&b, &t, 1);
    assert_int_equal(size_of(&b), 6);
    // What can never hold is left out.
    t = (struct test){0, false, false, COMPARE_LT, UINT32_MAX, 0};
    put(&b, &t, 1);
    assert_int_equal(size_of(&b), 1);
    t = (struct test){0, true, true, COMPARE_GT, UINT64_MAX, INT64_MAX};
    put(&b, &t, 1);
    assert_int_equal(size_of(&b), 1);
}

static void many_values_are_searched(void **unused) {
    (void)unused;
    static const size_t counts[] = {200, 800};
    for (size_t c = 0; c < LENGTH(counts); c++)
        for (int wide = 0; wide < 2; wide++) {
            struct bench b = {.big_endian = wide};
            for (size_t i = 0; i < counts[c]; i++) {
                const struct test t = equal(1, wide ? UINT64_MAX : UINT32_MAX, 0x5400 + 3 * (i * 7919 % counts[c]));
                put(&b, &t, 1);
            }
            struct program *p = build(&b);
            assert_non_null(p);
            unsigned most = 0;
            for (uint64_t v = 0x5390; v < 0x5410 + 3 * counts[c]; v++) {
                const unsigned executed = check(&b, p, (const uint64_t[6]){0, v});
                most = executed > most ? executed : most;
                check(&b, p, (const uint64_t[6]){0, UINT64_C(1) << 32 | v});
            }
            print_message("%zu values: %u instructions, %u executed at most\n", counts[c], p->count, most);
            assert_true(most <= (counts[c] == 200 ? 20u : 24u));
            program_free(p);
            clear(&b);
        }
}

// ---- Random rules ---------------------------------------------------------------------------------------------------

static const uint64_t masks[] = {
    1, 0xff, 0x400243, 0x80000000, 0xff00000000, 0xff000000ff, 0xf0f0f0f0, UINT64_C(0x8000000000000001)};
static const uint64_t values[] = {0,           1,
                                  2,           7,
                                  0xff,        0x7fffffff,
                                  0x80000000,  0xffffffff,
                                  0x100000000, UINT64_MAX >> 1,
                                  UINT64_MAX,  0x100000001,
                                  0x1ffffffff, 0x8000000000000000};

static struct test random_test(size_t arguments) {
    struct test t = {.argument = (uint8_t)below(arguments), .wide = below(2) != 0, .op = (enum comparison)below(6)};
    const uint64_t full = t.wide ? UINT64_MAX : UINT32_MAX;
    if (below(2)) t.op = COMPARE_EQ;
    t.mask = below(3) == 0 ? PICK(masks) & full : full;
    if (t.mask == 0) t.mask = full;
    t.is_signed = t.mask == full && below(2) != 0;
    t.value = (below(8) != 0 ? PICK(values) : draw()) & t.mask;
    return t;
}

static uint64_t random_argument(const struct bench *b) {
    uint64_t value = PICK(values);
    if (b->set.test_count > 0 && below(2)) value = b->set.tests[below(b->set.test_count)].value;
    if (below(3) == 0) value += below(3) - 1;
    if (below(4) == 0) value ^= PICK(values);
    return value;
}

static void random_rules(void **unused) {
    (void)unused;
    seed("random rules");
    for (int round = 0; round < 1500; round++) {
        struct bench b = {.big_endian = below(2) != 0};
        const size_t rules = 1 + below(round % 20 == 0 ? 40 : 9), arguments = 1 + below(6), most = below(4);
        for (size_t i = 0; i < rules; i++) {
            struct test tests[4];
            const size_t count = below(5) == 0 ? 0 : below(most + 1) + (most > 0);
            for (size_t t = 0; t < count; t++)
                tests[t] = random_test(arguments);
            put(&b, tests, count);
        }
        struct program *p = build(&b);
        assert_non_null(p);
        struct error e = {0};
        if (p->count <= BPF_LIMIT && bpf_validate(p->code, p->count, &e) < 0) fail_msg("%s", e.message);
        for (int i = 0; i < 300; i++) {
            uint64_t args[6];
            for (int a = 0; a < 6; a++)
                args[a] = random_argument(&b);
            check(&b, p, args);
        }
        program_free(p);
        clear(&b);
    }
}

// A rule with very many tests, and values inside of values beyond the level that is looked at.
static void deep_rules(void **unused) {
    (void)unused;
    seed("deep rules");
    struct bench b = {.big_endian = false};
    struct test tests[40];
    for (size_t i = 0; i < LENGTH(tests); i++)
        tests[i] = (struct test){(uint8_t)(i % 6), true, false, COMPARE_NE, UINT64_MAX, i};
    put(&b, tests, LENGTH(tests));
    for (size_t depth = 12; depth > 0; depth--) {
        for (size_t i = 0; i < depth; i++)
            tests[i] = equal((uint8_t)(i % 6), UINT64_C(0xff) << (i / 6 * 8), UINT64_C(1) << (i / 6 * 8));
        tests[0].value = 2;
        put(&b, tests, depth);
    }
    struct program *p = build(&b);
    assert_non_null(p);
    for (int i = 0; i < 20000; i++) {
        uint64_t args[6];
        for (int a = 0; a < 6; a++)
            args[a] = below(3) ? 0x101 + (a == 0) * 1u : below(48);
        check(&b, p, args);
    }
    program_free(p);
    clear(&b);
}

static void out_of_memory(void **unused) {
    (void)unused;
    seed("out of memory");
    struct bench b = {.big_endian = false};
    for (size_t i = 0; i < 60; i++) {
        const struct test tests[] = {equal(0, UINT32_MAX, i % 9), random_test(3), random_test(3)};
        put(&b, tests, i % 3 + 1);
    }
    for (size_t n = 1;; n++) {
        memory_fail(n);
        struct program *p = build(&b);
        const bool reached = memory_asked() >= n;
        memory_fail(0);
        if (!reached) {
            assert_non_null(p);
            assert_true(n > 10);
            program_free(p);
            break;
        }
        assert_null(p);
    }
    clear(&b);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(small_forms),   cmocka_unit_test(many_values_are_searched),
        cmocka_unit_test(random_rules),  cmocka_unit_test(deep_rules),
        cmocka_unit_test(out_of_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
