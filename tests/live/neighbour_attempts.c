// SPDX-License-Identifier: MIT
// Read, steer and signal a process of the same user.
#include "attempts.h"

#include "child.h"

#include <fcntl.h>
#include <linux/kcmp.h>
#include <linux/perf_event.h>
#include <linux/userfaultfd.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef USERFAULTFD_IOC_NEW
#define USERFAULTFD_IOC_NEW _IO(0xaa, 0)
#endif

#define HIGH (UINT64_C(1) << 32)
#define DEBUG "@debug @exec @spawn @wx @code"

static bool traced(uint64_t pid) {
    return syscall(SYS_ptrace, (long)PTRACE_SEIZE, pid, 0L, 0L) == 0;
}

static bool by_ptrace(void) {
    return traced((uint64_t)neighbour.pid);
}

static bool ptrace_high(void) {
    return traced(HIGH | (uint64_t)neighbour.pid);
}

static bool by_writev(void) {
    int value = 2;
    struct iovec local = {&value, sizeof value}, remote = {(void *)(uintptr_t)neighbour.value, sizeof value};
    return process_vm_writev(neighbour.pid, &local, 1, &remote, 1, 0) == sizeof value;
}

static bool by_readv(void) {
    int value = 0;
    struct iovec local = {&value, sizeof value}, remote = {(void *)(uintptr_t)neighbour.value, sizeof value};
    return process_vm_readv(neighbour.pid, &local, 1, &remote, 1, 0) == sizeof value && value == 1;
}

static bool take_descriptor(void) {
    return syscall(SYS_pidfd_getfd, neighbour.pidfd, neighbour.descriptor, 0) >= 0;
}

static bool compare(void) {
    return syscall(SYS_kcmp, neighbour.pid, getpid(), KCMP_VM, 0, 0) >= 0;
}

static bool advise(void) {
    struct iovec page = {(void *)((uintptr_t)neighbour.value & ~4095UL), 4096};
    return syscall(SYS_process_madvise, neighbour.pidfd, &page, 1L, 21L /* MADV_PAGEOUT */, 0L) >= 0;
}

static bool measure(void) {
    struct perf_event_attr attr = {.type = PERF_TYPE_SOFTWARE,
                                   .size = sizeof attr,
                                   .config = PERF_COUNT_SW_TASK_CLOCK,
                                   .exclude_kernel = 1,
                                   .exclude_hv = 1};
    return syscall(SYS_perf_event_open, &attr, neighbour.pid, -1, -1, 0L) >= 0;
}

static bool fault(void) {
    return syscall(SYS_userfaultfd, O_CLOEXEC | 1 /* UFFD_USER_MODE_ONLY */) >= 0;
}

static int device;

static void open_device(void) {
    device = open("/dev/userfaultfd", O_RDWR | O_CLOEXEC);
}

static bool fault_by_device(void) {
    return ioctl(device, USERFAULTFD_IOC_NEW, O_CLOEXEC) >= 0;
}

static bool fault_by_device_high(void) {
    return syscall(SYS_ioctl, device, HIGH | USERFAULTFD_IOC_NEW, O_CLOEXEC) >= 0;
}

static bool find_pages(void) {
    void *page = (void *)((uintptr_t)neighbour.value & ~4095UL);
    int where = -1;
    return syscall(SYS_move_pages, neighbour.pid, 1L, &page, NULL, &where, 0) == 0;
}

static bool move_to_node(void) {
    unsigned long node = 1;
    return syscall(SYS_migrate_pages, neighbour.pid, 2L, &node, &node) >= 0;
}

static bool robust_list(void) {
    void *head;
    size_t size;
    return syscall(SYS_get_robust_list, neighbour.pid, &head, &size) == 0;
}

// A tracer's words put into code that is only executable: into a child, which needs no rights at all.
static bool poke_child(void) {
    pid_t pid = fork();
    if (pid == 0) {
        if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) != 0) _exit(1);
        raise(SIGSTOP);
        _exit(1);
    }
    int status;
    if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFSTOPPED(status)) return false;
    bool poked = ptrace(PTRACE_POKETEXT, pid, (void *)(uintptr_t)poke_child, (void *)-1L) == 0;
    kill(pid, SIGKILL);
    return poked;
}

// ---- Signals -------------------------------------------------------------------------------------------------------

static bool killed(uint64_t pid) {
    return syscall(SYS_kill, pid, SIGKILL) == 0 && neighbour_died();
}

static bool by_kill(void) {
    return killed((uint64_t)neighbour.pid);
}

static bool kill_high(void) {
    return killed(HIGH | (uint64_t)neighbour.pid);
}

static bool kill_group(void) {
    return killed((uint64_t)-neighbour.pid);
}

static bool by_tkill(void) {
    return syscall(SYS_tkill, neighbour.pid, SIGKILL) == 0 && neighbour_died();
}

static bool by_tgkill(void) {
    return syscall(SYS_tgkill, neighbour.pid, neighbour.pid, SIGKILL) == 0 && neighbour_died();
}

static bool by_queue(void) {
    siginfo_t info = {.si_signo = SIGKILL, .si_code = SI_QUEUE};
    return syscall(SYS_rt_sigqueueinfo, neighbour.pid, SIGKILL, &info) == 0 && neighbour_died();
}

static bool by_thread_queue(void) {
    siginfo_t info = {.si_signo = SIGKILL, .si_code = SI_QUEUE};
    return syscall(SYS_rt_tgsigqueueinfo, neighbour.pid, neighbour.pid, SIGKILL, &info) == 0 && neighbour_died();
}

static bool by_pidfd(void) {
    return syscall(SYS_pidfd_send_signal, neighbour.pidfd, SIGKILL, NULL, 0) == 0 && neighbour_died();
}

static bool by_limit(void) {
    struct rlimit limit = {0, 0};
    return prlimit(neighbour.pid, RLIMIT_CPU, &limit, NULL) == 0;
}

// A tracer chooses the signal with which its tracee goes on.
static bool by_tracer(void) {
    int status;
    return ptrace(PTRACE_ATTACH, neighbour.pid, NULL, NULL) == 0 &&
           waitpid(neighbour.pid, &status, __WALL) == neighbour.pid &&
           ptrace(PTRACE_CONT, neighbour.pid, NULL, (void *)(long)SIGKILL) == 0 && neighbour_died();
}

// News on a socket, and the kernel signals its owner with the signal that was chosen.
static int pair[2];

static void make_pair(void) {
    make_neighbour();
    must(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
}

static bool news(void) {
    return fcntl(pair[0], F_SETFL, O_ASYNC) == 0 && write(pair[1], "x", 1) == 1 && neighbour_died();
}

static bool by_owner(void) {
    return fcntl(pair[0], F_SETOWN, neighbour.pid) == 0 && news();
}

static bool by_owner_high(void) {
    return syscall(SYS_fcntl, pair[0], HIGH | F_SETOWN, neighbour.pid) == 0 && news();
}

static bool by_owner_ex(void) {
    struct f_owner_ex owner = {F_OWNER_PID, neighbour.pid};
    return fcntl(pair[0], F_SETOWN_EX, &owner) == 0 && news();
}

static bool by_owner_ioctl(void) {
    return ioctl(pair[0], FIOSETOWN, &neighbour.pid) == 0 && news();
}

static bool by_owner_socket(void) {
    return ioctl(pair[0], SIOCSPGRP, &neighbour.pid) == 0 && news();
}

const struct attempt neighbour_attempts[] = {
    {"ptrace", DEBUG, by_ptrace, make_neighbour, 0},
    {"ptrace with a high word", DEBUG, ptrace_high, make_neighbour, 0},
    {"PTRACE_POKETEXT into a child", DEBUG, poke_child, NULL, 0},
    {"process_vm_writev", DEBUG, by_writev, make_neighbour, 0},
    {"process_vm_readv", DEBUG, by_readv, make_neighbour, 0},
    {"pidfd_getfd", DEBUG " @accept @connect @network @open", take_descriptor, make_neighbour, 0},
    {"kcmp", DEBUG, compare, make_neighbour, MAYBE},
    {"process_madvise", DEBUG, advise, make_neighbour, MAYBE},
    {"perf_event_open", DEBUG " @kernel", measure, make_neighbour, MAYBE},
    {"userfaultfd", DEBUG " @kernel", fault, NULL, MAYBE},
    {"/dev/userfaultfd", DEBUG " @kernel", fault_by_device, open_device, MAYBE},
    {"/dev/userfaultfd with a high word", DEBUG " @kernel", fault_by_device_high, open_device, MAYBE},
    {"move_pages", DEBUG " @kernel", find_pages, make_neighbour, MAYBE},
    {"migrate_pages", DEBUG " @kernel", move_to_node, make_neighbour, MAYBE},
    {"get_robust_list", DEBUG, robust_list, make_neighbour, 0},
    {"kill", "@signal", by_kill, make_neighbour, 0},
    {"kill with a high word", "@signal", kill_high, make_neighbour, 0},
    {"kill of a group", "@signal", kill_group, make_neighbour, 0},
    {"tkill", "@signal", by_tkill, make_neighbour, 0},
    {"tgkill", "@signal", by_tgkill, make_neighbour, 0},
    {"rt_sigqueueinfo", "@signal", by_queue, make_neighbour, 0},
    {"rt_tgsigqueueinfo", "@signal", by_thread_queue, make_neighbour, 0},
    {"pidfd_send_signal", "@signal", by_pidfd, make_neighbour, 0},
    {"ptrace with a signal", DEBUG " @signal", by_tracer, make_neighbour, 0},
    {"prlimit64", "@signal", by_limit, make_neighbour, 0},
    {"F_SETOWN", "@signal", by_owner, make_pair, 0},
    {"F_SETOWN with a high word", "@signal", by_owner_high, make_pair, 0},
    {"F_SETOWN_EX", "@signal", by_owner_ex, make_pair, 0},
    {"FIOSETOWN", "@signal", by_owner_ioctl, make_pair, 0},
    {"SIOCSPGRP", "@signal", by_owner_socket, make_pair, 0},
    {0},
};
