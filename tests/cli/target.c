// SPDX-License-Identifier: MIT
// A program that makes one call, for the tests of `abjure run`. It prints "WORD: ok" or "WORD: errno NAME".
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static int result(const char *word, long r) {
    if (r < 0)
        printf("%s: errno %d %s\n", word, errno, strerror(errno));
    else
        printf("%s: ok\n", word);
    fflush(stdout);
    return r < 0;
}

static int do_bind(void) {
    struct sockaddr_in address = {.sin_family = AF_INET};
    return bind(socket(AF_INET, SOCK_STREAM, 0), (struct sockaddr *)&address, sizeof address);
}

static void *bind_in_thread(void *unused) {
    (void)unused;
    do_bind();
    return NULL;
}

static int in_thread(void) {
    pthread_t thread;
    if (pthread_create(&thread, NULL, bind_in_thread, NULL) != 0) return -1;
    return pthread_join(thread, NULL) == 0 ? 0 : -1;
}

static int in_child(void) {
    int status;
    pid_t child = fork();
    if (child == 0) {
        do_bind();
        _exit(0);
    }
    if (child < 0 || waitpid(child, &status, 0) < 0) return -1;
    exit(WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status));
}

static int execute(void) {
    int r = execl("/bin/true", "true", (char *)NULL);
    return r;
}

// getpid by the numbers of 32-bit x86.
static long foreign(void) {
#ifdef __x86_64__
    long r;
    __asm__ volatile("int $0x80" : "=a"(r) : "0"(20L) : "memory", "r8", "r9", "r10", "r11");
    return r;
#else
    errno = ENOSYS;
    return -1;
#endif
}

static void wait_to_be_killed(void) {
    puts("pausing");
    for (;;)
        pause();
}

// Strict mode leaves read, write, exit and sigreturn.
static void in_strict_mode(void) {
    char byte;
    prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT, 0, 0, 0);
    syscall(SYS_write, 1, "pausing\n", 8L);
    syscall(SYS_read, 0, &byte, 1L);
    syscall(SYS_exit, 0L);
}

static void *load_in_thread(void *unused) {
    (void)unused;
    struct sock_filter allow = {0x06, 0, 0, SECCOMP_RET_ALLOW};
    struct sock_fprog program = {1, &allow};
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0);
    printf("%ld ", (long)syscall(SYS_gettid));
    wait_to_be_killed();
    return NULL;
}

// Only a thread has a filter.
static void with_one_thread(void) {
    pthread_t thread;
    if (pthread_create(&thread, NULL, load_in_thread, NULL) == 0) pthread_join(thread, NULL);
}

int main(int argc, char **argv) {
    const char *word = argc > 1 ? argv[1] : "";
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (strcmp(word, "bind") == 0) return result(word, do_bind());
    if (strcmp(word, "thread") == 0) return result(word, in_thread());
    if (strcmp(word, "child") == 0) return result(word, in_child());
    if (strcmp(word, "exec") == 0) return result(word, execute());
    if (strcmp(word, "foreign") == 0) return result(word, foreign());
    if (strcmp(word, "signal") == 0) return raise(argc > 2 ? atoi(argv[2]) : SIGKILL);
    if (strcmp(word, "pause") == 0) wait_to_be_killed();
    if (strcmp(word, "strict") == 0) in_strict_mode();
    if (strcmp(word, "one") == 0) with_one_thread();
    if (strcmp(word, "name") == 0) {
        prctl(PR_SET_NAME, argc > 2 ? argv[2] : "");
        wait_to_be_killed();
    }
    if (strcmp(word, "tick") == 0) {
        for (int i = 0; i < 600; i++) {
            puts("tick");
            usleep(50000);
        }
    }
    return argc > 2 ? atoi(argv[2]) : 0;
}
