// SPDX-License-Identifier: MIT
#include "holdings.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "child.h"
#include "kernel.h"
#include "launch.h"

// Of the kernel's interface, since headers may lack the newer parts.
enum {
    IO_SETUP = 425,
    SETUP_SQPOLL = 1 << 1,
    SETUP_NO_MMAP = 1 << 14,            // 6.5
    SETUP_REGISTERED_FD_ONLY = 1 << 15, // 6.5
    MAP_AT_SQES = 0x10000000,
};

struct io_offsets {
    uint32_t words[8];
    uint64_t user;
};

struct io_parameters {
    uint32_t sq_entries, cq_entries, flags, sq_thread_cpu, sq_thread_idle, features, wq_fd, reserved[3];
    struct io_offsets sq, cq;
};

static int ring(uint32_t flags, struct io_parameters *p) {
    memset(p, 0, sizeof *p);
    p->flags = flags;
    p->sq_thread_idle = 1000;
    if (flags & SETUP_NO_MMAP) {
        // The ring's memory is the caller's: one page for the entries, one for the rest.
        char *memory = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
        must(memory != MAP_FAILED);
        p->sq.user = (uintptr_t)memory;
        p->cq.user = (uintptr_t)(memory + 4096);
    }
    int fd = (int)syscall(IO_SETUP, 4L, p);
    return fd < 0 ? -errno : fd;
}

#define DENIED "ENOTBLK getsid"

static void refused(const char *how) {
    struct error e;
    must(child_load(child_filter(DENIED), NULL, &e) == -EBUSY);
    must_say(&e, how);
    must_say(&e, "io_uring = keep");
    must(kernel_no_new_privs() == 0);
    must(child_filters() == 0);
}

static void by_descriptor(void) {
    struct io_parameters p;
    int fd = ring(0, &p);
    must(fd >= 0);
    char how[32];
    snprintf(how, sizeof how, "descriptor %d)", fd);
    refused(how);
}

static void by_mapping(void) {
    struct io_parameters p;
    int fd = ring(0, &p);
    must(mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, MAP_AT_SQES) != MAP_FAILED);
    must(close(fd) == 0);
    refused("mapped");
}

// Any thread of a process may rename the others, the kernel's included.
static int rename_thread(pid_t tid, void *context) {
    (void)context;
    if (tid == getpid()) return 0;
    char path[64], name[64] = "";
    while (strncmp(name, "iou-sqp-", 8) != 0)
        must(kernel_task_name(tid, name) == 0); // which it gives itself at first
    snprintf(path, sizeof path, "/proc/self/task/%d/comm", (int)tid);
    int fd = open(path, O_WRONLY);
    must(fd >= 0 && write(fd, "worker", 6) == 6 && close(fd) == 0);
    return 0;
}

static void hidden(bool renamed) {
    struct io_parameters p;
    must(ring(SETUP_SQPOLL | SETUP_NO_MMAP | SETUP_REGISTERED_FD_ONLY, &p) >= 0);
    if (renamed) must(kernel_each_task(NULL, rename_thread, NULL) == 0);
    refused(renamed ? "(\"worker\")" : "(\"iou-sqp-");
}

static void by_thread(void) {
    hidden(false);
}

static void by_renamed_thread(void) {
    hidden(true);
}

static void kept(void) {
    struct io_parameters p;
    must(ring(0, &p) >= 0);
    child_apply(DENIED "\nio_uring = keep");
}

static void allowed(void) {
    struct io_parameters p;
    must(ring(0, &p) >= 0);
    child_apply("allow io_uring_setup, io_uring_enter, io_uring_register\n" DENIED);
}

static void complaining(void) {
    struct io_parameters p;
    must(ring(0, &p) >= 0);
    child_apply(DENIED "\ncomplain = on");
}

static void closed(void) {
    struct io_parameters p;
    int fd = ring(SETUP_SQPOLL, &p); // whose thread outlives it for a moment
    must(fd >= 0 && close(fd) == 0);
    child_apply(DENIED);
}

// A ring whose descriptor is closed by the execve does not matter.
static void launched(void) {
    struct io_parameters p;
    int fd = ring(0, &p);
    must(fd >= 0);
    char *argv[] = {"sh", "-c", "exit 3", NULL};
    struct error e;
    must(fcntl(fd, F_SETFD, 0) == 0);
    must(launch_filter(child_filter(DENIED), "/bin/sh", argv, NULL, &e) == -EBUSY);
    must(fcntl(fd, F_SETFD, FD_CLOEXEC) == 0);
    launch_filter(child_filter(DENIED), "/bin/sh", argv, NULL, &e);
    child_fail(__FILE__, __LINE__, "no start", e.message);
}

static int available(uint32_t flags) {
    struct io_parameters p;
    int fd = ring(flags, &p);
    if (fd >= 0 && !(flags & SETUP_REGISTERED_FD_ONLY)) close(fd);
    return fd < 0 ? fd : 0;
}

static void hidden_available(void) {
    int r = available(SETUP_SQPOLL | SETUP_NO_MMAP | SETUP_REGISTERED_FD_ONLY);
    _exit(r < 0 ? 1 : 0);
}

static void test_rings(void **state) {
    (void)state;
    int r = available(0);
    if (r < 0) {
        print_message("skipped: io_uring is not available (%s)\n", strerror(-r));
        skip();
    }
    assert_children(by_descriptor);
    assert_children(by_mapping);
    assert_children(kept);
    assert_children(allowed);
    assert_children(complaining);
    assert_children(closed);
    assert_int_equal(WEXITSTATUS(child_status(launched, CHILD_AS_IS)), 3);
}

static void test_hidden_ring(void **state) {
    (void)state;
    if (child_status(hidden_available, CHILD_AS_IS) != 0) {
        print_message("skipped: rings without descriptor and mapping are of Linux 6.5\n");
        skip();
    }
    assert_children(by_thread);
    assert_children(by_renamed_thread);
}

// ---- Warnings -------------------------------------------------------------------------------------------------------

static const char *notes_of(const char *lines) {
    struct error e;
    struct filter *f = child_filter(lines);
    int r = child_load(f, NULL, &e);
    if (r < 0) child_fail(__FILE__, __LINE__, lines, e.message);
    return f->notes ? f->notes : "";
}

static int listener(void) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    must(fd >= 0 && bind(fd, (struct sockaddr *)&address, sizeof address) == 0 && listen(fd, 1) == 0);
    return fd;
}

static void warns_of_sockets(void) {
    int fd = listener();
    struct sockaddr_in address;
    socklen_t size = sizeof address;
    must(getsockname(fd, (struct sockaddr *)&address, &size) == 0);
    int client = socket(AF_INET, SOCK_STREAM, 0);
    must(connect(client, (struct sockaddr *)&address, size) == 0);
    char wanted[64];
    const char *notes = notes_of("deny getsid");
    must(strstr(notes, "socket") == NULL);
    notes = notes_of("deny listen");
    snprintf(wanted, sizeof wanted, "descriptor %d is a listening socket", fd);
    must(strstr(notes, wanted) != NULL);
    must(strstr(notes, "connected") == NULL);
    notes = notes_of("deny connect");
    snprintf(wanted, sizeof wanted, "descriptor %d is a connected socket", client);
    must(strstr(notes, wanted) != NULL);
}

static void warns_of_memory(void) {
    must(strstr(notes_of("EACCES getsid"), "executable") == NULL);
    void *memory = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    must(memory != MAP_FAILED);
    must(strstr(notes_of("EACCES getpgrp"), "executable") == NULL);
    char wanted[64];
    snprintf(wanted, sizeof wanted, "memory at 0x%llx is writable and executable",
             (unsigned long long)(uintptr_t)memory);
    must(strstr(notes_of("deny mmap(prot & 6 == 6)"), wanted) != NULL);
}

static void warns_of_core(void) {
    struct rlimit limit = {.rlim_cur = 1 << 20, .rlim_max = 1 << 20};
    must(setrlimit(RLIMIT_CORE, &limit) == 0);
    must(strstr(notes_of("EACCES getsid"), "core") == NULL);
    must(strstr(notes_of("EROFS openat(flags & 0x400243 != 0)"), "core limit") != NULL);
    limit.rlim_cur = 0;
    must(setrlimit(RLIMIT_CORE, &limit) == 0);
    must(strstr(notes_of("EACCES openat(flags & 0x400243 != 0)"), "core") == NULL);
}

static void test_warnings(void **state) {
    (void)state;
    assert_children(warns_of_sockets);
    assert_children(warns_of_core);
    assert_children(warns_of_memory);
}

static void many_descriptors(void) {
    int fd = listener();
    for (int i = 0; i < 9; i++)
        must(dup(fd) >= 0);
    const char *notes = notes_of("deny listen");
    must(strstr(notes, " and 4 more are listening sockets") != NULL);
}

static void test_many(void **state) {
    (void)state;
    assert_child(many_descriptors);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rings),
        cmocka_unit_test(test_hidden_ring),
        cmocka_unit_test(test_warnings),
        cmocka_unit_test(test_many),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
