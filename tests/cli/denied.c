// SPDX-License-Identifier: MIT
// Programs to which a filter denies a call, for the tests of `abjure why`: denied WORD [ARGUMENT]. It needs no more
// than a C library of any kind, and its functions have names that the tests look for in stacks.
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define APART __attribute__((noinline, noclone))

enum {
    TSYNC = 1,
    NEW_LISTENER = 8,
    THREADS = 8,
    CALLS = 500,
    FILTERS = 4,
    FORKS = 20,
};

static int report(const char *word, long result) {
    if (result < 0)
        printf("%s: errno %d\n", word, errno);
    else
        printf("%s: ok %ld\n", word, result);
    fflush(stdout);
    return result < 0;
}

// ---- Filters: the call gets the verdict, all others are allowed ----

static struct sock_filter code[4];
static struct sock_fprog program = {4, code};

static struct sock_fprog *deny(unsigned call, unsigned verdict) {
    code[0] = (struct sock_filter){BPF_LD | BPF_W | BPF_ABS, 0, 0, offsetof(struct seccomp_data, nr)};
    code[1] = (struct sock_filter){BPF_JMP | BPF_JEQ | BPF_K, 0, 1, call};
    code[2] = (struct sock_filter){BPF_RET | BPF_K, 0, 0, verdict};
    code[3] = (struct sock_filter){BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW};
    return &program;
}

static long load(unsigned flags, const struct sock_fprog *p) {
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, p);
}

static void load_or_end(unsigned flags, const struct sock_fprog *p) {
    if (load(flags, p) < 0) exit(report("load", -1));
}

// ---- Calls ----

APART int innermost(void) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(7)};
#ifdef __i386__
    int r = (int)syscall(SYS_bind, 0, &address, sizeof address); // the C library may go through socketcall
#else
    int r = bind(0, (struct sockaddr *)&address, sizeof address);
#endif
    __asm__ volatile("" ::: "memory"); // no tail call
    return r;
}

APART int middle(void) {
    int r = innermost();
    __asm__ volatile("" ::: "memory");
    return r;
}

APART int outermost(void) {
    int r = middle();
    __asm__ volatile("" ::: "memory");
    return r;
}

static void *bind_in_thread(void *unused) {
    (void)unused;
    report("bind", outermost());
    return NULL;
}

static int in_thread(void) {
    pthread_t thread;
    return pthread_create(&thread, NULL, bind_in_thread, NULL) != 0 || pthread_join(thread, NULL) != 0;
}

static long parent(void) {
    return syscall(SYS_getppid);
}

// ---- Words ----

static int bind_under(unsigned verdict) {
    load_or_end(0, deny(SYS_bind, verdict));
    return report("bind", outermost());
}

static int by_prctl(void) {
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, deny(SYS_bind, SECCOMP_RET_ERRNO | EACCES)) != 0) return 2;
    return report("bind", outermost());
}

// Of equal verdicts the newest filter's counts, of different ones the strictest.
static int stacked(void) {
    load_or_end(0, deny(SYS_bind, SECCOMP_RET_ERRNO | EPERM));
    load_or_end(0, deny(SYS_bind, SECCOMP_RET_ERRNO | EACCES));
    load_or_end(0, deny(SYS_bind, SECCOMP_RET_TRACE));
    return report("bind", outermost());
}

// The kernel kills where it does not know the word, but an errno is stricter than this one.
static int odd_word(void) {
    load_or_end(0, deny(SYS_bind, 0x60000000));
    load_or_end(0, deny(SYS_bind, SECCOMP_RET_ERRNO | EACCES));
    return report("bind", outermost());
}

static volatile sig_atomic_t trapped;

static void on_trap(int number) {
    (void)number;
    trapped++;
}

static int handled_trap(void) {
    signal(SIGSYS, on_trap);
    load_or_end(0, deny(SYS_bind, SECCOMP_RET_TRAP));
    outermost();
    printf("trapped %d\n", (int)trapped);
    return 0;
}

static int forged_trap(void) {
    siginfo_t info = {.si_signo = SIGSYS, .si_code = 1}; // SYS_SECCOMP, which the kernel lets one send to oneself
    signal(SIGSYS, on_trap);
    load_or_end(0, deny(SYS_bind, SECCOMP_RET_TRAP));
    syscall(SYS_rt_sigqueueinfo, getpid(), SIGSYS, &info);
    raise(SIGSYS);
    printf("trapped %d\n", (int)trapped);
    return 0;
}

static int without_supervisor(void) {
    long listener = load(NEW_LISTENER, deny(SYS_bind, SECCOMP_RET_USER_NOTIF));
    if (listener < 0) return report("load", listener);
    close((int)listener);
    return report("bind", outermost());
}

// None of these loads anything.
static int garbage(void) {
    struct sock_filter bad[2] = {{0xffff, 9, 9, 9}, {BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ERRNO | EPERM}};
    struct sock_fprog programs[] = {{2, bad}, {0, bad}, {1, NULL}, {65535, bad}, {4096, (struct sock_filter *)8}};
    int failed = 0;
    for (size_t i = 0; i < sizeof programs / sizeof programs[0]; i++)
        failed += load(0, &programs[i]) < 0;
    failed += load(0, (struct sock_fprog *)16) < 0;
    failed += load(0, NULL) < 0;
    deny(SYS_bind, SECCOMP_RET_ERRNO | EPERM);
    failed += load(0x8000, &program) < 0; // no such flag
    failed += prctl(PR_SET_SECCOMP, 7, &program) < 0;
    failed += prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &programs[0]) < 0;
    printf("failed %d\n", failed);
    return report("bind", outermost());
}

// A filter that answers the load of another one with success.
static int pretended_load(void) {
    load_or_end(0, deny(SYS_seccomp, SECCOMP_RET_ERRNO | 0));
    load_or_end(0, deny(SYS_bind, SECCOMP_RET_ERRNO | EPERM));
    return report("bind", outermost());
}

static int *go;

static void *wait_and_bind(void *unused) {
    (void)unused;
    while (__atomic_load_n(go, __ATOMIC_ACQUIRE) == 0)
        sched_yield();
    report("bind", outermost());
    return NULL;
}

// A thread that has loaded nothing gets the filter of the one that has.
static int for_all_threads(void) {
    pthread_t thread;
    go = calloc(1, sizeof *go);
    if (go == NULL || pthread_create(&thread, NULL, wait_and_bind, NULL) != 0) return 2;
    load_or_end(TSYNC, deny(SYS_bind, SECCOMP_RET_ERRNO | EACCES));
    __atomic_store_n(go, 1, __ATOMIC_RELEASE);
    return pthread_join(thread, NULL) != 0;
}

// And one that has another filter is in the way, so that nobody gets it.
static void *load_and_wait(void *unused) {
    (void)unused;
    struct sock_filter allow = {BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW};
    struct sock_fprog p = {1, &allow};
    load_or_end(0, &p);
    __atomic_store_n(go, 1, __ATOMIC_RELEASE);
    while (__atomic_load_n(go, __ATOMIC_ACQUIRE) == 1)
        sched_yield();
    return NULL;
}

static int in_the_way(void) {
    pthread_t thread;
    go = calloc(1, sizeof *go);
    if (go == NULL || pthread_create(&thread, NULL, load_and_wait, NULL) != 0) return 2;
    while (__atomic_load_n(go, __ATOMIC_ACQUIRE) == 0)
        sched_yield();
    printf("load %s\n", load(TSYNC, deny(SYS_bind, SECCOMP_RET_ERRNO | EACCES)) > 0 ? "refused" : "went well");
    __atomic_store_n(go, 2, __ATOMIC_RELEASE);
    pthread_join(thread, NULL);
    return report("bind", outermost());
}

static int child_and_exec(char *self) {
    int status;
    load_or_end(0, deny(SYS_bind, SECCOMP_RET_ERRNO | EACCES));
    pid_t child = fork();
    if (child == 0) {
        execl(self, "again", "bind", (char *)NULL);
        _exit(9);
    }
    return child < 0 || waitpid(child, &status, 0) != child || WEXITSTATUS(status);
}

static void *exec_in_thread(void *self) {
    load_or_end(0, deny(SYS_bind, SECCOMP_RET_ERRNO | EACCES)); // for this thread only
    execl(self, "again", "bind", (char *)NULL);
    return NULL;
}

static int thread_and_exec(char *self) {
    pthread_t thread;
    return pthread_create(&thread, NULL, exec_in_thread, self) != 0 || pthread_join(thread, NULL) != 0;
}

static long untraced_child(void) {
    load_or_end(0, deny(SYS_bind, SECCOMP_RET_ERRNO | EACCES));
    long child = syscall(SYS_clone, 0x00800000 | SIGCHLD, NULL, NULL, NULL, NULL); // CLONE_UNTRACED
    if (child == 0) {
        outermost();
        _exit(0);
    }
    return waitpid((pid_t)child, NULL, 0) == child ? 0 : 1;
}

static int strict(void) {
    prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT, 0, 0, 0);
    syscall(SYS_getppid);
    return 0;
}

// ---- Races ----

static unsigned long refused_calls, made_calls;

static void count_parent(void) {
    long r = parent();
    __atomic_add_fetch(r < 0 && errno == EDOM ? &refused_calls : &made_calls, 1, __ATOMIC_RELAXED);
}

static void *count_in_thread(void *unused) {
    (void)unused;
    for (int i = 0; i < CALLS; i++)
        count_parent();
    return NULL;
}

// Threads make calls while the filter that denies them comes.
static int race(void) {
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++)
        if (pthread_create(&threads[i], NULL, count_in_thread, NULL) != 0) return 2;
    for (int i = 0; i < FILTERS; i++)
        load_or_end(TSYNC, deny(i == FILTERS - 1 ? (unsigned)SYS_getppid : 9999, SECCOMP_RET_ERRNO | EDOM));
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    printf("refused %lu made %lu\n", refused_calls, made_calls);
    return 0;
}

static void *load_in_turn(void *which) {
    struct sock_filter own[4];
    struct sock_fprog p = {4, own};
    own[0] = (struct sock_filter){BPF_LD | BPF_W | BPF_ABS, 0, 0, offsetof(struct seccomp_data, nr)};
    own[1] = (struct sock_filter){BPF_JMP | BPF_JEQ | BPF_K, 0, 1, which != NULL ? (unsigned)SYS_getppid : 9999};
    own[2] = (struct sock_filter){BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ERRNO | EDOM};
    own[3] = (struct sock_filter){BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW};
    // Fails where another thread has loaded one of its own just before; then that one came with all of them.
    for (int i = 0; i < CALLS && load(TSYNC, &p) != 0; i++)
        sched_yield();
    return count_in_thread(NULL);
}

// Several threads load filters for all of them at once.
static int race_of_loads(void) {
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++)
        if (pthread_create(&threads[i], NULL, load_in_turn, i == THREADS / 2 ? threads : NULL) != 0) return 2;
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    printf("refused %lu made %lu\n", refused_calls, made_calls);
    return 0;
}

static void *fork_in_thread(void *unused) {
    (void)unused;
    for (int i = 0; i < FORKS; i++) {
        int status;
        pid_t child = fork();
        if (child == 0) _exit(parent() < 0 && errno == EDOM);
        if (child > 0 && waitpid(child, &status, 0) == child)
            __atomic_add_fetch(WEXITSTATUS(status) == 1 ? &refused_calls : &made_calls, 1, __ATOMIC_RELAXED);
    }
    return NULL;
}

// Threads make processes while the filters come.
static int race_of_forks(void) {
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++)
        if (pthread_create(&threads[i], NULL, fork_in_thread, NULL) != 0) return 2;
    for (int i = 0; i < FILTERS; i++) {
        usleep(2000);
        load_or_end(TSYNC, deny(i == FILTERS / 2 ? (unsigned)SYS_getppid : 9999, SECCOMP_RET_ERRNO | EDOM));
    }
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    printf("refused %lu made %lu\n", refused_calls, made_calls);
    return 0;
}

static volatile int swapping = 1;

static void *swap(void *unused) {
    (void)unused;
    volatile uint32_t *call = &code[1].k;
    while (swapping) {
        *call = SYS_getppid;
        *call = 9999;
    }
    return NULL;
}

// The program is another one each time one looks at it.
static int swapped(void) {
    pthread_t thread;
    deny(9999, SECCOMP_RET_ERRNO | EDOM);
    if (pthread_create(&thread, NULL, swap, NULL) != 0) return 2;
    for (int i = 0; i < 50; i++) {
        load_or_end(0, &program);
        count_parent();
    }
    swapping = 0;
    pthread_join(thread, NULL);
    printf("refused %lu made %lu\n", refused_calls, made_calls);
    return 0;
}

// ---- What looks at the instruction pointer ----

#ifdef __x86_64__
long here(void);
long there(void);
extern char after_here[];
__asm__(".text\n"
        "here: mov $110, %eax\n syscall\n after_here: ret\n" // getppid
        "there: mov $110, %eax\n syscall\n ret\n");

static int by_place(void) {
    struct sock_filter own[] = {
        {BPF_LD | BPF_W | BPF_ABS, 0, 0, offsetof(struct seccomp_data, instruction_pointer)},
        {BPF_JMP | BPF_JEQ | BPF_K, 0, 1, (uint32_t)(uintptr_t)after_here},
        {BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ERRNO | EDOM},
        {BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW},
    };
    struct sock_fprog p = {4, own};
    load_or_end(0, &p);
    printf("here %ld there %d\n", here(), there() > 0);
    return 0;
}
#endif

// ---- Being told ----

static const struct {
    const char *word;
    unsigned verdict;
} verdicts[] = {
    {"errno", SECCOMP_RET_ERRNO | EACCES},
    {"large", SECCOMP_RET_ERRNO | 0xffff},
    {"zero", SECCOMP_RET_ERRNO},
    {"trap", SECCOMP_RET_TRAP},
    {"trace", SECCOMP_RET_TRACE | 7},
    {"kill", 0x80000000},
    {"kill_thread", 0},
    {"log", 0x7ffc0000},
};

int main(int argc, char **argv) {
    const char *word = argc > 1 ? argv[1] : "";
    for (size_t i = 0; i < sizeof verdicts / sizeof verdicts[0]; i++)
        if (strcmp(word, verdicts[i].word) == 0) return bind_under(verdicts[i].verdict);
    if (strcmp(word, "bind") == 0) return report("bind", outermost());
    if (strcmp(word, "thread") == 0) return in_thread();
    if (strcmp(word, "prctl") == 0) return by_prctl();
    if (strcmp(word, "stacked") == 0) return stacked();
    if (strcmp(word, "odd") == 0) return odd_word();
    if (strcmp(word, "handled") == 0) return handled_trap();
    if (strcmp(word, "forged") == 0) return forged_trap();
    if (strcmp(word, "notify") == 0) return without_supervisor();
    if (strcmp(word, "garbage") == 0) return garbage();
    if (strcmp(word, "pretended") == 0) return pretended_load();
    if (strcmp(word, "tsync") == 0) return for_all_threads();
    if (strcmp(word, "way") == 0) return in_the_way();
    if (strcmp(word, "child") == 0) return child_and_exec(argv[0]);
    if (strcmp(word, "exec") == 0) return thread_and_exec(argv[0]);
    if (strcmp(word, "untraced") == 0) return (int)untraced_child();
    if (strcmp(word, "strict") == 0) return strict();
    if (strcmp(word, "race") == 0) return race();
    if (strcmp(word, "loads") == 0) return race_of_loads();
    if (strcmp(word, "forks") == 0) return race_of_forks();
    if (strcmp(word, "swapped") == 0) return swapped();
#ifdef __x86_64__
    if (strcmp(word, "place") == 0) return by_place();
#endif
    return 2;
}
