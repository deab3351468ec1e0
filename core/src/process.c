// SPDX-License-Identifier: MIT
#include "process.h"

#include <errno.h>
#include <inttypes.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/wait.h>

#include "error.h"
#include "kernel.h"
#include "memory.h"
#include "text.h"

#ifndef PTRACE_SECCOMP_GET_FILTER
#define PTRACE_SECCOMP_GET_FILTER 0x420c // since 4.4
#endif

// ---- Reasons -------------------------------------------------------------------------------------------------------

// What its status file says beside kernel_task: -1 where the line is missing.
struct facts {
    struct kernel_task task;
    long tracer, kernel_thread;
};

static int take_fact(const char *line, void *context) {
    struct facts *f = context;
    kernel_task_line(line, &f->task);
    if (strncmp(line, "TracerPid:", 10) == 0) f->tracer = strtol(line + 10, NULL, 10);
    if (strncmp(line, "Kthread:", 8) == 0) f->kernel_thread = strtol(line + 8, NULL, 10); // since 6.8
    return 0;
}

static struct facts facts_of(int pid) {
    struct facts f = {.task = kernel_task_unknown, .tracer = -1, .kernel_thread = -1};
    char path[64];
    struct text t;
    text_start(&t, path, sizeof path);
    text_add(&t, "/proc/%d/status", pid);
    text_end(&t);
    (void)kernel_lines(path, NULL, take_fact, &f);
    return f;
}

// The map of the initial user namespace takes every id for itself.
static bool in_initial_namespace(void) {
    char line[128];
    if (kernel_line("/proc/self/uid_map", NULL, line, sizeof line) != 0) return true;
    char *end = line;
    const long first = strtol(line, &end, 10), outside = strtol(end, &end, 10);
    return first == 0 && outside == 0 && strtoul(end, NULL, 10) == UINT32_MAX;
}

static bool is_filtered(void) {
    return prctl(PR_GET_SECCOMP, 0, 0, 0, 0) > 0;
}

static int own_filter(struct error *e) {
    return error_set(e, EACCES,
                     "this process has a filter of its own, so the kernel does not show it those of others; "
                     "run outside the sandbox or container");
}

// The kernel asks for CAP_SYS_ADMIN in the initial user namespace, and for a caller without a filter.
static int not_shown(int pid, struct error *e) {
    if (is_filtered()) return own_filter(e);
    if (!in_initial_namespace())
        return error_set(e, EACCES,
                         "this process is in a user namespace, and the kernel shows filters to the initial one only; "
                         "run outside the container");
    return error_set(e, EACCES, "reading the filters of process %d needs CAP_SYS_ADMIN; run as root", pid);
}

static int not_traced(int pid, struct error *e) {
    const struct facts f = facts_of(pid);
    char scope[16] = "";
    if (pid == kernel_pid())
        return error_set(e, EPERM, "process %d is this one, and none can trace itself; ask from another", pid);
    if (f.task.dead)
        return error_set(e, ESRCH, "process %d has ended; only its parent has not asked about that yet", pid);
    if (f.kernel_thread == 1) return error_set(e, EPERM, "%d is a thread of the kernel, which has no filter", pid);
    if (f.tracer > 0)
        return error_set(e, EPERM,
                         "process %d is being traced already, by process %ld (a debugger or strace); end that", pid,
                         f.tracer);
    if (is_filtered()) return own_filter(e); // which may deny ptrace, too
    (void)kernel_line("/proc/sys/kernel/yama/ptrace_scope", NULL, scope, sizeof scope);
    if (scope[0] == '3')
        return error_set(e, EPERM,
                         "process %d cannot be traced: kernel.yama.ptrace_scope is 3, which forbids that to all until "
                         "the next boot",
                         pid);
    if (scope[0] == '1' || scope[0] == '2')
        return error_set(e, EPERM,
                         "process %d cannot be traced: it belongs to another user, or kernel.yama.ptrace_scope, which "
                         "is %c, forbids it; run as root, with all capabilities",
                         pid, scope[0]);
    return error_set(
        e, EPERM,
        "process %d cannot be traced: it belongs to another user, has capabilities that this one lacks, or "
        "has protected itself; run as root, with all capabilities",
        pid);
}

// -EINVAL also comes from kernels that cannot show filters at all.
static int none_to_show(int pid, struct error *e) {
    switch (facts_of(pid).task.mode) {
    case SECCOMP_MODE_STRICT:
        return error_set(e, EINVAL,
                         "process %d is in strict mode, which has no filter: it may read, write and end, and nothing "
                         "else",
                         pid);
    case SECCOMP_MODE_FILTER:
        return error_set(e, ENOTSUP, "this kernel cannot show filters; it needs CONFIG_CHECKPOINT_RESTORE");
    default:
        return error_set(e, ENOENT, "process %d has no filter", pid);
    }
}

static int refused(int pid, int err, struct error *e) {
    switch (err) {
    case ESRCH:
        return error_set(e, ESRCH, "there is no process %d", pid);
    case EACCES:
        return not_shown(pid, e);
    case EPERM:
        return not_traced(pid, e);
    case EINVAL:
        return none_to_show(pid, e);
    case EIO:
        return error_set(e, ENOTSUP, "this kernel cannot show filters; it is older than Linux 4.4");
    default:
        return error_set(e, err, "cannot read the filters of process %d: errno %d", pid, err);
    }
}

// ---- Reading -------------------------------------------------------------------------------------------------------

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

static int read_one(int pid, uint64_t offset, struct sock_filter *code, struct program **out, struct error *e) {
    long got = get_filter(pid, offset, code);
    int r = got < 0 ? refused(pid, (int)-got, e) : bpf_validate(code, (size_t)got, e);
    if (r < 0) return r;
    *out = program_new(code, (size_t)got, __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__);
    return *out == NULL ? error_memory(e) : 0;
}

// Programs first..last, 0 being the newest.
static int read_range(int pid, uint64_t count, uint64_t first, uint64_t last, struct program **out, struct error *e) {
    struct sock_filter *code = memory_new(BPF_LIMIT, sizeof *code);
    struct program *newest = NULL, **tail = &newest;
    int r = code == NULL ? error_memory(e) : 0;
    for (uint64_t index = first; index <= last && r == 0; index++) {
        r = read_one(pid, count - 1 - index, code, tail, e);
        if (r == 0 && *tail != NULL) tail = &(*tail)->older;
    }
    memory_free(code);
    if (r == 0)
        *out = newest;
    else
        program_free(newest);
    return r;
}

static int read_stopped(int pid, const uint64_t *index, struct program **out, struct error *e) {
    long count = count_filters(pid);
    if (count == -ENOENT) return error_set(e, ENOENT, "process %d has no filter", pid);
    if (count < 0) return refused(pid, (int)-count, e);
    if (index == NULL) return read_range(pid, (uint64_t)count, 0, (uint64_t)count - 1, out, e);
    if (*index >= (uint64_t)count)
        return error_set(e, ENOENT, "process %d has %ld program%s; there is none with index %" PRIu64, pid, count,
                         count == 1 ? "" : "s", *index);
    return read_range(pid, (uint64_t)count, *index, *index, out, e);
}

// `index` NULL: all.
static int read_process(int pid, const uint64_t *index, struct program **out, struct error *e) {
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

int process_program(int pid, uint64_t index, struct program **out, struct error *e) {
    return read_process(pid, &index, out, e);
}

int process_programs(int pid, struct program **out, struct error *e) {
    return read_process(pid, NULL, out, e);
}
