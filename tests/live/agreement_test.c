// SPDX-License-Identifier: MIT
// Random policies: our evaluator of the rules, our interpreter of the program, and the kernel's verdict say the same.
// And libseccomp as an outside oracle, for rule sets where it is right: == and masked ==, one rule a call.
// ABJURE_SEED chooses another run.
#include <inttypes.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "../unit/random.h"
#include "ask.h"
#include "load.h"
#include "ruleset.h"
#include "text.h"

enum {
    POLICIES = 80,
    RULES = 12,
    CASES = 160,
    ORACLES = 200
};

static int start(void **state) {
    (void)state;
    seed("random policies");
    return 0;
}

// A value that is often near a border of words.
static uint64_t some_value(void) {
    static const uint64_t shapes[] = {0,
                                      1,
                                      2,
                                      7,
                                      0x7fffffff,
                                      0x80000000,
                                      0xffffffff,
                                      0x100000000,
                                      0x7fffffffffffffff,
                                      0x8000000000000000,
                                      0xffffffffffffffff};
    switch (below(4)) {
    case 0:
        return shapes[below(sizeof shapes / sizeof *shapes)];
    case 1:
        return below(16);
    case 2:
        return UINT64_C(1) << below(64);
    default:
        return draw() >> below(64);
    }
}

static syscall_id some_call(void) {
    for (;;) {
        syscall_id id = (syscall_id)below(syscalls_count());
        const char *name = syscalls_name(id);
        // rt_sigreturn and its like end the asking process; uretprobe is the kernel's.
        if (syscalls_number(ABI_X86_64, id) >= 0 && strstr(name, "sigreturn") == NULL && strstr(name, "probe") == NULL)
            return id;
    }
}

static void write_condition(struct text *t, syscall_id id) {
    static const char *const ops[] = {"==", "!=", "<", "<=", ">", ">="};
    unsigned argument = (unsigned)below(6);
    struct parameter p = syscalls_parameter(ABI_X86_64, id, argument);
    bool wide = p.kind == PARAMETER_POINTER || below(4) == 0;
    unsigned width = wide || p.kind == PARAMETER_ABSENT ? 64 : p.width;
    uint64_t all = width == 64 ? UINT64_MAX : (UINT64_C(1) << width) - 1;
    uint64_t mask = some_value() & all, value = some_value() & all;
    text_add(t, "arg%u%s ", argument, wide ? ":u64" : "");
    if (below(3) == 0 && mask != 0)
        text_add(t, "& 0x%" PRIx64 " %s 0x%" PRIx64, mask, ops[below(6)], value & mask);
    else
        text_add(t, "%s 0x%" PRIx64, ops[below(6)], value);
}

// One rule as policy text.
static void write_rule(char *buffer, size_t size, syscall_id id) {
    static const char *const actions[] = {"allow", "log", "EACCES", "errno(7)", "trap", "kill", "deny", "E2BIG"};
    struct text t;
    text_start(&t, buffer, size);
    text_add(&t, "%s %s", actions[below(8)], syscalls_name(id));
    size_t conditions = below(4);
    for (size_t i = 0; i < conditions; i++) {
        text_add(&t, i == 0 ? "(" : " && ");
        write_condition(&t, id);
    }
    text_add(&t, conditions > 0 ? ")" : "");
    assert_true(text_end(&t) < (int64_t)size);
}

static int add(struct filter *f, const char *rule) {
    size_t action = strcspn(rule, " ");
    return filter_add(f, rule, action, rule + action + 1, strlen(rule + action + 1), (struct source){.name = ""});
}

// A filter of random rules, about few calls so that they meet. Rules that cannot be (values too wide for a signed
// comparison, dead ones) are left out, as a user would have to.
static struct filter *some_filter(syscall_id *ids, size_t count) {
    struct filter *f = filter_new();
    struct error e = {0};
    assert_non_null(f);
    assert_int_equal(filter_set(f, "log", "off"), 0);
    if (below(5) == 0) assert_int_equal(filter_default(f, "EIO", 3), 0);
    assert_int_equal(add(f, "allow exit_group"), 0);
    for (size_t i = 0; i < count; i++) {
        char rule[512];
        struct program *p = NULL;
        struct rules_mark mark = rules_mark(&f->rules);
        ids[i] = i > 0 && below(3) != 0 ? ids[below(i)] : some_call();
        write_rule(rule, sizeof rule, ids[i]);
        bool refused = add(f, rule) < 0;
        if (refused && strstr(f->error.message, "unknown") != NULL) fail_msg("%s: %s", rule, f->error.message);
        if (refused || load_compile(f, -1, &p, NULL, &e) < 0) {
            rules_reset(&f->rules, mark);
            filter_clear(f);
        }
        program_free(p);
    }
    return f;
}

// Arguments near the constants of the filter's own rules.
static uint64_t near(const struct meaning *m) {
    const struct ruleset *s = &m->sets[0];
    if (s->test_count == 0 || below(4) == 0) return some_value();
    const struct test *t = &s->tests[below(s->test_count)];
    uint64_t value = t->value ^ (below(3) == 0 ? UINT64_C(1) << below(64) : 0);
    if (below(3) == 0) value += (uint64_t)below(3) - 1;
    if (below(3) == 0) value |= ~t->mask & draw();
    return value;
}

static void some_cases(const struct meaning *m, const syscall_id *ids, size_t count, struct ask_case *cases) {
    for (size_t i = 0; i < CASES; i++) {
        struct ask_case *c = &cases[i];
        *c = (struct ask_case){0};
        c->number = (uint32_t)syscalls_number(ABI_X86_64, below(8) == 0 ? some_call() : ids[below(count)]);
        if (below(40) == 0) c->number = 600 + (uint32_t)below(1000);
        if (below(40) == 0) c->number |= 0x40000000;
        if (below(60) == 0) c->compat = 1;
        for (int a = 0; a < 6; a++)
            c->args[a] = near(m);
        if (c->compat)
            for (int a = 0; a < 6; a++)
                c->args[a] &= 0xffffffff;
    }
}

static int load(void *context) {
    struct error e = {0};
    struct load_options options;
    if (load_parse(NULL, &options, &e) < 0) return -1;
    int r = load_filter(context, &options, &e);
    if (r < 0) fprintf(stderr, "%s\n", e.message);
    return r;
}

static uint32_t through(uint32_t verdict) {
    return verdict == SECCOMP_RET_LOG ? SECCOMP_RET_ALLOW : verdict;
}

static void compare(const struct filter *f, const struct meaning *m, const struct program *p,
                    const struct ask_case *c) {
    uint32_t arch = c->compat ? AUDIT_ARCH_I386 : AUDIT_ARCH_X86_64;
    uint32_t rules = meaning_decide(m, arch, c->number, c->args).verdict;
    struct bpf_input input = bpf_input(false, arch, c->number, 0, c->args);
    uint32_t program = bpf_run(p, &input, NULL);
    if (rules == program && through(rules) == c->verdict) return;
    for (size_t i = 0; i < f->rules.item_count; i++) {
        char text[1024];
        struct text t;
        text_start(&t, text, sizeof text);
        rules_write_item(&f->rules, &f->rules.items[i], &t);
        text_end(&t);
        print_message("  %s\n", text);
    }
    fail_msg("number %#x (%s) args %#" PRIx64 " %#" PRIx64 " %#" PRIx64 " %#" PRIx64 " %#" PRIx64 " %#" PRIx64
             ": rules %#x, program %#x, kernel %#x",
             c->number, c->compat ? "int 0x80" : "syscall", c->args[0], c->args[1], c->args[2], c->args[3], c->args[4],
             c->args[5], rules, program, c->verdict);
}

static void three_ways(void **state) {
    (void)state;
    size_t asked = 0;
    for (int i = 0; i < POLICIES; i++) {
        syscall_id ids[RULES];
        struct filter *f = some_filter(ids, RULES);
        struct error e = {0};
        struct meaning m;
        struct program *p = NULL;
        assert_int_equal(meaning_make(f, -1, &m, &e), 0);
        assert_int_equal(load_compile(f, -1, &p, NULL, &e), 0);
        static struct ask_case cases[CASES];
        some_cases(&m, ids, RULES, cases);
        assert_int_equal(ask_kernel(load, f, cases, CASES), 0);
        for (size_t k = 0; k < CASES; k++, asked++)
            compare(f, &m, p, &cases[k]);
        program_free(p);
        meaning_free(&m);
        filter_free(f);
    }
    print_message("%zu verdicts agree\n", asked);
}

// ---- The outside oracle ----

static struct program *exported(scmp_filter_ctx ctx) {
    static unsigned char bytes[BPF_LIMIT * 8];
    int fd = memfd_create("program", 0);
    assert_true(fd >= 0);
    assert_int_equal(seccomp_export_bpf(ctx, fd), 0);
    ssize_t size = pread(fd, bytes, sizeof bytes, 0);
    close(fd);
    struct program *p = NULL;
    struct error e = {0};
    assert_int_equal(bpf_from_bytes(bytes, (uint64_t)size, &p, &e), 0);
    return p;
}

// The same rule for both, or for none where libseccomp refuses it.
static void add_to_both(struct filter *f, scmp_filter_ctx ctx, syscall_id id) {
    char text[512];
    struct text t;
    struct scmp_arg_cmp conditions[6];
    unsigned count = (unsigned)below(4), used = 0;
    text_start(&t, text, sizeof text);
    text_add(&t, "E2BIG %s", syscalls_name(id));
    for (unsigned a = 0; a < 6 && used < count; a++) {
        if (below(2) == 0) continue;
        uint64_t mask = below(2) == 0 ? UINT64_MAX : some_value(), value = some_value() & mask;
        text_add(&t, "%sarg%u:u64 & 0x%" PRIx64 " == 0x%" PRIx64, used == 0 ? "(" : " && ", a, mask, value);
        conditions[used++] = (struct scmp_arg_cmp){a, SCMP_CMP_MASKED_EQ, mask, value};
    }
    text_add(&t, used > 0 ? ")" : "");
    text_end(&t);
    int number = (int)syscalls_number(ABI_X86_64, id);
    struct rules_mark mark = rules_mark(&f->rules);
    if (add(f, text) < 0) fail_msg("%s: %s", text, f->error.message);
    if (seccomp_rule_add_exact_array(ctx, SCMP_ACT_ERRNO(7), number, used, conditions) != 0)
        rules_reset(&f->rules, mark);
}

static void oracle(void **state) {
    (void)state;
    size_t asked = 0;
    for (int i = 0; i < ORACLES; i++) {
        struct filter *f = filter_new();
        scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ALLOW);
        syscall_id ids[8];
        for (size_t k = 0; k < 8; k++) {
            bool again = false;
            ids[k] = some_call();
            for (size_t j = 0; j < k; j++)
                again = again || ids[j] == ids[k];
            if (!again) add_to_both(f, ctx, ids[k]);
        }
        struct error e = {0};
        struct meaning m;
        struct program *ours = NULL, *theirs = exported(ctx);
        assert_int_equal(meaning_make(f, -1, &m, &e), 0);
        assert_int_equal(load_compile(f, -1, &ours, NULL, &e), 0);
        static struct ask_case cases[CASES];
        some_cases(&m, ids, 8, cases);
        for (size_t k = 0; k < CASES; k++) {
            // Where the two differ by design: numbers that no table knows, io_uring, x32, other ABIs.
            if (cases[k].compat || !syscalls_known(ABI_X86_64, cases[k].number)) continue;
            if (cases[k].number >= 425 && cases[k].number <= 427) continue;
            struct bpf_input input = bpf_input(false, AUDIT_ARCH_X86_64, cases[k].number, 0, cases[k].args);
            assert_int_equal(bpf_run(ours, &input, NULL), bpf_run(theirs, &input, NULL));
            asked++;
        }
        program_free(ours);
        program_free(theirs);
        meaning_free(&m);
        filter_free(f);
        seccomp_release(ctx);
    }
    assert_true(asked > ORACLES * CASES / 2);
    print_message("%zu verdicts agree with libseccomp\n", asked);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(three_ways),
        cmocka_unit_test(oracle),
    };
    return cmocka_run_group_tests(tests, start, NULL);
}
