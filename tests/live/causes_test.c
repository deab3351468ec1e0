// SPDX-License-Identifier: MIT
// The causes of a failed load, told apart: older kernels and outer sandboxes, played by a filter that is loaded first.
#include <errno.h>
#include <linux/seccomp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cmocka.h>

#include "child.h"
#include "kernel.h"
#include "load.h"

#define DENIED "ENOTBLK getsid"

static bool denied(void) {
    errno = 0;
    return syscall(SYS_getsid, 0) < 0 && errno == ENOTBLK;
}

static void is_not_denied(void) {
    must(!denied());
}

// ---- Outer filters, old kernels -------------------------------------------------------------------------------------

#define NR(number)                                                                                                     \
    { 0x15, 0, 1, (uint32_t)(number) } // the next instruction for this number, else the one after
#define RET(verdict)                                                                                                   \
    { 0x06, 0, 0, (verdict) }
#define LOAD_NR                                                                                                        \
    { 0x20, 0, 0, 0 }

static void outer(const struct sock_filter *code, uint32_t count) {
    must(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
    must(kernel_seccomp(code, count, KERNEL_ALL_THREADS) == 0);
}
#define OUTER(...)                                                                                                     \
    do {                                                                                                               \
        const struct sock_filter code[] = {LOAD_NR, __VA_ARGS__, RET(SECCOMP_RET_ALLOW)};                              \
        outer(code, sizeof code / sizeof code[0]);                                                                     \
    } while (0)

static void outer_denies(void) {
    OUTER(NR(SYS_seccomp), RET(SECCOMP_RET_ERRNO | EPERM));
    struct error e;
    must(child_load(child_filter(DENIED), NULL, &e) == -EPERM);
    must_say(&e, "outer filter");
    must(!denied());
}

static void outer_denies_with_eacces(void) {
    OUTER(NR(SYS_seccomp), RET(SECCOMP_RET_ERRNO | EACCES));
    struct error e;
    must(child_load(child_filter(DENIED), NULL, &e) == -EPERM);
    must_say(&e, "outer filter");
}

static void before_3_17(void) {
    OUTER(NR(SYS_seccomp), RET(SECCOMP_RET_ERRNO | ENOSYS));
    struct child_thread o;
    struct error e;
    child_thread_start(&o);
    must(child_load(child_filter(DENIED), NULL, &e) == -ENOTSUP);
    must_say(&e, "3.17");
    must(!denied());
    must(child_load(child_filter(DENIED), "this_thread", &e) == 0);
    must(denied());
    child_thread_do(&o, is_not_denied);
}

static void before_3_17_single(void) {
    OUTER(NR(SYS_seccomp), RET(SECCOMP_RET_ERRNO | ENOSYS));
    child_apply(DENIED);
    must(denied());
    must(child_filters() == 2); // the one above, and no second program: the kernel logs nothing
}

static void without_seccomp(void) {
    OUTER(NR(SYS_seccomp), RET(SECCOMP_RET_ERRNO | ENOSYS), NR(SYS_prctl), RET(SECCOMP_RET_ERRNO | EINVAL));
    struct error e;
    must(child_load(child_filter(DENIED), NULL, &e) == -ENOSYS);
    must_say(&e, "CONFIG_SECCOMP");
}

// Answers the question whether a flag is known, whose program is NULL, and fakes the rest: argument 2 is another.
static void outer_answers(uint32_t verdict) {
    const struct sock_filter code[] = {
        LOAD_NR,
        {0x15, 0, 3, SYS_seccomp},
        {0x20, 0, 0, bpf_argument(__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__, 2, false)},
        {0x15, 1, 0, 0},
        RET(verdict),
        RET(SECCOMP_RET_ALLOW),
    };
    outer(code, sizeof code / sizeof code[0]);
}

static void faked_success(void) {
    outer_answers(SECCOMP_RET_ERRNO | 0);
    struct error e;
    must(child_load(child_filter(DENIED), NULL, &e) == -EIO);
    must_say(&e, "not protected");
    must(!denied());
}

static void no_jit_memory(void) {
    outer_answers(SECCOMP_RET_ERRNO | 524);
    struct error e;
    must(child_load(child_filter(DENIED), NULL, &e) == -ENOBUFS);
    must_say(&e, "bpf_jit_limit");
}

static void no_memory(void) {
    outer_answers(SECCOMP_RET_ERRNO | ENOMEM);
    struct error e;
    must(child_load(child_filter(DENIED), NULL, &e) == -ENOMEM);
    must_say(&e, "cgroup");
}

static void no_flags(void) {
    // 3.17 to 4.13: any flag but TSYNC is unknown.
    const struct sock_filter code[] = {
        LOAD_NR,
        {0x15, 0, 3, SYS_seccomp},
        {0x20, 0, 0, bpf_argument(__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__, 1, false)},
        {0x45, 0, 1, ~1u},
        RET(SECCOMP_RET_ERRNO | EINVAL),
        RET(SECCOMP_RET_ALLOW),
    };
    outer(code, sizeof code / sizeof code[0]);
    child_apply(DENIED);
    must(denied());
    must(child_filters() == 2);
    struct error e;
    must(child_load(child_filter("log getpgrp"), NULL, &e) == -ENOTSUP);
    must_say(&e, "4.14");
}

static void test_causes(void **state) {
    (void)state;
    assert_children(outer_denies);
    assert_child(outer_denies_with_eacces);
    assert_children(before_3_17);
    assert_child(before_3_17_single);
    assert_child(without_seccomp);
    assert_children(faked_success);
    assert_child(no_jit_memory);
    assert_child(no_memory);
    assert_child(no_flags);
}

static void too_many(void) {
    struct program p = child_large_program();
    struct load_options options;
    pid_t thread;
    must(load_parse("log=off", &options, NULL) == 0);
    int r, count = 0;
    while ((r = load_raw(&p, &options, &thread)) == 0)
        must(++count < 100);
    must(r == -E2BIG);
    must(count > 2);
    struct error e;
    char present[32];
    while ((r = child_load(child_filter(DENIED), NULL, &e)) == 0) {
    }
    must(r == -E2BIG);
    snprintf(present, sizeof present, "%ld filters", child_filters());
    must_say(&e, "too many filters");
    must_say(&e, present);
}

static void test_too_many(void **state) {
    (void)state;
    assert_children(too_many);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_causes),
        cmocka_unit_test(test_too_many),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
