// SPDX-License-Identifier: MIT
#include "supervise.h"

#include "kernel.h"
#include "kit.h"

#include <fcntl.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef SECCOMP_RET_USER_NOTIF
#define SECCOMP_RET_USER_NOTIF 0x7fc00000U
#endif

// Each test is a child: it loads filters, and takes in the supervisor, whose parent ends.
static void in_child(void (*run)(void)) {
    fflush(NULL);
    const pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        if (prctl(PR_SET_CHILD_SUBREAPER, 1) != 0 || kernel_set_no_new_privs() != 0) _exit(90);
        run();
        _exit(0);
    }
    int status = -1;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    CHECK(status == 0, "status %#x", (unsigned)status);
}

#define MUST(condition)                                                                                                \
    do {                                                                                                               \
        if (!(condition)) {                                                                                            \
            fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition);                                    \
            _exit(1);                                                                                                  \
        }                                                                                                              \
    } while (0)

// The supervisor ends by itself; its status.
static int supervisor_status(void) {
    int status = -1;
    MUST(waitpid(-1, &status, __WALL) > 0);
    return status;
}

// The only child of this process, from /proc.
static pid_t only_child(void) {
    char path[64], line[64] = "";
    snprintf(path, sizeof path, "/proc/self/task/%d/children", getpid());
    FILE *f = fopen(path, "r");
    MUST(f != NULL);
    MUST(fgets(line, sizeof line, f) != NULL);
    fclose(f);
    char *end;
    const long pid = strtol(line, &end, 10);
    MUST(pid > 0 && strspn(end, " ") == strlen(end));
    return (pid_t)pid;
}

static int seccomp_mode(pid_t pid) {
    char path[64], line[256];
    int mode = -1;
    snprintf(path, sizeof path, "/proc/%d/status", pid);
    FILE *f = fopen(path, "r");
    MUST(f != NULL);
    while (fgets(line, sizeof line, f) != NULL)
        if (strncmp(line, "Seccomp:", 8) == 0) mode = (int)strtol(line + 8, NULL, 10);
    fclose(f);
    return mode;
}

static void nothing_comes(void) {
    struct supervision *s = NULL;
    MUST(supervise_start(&s) == 0);
    const pid_t supervisor = only_child();
    MUST(seccomp_mode(supervisor) == 2); // under a filter of its own before the start returns
    supervise_listen(s, -1);
    MUST(supervisor_status() == 0);
    MUST(waitpid(-1, NULL, __WALL) < 0 && errno == ECHILD);
}

static int load_asking(long number) {
    const struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)number, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
    return kernel_seccomp(code, LENGTH(code), KERNEL_LISTENER);
}

// The one call passes as the kernel does it; then nobody answers any more.
static void one_call_passes(void) {
    struct supervision *s = NULL;
    MUST(supervise_start(&s) == 0);
    const pid_t parent = getppid();
    const int listener = load_asking(SYS_getppid);
    MUST(listener >= 0);
    supervise_listen(s, listener);
    MUST(syscall(SYS_getppid) == parent);
    MUST(supervisor_status() == 0);
    // As by the close-on-exec of the listener.
    MUST((fcntl(listener, F_GETFD) & FD_CLOEXEC) != 0);
    MUST(close(listener) == 0);
    errno = 0;
    MUST(syscall(SYS_getppid) == -1 && errno == ENOSYS);
}

static void a_listener_that_is_none(void) {
    struct supervision *s = NULL;
    MUST(supervise_start(&s) == 0);
    supervise_listen(s, 1000); // no such descriptor
    MUST(supervisor_status() == 0);
}

static void without_no_new_privs(void) {
    // An ordinary user without no_new_privs cannot load the supervisor's filter.
    struct supervision *s = NULL;
    MUST(supervise_start(&s) == -EACCES);
    MUST(supervisor_status() == 0);
}

static void test_nothing_comes(void **unused) {
    (void)unused;
    in_child(nothing_comes);
}

static void test_one_call_passes(void **unused) {
    (void)unused;
    in_child(one_call_passes);
}

static void test_no_descriptor(void **unused) {
    (void)unused;
    in_child(a_listener_that_is_none);
}

static void test_without_no_new_privs(void **unused) {
    (void)unused;
    fflush(NULL);
    const pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        if (prctl(PR_SET_CHILD_SUBREAPER, 1) != 0) _exit(90);
        if (geteuid() == 0 && (setgid(65534) != 0 || setuid(65534) != 0)) _exit(91);
        if (kernel_no_new_privs() != 0) _exit(77);
        without_no_new_privs();
        _exit(0);
    }
    int status = -1;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 77) {
        print_message("skipped: no_new_privs is set already\n");
        skip();
    }
    CHECK(status == 0, "status %#x", (unsigned)status);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing_comes),
        cmocka_unit_test(test_one_call_passes),
        cmocka_unit_test(test_no_descriptor),
        cmocka_unit_test(test_without_no_new_privs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
