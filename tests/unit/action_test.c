// SPDX-License-Identifier: MIT
#include "action.h"
#include "error.h"
#include "text.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static const char *written(struct action action) {
    static char buffer[64];
    struct text t;
    text_start(&t, buffer, sizeof buffer);
    action_write(action, &t);
    text_end(&t);
    return buffer;
}

static void every_spelling_is_read_and_written(void **state) {
    (void)state;
    static const struct {
        const char *text, *canonical;
        uint32_t verdict;
        bool denies;
    } cases[] = {
        {"allow", "allow", SECCOMP_RET_ALLOW, false},
        {"log", "log", SECCOMP_RET_LOG, false},
        {"deny", "deny", SECCOMP_RET_ERRNO | EPERM, true},
        {"EPERM", "EPERM", SECCOMP_RET_ERRNO | EPERM, true},
        {"errno(EPERM)", "EPERM", SECCOMP_RET_ERRNO | EPERM, true},
        {"errno(13)", "EACCES", SECCOMP_RET_ERRNO | EACCES, true},
        {"E2BIG", "E2BIG", SECCOMP_RET_ERRNO | E2BIG, true},
        {"ENOSYS", "ENOSYS", SECCOMP_RET_ERRNO | ENOSYS, true},
        {" errno ( ENOSYS ) ", "ENOSYS", SECCOMP_RET_ERRNO | ENOSYS, true},
        {"errno(0)", "errno(0)", SECCOMP_RET_ERRNO, true},
        {"errno(4000)", "errno(4000)", SECCOMP_RET_ERRNO | 4000, true},
        {"errno(4095)", "errno(4095)", SECCOMP_RET_ERRNO | 4095, true},
        {"trap", "trap", SECCOMP_RET_TRAP, true},
        {"notify", "notify", SECCOMP_RET_USER_NOTIF, true},
        {"trace(0)", "trace(0)", SECCOMP_RET_TRACE, true},
        {"trace(65535)", "trace(65535)", SECCOMP_RET_TRACE | 65535, true},
        {"kill_thread", "kill_thread", SECCOMP_RET_KILL_THREAD, true},
        {"kill", "kill", SECCOMP_RET_KILL_PROCESS, true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct action action, again;
        struct error e;
        assert_int_equal(action_parse(cases[i].text, strlen(cases[i].text), &action, &e), 0);
        assert_string_equal(written(action), cases[i].canonical);
        assert_int_equal(action_verdict(action), cases[i].verdict);
        assert_int_equal(action_denies(action), cases[i].denies);
        assert_int_equal(action_parse(cases[i].canonical, strlen(cases[i].canonical), &again, &e), 0);
        assert_true(action_equal(action, again));
        assert_int_equal(action_verdict(action_of(cases[i].verdict)), cases[i].verdict);
    }
}

static void wrong_ones_are_refused_with_a_remedy(void **state) {
    (void)state;
    static const struct {
        const char *text;
        int code;
        const char *message;
    } cases[] = {
        {"denny", EINVAL, "unknown action \"denny\"; did you mean \"deny\"?"},
        {"Allow", EINVAL, "unknown action \"Allow\"; did you mean \"allow\"?"},
        {"kill_process", EINVAL, "write \"kill\""},
        {"errno", EINVAL, "write \"errno(EPERM)\""},
        {"trace", EINVAL, "write \"trace(N)\""},
        {"errno(4096)", EINVAL, "errno(4096) is out of range; the kernel takes 0 to 4095"},
        {"errno(99999999999999999999999)", EINVAL, "out of range"},
        {"errno(-1)", EINVAL, "expected a decimal number"},
        {"errno(013)", EINVAL, "expected a decimal number"},
        {"errno(00)", EINVAL, "expected a decimal number"},
        {"errno(0x1)", EINVAL, "expected a decimal number"},
        {"errno()", EINVAL, "expected a decimal number"},
        {"errno(", EINVAL, "\")\" is missing"},
        {"errno(EPERM", EINVAL, "\")\" is missing"},
        {"errno(EPREM)", ENOENT, "unknown errno \"EPREM\"; did you mean \"EPERM\"?"},
        {"EPREM", ENOENT, "unknown errno \"EPREM\"; did you mean \"EPERM\"?"},
        {"EQQQQQQ", ENOENT, "unknown errno \"EQQQQQQ\"; write"},
        {"0", EINVAL, "errno(0)"},
        {"13", EINVAL, "write errno(13)"},
        {"trace(65536)", EINVAL, "trace(65536) is out of range; the kernel takes 0 to 65535"},
        {"allow(1)", EINVAL, "action \"allow\" takes no \"(…)\""},
        {"(1)", EINVAL, "unknown action \"\""},
        {"xyzzy", EINVAL, "it must be allow, log, deny"},
        {"", EINVAL, "empty"},
        {"  ", EINVAL, "empty"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct action action;
        struct error e;
        int result = action_parse(cases[i].text, strlen(cases[i].text), &action, &e);
        if (result != -cases[i].code || strstr(e.message, cases[i].message) == NULL)
            fail_msg("\"%s\": %d \"%s\"", cases[i].text, result, e.message);
    }
}

static void verdicts_mean_what_the_kernel_makes_of_them(void **state) {
    (void)state;
    assert_int_equal(action_of(0x7fc00001).kind, ACTION_NOTIFY);
    assert_int_equal(action_of(0x7ffe0000).kind, ACTION_KILL);
    assert_int_equal(action_of(SECCOMP_RET_ERRNO | 0xffff).data, 4095); // the kernel's cap
    assert_int_equal(action_of(SECCOMP_RET_ALLOW | 5).kind, ACTION_ALLOW);
    assert_int_equal(action_of(SECCOMP_RET_KILL_THREAD | 5).kind, ACTION_KILL_THREAD);
    assert_int_equal(action_of(0x12340000).kind, ACTION_KILL);
}

static void deny_is_not_written_like_eperm(void **state) {
    (void)state;
    struct action deny, eperm;
    struct error e;
    assert_int_equal(action_parse("deny", 4, &deny, &e), 0);
    assert_int_equal(action_parse("EPERM", 5, &eperm, &e), 0);
    assert_true(deny.plain);
    assert_false(eperm.plain);
    assert_false(action_equal(deny, eperm));
    assert_int_equal(action_verdict(deny), action_verdict(eperm));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_spelling_is_read_and_written),
        cmocka_unit_test(wrong_ones_are_refused_with_a_remedy),
        cmocka_unit_test(verdicts_mean_what_the_kernel_makes_of_them),
        cmocka_unit_test(deny_is_not_written_like_eperm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
