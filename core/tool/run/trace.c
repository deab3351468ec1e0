// SPDX-License-Identifier: MIT
#include "trace.h"

#include <elf.h>
#include <linux/audit.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>

#ifndef PTRACE_EVENT_STOP
#define PTRACE_EVENT_STOP 128
#endif
// Linux 5.3. The C library may have it as an enum, or not at all.
#define GET_SYSCALL_INFO 0x420e

bool trace_seize(pid_t child) {
    return ptrace(PTRACE_SEIZE, child, NULL, (void *)(PTRACE_O_TRACEEXIT | PTRACE_O_TRACECLONE)) == 0;
}

// The registers of the last call. The kernel rolls the result back before it kills, so that the first argument or the
// number, which share a register with the result on some ABIs, are there again.
#if defined(__x86_64__)
enum {
    X86_REGISTERS = 17
};

// A program of 64 bits can make calls of 32-bit x86 too, by int 0x80. Older kernels do not tell.
static bool is_compat_call(pid_t thread) {
    struct {
        uint8_t operation, pad[3]; // the beginning of struct ptrace_syscall_info
        uint32_t arch;
    } info;
    return ptrace(GET_SYSCALL_INFO, thread, (void *)sizeof info, &info) >= (long)sizeof info &&
           info.arch == AUDIT_ARCH_I386;
}

static bool read_call(pid_t thread, const void *registers, size_t size, struct last_call *out) {
    if (size == X86_REGISTERS * sizeof(uint32_t)) { // a program of 32 bits: struct user_regs_struct of x86
        enum {
            EBX,
            ECX,
            EDX,
            ESI,
            EDI,
            EBP,
            ORIG_EAX = 11
        };
        const uint32_t *r = registers;
        out->arch = AUDIT_ARCH_I386;
        out->number = r[ORIG_EAX];
        for (int i = EBX; i <= EBP; i++)
            out->arguments[i] = r[i];
        return true;
    }
    if (size != sizeof(struct user_regs_struct)) return false;
    const struct user_regs_struct *r = registers;
    if (is_compat_call(thread)) {
        *out = (struct last_call){AUDIT_ARCH_I386,
                                  (uint32_t)r->orig_rax,
                                  {(uint32_t)r->rbx, (uint32_t)r->rcx, (uint32_t)r->rdx, (uint32_t)r->rsi,
                                   (uint32_t)r->rdi, (uint32_t)r->rbp}};
        return true;
    }
    *out = (struct last_call){AUDIT_ARCH_X86_64, (uint32_t)r->orig_rax, {r->rdi, r->rsi, r->rdx, r->r10, r->r8, r->r9}};
    return true;
}
#elif defined(__aarch64__)
static bool read_call(pid_t thread, const void *registers, size_t size, struct last_call *out) {
    (void)thread;
    if (size != sizeof(struct user_regs_struct)) return false;
    const struct user_regs_struct *r = registers;
    *out = (struct last_call){.arch = AUDIT_ARCH_AARCH64, .number = (uint32_t)r->regs[8]};
    for (int i = 0; i < 6; i++)
        out->arguments[i] = r->regs[i];
    return true;
}
#elif defined(__riscv) && __riscv_xlen == 64
static bool read_call(pid_t thread, const void *registers, size_t size, struct last_call *out) {
    (void)thread;
    enum {
        PC_AND_X1_TO_X31 = 32,
        A0 = 10,
        A7 = 17
    };
    if (size != PC_AND_X1_TO_X31 * sizeof(uint64_t)) return false;
    const uint64_t *r = registers;
    *out = (struct last_call){.arch = AUDIT_ARCH_RISCV64, .number = (uint32_t)r[A7]};
    for (int i = 0; i < 6; i++)
        out->arguments[i] = r[A0 + i];
    return true;
}
#else
static bool read_call(pid_t thread, const void *registers, size_t size, struct last_call *out) {
    (void)thread, (void)registers, (void)size, (void)out; // the report then names the signal only
    return false;
}
#endif

static bool dies_by_filter(pid_t thread, struct last_call *out) {
    unsigned long status = 0;
    if (ptrace(PTRACE_GETEVENTMSG, thread, NULL, &status) < 0) return false;
    if (!WIFSIGNALED((int)status) || WTERMSIG((int)status) != SIGSYS) return false;
    uint64_t registers[128];
    struct iovec v = {registers, sizeof registers};
    if (ptrace(PTRACE_GETREGSET, thread, (void *)NT_PRSTATUS, &v) < 0) return false;
    return read_call(thread, registers, v.iov_len, out);
}

static bool stops(int signal) {
    return signal == SIGSTOP || signal == SIGTSTP || signal == SIGTTIN || signal == SIGTTOU;
}

enum trace_event trace_stop(pid_t thread, int status, struct last_call *out) {
    int signal = WSTOPSIG(status), event = status >> 16;
    enum trace_event result = TRACE_NOTHING;
    if (event == PTRACE_EVENT_STOP && stops(signal)) {
        ptrace(PTRACE_LISTEN, thread, NULL, NULL);
        // Somebody who sends SIGSTOP to one process means that one; job control means all of the job.
        return signal != SIGSTOP ? TRACE_STOPPED : TRACE_NOTHING;
    }
    if (event == PTRACE_EVENT_EXIT && dies_by_filter(thread, out)) result = TRACE_KILLED;
    // Only a stop without an event is one for a signal that waits to be delivered.
    ptrace(PTRACE_CONT, thread, NULL, (void *)(long)(event == 0 ? signal : 0));
    return result;
}
