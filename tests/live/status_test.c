// SPDX-License-Identifier: MIT
#include <errno.h>
#include <limits.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "abjure.h"
#include "child.h"
#include "kernel.h"

enum {
    EXIT_SKIPPED = 77
};

static char text[65536];

static int64_t look(int pid) {
    int64_t length = abjure_status(pid, text, sizeof text);
    must(length < (int64_t)sizeof text);
    return length;
}

// What stands behind "key: "; NULL where the line is missing.
static const char *value_of(const char *key) {
    static char value[4200];
    size_t length = strlen(key);
    for (const char *line = text; *line; line += strcspn(line, "\n") + 1)
        if (strncmp(line, key, length) == 0 && strncmp(line + length, ": ", 2) == 0) {
            snprintf(value, sizeof value, "%.*s", (int)strcspn(line + length + 2, "\n"), line + length + 2);
            return value;
        }
    return NULL;
}

static bool is(const char *key, const char *wanted) {
    const char *value = value_of(key);
    if (value ? wanted != NULL && strcmp(value, wanted) == 0 : wanted == NULL) return true;
    fprintf(stderr, "%s: %s, not %s\n", key, value ? value : "missing", wanted ? wanted : "missing");
    return false;
}

static bool is_number(const char *key, long wanted) {
    char number[32];
    snprintf(number, sizeof number, "%ld", wanted);
    return is(key, number);
}

static bool says(const char *part) {
    if (strstr(text, part)) return true;
    fprintf(stderr, "\"%s\" is not in: %s\n", part, text);
    return false;
}

// ---- This process, and what changes ---------------------------------------------------------------------------------

static void here(void) {
    must(look(0) == (int64_t)strlen(text));
    must(is_number("pid", getpid()) && is_number("parent", getppid()) && is_number("uid", (long)geteuid()));
    must(is("name", "live_status") && is("mode", "disabled") && is("filters", "0") && is("no_new_privs", "no"));
    must(is("threads", "1") && is("differing", NULL) && value_of("speculation") && value_of("cgroup"));
    char exe[4096] = "";
    must(readlink("/proc/self/exe", exe, sizeof exe - 1) > 0 && is("exe", exe));
    child_apply("EACCES getppid\nlog = off");
    must(look(getpid()) > 0 && is("mode", "filter") && is("filters", "1") && is("no_new_privs", "yes"));
    child_apply("EACCES getpgid\nlog = off");
    must(look(0) > 0 && is("filters", "2"));
}

static void test_here(void **state) {
    (void)state;
    assert_children(here);
}

static void load_here(void) {
    struct error e;
    must(child_load(child_filter("EACCES getpgid\nlog = off"), "this_thread", &e) == 0);
}

// A thread with a filter of its own, in a process without; and the other way round.
static void threads(void) {
    static struct child_thread filtered, plain;
    char wanted[128];
    child_thread_start(&filtered);
    child_thread_start(&plain);
    must(look(0) > 0 && is("threads", "3") && is("differing", NULL));
    child_thread_do(&filtered, load_here);
    snprintf(wanted, sizeof wanted, "%d mode filter, filters 1, no_new_privs yes", (int)filtered.tid);
    must(look(0) > 0 && is("mode", "disabled") && is("differing", wanted));
    load_here();
    snprintf(wanted, sizeof wanted, "%d mode disabled, filters 0, no_new_privs no", (int)plain.tid);
    must(look(0) > 0 && is("mode", "filter") && is("differing", wanted));
    child_thread_do(&filtered, load_here);
    must(look(0) > 0 && says("; ") && strstr(text, " filters 2"));
    must(look(plain.tid) == -ESRCH && says("is a thread of process"));
}

static void test_threads(void **state) {
    (void)state;
    assert_children(threads);
}

// ---- Other processes ------------------------------------------------------------------------------------------------

static pid_t start(void (*run)(void)) {
    int ready[2], never[2];
    must(pipe(ready) == 0 && pipe(never) == 0);
    pid_t pid = fork();
    must(pid >= 0);
    if (pid == 0) {
        char byte;
        close(never[1]);
        run();
        // Strict mode leaves only read, write, exit and sigreturn. The read ends when the parent does.
        syscall(SYS_write, ready[1], "", 1L);
        syscall(SYS_read, never[0], &byte, 1L);
        syscall(SYS_exit, 0L);
    }
    close(ready[1]);
    close(never[0]);
    char byte;
    must(read(ready[0], &byte, 1) == 1);
    close(ready[0]);
    return pid;
}

static void finish(pid_t pid) {
    int status;
    must(kill(pid, SIGKILL) == 0 && waitpid(pid, &status, 0) == pid);
}

static void enter_strict(void) {
    must(prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT, 0, 0, 0) == 0);
}

static void odd_name(void) {
    must(prctl(PR_SET_NAME, "a\nb\\\x1b[2J\"\xc3\xbc") == 0);
}

static void others(void) {
    pid_t pid = start(enter_strict);
    must(look(pid) > 0 && is("mode", "strict") && is_number("parent", getpid()));
    finish(pid);
    must(look(pid) == -ESRCH && says("there is no process"));
    pid = start(odd_name);
    must(look(pid) > 0 && is("name", "\"a\\nb\\\\\\x1b[2J\\\"\xc3\xbc\""));
    must(kill(pid, SIGKILL) == 0);
    siginfo_t info;
    must(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT) == 0);
    must(look(pid) > 0 && is("threads", "0") && is("exe", NULL)); // a zombie
    finish(pid);
}

static void test_others(void **state) {
    (void)state;
    assert_children(others);
}

static void nothing(void) {}

// Another user's process is read as far as /proc lets.
static void of_root(void) {
    pid_t pid = start(nothing);
    child_drop_privileges();
    must(look(pid) > 0 && is("uid", "0") && is("mode", "disabled") && is("exe", NULL));
}

// Looking at processes while they end: all is well or ESRCH.
static void races(void) {
    int told = 0;
    for (int i = 0; i < 2000; i++) {
        pid_t pid = fork();
        must(pid >= 0);
        if (pid == 0) _exit(0);
        if (i % 2 == 0) must(waitpid(pid, NULL, i % 4 == 0 ? WNOHANG : 0) >= 0);
        int64_t r = look(pid);
        must(r > 0 || r == -ESRCH);
        if (r > 0) {
            must(is_number("pid", pid));
            told++;
        }
        waitpid(pid, NULL, 0);
    }
    must(told >= 1000);
}

static void *spin(void *stop) {
    while (!*(volatile bool *)stop)
        kernel_tid();
    return NULL;
}

// A load for all threads while they are looked at: they never seem to differ.
static void during_loads(void) {
    bool stop = false;
    pid_t parent = getpid();
    int tick[2];
    must(pipe(tick) == 0);
    pthread_t thread[8];
    for (int i = 0; i < 8; i++)
        must(pthread_create(&thread[i], NULL, spin, &stop) == 0);
    child_apply("EACCES getpgid\nlog = off"); // the first load sets no_new_privs, of one thread before the others
    pid_t pid = fork();
    if (pid == 0) {
        close(tick[1]);
        int looks = 0;
        char byte;
        while (read(tick[0], &byte, 1) == 1)
            for (int i = 0; i < 4; i++, looks++)
                must(look(parent) > 0 && is("threads", "9") && is("differing", NULL));
        _exit(looks > 20 ? 0 : 1);
    }
    close(tick[0]);
    for (int i = 0; i < 20; i++) {
        must(write(tick[1], "", 1) == 1);
        child_apply("EACCES getpgid\nlog = off");
    }
    close(tick[1]);
    int status;
    must(waitpid(pid, &status, 0) == pid && status == 0);
    stop = true;
    for (int i = 0; i < 8; i++)
        must(pthread_join(thread[i], NULL) == 0);
}

static void test_races(void **state) {
    (void)state;
    assert_child(races);
    assert_child(during_loads);
}

// ---- Arguments, buffers, and what is missing ------------------------------------------------------------------------

static void buffers(void) {
    char part[64];
    int64_t whole = look(0);
    must(abjure_status(0, NULL, 0) == whole && abjure_status(0, part, sizeof part) == whole);
    must(strlen(part) == sizeof part - 1 && strncmp(part, text, strlen(part)) == 0);
    must(abjure_status(0, NULL, 1) == -EINVAL);
    must(look(-1) == -EINVAL && says("-1 is no process id"));
    must(look(INT_MIN) == -EINVAL && look(INT_MAX) == -ESRCH && says("there is no process 2147483647"));
    must(setrlimit(RLIMIT_NOFILE, &(struct rlimit){0, 0}) == 0);
    must(look(0) == -ENOMEM && says("no file descriptor"));
}

static void under_denials(void) {
    child_apply("EPERM open, openat, openat2\nlog = off");
    must(look(0) == -EACCES && says("a filter or sandbox closes /proc"));
}

static void test_buffers(void **state) {
    (void)state;
    assert_children(buffers);
    assert_children(under_denials);
}

static void mount_or_skip(const char *type, const char *where, const char *options) {
    if (unshare(CLONE_NEWNS) != 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
        mount(type, where, type, 0, options) != 0) {
        print_message("skipped: %s cannot be mounted here: %s\n", type, strerror(errno));
        _exit(EXIT_SKIPPED);
    }
}

static void hidden_files(void) {
    pid_t pid = start(nothing);
    mount_or_skip("proc", "/proc", "hidepid=1");
    must(look(pid) > 0);
    child_drop_privileges();
    must(look(pid) == -EACCES && says("hidepid") && look(0) > 0);
}

static void hidden_processes(void) {
    pid_t pid = start(nothing);
    mount_or_skip("proc", "/proc", "hidepid=2");
    child_drop_privileges();
    must(look(pid) == -ESRCH && says("(hidepid); run as root") && look(0) > 0);
}

static void no_proc(void) {
    mount_or_skip("tmpfs", "/proc", NULL);
    must(look(0) == -ENOTSUP && says("mount it"));
    must(look(1) == -ENOTSUP);
}

#define ID "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static void into(const char *root, const char *path, const char *unit, const char *container) {
    char folder[512], procs[600];
    snprintf(folder, sizeof folder, "%s%s", root, path);
    for (char *slash = strchr(folder + strlen(root) + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        must(mkdir(folder, 0755) == 0 || errno == EEXIST);
        *slash = '/';
    }
    must(mkdir(folder, 0755) == 0 || errno == EEXIST);
    snprintf(procs, sizeof procs, "%s/cgroup.procs", folder);
    FILE *file = fopen(procs, "w");
    must(file != NULL && fprintf(file, "%d\n", (int)getpid()) > 0 && fclose(file) == 0);
    must(look(0) > 0 && is("cgroup", path) && is("unit", unit) && is("container", container));
    snprintf(procs, sizeof procs, "%s/cgroup.procs", root);
    file = fopen(procs, "w");
    must(file != NULL && fprintf(file, "%d\n", (int)getpid()) > 0 && fclose(file) == 0);
    for (; strlen(folder) > strlen(root); *strrchr(folder, '/') = '\0')
        must(rmdir(folder) == 0);
}

static void cgroups(void) {
    char root[] = "/tmp/abjure-status-XXXXXX";
    must(mkdtemp(root) != NULL);
    mount_or_skip("cgroup2", root, NULL);
    into(root, "/abjure.slice/abjure-a.slice/nginx.service", "nginx.service", NULL);
    into(root, "/abjure.slice/nginx.service/sub", "nginx.service", NULL);
    into(root, "/abjure.slice/_cpu.service", "cpu.service", NULL);
    into(root, "/abjure.slice/docker-" ID ".scope", "docker-" ID ".scope", ID);
    into(root, "/abjure.slice/docker-" ID ".scope/init.scope", "init.scope", ID);
    into(root, "/abjure.slice/libpod-conmon-" ID ".scope", "libpod-conmon-" ID ".scope", NULL);
    into(root, "/abjure/" ID, NULL, ID);
    into(root, "/abjure/a" ID, NULL, NULL);
    into(root, "/abjure/lxc.payload.web/system.slice", NULL, "web");
    into(root, "/abjure.slice/systemd-nspawn@web.service", "systemd-nspawn@web.service", "web");
    into(root, "/abjure/plain", NULL, NULL);
    must(umount(root) == 0 && rmdir(root) == 0);
}

static void as_root(void (*run)(void)) {
    if (geteuid() != 0) {
        print_message("skipped: needs root\n");
        skip();
    }
    int status = child_status(run, CHILD_AS_IS);
    if (WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SKIPPED) skip();
    assert_int_equal(status, 0);
}

static void test_of_root(void **state) {
    (void)state;
    as_root(of_root);
}

static void test_hidden_files(void **state) {
    (void)state;
    as_root(hidden_files);
}

static void test_hidden_processes(void **state) {
    (void)state;
    as_root(hidden_processes);
}

static void test_no_proc(void **state) {
    (void)state;
    as_root(no_proc);
}

static void test_cgroups(void **state) {
    (void)state;
    as_root(cgroups);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_here),         cmocka_unit_test(test_threads),          cmocka_unit_test(test_others),
        cmocka_unit_test(test_races),        cmocka_unit_test(test_buffers),          cmocka_unit_test(test_of_root),
        cmocka_unit_test(test_hidden_files), cmocka_unit_test(test_hidden_processes), cmocka_unit_test(test_no_proc),
        cmocka_unit_test(test_cgroups),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
