// SPDX-License-Identifier: MIT
#include "load.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "child.h"
#include "kernel.h"
#include "memory.h"
#include "support.h"

// One rule that is easy to ask about and harms nothing: getsid fails with ENOTBLK.
#define DENIED "ENOTBLK getsid"

static bool denied(void) {
    errno = 0;
    return syscall(SYS_getsid, 0) < 0 && errno == ENOTBLK;
}

static void is_denied(void) {
    must(denied());
}

static void is_not_denied(void) {
    must(!denied());
}

static void all_threads(void) {
    struct child_thread o;
    child_thread_start(&o);
    child_apply(DENIED);
    must(denied());
    child_thread_do(&o, is_denied);
    must(kernel_no_new_privs() == 1);
}

static void this_thread(void) {
    struct child_thread o;
    struct error e;
    child_thread_start(&o);
    must(child_load(child_filter(DENIED), "this_thread", &e) == 0);
    must(denied());
    child_thread_do(&o, is_not_denied);
}

static void test_threads(void **state) {
    (void)state;
    assert_children(all_threads);
    assert_children(this_thread);
}

// ---- A thread in the way --------------------------------------------------------------------------------------------

static void own_filter(void) {
    struct error e;
    must(child_load(child_filter("deny sched_getscheduler"), "this_thread", &e) == 0);
}

// Waits in the one call that strict mode allows and that waits.
static void strict_mode(void) {
    int ends[2];
    char byte;
    must(pipe(ends) == 0);
    must(prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT) == 0);
    for (;;)
        (void)!syscall(SYS_read, ends[0], &byte, 1);
}

static void refused_for(struct child_thread *o, const char *what) {
    struct error e;
    struct filter *f = child_filter(DENIED);
    int privs = kernel_no_new_privs();
    must(child_load(f, NULL, &e) == -ESRCH);
    must(e.code == ESRCH);
    must(f->blocking_thread == (int)o->tid);
    char tid[32];
    snprintf(tid, sizeof tid, "thread %d ", (int)o->tid);
    must_say(&e, tid);
    must_say(&e, "other ");
    must_say(&e, what);
    if (privs == 0) must_say(&e, "no_new_privs is set now and stays");
    if (privs == 1) must(!child_says(&e, "no_new_privs is set now"));
    must(!denied());
    must(child_filters() == 0);
    struct load_options options;
    pid_t thread;
    must(load_parse(NULL, &options, NULL) == 0);
    struct program p = {.code = (struct sock_filter[]){{0x06, 0, 0, SECCOMP_RET_ALLOW}}, .count = 1};
    p.big_endian = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__;
    must(load_raw(&p, &options, &thread) == -ESRCH);
    must(thread == o->tid);
}

static void divergent(void) {
    struct child_thread o;
    child_thread_start(&o);
    child_thread_do(&o, own_filter);
    refused_for(&o, "has a filter of its own");
    refused_for(&o, "has a filter of its own"); // no_new_privs is set by now
}

static void divergent_strict(void) {
    struct child_thread o;
    child_thread_start(&o);
    o.work = strict_mode; // it cannot answer any more
    sem_post(&o.go);
    struct kernel_task task = {.mode = 0};
    while (task.mode != SECCOMP_MODE_STRICT)
        must(kernel_task(o.tid, NULL, &task) == 0);
    refused_for(&o, "strict mode");
}

static void test_thread_in_the_way(void **state) {
    (void)state;
    assert_children(divergent);
    assert_children(divergent_strict);
}

// The first thread has ended and stays as a zombie without filters: that is no failure. It is not joined: the address
// sanitizer of gcc 14 knows only threads that it saw start.
static void *load_late(void *context) {
    struct kernel_task task = {.dead = false};
    while (!task.dead)
        must(kernel_task(getpid(), NULL, &task) == 0);
    child_apply(DENIED);
    must(denied());
    _exit(0);
    return context;
}

static void zombie_leader(void) {
    pthread_t t;
    must(pthread_create(&t, NULL, load_late, NULL) == 0);
    pthread_exit(NULL);
}

static void test_zombie_leader(void **state) {
    (void)state;
    assert_child(zombie_leader);
}

static _Atomic bool stop;

static void *churn_end(void *context) {
    return context;
}

static void *churn(void *context) {
    while (!atomic_load(&stop)) {
        pthread_t t;
        if (pthread_create(&t, NULL, churn_end, NULL) == 0) pthread_join(t, NULL);
    }
    return context;
}

// Threads that start and end while the filter is loaded and verified.
static void thread_churn(void) {
    enum {
        CHURNERS = 4,
        LOADS = 20
    };
    pthread_t t[CHURNERS];
    for (int i = 0; i < CHURNERS; i++)
        must(pthread_create(&t[i], NULL, churn, NULL) == 0);
    for (int i = 0; i < LOADS; i++)
        child_apply(DENIED);
    atomic_store(&stop, true);
    for (int i = 0; i < CHURNERS; i++)
        must(pthread_join(t[i], NULL) == 0);
    must(denied());
}

static void test_thread_churn(void **state) {
    (void)state;
    assert_child(thread_churn);
}

// ---- Privileges -----------------------------------------------------------------------------------------------------

static void refused_without_privileges(void) {
    struct error e;
    must(child_load(child_filter(DENIED "\nno_new_privs = off"), NULL, &e) == -EACCES);
    must_say(&e, "CAP_SYS_ADMIN");
    must_say(&e, "no_new_privs");
    must(kernel_no_new_privs() == 0);
    must(!denied());
}

static void without_privileges_but_set(void) {
    must(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
    child_apply(DENIED "\nno_new_privs = off");
    must(denied());
}

static void root_without_no_new_privs(void) {
    child_apply(DENIED "\nno_new_privs = off");
    must(kernel_no_new_privs() == 0);
    must(denied());
}

static void test_privileges(void **state) {
    (void)state;
    assert_int_equal(child_status(refused_without_privileges, CHILD_NOBODY), 0);
    assert_int_equal(child_status(without_privileges_but_set, CHILD_NOBODY), 0);
    if (geteuid() == 0)
        assert_child(root_without_no_new_privs);
    else
        print_message("not root: no load without no_new_privs\n");
}

// ---- The second program ---------------------------------------------------------------------------------------------

static void quiet_program(void) {
    child_apply(DENIED); // its io_uring guard is quiet
    must(child_filters() == 2);
    must(denied());
    errno = 0;
    must(syscall(425, 1, NULL) < 0 && errno == ENOSYS);
}

static void no_quiet_program(void) {
    child_apply(DENIED "\nlog = off");
    must(child_filters() == 1);
    must(denied());
}

static void quiet_impossible(void) {
    struct error e;
    struct filter *f = child_filter("kill seccomp");
    must(child_load(f, NULL, &e) == 0); // and alive: the second load was not tried
    must(f->notes != NULL && strstr(f->notes, "the filter denies seccomp") != NULL);
    must(child_filters() == 1);
}

static void test_quiet(void **state) {
    (void)state;
    assert_children(quiet_program);
    assert_children(no_quiet_program);
    assert_child(quiet_impossible);
}

// ---- Verification never kills ---------------------------------------------------------------------------------------

static void looks_without_open(void) {
    child_apply("kill openat, open, openat2");
}

static void looks_without_close(void) {
    child_apply("kill close, close_range");
}

static void cannot_look(void) {
    struct error e;
    struct filter *f = child_filter("kill openat, open, read, close, getdents64, prctl");
    must(child_load(f, NULL, &e) == 0);
    must(strstr(f->notes, "not verified") != NULL);
}

static void nothing_left(void) {
    struct error e;
    // The address sanitizer looks at sigaltstack before each exit.
    struct filter *f = child_filter("allow write, exit_group, sigaltstack\ndefault kill");
    must(child_load(f, NULL, &e) == 0);
}

static void one_descriptor(void) {
    child_apply("kill read(fd < 3)"); // of no concern: /proc is read through others
    must(child_filters() == 2);
    child_apply("EPERM read(fd > 2)");
}

static void test_verification(void **state) {
    (void)state;
    assert_child(looks_without_open);
    assert_child(looks_without_close);
    assert_child(cannot_look);
    assert_child(nothing_left);
    assert_child(one_descriptor);
}

// ---- Once -----------------------------------------------------------------------------------------------------------

static void load_once(const char *lines) {
    struct error e;
    struct filter *f = child_filter(lines);
    must(child_load(f, "once", &e) == 0);
    filter_free(f);
}

static void once(void) {
    load_once(DENIED "\nlog = off");
    must(child_filters() == 1);
    load_once(DENIED "\nlog = off");
    must(child_filters() == 1);
    load_once("ENOTBLK getpgrp\nlog = off");
    must(child_filters() == 2);
    load_once(DENIED "\nlog = off");
    must(child_filters() == 2);
    child_apply(DENIED "\nlog = off");
    must(child_filters() == 3);
    pid_t pid = fork();
    if (pid == 0) {
        load_once(DENIED "\nlog = off");
        _exit(child_filters() == 3 ? 0 : 1);
    }
    int status;
    must(waitpid(pid, &status, 0) == pid && status == 0);
}

static void once_this_thread(void) {
    struct error e;
    must(child_load(child_filter(DENIED "\nlog = off"), "this_thread, once", &e) == 0);
    load_once(DENIED "\nlog = off"); // not for all threads so far
    must(child_filters() == 2);
}

static int load_in_shared_memory(void *context) {
    (void)context;
    load_once(DENIED "\nlog = off");
    _exit(denied() ? 0 : 1);
}

// A child that shares the memory leaves its entry there; the parent has no such filter.
static void once_in_a_vfork(void) {
    enum {
        STACK = 1 << 20
    };
    char *stack = mmap(NULL, STACK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    must(stack != MAP_FAILED);
    int pid = clone(load_in_shared_memory, stack + STACK, CLONE_VM | CLONE_VFORK | SIGCHLD, NULL);
    int status;
    must(waitpid(pid, &status, 0) == pid && status == 0);
    must(!denied());
    load_once(DENIED "\nlog = off");
    must(denied());
}

static void test_once(void **state) {
    (void)state;
    assert_child(once);
    assert_child(once_this_thread);
    assert_child(once_in_a_vfork);
}

// ---- What is refused before anything changes ------------------------------------------------------------------------

static void refused(const char *lines, int err, const char *part) {
    struct error e;
    must(child_load(child_filter(lines), NULL, &e) == -err);
    must_say(&e, part);
    must(kernel_no_new_privs() == 0);
    must(child_filters() == 0);
}

static void refusals(void) {
    refused("notify getsid", ENOTSUP, "notify");
    refused("abi = aarch64\ndeny getsid", ENOTSUP, "x86_64");
    refused("abi = s390x\ndeny getsid", ENOTSUP, "byte order");
}

static void test_refusals(void **state) {
    (void)state;
    if (abi_native() != ABI_X86_64) {
        print_message("skipped: names x86_64\n");
        skip();
    }
    assert_child(refusals);
}

// ---- Raw ------------------------------------------------------------------------------------------------------------

static void raw_allocates_nothing(void) {
    struct program p = child_large_program();
    struct load_options options;
    pid_t thread;
    size_t asked = memory_asked();
    must(load_parse(" this_thread , log=off,speculation=mitigate ,no_new_privs=on", &options, NULL) == 0);
    must(options.this_thread && !options.log && options.mitigate && options.no_new_privs && !options.once);
    must(load_raw(&p, &options, &thread) == 0);
    must(memory_asked() == asked);
    must(child_filters() == 1);
    p.big_endian = !p.big_endian;
    must(load_raw(&p, &options, &thread) == -ENOTSUP);
}

static void test_raw(void **state) {
    (void)state;
    assert_children(raw_allocates_nothing);
}

static void test_options(void **state) {
    (void)state;
    struct load_options o;
    struct error e;
    assert_int_equal(load_parse("", &o, &e), 0);
    assert_true(!o.this_thread && !o.once && o.log && !o.mitigate && o.no_new_privs);
    assert_int_equal(load_parse("this_thred", &o, &e), -ENOENT);
    assert_non_null(strstr(e.message, "this_thread"));
    assert_int_equal(load_parse("once,", &o, &e), -EINVAL);
    assert_int_equal(load_parse(",once", &o, &e), -EINVAL);
    assert_int_equal(load_parse("once,,once", &o, &e), -EINVAL);
    assert_int_equal(load_parse("log=", &o, &e), -ENOENT);
    assert_int_equal(load_parse("nonsense", &o, NULL), -ENOENT);
    assert_int_equal(load_parse("log=off,log=on", &o, &e), 0);
    assert_true(o.log);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_threads),       cmocka_unit_test(test_thread_in_the_way),
        cmocka_unit_test(test_zombie_leader), cmocka_unit_test(test_thread_churn),
        cmocka_unit_test(test_privileges),    cmocka_unit_test(test_quiet),
        cmocka_unit_test(test_verification),  cmocka_unit_test(test_once),
        cmocka_unit_test(test_refusals),      cmocka_unit_test(test_raw),
        cmocka_unit_test(test_options),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
