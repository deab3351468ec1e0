// SPDX-License-Identifier: MIT
// Start programs and processes. An attempt that executes /bin/true ends with its status, 0: it worked.
#include "attempts.h"

#include "child.h"

#include <fcntl.h>
#include <linux/sched.h>
#include <pty.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static char *const true_argv[] = {(char *)"true", NULL};
static int opened;

static void open_true(void) {
    opened = open("/bin/true", O_RDONLY | O_CLOEXEC);
    must(opened >= 0);
}

static void copy_true(void) {
    open_true();
    struct stat s;
    must(fstat(opened, &s) == 0);
    int copy = memfd_create("true", 0);
    must(copy >= 0 && sendfile(copy, opened, NULL, (size_t)s.st_size) == s.st_size);
    opened = copy;
}

static bool by_path(void) {
    execve("/bin/true", true_argv, environ);
    return false;
}

static bool by_path_search(void) {
    execvp("true", true_argv);
    return false;
}

static bool by_descriptor(void) {
    syscall(SYS_execveat, opened, "", true_argv, environ, AT_EMPTY_PATH);
    return false;
}

static bool by_descriptor_path(void) {
    fexecve(opened, true_argv, environ);
    return false;
}

// The registers that execve ignores are the key of the one start that a launch lets through.
static bool with_ignored_registers(void) {
    syscall(SYS_execve, "/bin/true", true_argv, environ, UINT64_MAX, UINT64_MAX, UINT64_MAX);
    syscall(SYS_execve, "/bin/true", true_argv, environ, 0L, 0L, 0L);
    return false;
}

static bool by_older_thread(void) {
    return in_thread(by_path);
}

static bool by_spawn(void) {
    pid_t pid;
    int status;
    return posix_spawn(&pid, "/bin/true", NULL, NULL, true_argv, environ) == 0 && waitpid(pid, &status, 0) == pid &&
           status == 0;
}

static bool by_system(void) {
    return system("exec /bin/true") == 0;
}

// A terminal of our own, to type into.
static int terminal;

static void make_terminal(void) {
    int master;
    must(setsid() > 0 && openpty(&master, &terminal, NULL, NULL, NULL) == 0);
    must(ioctl(terminal, TIOCSCTTY, 0) == 0);
}

static bool typed(uint64_t command) {
    char key = '\n', got = 0;
    return syscall(SYS_ioctl, terminal, command, &key) == 0 && read(terminal, &got, 1) == 1 && got == key;
}

static bool type(void) {
    return typed(TIOCSTI);
}

static bool type_high(void) {
    return typed(UINT64_C(1) << 32 | TIOCSTI);
}

// ---- Processes -----------------------------------------------------------------------------------------------------

static bool by_fork(void) {
    return child_came(fork());
}

#ifdef SYS_fork
static bool raw_fork(void) {
    return child_came((pid_t)syscall(SYS_fork));
}
#endif

static bool by_vfork(void) {
    pid_t pid = vfork();
    if (pid == 0) _exit(42);
    return child_came(pid);
}

static bool cloned(uint64_t flags) {
    return child_came((pid_t)syscall(SYS_clone, flags, 0L, 0L, 0L, 0L));
}

static bool by_clone(void) {
    return cloned(SIGCHLD);
}

static bool clone_without_signal(void) {
    return cloned(0);
}

// The kernel takes 32 bits of the flags: CLONE_THREAD in the high word is not there.
static bool clone_high(void) {
    return cloned(UINT64_C(1) << 32 | SIGCHLD);
}

static bool clone_high_thread(void) {
    return cloned((uint64_t)CLONE_THREAD << 32 | SIGCHLD);
}

static bool clone_parent(void) {
    pid_t pid = (pid_t)syscall(SYS_clone, CLONE_PARENT | SIGCHLD, 0L, 0L, 0L, 0L);
    if (pid == 0) _exit(0);
    return pid > 0;
}

static int in_shared_memory(void *done) {
    *(volatile int *)done = 1;
    return 42;
}

static bool clone_memory(void) {
    static char stack[16384] __attribute__((aligned(16)));
    volatile int done = 0;
    int status;
    pid_t pid =
        clone(in_shared_memory, stack + sizeof stack, CLONE_VM | CLONE_VFORK | SIGCHLD, (void *)(uintptr_t)&done);
    return pid > 0 && waitpid(pid, &status, 0) == pid && done == 1;
}

static bool by_clone3(void) {
    struct clone_args args = {.exit_signal = SIGCHLD};
    return child_came((pid_t)syscall(SYS_clone3, &args, sizeof args));
}

static bool fork_by_older_thread(void) {
    return in_thread(by_fork);
}

const struct attempt program_attempts[] = {
    {"execve", "@exec", by_path, NULL, 0},
    {"execvp", "@exec", by_path_search, NULL, 0},
    {"execveat of a descriptor", "@exec", by_descriptor, open_true, 0},
    {"execveat of a memfd", "@exec", by_descriptor, copy_true, 0},
    {"fexecve", "@exec", by_descriptor_path, open_true, 0},
    {"execve with values in the ignored registers", "@exec", with_ignored_registers, NULL, 0},
    {"execve by an older thread", "@exec", by_older_thread, make_thread, 0},
    {"posix_spawn", "@exec @spawn", by_spawn, NULL, 0},
    {"system", "@exec @spawn", by_system, NULL, 0},
    {"TIOCSTI", "@exec", type, make_terminal, MAYBE},
    {"TIOCSTI with a high word", "@exec", type_high, make_terminal, MAYBE},
    {"fork", "@spawn", by_fork, NULL, 0},
#ifdef SYS_fork
    {"fork, the system call", "@spawn", raw_fork, NULL, 0},
#endif
    {"vfork", "@spawn", by_vfork, NULL, 0},
    {"clone", "@spawn", by_clone, NULL, 0},
    {"clone without a signal", "@spawn", clone_without_signal, NULL, 0},
    {"clone with a high word", "@spawn", clone_high, NULL, 0},
    {"clone with CLONE_THREAD in the high word", "@spawn", clone_high_thread, NULL, 0},
    {"clone CLONE_PARENT", "@spawn", clone_parent, NULL, 0},
    {"clone CLONE_VM", "@spawn", clone_memory, NULL, 0},
    {"clone3", "@spawn @namespace", by_clone3, NULL, 0},
    {"fork by an older thread", "@spawn", fork_by_older_thread, make_thread, 0},
    {0},
};
