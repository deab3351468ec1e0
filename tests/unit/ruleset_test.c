// SPDX-License-Identifier: MIT
#include "ruleset.h"

#include "kit.h"

#include <linux/audit.h>
#include <linux/seccomp.h>

enum {
    X32 = 0x40000000
};

static const uint32_t ALLOW = SECCOMP_RET_ALLOW, DENY = SECCOMP_RET_ERRNO | EPERM, NOSYS = SECCOMP_RET_ERRNO | ENOSYS,
                      KILL = SECCOMP_RET_KILL_PROCESS, LOG = SECCOMP_RET_LOG;

static struct decision decide(const struct meaning *m, enum abi_id abi, uint32_t number, uint64_t a0, uint64_t a1) {
    return meaning_decide(m, abis[abi].audit_arch, number, (const uint64_t[6]){a0, a1});
}

static void expect(const struct meaning *m, enum abi_id abi, uint32_t number, uint32_t verdict, enum origin origin) {
    const struct decision d = decide(m, abi, number, 0, 0);
    CHECK(d.verdict == verdict && d.origin == origin, "%s %u: verdict %#x, origin %d", abis[abi].name, number,
          d.verdict, d.origin);
}

static void expect_call(const struct meaning *m, enum abi_id abi, const char *name, uint32_t verdict,
                        enum origin origin) {
    expect(m, abi, number_of_call(abi, name), verdict, origin);
}

// ---- The order of section "Meaning, exactly" ------------------------------------------------------------------------

static void a_filter_without_rules_allows(void **unused) {
    (void)unused;
    struct filter *f = new_filter("x86_64");
    struct meaning m = meaning_of(f);
    expect(&m, ABI_X86_64, 59, ALLOW, ORIGIN_DEFAULT);
    expect(&m, ABI_X86_64, 5000, ALLOW, ORIGIN_DEFAULT); // unknown, but nothing is denied
    expect_call(&m, ABI_X86_64, "io_uring_setup", ALLOW, ORIGIN_DEFAULT);
    expect(&m, ABI_X86_64, X32 | 59, NOSYS, ORIGIN_X32);
    expect(&m, ABI_X86, 11, KILL, ORIGIN_FOREIGN);
    expect(&m, ABI_AARCH64, 0, KILL, ORIGIN_FOREIGN);
    meaning_free(&m);
    filter_free(f);
}

static void a_deny_list(void **unused) {
    (void)unused;
    struct filter *f = new_filter("x86_64");
    must_add(f, "EACCES", "execve, uprobe");
    struct meaning m = meaning_of(f);
    expect_call(&m, ABI_X86_64, "execve", SECCOMP_RET_ERRNO | EACCES, ORIGIN_RULE);
    expect_call(&m, ABI_X86_64, "read", ALLOW, ORIGIN_DEFAULT);
    expect_call(&m, ABI_X86_64, "io_uring_setup", NOSYS, ORIGIN_GUARD);
    expect_call(&m, ABI_X86_64, "io_uring_enter", NOSYS, ORIGIN_GUARD);
    expect_call(&m, ABI_X86_64, "io_uring_register", NOSYS, ORIGIN_GUARD);
    expect_call(&m, ABI_X86_64, "uretprobe", ALLOW, ORIGIN_KERNEL);
    expect_call(&m, ABI_X86_64, "uprobe", ALLOW, ORIGIN_KERNEL); // the rule on it decides nothing
    expect(&m, ABI_X86_64, 5000, NOSYS, ORIGIN_UNKNOWN);
    expect(&m, ABI_X86_64, 0x3fffffff, NOSYS, ORIGIN_UNKNOWN);
    expect(&m, ABI_X86_64, UINT32_MAX, NOSYS, ORIGIN_X32);
    meaning_free(&m);
    filter_free(f);

    // An explicit rule comes before the guard.
    f = new_filter("x86_64");
    must_add(f, "allow", "io_uring_setup");
    must_add(f, "deny", "execve");
    m = meaning_of(f);
    expect_call(&m, ABI_X86_64, "io_uring_setup", ALLOW, ORIGIN_RULE);
    expect_call(&m, ABI_X86_64, "io_uring_enter", NOSYS, ORIGIN_GUARD);
    meaning_free(&m);
    filter_free(f);

    // `log` denies nothing: no guard, no unknown numbers.
    f = new_filter("x86_64");
    must_add(f, "log", "execve");
    m = meaning_of(f);
    expect_call(&m, ABI_X86_64, "execve", LOG, ORIGIN_RULE);
    expect_call(&m, ABI_X86_64, "io_uring_setup", ALLOW, ORIGIN_DEFAULT);
    expect(&m, ABI_X86_64, 5000, ALLOW, ORIGIN_DEFAULT);
    meaning_free(&m);
    filter_free(f);
}

static void an_allow_list(void **unused) {
    (void)unused;
    struct filter *f = new_filter("x86_64");
    must_default(f, "kill_thread");
    must_add(f, "allow", "read");
    must_add(f, "trap", "exit");
    struct meaning m = meaning_of(f);
    expect_call(&m, ABI_X86_64, "read", ALLOW, ORIGIN_RULE);
    expect_call(&m, ABI_X86_64, "write", SECCOMP_RET_KILL_THREAD, ORIGIN_DEFAULT);
    expect_call(&m, ABI_X86_64, "rt_sigreturn", ALLOW, ORIGIN_ESSENTIAL);
    expect_call(&m, ABI_X86_64, "restart_syscall", ALLOW, ORIGIN_ESSENTIAL);
    expect_call(&m, ABI_X86_64, "exit_group", ALLOW, ORIGIN_ESSENTIAL);
    expect_call(&m, ABI_X86_64, "exit", SECCOMP_RET_TRAP, ORIGIN_RULE); // denied by name
    expect_call(&m, ABI_X86_64, "uretprobe", ALLOW, ORIGIN_KERNEL);
    expect_call(&m, ABI_X86_64, "io_uring_setup", SECCOMP_RET_KILL_THREAD, ORIGIN_DEFAULT); // no guard: denied anyway
    expect(&m, ABI_X86_64, 5000, NOSYS, ORIGIN_UNKNOWN);
    meaning_free(&m);
    // sigreturn is a call of 32-bit ABIs.
    must_set(f, "abi", "x86");
    m = meaning_of(f);
    expect_call(&m, ABI_X86, "sigreturn", ALLOW, ORIGIN_ESSENTIAL);
    meaning_free(&m);
    filter_free(f);
}

static void the_first_match_decides(void **unused) {
    (void)unused;
    struct filter *f = new_filter("x86_64");
    must_add(f, "allow", "socket(family == AF_UNIX)");
    must_add(f, "EAFNOSUPPORT", "socket(family == AF_INET)");
    must_add(f, "trap", "socket(family < 10)");
    must_add(f, "kill", "socket");
    struct meaning m = meaning_of(f);
    const uint32_t number = number_of_call(ABI_X86_64, "socket");
    assert_int_equal(decide(&m, ABI_X86_64, number, 1, 0).verdict, ALLOW);
    assert_int_equal(decide(&m, ABI_X86_64, number, 1, 0).rule, 0);
    assert_int_equal(decide(&m, ABI_X86_64, number, 2, 0).verdict, SECCOMP_RET_ERRNO | EAFNOSUPPORT);
    assert_int_equal(decide(&m, ABI_X86_64, number, UINT64_C(0x100000002), 0).rule, 1); // an int: the high word is none
    assert_int_equal(decide(&m, ABI_X86_64, number, (uint32_t)-5, 0).rule, 2);          // and signed
    assert_int_equal(decide(&m, ABI_X86_64, number, 10, 0).rule, 3);
    meaning_free(&m);
    filter_free(f);
}

static void options_of_the_rest(void **unused) {
    (void)unused;
    struct filter *f = new_filter("x86_64");
    must_set(f, "unknown", "trap");
    must_set(f, "foreign", "EACCES");
    must_add(f, "deny", "execve");
    struct meaning m = meaning_of(f);
    expect(&m, ABI_X86_64, 5000, SECCOMP_RET_TRAP, ORIGIN_UNKNOWN);
    expect(&m, ABI_S390X, 1, SECCOMP_RET_ERRNO | EACCES, ORIGIN_FOREIGN);
    meaning_free(&m);
    must_set(f, "complain", "on");
    must_set(f, "unknown", "allow");
    m = meaning_of(f);
    expect_call(&m, ABI_X86_64, "execve", LOG, ORIGIN_RULE);
    expect_call(&m, ABI_X86_64, "io_uring_setup", LOG, ORIGIN_GUARD);
    expect(&m, ABI_X86_64, 5000, ALLOW, ORIGIN_DEFAULT); // unknown = allow is the default
    expect(&m, ABI_X86_64, X32 | 1, LOG, ORIGIN_X32);
    expect(&m, ABI_S390X, 1, LOG, ORIGIN_FOREIGN);
    meaning_free(&m);
    must_set(f, "unknown", "ENOSYS");
    must_default(f, "kill");
    must_add(f, "allow", "read");
    m = meaning_of(f);
    expect_call(&m, ABI_X86_64, "write", LOG, ORIGIN_DEFAULT);
    expect(&m, ABI_X86_64, 5000, LOG, ORIGIN_DEFAULT);
    meaning_free(&m);
    filter_free(f);
}

// ---- ABIs -----------------------------------------------------------------------------------------------------------

static void x32_shares_an_architecture(void **unused) {
    (void)unused;
    struct filter *f = new_filter("x32");
    must_add(f, "deny", "execve");
    struct meaning m = meaning_of(f);
    expect(&m, ABI_X86_64, 59, KILL, ORIGIN_FOREIGN); // x86_64 was not asked for
    expect(&m, ABI_X86_64, X32 | 520, DENY, ORIGIN_RULE);
    expect(&m, ABI_X86_64, X32 | 0, ALLOW, ORIGIN_DEFAULT);
    expect(&m, ABI_X86_64, X32 | 5000, NOSYS, ORIGIN_UNKNOWN);
    meaning_free(&m);
    must_set(f, "abi", "x86_64");
    m = meaning_of(f);
    expect(&m, ABI_X86_64, 59, DENY, ORIGIN_RULE);
    expect(&m, ABI_X86_64, X32 | 520, DENY, ORIGIN_RULE);
    expect(&m, ABI_X86_64, 520, NOSYS, ORIGIN_UNKNOWN);
    meaning_free(&m);
    filter_free(f);
    // Bit 30 is nothing special elsewhere.
    f = new_filter("aarch64");
    must_add(f, "deny", "execve");
    m = meaning_of(f);
    expect(&m, ABI_AARCH64, X32 | 1, NOSYS, ORIGIN_UNKNOWN);
    meaning_free(&m);
    filter_free(f);
}

static void rules_for_some_abis(void **unused) {
    (void)unused;
    struct filter *f = new_filter("x86_64");
    must_set(f, "abi", "aarch64");
    const struct source source = {.name = "", .only = ABI_SET(ABI_AARCH64)};
    assert_int_equal(filter_add(f, "deny", 4, "execve", 6, source), 0);
    struct meaning m = meaning_of(f);
    expect_call(&m, ABI_AARCH64, "execve", DENY, ORIGIN_RULE);
    expect_call(&m, ABI_X86_64, "execve", ALLOW, ORIGIN_DEFAULT);
    meaning_free(&m);
    filter_free(f);
}

static void multiplexers_are_covered(void **unused) {
    (void)unused;
    struct filter *f = new_filter("x86");
    must_add(f, "deny", "bind, shmat");
    struct meaning m = meaning_of(f);
    const uint32_t socketcall = number_of_call(ABI_X86, "socketcall"), ipc = number_of_call(ABI_X86, "ipc");
    expect_call(&m, ABI_X86, "bind", DENY, ORIGIN_RULE);
    assert_int_equal(decide(&m, ABI_X86, socketcall, 2, 0).verdict, DENY); // SYS_BIND
    assert_int_equal(decide(&m, ABI_X86, socketcall, UINT64_C(0xffffffff00000002), 0).verdict, DENY);
    assert_int_equal(decide(&m, ABI_X86, socketcall, 3, 0).verdict, ALLOW);
    assert_int_equal(decide(&m, ABI_X86, ipc, 21, 0).verdict, DENY);           // SHMAT
    assert_int_equal(decide(&m, ABI_X86, ipc, 1 << 16 | 21, 0).verdict, DENY); // with a version in the high half
    assert_int_equal(decide(&m, ABI_X86, ipc, 22, 0).verdict, ALLOW);
    meaning_free(&m);
    filter_free(f);
}

// A call that only libseccomp knows has a number that is in no table. Such a call comes with each new kernel, so the test
// makes one of its own.
static void add_newer(struct filter *f, const char *calls) {
    must_add(f, "allow", calls);
    struct rule *rule = &f->rules.rules[f->rules.rule_count - 1];
    rule->target = RULE_NUMBER;
    rule->number = 5000;
}

// What a conditional rule on such a call does not match is still unknown.
static void unknown_numbers_with_conditions_are_closed(void **unused) {
    (void)unused;
    struct filter *f = new_filter("x86_64");
    add_newer(f, "read(arg0 == 1)");
    must_add(f, "deny", "execve");
    struct meaning m = meaning_of(f);
    assert_int_equal(decide(&m, ABI_X86_64, 5000, 1, 0).origin, ORIGIN_RULE);
    assert_int_equal(decide(&m, ABI_X86_64, 5000, 2, 0).verdict, NOSYS);
    assert_int_equal(decide(&m, ABI_X86_64, 5000, 2, 0).origin, ORIGIN_UNKNOWN);
    assert_true(decide(&m, ABI_X86_64, 5000, 2, 0).quiet);
    const struct ruleset *s = &m.sets[0];
    bool closed = false;
    for (size_t i = 0; i < s->ruling_count; i++)
        closed = closed || (s->rulings[i].number == 5000 && s->rulings[i].tests == 0);
    assert_true(closed);
    meaning_free(&m);
    filter_free(f);
}

// ---- Errors ---------------------------------------------------------------------------------------------------------

static void expect_refused(const struct filter *f, int64_t self, int code, const char *message) {
    struct meaning m;
    struct error e = {0};
    memset(&m, 0xff, sizeof m);
    assert_int_equal(meaning_make(f, self, &m, &e), -code);
    CHECK(strcmp(e.message, message) == 0, "%s", e.message);
    assert_int_equal(m.count, 0); // nothing to free
}

static void empty_allow_lists(void **unused) {
    (void)unused;
    static const char message[] = "the default denies and no rule allows any call: an empty allow list; add what the "
                                  "program needs, or leave the default at allow";
    struct filter *f = new_filter("aarch64");
    must_default(f, "EPERM");
    expect_refused(f, 1, EINVAL, message);
    must_add(f, "deny", "execve");
    expect_refused(f, 1, EINVAL, message);
    must_add(f, "allow", "open"); // absent here
    expect_refused(f, 1, EINVAL, message);
    must_add(f, "log", "openat"); // log lets it through
    struct meaning m = meaning_of(f);
    meaning_free(&m);
    filter_free(f);
}

static void self_needs_a_process(void **unused) {
    (void)unused;
    struct filter *f = new_filter("x86_64");
    const struct source source = {.name = "a.policy", .line = 7, .column = 6};
    assert_int_equal(filter_add(f, "allow", 5, "kill(pid == self)", 17, source), 0);
    struct meaning m;
    struct error e = {0};
    assert_true(meaning_make(f, -1, &m, &e) < 0);
    CHECK(strncmp(e.message, "a.policy:7:6: ", 14) == 0 && strstr(e.message, "self") != NULL, "%s", e.message);
    m = meaning_of(f); // of process 4711
    assert_int_equal(decide(&m, ABI_X86_64, 62, 4711, 9).origin, ORIGIN_RULE);
    assert_int_equal(decide(&m, ABI_X86_64, 62, 4712, 9).origin, ORIGIN_DEFAULT);
    meaning_free(&m);
    filter_free(f);
}

// ---- The quiet half -------------------------------------------------------------------------------------------------

static void the_quiet_half(void **unused) {
    (void)unused;
    struct filter *f = new_filter("x86_64");
    must_add(f, "deny", "@spawn, execve, ptrace");
    must_add(f, "ENOSYS", "openat2, personality");
    struct meaning m = meaning_of(f), quiet;
    struct error e = {0};
    bool any = false;
    assert_int_equal(meaning_quiet(&m, &quiet, &any, &e), 0);
    assert_true(any);
    static const char *const silent[] = {"clone3", "openat2", "io_uring_setup", "io_uring_enter", "io_uring_register"};
    for (size_t i = 0; i < LENGTH(silent); i++) {
        assert_true(decide(&m, ABI_X86_64, number_of_call(ABI_X86_64, silent[i]), 0, 0).quiet);
        assert_int_equal(decide(&quiet, ABI_X86_64, number_of_call(ABI_X86_64, silent[i]), 0, 0).verdict, NOSYS);
    }
    static const char *const loud[] = {"execve", "ptrace", "personality", "fork", "read"};
    for (size_t i = 0; i < LENGTH(loud); i++) {
        assert_false(decide(&m, ABI_X86_64, number_of_call(ABI_X86_64, loud[i]), 0, 0).quiet);
        assert_int_equal(decide(&quiet, ABI_X86_64, number_of_call(ABI_X86_64, loud[i]), 0, 0).verdict, ALLOW);
    }
    assert_int_equal(decide(&quiet, ABI_X86_64, 5000, 0, 0).verdict, NOSYS);
    assert_int_equal(decide(&quiet, ABI_X86_64, X32 | 5, 0, 0).verdict, NOSYS);
    assert_int_equal(decide(&quiet, ABI_AARCH64, 5, 0, 0).verdict, ALLOW); // a foreign call is news
    meaning_free(&quiet);
    meaning_free(&m);
    filter_free(f);

    // Nothing that is refused quietly: no second program.
    f = new_filter("aarch64");
    m = meaning_of(f);
    assert_int_equal(meaning_quiet(&m, &quiet, &any, &e), 0);
    assert_false(any); // nothing is denied, and aarch64 has no x32
    meaning_free(&quiet);
    meaning_free(&m);
    filter_free(f);
}

// ---- One test -------------------------------------------------------------------------------------------------------

static void tests_on_registers(void **unused) {
    (void)unused;
    const uint64_t low = UINT32_MAX, all = UINT64_MAX;
    static const uint64_t high = UINT64_C(0xabcd000000000000);
    const struct {
        bool wide, is_signed;
        enum comparison op;
        uint64_t mask, value, x;
        bool holds;
    } rows[] = {
        {false, false, COMPARE_EQ, low, 5, 5, true},
        {false, false, COMPARE_EQ, low, 5, high | 5, true},
        {true, false, COMPARE_EQ, all, 5, high | 5, false},
        {false, false, COMPARE_NE, low, 5, high | 5, false},
        {false, false, COMPARE_EQ, 0xf0, 0x50, 0x15f, true},
        {false, false, COMPARE_NE, 0xf0, 0x50, 0x16f, true},
        {false, false, COMPARE_LT, low, 5, (uint32_t)-1, false},
        {false, true, COMPARE_LT, low, 5, (uint32_t)-1, true},
        {false, true, COMPARE_LT, low, 5, high | 4, true},
        {false, true, COMPARE_GE, low, (uint32_t)-5, (uint32_t)-6, false},
        {false, true, COMPARE_GE, low, (uint32_t)-5, (uint32_t)-5, true},
        {false, true, COMPARE_GT, low, (uint32_t)-5, (uint32_t)-5, false},
        {false, true, COMPARE_LE, low, 0, 0x80000000, true},
        {true, true, COMPARE_LT, all, 0, UINT64_C(1) << 63, true},
        {true, false, COMPARE_LT, all, 0, UINT64_C(1) << 63, false},
        {true, true, COMPARE_GT, all, UINT64_C(1) << 63, 0, true},
        {true, false, COMPARE_GE, all, UINT64_C(1) << 63, UINT64_C(1) << 63, true},
        {true, false, COMPARE_EQ, UINT64_C(0xff00000000), UINT64_C(0x1200000000), UINT64_C(0x3412ffffffff), true},
        {true, false, COMPARE_LE, all, all, all, true},
    };
    for (size_t i = 0; i < LENGTH(rows); i++)
        for (uint8_t a = 0; a < 6; a++) {
            const struct test t = {a, rows[i].wide, rows[i].is_signed, rows[i].op, rows[i].mask, rows[i].value};
            uint64_t args[6] = {7, 7, 7, 7, 7, 7};
            args[a] = rows[i].x;
            CHECK(test_holds(&t, args) == rows[i].holds, "row %zu", i);
        }
}

static void one_rule_on_one_abi(void **unused) {
    (void)unused;
    struct filter *f = new_filter("x86");
    must_add(f, "trace(9)", "connect, read(count > 5), creat");
    struct ruleset s = {.abi = ABI_X86};
    struct error e = {0};
    assert_int_equal(ruleset_add(&s, &f->rules, 0, 1, &e), 0);
    assert_int_equal(s.ruling_count, 2); // its own number, and socketcall's
    assert_int_equal(s.rulings[0].verdict, SECCOMP_RET_TRACE | 9);
    assert_int_equal(s.rulings[0].tests + s.rulings[1].tests, 1);
    assert_int_equal(ruleset_add(&s, &f->rules, 1, 1, &e), 0);
    assert_int_equal(s.ruling_count, 3);
    assert_int_equal(s.rulings[2].rule, 1);
    assert_int_equal(s.rulings[2].tests, 1);
    memory_free(s.rulings);
    memory_free(s.tests);
    s = (struct ruleset){.abi = ABI_AARCH64};
    assert_int_equal(ruleset_add(&s, &f->rules, 2, 1, &e), 0);
    assert_int_equal(s.ruling_count, 0); // creat is absent there
    filter_free(f);
}

// ---- Failing allocations --------------------------------------------------------------------------------------------

static void out_of_memory(void **unused) {
    (void)unused;
    struct filter *f = new_filter("x86");
    must_set(f, "abi", "x86_64");
    must_add(f, "deny", "@exec, @listen, socket(family == AF_INET), bind");
    add_newer(f, "read(arg0 == 1)");
    for (size_t n = 1;; n++) {
        struct meaning m;
        struct error e = {0};
        memory_fail(n);
        const int r = meaning_make(f, 1, &m, &e);
        const bool reached = memory_asked() >= n;
        memory_fail(0);
        if (!reached) {
            assert_int_equal(r, 0);
            assert_true(n > 4);
            meaning_free(&m);
            break;
        }
        assert_int_equal(r, -ENOMEM);
        assert_string_equal(e.message, "out of memory");
        assert_int_equal(m.count, 0);
    }
    struct meaning m = meaning_of(f), quiet;
    for (size_t n = 1;; n++) {
        struct error e = {0};
        bool any;
        memory_fail(n);
        const int r = meaning_quiet(&m, &quiet, &any, &e);
        const bool reached = memory_asked() >= n;
        memory_fail(0);
        if (!reached) break;
        assert_int_equal(r, -ENOMEM);
        assert_int_equal(quiet.count, 0);
    }
    meaning_free(&quiet);
    meaning_free(&m);
    filter_free(f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_filter_without_rules_allows),
        cmocka_unit_test(a_deny_list),
        cmocka_unit_test(an_allow_list),
        cmocka_unit_test(the_first_match_decides),
        cmocka_unit_test(options_of_the_rest),
        cmocka_unit_test(x32_shares_an_architecture),
        cmocka_unit_test(rules_for_some_abis),
        cmocka_unit_test(multiplexers_are_covered),
        cmocka_unit_test(unknown_numbers_with_conditions_are_closed),
        cmocka_unit_test(empty_allow_lists),
        cmocka_unit_test(self_needs_a_process),
        cmocka_unit_test(the_quiet_half),
        cmocka_unit_test(tests_on_registers),
        cmocka_unit_test(one_rule_on_one_abi),
        cmocka_unit_test(out_of_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
