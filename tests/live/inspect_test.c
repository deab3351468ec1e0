// SPDX-License-Identifier: MIT
// What an outline prints is what the kernel does: random filters, one to three deep, some of them libseccomp's, are
// loaded by a child; the programs are read back from it, told as policy text and as JSON, and both give the verdict of
// the kernel for each of 2,000 random calls. ABJURE_SEED chooses another run.
#include <inttypes.h>
#include <jansson.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "../unit/random.h"
#include "abjure.h"
#include "ask.h"
#include "kernel.h"
#include "load.h"
#include "memory.h"
#include "policy.h"
#include "ruleset.h"
#include "text.h"

enum {
#ifdef __SANITIZE_ADDRESS__
    FILTERS = 10, // each takes ten times as long; all are in the run without sanitizers
#else
    FILTERS = 100,
#endif
    CALLS = 2000,
    DEEP = 3,
    RULES = 10,
    TEXT = 8 << 20
};

static uint64_t some_value(void) {
    static const uint64_t shapes[] = {0,          1,          2,           7,          0x7fffffff,
                                      0x80000000, 0xffffffff, 0x100000000, 0x7e020000, UINT64_MAX};
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

// The filters of one round: their programs, newest first, and what the calls are drawn from.
struct round {
    struct program *programs[DEEP];
    unsigned deep;
    uint64_t values[DEEP * RULES * 4];
    size_t value_count;
    uint32_t numbers[DEEP * RULES];
    size_t number_count;
};

static void keep(struct round *r, uint32_t number, uint64_t value) {
    if (r->number_count < sizeof r->numbers / sizeof *r->numbers) r->numbers[r->number_count++] = number;
    if (r->value_count < sizeof r->values / sizeof *r->values) r->values[r->value_count++] = value;
}

static syscall_id some_call(void) {
    for (;;) {
        const syscall_id id = (syscall_id)below(syscalls_count());
        const char *name = syscalls_name(id);
        // What ends the process that asks or keeps it from loading the next filter; and the kernel's own calls.
        if (syscalls_number(ABI_X86_64, id) >= 0 && strstr(name, "sigreturn") == NULL &&
            strstr(name, "probe") == NULL && strstr(name, "exit") == NULL && strcmp(name, "read") != 0 &&
            strcmp(name, "seccomp") != 0)
            return id;
    }
}

// ---- Filters -------------------------------------------------------------------------------------------------------

static struct program *own_filter(struct round *r) {
    static const char *const actions[] = {"allow", "EACCES", "errno(7)", "trap",
                                          "kill",  "deny",   "E2BIG",    "kill_thread"};
    static const char *const ops[] = {"==", "!=", "<", "<=", ">", ">="};
    struct filter *f = filter_new();
    struct error e = {0};
    struct program *p = NULL;
    if (below(4) == 0) assert_int_equal(filter_default(f, "EIO", 3), 0);
    if (below(4) == 0) assert_int_equal(filter_set(f, "x32", "kill"), 0);
    if (below(3) == 0) assert_int_equal(filter_set(f, "abi", "x86"), 0);
    assert_int_equal(filter_set(f, "abi", "x86_64"), 0);
    assert_int_equal(filter_add(f, "allow", 5, "exit_group, read, seccomp", 25, (struct source){.name = ""}), 0);
    for (int i = 0; i < RULES; i++) {
        char calls[256];
        struct text t;
        const char *action = actions[below(8)];
        const syscall_id id =
            r->number_count > 0 && below(2) ? syscalls_at(ABI_X86_64, r->numbers[below(r->number_count)]) : some_call();
        const uint64_t mask = below(3) == 0 ? some_value() : UINT64_MAX, value = some_value() & mask;
        const struct rules_mark mark = rules_mark(&f->rules);
        text_start(&t, calls, sizeof calls);
        text_add(&t, "%s", syscalls_name(id));
        if (below(4) != 0)
            text_add(&t, "(arg%u:u64 & 0x%" PRIx64 " %s 0x%" PRIx64 ")", (unsigned)below(6), mask, ops[below(6)],
                     value);
        else if (below(2))
            text_add(&t, "(arg%u %s %u)", (unsigned)below(6), ops[below(6)], (unsigned)below(40));
        text_end(&t);
        keep(r, (uint32_t)syscalls_number(ABI_X86_64, id), value);
        if (filter_add(f, action, strlen(action), calls, strlen(calls), (struct source){.name = ""}) < 0 ||
            load_compile(f, -1, &p, NULL, &e) < 0) {
            rules_reset(&f->rules, mark); // dead, or of a value that does not fit
            filter_clear(f);
        }
        program_free(p);
        p = NULL;
    }
    if (load_compile(f, -1, &p, NULL, &e) < 0) fail_msg("%s", e.message);
    filter_free(f);
    return p;
}

static struct program *libseccomp_filter(struct round *r) {
    static const uint32_t verdicts[] = {SCMP_ACT_ALLOW, SCMP_ACT_ERRNO(5), SCMP_ACT_TRAP, SCMP_ACT_ERRNO(38)};
    static const enum scmp_compare ops[] = {SCMP_CMP_EQ, SCMP_CMP_EQ, SCMP_CMP_NE, SCMP_CMP_GT, SCMP_CMP_GE};
    static unsigned char bytes[BPF_LIMIT * 8];
    const uint32_t usual = below(2) ? SCMP_ACT_ALLOW : SCMP_ACT_ERRNO(9);
    scmp_filter_ctx ctx = seccomp_init(usual);
    if (below(2)) (void)seccomp_arch_add(ctx, SCMP_ARCH_X86);
    (void)seccomp_attr_set(ctx, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
    static const char *const needed[] = {"exit_group", "read", "seccomp"};
    for (size_t i = 0; i < 3 && usual != SCMP_ACT_ALLOW; i++)
        (void)seccomp_rule_add(ctx, SCMP_ACT_ALLOW, seccomp_syscall_resolve_name(needed[i]), 0);
    for (int i = 0; i < RULES; i++) {
        const syscall_id id = some_call();
        const int number = (int)syscalls_number(ABI_X86_64, id);
        const uint64_t value = some_value(), mask = some_value();
        const uint32_t verdict = verdicts[below(4)];
        keep(r, (uint32_t)number, value);
        if (verdict == usual || number < 0) continue;
        const struct scmp_arg_cmp one = {(unsigned)below(6), ops[below(5)], value, 0};
        const struct scmp_arg_cmp masked = {(unsigned)below(6), SCMP_CMP_MASKED_EQ, mask, value & mask};
        (void)seccomp_rule_add(ctx, verdict, number, (unsigned)below(2), below(2) ? one : masked);
    }
    const int fd = memfd_create("program", 0);
    assert_int_equal(seccomp_export_bpf(ctx, fd), 0);
    const ssize_t size = pread(fd, bytes, sizeof bytes, 0);
    close(fd);
    seccomp_release(ctx);
    struct program *p = NULL;
    struct error e = {0};
    assert_int_equal(bpf_from_bytes(bytes, (uint64_t)size, &p, &e), 0);
    return p;
}

static void some_round(struct round *r) {
    *r = (struct round){.deep = 1 + (unsigned)below(DEEP)};
    for (unsigned i = 0; i < r->deep; i++)
        r->programs[i] = below(3) == 0 ? libseccomp_filter(r) : own_filter(r);
}

static void end_round(struct round *r) {
    for (unsigned i = 0; i < r->deep; i++)
        program_free(r->programs[i]);
}

// Oldest first. Without no_new_privs nobody but root may.
static int load(void *context) {
    const struct round *r = context;
    if (kernel_set_no_new_privs() != 0) return -1;
    for (unsigned i = r->deep; i-- > 0;) {
        const int result = kernel_seccomp(r->programs[i]->code, r->programs[i]->count, 0);
        if (result != 0) return result;
    }
    return 0;
}

// ---- What is printed -----------------------------------------------------------------------------------------------

// A child under the filters, of which the kernel tells all programs.
static abjure_program *read_back(struct round *r) {
    int ready[2];
    char byte, why[512];
    assert_int_equal(pipe(ready), 0);
    fflush(NULL);
    const pid_t pid = fork();
    if (pid == 0) {
        int hold[2];
        if (pipe(hold) != 0) _exit(1);
        if (write(ready[1], "r", 1) != 1 || load(r) != 0) _exit(2);
        for (;;)
            (void)!read(hold[0], &byte, 1);
    }
    close(ready[1]);
    assert_int_equal(read(ready[0], &byte, 1), 1);
    abjure_program *all = NULL;
    for (int i = 0; i < 2000 && all == NULL; i++) {
        usleep(1000);
        char status[2048];
        if (abjure_status(pid, status, sizeof status) < 0) break;
        char wanted[32];
        snprintf(wanted, sizeof wanted, "filters: %u\n", r->deep);
        if (strstr(status, wanted) != NULL) all = abjure_program_effective(pid, why, sizeof why);
    }
    kill(pid, SIGKILL);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    close(ready[0]);
    return all;
}

static char policy[TEXT], json[TEXT];

// Does a comment of the policy except the call?
static bool excepted(enum abi_id abi, uint32_t number) {
    for (const char *line = policy; line[0] == '#'; line = strchr(line, '\n') + 1) {
        char where[64];
        unsigned first, last;
        if (strncmp(line, "# cannot say: other ABIs", 24) == 0 && strstr(policy, abis[abi].name) == NULL) return true;
        if (sscanf(line, "# cannot say: numbers %u to %u on %60[a-z0-9_]:", &first, &last, where) == 3 &&
            strcmp(where, abis[abi].name) == 0 && number >= first && number <= last)
            return true;
    }
    return false;
}

static uint32_t verdict_of(const char *action) {
    struct action a;
    struct error e = {0};
    assert_int_equal(action_parse(action, strlen(action), &a, &e), 0);
    return action_verdict(a);
}

static bool look_holds(const json_t *look, const uint64_t args[6]) {
    const uint64_t argument = args[json_integer_value(json_object_get(look, "argument"))];
    const uint64_t mask = strtoull(json_string_value(json_object_get(look, "mask")), NULL, 0);
    const uint64_t first = strtoull(json_string_value(json_object_get(look, "first")), NULL, 0);
    const uint64_t last = strtoull(json_string_value(json_object_get(look, "last")), NULL, 0);
    return (argument & mask) >= first && (argument & mask) <= last;
}

static uint32_t fate_of(const json_t *fate, const uint64_t args[6]) {
    size_t i, j;
    json_t *one, *look;
    json_array_foreach (json_object_get(fate, "cases"), i, one) {
        bool holds = true;
        json_array_foreach (json_object_get(one, "when"), j, look) {
            holds = holds && look_holds(look, args);
        }
        if (holds) return verdict_of(json_string_value(json_object_get(one, "action")));
    }
    return verdict_of(json_string_value(json_object_get(fate, "action")));
}

// The entry for the number in "calls", "unknown" or "numbers".
static const json_t *find_number(const json_t *list, uint32_t number) {
    size_t i;
    json_t *one;
    json_array_foreach ((json_t *)list, i, one) {
        const json_t *exact = json_object_get(one, "number");
        const json_int_t first = json_integer_value(exact != NULL ? exact : json_object_get(one, "first"));
        const json_int_t last = exact != NULL ? first : json_integer_value(json_object_get(one, "last"));
        if (number >= first && number <= last) return one;
    }
    return NULL;
}

static uint32_t json_verdict(const json_t *root, enum abi_id abi, const struct ask_case *c) {
    size_t i;
    json_t *one;
    json_array_foreach (json_object_get(root, "abis"), i, one) {
        if (strcmp(json_string_value(json_object_get(one, "abi")), abis[abi].name) != 0) continue;
        const json_t *fate = find_number(json_object_get(one, "calls"), c->number);
        if (fate == NULL) fate = find_number(json_object_get(one, "unknown"), c->number);
        assert_non_null(fate);
        return fate_of(fate, c->args);
    }
    json_array_foreach (json_object_get(root, "others"), i, one) {
        const json_t *fate = find_number(json_object_get(one, "numbers"), c->number);
        if (fate != NULL) return fate_of(fate, c->args);
    }
    fail_msg("JSON does not tell of number %u", c->number);
    return 0;
}

// ---- The comparison ------------------------------------------------------------------------------------------------

static void some_calls(const struct round *r, struct ask_case *cases) {
    for (size_t i = 0; i < CALLS; i++) {
        struct ask_case *c = &cases[i];
        *c = (struct ask_case){.number = r->numbers[below(r->number_count)]};
        if (below(6) == 0) c->number = (uint32_t)syscalls_number(ABI_X86_64, some_call());
        if (below(40) == 0) c->number = 600 + (uint32_t)below(1000);
        if (below(40) == 0) c->number |= 0x40000000;
        c->compat = below(30) == 0;
        for (int a = 0; a < 6; a++) {
            c->args[a] = below(3) == 0 ? some_value() : r->values[below(r->value_count)];
            if (below(3) == 0) c->args[a] += (uint64_t)below(3) - 1;
            if (below(6) == 0) c->args[a] ^= UINT64_C(1) << below(64);
            if (c->compat) c->args[a] &= 0xffffffff;
        }
    }
}

// What can be seen of a verdict: LOG lets pass, and the end of the only thread is that of the process.
static uint32_t through(uint32_t verdict) {
    if (verdict == SECCOMP_RET_KILL_THREAD) return SECCOMP_RET_KILL_PROCESS;
    return verdict == SECCOMP_RET_LOG ? SECCOMP_RET_ALLOW : verdict;
}

static size_t agreed, left_out;

static void compare(const struct meaning *m, const json_t *root, const struct ask_case *c) {
    const uint32_t arch = c->compat ? AUDIT_ARCH_I386 : AUDIT_ARCH_X86_64;
    const enum abi_id abi = c->compat ? ABI_X86 : (c->number & 0x40000000) != 0 ? ABI_X32 : ABI_X86_64;
    const uint32_t told = json_verdict(root, abi, c), said = meaning_decide(m, arch, c->number, c->args).verdict;
    if (through(told) != c->verdict)
        fail_msg("%s %u(%#" PRIx64 " %#" PRIx64 " %#" PRIx64 "): JSON says %#x, the kernel does %#x", abis[abi].name,
                 c->number, c->args[0], c->args[1], c->args[2], told, c->verdict);
    if (excepted(abi, c->number)) {
        left_out++;
    } else if (through(said) != c->verdict) {
        fputs(policy, stderr);
        fail_msg("%s %u(%#" PRIx64 " %#" PRIx64 " %#" PRIx64 "): the policy says %#x, the kernel does %#x",
                 abis[abi].name, c->number, c->args[0], c->args[1], c->args[2], said, c->verdict);
    }
    agreed++;
}

static void one_round(void) {
    static struct ask_case cases[CALLS];
    struct round r;
    struct error e = {0};
    struct meaning m;
    some_round(&r);
    some_calls(&r, cases);
    abjure_program *all = read_back(&r);
    assert_non_null(all);
    assert_true(abjure_program_outline(all, "policy", policy, sizeof policy) > 0);
    assert_true(abjure_program_outline(all, "json", json, sizeof json) > 0);
    json_t *root = json_loads(json, 0, NULL);
    assert_non_null(root);
    assert_true(json_is_true(json_object_get(root, "exact")));
    struct filter *f = filter_new();
    if (policy_read(f, policy, strlen(policy), "outline") < 0) fail_msg("%s", f->error.message);
    if (meaning_make(f, 1, &m, &e) < 0) fail_msg("%s", e.message);
    assert_int_equal(ask_kernel(load, &r, cases, CALLS), 0);
    for (size_t i = 0; i < CALLS; i++)
        compare(&m, root, &cases[i]);
    meaning_free(&m);
    filter_free(f);
    json_decref(root);
    abjure_program_free(all);
    end_round(&r);
}

static void printed_and_done(void **unused) {
    (void)unused;
    if (geteuid() != 0) {
        print_message("skipped: reading a process's filters needs root\n");
        skip();
    }
    seed("random filters");
    for (int i = 0; i < FILTERS; i++)
        one_round();
    print_message("%zu verdicts agree; %zu of them are excepted by a comment of the policy\n", agreed, left_out);
    assert_true(agreed == (size_t)FILTERS * CALLS && left_out < agreed / 20);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(printed_and_done)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
