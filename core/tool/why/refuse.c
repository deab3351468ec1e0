// SPDX-License-Identifier: MIT
#include "refuse.h"

#include <errno.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/wait.h>

#include "known.h"
#include "loading.h"

#ifndef SYS_SECCOMP
#define SYS_SECCOMP 1 // si_code
#endif

enum {
    ERRNO_LIMIT = 4095,
};

static const char at_that_moment[] =
    "another thread loaded a filter at that moment, so the kernel itself may have failed the call";
static const char not_ours[] = "the known filters do not give this result: one that is not known decided";
static const char by_unknown[] = "no filter that is known does this, but one or more are not known";
static const char by_another[] = "no filter that is known does this, but one or more are not known; or the call "
                                 "of another thread ended the process";

static void *tell(struct follow *f, const struct tracee *t, const struct refusal *r) {
    struct refusal full = *r;
    full.thread = t->id;
    full.process = t->process;
    full.call = &t->call;
    if (full.filters == NULL) full.filters = t->at_entry;
    return f->refused(f->context, &full);
}

// What the program's own start does under its filter is not the program's doing.
static bool is_start(const struct follow *f, const struct tracee *t) {
    return t->process == f->program && !t->executed;
}

static bool is_result(const struct verdict *v, int64_t result) {
    switch (v->kind) {
    case VERDICT_ERRNO:
        return result == -(int64_t)verdict_errno(v);
    case VERDICT_TRACE:
        return result == -ENOSYS; // without a tracer that asked for it, which this one did not
    default:
        return result < 0; // a supervisor may answer what it likes
    }
}

static bool returns(const struct verdict *v) {
    return v->kind == VERDICT_ERRNO || v->kind == VERDICT_TRACE || v->kind == VERDICT_NOTIFY;
}

void refuse_result(struct follow *f, struct tracee *t, int64_t result, bool is_error) {
    bool failed = is_error && result < 0 && result >= -ERRNO_LIMIT;
    bool pretended = result == 0 && (layer_pretends(t->at_entry) || layer_pretends(t->filters));
    if ((!failed && !pretended) || is_start(f, t)) return;
    if (f->all.loads > 0) loading_check(&f->all, t);
    struct refusal r = {.verdict = layers_decide(t->at_entry, &t->call), .result = result};
    if (t->filters != t->at_entry) {
        // Another thread has loaded a filter for this one since the entry; it came before the decision, or after it.
        struct verdict now = layers_decide(t->filters, &t->call);
        bool fits = returns(&r.verdict) && is_result(&r.verdict, result);
        if (now.word != r.verdict.word) r.doubt = at_that_moment;
        if (!fits) r.verdict = now;
        if (!fits) r.filters = t->filters;
    }
    if (!returns(&r.verdict)) return;
    if (!is_result(&r.verdict, result)) {
        if (pretended || layer_find_unknown(t->filters) == NULL) return;
        r.verdict.by = NULL;
        r.doubt = not_ours;
    }
    tell(f, t, &r);
}

// The verdict of the last call, where it is this strict, by the filters at its entry; or by those that another thread
// has loaded for this one while it was in the call.
static bool was_strict(const struct tracee *t, enum verdict_kind kind, struct refusal *r) {
    const struct layer *filters[] = {t->at_entry, t->filters};
    for (int i = 0; t->called && i < (t->inside ? 2 : 1); i++) {
        r->verdict = layers_decide(filters[i], &t->call);
        r->filters = filters[i];
        bool fits = kind == VERDICT_TRAP ? r->verdict.kind == VERDICT_TRAP : r->verdict.kind >= kind;
        if (fits) return true;
    }
    r->filters = NULL;
    return false;
}

void refuse_signal(struct follow *f, struct tracee *t) {
    siginfo_t info;
    if (ptrace(PTRACE_GETSIGINFO, t->id, NULL, &info) < 0 || info.si_code != SYS_SECCOMP) {
        t->signalled = true;
        return;
    }
    struct refusal r = {.thread = 0};
    if (!was_strict(t, VERDICT_TRAP, &r)) {
        if (layer_find_unknown(t->filters) == NULL || !t->called) {
            t->signalled = true; // the program sent it to itself, in this guise
            return;
        }
        r.verdict = (struct verdict){.kind = VERDICT_TRAP};
        r.doubt = by_unknown;
    }
    t->refusal = tell(f, t, &r);
    t->called = false;
}

static bool strict_mode_allows(const struct made_call *call) {
    enum known which = known_call(call);
    return which == KNOWN_READ || which == KNOWN_WRITE || which == KNOWN_EXIT || which == KNOWN_SIGRETURN ||
           which == KNOWN_RT_SIGRETURN;
}

static void *end_by_filter(struct follow *f, struct tracee *t) {
    struct refusal r = {.thread = 0};
    if (was_strict(t, VERDICT_KILL_THREAD, &r)) return tell(f, t, &r);
    if (t->signalled || !t->called || layer_find_unknown(t->filters) == NULL) return NULL;
    r.verdict = (struct verdict){.kind = VERDICT_KILL};
    r.doubt = by_another;
    return tell(f, t, &r);
}

void refuse_end(struct follow *f, struct tracee *t) {
    unsigned long status = 0;
    if (ptrace(PTRACE_GETEVENTMSG, t->id, NULL, &status) < 0 || !WIFSIGNALED((int)status)) return;
    void *refusal = NULL;
    if (WTERMSIG((int)status) == SIGSYS) {
        refusal = t->refusal != NULL ? t->refusal : end_by_filter(f, t);
    } else if (WTERMSIG((int)status) == SIGKILL && t->strict && t->called && !strict_mode_allows(&t->call)) {
        const struct refusal r = {.verdict = {.kind = VERDICT_KILL_THREAD}, .strict = true};
        refusal = tell(f, t, &r);
    }
    if (refusal != NULL) f->ended(f->context, refusal);
}
