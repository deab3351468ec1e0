// SPDX-License-Identifier: MIT
// Errors planted in compiled programs, one at a time: every jump to every other place, every bit of every constant,
// every return with every other verdict, every load of every other word. The proof has to find each that changes a
// verdict; of those that it lets pass, inputs look for one that it missed. See also prove_test.c.
#include "prove.h"

#include "compile.h"
#include "kit.h"

#include <linux/seccomp.h>

enum {
    INPUTS = 1500 / SLOWDOWN // per planted error that the proof lets pass
};

// ---- Inputs near to what the rules ask for --------------------------------------------------------------------------

static uint64_t near_value(const struct test *t) {
    uint64_t value = t->value;
    if (t->mask != UINT64_MAX) value |= draw() & ~t->mask; // what the test does not look at
    if (below(3) == 0) value += below(3) - 1;
    if (below(6) == 0) value ^= UINT64_C(1) << below(64);
    return value;
}

struct input {
    uint32_t arch, number;
    uint64_t args[6];
};

// An input that fulfils a rule's tests on equality, or nearly so, or differs from that in one word.
static struct input some_input(const struct program *p, const struct meaning *m) {
    const struct ruleset *s = &m->sets[below(m->count)];
    const struct ruling *r = &s->rulings[below(s->ruling_count)];
    struct input in = {.arch = abis[s->abi].audit_arch, .number = r->number};
    for (int a = 0; a < 6; a++)
        in.args[a] = below(2) ? draw() : below(4);
    for (uint16_t t = 0; t < r->tests; t++)
        in.args[s->tests[r->test + t].argument] = near_value(&s->tests[r->test + t]);
    const uint32_t k = p->code[below(p->count)].k + (uint32_t)below(3) - 1;
    switch (below(8)) {
    case 0:
        in.number = k;
        break;
    case 1:
        in.arch = k;
        break;
    case 2:
        in.args[below(6)] = (uint64_t)k << (below(2) * 32) | below(2);
        break;
    case 3:
        in.args[below(6)] = near_value(&s->tests[below(s->test_count)]);
        break;
    case 4:
        in.number ^= UINT32_C(1) << below(32);
        break;
    default:
        break;
    }
    return in;
}

static uint32_t run(const struct program *p, uint32_t arch, uint32_t number, uint64_t ip, const uint64_t args[6]) {
    const struct bpf_input input = bpf_input(p->big_endian, arch, number, ip, args);
    return bpf_run(p, &input, NULL);
}

// ---- Judging --------------------------------------------------------------------------------------------------------

struct tally {
    size_t planted, found, harmless;
};

static void judge(struct program *p, const struct meaning *m, uint32_t at, struct tally *tally) {
    struct error e = {0};
    struct witness w;
    if (bpf_validate(p->code, p->count, &e) < 0) return;
    const int r = prove(p, m, PROVE_STEPS, &w, &e);
    tally->planted++;
    if (r == -EBADMSG) {
        const uint32_t wanted = meaning_decide(m, w.arch, w.number, w.args).verdict;
        const uint32_t got = run(p, w.arch, w.number, w.ip, w.args);
        CHECK(wanted != got && wanted == w.wanted && got == w.got, "instruction %u: a wrong witness: %s", at,
              e.message);
        tally->found++;
        return;
    }
    CHECK(r == 0, "instruction %u: %s", at, e.message);
    tally->harmless++;
    for (int i = 0; i < INPUTS; i++) {
        const struct input in = some_input(p, m);
        const uint32_t wanted = meaning_decide(m, in.arch, in.number, in.args).verdict;
        CHECK(run(p, in.arch, in.number, draw(), in.args) == wanted,
              "instruction %u is now {%#x, %u, %u, %#x}, and the proof missed it", at, p->code[at].code, p->code[at].jt,
              p->code[at].jf, p->code[at].k);
    }
}

static void plant_jumps(struct program *p, uint32_t at, const struct meaning *m, struct tally *tally) {
    struct sock_filter *i = &p->code[at];
    const struct sock_filter was = *i;
    for (uint32_t to = 0; to <= UINT8_MAX && at + 1 + to < p->count; to++) {
        i->jt = (uint8_t)to;
        if (to != was.jt) judge(p, m, at, tally);
        *i = was;
        i->jf = (uint8_t)to;
        if (to != was.jf) judge(p, m, at, tally);
        *i = was;
    }
}

static void plant_constants(struct program *p, uint32_t at, const struct meaning *m, struct tally *tally) {
    static const uint32_t verdicts[] = {SECCOMP_RET_ALLOW, SECCOMP_RET_LOG, SECCOMP_RET_ERRNO,
                                        SECCOMP_RET_KILL_PROCESS};
    struct sock_filter *i = &p->code[at];
    const uint32_t was = i->k;
    if (BPF_CLASS(i->code) == BPF_LD) {
        for (i->k = 0; i->k < 64; i->k += 4)
            if (i->k != was) judge(p, m, at, tally);
    } else {
        for (unsigned bit = 0; bit < 32; bit++) {
            i->k = was ^ UINT32_C(1) << bit;
            judge(p, m, at, tally);
        }
        for (size_t v = 0; v < LENGTH(verdicts) && BPF_CLASS(i->code) == BPF_RET; v++) {
            i->k = verdicts[v];
            if (i->k != was) judge(p, m, at, tally);
        }
        const uint32_t beside[] = {was + 1, was - 1, 0, UINT32_MAX};
        for (size_t b = 0; b < LENGTH(beside); b++) {
            i->k = beside[b];
            if (i->k != was) judge(p, m, at, tally);
        }
    }
    i->k = was;
}

static void plant_all(struct filter *f, const char *name) {
    struct meaning m = meaning_of(f);
    struct program *p = NULL;
    struct error e = {0};
    struct tally tally = {0};
    seed(name);
    assert_int_equal(compile(&m, &p, &e), 0);
    for (uint32_t at = 0; at < p->count; at++) {
        if (BPF_CLASS(p->code[at].code) == BPF_JMP && BPF_OP(p->code[at].code) != BPF_JA)
            plant_jumps(p, at, &m, &tally);
        plant_constants(p, at, &m, &tally);
    }
    assert_int_equal(prove(p, &m, PROVE_STEPS, NULL, &e), 0); // each was taken out again
    print_message("%s: %u instructions, %zu planted: %zu found, %zu change no verdict\n", name, p->count, tally.planted,
                  tally.found, tally.harmless);
    assert_true(tally.planted > 1000 && tally.found > tally.planted * 3 / 4);
    program_free(p);
    meaning_free(&m);
    filter_free(f);
}

// ---- Programs -------------------------------------------------------------------------------------------------------

// All twelve words of the arguments: getpid has none, so each register is a plain 64-bit word.
static void twelve_words(void **unused) {
    (void)unused;
    struct filter *f = new_filter("x86_64");
    must_add(
        f, "EACCES",
        "getpid(arg0:u64 == 0x123456789abcdef0 && arg1:u64 & 0xff000000ff == 0x1200000034 && arg2:u64 > 0x500000000)");
    must_add(f, "trap",
             "getpid(arg3:u64 <= 0x7fffffff00000001 && arg4:u64 != 3 && arg5:u64 & 0x8000000000000001 == 1)");
    plant_all(f, "twelve words");
}

static void masks_and_signs(void **unused) {
    (void)unused;
    struct filter *f = new_filter("x86_64");
    must_add(f, "EACCES",
             "kill(pid < -1), lseek(offset < -5), socket(type & 0xf == 3), socket(family >= 0 && family <= 2)");
    must_add(f, "ENOSYS", "kill(sig > 31 && pid != 0), lseek(offset > 0x100000000), fcntl(cmd == 7)");
    must_add(f, "log", "clone(flags & 0x7e020000 != 0), socket");
    plant_all(f, "masks and signs");
}

static void values_and_abis(void **unused) {
    (void)unused;
    struct filter *f = new_filter("x86_64");
    must_set(f, "abi", "x86");
    must_set(f, "abi", "x32");
    must_default(f, "EPERM");
    must_add(f, "trap", "ioctl(cmd == 1), ioctl(cmd == 3), ioctl(cmd == 5), ioctl(cmd == 0x5412)");
    must_add(f, "allow", "ioctl, read, write, close, futex, mmap, openat, exit_group");
    plant_all(f, "values and ABIs");
}

static void big_endian(void **unused) {
    (void)unused;
    struct filter *f = new_filter("s390x");
    must_add(f, "EACCES", "getpid(arg0:u64 == 0x123456789 && arg5:u64 > 0x100000000), kill(pid < -1), bind");
    plant_all(f, "big endian");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(twelve_words),
        cmocka_unit_test(masks_and_signs),
        cmocka_unit_test(values_and_abis),
        cmocka_unit_test(big_endian),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
