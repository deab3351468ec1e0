// SPDX-License-Identifier: MIT
#include "launch.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "../unit/random.h"
#include "child.h"
#include "kernel.h"
#include "landlock.h"
#include "start.h"
#include "supervise.h"

// Complete for what target.c tries.
#define NO_EXEC "deny execve, execveat, ptrace, process_vm_readv, process_vm_writev"

static char folder[] = "/tmp/abjure-launch-XXXXXX";

static void write_file(const char *name, const char *text, mode_t mode) {
    char path[128];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(chmod(path, mode), 0);
}

static const char *in_folder(const char *name) {
    static char path[4][128];
    static int next;
    char *p = path[next++ % 4];
    snprintf(p, sizeof path[0], "%s/%s", folder, name);
    return p;
}

// What one launch is; set before the child starts.
static struct {
    const char *lines, *path;
    const char *argv[8];
    char *const *envp;
    int err; // expected negative errno where it must not start
    const char *says;
    bool parent_in_domain;
} job;

// In a child: launches and, where that must fail, looks at how.
static void run_job(void) {
    struct error e;
    error_clear(&e);
    int r = launch_filter(child_filter(job.lines), job.path, (char *const *)job.argv, job.envp, &e);
    if (job.err == 0) child_fail(__FILE__, __LINE__, job.path, e.message);
    if (r != job.err) fprintf(stderr, "%d: %s\n", r, e.message);
    must(r == job.err);
    must_say(&e, job.says);
}

static int exit_of(enum child_user user) {
    int status = child_status(run_job, user);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + status;
}

#define JOB(lines_, path_, ...)                                                                                        \
    do {                                                                                                               \
        memset(&job, 0, sizeof job);                                                                                   \
        job.lines = (lines_);                                                                                          \
        job.path = (path_);                                                                                            \
        const char *argv_[] = {__VA_ARGS__, NULL};                                                                     \
        memcpy(job.argv, argv_, sizeof argv_);                                                                         \
    } while (0)
#define assert_exit(code)                                                                                              \
    do {                                                                                                               \
        assert_int_equal(exit_of(CHILD_AS_IS), (code));                                                                \
        assert_int_equal(exit_of(CHILD_NOBODY), (code));                                                               \
    } while (0)
#define assert_refused(err_, says_)                                                                                    \
    do {                                                                                                               \
        job.err = (err_);                                                                                              \
        job.says = (says_);                                                                                            \
        assert_exit(0);                                                                                                \
    } while (0)

static int open_descriptors(void) {
    int found = 0;
    for (int fd = 0; fd < 1024; fd++) {
        int flags = fcntl(fd, F_GETFD);
        if (flags >= 0 && !(flags & FD_CLOEXEC)) found++;
    }
    return found;
}

static const char *descriptor_count(void) {
    static char text[16];
    snprintf(text, sizeof text, "%d", open_descriptors());
    return text;
}

static const char *const targets[] = {TARGETS "dynamic", TARGETS "static", TARGETS "musl"};

static bool is_there(const char *path) {
    if (access(path, X_OK) == 0) return true;
    print_message("not there, so not tried: %s\n", path);
    return false;
}

// ---- The target cannot execute --------------------------------------------------------------------------------------

static void test_targets(void **state) {
    (void)state;
    assert_true(is_there(targets[0]));
    for (size_t i = 0; i < sizeof targets / sizeof targets[0]; i++) {
        if (!is_there(targets[i])) continue;
        JOB(NO_EXEC, targets[i], "target", "-p", descriptor_count());
        assert_exit(0);
        JOB("deny @exec", targets[i], "target", "-p", descriptor_count());
        assert_exit(0);
        JOB("deny @exec\nlandlock = on", targets[i], "target", descriptor_count());
        if (landlock_version() >= 1) assert_exit(0);
    }
}

// The parent, which is no part of the domain, waits.
static void test_parent(void **state) {
    (void)state;
    if (landlock_version() < 1) {
        print_message("skipped: no Landlock, which closes /proc/PPID/mem\n");
        skip();
    }
    for (size_t i = 0; i < sizeof targets / sizeof targets[0]; i++) {
        if (!is_there(targets[i])) continue;
        JOB(NO_EXEC "\nlandlock = on", targets[i], "target", descriptor_count());
        assert_exit(0);
    }
}

// Without any filter the target's ways do work, or the tests above would show nothing.
static void unfiltered(void) {
    execl(targets[0], "target", "-p", descriptor_count(), (char *)NULL);
}

static void test_ways_work(void **state) {
    (void)state;
    int status = child_status(unfiltered, CHILD_AS_IS);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 97);
}

// ---- Scripts --------------------------------------------------------------------------------------------------------

// A command of its own in such a script would be a second execve; builtins are none.
static void test_scripts(void **state) {
    (void)state;
    write_file("plain", "#!/bin/sh\nexit 7\n", 0755);
    write_file("option", "#!/bin/sh -e\nfalse\nexit 8\n", 0755);
    write_file("env", "#!/usr/bin/env sh\n[ \"$1\" = \"a b\" ] && [ $# = 2 ] && exit 9\nexit 1\n", 0755);
    write_file("split", "#!/usr/bin/env -S  sh -e \nfalse\nexit 8\n", 0755);
    write_file("nested", "#!/tmp/../bin/env plain\n", 0755);
    write_file("name", "#!/usr/bin/env sh\ncase \"$0\" in */name) exit 6;; esac\nexit 1\n", 0755);
    write_file("true", "#!/bin/sh\n/bin/true && exit 1\nexit 5\n", 0755);
    write_file("noend", "#!/bin/sh", 0755);

    JOB(NO_EXEC, in_folder("plain"), "x");
    assert_exit(7);
    JOB(NO_EXEC, in_folder("option"), "x");
    assert_exit(1);
    JOB(NO_EXEC, in_folder("env"), "x", "a b", "c");
    assert_exit(9);
    JOB(NO_EXEC, in_folder("split"), "x");
    assert_exit(1);
    JOB(NO_EXEC, in_folder("name"), "other");
    assert_exit(6);
    JOB(NO_EXEC, in_folder("true"), "x");
    assert_exit(5);
    JOB(NO_EXEC, in_folder("noend"), "x");
    assert_exit(0);

    char path[256];
    snprintf(path, sizeof path, "PATH=/nonexistent::%s:/usr/bin:/bin", folder);
    char *const envp[] = {path, NULL};
    JOB(NO_EXEC, in_folder("nested"), "x");
    job.envp = envp;
    assert_exit(7);
    JOB(NO_EXEC, "plain", "x"); // by PATH
    job.envp = envp;
    assert_exit(7);
}

static void test_not_startable(void **state) {
    (void)state;
    write_file("bare", "exit 7\n", 0755);
    write_file("empty", "", 0755);
    write_file("unset", "#!/bin/sh\n", 0644);
    write_file("gone", "#!/no/such/interpreter\n", 0755);
    write_file("gone-env", "#!/usr/bin/env no-such-interpreter\n", 0755);
    write_file("none", "#!  \n", 0755);
    char loop[128];
    snprintf(loop, sizeof loop, "#!%s/loop\n", folder);
    write_file("loop", loop, 0755);

    JOB(NO_EXEC, in_folder("bare"), "x");
    assert_refused(-ENOEXEC, "start it as sh ");
    JOB(NO_EXEC, in_folder("empty"), "x");
    assert_refused(-ENOEXEC, "#!");
    JOB(NO_EXEC, in_folder("none"), "x");
    assert_refused(-ENOEXEC, "none");
    JOB(NO_EXEC, in_folder("unset"), "x");
    assert_refused(-EACCES, "not an executable file");
    JOB(NO_EXEC, in_folder("gone"), "x");
    assert_refused(-ENOENT, "/no/such/interpreter (which the script \"");
    JOB(NO_EXEC, in_folder("gone-env"), "x");
    assert_refused(-ENOENT, "no-such-interpreter (which the script \"");
    JOB(NO_EXEC, in_folder("loop"), "x");
    assert_refused(-ELOOP, "loop");
    JOB(NO_EXEC, "/no/such/program", "x");
    assert_refused(-ENOENT, "/no/such/program: no such program");
    JOB(NO_EXEC, "no-such-program", "x");
    assert_refused(-ENOENT, "no-such-program: no such program");
    JOB(NO_EXEC, "", "x");
    assert_refused(-ENOENT, "no such program");
    JOB(NO_EXEC, folder, "x");
    assert_refused(-EACCES, "not an executable file");
}

// ---- Nested ---------------------------------------------------------------------------------------------------------

static void nested(void) {
    child_apply("EACCES getppid");
    run_job();
}

static void nested_in_no_exec(void) {
    child_apply("deny execve, execveat");
    struct error e;
    char *argv[] = {"true", NULL};
    must(launch_filter(child_filter("deny getppid"), "/bin/true", argv, NULL, &e) == -EPERM);
    must_say(&e, "outer filter");
    must_say(&e, "stays");
}

static void test_nested(void **state) {
    (void)state;
    JOB(NO_EXEC, targets[0], "target", "-p", descriptor_count());
    assert_children(nested);
    assert_children(nested_in_no_exec);
}

static void invisible_process(void) {
    // The words in the caller's memory are no use either: the program runs in another one, which is what the target
    // looks through. Here: that the launch itself leaves nothing in the environment of the next.
    must(setenv("MARK", "1", 1) == 0);
    run_job();
}

static void test_environment(void **state) {
    (void)state;
    write_file("mark", "#!/bin/sh\n[ \"$MARK\" = 1 ] && exit 4\nexit 1\n", 0755);
    JOB(NO_EXEC, in_folder("mark"), "x");
    int status = child_status(invisible_process, CHILD_AS_IS);
    assert_int_equal(WEXITSTATUS(status), 4);
}

// ---- The raw form, and by a supervisor
// -------------------------------------------------------------------------------

static enum launch_way way;

// Denies execve and execveat with EPERM, allows the rest, of every ABI.
static struct program *no_exec_program(void) {
    const struct sock_filter code[] = {
        {0x20, 0, 0, 0},
        {0x15, 1, 0, (uint32_t)SYS_execve},
        {0x15, 0, 1, (uint32_t)SYS_execveat},
        {0x06, 0, 0, SECCOMP_RET_ERRNO | EPERM},
        {0x06, 0, 0, SECCOMP_RET_ALLOW},
    };
    return program_new(code, sizeof code / sizeof code[0], __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__);
}

static void raw_job(void) {
    struct load_options options;
    pid_t thread;
    must(load_parse(NULL, &options, NULL) == 0);
    struct program *main;
    struct error e;
    must(load_compile(child_filter(job.lines), -1, &main, NULL, &e) == 0);
    int r = launch_by(way, main, NULL, &options, job.path, (char *const *)job.argv, job.envp, &thread);
    if (r != job.err || r == 0) child_fail(__FILE__, __LINE__, job.path, strerror(-r));
}

static void test_raw(void **state) {
    (void)state;
    for (way = LAUNCH_WORDS; way <= LAUNCH_SUPERVISED; way++) {
        for (size_t i = 0; i < sizeof targets / sizeof targets[0]; i++) {
            if (!is_there(targets[i])) continue;
            JOB(NO_EXEC, targets[i], "target", "-p", descriptor_count());
            assert_children(raw_job);
        }
        JOB(NO_EXEC, "/no/such/program", "x");
        job.err = -ENOENT;
        assert_children(raw_job);
    }
}

// The supervisor lets one start through, and the words that passed then pass no more.
static void supervised_once(void) {
    struct program *p = no_exec_program();
    const uint64_t words[2] = {0x1122334455667788, 0x99aabbccddeeff00};
    struct sock_filter code[LAUNCH_PREFIX + 8];
    uint32_t count = launch_prefix(code, p, SECCOMP_RET_USER_NOTIF, words);
    memcpy(code + count, p->code, p->count * sizeof p->code[0]);
    must(kernel_set_no_new_privs() == 0);
    struct supervision *s;
    must(supervise_start(&s) == 0);
    int listener = kernel_seccomp(code, count + p->count, KERNEL_LISTENER);
    must(listener >= 0);
    supervise_listen(s, listener);
    char *argv[] = {"x", NULL};
    must(syscall(SYS_execve, "/no/such", argv, argv + 1, 0L, words[0], words[1] + 1) < 0 && errno == EPERM);
    must(syscall(SYS_execve, "/no/such", argv, argv + 1, 0L, words[0], words[1]) < 0 && errno == ENOENT);
    must(close(listener) == 0);
    struct timespec pause = {.tv_nsec = 200000000}; // the supervisor ends
    nanosleep(&pause, NULL);
    must(syscall(SYS_execve, "/no/such", argv, argv + 1, 0L, words[0], words[1]) < 0 && errno == ENOSYS);
    must(syscall(SYS_execve, "/no/such", argv, argv + 1, 0L, 0L, 0L) < 0 && errno == EPERM);
}

static void test_supervised(void **state) {
    (void)state;
    assert_children(supervised_once);
}

// ---- The prefix -----------------------------------------------------------------------------------------------------

// Over random inputs near the words: the prefix decides the one call, the program all the others, as without prefix.
static void test_prefix(void **state) {
    (void)state;
    seed("prefix");
    struct program *p = no_exec_program();
    const uint64_t words[2] = {draw(), draw()};
    struct sock_filter code[LAUNCH_PREFIX + 8];
    uint32_t count = launch_prefix(code, p, SECCOMP_RET_ALLOW, words);
    assert_true(count <= LAUNCH_PREFIX);
    memcpy(code + count, p->code, p->count * sizeof p->code[0]);
    struct program *whole = program_new(code, count + p->count, p->big_endian);
    struct error e;
    assert_int_equal(bpf_validate(whole->code, whole->count, &e), 0);
    uint32_t native = 0;
    assert_true(kernel_arch(&native));
    int passed = 0;
    for (int i = 0; i < 200000; i++) {
        uint32_t arch = draw() % 8 ? native : 0x40000003;
        uint32_t number = draw() % 8 ? (uint32_t)SYS_execve : (uint32_t)(draw() % 500);
        uint64_t args[6] = {draw(), 0, 0, 0, words[0], words[1]};
        if (draw() % 4) args[4 + draw() % 2] ^= UINT64_C(1) << draw() % 64;
        bool match = arch == native && number == (uint32_t)SYS_execve && args[4] == words[0] && args[5] == words[1];
        struct bpf_input input = bpf_input(p->big_endian, arch, number, 0, args);
        assert_int_equal(bpf_run(whole, &input, NULL), match ? SECCOMP_RET_ALLOW : bpf_run(p, &input, NULL));
        passed += match;
    }
    assert_true(passed > 1000);
    program_free(whole);
    program_free(p);
}

// A program that relies on the accumulator's first value of 0 still gets it.
static void test_prefix_accumulator(void **state) {
    (void)state;
    const struct sock_filter code[] = {
        {0x15, 1, 0, 0}, {0x06, 0, 0, SECCOMP_RET_KILL_PROCESS}, {0x06, 0, 0, SECCOMP_RET_ALLOW}};
    struct program *p = program_new(code, 3, __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__);
    struct sock_filter all[LAUNCH_PREFIX + 3];
    const uint64_t words[2] = {1, 2};
    uint32_t count = launch_prefix(all, p, SECCOMP_RET_ALLOW, words);
    memcpy(all + count, code, sizeof code);
    struct program *whole = program_new(all, count + 3, p->big_endian);
    uint32_t native = 0;
    assert_true(kernel_arch(&native));
    const uint64_t args[6] = {0, 0, 0, 0, 1, 3};
    struct bpf_input input = bpf_input(p->big_endian, native, (uint32_t)SYS_execve, 0, args);
    assert_int_equal(bpf_run(whole, &input, NULL), SECCOMP_RET_ALLOW);
    program_free(whole);
    program_free(p);
}

static void too_long(void) {
    static struct sock_filter code[BPF_LIMIT];
    for (int i = 0; i < BPF_LIMIT; i++)
        code[i] = (struct sock_filter){0x06, 0, 0, SECCOMP_RET_ALLOW};
    struct program p = {.code = code, .count = BPF_LIMIT, .big_endian = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__};
    struct load_options options;
    pid_t thread;
    char *argv[] = {"true", NULL};
    must(load_parse(NULL, &options, NULL) == 0);
    must(launch_raw(&p, NULL, &options, "/bin/true", argv, NULL, &thread) == -E2BIG);
    must(kernel_no_new_privs() == 0);
    must(child_filters() == 0);
    p.count = 1;
    p.big_endian = !p.big_endian;
    must(launch_raw(&p, NULL, &options, "/bin/true", argv, NULL, &thread) == -ENOTSUP);
}

static void test_too_long(void **state) {
    (void)state;
    assert_children(too_long);
}

static void without_privileges(void) {
    struct program *p = no_exec_program();
    struct load_options options;
    pid_t thread;
    char *argv[] = {"true", NULL};
    must(load_parse("no_new_privs=off", &options, NULL) == 0);
    must(launch_raw(p, NULL, &options, "/bin/true", argv, NULL, &thread) == -EACCES);
}

static void test_without_privileges(void **state) {
    (void)state;
    assert_int_equal(child_status(without_privileges, CHILD_NOBODY), 0);
}

static int set_up(void **state) {
    (void)state;
    return mkdtemp(folder) && chmod(folder, 0755) == 0 ? 0 : -1;
}

static int tear_down(void **state) {
    (void)state;
    char command[128];
    snprintf(command, sizeof command, "rm -rf %s", folder);
    return system(command);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ways_work),
        cmocka_unit_test(test_targets),
        cmocka_unit_test(test_parent),
        cmocka_unit_test(test_scripts),
        cmocka_unit_test(test_not_startable),
        cmocka_unit_test(test_nested),
        cmocka_unit_test(test_environment),
        cmocka_unit_test(test_raw),
        cmocka_unit_test(test_supervised),
        cmocka_unit_test(test_prefix),
        cmocka_unit_test(test_prefix_accumulator),
        cmocka_unit_test(test_too_long),
        cmocka_unit_test(test_without_privileges),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
