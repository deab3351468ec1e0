// SPDX-License-Identifier: MIT
#include "process.h"

#include <errno.h>
#include <inttypes.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/wait.h>

#include "error.h"
#include "memory.h"

#ifndef PTRACE_SECCOMP_GET_FILTER
#define PTRACE_SECCOMP_GET_FILTER 0x420c // since 4.4
#endif

static int refused(int pid, int err, struct error *e) {
    switch (err) {
    case ESRCH:
        return error_set(e, ESRCH, "there is no process %d", pid);
    case EACCES:
        // The kernel asks for CAP_SYS_ADMIN in the initial user namespace, and for a caller without a filter.
        if (prctl(PR_GET_SECCOMP, 0, 0, 0, 0) > 0)
            return error_set(e, EACCES,
                             "this process has a filter of its own, so the kernel does not show it those of others; "
                             "run outside the sandbox or container");
        return error_set(e, EACCES, "reading the filters of process %d needs CAP_SYS_ADMIN; run as root", pid);
    case EPERM:
        return error_set(e, EPERM,
                         "process %d cannot be traced: it belongs to another user, is being traced already, or "
                         "ptrace is restricted here; run as root, and detach its debugger",
                         pid);
    case EINVAL:
        return error_set(e, EINVAL, "process %d has no filter (it may be in strict mode, which has none)", pid);
    case EIO:
        return error_set(e, ENOTSUP, "this kernel cannot show filters; it needs CONFIG_CHECKPOINT_RESTORE");
    default:
        return error_set(e, err, "cannot read the filters of process %d: errno %d", pid, err);
    }
}

// Instructions of program `offset` in the kernel's order (0: the first that was loaded); to NULL only counts them.
static long get_filter(int pid, uint64_t offset, struct sock_filter *code) {
    long count = ptrace(PTRACE_SECCOMP_GET_FILTER, pid, (void *)(uintptr_t)offset, code);
    return count < 0 ? -errno : count;
}

// The kernel counts from the oldest: the number of programs is the first offset that it does not know.
static long count_filters(int pid) {
    long count = 0, got;
    while ((got = get_filter(pid, (uint64_t)count, NULL)) >= 0)
        count++;
    return got == -ENOENT && count > 0 ? count : got;
}

static int read_stopped(int pid, uint64_t index, struct program **out, struct error *e) {
    long count = count_filters(pid);
    if (count == -ENOENT) return error_set(e, ENOENT, "process %d has no filter", pid);
    if (count < 0) return refused(pid, (int)-count, e);
    if (index >= (uint64_t)count)
        return error_set(e, ENOENT, "process %d has %ld programs; there is none with index %" PRIu64, pid, count,
                         index);
    uint64_t offset = (uint64_t)count - 1 - index;
    struct sock_filter *code = memory_new(BPF_LIMIT, sizeof *code);
    if (code == NULL) return error_memory(e);
    long got = get_filter(pid, offset, code);
    int r = got < 0 ? refused(pid, (int)-got, e) : bpf_validate(code, (size_t)got, e);
    if (r == 0) {
        *out = program_new(code, (size_t)got, __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__);
        if (*out == NULL) r = error_memory(e);
    }
    memory_free(code);
    return r;
}

int process_program(int pid, uint64_t index, struct program **out, struct error *e) {
    if (pid <= 0) return error_set(e, EINVAL, "%d is no process id", pid);
    if (ptrace(PTRACE_SEIZE, pid, NULL, NULL) != 0) return refused(pid, errno, e);
    int r, status = 0;
    if (ptrace(PTRACE_INTERRUPT, pid, NULL, NULL) != 0 || waitpid(pid, &status, __WALL) != pid)
        r = refused(pid, errno, e);
    else if (!WIFSTOPPED(status))
        return refused(pid, ESRCH, e); // it ended meanwhile
    else
        r = read_stopped(pid, index, out, e);
    // A signal that arrived in place of our stop must reach the process all the same.
    int signal = WIFSTOPPED(status) && status >> 16 == 0 ? WSTOPSIG(status) : 0;
    ptrace(PTRACE_DETACH, pid, NULL, (void *)(intptr_t)signal);
    return r;
}
