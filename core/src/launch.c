// SPDX-License-Identifier: MIT
#include "launch.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "kernel.h"
#include "start.h"
#include "supervise.h"
#include "support.h"
#include "text.h"

// Everything that a launch needs, in one mapping: between fork and exec nothing may be allocated, and stacks may be
// small.
struct launch {
    size_t size;   // of the mapping
    bool in_force; // the filter is: it may forbid even to free memory
    enum launch_way way;
    struct supervision *supervision; // LAUNCH_SUPERVISED
    uint64_t words[2];
    char *const *envp;
    struct start start;
    uint32_t count;
    struct sock_filter code[BPF_LIMIT];
    const char *argv[];
};

enum launch_way launch_way(void) {
    enum abi_id native = abi_native();
    return native != ABI_NONE && abis[native].exec_keeps_registers ? LAUNCH_SUPERVISED : LAUNCH_WORDS;
}

// ---- The program with its prefix ------------------------------------------------------------------------------------

static uint32_t add_test(struct sock_filter *out, uint32_t at, uint32_t offset, uint32_t value) {
    out[at++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offset);
    out[at++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, 0);
    return at;
}

uint32_t launch_prefix(struct sock_filter out[LAUNCH_PREFIX], const struct program *p, uint32_t verdict,
                       const uint64_t words[2]) {
    uint32_t arch = 0, at = 0;
    (void)kernel_arch(&arch);
    // Architecture and number first and alone, so that the kernel's cache of always-allowed calls (5.11) goes on
    // working.
    at = add_test(out, at, offsetof(struct seccomp_data, arch), arch);
    at = add_test(out, at, offsetof(struct seccomp_data, nr), (uint32_t)SYS_execve);
    for (unsigned i = 0; i < 2; i++) {
        at = add_test(out, at, bpf_argument(p->big_endian, 4 + i, false), (uint32_t)words[i]);
        if (sizeof(long) == 8) // a 32-bit register has no high word
            at = add_test(out, at, bpf_argument(p->big_endian, 4 + i, true), (uint32_t)(words[i] >> 32));
    }
    out[at++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, verdict);
    for (uint32_t i = 0; i < at; i++)
        if (BPF_CLASS(out[i].code) == BPF_JMP) out[i].jf = (uint8_t)(at - i - 1);
    // A program starts with 0 in the accumulator. "and" and not "ld": the kernel's cache understands it.
    if (p->code[0].code != (BPF_LD | BPF_W | BPF_ABS))
        out[at++] = (struct sock_filter)BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 0);
    return at;
}

// ---- Steps ----------------------------------------------------------------------------------------------------------

static void discard(struct launch *l) {
    if (l->supervision) supervise_listen(l->supervision, -1);
    (void)munmap(l, l->size);
}

static int make_code(struct launch *l, const struct program *p) {
    int r = kernel_random(l->words, sizeof l->words);
    if (r < 0) return r;
    uint32_t verdict = l->way == LAUNCH_WORDS ? SECCOMP_RET_ALLOW : SECCOMP_RET_USER_NOTIF;
    struct sock_filter prefix[LAUNCH_PREFIX];
    uint32_t count = launch_prefix(prefix, p, verdict, l->words);
    if (count + p->count > BPF_LIMIT) return -E2BIG;
    memcpy(l->code, prefix, count * sizeof prefix[0]);
    memcpy(l->code + count, p->code, p->count * sizeof p->code[0]);
    l->count = count + p->count;
    return 0;
}

// Finds the program and makes the code; nothing has changed yet. *culprit as start.culprit.
static int prepare(enum launch_way way, const struct program *p, const char *path, char *const argv[],
                   char *const envp[], struct launch **out) {
    size_t arguments = START_WORDS + 1;
    for (size_t i = 0; argv[i]; i++)
        arguments++;
    size_t size = sizeof(struct launch) + arguments * sizeof(char *);
    struct launch *l = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    *out = NULL;
    if (l == MAP_FAILED) return -ENOMEM;
    *out = l;
    l->size = size;
    l->way = way;
    l->envp = envp ? envp : environ;
    int r = start_find(&l->start, path, argv, l->envp);
    if (r < 0) return r;
    start_arguments(&l->start, l->argv);
    return make_code(l, p);
}

// The load, and for LAUNCH_SUPERVISED the supervisor before it. Errors as the kernel gives them.
static int put_in_force(struct launch *l, unsigned flags, pid_t *thread) {
    *thread = 0;
    if (l->way == LAUNCH_WORDS) return load_code(l->code, l->count, flags, thread);
    int r = supervise_start(&l->supervision);
    if (r < 0) return r;
    r = kernel_seccomp(l->code, l->count, (flags & ~(unsigned)KERNEL_ALL_THREADS) | KERNEL_LISTENER);
    supervise_listen(l->supervision, r);
    return r < 0 ? r : 0;
}

// Returns only on failure.
static int start_it(const struct launch *l) {
    (void)syscall(SYS_execve, l->start.path, l->argv, l->envp, 0UL, (unsigned long)l->words[0],
                  (unsigned long)l->words[1]);
    return -errno;
}

// ---- Without a filter -----------------------------------------------------------------------------------------------

int launch_by(enum launch_way way, const struct program *p, const struct program *quiet,
              const struct load_options *options, const char *path, char *const argv[], char *const envp[],
              pid_t *thread) {
    *thread = 0;
    if (!plan_is_native(p)) return -ENOTSUP;
    struct launch *l;
    int r = prepare(way, p, path, argv, envp, &l);
    struct kernel_task before;
    (void)kernel_task(0, NULL, &before);
    if (r == 0 && options->no_new_privs && kernel_no_new_privs() != 1) r = kernel_set_no_new_privs();
    struct load_options own = *options;
    own.this_thread = true;
    unsigned flags = load_flags(&own);
    if (r == 0) {
        r = put_in_force(l, flags, thread);
        if (r < 0) r = support_errno(r, before.filters);
    }
    if (r < 0) {
        if (l) discard(l);
        return r;
    }
    l->in_force = true;
    const struct program whole = {.code = l->code, .count = l->count, .big_endian = p->big_endian};
    flags &= ~(unsigned)KERNEL_LOG;
    if (quiet && kernel_seccomp_allowed(&whole, flags)) (void)load_code(quiet->code, quiet->count, flags, thread);
    return start_it(l);
}

int launch_raw(const struct program *p, const struct program *quiet, const struct load_options *options,
               const char *path, char *const argv[], char *const envp[], pid_t *thread) {
    return launch_by(launch_way(), p, quiet, options, path, argv, envp, thread);
}

// ---- From a filter --------------------------------------------------------------------------------------------------

static int explain_preparation(const struct launch *l, int err, uint32_t instructions, struct error *e) {
    if (!l) return error_memory(e);
    if (err == -E2BIG && l->start.path)
        return error_set(e, E2BIG,
                         "the program has %u instructions, and the start of a program needs %d of the kernel's %d",
                         instructions, LAUNCH_PREFIX, BPF_LIMIT);
    if (!l->start.culprit) return error_set(e, -err, "cannot prepare the start: %s", strerror(-err));
    struct text_word culprit = text_quote(l->start.culprit, strlen(l->start.culprit));
    char script[384] = "";
    if (l->start.script) {
        struct text t;
        text_start(&t, script, sizeof script);
        text_add(&t, " (which the script \"%s\" asks for)", text_quote(l->start.script, strlen(l->start.script)).text);
        (void)text_end(&t);
    }
    if (err == -ENOENT) return error_set(e, ENOENT, "%s%s: no such program", culprit.text, script);
    if (err == -EACCES) return error_set(e, EACCES, "%s%s: not an executable file", culprit.text, script);
    if (err == -ENOEXEC)
        return error_set(
            e, ENOEXEC,
            "%s%s: neither a program nor a script with \"#!\" in its first line; write that line, or start "
            "it as sh %s",
            culprit.text, script, culprit.text);
    return error_set(e, -err, "%s%s: %s", culprit.text, script, strerror(-err));
}

static int explain_start(const struct launch *l, int err, struct error *e) {
    struct text_word path = text_quote(l->start.path, strlen(l->start.path));
    const char *why = err == -EPERM || err == -ENOSYS
                          ? ": an outer filter denies execve, as in a program that was itself started with @exec denied"
                          : "";
    return error_set(e, -err, "cannot start %s: %s%s; the filter is in force now and stays", path.text, strerror(-err),
                     why);
}

// Loads and starts; returns only on failure.
static int enter(struct filter *f, struct load_plan *plan, struct launch *l, struct error *e) {
    int r = load_commit(f, plan, e);
    if (r < 0) return r;
    pid_t thread;
    r = put_in_force(l, plan->flags, &thread);
    if (r < 0) return load_explain(f, plan, r, thread, e);
    l->in_force = true;
    const struct program whole = {.code = l->code, .count = l->count, .big_endian = plan->main->big_endian};
    r = load_finish(f, plan, &whole, e);
    if (r < 0) return r;
    return explain_start(l, start_it(l), e);
}

int launch_filter(struct filter *f, const char *path, char *const argv[], char *const envp[], struct error *e) {
    struct load_options options;
    struct load_plan plan;
    (void)load_parse(NULL, &options, e);
    options.this_thread = true;
    int r = plan_make(f, &options, true, &plan, e);
    if (r < 0) return r;
    struct launch *l;
    r = prepare(launch_way(), plan.main, path, argv, envp, &l);
    if (r < 0)
        r = explain_preparation(l, r, plan.main->count, e);
    else
        r = enter(f, &plan, l, e);
    if (l && l->in_force) return r;
    if (l) discard(l);
    plan_free(&plan);
    return r;
}
