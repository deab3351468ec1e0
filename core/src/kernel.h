// SPDX-License-Identifier: MIT
// The system calls that the core makes: seccomp, no_new_privs, and reading /proc. No policy: load.c and launch.c
// decide, this asks the kernel. Nothing here allocates or takes a lock; all of it is async-signal-safe.
#ifndef ABJURE_KERNEL_H
#define ABJURE_KERNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "bpf.h"

enum {
    KERNEL_ALL_THREADS = 1, // SECCOMP_FILTER_FLAG_TSYNC, 3.17
    KERNEL_LOG = 2,         // 4.14
    KERNEL_SPEC_ALLOW = 4,  // 4.17
    KERNEL_LISTENER = 8,    // 5.0
    KERNEL_ESRCH = 16,      // 5.7
    KERNEL_KILLABLE = 32,   // 5.19
};

// seccomp(2) SET_MODE_FILTER. 0, a positive thread id that blocks, or -errno; with KERNEL_LISTENER the descriptor.
// Flags that the kernel does not know are the caller's to leave out.
int kernel_seccomp(const struct sock_filter *code, uint32_t count, unsigned flags);
int kernel_prctl_seccomp(const struct sock_filter *code, uint32_t count); // before 3.17; calling thread only
int kernel_set_no_new_privs(void);
int kernel_no_new_privs(void);                  // 0, 1 or -errno
int kernel_probe(unsigned flag);                // SET_MODE_FILTER with a NULL program: -EFAULT where it works
bool kernel_flag_available(unsigned flag);      // kernel_probe says -EFAULT
bool kernel_action_available(uint32_t verdict); // SECCOMP_GET_ACTION_AVAIL, 4.14

pid_t kernel_pid(void);
pid_t kernel_tid(void);
int kernel_random(void *buffer, size_t size); // 0 or -errno

// The audit architecture and the number base of this build; false where the core has no table for it.
bool kernel_arch(uint32_t *arch);
// Would `program` let this process make the call?
bool kernel_allowed(const struct program *program, long number, const uint64_t args[6]);
bool kernel_seccomp_allowed(const struct program *program, unsigned flags); // the call of kernel_seccomp

// `under`, below: a program that is in force. Each call is made only where it allows it, so that looking never kills
// the process; -ECANCELED where it does not. NULL: nothing to regard.

// Calls `each` with every line of a file, terminated, cut at 4 KiB; stops at its first result other than 0 and
// returns that; else 0 or -errno.
int kernel_lines(const char *path, const struct program *under, int (*each)(const char *line, void *context),
                 void *context);
// The first line, without its end. 0 or -errno.
int kernel_line(const char *path, const struct program *under, char *buffer, size_t size);
// The same with the names in a directory but "." and "..".
int kernel_names(const char *path, const struct program *under, int (*each)(const char *name, void *context),
                 void *context);

// The same below a folder that is held, such as that of a process: when the process has ended, what is read is
// nothing (-ESRCH or -ENOENT) and not its successor with the same number.
int kernel_folder(const char *path); // a descriptor or -errno
void kernel_folder_close(int folder);
int kernel_lines_in(int folder, const char *name, int (*each)(const char *line, void *context), void *context);
int kernel_names_in(int folder, const char *name, int (*each)(const char *name, void *context), void *context);
int kernel_link_in(int folder, const char *name, char *buffer, size_t size); // bytes, not terminated, or -errno

// Calls `each` with every thread of this process.
int kernel_each_task(const struct program *under, int (*each)(pid_t tid, void *context), void *context);
int kernel_task_count(void); // or -errno; the kernel's io_uring threads count

// From a `status` file in /proc; -1 where the line is missing.
struct kernel_task {
    int mode;     // Seccomp:
    long filters; // Seccomp_filters:, since 5.9
    int no_new_privs;
    uint64_t capabilities; // CapEff:
    bool dead;             // a zombie: the kernel no longer filters it
};
extern const struct kernel_task kernel_task_unknown; // as before the first line
void kernel_task_line(const char *line, struct kernel_task *task);
// From /proc/self/task/TID/status; tid 0: this thread, from /proc/thread-self/status (3.17). 0 or -errno.
int kernel_task(pid_t tid, const struct program *under, struct kernel_task *out);
int kernel_task_name(pid_t tid, char name[64]);
bool kernel_task_is_io_worker(pid_t tid); // a kernel thread of an io_uring ring, whatever its name (5.12)

#endif
