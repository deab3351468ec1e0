// SPDX-License-Identifier: MIT
#include "plan.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "compile.h"
#include "dead.h"
#include "holdings.h"
#include "kernel.h"
#include "landlock.h"
#include "memory.h"
#include "prove.h"
#include "support.h"

bool plan_is_native(const struct program *p) {
    return p->big_endian == (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__);
}

// ---- Programs that this process has loaded for all its threads ------------------------------------------------------

// Grows only, and its entries never change: readable without a lock, also in a child of fork.
struct loaded {
    struct loaded *next;
    pid_t pid;    // of the process that loaded it
    long filters; // of each of its threads afterwards; -1: unknown
    bool landlock;
    uint32_t count;
    struct sock_filter code[];
};

static _Atomic(struct loaded *) loaded_list;

// Made before the load, since the filter may forbid to allocate. NULL where there is no memory: the same filter is then
// loaded again, which is not weaker.
static struct loaded *new_entry(const struct load_plan *plan) {
    size_t bytes = plan->main->count * sizeof plan->main->code[0];
    struct loaded *entry = memory_new(1, sizeof *entry + bytes);
    if (!entry) return NULL;
    entry->pid = kernel_pid();
    entry->count = plan->main->count;
    memcpy(entry->code, plan->main->code, bytes);
    return entry;
}

void plan_remember(struct load_plan *plan) {
    struct loaded *entry = plan->entry;
    if (!entry) return;
    plan->entry = NULL;
    entry->filters = plan->filters;
    entry->landlock = plan->in_landlock;
    entry->next = atomic_load(&loaded_list);
    while (!atomic_compare_exchange_weak(&loaded_list, &entry->next, entry)) {
    }
}

// A child of vfork shares this memory but not its filters with its parent, so the entry of another process counts only
// in its child. In a child of fork the entry's program is in force, and may forbid even to ask for the parent.
static bool is_ours(const struct loaded *l, const struct program *p) {
    if (l->pid == kernel_pid()) return true;
    return kernel_allowed(p, SYS_getppid, (const uint64_t[6]){0}) && l->pid == getppid();
}

static bool is_loaded(const struct filter *f, const struct load_plan *plan) {
    const struct program *p = plan->main;
    for (const struct loaded *l = atomic_load(&loaded_list); l; l = l->next) {
        if (l->count != p->count || memcmp(l->code, p->code, p->count * sizeof p->code[0]) != 0) continue;
        if (!is_ours(l, p)) continue;
        if (f->options.landlock && !l->landlock) continue;
        if (plan->filters >= 0 && plan->filters < l->filters) continue;
        return true;
    }
    return false;
}

// ---- Before the load ------------------------------------------------------------------------------------------------

static int compile_proven(const struct filter *f, const struct meaning *m, struct program **out, struct error *e) {
    struct program *p = NULL;
    struct witness w;
    int r = compile(m, &p, e);
    if (r == 0 && f->options.proof) r = prove(p, m, PROVE_STEPS, &w, e);
    if (r < 0) {
        program_free(p);
        p = NULL;
    }
    *out = p;
    return r;
}

static int compile_quiet(const struct filter *f, const struct meaning *m, struct program **out, struct error *e) {
    struct meaning quiet;
    bool any = false;
    *out = NULL;
    int r = meaning_quiet(m, &quiet, &any, e);
    if (r < 0) return r;
    if (any) r = compile_proven(f, &quiet, out, e);
    meaning_free(&quiet);
    return r;
}

// On success the meaning is the caller's.
static int make(struct filter *f, int64_t self, struct meaning *m, struct program **main, struct program **quiet,
                struct error *e) {
    int r = meaning_make(f, self, m, e);
    if (r < 0) return r;
    *main = NULL;
    r = dead_find(f, m, e);
    if (r == 0) r = compile_proven(f, m, main, e);
    if (r == 0 && quiet) r = compile_quiet(f, m, quiet, e);
    if (r == 0) return 0;
    program_free(*main);
    *main = NULL;
    meaning_free(m);
    return r;
}

int plan_compile(struct filter *f, int64_t self, struct program **main, struct program **quiet, struct error *e) {
    struct meaning m;
    int r = make(f, self, &m, main, quiet, e);
    if (r == 0) meaning_free(&m);
    return r;
}

static bool verdict_is(uint32_t verdict, uint32_t action) {
    return (verdict & SECCOMP_RET_ACTION_FULL) == action;
}

static bool has_action(const struct meaning *m, uint32_t action) {
    if (verdict_is(m->foreign_verdict, action) || verdict_is(m->x32_verdict, action)) return true;
    for (size_t i = 0; i < m->count; i++) {
        const struct ruleset *s = &m->sets[i];
        if (verdict_is(s->default_verdict, action)) return true;
        if (s->unknown_differs && verdict_is(s->unknown_verdict, action)) return true;
        for (size_t j = 0; j < s->ruling_count; j++)
            if (verdict_is(s->rulings[j].verdict, action)) return true;
    }
    return false;
}

static int check_actions(const struct meaning *m, struct error *e) {
    if (has_action(m, SECCOMP_RET_USER_NOTIF))
        return error_set(e, ENOTSUP,
                         "the action notify needs a program that listens, and a load has none: use deny, or hand the "
                         "compiled program to a supervisor");
    // Before 4.14 the kernel takes the action for an unknown one, and kills.
    if (has_action(m, SECCOMP_RET_LOG) && kernel_probe(0) == -EFAULT && !kernel_flag_available(KERNEL_LOG))
        return error_set(e, ENOTSUP, "the actions log and complain need Linux 4.14: this kernel would kill instead");
    return 0;
}

// What the kernel says to a load before anything has changed.
static int check_kernel(struct load_plan *plan, struct error *e) {
    enum abi_id native = abi_native();
    if (native == ABI_NONE) return error_set(e, ENOTSUP, "abjure has no system call table for this architecture");
    if (!plan_is_native(plan->main))
        return error_set(e, ENOTSUP, "the filter is for ABIs of another byte order than this machine's");
    int probe = kernel_probe(0);
    if (probe == -EFAULT) return 0;
    if (support_errno(probe, -1) == -ENOTSUP && (plan->options.this_thread || kernel_task_count() == 1)) return 0;
    return support_explain(probe, plan->main->count, plan->filters, e);
}

static bool covers_native(const struct meaning *m) {
    for (size_t i = 0; i < m->count; i++)
        if (m->sets[i].abi == abi_native()) return true;
    return false;
}

static int check_all(struct filter *f, bool exec, struct load_plan *plan, struct error *e) {
    if (!covers_native(&plan->meaning) && action_denies(action_of(plan->meaning.foreign_verdict)))
        return error_set(e, ENOTSUP,
                         "the filter has no rules for %s, which this program runs on: the next call would be its last; "
                         "add \"abi %s\"",
                         abis[abi_native()].name, abis[abi_native()].name);
    int r = check_actions(&plan->meaning, e);
    if (r == 0) r = holdings_check(f, &plan->meaning, exec, e);
    if (r == 0 && f->options.landlock) r = landlock_check(plan->options.this_thread, e);
    return r;
}

int plan_make(struct filter *f, const struct load_options *options, bool exec, struct load_plan *out, struct error *e) {
    *out = (struct load_plan){.options = *options};
    struct load_options *o = &out->options;
    o->log = o->log && f->options.log;
    o->mitigate = o->mitigate || f->options.mitigate;
    o->no_new_privs = o->no_new_privs && f->options.no_new_privs;
    f->blocking_thread = 0;
    // Under complain nothing is refused, and the action log is logged with or without the flag.
    bool quiet = o->log && !f->options.complain;
    int r = make(f, kernel_pid(), &out->meaning, &out->main, quiet ? &out->quiet : NULL, e);
    if (r != 0) return r;
    struct kernel_task task;
    (void)kernel_task(0, NULL, &task);
    out->filters = task.filters;
    r = check_kernel(out, e);
    out->is_loaded = r == 0 && o->once && is_loaded(f, out);
    if (r == 0 && !out->is_loaded) r = check_all(f, exec, out, e);
    if (r == 0 && !out->is_loaded && !exec) out->entry = new_entry(out);
    if (r < 0) plan_free(out);
    return r;
}

void plan_free(struct load_plan *plan) {
    meaning_free(&plan->meaning);
    program_free(plan->main);
    program_free(plan->quiet);
    memory_free(plan->entry);
    *plan = (struct load_plan){0};
}
