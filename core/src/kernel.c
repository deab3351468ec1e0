// SPDX-License-Identifier: MIT
#include "kernel.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "text.h"

// Headers older than the kernel that runs.
#ifndef SECCOMP_FILTER_FLAG_TSYNC_ESRCH
#define SECCOMP_FILTER_FLAG_TSYNC_ESRCH (1UL << 4)
#endif
#ifndef SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
#define SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV (1UL << 5)
#endif

enum {
    LINE_ROOM = 4096,
    NAMES_ROOM = 4096
};

static int result(long r) {
    return r < 0 ? -errno : (int)r;
}

static unsigned long native_flags(unsigned flags) {
    static const struct {
        unsigned ours;
        unsigned long native;
    } map[] = {
        {KERNEL_ALL_THREADS, SECCOMP_FILTER_FLAG_TSYNC},     {KERNEL_LOG, SECCOMP_FILTER_FLAG_LOG},
        {KERNEL_SPEC_ALLOW, SECCOMP_FILTER_FLAG_SPEC_ALLOW}, {KERNEL_LISTENER, SECCOMP_FILTER_FLAG_NEW_LISTENER},
        {KERNEL_ESRCH, SECCOMP_FILTER_FLAG_TSYNC_ESRCH},     {KERNEL_KILLABLE, SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV},
    };
    unsigned long native = 0;
    for (size_t i = 0; i < sizeof map / sizeof map[0]; i++)
        if (flags & map[i].ours) native |= map[i].native;
    return native;
}

int kernel_seccomp(const struct sock_filter *code, uint32_t count, unsigned flags) {
    if (count == 0 || count > BPF_LIMIT) return -EINVAL;
    struct sock_fprog program = {.len = (unsigned short)count, .filter = (struct sock_filter *)(uintptr_t)code};
    return result(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, native_flags(flags), &program));
}

int kernel_prctl_seccomp(const struct sock_filter *code, uint32_t count) {
    if (count == 0 || count > BPF_LIMIT) return -EINVAL;
    struct sock_fprog program = {.len = (unsigned short)count, .filter = (struct sock_filter *)(uintptr_t)code};
    return result(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0UL, 0UL));
}

int kernel_set_no_new_privs(void) {
    return result(prctl(PR_SET_NO_NEW_PRIVS, 1UL, 0UL, 0UL, 0UL));
}

int kernel_no_new_privs(void) {
    return result(prctl(PR_GET_NO_NEW_PRIVS, 0UL, 0UL, 0UL, 0UL));
}

int kernel_probe(unsigned flag) {
    return result(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, native_flags(flag), NULL));
}

bool kernel_flag_available(unsigned flag) {
    // The kernel refuses TSYNC with a listener unless errors come as ESRCH, and WAIT_KILLABLE without one.
    if (flag & KERNEL_KILLABLE) flag |= KERNEL_LISTENER;
    if (flag & KERNEL_ESRCH) flag |= KERNEL_ALL_THREADS;
    return kernel_probe(flag) == -EFAULT;
}

bool kernel_action_available(uint32_t verdict) {
    uint32_t action = verdict & SECCOMP_RET_ACTION_FULL;
    return syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0UL, &action) == 0;
}

pid_t kernel_pid(void) {
    return (pid_t)syscall(SYS_getpid); // not a cached one: callers may come from a raw clone
}

pid_t kernel_tid(void) {
    return (pid_t)syscall(SYS_gettid);
}

int kernel_random(void *buffer, size_t size) {
    for (size_t got = 0; got < size;) {
        long r = syscall(SYS_getrandom, (char *)buffer + got, size - got, 0UL);
        if (r < 0 && errno == EINTR) continue;
        if (r < 0) return -errno;
        got += (size_t)r;
    }
    return 0;
}

bool kernel_arch(uint32_t *arch) {
    enum abi_id native = abi_native();
    if (native == ABI_NONE) return false;
    *arch = abis[native].audit_arch;
    return true;
}

bool kernel_allowed(const struct program *program, long number, const uint64_t args[6]) {
    uint32_t arch;
    if (!kernel_arch(&arch)) return false;
    struct bpf_input input = bpf_input(program->big_endian, arch, (uint32_t)number, 0, args);
    return (bpf_run(program, &input, NULL) & SECCOMP_RET_ACTION_FULL) == SECCOMP_RET_ALLOW;
}

bool kernel_seccomp_allowed(const struct program *program, unsigned flags) {
    const uint64_t some_pointer = 0x10000; // a rule can only compare it with 0
    const uint64_t args[6] = {SECCOMP_SET_MODE_FILTER, native_flags(flags), some_pointer, 0, 0, 0};
    return kernel_allowed(program, SYS_seccomp, args);
}

// A call that is made only where the program in force allows it.
static long call(const struct program *under, long number, uint64_t a0, uint64_t a1, uint64_t a2, uint64_t a3) {
    const uint64_t args[6] = {a0, a1, a2, a3, 0, 0};
    if (under && !kernel_allowed(under, number, args)) return -ECANCELED;
    // As words of a register: on 32-bit ABIs a wider argument would take the place of two.
    long r = syscall(number, (long)a0, (long)a1, (long)a2, (long)a3, 0L, 0L);
    return r < 0 ? -errno : r;
}

static int open_at(const struct program *under, int folder, const char *path, int flags) {
    // What could not be closed is not opened.
    if (under && !kernel_allowed(under, SYS_close, (const uint64_t[6]){3})) return -ECANCELED;
    return (int)call(under, SYS_openat, (uint32_t)folder, (uintptr_t)path, (uint32_t)(flags | O_CLOEXEC), 0);
}

static void close_fd(const struct program *under, int fd) {
    (void)call(under, SYS_close, (uint32_t)fd, 0, 0, 0);
}

struct reader {
    char buffer[LINE_ROOM];
    size_t have;
    bool rest; // the line's beginning was too long and has been delivered
    int (*each)(const char *line, void *context);
    void *context;
};

// Delivers the complete lines of the buffer, and what is in it where that is full or the file ends.
static int deliver(struct reader *r, bool last) {
    size_t start = 0;
    int stop = 0;
    while (stop == 0 && start < r->have) {
        char *end = memchr(r->buffer + start, '\n', r->have - start);
        bool whole = end != NULL;
        if (!whole) {
            if (!last && (start > 0 || r->have < LINE_ROOM - 1)) break;
            end = r->buffer + r->have;
        }
        *end = '\0';
        if (!r->rest) stop = r->each(r->buffer + start, r->context);
        r->rest = !whole;
        start = (size_t)(end - r->buffer) + (whole ? 1 : 0);
    }
    memmove(r->buffer, r->buffer + start, r->have - start);
    r->have -= start;
    return stop;
}

static int read_lines(int folder, const char *path, const struct program *under,
                      int (*each)(const char *line, void *context), void *context) {
    int fd = open_at(under, folder, path, O_RDONLY);
    if (fd < 0) return fd;
    struct reader r = {.have = 0, .each = each, .context = context};
    int stop = 0;
    while (stop == 0) {
        long got = call(under, SYS_read, (uint32_t)fd, (uintptr_t)(r.buffer + r.have), LINE_ROOM - 1 - r.have, 0);
        if (got == -EINTR) continue;
        if (got < 0) {
            stop = (int)got;
            break;
        }
        r.have += (size_t)got;
        stop = deliver(&r, got == 0);
        if (got == 0) break;
    }
    close_fd(under, fd);
    return stop;
}

int kernel_lines(const char *path, const struct program *under, int (*each)(const char *line, void *context),
                 void *context) {
    return read_lines(AT_FDCWD, path, under, each, context);
}

int kernel_lines_in(int folder, const char *name, int (*each)(const char *line, void *context), void *context) {
    return read_lines(folder, name, NULL, each, context);
}

struct first_line {
    char *buffer;
    size_t size;
};

static int take_line(const char *line, void *context) {
    struct first_line *f = context;
    size_t length = strlen(line);
    if (length >= f->size) length = f->size - 1;
    memcpy(f->buffer, line, length);
    f->buffer[length] = '\0';
    return 1;
}

int kernel_line(const char *path, const struct program *under, char *buffer, size_t size) {
    buffer[0] = '\0';
    struct first_line f = {buffer, size};
    int r = kernel_lines(path, under, take_line, &f);
    return r < 0 ? r : 0;
}

struct directory_entry { // linux_dirent64
    uint64_t inode;
    int64_t offset;
    uint16_t length;
    uint8_t type;
    char name[];
};

static int read_names(int folder, const char *path, const struct program *under,
                      int (*each)(const char *name, void *context), void *context) {
    int fd = open_at(under, folder, path, O_RDONLY | O_DIRECTORY);
    if (fd < 0) return fd;
    _Alignas(struct directory_entry) char buffer[NAMES_ROOM];
    int stop = 0;
    while (stop == 0) {
        long got = call(under, SYS_getdents64, (uint32_t)fd, (uintptr_t)buffer, sizeof buffer, 0);
        if (got < 0) stop = (int)got;
        if (got <= 0) break;
        for (long at = 0; at < got && stop == 0;) {
            const struct directory_entry *entry = (const void *)(buffer + at);
            if (strcmp(entry->name, ".") != 0 && strcmp(entry->name, "..") != 0) stop = each(entry->name, context);
            at += entry->length;
        }
    }
    close_fd(under, fd);
    return stop;
}

int kernel_names(const char *path, const struct program *under, int (*each)(const char *name, void *context),
                 void *context) {
    return read_names(AT_FDCWD, path, under, each, context);
}

int kernel_names_in(int folder, const char *name, int (*each)(const char *name, void *context), void *context) {
    return read_names(folder, name, NULL, each, context);
}

int kernel_folder(const char *path) {
    return open_at(NULL, AT_FDCWD, path, O_PATH | O_DIRECTORY);
}

void kernel_folder_close(int folder) {
    close_fd(NULL, folder);
}

int kernel_link_in(int folder, const char *name, char *buffer, size_t size) {
    return (int)call(NULL, SYS_readlinkat, (uint32_t)folder, (uintptr_t)name, (uintptr_t)buffer, size);
}

struct task_walk {
    int (*each)(pid_t tid, void *context);
    void *context;
};

static int walk_task(const char *name, void *context) {
    struct task_walk *w = context;
    return w->each((pid_t)strtol(name, NULL, 10), w->context);
}

int kernel_each_task(const struct program *under, int (*each)(pid_t tid, void *context), void *context) {
    struct task_walk w = {each, context};
    return kernel_names("/proc/self/task", under, walk_task, &w);
}

static int count_task(pid_t tid, void *context) {
    (void)tid;
    ++*(int *)context;
    return 0;
}

int kernel_task_count(void) {
    int count = 0;
    int r = kernel_each_task(NULL, count_task, &count);
    return r < 0 ? r : count;
}

static void task_path(char path[64], pid_t tid, const char *file) {
    struct text t;
    text_start(&t, path, 64);
    text_add(&t, "/proc/self/task/%d/%s", (int)tid, file);
    (void)text_end(&t);
}

// The value behind "Name:\t", or NULL.
static const char *after(const char *line, const char *name) {
    size_t length = strlen(name);
    return strncmp(line, name, length) == 0 ? line + length : NULL;
}

const struct kernel_task kernel_task_unknown = {.mode = -1, .filters = -1, .no_new_privs = -1};

void kernel_task_line(const char *line, struct kernel_task *task) {
    const char *value;
    if ((value = after(line, "State:\t"))) task->dead = *value == 'Z' || *value == 'X';
    if ((value = after(line, "CapEff:"))) task->capabilities = strtoull(value, NULL, 16);
    if ((value = after(line, "NoNewPrivs:"))) task->no_new_privs = (int)strtol(value, NULL, 10);
    if ((value = after(line, "Seccomp:"))) task->mode = (int)strtol(value, NULL, 10);
    if ((value = after(line, "Seccomp_filters:"))) task->filters = strtol(value, NULL, 10);
}

static int task_line(const char *line, void *context) {
    kernel_task_line(line, context);
    return 0;
}

int kernel_task(pid_t tid, const struct program *under, struct kernel_task *out) {
    *out = kernel_task_unknown;
    if (tid == 0) return kernel_lines("/proc/thread-self/status", under, task_line, out);
    char path[64];
    task_path(path, tid, "status");
    return kernel_lines(path, under, task_line, out);
}

int kernel_task_name(pid_t tid, char name[64]) {
    char path[64];
    task_path(path, tid, "comm");
    return kernel_line(path, NULL, name, 64);
}

bool kernel_task_is_io_worker(pid_t tid) {
    char path[64], line[512];
    task_path(path, tid, "stat");
    if (kernel_line(path, NULL, line, sizeof line) < 0) return false;
    // "TID (NAME) STATE PPID PGRP SESSION TTY TPGID FLAGS ...": the name may hold anything, ")" too.
    const char *at = strrchr(line, ')');
    for (int field = 0; at && field < 7; field++)
        if ((at = strchr(at, ' '))) at++;
    enum {
        PF_IO_WORKER = 0x10
    };
    return at && (strtoul(at, NULL, 10) & PF_IO_WORKER) != 0;
}
