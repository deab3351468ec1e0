// SPDX-License-Identifier: MIT
// Makes calls that its filter denies and the kernel logs: violator COUNT. Which of eight calls is the next follows from
// its number, so that a reader of the records can tell whether all came, and in their order. Prints its pid, the
// seconds it took, then waits for the end of its input.
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum {
    CALLS = 8
};

static const uint32_t calls[CALLS] = {SYS_getppid, SYS_getuid,  SYS_getgid, SYS_geteuid,
                                      SYS_getegid, SYS_getpgid, SYS_gettid, SYS_getsid};

static int load(void) {
    struct sock_filter code[CALLS + 3] = {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr))};
    for (unsigned i = 0; i < CALLS; i++)
        code[1 + i] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, calls[i], (uint8_t)(CALLS - i), 0);
    code[1 + CALLS] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    code[2 + CALLS] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EACCES);
    struct sock_fprog program = {CALLS + 3, code};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0) return -1;
    return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_LOG, &program);
}

static double now(void) {
    struct timespec t = {0};
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

int main(int argc, char **argv) {
    unsigned long count = argc > 1 ? strtoul(argv[1], NULL, 10) : 1;
    int pid = getpid();
    if (load() < 0) {
        perror("violator: no filter");
        return 1;
    }
    double start = now();
    for (unsigned long i = 0; i < count; i++) {
        uint32_t mixed = (uint32_t)i * 2654435761u; // test_watch.py has the same
        if (syscall(calls[mixed >> 29], 0) != -1 || errno != EACCES) return 2;
    }
    printf("%d %.6f\n", pid, now() - start);
    fflush(stdout);
    while (getchar() != EOF)
        continue;
    return 0;
}
