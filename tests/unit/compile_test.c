// SPDX-License-Identifier: MIT
#include "compile.h"

#include "error.h"
#include "memory.h"
#include "syscalls.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "random.h"

// A check that says which input it failed on.
#define CHECK(condition, ...)                                                                                          \
    do {                                                                                                               \
        if (!(condition)) fail_msg(__VA_ARGS__);                                                                       \
    } while (0)

enum {
    NUMBER_IOCTL = 16,
    MOST_RULES = 40,
    MOST_TESTS = 4,
};

static const uint32_t ALLOW = SECCOMP_RET_ALLOW, DENY = SECCOMP_RET_ERRNO | EPERM, NOSYS = SECCOMP_RET_ERRNO | ENOSYS;

// ---- Random numbers ------------------------------------------------------------------------------------------------

// ---- Meanings by hand ----------------------------------------------------------------------------------------------

static void add_ruling(struct ruleset *s, uint32_t number, uint32_t verdict, const struct test *tests, size_t count) {
    assert_int_equal(memory_grow(&s->rulings, &s->ruling_room, s->ruling_count + 1, sizeof *s->rulings), 0);
    assert_int_equal(memory_grow(&s->tests, &s->test_room, s->test_count + count, sizeof *s->tests), 0);
    s->rulings[s->ruling_count++] = (struct ruling){
        .number = number, .verdict = verdict, .test = (uint32_t)s->test_count, .tests = (uint16_t)count, .rule = 0};
    if (count > 0) memcpy(s->tests + s->test_count, tests, count * sizeof *tests);
    s->test_count += count;
}

static struct ruleset *add_set(struct meaning *m, enum abi_id abi, uint32_t verdict, uint32_t unknown) {
    struct ruleset *s = &m->sets[m->count++];
    *s = (struct ruleset){
        .abi = abi, .default_verdict = verdict, .unknown_verdict = unknown, .unknown_differs = unknown != verdict};
    return s;
}

static struct meaning new_meaning(void) {
    return (struct meaning){.foreign_verdict = SECCOMP_RET_KILL_PROCESS, .x32_verdict = NOSYS};
}

static void clear(struct meaning *m) {
    for (size_t i = 0; i < m->count; i++) {
        memory_free(m->sets[i].rulings);
        memory_free(m->sets[i].tests);
    }
    m->count = 0;
}

static struct program *must_compile(const struct meaning *m) {
    struct program *p = NULL;
    struct error e = {0};
    if (compile(m, &p, &e) < 0) fail_msg("compile: %s", e.message);
    if (bpf_validate(p->code, p->count, &e) < 0) fail_msg("the program is not valid: %s", e.message);
    return p;
}

static uint32_t run(const struct program *p, uint32_t arch, uint32_t number, const uint64_t args[6], unsigned *steps) {
    const struct bpf_input input = bpf_input(p->big_endian, arch, number, 0x7f0012345678, args);
    return bpf_run(p, &input, steps);
}

static void same(const struct meaning *m, const struct program *p, uint32_t arch, uint32_t number,
                 const uint64_t args[6]) {
    const uint32_t want = meaning_decide(m, arch, number, args).verdict, got = run(p, arch, number, args, NULL);
    CHECK(want == got, "arch %#x number %#x (%#llx, %#llx, %#llx): want %#x, got %#x", arch, number,
          (unsigned long long)args[0], (unsigned long long)args[1], (unsigned long long)args[2], want, got);
}

// ---- Random meanings against the reference -------------------------------------------------------------------------

static const uint32_t numbers[] = {0,   1,   2,   NUMBER_IOCTL, 17,   59,         100,    334,        335,
                                   337, 423, 424, 430,          1000, 0x3fffffff, 983041, 0x80000001, 0xbfffffff};
static const uint64_t masks[] = {0,
                                 1,
                                 0xff,
                                 0x400243,
                                 0x80000000,
                                 0xf0f0,
                                 0x7e020000,
                                 0xffffffff,
                                 0xff00000000,
                                 0x100000000,
                                 0xff000000ff,
                                 0x8000000000000001,
                                 0xffffffff00000000};
static const uint64_t values[] = {0,
                                  1,
                                  2,
                                  3,
                                  7,
                                  8,
                                  40,
                                  0x7f,
                                  0xff,
                                  0x20000,
                                  0x7fffffff,
                                  0x80000000,
                                  0x80000001,
                                  0xfffffffe,
                                  0xffffffff,
                                  0x100000000,
                                  0x100000001,
                                  0x1ffffffff,
                                  0x7fffffffffffffff,
                                  0x8000000000000000,
                                  0xfffffffffffffff0,
                                  0xffffffffffffffff};

static struct test random_test(size_t kinds) {
    struct test t = {.argument = (uint8_t)below(3), .wide = below(2) != 0, .op = (enum comparison)below(6)};
    const uint64_t full = t.wide ? UINT64_MAX : UINT32_MAX;
    if (below(2) != 0) t.op = COMPARE_EQ;
    t.mask = full;
    if (below(kinds) == 0) t.mask = PICK(masks) & full;
    t.is_signed = t.mask == full && below(2) != 0;
    t.value = below(8) != 0 ? PICK(values) : draw();
    t.value &= below(8) != 0 ? t.mask : full; // now and then what no value & mask can be
    return t;
}

static void random_set(struct ruleset *s, uint32_t base) {
    static const uint32_t verdicts[] = {SECCOMP_RET_ALLOW,          SECCOMP_RET_ALLOW, SECCOMP_RET_ERRNO | EPERM,
                                        SECCOMP_RET_ERRNO | ENOSYS, SECCOMP_RET_LOG,   SECCOMP_RET_TRAP};
    const size_t rules = 1 + below(MOST_RULES), distinct = 1 + below(6), kinds = 1 + below(6),
                 most = 1 + below(MOST_TESTS);
    uint32_t pool[6];
    for (size_t i = 0; i < distinct; i++)
        pool[i] = PICK(numbers) | base;
    for (size_t i = 0; i < rules; i++) {
        struct test tests[MOST_TESTS];
        const size_t count = below(5) == 0 ? below(most + 1) : most;
        for (size_t t = 0; t < count; t++)
            tests[t] = random_test(kinds);
        add_ruling(s, pool[below(distinct)], PICK(verdicts), tests, count);
    }
}

// A value that some rule tests, or one beside it, or the same in another width, or any.
static uint64_t random_argument(const struct ruleset *s) {
    uint64_t value = s->test_count > 0 && below(4) != 0 ? s->tests[below(s->test_count)].value : PICK(values);
    if (below(3) == 0) value += below(3) - 1;
    if (below(4) == 0) value ^= PICK(values);
    if (below(8) == 0) value |= (uint64_t)1 << below(64);
    if (below(8) == 0) value |= 0xffffffff00000000;
    if (below(4) == 0) value &= 0xffffffff;
    if (below(32) == 0) value = draw();
    return value;
}

static void compare(const struct meaning *m, const struct program *p, size_t inputs) {
    for (size_t i = 0; i < inputs; i++) {
        const struct ruleset *s = &m->sets[below(m->count)];
        const uint32_t arch = below(32) == 0 ? AUDIT_ARCH_X86_64 + (uint32_t)below(2) : abis[s->abi].audit_arch;
        uint32_t number = s->rulings[below(s->ruling_count)].number;
        if (below(8) == 0) number = PICK(numbers);
        if (below(8) == 0) number += (uint32_t)below(3) - 1;
        if (below(8) == 0) number ^= (uint32_t)below(4) << 30;
        if (below(16) == 0) number = (uint32_t)draw();
        uint64_t args[6];
        for (int a = 0; a < 6; a++)
            args[a] = random_argument(s);
        same(m, p, arch, number, args);
    }
}

static void random_meanings(void **unused) {
    (void)unused;
    static const enum abi_id sets[][3] = {{ABI_X86_64, ABI_NONE},
                                          {ABI_X86_64, ABI_X86, ABI_X32},
                                          {ABI_X32, ABI_NONE},
                                          {ABI_X86_64, ABI_X86, ABI_NONE},
                                          {ABI_S390X, ABI_NONE},
                                          {ABI_X32, ABI_X86_64, ABI_NONE},
                                          {ABI_AARCH64, ABI_ARM, ABI_NONE},
                                          {ABI_RISCV64, ABI_PPC64LE, ABI_NONE}};
    static const uint32_t defaults[][2] = {{SECCOMP_RET_ALLOW, SECCOMP_RET_ALLOW},
                                           {SECCOMP_RET_ALLOW, SECCOMP_RET_ERRNO | ENOSYS},
                                           {SECCOMP_RET_ERRNO | EPERM, SECCOMP_RET_ERRNO | ENOSYS}};
    seed("random meanings");
    for (int round = 0; round < 4000; round++) {
        struct meaning m = new_meaning();
        const size_t kind = below(sizeof sets / sizeof *sets);
        if (below(3) == 0) m.x32_verdict = SECCOMP_RET_KILL_PROCESS;
        for (size_t i = 0; i < 3 && sets[kind][i] != ABI_NONE; i++) {
            const uint32_t *verdicts = defaults[below(3)];
            random_set(add_set(&m, sets[kind][i], verdicts[0], verdicts[1]), abis[sets[kind][i]].number_base);
        }
        struct program *p = must_compile(&m);
        compare(&m, p, 600);
        program_free(p);
        clear(&m);
    }
}

// ---- Sets of values ------------------------------------------------------------------------------------------------

static void add_values(struct ruleset *s, uint32_t number, size_t count, bool wide, uint32_t spread) {
    for (size_t i = 0; i < count; i++) {
        const struct test t = {.argument = 1,
                               .wide = wide,
                               .op = COMPARE_EQ,
                               .mask = wide ? UINT64_MAX : UINT32_MAX,
                               .value = 0x5400 + (uint64_t)spread * ((i * 7919) % count)};
        add_ruling(s, number, DENY, &t, 1);
    }
}

static unsigned compare_values(const struct meaning *m, const struct program *p, size_t count, uint32_t spread) {
    unsigned most = 0;
    for (size_t i = 0; i < count; i++)
        for (int beside = -1; beside <= 1; beside++)
            for (uint64_t high = 0; high < 2; high++) {
                const uint64_t value = (0x5400 + (uint64_t)spread * i + (uint64_t)beside) | high << 32;
                const uint64_t args[6] = {3, value, 0, 0, 0, 0};
                unsigned steps;
                same(m, p, AUDIT_ARCH_X86_64, NUMBER_IOCTL, args);
                run(p, AUDIT_ARCH_X86_64, NUMBER_IOCTL, args, &steps);
                if (steps > most) most = steps;
            }
    return most;
}

static void many_values(void **unused) {
    (void)unused;
    // The kernel takes 4096 instructions: 3500 values fit, by a slower search where that is needed.
    static const size_t counts[] = {1, 2, 5, 200, 800, 3000, 3500};
    static const unsigned limits[] = {24, 24, 24, 24, 26, 40, 60};
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
        for (int wide = 0; wide < 2; wide++) {
            struct meaning m = new_meaning();
            add_values(add_set(&m, ABI_X86_64, ALLOW, NOSYS), NUMBER_IOCTL, counts[i], wide, 3);
            struct program *p = must_compile(&m);
            const unsigned most = compare_values(&m, p, counts[i], 3);
            CHECK(most <= limits[i], "%zu values: %u instructions executed", counts[i], most);
            CHECK(p->count <= counts[i] + counts[i] / 2 + 40, "%zu values: %u instructions", counts[i], p->count);
            program_free(p);
            clear(&m);
        }
}

// Values without gaps are one range.
static void dense_values(void **unused) {
    (void)unused;
    struct meaning m = new_meaning();
    add_values(add_set(&m, ABI_X86_64, ALLOW, NOSYS), NUMBER_IOCTL, 3000, false, 1);
    struct program *p = must_compile(&m);
    compare_values(&m, p, 3000, 1);
    CHECK(p->count < 20, "%u instructions for one range", p->count);
    program_free(p);
    clear(&m);
}

// 60 rules that begin alike are told apart by their first argument, not one after the other.
static void values_inside_values(void **unused) {
    (void)unused;
    struct meaning m = new_meaning();
    struct ruleset *s = add_set(&m, ABI_X86_64, DENY, NOSYS);
    for (uint64_t i = 0; i < 60; i++) {
        const struct test tests[] = {{0, false, false, COMPARE_EQ, UINT32_MAX, 2 * (i % 20)},
                                     {1, false, false, COMPARE_EQ, UINT32_MAX, i},
                                     {2, true, false, COMPARE_LT, UINT64_MAX, i << 30}};
        add_ruling(s, 41, ALLOW, tests, 3);
    }
    struct program *p = must_compile(&m);
    for (int i = 0; i < 200000; i++) {
        const uint64_t args[6] = {below(42), below(62), draw() >> below(64), 0, 0, 0};
        unsigned steps;
        same(&m, p, AUDIT_ARCH_X86_64, 41, args);
        run(p, AUDIT_ARCH_X86_64, 41, args, &steps);
        CHECK(steps <= 30, "%u instructions executed", steps);
    }
    program_free(p);
    clear(&m);
}

// ---- Limits --------------------------------------------------------------------------------------------------------

static void too_many_instructions(void **unused) {
    (void)unused;
    struct meaning m = new_meaning();
    struct program *p = NULL;
    struct error e = {0};
    add_values(add_set(&m, ABI_X86_64, ALLOW, NOSYS), NUMBER_IOCTL, 5000, false, 3);
    assert_int_equal(compile(&m, &p, &e), -E2BIG);
    assert_null(p);
    size_t count = 0, part = 0;
    assert_int_equal(sscanf(e.message,
                            "the filter needs %zu instructions, and the kernel takes at most 4096; ioctl alone needs "
                            "%zu",
                            &count, &part),
                     2);
    CHECK(count > 5000 && count < 5200 && part > 4990 && part <= count, "%s", e.message);
    clear(&m);
    // Where no call is large there is no part to name.
    struct ruleset *s = add_set(&m, ABI_X86_64, ALLOW, NOSYS);
    for (uint32_t i = 0; i < 10000; i++)
        add_ruling(s, 2 * i, i % 2 != 0 ? DENY : ALLOW, NULL, 0);
    assert_int_equal(compile(&m, &p, &e), -E2BIG);
    CHECK(strstr(e.message, "alone") == NULL && strstr(e.message, "the kernel takes at most 4096") != NULL, "%s",
          e.message);
    clear(&m);
}

// A rule with 65535 tests, and 20,000 rules with two each, neither overflow the stack nor take forever.
static void deep_chains(void **unused) {
    (void)unused;
    struct meaning m = new_meaning();
    struct program *p = NULL;
    struct error e = {0};
    struct ruleset *s = add_set(&m, ABI_X86_64, ALLOW, NOSYS);
    struct test *tests = memory_new(65535, sizeof *tests);
    assert_non_null(tests);
    for (uint64_t i = 0; i < 65535; i++)
        tests[i] = (struct test){0, true, false, COMPARE_NE, UINT64_MAX - i, i};
    add_ruling(s, NUMBER_IOCTL, DENY, tests, 65535);
    assert_int_equal(compile(&m, &p, &e), -E2BIG);
    clear(&m);
    s = add_set(&m, ABI_X86_64, ALLOW, NOSYS);
    for (uint64_t i = 0; i < 20000; i++) {
        tests[0] = (struct test){0, true, false, COMPARE_LT, UINT64_MAX, i << 20};
        tests[1] = (struct test){1, false, true, COMPARE_GT, UINT32_MAX, i};
        add_ruling(s, NUMBER_IOCTL, i % 2 != 0 ? DENY : ALLOW, tests, 2);
    }
    assert_int_equal(compile(&m, &p, &e), -E2BIG);
    memory_free(tests);
    clear(&m);
}

static void mixed_byte_orders(void **unused) {
    (void)unused;
    struct meaning m = new_meaning();
    struct program *p = NULL;
    struct error e = {0};
    add_set(&m, ABI_X86_64, ALLOW, ALLOW);
    add_set(&m, ABI_S390X, ALLOW, ALLOW);
    assert_int_equal(compile(&m, &p, &e), -ENOTSUP);
    assert_string_equal(e.message,
                        "x86_64 and s390x differ in byte order and cannot share a program; make a filter for each");
}

static void out_of_memory(void **unused) {
    (void)unused;
    struct meaning m = new_meaning();
    struct program *p = NULL;
    struct error e = {0};
    struct ruleset *s = add_set(&m, ABI_X86_64, ALLOW, NOSYS);
    random_state = 12345;
    for (int i = 0; i < 8; i++)
        random_set(s, 0);
    add_values(s, NUMBER_IOCTL, 300, true, 5);
    add_set(&m, ABI_X32, ALLOW, NOSYS);
    size_t n = 1;
    for (;; n++) {
        memory_fail(n);
        const int r = compile(&m, &p, &e);
        if (r == 0) break;
        assert_int_equal(r, -ENOMEM);
        assert_null(p);
        assert_string_equal(e.message, "out of memory");
    }
    memory_fail(0);
    CHECK(n > 10, "only %zu allocations", n);
    program_free(p);
    clear(&m);
}

// ---- The shape of programs -----------------------------------------------------------------------------------------

// What the kernel works out at the load, for each number, without arguments (seccomp_is_const_allow, since 5.11):
// true where it comes to a verdict.
static bool constant_verdict(const struct program *p, uint32_t arch, uint32_t number, uint32_t *verdict) {
    uint32_t a = 0;
    for (const struct sock_filter *i = p->code;; i++) {
        switch (i->code) {
        case BPF_LD | BPF_W | BPF_ABS:
            if (i->k > 4) return false;
            a = i->k == 0 ? number : arch;
            break;
        case BPF_RET | BPF_K:
            *verdict = i->k;
            return true;
        case BPF_JMP | BPF_JA:
            i += i->k;
            break;
        case BPF_JMP | BPF_JEQ | BPF_K:
            i += a == i->k ? i->jt : i->jf;
            break;
        case BPF_JMP | BPF_JGE | BPF_K:
            i += a >= i->k ? i->jt : i->jf;
            break;
        case BPF_JMP | BPF_JGT | BPF_K:
            i += a > i->k ? i->jt : i->jf;
            break;
        case BPF_JMP | BPF_JSET | BPF_K:
            i += (a & i->k) != 0 ? i->jt : i->jf;
            break;
        default:
            return false;
        }
    }
}

static void constant_calls_need_no_arguments(void **unused) {
    (void)unused;
    struct meaning m = new_meaning();
    struct ruleset *s = add_set(&m, ABI_X86_64, SECCOMP_RET_TRAP, NOSYS);
    for (uint32_t n = 0; n < 300; n++)
        if (n % 7 != 3 && n != NUMBER_IOCTL) add_ruling(s, n, ALLOW, NULL, 0);
    add_values(s, NUMBER_IOCTL, 1000, true, 3); // long jumps are needed to get past these
    struct program *p = must_compile(&m);
    const uint64_t args[6] = {0};
    for (uint32_t n = 0; n < 600; n++) {
        uint32_t verdict = 0;
        const bool constant = constant_verdict(p, AUDIT_ARCH_X86_64, n, &verdict);
        assert_int_equal(constant, n != NUMBER_IOCTL);
        if (constant) assert_int_equal(verdict, meaning_decide(&m, AUDIT_ARCH_X86_64, n, args).verdict);
    }
    program_free(p);
    clear(&m);
}

static void equal_leaves_are_shared(void **unused) {
    (void)unused;
    struct meaning one = new_meaning(), many = new_meaning();
    struct ruleset *a = add_set(&one, ABI_X86_64, ALLOW, NOSYS), *b = add_set(&many, ABI_X86_64, ALLOW, NOSYS);
    add_values(a, 10, 100, false, 3);
    for (uint32_t n = 10; n < 20; n++)
        add_values(b, n, 100, false, 3);
    struct program *p = must_compile(&one), *q = must_compile(&many);
    CHECK(q->count <= p->count + 2, "one call takes %u instructions, ten equal ones %u", p->count, q->count);
    program_free(p);
    program_free(q);
    clear(&one);
    clear(&many);
}

// "flags & M == 0" is one load and one test; the same word is loaded once for two rules.
static void short_forms(void **unused) {
    (void)unused;
    struct meaning m = new_meaning();
    struct ruleset *s = add_set(&m, ABI_X86_64, DENY, DENY);
    const struct test flags = {0, true, false, COMPARE_EQ, 0x7e020000, 0};
    const struct test bits = {0, false, false, COMPARE_EQ, 0x6, 0x6},
                      small = {0, false, false, COMPARE_LT, UINT32_MAX, 9};
    m.x32_verdict = DENY;
    add_ruling(s, 56, ALLOW, &flags, 1);
    struct program *p = must_compile(&m);
    // ld arch, jeq, ld number, jeq, ld flags, jset, three returns
    assert_int_equal(p->count, 9);
    program_free(p);
    clear(&m);
    s = add_set(&m, ABI_X86_64, DENY, DENY);
    add_ruling(s, 9, ALLOW, &small, 1);
    add_ruling(s, 9, NOSYS, &bits, 1);
    p = must_compile(&m);
    size_t loads = 0;
    for (uint32_t i = 0; i < p->count; i++)
        loads += p->code[i].code == (BPF_LD | BPF_W | BPF_ABS);
    assert_int_equal(loads, 3);
    program_free(p);
    clear(&m);
}

// All values that can be had of some bits are one test: {0, 8, 0x20000, 0x20008} is x & ~0x20008 == 0.
static void sets_of_bits(void **unused) {
    (void)unused;
    static const uint64_t all[] = {0x20008, 0xffffffff, 0, 8, 0x20000, 0x100, 0x108};
    for (size_t count = 1; count <= sizeof all / sizeof *all; count++) {
        struct meaning m = new_meaning();
        struct ruleset *s = add_set(&m, ABI_X86_64, DENY, DENY);
        m.x32_verdict = DENY;
        for (size_t i = 0; i < count; i++) {
            const struct test t = {0, false, false, COMPARE_EQ, UINT32_MAX, all[i]};
            add_ruling(s, 135, ALLOW, &t, 1);
        }
        struct program *p = must_compile(&m);
        for (unsigned bits = 0; bits < 64; bits++)
            for (int beside = -1; beside <= 1; beside++) {
                const uint64_t value = (bits & 1 ? 8u : 0) | (bits & 2 ? 0x20000u : 0) | (bits & 4 ? 0x100u : 0) |
                                       (bits & 8 ? 0x40u : 0) | (bits & 16 ? 1u : 0) | (bits & 32 ? 0xf0000000u : 0);
                const uint64_t args[6] = {value + (uint64_t)(int64_t)beside, 0, 0, 0, 0, 0};
                same(&m, p, AUDIT_ARCH_X86_64, 135, args);
            }
        // ld arch, jeq, ld number, jeq, ld argument, jset, jeq, three returns
        if (count == 5) assert_int_equal(p->count, 10);
        program_free(p);
        clear(&m);
    }
}

// Bit 30 alone makes a number an x32 one: 0x80000000 to 0xbfffffff are x86_64 numbers that nobody knows.
static void bit_30(void **unused) {
    (void)unused;
    static const uint32_t edges[] = {0,          59,         60,         0x3fffffff, 0x40000000, 0x4000003b,
                                     0x7fffffff, 0x80000000, 0x8000003b, 0xbfffffff, 0xc0000000, 0xffffffff};
    struct meaning m = new_meaning();
    const uint64_t args[6] = {0};
    m.x32_verdict = SECCOMP_RET_KILL_PROCESS;
    add_ruling(add_set(&m, ABI_X86_64, ALLOW, NOSYS), 59, DENY, NULL, 0);
    struct program *p = must_compile(&m);
    for (size_t i = 0; i < sizeof edges / sizeof *edges; i++) {
        same(&m, p, AUDIT_ARCH_X86_64, edges[i], args);
        const bool bit = (edges[i] & 0x40000000) != 0;
        assert_int_equal(run(p, AUDIT_ARCH_X86_64, edges[i], args, NULL) == SECCOMP_RET_KILL_PROCESS, bit);
        assert_int_equal(run(p, AUDIT_ARCH_I386, edges[i], args, NULL), SECCOMP_RET_KILL_PROCESS);
    }
    program_free(p);
    clear(&m);
}

static void same_rules_same_bytes(void **unused) {
    (void)unused;
    seed("same rules, same bytes");
    for (int round = 0; round < 50; round++) {
        struct meaning m = new_meaning();
        random_set(add_set(&m, ABI_X86_64, ALLOW, NOSYS), 0);
        struct program *p = must_compile(&m), *q = must_compile(&m);
        assert_int_equal(p->count, q->count);
        assert_memory_equal(p->code, q->code, p->count * sizeof *p->code);
        program_free(p);
        program_free(q);
        clear(&m);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_meanings),
        cmocka_unit_test(many_values),
        cmocka_unit_test(dense_values),
        cmocka_unit_test(values_inside_values),
        cmocka_unit_test(too_many_instructions),
        cmocka_unit_test(deep_chains),
        cmocka_unit_test(mixed_byte_orders),
        cmocka_unit_test(out_of_memory),
        cmocka_unit_test(constant_calls_need_no_arguments),
        cmocka_unit_test(equal_leaves_are_shared),
        cmocka_unit_test(short_forms),
        cmocka_unit_test(sets_of_bits),
        cmocka_unit_test(bit_30),
        cmocka_unit_test(same_rules_same_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
