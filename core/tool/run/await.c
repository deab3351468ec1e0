// SPDX-License-Identifier: MIT
#include "await.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "arch.h"
#include "explanation.h"
#include "guard.h"
#include "output.h"
#include "records.h"
#include "signals.h"
#include "tool.h"
#include "trace.h"

enum {
    RECORDS_WAIT_MS = 250, // the kernel's audit thread sends a record after the process has died
    RECORDS = 16,
};

struct watch {
    struct target *target;
    int name_fd;            // /proc/PID/comm of the child; -1: none
    int records_fd;         // -1: none
    const char *no_records; // why there are none
    bool traced;
    bool can_kill; // the filter, beside calls of a foreign ABI
    bool reported; // the call that killed the child
};

// ---- Reports -------------------------------------------------------------------------------------------------------

static void name_child(const struct watch *w, char *name, size_t size) {
    target_name(w->target, name, size);
    ssize_t n = w->name_fd >= 0 ? pread(w->name_fd, name, size - 1, 0) : 0;
    if (n > 0) name[n - (name[n - 1] == '\n')] = '\0';
    make_printable(name);
}

// False where the filter does not kill for this call: then another thread, or an outer filter, is behind it.
static bool explain_number(const struct watch *w, uint32_t arch, uint32_t number, const uint64_t arguments[6],
                           struct explanation *e) {
    char text[16];
    const char *abi = arch_abi(arch, number);
    snprintf(text, sizeof text, "%u", number);
    if (abi == NULL || explain(w->target->filter, abi, text, arguments, e) < 0) return false;
    if (explanation_kills(e)) return true;
    explanation_free(e);
    return false;
}

static void report_call(struct watch *w, pid_t thread, const struct last_call *call) {
    struct explanation e;
    if (!explain_number(w, call->arch, call->number, call->arguments, &e)) return;
    char name[64], reason[1024];
    name_child(w, name, sizeof name);
    explanation_reason(&e, reason, sizeof reason);
    if (strcmp(e.action, "kill_thread") == 0 && thread != w->target->pid)
        say("thread %d of %s[%d] was killed: %s - %s", (int)thread, name, (int)w->target->pid, e.call, reason);
    else
        say("%s[%d] was killed: %s - %s", name, (int)w->target->pid, e.call, reason);
    w->reported = true;
    explanation_free(&e);
}

// A record has no arguments: where the rule depends on them, only the call is named.
static void report_record(struct watch *w, const struct record *r) {
    static const uint64_t none[6];
    struct explanation e;
    char reason[1024] = "";
    const char *abi = arch_abi(r->arch, r->number);
    if (explain_number(w, r->arch, r->number, none, &e)) {
        explanation_reason(&e, reason, sizeof reason);
        *strchrnul(e.call, '(') = '\0';
        say("%s[%d] was killed: %s - %s (from the audit records of this time)", r->name, r->pid, e.call, reason);
        w->reported = true;
        explanation_free(&e);
    } else if (r->pid == w->target->pid) {
        say("%s[%d] was killed: call %u of %s (from the audit record)", r->name, r->pid, r->number,
            abi != NULL ? abi : "an ABI that abjure does not know");
        w->reported = true;
    }
}

// Records do not tell whose descendant a process was. That of the child is told alone, others of the time together.
static void report_records(struct watch *w) {
    static struct record found[RECORDS];
    size_t count = 0;
    int64_t until = records_now() + RECORDS_WAIT_MS;
    while (count < RECORDS && records_next(w->records_fd, until, &found[count])) {
        if (found[count].pid == w->target->pid) {
            report_record(w, &found[count]);
            return;
        }
        count++;
    }
    for (size_t i = 0; i < count; i++)
        report_record(w, &found[i]);
}

static void report_signal(struct watch *w) {
    char name[64];
    target_name(w->target, name, sizeof name);
    say("%s[%d] was killed by SIGSYS, and its call could not be seen%s", name, (int)w->target->pid,
        w->can_kill ? "; the audit log names it (ausearch -m SECCOMP)"
                    : ": this filter kills only calls through an ABI that it lacks (a 32-bit program? --set abi=x86 "
                      "adds one), so it was such a call, or another filter");
}

// What programs end by that do not expect a call to fail.
static void report_crash(struct watch *w, int signal) {
    char name[64];
    target_name(w->target, name, sizeof name);
    say("%s[%d] crashed (signal %d, %s); where a denied call is behind that, abjure why with the same words after it "
        "tells which",
        name, (int)w->target->pid, signal, strsignal(signal));
}

static bool is_crash(int signal) {
    return signal == SIGSEGV || signal == SIGABRT || signal == SIGBUS || signal == SIGILL || signal == SIGTRAP ||
           signal == SIGFPE;
}

// ---- Waiting -------------------------------------------------------------------------------------------------------

static void handle_stop(struct watch *w, pid_t thread, int status) {
    struct last_call call;
    enum trace_event event = TRACE_STOPPED;
    if (w->traced) event = trace_stop(thread, status, &call);
    if (event == TRACE_KILLED) report_call(w, thread, &call);
    int which = WSTOPSIG(status);
    if (event == TRACE_STOPPED && thread == w->target->pid && which != SIGSTOP) signals_stop_too(thread, which);
}

static int finish(struct watch *w, int status) {
    int code = WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_SIGNAL + WTERMSIG(status);
    bool killed = WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS;
    int failure = target_failure(w->target);
    if (failure >= 0) return failure;
    // A shell between gives the end of its last program as 128 + 31, and strace ends itself as its program ended.
    if (code == EXIT_SIGNAL + SIGSYS && !w->reported) report_records(w);
    if (killed && !w->reported) report_signal(w);
    if (WIFSIGNALED(status) && is_crash(WTERMSIG(status)) && !w->reported) report_crash(w, WTERMSIG(status));
    if (WIFEXITED(status) && code == EXIT_SIGNAL + SIGSYS && w->records_fd < 0 && w->can_kill)
        say("%s ended with 159, as a shell does whose program was killed by SIGSYS; which call that was cannot be "
            "seen: %s",
            w->target->argv[0], w->no_records);
    // What shells, env(1) and other launchers end with where they cannot execute the program that they are for.
    if (WIFEXITED(status) && code == EXIT_CANNOT_EXECUTE && w->target->denies_exec)
        say("%s ended with 126, as a wrapper does that cannot start its program, and this filter denies that: name the "
            "program itself",
            w->target->argv[0]);
    return code;
}

static int wait_for(struct watch *w) {
    for (;;) {
        int status;
        pid_t who = waitpid(-1, &status, __WALL | (w->traced ? 0 : WUNTRACED));
        if (who < 0 && errno == EINTR) continue;
        if (who < 0) {
            say("cannot wait for %s: %s", w->target->argv[0], strerror(errno));
            return EXIT_FAILED;
        }
        if (WIFSTOPPED(status)) {
            handle_stop(w, who, status);
        } else if (who == w->target->pid) {
            signals_forget();
            return finish(w, status);
        }
    }
}

int await(struct target *t, bool trace, bool can_kill) {
    struct watch w = {.target = t, .records_fd = -1, .can_kill = can_kill};
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/comm", (int)t->pid);
    w.name_fd = open(path, O_RDONLY | O_CLOEXEC);
    w.records_fd = records_open(&w.no_records);
    w.traced = trace && trace_seize(t->pid);
    signals_prepare(t->pid);
    const struct guard guard = {t->pid, t->gate, w.name_fd, w.records_fd};
    if (guard_enter(&guard) < 0) {
        kill(t->pid, SIGKILL);
        return EXIT_FAILED;
    }
    target_release(t);
    return wait_for(&w);
}
