// SPDX-License-Identifier: MIT
// A program that tries to get something done outside of its filter: in its neighbours, and in the process that waits
// for it. `attack victim` is such a neighbour; `attack neighbour PID ADDRESS` and `attack parent FILE` attack.
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif
#ifndef SYS_pidfd_getfd
#define SYS_pidfd_getfd 438
#endif

static void say(const char *way, bool worked) {
    printf("%s: %s\n", way, worked ? "WORKED" : strerror(errno));
    fflush(stdout);
}

static bool write_memory(pid_t pid, uint64_t address, const void *bytes, size_t size) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/mem", (int)pid);
    int fd = open(path, O_RDWR);
    if (fd < 0) return false;
    bool worked = pwrite(fd, bytes, size, (off_t)address) == (ssize_t)size;
    close(fd);
    return worked;
}

static bool write_vm(pid_t pid, uint64_t address, const void *bytes, size_t size) {
    struct iovec local = {(void *)(uintptr_t)bytes, size}, remote = {(void *)(uintptr_t)address, size};
    return process_vm_writev(pid, &local, 1, &remote, 1, 0) == (ssize_t)size;
}

// Lets go of a process that is about to stop; one that runs cannot be let go of.
static bool release(pid_t pid) {
    return waitpid(pid, NULL, __WALL) == pid && ptrace(PTRACE_DETACH, pid, NULL, NULL) == 0;
}

static bool seize(pid_t pid) {
    return ptrace(PTRACE_SEIZE, pid, NULL, NULL) == 0 && ptrace(PTRACE_INTERRUPT, pid, NULL, NULL) == 0 && release(pid);
}

static bool attach(pid_t pid) {
    return ptrace(PTRACE_ATTACH, pid, NULL, NULL) == 0 && release(pid);
}

static bool take_descriptor(pid_t pid) {
    int fd = (int)syscall(SYS_pidfd_open, pid, 0);
    return fd >= 0 && syscall(SYS_pidfd_getfd, fd, 1, 0) >= 0;
}

static bool open_descriptor(pid_t pid) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/fd/0", (int)pid);
    return open(path, O_RDONLY) >= 0;
}

static volatile uint64_t open_sesame;

static int victim(void) {
    printf("%d %" PRIu64 "\n", (int)getpid(), (uint64_t)(uintptr_t)&open_sesame);
    fflush(stdout);
    while (open_sesame == 0)
        usleep(10000);
    puts("taken over");
    return 0;
}

static int neighbour(pid_t pid, uint64_t address) {
    const uint64_t one = 1;
    say("ptrace seize", seize(pid));
    say("ptrace attach", attach(pid));
    say("pidfd_getfd", take_descriptor(pid));
    say("/proc/PID/fd", open_descriptor(pid));
    say("process_vm_writev", write_vm(pid, address, &one, sizeof one));
    say("/proc/PID/mem", write_memory(pid, address, &one, sizeof one));
    return 0;
}

// Machine code that runs where the parent's wait returns: make a file, execute /bin/touch FILE, attach to process 1,
// write to it; then end with 77. All but the end must fail under the parent's own filter.
static size_t shell_code(const char *file, uint64_t at, unsigned char *out, size_t room) {
#ifdef __x86_64__
    enum {
        CODE = 512,
        TOUCH = CODE,
        FILE_NAME = CODE + 32,
        ARGUMENTS = CODE + 400
    };
    if (room < ARGUMENTS + 32 || strlen(file) > 300) return 0;
    memset(out, 0x90, ARGUMENTS + 32);
    snprintf((char *)out + TOUCH, 32, "/bin/touch");
    snprintf((char *)out + FILE_NAME, 360, "%s", file);
    const uint64_t arguments[3] = {at + TOUCH, at + FILE_NAME, 0};
    memcpy(out + ARGUMENTS, arguments, sizeof arguments);
    const uint64_t calls[][5] = {
        {SYS_open, at + FILE_NAME, O_CREAT | O_WRONLY, 0644, 0},
        {SYS_creat, at + FILE_NAME, 0644, 0, 0},
        {SYS_ptrace, PTRACE_SEIZE, 1, 0, 0},
        {SYS_kill, 1, 0, 0, 0},
        {SYS_execve, at + TOUCH, at + ARGUMENTS, 0, 0},
        {SYS_exit_group, 77, 0, 0, 0},
    };
    size_t n = 0;
    for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++) {
        static const unsigned char load[5][2] = {{0x48, 0xb8}, {0x48, 0xbf}, {0x48, 0xbe}, {0x48, 0xba}, {0x49, 0xba}};
        for (int j = 0; j < 5; j++) { // mov rax, rdi, rsi, rdx, r10
            memcpy(out + n, load[j], 2);
            memcpy(out + n + 2, &calls[i][j], 8);
            n += 10;
        }
        out[n++] = 0x0f; // syscall
        out[n++] = 0x05;
    }
    return ARGUMENTS + 32;
#else
    (void)file, (void)at, (void)out, (void)room;
    return 0;
#endif
}

// Where the parent waits: /proc/PID/syscall ends with its stack and instruction pointers.
static uint64_t instruction_of(pid_t pid) {
    char path[64], line[512];
    snprintf(path, sizeof path, "/proc/%d/syscall", (int)pid);
    FILE *file = fopen(path, "r");
    if (file == NULL) return 0;
    char *last = fgets(line, sizeof line, file) != NULL ? strrchr(line, ' ') : NULL;
    fclose(file);
    return last != NULL ? strtoull(last, NULL, 0) : 0;
}

static int parent(const char *file) {
    unsigned char code[2048];
    pid_t pid = getppid();
    // Where each traces the other, SIGCHLD for the stop of the parent would stop this process until the parent goes on.
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    sigprocmask(SIG_BLOCK, &set, NULL);
    usleep(100000); // it waits by now
    uint64_t at = instruction_of(pid);
    say("/proc/PPID/syscall", at != 0);
    size_t size = shell_code(file, at, code, sizeof code);
    say("ptrace seize", seize(pid));
    say("process_vm_writev", write_vm(pid, at, code, size));
    say("/proc/PPID/mem", at != 0 && write_memory(pid, at, code, size));
    return 0; // which wakes the parent
}

// What is left when the process that waits is gone: still the filter.
static int orphan(const char *file) {
    pid_t pid = getppid();
    say("kill", kill(pid, SIGKILL) == 0);
    while (getppid() == pid)
        usleep(1000);
    execl("/bin/touch", "touch", file, (char *)NULL);
    say("execve", false);
    return 0;
}

int main(int argc, char **argv) {
    if (argc == 2 && strcmp(argv[1], "victim") == 0) return victim();
    if (argc == 4 && strcmp(argv[1], "neighbour") == 0)
        return neighbour((pid_t)atoi(argv[2]), strtoull(argv[3], NULL, 10));
    if (argc == 3 && strcmp(argv[1], "parent") == 0) return parent(argv[2]);
    if (argc == 3 && strcmp(argv[1], "orphan") == 0) return orphan(argv[2]);
    return 2;
}
