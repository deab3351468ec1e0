// SPDX-License-Identifier: MIT
// Groups: every one is complete and resolves on every ABI, and every system call was thought about.
#include "groups.h"

#include "error.h"
#include "filter.h"
#include "memory.h"
#include "ruleset.h"
#include "text.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "groups_cases.h"

extern const char groups_data[];

static struct error error;

static struct filter *filter_with(enum abi_id abi, const char *action, const char *calls) {
    struct filter *f = filter_new();
    assert_non_null(f);
    assert_int_equal(filter_set(f, "abi", abis[abi].name), 0);
    if (filter_add(f, action, strlen(action), calls, strlen(calls), (struct source){.name = ""}))
        fail_msg("%s %s on %s: %s", action, calls, abis[abi].name, f->error.message);
    return f;
}

static bool refused(enum abi_id abi, const char *group) {
    return abi == ABI_S390X && (strcmp(group, "wx") == 0 || strcmp(group, "code") == 0);
}

// ---- The data ------------------------------------------------------------------------------------------------------

static void names_are_those_of_the_data(void **state) {
    (void)state;
    int group = 0;
    for (const char *at = groups_data; (at = strstr(at, "\ngroup @")) != NULL; group++) {
        at += strlen("\ngroup @");
        assert_true(group < groups_count());
        size_t length = strcspn(at, "\n");
        assert_int_equal(length, strlen(groups_name(group)));
        assert_memory_equal(at, groups_name(group), length);
        assert_int_equal(groups_find(at, length), group);
    }
    assert_int_equal(group, groups_count());
    assert_int_equal(groups_find("", 0), -1);
    assert_int_equal(groups_find("exe", 3), -1);
    assert_int_equal(groups_find("execs", 5), -1);
}

static void misspelt_names_get_a_suggestion(void **state) {
    (void)state;
    assert_int_equal(groups_unknown("lisen", 5, &error), -ENOENT);
    assert_string_equal(error.message, "unknown group \"@lisen\"; did you mean \"@listen\"?");
    assert_int_equal(groups_unknown("frobnicate", 10, &error), -ENOENT);
    assert_string_equal(error.message, "unknown group \"@frobnicate\"; the groups are @exec, @spawn, @listen, @accept, "
                                       "@connect, @network, @open, @write, @wx, @code, @debug, @signal, @mount, "
                                       "@namespace and @kernel");
    error_set(&error, ENOENT, "before");
    assert_int_equal(groups_meant("spawn, read", 11, &error), -ENOENT);
    assert_string_equal(error.message, "unknown system call \"spawn\"; the group of that name is written \"@spawn\"");
    error_set(&error, ENOENT, "before");
    assert_int_equal(groups_meant("spawned", 7, &error), -ENOENT);
    assert_string_equal(error.message, "before");
}

static void every_group_resolves_on_every_abi(void **state) {
    (void)state;
    for (int group = 0; group < groups_count(); group++) {
        for (int abi = 0; abi < ABI_COUNT; abi++) {
            if (refused((enum abi_id)abi, groups_name(group))) continue;
            char calls[32];
            snprintf(calls, sizeof calls, "@%s", groups_name(group));
            struct filter *f = filter_with((enum abi_id)abi, "deny", calls);
            struct meaning m;
            if (meaning_make(f, SELF, &m, &error)) fail_msg("%s on %s: %s", calls, abis[abi].name, error.message);
            size_t rulings = 0;
            for (size_t i = 0; i < m.sets[0].ruling_count; i++)
                rulings += m.sets[0].rulings[i].origin == ORIGIN_RULE;
            assert_true(rulings > 0);
            meaning_free(&m);
            filter_free(f);
        }
    }
}

static void all_groups_together_resolve(void **state) {
    (void)state;
    char calls[512] = "";
    for (int group = 0; group < groups_count(); group++)
        snprintf(calls + strlen(calls), sizeof calls - strlen(calls), "%s@%s", group ? ", " : "", groups_name(group));
    struct filter *f = filter_new();
    for (int abi = 0; abi < ABI_COUNT; abi++)
        if (abi != ABI_S390X) assert_int_equal(filter_set(f, "abi", abis[abi].name), 0);
    assert_int_equal(filter_add(f, "deny", 4, calls, strlen(calls), (struct source){.name = ""}), 0);
    struct meaning m;
    assert_int_equal(meaning_make(f, SELF, &m, &error), 0);
    assert_int_equal(m.count, ABI_COUNT - 1);
    meaning_free(&m);
    filter_free(f);
}

static void incomplete_groups_are_refused(void **state) {
    (void)state;
    static const char *const incomplete[] = {"@wx", "@code"};
    for (size_t i = 0; i < 2; i++) {
        struct filter *f = filter_new();
        assert_int_equal(filter_set(f, "abi", "s390x"), 0);
        assert_int_equal(filter_add(f, "deny", 4, incomplete[i], strlen(incomplete[i]), (struct source){.name = ""}),
                         -ENOTSUP);
        assert_non_null(strstr(f->error.message, incomplete[i]));
        assert_non_null(strstr(f->error.message, "s390x"));
        assert_int_equal(f->rules.rule_count, 0);
        filter_free(f);
    }
}

// ---- What is denied and what passes --------------------------------------------------------------------------------

// False where the ABI lacks the call.
static bool decide(const struct meaning *m, enum abi_id abi, const char *call, const uint64_t *args,
                   uint32_t *verdict) {
    syscall_id id = syscalls_find(call, strlen(call));
    if (id == SYSCALL_NONE) fail_msg("no call %s", call);
    int64_t number = syscalls_number(abi, id);
    if (number < 0) return false;
    *verdict = meaning_decide(m, abis[abi].audit_arch, (uint32_t)number, args).verdict;
    return true;
}

static unsigned try_all(const char *group, enum abi_id abi) {
    char calls[32];
    snprintf(calls, sizeof calls, "@%s", group);
    struct filter *f = filter_with(abi, "deny", calls);
    struct meaning m;
    assert_int_equal(meaning_make(f, SELF, &m, &error), 0);
    unsigned tried = 0;
    for (size_t i = 0; i < sizeof attempts / sizeof attempts[0]; i++) {
        const struct attempt *a = &attempts[i];
        uint32_t verdict;
        if (strcmp(a->group, group) != 0 || !(a->abis & ABI_SET(abi))) continue;
        if (!decide(&m, abi, a->call, a->args, &verdict)) continue;
        uint32_t wanted = a->err == ALLOWED ? SECCOMP_RET_ALLOW : SECCOMP_RET_ERRNO | (uint32_t)a->err;
        if (verdict != wanted)
            fail_msg("@%s on %s: %s (attempt %zu) gives 0x%x, not 0x%x", group, abis[abi].name, a->call, i, verdict,
                     wanted);
        tried++;
    }
    meaning_free(&m);
    filter_free(f);
    return tried;
}

static void groups_decide_as_they_should(void **state) {
    (void)state;
    for (int abi = 0; abi < ABI_COUNT; abi++)
        for (int group = 0; group < groups_count(); group++)
            if (!refused((enum abi_id)abi, groups_name(group)))
                assert_true(try_all(groups_name(group), (enum abi_id)abi) > 2);
}

// ---- Actions and includes ------------------------------------------------------------------------------------------

static uint32_t verdict_of(const char *action, const char *group, const char *call) {
    struct filter *f = filter_with(ABI_X86_64, action, group);
    struct meaning m;
    assert_int_equal(meaning_make(f, SELF, &m, &error), 0);
    static const uint64_t none[SYSCALL_ARGUMENTS];
    uint32_t verdict = 0;
    assert_true(decide(&m, ABI_X86_64, call, none, &verdict));
    meaning_free(&m);
    filter_free(f);
    return verdict;
}

static void actions_apply_as_documented(void **state) {
    (void)state;
    assert_int_equal(verdict_of("deny", "@spawn", "fork"), SECCOMP_RET_ERRNO | EPERM);
    assert_int_equal(verdict_of("deny", "@connect", "connect"), SECCOMP_RET_ERRNO | EACCES);
    assert_int_equal(verdict_of("deny", "@spawn", "clone3"), SECCOMP_RET_ERRNO | ENOSYS);
    assert_int_equal(verdict_of("EIO", "@spawn", "fork"), SECCOMP_RET_ERRNO | EIO);
    assert_int_equal(verdict_of("EIO", "@spawn", "clone3"), SECCOMP_RET_ERRNO | ENOSYS);
    assert_int_equal(verdict_of("errno(EPERM)", "@connect", "connect"), SECCOMP_RET_ERRNO | EPERM);
    assert_int_equal(verdict_of("kill", "@spawn", "fork"), SECCOMP_RET_KILL_PROCESS);
    assert_int_equal(verdict_of("kill", "@spawn", "clone3"), SECCOMP_RET_KILL_PROCESS);
    assert_int_equal(verdict_of("log", "@spawn", "clone3"), SECCOMP_RET_LOG);
    assert_int_equal(verdict_of("allow", "@spawn", "clone3"), SECCOMP_RET_ALLOW);
    assert_int_equal(verdict_of("allow", "@write", "openat2"), SECCOMP_RET_ALLOW);
}

static struct action deny(void) {
    struct action action;
    assert_int_equal(action_parse("deny", 4, &action, &error), 0);
    return action;
}

static void includes_come_once(void **state) {
    (void)state;
    // @connect and the @network that it includes; @code, @wx and @debug.
    static const char *const nested[] = {"connect", "code"};
    for (size_t i = 0; i < 2; i++) {
        struct rules r = {0};
        int group = groups_find(nested[i], strlen(nested[i]));
        assert_int_equal(groups_add(&r, group, deny(), 7, ABI_SET(ABI_X86_64), &error), 0);
        unsigned found = 0;
        for (size_t rule = 0; rule < r.rule_count; rule++) {
            assert_int_equal(r.rules[rule].item, 7);
            found += r.rules[rule].call == syscalls_find("pidfd_getfd", strlen("pidfd_getfd"));
        }
        assert_int_equal(found, 1);
        rules_free(&r);
    }
}

static void absent_calls_are_not_meant(void **state) {
    (void)state;
    struct rules r = {0};
    assert_int_equal(groups_add(&r, groups_find("open", 4), deny(), 0, ABI_SET_ALL, &error), 0);
    for (size_t i = 0; i < r.rule_count; i++)
        if (r.rules[i].call == syscalls_find("creat", 5)) assert_false(r.rules[i].abis & ABI_SET(ABI_AARCH64));
    rules_free(&r);
    // On x86 accept is a sub-call of socketcall only.
    assert_int_equal(groups_add(&r, groups_find("accept", 6), deny(), 0, ABI_SET_ALL, &error), 0);
    assert_int_equal(r.rules[0].call, syscalls_find("accept", 6));
    assert_int_equal(r.rules[0].abis, ABI_SET_ALL);
    rules_free(&r);
}

static void failures_leave_the_store_as_it_was(void **state) {
    (void)state;
    for (int group = 0; group < groups_count(); group++) {
        int failed;
        size_t n = 1;
        do {
            struct rules r = {0};
            memory_fail(n);
            failed = groups_add(&r, group, deny(), 0, ABI_SET(ABI_X86_64), &error);
            memory_fail(0);
            if (failed) {
                assert_int_equal(failed, -ENOMEM);
                assert_int_equal(r.rule_count + r.condition_count + r.term_count, 0);
            }
            rules_free(&r);
            n++;
        } while (failed);
        assert_true(n > 2);
    }
}

// ---- Text ----------------------------------------------------------------------------------------------------------

static char *write_group(const char *group, enum abi_id abi) {
    static char buffer[16384];
    struct text t;
    text_start(&t, buffer, sizeof buffer);
    assert_int_equal(groups_write(groups_find(group, strlen(group)), abi, &t, &error), 0);
    assert_true(text_end(&t) < (int64_t)sizeof buffer);
    return buffer;
}

static void every_group_is_explained(void **state) {
    (void)state;
    for (int group = 0; group < groups_count(); group++)
        for (int abi = 0; abi < ABI_COUNT; abi++) {
            const char *text = write_group(groups_name(group), (enum abi_id)abi);
            assert_non_null(strstr(text, groups_name(group)));
            assert_non_null(strstr(text, abis[abi].name));
            assert_non_null(strstr(text, "\nFor\n"));
            assert_non_null(strstr(text, "\nBreaks\n"));
            assert_non_null(strstr(text, "\nLeaves open\n"));
        }
    assert_non_null(strstr(write_group("exec", ABI_X86_64), "execveat"));
    assert_non_null(strstr(write_group("exec", ABI_X86_64), "of @debug:"));
    assert_non_null(strstr(write_group("spawn", ABI_X86_64), "ENOSYS       clone3"));
    assert_non_null(strstr(write_group("spawn", ABI_X86_64), "vfork"));
    assert_null(strstr(write_group("open", ABI_AARCH64), "creat"));
    assert_non_null(strstr(write_group("wx", ABI_S390X), "refused"));
}

// ---- Every call was thought about ----------------------------------------------------------------------------------

static bool in_a_group(syscall_id id) {
    bool found = false;
    for (int group = 0; group < groups_count() && !found; group++) {
        struct rules r = {0};
        assert_int_equal(groups_add(&r, group, deny(), 0, 0, &error), 0);
        for (size_t i = 0; i < r.rule_count; i++)
            found |= r.rules[i].target == RULE_CALL && r.rules[i].call == id;
        rules_free(&r);
    }
    return found;
}

static void every_call_was_thought_about(void **state) {
    (void)state;
    bool *considered = calloc(syscalls_count(), sizeof *considered);
    FILE *file = fopen(TEST_DATA "/considered", "r");
    assert_non_null(file);
    char line[512];
    while (fgets(line, sizeof line, file) != NULL) {
        if (*line == '#') continue;
        for (char *word = strtok(line, " \n"); word != NULL; word = strtok(NULL, " \n")) {
            syscall_id id = syscalls_find(word, strlen(word));
            if (id == SYSCALL_NONE) fail_msg("tests/data/considered: no call %s", word);
            if (considered[id]) fail_msg("tests/data/considered: %s is there twice", word);
            considered[id] = true;
        }
    }
    fclose(file);
    for (size_t id = 0; id < syscalls_count(); id++) {
        bool grouped = in_a_group((syscall_id)id);
        if (grouped == considered[id])
            fail_msg("%s is in %s of: a group, tests/data/considered", syscalls_name((syscall_id)id),
                     grouped ? "both" : "none");
    }
    free(considered);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_those_of_the_data),       cmocka_unit_test(misspelt_names_get_a_suggestion),
        cmocka_unit_test(every_group_resolves_on_every_abi), cmocka_unit_test(all_groups_together_resolve),
        cmocka_unit_test(incomplete_groups_are_refused),     cmocka_unit_test(groups_decide_as_they_should),
        cmocka_unit_test(actions_apply_as_documented),       cmocka_unit_test(includes_come_once),
        cmocka_unit_test(absent_calls_are_not_meant),        cmocka_unit_test(failures_leave_the_store_as_it_was),
        cmocka_unit_test(every_group_is_explained),          cmocka_unit_test(every_call_was_thought_about),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
