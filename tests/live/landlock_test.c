// SPDX-License-Identifier: MIT
#include "landlock.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "child.h"
#include "kernel.h"

static bool opens(pid_t pid, const char *file, int flags) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, file);
    int fd = open(path, flags);
    if (fd >= 0) close(fd);
    return fd >= 0;
}

static void outside_is_closed(void) {
    pid_t parent = getppid();
    bool before = opens(parent, "mem", O_RDWR);
    child_apply("EACCES getpgrp\nlandlock = on");
    must(geteuid() != 0 || before); // or the test shows nothing
    must(!opens(parent, "mem", O_RDWR));
    must(!opens(parent, "mem", O_RDONLY));
    char path[64], target[64];
    snprintf(path, sizeof path, "/proc/%d/fd/0", (int)parent);
    must(readlink(path, target, sizeof target) < 0);
    must(ptrace(PTRACE_SEIZE, parent, NULL, NULL) < 0 && errno == EPERM);
}

// A child of this one, in the same domain, stays open, so that debuggers work on what they start.
static void inside_is_open(void) {
    child_apply("EACCES getpgrp\nlandlock = on");
    pid_t child = fork();
    if (child == 0)
        for (;;)
            pause();
    must(opens(child, "mem", O_RDWR));
    must(kill(child, SIGKILL) == 0 && waitpid(child, NULL, 0) == child);
}

static void remove_files(void) {
    must(unlink("b/file") == 0 && unlink("a/link") == 0 && rmdir("b/inner") == 0);
    must(rmdir("a") == 0 && rmdir("b") == 0 && unlink("c") == 0 && unlink("d") == 0);
}

// In a child: the folder itself is out of reach afterwards.
static void below_chroot(const char *folder) {
    pid_t pid = fork();
    if (pid == 0) {
        must(chroot(folder) == 0 && chdir("/") == 0);
        must(rename("b/file", "a/file") == 0 && rename("a/file", "b/file") == 0);
        remove_files();
        _exit(0);
    }
    int status;
    must(waitpid(pid, &status, 0) == pid && status == 0);
}

// What a program does with files goes on: a domain forbids rename and link across directories unless told otherwise.
static void files_go_on(void) {
    child_apply("EACCES getpgrp\nlandlock = on");
    char folder[] = "/tmp/abjure-landlock-XXXXXX";
    must(mkdtemp(folder) && chdir(folder) == 0);
    must(mkdir("a", 0700) == 0 && mkdir("b", 0700) == 0);
    int fd = open("a/file", O_WRONLY | O_CREAT, 0600);
    must(fd >= 0 && write(fd, "x", 1) == 1 && close(fd) == 0);
    must(rename("a/file", "b/file") == 0);
    must(link("b/file", "a/link") == 0);
    must(mkdir("a/inner", 0700) == 0 && rename("a/inner", "b/inner") == 0);
    must(symlink("b", "c") == 0 && mkfifo("d", 0600) == 0 && truncate("b/file", 0) == 0);
    if (geteuid() == 0) {
        must(mknod("block", S_IFBLK | 0600, 0x700) == 0);
        must(unlink("block") == 0);
        below_chroot(folder);
    } else {
        remove_files();
    }
    must(chdir("/") == 0 && rmdir(folder) == 0);
}

static void the_rest_goes_on(void) {
    child_apply("EACCES getpgrp\nlandlock = on");
    must(kill(getppid(), 0) == 0 || errno == EPERM);
    int pair[2];
    must(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
    must(socket(AF_INET, SOCK_STREAM, 0) >= 0);
    must(opens(getpid(), "mem", O_RDWR));
    must(opens(getppid(), "status", O_RDONLY));
}

static void *wait_for_ever(void *context) {
    (void)context;
    for (;;)
        pause();
    return NULL;
}

static void with_threads(void) {
    pthread_t t;
    struct error e;
    must(pthread_create(&t, NULL, wait_for_ever, NULL) == 0);
    int r = child_load(child_filter("EACCES getpgrp\nlandlock = on"), NULL, &e);
    if (landlock_version() >= 8) {
        must(r == 0);
        return;
    }
    must(r == -ENOTSUP);
    must_say(&e, "1 other thread");
    must(kernel_no_new_privs() == 0);
    must(child_filters() == 0);
    must(child_load(child_filter("EACCES getpgrp\nlandlock = on"), "this_thread", &e) == 0);
    must(!opens(getppid(), "mem", O_RDONLY));
}

static void without_privileges(void) {
    struct error e;
    must(child_load(child_filter("EACCES getpgrp\nlandlock = on\nno_new_privs = off"), NULL, &e) == -EACCES);
    must_say(&e, "CAP_SYS_ADMIN");
    must(child_filters() == 0);
}

// A load that fails after the domain says that the domain stays.
static void stays(void) {
    struct sock_filter code[] = {{0x20, 0, 0, 0}, {0x15, 0, 3, SYS_seccomp},         {0x20, 0, 0, 32},
                                 {0x15, 1, 0, 0}, {0x06, 0, 0, 0x00050000 | ENOMEM}, {0x06, 0, 0, 0x7fff0000}};
    must(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
    must(kernel_seccomp(code, sizeof code / sizeof code[0], 0) == 0);
    struct error e;
    must(child_load(child_filter("EACCES getpgrp\nlandlock = on"), NULL, &e) == -ENOMEM);
    must_say(&e, "Landlock domain is entered now");
    must(!child_says(&e, "no_new_privs"));
}

static void too_many_domains(void) {
    struct error e;
    int count = 0, r;
    must(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
    while ((r = landlock_enter(false, &e)) == 0)
        must(++count <= 64);
    must(r == -E2BIG);
    must_say(&e, "16");
    must(count == 16);
}

static void test_domain(void **state) {
    (void)state;
    if (landlock_version() < 2) {
        print_message("skipped: Landlock ABI %d, the test is for 2 and later\n", landlock_version());
        skip();
    }
    assert_children(outside_is_closed);
    assert_children(inside_is_open);
    assert_children(files_go_on);
    assert_children(the_rest_goes_on);
    assert_children(with_threads);
    assert_int_equal(child_status(without_privileges, CHILD_NOBODY), 0);
    assert_child(too_many_domains);
    if (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__) assert_children(stays);
}

static void no_landlock(void) {
    struct sock_filter code[] = {
        {0x20, 0, 0, 0}, {0x15, 0, 1, 444}, {0x06, 0, 0, 0x00050000 | ENOSYS}, {0x06, 0, 0, 0x7fff0000}};
    must(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
    must(kernel_seccomp(code, sizeof code / sizeof code[0], 0) == 0);
    struct error e;
    must(landlock_version() == -ENOSYS);
    must(child_load(child_filter("EACCES getpgrp\nlandlock = on"), NULL, &e) == -ENOTSUP);
    must_say(&e, "5.13");
    must(child_filters() == 1);
}

static void test_no_landlock(void **state) {
    (void)state;
    assert_children(no_landlock);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_domain), cmocka_unit_test(test_no_landlock)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
