// SPDX-License-Identifier: MIT
#include "prove.h"

#include "compile.h"
#include "memory.h"

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

#define CHECK(condition, ...)                                                                                          \
    do {                                                                                                               \
        if (!(condition)) fail_msg(__VA_ARGS__);                                                                       \
    } while (0)

#define LENGTH(array) (sizeof(array) / sizeof *(array))
#define FULL UINT64_MAX
#define LOW UINT32_MAX

enum {
    IOCTL = 16,
    SOCKET = 41,
    MOST_TESTS = 4,
    INPUTS = 3000, // per planted error that the proof lets pass
};

static const uint32_t ALLOW = SECCOMP_RET_ALLOW, DENY = SECCOMP_RET_ERRNO | EPERM, NOSYS = SECCOMP_RET_ERRNO | ENOSYS,
                      KILL = SECCOMP_RET_KILL_PROCESS;

// ---- Random numbers ------------------------------------------------------------------------------------------------

// ---- Meanings and programs by hand ---------------------------------------------------------------------------------

static void add_ruling(struct ruleset *s, uint32_t number, uint32_t verdict, const struct test *tests, size_t count) {
    assert_int_equal(memory_grow(&s->rulings, &s->ruling_room, s->ruling_count + 1, sizeof *s->rulings), 0);
    assert_int_equal(memory_grow(&s->tests, &s->test_room, s->test_count + count, sizeof *s->tests), 0);
    s->rulings[s->ruling_count++] = (struct ruling){
        .number = number, .verdict = verdict, .test = (uint32_t)s->test_count, .tests = (uint16_t)count};
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
    return p;
}

static uint32_t run(const struct program *p, uint32_t arch, uint32_t number, uint64_t ip, const uint64_t args[6]) {
    const struct bpf_input input = bpf_input(p->big_endian, arch, number, ip, args);
    return bpf_run(p, &input, NULL);
}

static void must_prove(const struct program *p, const struct meaning *m, uint64_t steps) {
    struct error e = {0};
    struct witness w;
    const int r = prove(p, m, steps, &w, &e);
    CHECK(r == 0, "refused a right program of %u instructions: %s", p->count, e.message);
}

// The proof found a difference, and its witness is one.
static void check_witness(const struct program *p, const struct meaning *m, const struct witness *w,
                          const struct error *e) {
    const uint32_t wanted = meaning_decide(m, w->arch, w->number, w->args).verdict;
    const uint32_t got = run(p, w->arch, w->number, w->ip, w->args);
    CHECK(wanted != got && wanted == w->wanted && got == w->got, "a wrong witness: %s; rules %#x, program %#x",
          e->message, wanted, got);
    assert_non_null(strstr(e->message, "program and rules differ: "));
}

static void must_differ(const struct program *p, const struct meaning *m, struct witness *w) {
    struct error e = {0};
    assert_int_equal(prove(p, m, PROVE_STEPS, w, &e), -EBADMSG);
    check_witness(p, m, w, &e);
}

#define LOAD(offset) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offset)
#define RETURN(verdict) BPF_STMT(BPF_RET | BPF_K, verdict)
#define EQUAL(k, t, f) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, k, t, f)
#define ARCH_OR_KILL LOAD(4), EQUAL(AUDIT_ARCH_X86_64, 1, 0), RETURN(SECCOMP_RET_KILL_PROCESS), LOAD(0)
#define NO_X32 BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, 0x40000000, 0, 1), RETURN(SECCOMP_RET_ERRNO | ENOSYS)
#define PROGRAM(...)                                                                                                   \
    program_new((const struct sock_filter[]){__VA_ARGS__},                                                             \
                sizeof((const struct sock_filter[]){__VA_ARGS__}) / sizeof(struct sock_filter), false)

// ---- Random meanings -----------------------------------------------------------------------------------------------

static const uint32_t numbers[] = {0, 1, IOCTL, 17, 59, 334, 335, 337, 424, 1000, 0x3fffffff, 0x80000001, 0xbfffffff};
static const uint64_t masks[] = {
    0, 1, 0xff, 0x400243, 0x80000000, 0x7e020000, 0xff00000000, 0xff000000ff, 0xf0f0f0f0, 0x8000000000000001};
static const uint64_t values[] = {
    0,          1,          2,         7,    0xff,        0x20000,     0x7fffffff,  0x80000000,
    0xfffffffe, 0xffffffff, FULL >> 1, FULL, 0x100000000, 0x100000001, 0x1ffffffff, 0x8000000000000000};

static struct test random_test(void) {
    struct test t = {.argument = (uint8_t)below(2 + below(5)), .wide = below(2) != 0, .op = (enum comparison)below(6)};
    const uint64_t full = t.wide ? FULL : LOW;
    if (below(3) == 0) t.op = COMPARE_EQ;
    t.mask = below(3) == 0 ? PICK(masks) & full : full;
    t.is_signed = t.mask == full && below(2) != 0;
    t.value = (below(8) != 0 ? PICK(values) : draw()) & t.mask;
    return t;
}

static void random_set(struct ruleset *s, uint32_t base, size_t rules) {
    const uint32_t verdicts[] = {ALLOW, ALLOW, DENY, NOSYS, SECCOMP_RET_LOG, SECCOMP_RET_TRAP};
    const size_t distinct = 1 + below(5), most = 1 + below(MOST_TESTS);
    uint32_t pool[5];
    for (size_t i = 0; i < distinct; i++)
        pool[i] = PICK(numbers) | base;
    for (size_t i = 0; i < rules; i++) {
        struct test tests[MOST_TESTS];
        const size_t count = below(most + 1);
        for (size_t t = 0; t < count; t++)
            tests[t] = random_test();
        add_ruling(s, pool[below(distinct)], PICK(verdicts), tests, count);
    }
    // As meaning_make does it: numbers that the table does not know end in an unconditional ruling.
    for (size_t i = 0; i < distinct; i++)
        if (!syscalls_known(s->abi, pool[i])) add_ruling(s, pool[i], s->unknown_verdict, NULL, 0);
}

static struct meaning random_meaning(size_t rules) {
    static const enum abi_id sets[][3] = {{ABI_X86_64, ABI_NONE},
                                          {ABI_X86_64, ABI_X86, ABI_X32},
                                          {ABI_X32, ABI_NONE},
                                          {ABI_S390X, ABI_NONE},
                                          {ABI_AARCH64, ABI_ARM, ABI_NONE}};
    struct meaning m = new_meaning();
    const size_t kind = below(LENGTH(sets));
    if (below(3) == 0) m.x32_verdict = KILL;
    for (size_t i = 0; i < 3 && sets[kind][i] != ABI_NONE; i++) {
        struct ruleset *s = add_set(&m, sets[kind][i], below(2) ? ALLOW : DENY, NOSYS);
        random_set(s, abis[s->abi].number_base, 1 + below(rules));
    }
    return m;
}

// What a rule or the program compares with, or one beside it, or the same in another width.
static uint64_t random_argument(const struct ruleset *s, const struct program *p) {
    uint64_t value = PICK(values);
    if (s->test_count > 0 && below(2) != 0) value = s->tests[below(s->test_count)].value;
    if (below(2) == 0) value = p->code[below(p->count)].k | (below(2) ? value & ~(uint64_t)LOW : 0);
    if (below(3) == 0) value += below(3) - 1;
    if (below(4) == 0) value ^= PICK(values);
    if (below(8) == 0) value ^= UINT64_C(1) << below(64);
    return value;
}

// Some input on which they differ, if one is found.
static bool differ_somewhere(const struct program *p, const struct meaning *m, size_t inputs) {
    for (size_t i = 0; i < inputs; i++) {
        const struct ruleset *s = &m->sets[below(m->count)];
        uint32_t arch = abis[s->abi].audit_arch, number = s->rulings[below(s->ruling_count)].number;
        if (below(16) == 0) arch = p->code[below(p->count)].k + (uint32_t)below(3) - 1;
        if (below(4) == 0) number = p->code[below(p->count)].k;
        if (below(8) == 0) number += (uint32_t)below(3) - 1;
        if (below(8) == 0) number ^= UINT32_C(1) << below(32);
        uint64_t args[6];
        for (int a = 0; a < 6; a++)
            args[a] = random_argument(s, p);
        if (run(p, arch, number, draw(), args) != meaning_decide(m, arch, number, args).verdict) return true;
    }
    return false;
}

static void random_meanings_are_proven(void **unused) {
    (void)unused;
    seed("random meanings");
    unsigned late = 0;
    for (int round = 0; round < 3000 / SLOWDOWN; round++) {
        struct meaning m = random_meaning(round % 10 == 0 ? 40 : 12);
        struct program *p = must_compile(&m);
        struct error e = {0};
        struct witness w;
        const int r = prove(p, &m, PROVE_STEPS, &w, &e);
        CHECK(r == 0 || r == -ETIMEDOUT, "round %d, %u instructions: %s", round, p->count, e.message);
        late += r != 0;
        program_free(p);
        clear(&m);
    }
    print_message("%u past the budget\n", late);
    assert_true(late <= 30);
}

// ---- Planted errors ------------------------------------------------------------------------------------------------

struct tally {
    size_t planted, found, harmless, late; // late: past the budget, so not loaded either
};

// The program with an error in it: the proof and the inputs have to agree on whether that matters.
static void judge(struct program *p, const struct meaning *m, struct tally *tally) {
    struct error e = {0};
    if (bpf_validate(p->code, p->count, &e) < 0) return;
    struct witness w;
    const int r = prove(p, m, PROVE_STEPS, &w, &e);
    tally->planted++;
    if (r == -ETIMEDOUT) {
        tally->late++;
        return;
    }
    if (r == 0) {
        CHECK(!differ_somewhere(p, m, INPUTS), "the proof missed a planted error");
        tally->harmless++;
        return;
    }
    CHECK(r == -EBADMSG, "%s", e.message);
    check_witness(p, m, &w, &e);
    tally->found++;
}

static void plant_jumps(struct program *p, struct sock_filter *i, const struct meaning *m, struct tally *tally) {
    const struct sock_filter was = *i;
    static const int steps[] = {-1, 1};
    for (size_t s = 0; s < LENGTH(steps); s++) {
        i->jt = (uint8_t)(was.jt + steps[s]);
        judge(p, m, tally);
        *i = was;
        i->jf = (uint8_t)(was.jf + steps[s]);
        judge(p, m, tally);
        *i = was;
    }
    i->jt = was.jf;
    i->jf = was.jt;
    judge(p, m, tally);
    *i = was;
    static const uint16_t tests[] = {BPF_JEQ, BPF_JGT, BPF_JGE, BPF_JSET};
    for (size_t t = 0; t < LENGTH(tests); t++) {
        i->code = (uint16_t)(BPF_JMP | BPF_K | tests[t]);
        if (i->code != was.code) judge(p, m, tally);
        *i = was;
    }
}

static void plant_constants(struct program *p, struct sock_filter *i, const struct meaning *m, struct tally *tally) {
    const struct sock_filter was = *i;
    const bool load = BPF_CLASS(was.code) == BPF_LD;
    const uint32_t changed[] = {was.k + (load ? 4 : 1),
                                was.k - (load ? 4 : 1),
                                was.k ^ UINT32_C(1) << 31,
                                was.k ^ UINT32_C(1) << below(32),
                                0,
                                LOW};
    for (size_t c = 0; c < LENGTH(changed); c++) {
        i->k = changed[c];
        if (i->k != was.k) judge(p, m, tally);
        *i = was;
    }
}

static void planted_errors_are_found(void **unused) {
    (void)unused;
    seed("planted errors");
    struct tally tally = {0};
    for (int round = 0; round < 60 / SLOWDOWN; round++) {
        struct meaning m = random_meaning(6);
        struct program *p = must_compile(&m);
        for (uint32_t at = 0; at < p->count; at++) {
            struct sock_filter *i = &p->code[at];
            if (BPF_CLASS(i->code) == BPF_JMP && BPF_OP(i->code) != BPF_JA) plant_jumps(p, i, &m, &tally);
            plant_constants(p, i, &m, &tally);
        }
        must_prove(p, &m, 20 * PROVE_STEPS); // each error was taken out again
        program_free(p);
        clear(&m);
    }
    print_message("%zu planted: %zu found, %zu change no verdict, %zu past the budget\n", tally.planted, tally.found,
                  tally.harmless, tally.late);
    assert_true(tally.late <= tally.planted / 100);
    assert_true(tally.found > tally.planted / 2);
}

// ---- Single inputs -------------------------------------------------------------------------------------------------

static void one_value_of_64_bits(void **unused) {
    (void)unused;
    struct meaning m = new_meaning();
    add_set(&m, ABI_X86_64, ALLOW, ALLOW);
    struct program *p = PROGRAM(ARCH_OR_KILL, NO_X32, EQUAL(IOCTL, 0, 5), LOAD(44), EQUAL(0xdeadbeef, 0, 3), LOAD(40),
                                EQUAL(0x12345678, 0, 1), RETURN(DENY), RETURN(ALLOW));
    struct witness w;
    must_differ(p, &m, &w);
    assert_int_equal(w.number, IOCTL);
    assert_true(w.args[3] == 0xdeadbeef12345678);
    program_free(p);

    // The rules want exactly that, and the program forgets the high word.
    struct test t = {.argument = 3, .wide = true, .op = COMPARE_EQ, .mask = FULL, .value = 0xdeadbeef12345678};
    add_ruling(&m.sets[0], IOCTL, DENY, &t, 1);
    p = PROGRAM(ARCH_OR_KILL, NO_X32, EQUAL(IOCTL, 0, 3), LOAD(40), EQUAL(0x12345678, 0, 1), RETURN(DENY),
                RETURN(ALLOW));
    must_differ(p, &m, &w);
    assert_int_equal((uint32_t)w.args[3], 0x12345678);
    assert_int_not_equal(w.args[3] >> 32, 0xdeadbeef);
    program_free(p);
    clear(&m);
}

static void numbers_and_architectures(void **unused) {
    (void)unused;
    struct meaning m = new_meaning();
    struct witness w;
    m.x32_verdict = ALLOW;
    add_set(&m, ABI_X86_64, ALLOW, ALLOW);
    struct program *p = PROGRAM(ARCH_OR_KILL, RETURN(ALLOW));
    must_prove(p, &m, PROVE_STEPS);
    program_free(p);

    p = PROGRAM(ARCH_OR_KILL, EQUAL(LOW, 0, 1), RETURN(DENY), RETURN(ALLOW));
    must_differ(p, &m, &w);
    assert_int_equal(w.number, LOW);
    program_free(p);

    p = PROGRAM(LOAD(4), EQUAL(AUDIT_ARCH_I386, 2, 0), EQUAL(AUDIT_ARCH_X86_64, 1, 0), RETURN(KILL), RETURN(ALLOW));
    must_differ(p, &m, &w);
    assert_int_equal(w.arch, AUDIT_ARCH_I386);
    program_free(p);

    p = PROGRAM(RETURN(ALLOW));
    must_differ(p, &m, &w);
    assert_int_not_equal(w.arch, AUDIT_ARCH_X86_64);
    program_free(p);

    m.x32_verdict = NOSYS;
    p = PROGRAM(ARCH_OR_KILL, RETURN(ALLOW));
    must_differ(p, &m, &w);
    assert_true(w.number & 0x40000000);
    program_free(p);
    clear(&m);
}

static void instruction_pointer(void **unused) {
    (void)unused;
    struct meaning m = new_meaning();
    struct witness w;
    add_set(&m, ABI_X86_64, ALLOW, ALLOW);
    struct program *p = PROGRAM(ARCH_OR_KILL, NO_X32, LOAD(12), EQUAL(0x7fff, 0, 1), RETURN(DENY), RETURN(ALLOW));
    must_differ(p, &m, &w);
    assert_int_equal(w.ip >> 32, 0x7fff);
    program_free(p);

    p = PROGRAM(ARCH_OR_KILL, NO_X32, LOAD(12), EQUAL(0x7fff, 0, 1), RETURN(ALLOW), RETURN(ALLOW));
    must_prove(p, &m, PROVE_STEPS);
    program_free(p);
    clear(&m);
}

// A signed comparison as a program can do it: by the sign first, or with the sign flipped.
static void signs(void **unused) {
    (void)unused;
    struct meaning m = new_meaning();
    struct witness w;
    struct ruleset *s = add_set(&m, ABI_X86_64, ALLOW, ALLOW);
    struct test t = {.argument = 0, .is_signed = true, .op = COMPARE_LT, .mask = LOW, .value = (uint32_t)-5};
    add_ruling(s, SOCKET, DENY, &t, 1);
    static const struct sock_filter flips[] = {BPF_STMT(BPF_ALU | BPF_XOR | BPF_K, 0x80000000),
                                               BPF_STMT(BPF_ALU | BPF_ADD | BPF_K, 0x80000000),
                                               BPF_STMT(BPF_ALU | BPF_SUB | BPF_K, 0x80000000)};
    for (size_t i = 0; i < LENGTH(flips); i++)
        for (uint32_t limit = 0x7ffffffa; limit <= 0x7ffffffc; limit++) {
            struct program *p = PROGRAM(ARCH_OR_KILL, NO_X32, EQUAL(SOCKET, 0, 4), LOAD(16), flips[i],
                                        BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, limit, 1, 0), RETURN(DENY), RETURN(ALLOW));
            if (limit == 0x7ffffffb)
                must_prove(p, &m, PROVE_STEPS);
            else
                must_differ(p, &m, &w);
            program_free(p);
        }
    clear(&m);
}

// What the prover cannot follow it refuses; it never guesses.
static void foreign_instructions(void **unused) {
    (void)unused;
    struct meaning m = new_meaning();
    add_set(&m, ABI_X86_64, ALLOW, ALLOW);
    static const struct sock_filter odd[] = {BPF_STMT(BPF_MISC | BPF_TAX, 0),
                                             BPF_STMT(BPF_ST, 3),
                                             BPF_STMT(BPF_LD | BPF_MEM, 3),
                                             BPF_STMT(BPF_ALU | BPF_ADD | BPF_K, 1),
                                             BPF_STMT(BPF_ALU | BPF_RSH | BPF_K, 1),
                                             BPF_STMT(BPF_ALU | BPF_AND | BPF_X, 0),
                                             BPF_STMT(BPF_ALU | BPF_NEG, 0),
                                             BPF_STMT(BPF_RET | BPF_A, 0),
                                             BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_X, 0, 0, 0),
                                             BPF_STMT(BPF_LD | BPF_W | BPF_LEN, 0),
                                             BPF_STMT(BPF_LDX | BPF_IMM, 1),
                                             BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 64),
                                             BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 17),
                                             BPF_STMT(BPF_JMP | BPF_JA, 5),
                                             BPF_STMT(BPF_JMP | BPF_JA, LOW),
                                             BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 1, 9, 9)};
    for (size_t i = 0; i < LENGTH(odd); i++) {
        struct program *p = PROGRAM(ARCH_OR_KILL, NO_X32, LOAD(16), odd[i], RETURN(ALLOW));
        struct error e = {0};
        struct witness w;
        CHECK(prove(p, &m, PROVE_STEPS, &w, &e) == -EBADMSG, "instruction %zu", i);
        CHECK(strstr(e.message, "cannot be proven") != NULL, "instruction %zu: %s", i, e.message);
        assert_int_equal(w.wanted, w.got);
        program_free(p);
    }
    clear(&m);
}

// ---- Cost ----------------------------------------------------------------------------------------------------------

static void report(const char *what, const struct program *p, const struct meaning *m) {
    struct timespec start, end;
    struct error e = {0};
    double best = 1e9;
    for (int i = 0; i < 5; i++) {
        clock_gettime(CLOCK_MONOTONIC, &start);
        CHECK(prove(p, m, PROVE_STEPS, NULL, &e) == 0, "%s: %s", what, e.message);
        clock_gettime(CLOCK_MONOTONIC, &end);
        const double us = (double)(end.tv_sec - start.tv_sec) * 1e6 + (double)(end.tv_nsec - start.tv_nsec) / 1e3;
        if (us < best) best = us;
    }
    uint64_t low = 0, high = PROVE_STEPS;
    while (high - low > 1) {
        const uint64_t middle = low + (high - low) / 2;
        if (prove(p, m, middle, NULL, &e) == 0)
            high = middle;
        else
            low = middle;
    }
    print_message("%s: %u instructions, %.0f us, %llu steps\n", what, p->count, best, (unsigned long long)high);
}

static void cost_of_many_numbers(void **unused) {
    (void)unused;
    struct meaning m = new_meaning();
    struct ruleset *s = add_set(&m, ABI_X86_64, DENY, NOSYS);
    for (uint32_t i = 0; i < 360; i++)
        if (i % 8 != 3) add_ruling(s, i * 7 % 360, ALLOW, NULL, 0);
    const struct test t = {.argument = 0, .op = COMPARE_EQ, .mask = 0x7e020000, .value = 0};
    add_ruling(s, 3, ALLOW, &t, 1);
    struct program *p = must_compile(&m);
    report("316 rules", p, &m);
    must_prove(p, &m, 4000);
    program_free(p);
    clear(&m);
}

static void cost_of_many_values(void **unused) {
    (void)unused;
    static const size_t counts[] = {200, 800, 3000};
    for (size_t c = 0; c < LENGTH(counts); c++) {
        struct meaning m = new_meaning();
        struct ruleset *s = add_set(&m, ABI_X86_64, ALLOW, NOSYS);
        for (uint64_t i = 0; i < counts[c]; i++) {
            const struct test t = {
                .argument = 1, .op = COMPARE_EQ, .mask = LOW, .value = 0x5400 + 3 * (i * 7919 % counts[c])};
            add_ruling(s, IOCTL, i % 3 ? DENY : NOSYS, &t, 1);
        }
        struct program *p = must_compile(&m);
        char what[32];
        snprintf(what, sizeof what, "%zu values", counts[c]);
        report(what, p, &m);
        must_prove(p, &m, 150 * counts[c]);
        program_free(p);
        clear(&m);
    }
}

// Three conditions of 64 bits in each.
static void add_random_rules(struct ruleset *s, uint32_t rules, enum comparison op, bool masked, bool several) {
    for (uint32_t i = 0; i < rules; i++) {
        struct test tests[3];
        for (uint8_t a = 0; a < 3; a++) {
            const uint64_t mask = masked ? draw() : FULL;
            tests[a] = (struct test){.argument = a, .wide = true, .op = op, .mask = mask};
            tests[a].value = draw() & mask;
        }
        add_ruling(s, several ? i : SOCKET, i % 2 ? DENY : NOSYS, tests, 3);
    }
}

// Earlier rules cover most of these. Without a guess at where those are, the proof took more than the budget.
static void cost_of_covered_rules(void **unused) {
    (void)unused;
    struct meaning m = new_meaning();
    random_state = 0xe96869355e5682b4;
    add_random_rules(add_set(&m, ABI_X86_64, ALLOW, NOSYS), 60, COMPARE_GT, false, false);
    struct program *p = must_compile(&m);
    must_prove(p, &m, 1000000);
    program_free(p);
    clear(&m);
}

static void cost_of_many_conditions(void **unused) {
    (void)unused;
    seed("many conditions");
    static const struct {
        const char *name;
        enum comparison op;
        bool masked, several;
    } kinds[] = {
        {"60 calls, three 64-bit ==", COMPARE_EQ, false, true}, {"60 rules, three 64-bit ==", COMPARE_EQ, false, false},
        {"60 rules, three 64-bit >", COMPARE_GT, false, false}, {"60 rules, three 64-bit !=", COMPARE_NE, false, false},
        {"60 rules, three masked ==", COMPARE_EQ, true, false}, {"6 calls, three masked !=", COMPARE_NE, true, true}};
    for (size_t k = 0; k < LENGTH(kinds); k++) {
        struct meaning m = new_meaning();
        struct ruleset *s = add_set(&m, ABI_X86_64, ALLOW, NOSYS);
        add_random_rules(s, (uint32_t)atoi(kinds[k].name), kinds[k].op, kinds[k].masked, kinds[k].several);
        struct program *p = must_compile(&m);
        report(kinds[k].name, p, &m);
        program_free(p);
        clear(&m);
    }
}

static void budget(void **unused) {
    (void)unused;
    struct meaning m = new_meaning();
    struct ruleset *s = add_set(&m, ABI_X86_64, ALLOW, NOSYS);
    struct error e = {0};
    for (uint64_t i = 0; i < 100; i++) {
        const struct test t = {.argument = 1, .op = COMPARE_EQ, .mask = LOW, .value = 5 * i};
        add_ruling(s, IOCTL, DENY, &t, 1);
    }
    struct program *p = must_compile(&m);
    assert_int_equal(prove(p, &m, 600, NULL, &e), -ETIMEDOUT);
    CHECK(strstr(e.message, "ioctl on x86_64") != NULL && strstr(e.message, "\"proof\" to \"off\"") != NULL, "%s",
          e.message);
    program_free(p);
    clear(&m);
}

static void out_of_memory(void **unused) {
    (void)unused;
    seed("out of memory");
    struct meaning m = random_meaning(30);
    struct program *p = must_compile(&m);
    struct error e = {0};
    memory_fail(0);
    must_prove(p, &m, 20 * PROVE_STEPS);
    const size_t asked = memory_asked();
    assert_true(asked > 2);
    for (size_t n = 1; n <= asked; n++) {
        memory_fail(n);
        assert_int_equal(prove(p, &m, 20 * PROVE_STEPS, NULL, &e), -ENOMEM);
    }
    memory_fail(0);
    program_free(p);
    clear(&m);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_meanings_are_proven),
        cmocka_unit_test(planted_errors_are_found),
        cmocka_unit_test(one_value_of_64_bits),
        cmocka_unit_test(numbers_and_architectures),
        cmocka_unit_test(instruction_pointer),
        cmocka_unit_test(signs),
        cmocka_unit_test(foreign_instructions),
        cmocka_unit_test(cost_of_many_numbers),
        cmocka_unit_test(cost_of_many_values),
        cmocka_unit_test(cost_of_covered_rules),
        cmocka_unit_test(cost_of_many_conditions),
        cmocka_unit_test(budget),
        cmocka_unit_test(out_of_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
