// SPDX-License-Identifier: MIT
#include "process.h"

#include "kernel.h"
#include "kit.h"

#include <linux/seccomp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    NOBODY = 65534
};

// Instructions 0 and 1 of a program that allows everything and can be told from others.
static void load_marked(uint32_t mark) {
    const struct sock_filter code[] = {BPF_STMT(BPF_LD | BPF_IMM, mark), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
    if (kernel_set_no_new_privs() != 0 || kernel_seccomp(code, 2, 0) != 0) _exit(90);
}

// A child that does `work` and then waits to be killed; `work` returns once all is done.
static pid_t start(void (*work)(void)) {
    int ready[2];
    char byte;
    assert_int_equal(pipe(ready), 0);
    fflush(NULL);
    const pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        close(ready[0]);
        work();
        if (write(ready[1], "", 1) != 1) _exit(91);
        for (;;)
            pause();
    }
    close(ready[1]);
    assert_int_equal(read(ready[0], &byte, 1), 1);
    close(ready[0]);
    return pid;
}

static void stop(pid_t pid) {
    assert_int_equal(kill(pid, SIGKILL), 0);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static void expect(pid_t pid, uint64_t index, int code, const char *message) {
    struct program *p = NULL;
    struct error e = {0};
    const int r = process_program(pid, index, &p, &e);
    CHECK(r == -code, "%d, %s; wanted \"%s\"", r, e.message, message);
    CHECK(strcmp(e.message, message) == 0, "\"%s\", not \"%s\"", e.message, message);
    assert_null(p);
}

// Only CAP_SYS_ADMIN of the initial user namespace sees filters.
static void may_look(void) {
    if (geteuid() == 0) return;
    print_message("skipped: needs root\n");
    skip();
}

static void nothing(void) {}

static void three(void) {
    load_marked(1);
    load_marked(2);
    load_marked(3);
}

static void programs_by_index(void **unused) {
    (void)unused;
    may_look();
    const pid_t pid = start(three);
    for (uint64_t index = 0; index < 3; index++) {
        struct program *p = NULL;
        struct error e = {0};
        CHECK(process_program(pid, index, &p, &e) == 0, "%s", e.message);
        assert_int_equal(p->count, 2);
        assert_int_equal(p->code[0].k, 3 - index); // 0 is the newest
        assert_int_equal(p->big_endian, __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__);
        program_free(p);
    }
    char message[128];
    snprintf(message, sizeof message, "process %d has 3 programs; there is none with index 3", pid);
    expect(pid, 3, ENOENT, message);
    snprintf(message, sizeof message, "process %d has 3 programs; there is none with index 18446744073709551615", pid);
    expect(pid, UINT64_MAX, ENOENT, message);
    assert_int_equal(kill(pid, 0), 0); // runs on
    stop(pid);
}

static _Noreturn void strict_mode(int ready) {
    if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT) != 0) _exit(1);
    if (write(ready, "", 1) != 1) _exit(1);
    char byte;
    for (;;)
        (void)!read(ready, &byte, 1); // of a pipe's writing end: fails
}

static void processes_without_a_program(void **unused) {
    (void)unused;
    may_look();
    char message[160];
    pid_t pid = start(nothing);
    snprintf(message, sizeof message, "process %d has no filter", pid);
    expect(pid, 0, ENOENT, message);
    stop(pid);
    int ready[2];
    char byte;
    assert_int_equal(pipe(ready), 0);
    fflush(NULL);
    pid = fork();
    if (pid == 0) strict_mode(ready[1]);
    assert_int_equal(read(ready[0], &byte, 1), 1);
    close(ready[0]);
    close(ready[1]);
    snprintf(message, sizeof message,
             "process %d is in strict mode, which has no filter: it may read, write and end, and nothing else", pid);
    expect(pid, 0, EINVAL, message);
    stop(pid);
    expect(0, 0, EINVAL, "0 is no process id");
    expect(-5, 0, EINVAL, "-5 is no process id");
    expect(INT32_MAX, 0, ESRCH, "there is no process 2147483647");
    // A zombie.
    pid = fork();
    if (pid == 0) _exit(0);
    siginfo_t info;
    assert_int_equal(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), 0);
    snprintf(message, sizeof message, "process %d has ended; only its parent has not asked about that yet", pid);
    expect(pid, 0, ESRCH, message);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    snprintf(message, sizeof message, "process %d is this one, and none can trace itself; ask from another", getpid());
    expect(getpid(), 0, EPERM, message);
}

// The kernel's own thread that makes all others.
static void threads_of_the_kernel(void **unused) {
    (void)unused;
    may_look();
    char name[16] = "";
    FILE *file = fopen("/proc/2/comm", "r");
    if (file == NULL || fgets(name, sizeof name, file) == NULL || strcmp(name, "kthreadd\n") != 0) {
        print_message("skipped: no kernel threads are to be seen in this PID namespace\n");
        if (file != NULL) fclose(file);
        skip();
    }
    fclose(file);
    struct program *p = NULL;
    struct error e = {0};
    assert_int_equal(process_program(2, 0, &p, &e), -EPERM);
    // Linux before 6.8 does not say in /proc which tasks are its own.
    CHECK(strcmp(e.message, "2 is a thread of the kernel, which has no filter") == 0 ||
              strstr(e.message, "cannot be traced") != NULL,
          "%s", e.message);
}

// As root of a user namespace of its own, with all capabilities there.
static void ask_in_a_namespace(pid_t pid) {
    struct program *p = NULL;
    struct error e = {0};
    (void)pid;
    if (unshare(CLONE_NEWUSER) != 0) _exit(77);
    // Of its own child, which it may trace.
    const pid_t child = fork();
    if (child == 0)
        for (;;)
            pause();
    const int r = process_program(child, 0, &p, &e);
    kill(child, SIGKILL);
    if (r != -EACCES) _exit(2);
    _exit(strncmp(e.message, "this process is in a user namespace", 35) == 0 ? 0 : 3);
}

static void traced_by_another(void **unused) {
    (void)unused;
    may_look();
    char message[256];
    const pid_t pid = start(three);
    const pid_t tracer = fork();
    if (tracer == 0) {
        if (ptrace(PTRACE_SEIZE, pid, NULL, NULL) != 0) _exit(1);
        raise(SIGSTOP);
        _exit(0);
    }
    int status;
    assert_int_equal(waitpid(tracer, &status, WUNTRACED), tracer);
    assert_true(WIFSTOPPED(status));
    snprintf(message, sizeof message,
             "process %d is being traced already, by process %d (a debugger or strace); end that", pid, tracer);
    expect(pid, 0, EPERM, message);
    stop(tracer);
    stop(pid);
}

// In a child: who asks has a filter of its own, or is an ordinary user.
static void ask_filtered(pid_t pid) {
    struct program *p = NULL;
    struct error e = {0};
    load_marked(1);
    if (process_program(pid, 0, &p, &e) != -EACCES) _exit(2);
    _exit(strstr(e.message, "this process has a filter of its own") == e.message ? 0 : 3);
}

static void ask_as_nobody(pid_t pid) {
    struct program *p = NULL;
    struct error e = {0};
    char message[128];
    if (setgid(NOBODY) != 0 || setuid(NOBODY) != 0) _exit(1);
    const int r = process_program(pid, 0, &p, &e);
    snprintf(message, sizeof message, "reading the filters of process %d needs CAP_SYS_ADMIN; run as root", pid);
    if (r == -EACCES) _exit(strcmp(e.message, message) == 0 ? 0 : 2);
    _exit(r == -EPERM ? 0 : 3); // where ptrace is restricted even before that
}

static void ask_about_root(pid_t pid) {
    struct program *p = NULL;
    struct error e = {0};
    char message[256];
    (void)pid;
    if (setgid(NOBODY) != 0 || setuid(NOBODY) != 0) _exit(1);
    if (process_program(getppid(), 0, &p, &e) != -EPERM) _exit(2);
    snprintf(message, sizeof message, "process %d cannot be traced: it belongs to another user", getppid());
    _exit(strncmp(e.message, message, strlen(message)) == 0 || strstr(e.message, "yama") != NULL ? 0 : 3);
}

static void as_nobody(void) {
    load_marked(1);
    if (setgid(NOBODY) != 0 || setuid(NOBODY) != 0) _exit(92);
    (void)prctl(PR_SET_DUMPABLE, 1);
}

static void callers_that_may_not(void **unused) {
    (void)unused;
    may_look();
    static void (*const asks[])(pid_t) = {ask_filtered, ask_as_nobody, ask_in_a_namespace, ask_about_root};
    for (size_t i = 0; i < LENGTH(asks); i++) {
        const pid_t pid = start(as_nobody);
        fflush(NULL);
        const pid_t child = fork();
        if (child == 0) asks[i](pid);
        int status = -1;
        assert_int_equal(waitpid(child, &status, 0), child);
        if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
            print_message("skipped: no user namespaces here\n");
        else
            CHECK(status == 0, "question %zu: status %#x", i, (unsigned)status);
        stop(pid);
    }
}

static int answers; // where the child says that a signal has arrived

static void answer(int number) {
    (void)number;
    if (write(answers, "s", 1) != 1) _exit(103);
}

static _Noreturn void receive(void) {
    const struct sigaction action = {.sa_handler = answer};
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (sigaction(SIGUSR1, &action, NULL) != 0) _exit(100);
    load_marked(5);
    if (write(answers, "r", 1) != 1) _exit(101);
    for (;;)
        pause();
}

static char next_answer(int fd) {
    struct pollfd p = {.fd = fd, .events = POLLIN};
    char byte = 0;
    if (poll(&p, 1, 60000) == 1) assert_int_equal(read(fd, &byte, 1), 1);
    return byte;
}

// A signal that arrives while the process is stopped for us is not lost: 100 of them, one after the other.
static void signals_arrive(void **unused) {
    (void)unused;
    may_look();
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    answers = ends[1];
    fflush(NULL);
    const pid_t pid = fork();
    if (pid == 0) receive();
    assert_int_equal(next_answer(ends[0]), 'r');
    for (int i = 0; i < 100; i++) {
        struct program *p = NULL;
        struct error e = {0};
        assert_int_equal(kill(pid, SIGUSR1), 0);
        CHECK(process_program(pid, 0, &p, &e) == 0, "signal %d: %s", i, e.message);
        program_free(p);
        CHECK(next_answer(ends[0]) == 's', "signal %d is lost", i);
    }
    stop(pid);
    close(ends[0]);
    close(ends[1]);
}

static void out_of_memory(void **unused) {
    (void)unused;
    may_look();
    const pid_t pid = start(three);
    size_t n = 1;
    for (;; n++) {
        struct program *p = NULL;
        struct error e = {0};
        memory_fail(n);
        const int r = process_program(pid, 0, &p, &e);
        const bool reached = memory_asked() >= n;
        memory_fail(0);
        if (!reached) {
            assert_int_equal(r, 0);
            program_free(p);
            break;
        }
        assert_int_equal(r, -ENOMEM);
        assert_null(p);
    }
    assert_true(n > 2);
    // It was let go each time.
    assert_int_equal(ptrace(PTRACE_SEIZE, pid, NULL, NULL), 0);
    stop(pid);
}

// All at once, the newest first, and as the kernel decides: the strictest action, of equal ones the newest program's.
static void all_programs(void **unused) {
    (void)unused;
    may_look();
    const pid_t pid = start(three);
    struct program *p = NULL;
    struct error e = {0};
    CHECK(process_programs(pid, &p, &e) == 0, "%s", e.message);
    uint32_t mark = 3;
    for (const struct program *one = p; one != NULL; one = one->older, mark--)
        assert_int_equal(one->code[0].k, mark);
    assert_int_equal(mark, 0);
    program_free(p);
    stop(pid);
    CHECK(process_programs(INT32_MAX, &p, &e) == -ESRCH, "%s", e.message);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(programs_by_index),
        cmocka_unit_test(all_programs),
        cmocka_unit_test(processes_without_a_program),
        cmocka_unit_test(threads_of_the_kernel),
        cmocka_unit_test(traced_by_another),
        cmocka_unit_test(callers_that_may_not),
        cmocka_unit_test(signals_arrive),
        cmocka_unit_test(out_of_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
