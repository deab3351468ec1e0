// SPDX-License-Identifier: MIT
#include "load.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include "kernel.h"
#include "landlock.h"
#include "support.h"
#include "text.h"

// ---- Options --------------------------------------------------------------------------------------------------------

struct option {
    const char *text;
    size_t offset; // in struct load_options
    bool value;
};

static const struct option option_list[] = {
    {"this_thread", offsetof(struct load_options, this_thread), true},
    {"once", offsetof(struct load_options, once), true},
    {"log=on", offsetof(struct load_options, log), true},
    {"log=off", offsetof(struct load_options, log), false},
    {"speculation=allow", offsetof(struct load_options, mitigate), false},
    {"speculation=mitigate", offsetof(struct load_options, mitigate), true},
    {"no_new_privs=on", offsetof(struct load_options, no_new_privs), true},
    {"no_new_privs=off", offsetof(struct load_options, no_new_privs), false},
};
enum {
    OPTIONS = sizeof option_list / sizeof option_list[0]
};

static bool is_space(char c) {
    return c == ' ' || c == '\t' || c == '\n';
}

static int unknown_option(const char *word, size_t length, struct error *e) {
    if (length == 0) return e ? error_set(e, EINVAL, "an empty load option; leave the comma out") : -EINVAL;
    if (!e) return -ENOENT;
    struct spelling s;
    spelling_start(&s, word, length);
    for (int i = 0; i < OPTIONS; i++)
        spelling_try(&s, option_list[i].text);
    return error_set(e, ENOENT, "unknown load option \"%s\"%s", text_quote(word, length).text,
                     s.best                      ? spelling_hint(&s).text
                     : memchr(word, '=', length) ? "; what a filter does is set on the filter"
                                                 : "; it is \"this_thread\" or \"once\"");
}

int load_parse(const char *text, struct load_options *out, struct error *e) {
    *out = (struct load_options){.log = true, .no_new_privs = true};
    if (!text) return 0;
    const char *at = text;
    while (is_space(*at))
        at++;
    while (*at) {
        size_t length = strcspn(at, ",");
        const char *next = at + length;
        while (length > 0 && is_space(at[length - 1]))
            length--;
        int found = -1;
        for (int i = 0; i < OPTIONS; i++)
            if (strlen(option_list[i].text) == length && memcmp(option_list[i].text, at, length) == 0) found = i;
        if (found < 0) return unknown_option(at, length, e);
        memcpy((char *)out + option_list[found].offset, &option_list[found].value, sizeof(bool));
        if (*next == '\0') break;
        at = next + 1;
        while (is_space(*at))
            at++;
        if (*at == '\0') return unknown_option(at, 0, e);
    }
    return 0;
}

// ---- The load itself ------------------------------------------------------------------------------------------------

unsigned load_flags(const struct load_options *options) {
    unsigned flags = options->this_thread ? 0 : KERNEL_ALL_THREADS;
    if (options->log && kernel_flag_available(KERNEL_LOG)) flags |= KERNEL_LOG;
    if (!options->mitigate && kernel_flag_available(KERNEL_SPEC_ALLOW)) flags |= KERNEL_SPEC_ALLOW;
    return flags;
}

int load_code(const struct sock_filter *code, uint32_t count, unsigned flags, pid_t *thread) {
    *thread = 0;
    int r = kernel_seccomp(code, count, flags);
    // prctl(2) covers the calling thread only.
    if (r == -ENOSYS && (!(flags & KERNEL_ALL_THREADS) || kernel_task_count() == 1))
        return kernel_prctl_seccomp(code, count);
    if (r <= 0) return r;
    *thread = r;
    return -ESRCH;
}

static int set_no_new_privs(void) {
    return kernel_no_new_privs() == 1 ? 0 : kernel_set_no_new_privs();
}

int load_raw(const struct program *p, const struct load_options *options, pid_t *thread) {
    *thread = 0;
    if (!plan_is_native(p)) return -ENOTSUP;
    struct kernel_task before;
    (void)kernel_task(0, NULL, &before);
    int r = options->no_new_privs ? set_no_new_privs() : 0;
    if (r == 0) r = load_code(p->code, p->count, load_flags(options), thread);
    return r == 0 ? 0 : support_errno(r, before.filters);
}

int load_compile(struct filter *f, int64_t self, struct program **main, struct program **quiet, struct error *e) {
    return plan_compile(f, self, main, quiet, e);
}

// ---- From here on something changes ---------------------------------------------------------------------------------

static int say_changed(const struct load_plan *plan, struct error *e) {
    const char *changed = plan->privs_set && plan->in_landlock
                              ? "no_new_privs is set and a Landlock domain entered now, and that stays"
                          : plan->privs_set   ? "no_new_privs is set now and stays"
                          : plan->in_landlock ? "a Landlock domain is entered now, and that stays"
                                              : NULL;
    return changed ? error_set(e, e->code, "%s; %s", e->message, changed) : -e->code;
}

int load_commit(struct filter *f, struct load_plan *plan, struct error *e) {
    if (plan->options.no_new_privs && kernel_no_new_privs() != 1) {
        int r = kernel_set_no_new_privs();
        if (r < 0)
            return error_set(e, EPERM, "cannot set no_new_privs (%s): an outer filter or sandbox denies prctl",
                             strerror(-r));
        plan->privs_set = true;
    }
    plan->flags = load_flags(&plan->options);
    if (!f->options.landlock) return 0;
    if (landlock_enter(plan->options.this_thread, e) < 0) return say_changed(plan, e);
    plan->in_landlock = true;
    return 0;
}

static int explain_thread(struct filter *f, pid_t thread, struct error *e) {
    f->blocking_thread = (int)thread;
    char name[64];
    struct kernel_task task;
    if (kernel_task_name(thread, name) < 0) name[0] = '\0';
    (void)kernel_task(thread, NULL, &task);
    const char *has = task.mode == SECCOMP_MODE_STRICT ? "is in seccomp's strict mode" : "has a filter of its own";
    return error_set(e, ESRCH,
                     "thread %d (\"%s\") %s, so that this filter cannot be loaded for all threads: load before that "
                     "thread loads its own, or use the option \"this_thread\"",
                     (int)thread, text_quote(name, strlen(name)).text, has);
}

int load_explain(struct filter *f, const struct load_plan *plan, int err, pid_t thread, struct error *e) {
    if (err == -ESRCH && thread > 0)
        (void)explain_thread(f, thread, e);
    else
        (void)support_explain(err, plan->main->count, plan->filters, e);
    return say_changed(plan, e);
}

// ---- After the load: every call is made under the program in force

// May memory still be taken and given back? A filter may kill for it.
static bool may_allocate(const struct program *main) {
    static const long calls[] = {SYS_brk, SYS_munmap, SYS_madvise, SYS_mremap,
#ifdef SYS_mmap2
                                 SYS_mmap2};
#else
                                 SYS_mmap};
#endif
    for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++)
        if (!kernel_allowed(main, calls[i], (const uint64_t[6]){0, 0x10000, 3, 0x22, UINT32_MAX, 0})) return false;
    return true;
}

static void note(struct filter *f, const struct program *main, const char *what, const char *why) {
    if (!may_allocate(main)) return;
    char line[512];
    struct text t;
    text_start(&t, line, sizeof line);
    text_add(&t, "%s%s", what, why);
    (void)text_end(&t);
    (void)filter_note(f, line);
}

static bool load_quiet(struct filter *f, const struct load_plan *plan, const struct program *main) {
    static const char what[] = "expected refusals (clone3, io_uring, unknown calls) are logged as well: the second "
                               "program, which is not logged, could not be loaded";
    unsigned flags = plan->flags & ~(unsigned)KERNEL_LOG;
    if (!kernel_seccomp_allowed(main, flags)) {
        note(f, main, what, ", since the filter denies seccomp");
        return false;
    }
    pid_t thread;
    int r = load_code(plan->quiet->code, plan->quiet->count, flags, &thread);
    if (r == 0) return true;
    note(f, main, what,
         r == -ENOMEM  ? " (too many filters)"
         : r == -ESRCH ? " (another thread loaded a filter meanwhile)"
                       : "");
    return false;
}

struct verification {
    const struct program *under;
    long wanted; // filters of each thread; -1: the kernel does not tell
    pid_t lacking;
};

static int verify_task(pid_t tid, void *context) {
    struct verification *v = context;
    enum {
        TRIES = 1000
    }; // a thread that is ending has lost its filters and is no zombie yet
    for (int i = 0; i < TRIES; i++) {
        struct kernel_task task;
        int r = kernel_task(tid, v->under, &task);
        if (r == -ENOENT || r == -ESRCH || (r == 0 && task.dead)) return 0;
        if (r < 0) return r;
        if (task.mode == SECCOMP_MODE_FILTER && (v->wanted < 0 || task.filters >= v->wanted)) return 0;
    }
    v->lacking = tid;
    return 1;
}

static int not_verified(pid_t tid, struct error *e) {
    char name[64];
    if (kernel_task_name(tid, name) < 0) name[0] = '\0';
    return error_set(
        e, EIO,
        "the kernel said that it loaded the filter, and thread %d (\"%s\") does not have it: the process is "
        "not protected; an outer filter may fake the answer of seccomp(2), or this is no Linux",
        (int)tid, text_quote(name, strlen(name)).text);
}

// Where /proc cannot be read under the filter, the mode of this thread at least.
static int verify_mode(struct filter *f, const struct program *main, struct error *e) {
    const uint64_t args[6] = {PR_GET_SECCOMP, 0, 0, 0, 0, 0};
    if (!kernel_allowed(main, SYS_prctl, args)) {
        if (!f->options.complain)
            note(f, main, "the load was not verified",
                 ": the filter denies what it takes to look (openat, read, prctl)");
        return 0;
    }
    int mode = prctl(PR_GET_SECCOMP, 0UL, 0UL, 0UL, 0UL);
    return mode == SECCOMP_MODE_FILTER || mode < 0 ? 0 : not_verified(kernel_tid(), e);
}

int load_finish(struct filter *f, struct load_plan *plan, const struct program *main, struct error *e) {
    bool quiet = plan->quiet && (plan->flags & KERNEL_LOG) && load_quiet(f, plan, main);
    struct verification v = {.under = main, .wanted = plan->filters < 0 ? -1 : plan->filters + (quiet ? 2 : 1)};
    int r = plan->options.this_thread ? verify_task(0, &v) : kernel_each_task(main, verify_task, &v);
    if (r > 0) return not_verified(v.lacking ? v.lacking : kernel_tid(), e);
    if (r == 0 && v.wanted > 0) plan->filters = v.wanted;
    return r < 0 ? verify_mode(f, main, e) : 0;
}

int load_filter(struct filter *f, const struct load_options *options, struct error *e) {
    struct load_plan plan;
    int r = plan_make(f, options, false, &plan, e);
    if (r < 0) return r;
    bool in_force = false;
    if (!plan.is_loaded) r = load_commit(f, &plan, e);
    if (r == 0 && !plan.is_loaded) {
        pid_t thread;
        r = load_code(plan.main->code, plan.main->count, plan.flags, &thread);
        in_force = r == 0;
        r = r < 0 ? load_explain(f, &plan, r, thread, e) : load_finish(f, &plan, plan.main, e);
        if (r == 0 && !plan.options.this_thread) plan_remember(&plan);
    }
    if (!in_force || may_allocate(plan.main)) plan_free(&plan);
    return r;
}
