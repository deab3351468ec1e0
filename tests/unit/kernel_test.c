// SPDX-License-Identifier: MIT
#include "kernel.h"

#include "kit.h"

#include <linux/seccomp.h>
#include <pthread.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static char folder[64];

static int make_folder(void **unused) {
    (void)unused;
    strcpy(folder, "/tmp/abjure-kernel-XXXXXX");
    return mkdtemp(folder) ? 0 : -1;
}

static void path_of(char path[128], const char *name) {
    snprintf(path, 128, "%s/%s", folder, name);
}

static int remove_folder(void **unused) {
    (void)unused;
    char path[128];
    path_of(path, "text");
    (void)unlink(path);
    path_of(path, "b");
    (void)unlink(path);
    return rmdir(folder);
}

static const char *write_file(const char *name, const char *text, size_t length) {
    static char path[128];
    path_of(path, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, length, file), length);
    fclose(file);
    return path;
}

// ---- Lines and names ------------------------------------------------------------------------------------------------

struct lines {
    char text[20000];
    size_t count, stop_at;
};

static int take(const char *line, void *context) {
    struct lines *l = context;
    snprintf(l->text + strlen(l->text), sizeof l->text - strlen(l->text), "%s|", line);
    return ++l->count == l->stop_at ? 42 : 0;
}

static void expect_lines(const char *text, const char *want) {
    static struct lines l;
    l = (struct lines){.count = 0};
    assert_int_equal(kernel_lines(write_file("text", text, strlen(text)), NULL, take, &l), 0);
    assert_string_equal(l.text, want);
}

static void lines_of_a_file(void **unused) {
    (void)unused;
    expect_lines("", "");
    expect_lines("\n", "|");
    expect_lines("one", "one|");
    expect_lines("one\n", "one|");
    expect_lines("one\n\ntwo\nthree", "one||two|three|");
    static struct lines l;
    l = (struct lines){.stop_at = 2};
    assert_int_equal(kernel_lines(write_file("text", "a\nb\nc\n", 6), NULL, take, &l), 42);
    assert_string_equal(l.text, "a|b|");
    assert_int_equal(kernel_lines("/nonexistent/file", NULL, take, &l), -ENOENT);
    assert_int_equal(kernel_lines(folder, NULL, take, &l), -EISDIR);
}

// A line longer than the buffer is cut there, and the rest of it is no line.
static void long_lines_are_cut(void **unused) {
    (void)unused;
    static const size_t lengths[] = {4094, 4095, 4096, 4097, 8190, 8191, 9000};
    static char text[9100];
    static struct lines l;
    for (size_t i = 0; i < LENGTH(lengths); i++)
        for (int ended = 0; ended < 2; ended++) {
            memset(text, 'x', lengths[i]);
            strcpy(text + lengths[i], ended ? "\nnext\n" : "");
            l = (struct lines){.count = 0};
            assert_int_equal(kernel_lines(write_file("text", text, strlen(text)), NULL, take, &l), 0);
            const size_t first = strcspn(l.text, "|");
            assert_int_equal(first, lengths[i] < 4095 ? lengths[i] : 4095);
            assert_string_equal(l.text + first, ended ? "|next|" : "|");
        }
}

static void the_first_line(void **unused) {
    (void)unused;
    char buffer[8] = "before";
    assert_int_equal(kernel_line(write_file("text", "0123456789\nb", 12), NULL, buffer, sizeof buffer), 0);
    assert_string_equal(buffer, "0123456");
    assert_int_equal(kernel_line(write_file("text", "12\n", 3), NULL, buffer, sizeof buffer), 0);
    assert_string_equal(buffer, "12");
    assert_int_equal(kernel_line(write_file("text", "", 0), NULL, buffer, sizeof buffer), 0);
    assert_string_equal(buffer, "");
    strcpy(buffer, "before");
    assert_int_equal(kernel_line("/nonexistent", NULL, buffer, sizeof buffer), -ENOENT);
    assert_string_equal(buffer, "");
}

static int count_name(const char *name, void *context) {
    assert_string_not_equal(name, ".");
    assert_string_not_equal(name, "..");
    size_t *count = context;
    ++*count;
    return strcmp(name, "stop") == 0 ? -7 : 0;
}

static void names_in_a_directory(void **unused) {
    (void)unused;
    size_t count = 0;
    write_file("text", "", 0);
    write_file("b", "", 0);
    assert_int_equal(kernel_names(folder, NULL, count_name, &count), 0);
    assert_int_equal(count, 2);
    char path[128];
    path_of(path, "b");
    unlink(path);
    path_of(path, "text");
    assert_int_equal(kernel_names(path, NULL, count_name, &count), -ENOTDIR);
    assert_int_equal(kernel_names("/nonexistent", NULL, count_name, &count), -ENOENT);
    // More names than one buffer holds.
    count = 0;
    assert_int_equal(kernel_names("/usr/bin", NULL, count_name, &count), 0);
    assert_true(count > 300);
}

// ---- Under a program ------------------------------------------------------------------------------------------------

#define LOAD(offset) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offset)
#define RETURN(verdict) BPF_STMT(BPF_RET | BPF_K, verdict)

// A program that denies one call.
static void denying(struct sock_filter code[4], long number, uint32_t verdict) {
    const struct sock_filter all[] = {LOAD(0), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)number, 0, 1),
                                      RETURN(verdict), RETURN(SECCOMP_RET_ALLOW)};
    memcpy(code, all, sizeof all);
}

static const bool big_endian = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__;

static void nothing_is_called_that_a_program_denies(void **unused) {
    (void)unused;
    static const long calls[] = {SYS_openat, SYS_read, SYS_close};
    static const uint32_t verdicts[] = {SECCOMP_RET_KILL_PROCESS, SECCOMP_RET_ERRNO | EPERM, SECCOMP_RET_LOG};
    write_file("text", "a\n", 2);
    char path[128], buffer[8];
    path_of(path, "text");
    const int before = dup(0); // the lowest free descriptor: none may be left open
    close(before);
    for (size_t c = 0; c < LENGTH(calls); c++)
        for (size_t v = 0; v < LENGTH(verdicts); v++) {
            struct sock_filter code[4];
            denying(code, calls[c], verdicts[v]);
            const struct program p = {code, 4, big_endian, NULL};
            assert_false(kernel_allowed(&p, calls[c], (const uint64_t[6]){0}));
            assert_true(kernel_allowed(&p, SYS_getpid, (const uint64_t[6]){0}));
            assert_int_equal(kernel_line(path, &p, buffer, sizeof buffer), -ECANCELED);
            struct kernel_task task;
            assert_int_equal(kernel_task(0, &p, &task), -ECANCELED);
            assert_int_equal(task.mode, -1);
        }
    struct sock_filter code[4];
    size_t count = 0;
    denying(code, SYS_getdents64, SECCOMP_RET_TRAP);
    const struct program p = {code, 4, big_endian, NULL};
    assert_int_equal(kernel_names(folder, &p, count_name, &count), -ECANCELED);
    assert_int_equal(count, 0);
    assert_int_equal(kernel_line(path, &p, buffer, sizeof buffer), 0);
    assert_string_equal(buffer, "a");
    const int after = dup(0);
    close(after);
    assert_int_equal(after, before);
}

static void is_a_second_load_allowed(void **unused) {
    (void)unused;
    // Denies seccomp(2) with TSYNC only: argument 1 is the flags.
    const struct sock_filter code[] = {LOAD(0),
                                       BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_seccomp, 0, 3),
                                       LOAD(bpf_argument(big_endian, 1, false)),
                                       BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, SECCOMP_FILTER_FLAG_TSYNC, 0, 1),
                                       RETURN(SECCOMP_RET_KILL_PROCESS),
                                       RETURN(SECCOMP_RET_ALLOW)};
    const struct program p = {(struct sock_filter *)(uintptr_t)code, LENGTH(code), big_endian, NULL};
    assert_false(kernel_seccomp_allowed(&p, KERNEL_ALL_THREADS));
    assert_false(kernel_seccomp_allowed(&p, KERNEL_ALL_THREADS | KERNEL_LOG));
    assert_true(kernel_seccomp_allowed(&p, KERNEL_LOG));
    assert_true(kernel_seccomp_allowed(&p, 0));
}

// ---- This process ---------------------------------------------------------------------------------------------------

static void programs_of_no_length(void **unused) {
    (void)unused;
    const struct sock_filter code[1] = {RETURN(SECCOMP_RET_ALLOW)};
    assert_int_equal(kernel_seccomp(code, 0, 0), -EINVAL);
    assert_int_equal(kernel_seccomp(code, BPF_LIMIT + 1, 0), -EINVAL);
    assert_int_equal(kernel_seccomp(code, 65536 + 1, 0), -EINVAL); // would be cut to 1
    assert_int_equal(kernel_prctl_seccomp(code, 0), -EINVAL);
    assert_int_equal(kernel_prctl_seccomp(code, 65536 + 1), -EINVAL);
    assert_int_equal(prctl(PR_GET_SECCOMP, 0, 0, 0, 0), 0);
}

static void ids(void **unused) {
    (void)unused;
    uint32_t arch = 0;
    assert_int_equal(kernel_pid(), getpid());
    assert_int_equal(kernel_tid(), syscall(SYS_gettid));
    assert_true(kernel_arch(&arch));
    assert_int_equal(arch, abis[abi_native()].audit_arch);
    unsigned char bytes[64] = {0};
    assert_int_equal(kernel_random(bytes, sizeof bytes), 0);
    unsigned nonzero = 0;
    for (size_t i = 0; i < sizeof bytes; i++)
        nonzero += bytes[i] != 0;
    assert_true(nonzero > 32); // fails once in 10^50 runs
    assert_int_equal(kernel_random(bytes, 0), 0);
}

struct waiter {
    pthread_mutex_t lock;
    pid_t tid;
};

static void *wait_here(void *context) {
    struct waiter *w = context;
    (void)prctl(PR_SET_NAME, "a) Z 1 (b");
    __atomic_store_n(&w->tid, kernel_tid(), __ATOMIC_SEQ_CST);
    pthread_mutex_lock(&w->lock);
    pthread_mutex_unlock(&w->lock);
    return NULL;
}

static int find_task(pid_t tid, void *context) {
    const struct waiter *w = context;
    return tid == w->tid ? 5 : 0;
}

static void tasks(void **unused) {
    (void)unused;
    struct waiter w = {.lock = PTHREAD_MUTEX_INITIALIZER};
    pthread_t thread;
    const int before = kernel_task_count();
    assert_true(before >= 1);
    pthread_mutex_lock(&w.lock);
    assert_int_equal(pthread_create(&thread, NULL, wait_here, &w), 0);
    while (__atomic_load_n(&w.tid, __ATOMIC_SEQ_CST) == 0)
        usleep(1000);
    assert_int_equal(kernel_task_count(), before + 1);
    assert_int_equal(kernel_each_task(NULL, find_task, &w), 5);
    char name[64];
    assert_int_equal(kernel_task_name(w.tid, name), 0);
    assert_string_equal(name, "a) Z 1 (b");
    assert_false(kernel_task_is_io_worker(w.tid)); // whatever its name
    struct kernel_task task, self;
    assert_int_equal(kernel_task(w.tid, NULL, &task), 0);
    assert_int_equal(task.mode, 0);
    assert_int_equal(task.filters, 0);
    assert_false(task.dead);
    assert_int_equal(kernel_task(0, NULL, &self), 0);
    assert_true(self.capabilities == task.capabilities);
    assert_int_equal(self.no_new_privs, kernel_no_new_privs());
    pthread_mutex_unlock(&w.lock);
    pthread_join(thread, NULL);
    assert_int_equal(kernel_task(w.tid, NULL, &task), -ENOENT);
    assert_int_equal(task.mode, -1);
    assert_int_equal(task.filters, -1);
    assert_int_equal(task.no_new_privs, -1);
    assert_int_equal(kernel_task_name(w.tid, name), -ENOENT);
    assert_string_equal(name, "");
}

// A load by each of both calls, as the kernel counts them.
static void loads_count(void **unused) {
    (void)unused;
    fflush(NULL);
    const pid_t pid = fork();
    if (pid == 0) {
        const struct sock_filter code[1] = {RETURN(SECCOMP_RET_ALLOW)};
        struct kernel_task task;
        if (kernel_set_no_new_privs() != 0 || kernel_no_new_privs() != 1) _exit(1);
        if (kernel_seccomp(code, 1, KERNEL_ALL_THREADS) != 0) _exit(2);
        if (kernel_prctl_seccomp(code, 1) != 0) _exit(3);
        if (kernel_task(0, NULL, &task) != 0 || task.mode != 2 || task.filters != 2 || task.no_new_privs != 1) _exit(4);
        _exit(0);
    }
    int status = -1;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
}

static void probes_change_nothing(void **unused) {
    (void)unused;
    assert_int_equal(kernel_probe(0), -EFAULT);
    assert_true(kernel_flag_available(KERNEL_ALL_THREADS));
    assert_true(kernel_action_available(SECCOMP_RET_ALLOW));
    assert_true(kernel_action_available(SECCOMP_RET_ERRNO | 77)); // the data does not matter
    assert_false(kernel_action_available(0x12340000));
    assert_int_equal(prctl(PR_GET_SECCOMP, 0, 0, 0, 0), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_of_a_file),
        cmocka_unit_test(long_lines_are_cut),
        cmocka_unit_test(the_first_line),
        cmocka_unit_test(names_in_a_directory),
        cmocka_unit_test(nothing_is_called_that_a_program_denies),
        cmocka_unit_test(is_a_second_load_allowed),
        cmocka_unit_test(programs_of_no_length),
        cmocka_unit_test(ids),
        cmocka_unit_test(tasks),
        cmocka_unit_test(loads_count),
        cmocka_unit_test(probes_change_nothing),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
