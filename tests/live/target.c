// SPDX-License-Identifier: MIT
// An attacker that was started under a filter that denies exec. It tries every way to run a further program and to
// get into its parent, and exits with 0 where none works; else it says which did. Compiled without the core.
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static char program[] = "/bin/true";
static char *arguments[] = {program, NULL};
static int failures;

static void attempt(const char *what, int worked) {
    if (!worked) return;
    printf("%s worked\n", what);
    failures++;
}

// Runs `run` in a child: it worked where the program ran, which ends with 0; an attempt that fails ends with 99.
static void attempt_exec(const char *what, void (*run)(void)) {
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        run();
        _exit(99);
    }
    int status = -1;
    while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    attempt(what, pid > 0 && WIFEXITED(status) && WEXITSTATUS(status) != 99);
}

static void by_path(void) {
    execve(program, arguments, environ);
}

static void by_search(void) {
    execvp("true", arguments);
}

static void by_descriptor(void) {
    int fd = open(program, O_RDONLY);
    fexecve(fd, arguments, environ);
    syscall(SYS_execveat, fd, "", arguments, environ, AT_EMPTY_PATH);
    syscall(SYS_execveat, AT_FDCWD, program, arguments, environ, 0);
}

static void by_memory(void) {
    char buffer[65536];
    int from = open(program, O_RDONLY), to = (int)syscall(SYS_memfd_create, "x", 0);
    ssize_t length;
    while ((length = read(from, buffer, sizeof buffer)) > 0)
        if (write(to, buffer, (size_t)length) != length) return;
    syscall(SYS_execveat, to, "", arguments, environ, AT_EMPTY_PATH);
}

static void by_interpreter(void) {
    static char loader[] = "/lib64/ld-linux-x86-64.so.2";
    char *words[] = {loader, program, NULL};
    execve(loader, words, environ);
}

static void by_spawn(void) {
    pid_t pid;
    int status;
    if (posix_spawn(&pid, program, NULL, NULL, arguments, environ) != 0) return;
    if (waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0) _exit(0);
}

// The words that let this program start must not be guessable, and what they were must be nowhere.
static void by_words(void) {
    uint64_t words[2] = {0, 0};
    for (int i = 0; i < 1000; i++) {
        syscall(SYS_execve, program, arguments, environ, 0L, words[0], words[1]);
        if (syscall(SYS_getrandom, words, sizeof words, 0) < 0) return;
    }
}

static void by_every_word_in_memory(void) {
    // The stack above holds what the kernel and the starter left: arguments, environment, auxiliary vector.
    uint64_t *at = (uint64_t *)__builtin_frame_address(0);
    uint64_t *end = (uint64_t *)((uintptr_t)environ[0] & ~(uintptr_t)7);
    for (; at + 1 < end; at++) {
        syscall(SYS_execve, program, arguments, environ, 0L, at[0], at[1]);
        syscall(SYS_execve, program, arguments, environ, 0L, at[1], at[0]);
    }
}

#ifdef __x86_64__
static void by_compat(void) {
    // Addresses below 4 GiB, so that the call would succeed where it is allowed.
    char *low = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
    if (low == MAP_FAILED) return;
    strcpy(low, program);
    uint32_t *words = (uint32_t *)(low + 64);
    words[0] = (uint32_t)(uintptr_t)low;
    words[1] = 0;
    long result;
    __asm__ volatile("int $0x80"
                     : "=a"(result)
                     : "a"(11L), "b"(low), "c"(words), "d"(words + 1)
                     : "memory", "r8", "r9", "r10", "r11");
}

static void by_x32(void) {
    syscall(0x40000000 + 520, program, arguments, environ);
}
#endif

static void into_parent(pid_t parent) {
    char path[64];
    uint64_t word = 0;
    struct iovec here = {&word, sizeof word}, there = {program, sizeof word};
    snprintf(path, sizeof path, "/proc/%d/mem", (int)parent);
    attempt("opening the parent's memory", open(path, O_RDWR) >= 0);
    attempt("reading the parent's memory", open(path, O_RDONLY) >= 0);
    attempt("ptrace of the parent", ptrace(PTRACE_SEIZE, parent, NULL, NULL) == 0);
    attempt("process_vm_readv of the parent", process_vm_readv(parent, &here, 1, &there, 1, 0) >= 0 || errno == EFAULT);
    attempt("process_vm_writev of the parent",
            process_vm_writev(parent, &here, 1, &there, 1, 0) >= 0 || errno == EFAULT);
}

static void descriptors(int expected) {
    int found = 0;
    for (int fd = 0; fd < 1024; fd++)
        if (fcntl(fd, F_GETFD) >= 0) found++;
    if (found != expected) printf("%d descriptors, not %d: ", found, expected);
    attempt("a leaked descriptor", found != expected);
}

// target [-p] DESCRIPTORS: -p leaves the parent alone
int main(int argc, char **argv) {
    int leave = argc > 1 && strcmp(argv[1], "-p") == 0;
    if (argc != 2 + leave) return 98;
    attempt("an unknown child", waitpid(-1, NULL, WNOHANG | __WALL) >= 0 || errno != ECHILD);
    descriptors(atoi(argv[1 + leave]));
    attempt_exec("execve", by_path);
    attempt_exec("execvp", by_search);
    attempt_exec("execveat", by_descriptor);
    attempt_exec("execveat of a memfd", by_memory);
    attempt_exec("the dynamic loader", by_interpreter);
    attempt_exec("posix_spawn", by_spawn);
    attempt_exec("execve with random words", by_words);
    attempt_exec("execve with every word on the stack", by_every_word_in_memory);
#ifdef __x86_64__
    attempt_exec("int 0x80", by_compat);
    attempt_exec("x32", by_x32);
#endif
    if (!leave) into_parent(getppid());
    fflush(stdout);
    return failures == 0 ? 0 : 97;
}
