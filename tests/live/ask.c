// SPDX-License-Identifier: MIT
// A filter below the one that is asked about answers TRACE to everything. What the upper filter allows thus stops at
// the tracer, which skips the call; every other verdict outranks TRACE and shows as itself. Linux on x86_64.
#include "ask.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    BELOW = 0xabed,
    PASSED = 4321,
    URETPROBE = 335 // 6.11
};

// What tracer and child share.
struct shared {
    volatile size_t at; // the case that is being asked
    volatile size_t count;
    volatile int asking;    // calls are questions now
    volatile int failed;    // result of load
    volatile uint32_t trap; // the verdict of a call that was answered by SIGSYS or by another tracer value
    struct ask_case cases[];
};

static long call_native(const struct ask_case *c) {
    register uint64_t r10 __asm__("r10") = c->args[3];
    register uint64_t r8 __asm__("r8") = c->args[4];
    register uint64_t r9 __asm__("r9") = c->args[5];
    long result;
    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "a"((uint64_t)c->number), "D"(c->args[0]), "S"(c->args[1]), "d"(c->args[2]), "r"(r10), "r"(r8),
                       "r"(r9)
                     : "rcx", "r11", "memory");
    return result;
}

// The sixth argument is in ebp, which the compiler keeps for itself: it is exchanged around the call.
static long call_compat(const struct ask_case *c) {
    uint64_t result = c->number, sixth = c->args[5];
    __asm__ volatile("xchg %%rbp, %[sixth]\n\tint $0x80\n\txchg %%rbp, %[sixth]"
                     : "+a"(result), [sixth] "+r"(sixth)
                     : "b"(c->args[0]), "c"(c->args[1]), "d"(c->args[2]), "S"(c->args[3]), "D"(c->args[4])
                     : "r8", "r9", "r10", "r11", "memory");
    return (long)(int)result;
}

static void ask_all(struct shared *s, pid_t pid) {
    for (; s->at < s->count; s->at++) {
        struct ask_case *c = &s->cases[s->at];
        for (int i = 0; i < 6; i++)
            if (c->args[i] == ASK_SELF) c->args[i] = (uint64_t)pid;
        s->trap = SECCOMP_RET_ALLOW;
        s->asking = 1;
        long result = c->compat ? call_compat(c) : call_native(c);
        s->asking = 0;
        if (s->trap != SECCOMP_RET_ALLOW)
            c->verdict = s->trap;
        else if (result == -PASSED)
            c->verdict = SECCOMP_RET_ALLOW;
        else
            c->verdict = SECCOMP_RET_ERRNO | ((uint32_t)-result & SECCOMP_RET_DATA);
    }
}

static void child(struct shared *s, int (*load)(void *), void *context) {
    struct sock_filter trace = {.code = BPF_RET | BPF_K, .k = SECCOMP_RET_TRACE | BELOW};
    struct sock_fprog program = {.len = 1, .filter = &trace};
    pid_t pid = getpid();    // afterwards it may be death
    signal(SIGILL, SIG_DFL); // cmocka's handler would make calls
    raise(SIGSTOP);          // the tracer seizes here
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) != 0) {
        s->failed = -errno;
        _exit(1);
    }
    s->failed = load(context);
    if (s->failed == 0) ask_all(s, pid);
    __builtin_trap(); // exit_group may be denied: the tracer ends the child at this stop
}

static void on_trace(pid_t pid, struct shared *s) {
    unsigned long data = 0;
    ptrace(PTRACE_GETEVENTMSG, pid, NULL, &data);
    if (!s->asking) return;
    if (data != BELOW) s->trap = SECCOMP_RET_TRACE | (uint32_t)data;
    struct user_regs_struct regs;
    ptrace(PTRACE_GETREGS, pid, NULL, &regs);
    regs.orig_rax = (unsigned long)-1; // skips the call
    regs.rax = (unsigned long)-PASSED;
    ptrace(PTRACE_SETREGS, pid, NULL, &regs);
}

// Since 6.13 no filter, the lower one included, sees this call. It kills who was not made to call it by the kernel.
static bool ran_uretprobe(const struct ask_case *c, int status) {
    return !c->compat && c->number == URETPROBE && WIFSIGNALED(status) && WTERMSIG(status) == SIGILL;
}

// One life of the child; a verdict of kill ends it. True while cases are left.
static bool follow(pid_t pid, struct shared *s) {
    int status;
    waitpid(pid, &status, WUNTRACED);
    ptrace(PTRACE_SEIZE, pid, NULL, (void *)(PTRACE_O_TRACESECCOMP | PTRACE_O_EXITKILL));
    kill(pid, SIGCONT);
    while (waitpid(pid, &status, 0) == pid && WIFSTOPPED(status)) {
        int signal = WSTOPSIG(status);
        if (status >> 8 == (SIGTRAP | PTRACE_EVENT_SECCOMP << 8)) {
            on_trace(pid, s);
            signal = 0;
        } else if (status >> 16 != 0) {
            signal = 0; // a group stop of SIGCONT
        } else if (signal == SIGSYS && s->asking) {
            siginfo_t info;
            ptrace(PTRACE_GETSIGINFO, pid, NULL, &info);
            s->trap = SECCOMP_RET_TRAP | ((uint32_t)info.si_errno & SECCOMP_RET_DATA);
            signal = 0;
        }
        if (s->at >= s->count) signal = SIGKILL;
        ptrace(PTRACE_CONT, pid, NULL, (void *)(intptr_t)signal);
    }
    if (s->failed != 0 || s->at >= s->count) return false;
    struct ask_case *c = &s->cases[s->at];
    if (s->asking && ran_uretprobe(c, status)) {
        c->verdict = SECCOMP_RET_ALLOW;
        return ++s->at < s->count;
    }
    // SIGSYS that nobody saw coming is the kernel's own: the process was killed by a verdict.
    if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGSYS || !s->asking) {
        fprintf(stderr, "the child ended with status %#x at case %zu\n", (unsigned)status, s->at);
        abort();
    }
    c->verdict = SECCOMP_RET_KILL_PROCESS;
    return ++s->at < s->count;
}

int ask_kernel(int (*load)(void *context), void *context, struct ask_case *cases, size_t count) {
    size_t size = sizeof(struct shared) + count * sizeof *cases;
    struct shared *s = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (s == MAP_FAILED) abort();
    memcpy(s->cases, cases, count * sizeof *cases);
    s->count = count;
    bool more = true;
    while (more) {
        s->asking = 0;
        pid_t pid = fork();
        if (pid == 0) {
            child(s, load, context);
            _exit(0);
        }
        more = follow(pid, s);
    }
    int failed = s->failed;
    memcpy(cases, s->cases, count * sizeof *cases);
    munmap(s, size);
    return failed;
}
