// SPDX-License-Identifier: MIT
// Starts processes with threads, every second process under a filter, runs a command while they are there and prints
// the milliseconds that it took, and those that it computed: the best of five runs.
//     tasks PROCESSES THREADS COMMAND [ARGUMENT...]
//     tasks 2000 5 abjure ps > /dev/null
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
    RUNS = 5,
    STACK = 65536
};

static int ready, over;

static void *wait_for_the_end(void *unused) {
    char byte;
    while (read(over, &byte, 1) > 0) {
    }
    return unused;
}

static void load(void) {
    struct sock_filter allow = {0x06, 0, 0, SECCOMP_RET_ALLOW};
    struct sock_fprog program = {1, &allow};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0)
        _exit(1);
}

static void be_tasks(int threads, int filtered) {
    pthread_attr_t attributes;
    pthread_t thread;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, STACK);
    if (filtered) load();
    for (int i = 1; i < threads; i++)
        if (pthread_create(&thread, &attributes, wait_for_the_end, NULL) != 0) _exit(1);
    if (write(ready, "", 1) != 1) _exit(1);
    wait_for_the_end(NULL);
    _exit(0);
}

struct cost {
    double took, computed; // milliseconds
};

static double milliseconds(struct timeval time) {
    return (double)time.tv_sec * 1e3 + (double)time.tv_usec / 1e3;
}

static struct cost run(char **command) {
    struct timespec start, end;
    struct rusage usage;
    int status;
    clock_gettime(CLOCK_MONOTONIC, &start);
    pid_t pid = fork();
    if (pid == 0) {
        execvp(command[0], command);
        _exit(127);
    }
    if (pid < 0 || wait4(pid, &status, 0, &usage) != pid || status != 0) {
        fprintf(stderr, "the command failed\n");
        exit(1);
    }
    clock_gettime(CLOCK_MONOTONIC, &end);
    double took = (double)(end.tv_sec - start.tv_sec) * 1e3 + (double)(end.tv_nsec - start.tv_nsec) / 1e6;
    return (struct cost){took, milliseconds(usage.ru_utime) + milliseconds(usage.ru_stime)};
}

int main(int argc, char **argv) {
    int processes = argc > 3 ? atoi(argv[1]) : 0, threads = argc > 3 ? atoi(argv[2]) : 0;
    int up[2], down[2];
    if (processes < 1 || threads < 1 || pipe2(up, O_CLOEXEC) != 0 || pipe2(down, O_CLOEXEC) != 0) {
        fprintf(stderr, "usage: tasks PROCESSES THREADS COMMAND [ARGUMENT...]\n");
        return 2;
    }
    ready = up[1];
    over = down[0];
    for (int i = 0; i < processes; i++) {
        pid_t pid = fork();
        if (pid == 0) {
            close(down[1]); // they end when this process does
            close(up[0]);
            be_tasks(threads, i % 2);
        }
        char byte;
        if (pid < 0 || read(up[0], &byte, 1) != 1) {
            fprintf(stderr, "only %d processes could be started\n", i);
            return 1;
        }
    }
    struct cost best = run(argv + 3);
    for (int i = 1; i < RUNS; i++) {
        struct cost cost = run(argv + 3);
        if (cost.took < best.took) best.took = cost.took;
        if (cost.computed < best.computed) best.computed = cost.computed;
    }
    fprintf(stderr, "%d processes with %d threads each: %.0f ms, %.0f ms of them computing\n", processes, threads,
            best.took, best.computed);
    return 0;
}
