// SPDX-License-Identifier: MIT
// Mistakes, by the public interface alone: each gives a message with cause and remedy, and nothing is loaded, also
// where the first error is ignored. A thread with a filter of its own is in load_test.c.
#include <abjure.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "child.h"
#include "kernel.h"

static const struct {
    const char *policy;
    int error;
    const char *cause, *remedy;
} mistakes[] = {
    {"deny execev", ENOENT, "wrong.policy:1:6: unknown system call \"execev\"", "did you mean \"execve\"?"},
    {"deny @exek", ENOENT, "unknown group \"@exek\"", "did you mean"},
    {"deny socket(family == AF_INTE)", ENOENT, "unknown constant \"AF_INTE\"", "did you mean \"AF_INET\"?"},
    {"deny socket(famly == AF_INET)", ENOENT, "socket has no parameter \"famly\"", "did you mean \"family\"?"},
    {"EACESS bind", ENOENT, "unknown errno \"EACESS\"", "did you mean \"EACCES\"?"},
    {"deny connect(arg1 == 5)", EINVAL, "argument 1 of connect is a pointer; a filter cannot read what it points to",
     "compare it with 0, or leave the condition out"},
    {"deny socket(family & 1 == 2)", EINVAL, "can never hold", "bits outside the mask"},
    {"deny bind(fd < 3 && fd > 5)", EEXIST, "can never decide: no call fulfils its conditions",
     "correct them, or remove it"},
    {"# servers\ndeny bind\n\nfrobnicate\n", EINVAL, "wrong.policy:4:1: unknown action \"frobnicate\"",
     "it must be allow, log, deny"},
    {"{\"defaultAction\": ", EINVAL, "wrong.policy:1:18: broken JSON", "unexpected token near end of file"},
    {"default EPERM", EINVAL, "an empty allow list", "add what the program needs"},
    {"{\"defaultAction\": \"SCMP_ACT_ERRNO\"}", EINVAL, "an empty allow list", "add what the program needs"},
    {"deny bind\nEACCES bind(fd == 3)", EEXIST,
     "rule \"EACCES bind(fd == 3)\" (wrong.policy:2:8) can never decide: \"deny bind\" (wrong.policy:1:6)",
     "or remove it"},
};

static size_t now;

static void message_has(abjure_filter *f, const char *part) {
    char message[1024];
    must(abjure_filter_message(f, message, sizeof message) > 0);
    if (strstr(message, part) == NULL) child_fail(__FILE__, __LINE__, part, message);
}

static void nothing_is_loaded(void) {
    must(child_filters() == 0);
    must(kernel_no_new_privs() == 0);
}

static void is_refused(abjure_filter *f, int error, const char *cause, const char *remedy) {
    must(abjure_filter_load(f, NULL) == -error);
    message_has(f, cause);
    message_has(f, remedy);
    nothing_is_loaded();
}

static void mistake(void) {
    abjure_filter *f = abjure_filter_new();
    (void)abjure_filter_read(f, mistakes[now].policy, "wrong.policy");
    (void)abjure_filter_add(f, "EACCES", "getsid"); // goes on as if nothing had been
    is_refused(f, mistakes[now].error, mistakes[now].cause, mistakes[now].remedy);
    must(abjure_filter_compile(f) == NULL);
    abjure_filter_free(f);
}

static void test_mistakes(void **state) {
    (void)state;
    for (now = 0; now < sizeof mistakes / sizeof *mistakes; now++)
        assert_children(mistake);
}

static void at_once(void) {
    char why[512];
    must(abjure_deny("@exec, listne", 0, why, sizeof why) == -ENOENT);
    must(strstr(why, "did you mean \"listen\"?") != NULL);
    nothing_is_loaded();
    must(abjure_deny("bind", 5000, why, sizeof why) == -EINVAL);
    must(strstr(why, "4095") != NULL);
    nothing_is_loaded();
}

static void test_at_once(void **state) {
    (void)state;
    assert_children(at_once);
}

// Single values of one argument, far apart and each with another verdict: nothing that could be merged.
static void too_large(void) {
    abjure_filter *f = abjure_filter_new();
    for (unsigned i = 0; i < 2600; i++) {
        char action[32], calls[64];
        snprintf(action, sizeof action, "errno(%u)", 1 + i % 4000);
        snprintf(calls, sizeof calls, "ioctl(cmd == %u)", 3 * i);
        must(abjure_filter_add(f, action, calls) == 0);
    }
    is_refused(f, E2BIG, "4096", "masks");
    message_has(f, "instructions");
    message_has(f, "ioctl");
    abjure_filter_free(f);
}

static void test_too_large(void **state) {
    (void)state;
    assert_child(too_large);
}

static void without_privileges(void) {
    abjure_filter *f = abjure_filter_new();
    must(abjure_filter_add(f, "EACCES", "getsid") == 0);
    must(abjure_filter_set(f, "no_new_privs", "off") == 0);
    is_refused(f, EACCES, "CAP_SYS_ADMIN", "no_new_privs");
    abjure_filter_free(f);
}

static void test_without_privileges(void **state) {
    (void)state;
    assert_int_equal(child_status(without_privileges, CHILD_NOBODY), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_mistakes),
        cmocka_unit_test(test_at_once),
        cmocka_unit_test(test_too_large),
        cmocka_unit_test(test_without_privileges),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
