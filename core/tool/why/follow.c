// SPDX-License-Identifier: MIT
#include "follow.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>

#include "become.h"
#include "known.h"
#include "loading.h"
#include "output.h"
#include "refuse.h"
#include "signals.h"
#include "tool.h"

#ifndef PTRACE_EVENT_STOP
#define PTRACE_EVENT_STOP 128
#endif
// Linux 5.3. The C library may have it as an enum, or not at all; so with struct ptrace_syscall_info.
#define GET_SYSCALL_INFO 0x420e

struct call_info {
    uint8_t operation, pad[3];
    uint32_t arch;
    uint64_t ip, sp;
    union {
        struct {
            uint64_t number, arguments[6];
        } entry;
        struct {
            int64_t result;
            uint8_t is_error;
        } exit;
    };
};

enum {
    SYSCALL_STOP = SIGTRAP | 0x80, // PTRACE_O_TRACESYSGOOD
    AT_ENTRY = 1,                  // of struct call_info: PTRACE_SYSCALL_INFO_*
    AT_EXIT = 2,
};

static void go_on(const struct tracee *t, int signal) {
    // Fails where the thread has been killed meanwhile: waiting shows that.
    ptrace(PTRACE_SYSCALL, t->id, NULL, (void *)(long)signal);
}

// ---- New threads and processes --------------------------------------------------------------------------------------

static struct tracee *add(struct follow *f, pid_t id) {
    struct tracee *t = tracees_add(&f->all, id);
    struct task_status s;
    if (t == NULL)
        f->said(f->context, "out of memory: a thread is no longer followed");
    else if (task_status(id, &s))
        t->process = s.process;
    return t;
}

static void note_filters(struct follow *f, const struct tracee *t) {
    f->filtered |= t->filters != NULL;
    const struct layer *unknown = f->unknown_why == NULL ? layer_find_unknown(t->filters) : NULL;
    if (unknown == NULL) return;
    f->unknown_why = layer_why(unknown);
    f->unknown_process = t->process;
    task_name(t->id, f->unknown_name, sizeof f->unknown_name);
}

// Runs once its first stop and its parent's have come, in whichever order.
static void begin(struct follow *f, struct tracee *t) {
    loading_check(&f->all, t);
    note_filters(f, t);
    go_on(t, 0);
}

static void adopt(struct follow *f, struct tracee *parent) {
    unsigned long id = 0;
    parent->parted = true;
    if (ptrace(PTRACE_GETEVENTMSG, parent->id, NULL, &id) < 0) return;
    struct tracee *t = tracees_find(&f->all, (pid_t)id);
    if (t == NULL) t = add(f, (pid_t)id);
    if (t == NULL || t->told) return;
    t->told = true;
    t->executed = parent->executed || t->process != parent->process;
    t->strict = parent->strict;
    tracee_set_filters(t, parent->filters);
    if (t->met) begin(f, t);
}

// A parent that is killed in clone(2) tells of no child: those that wait go on, and the kernel says what they have.
static void release(struct follow *f) {
    for (struct tracee *t = NULL; (t = tracees_next(&f->all, t)) != NULL;) {
        if (!t->met || t->told) continue;
        t->told = t->executed = true;
        begin(f, t);
    }
}

// ---- Calls ----------------------------------------------------------------------------------------------------------

static void enter(struct follow *f, struct tracee *t, const struct call_info *info) {
    t->called = t->inside = true;
    t->parted = false;
    t->refusal = NULL;
    t->call = (struct made_call){.arch = info->arch, .number = (uint32_t)info->entry.number, .ip = info->ip};
    for (int i = 0; i < 6; i++)
        t->call.arguments[i] = info->entry.arguments[i];
    // The stop of the thread that has just loaded one for all may still be waiting to be looked at.
    if (f->all.loads > 0) loading_check(&f->all, t);
    if (t->at_entry != t->filters) {
        layer_drop(t->at_entry);
        t->at_entry = layer_keep(t->filters);
    }
    loading_enter(&f->all, t, f->own_rules && t->process == f->program && !t->executed);
}

static void leave(struct follow *f, struct tracee *t, const struct call_info *info) {
    if (!t->inside) return;
    t->inside = false;
    refuse_result(f, t, info->exit.result, info->exit.is_error != 0);
    become_tell(f, t, info->exit.result);
    loading_leave(&f->all, t, info->exit.result);
    note_filters(f, t);
}

static void at_call(struct follow *f, struct tracee *t) {
    struct call_info info;
    long size = ptrace(GET_SYSCALL_INFO, t->id, (void *)sizeof info, &info);
    if (size > 0 && info.operation == AT_ENTRY)
        enter(f, t, &info);
    else if (size > 0 && info.operation == AT_EXIT)
        leave(f, t, &info);
    go_on(t, 0);
}

// ---- Stops ----------------------------------------------------------------------------------------------------------

static bool stops(int signal) {
    return signal == SIGSTOP || signal == SIGTSTP || signal == SIGTTIN || signal == SIGTTOU;
}

// A group-stop, which lasts until SIGCONT, or the first stop of all.
static void at_stop(struct follow *f, struct tracee *t, int signal) {
    if (!t->met) {
        t->met = true;
        if (t->told) begin(f, t);
        return;
    }
    if (!stops(signal)) {
        go_on(t, 0);
        return;
    }
    ptrace(PTRACE_LISTEN, t->id, NULL, NULL);
    // Somebody who sends SIGSTOP to one process means that one; job control means all of the job.
    if (t->id == f->program && signal != SIGSTOP) signals_stop_too(t->id, signal);
}

// The thread that executed has the number of its process now, and all others have ended.
static struct tracee *at_exec(struct follow *f, struct tracee *t) {
    unsigned long former = 0;
    ptrace(PTRACE_GETEVENTMSG, t->id, NULL, &former);
    struct tracee *caller = (pid_t)former != t->id ? tracees_find(&f->all, (pid_t)former) : NULL;
    if (caller != NULL) {
        tracee_set_filters(t, caller->filters);
        layer_drop(t->at_entry);
        t->at_entry = layer_keep(caller->at_entry);
        t->call = caller->call;
        t->called = caller->called;
        t->inside = caller->inside;
        t->strict = caller->strict;
        tracee_set_loading(&f->all, t, NULL, false);
        tracees_remove(&f->all, caller);
    }
    t->met = t->told = t->executed = true;
    become_program(f, t);
    return t;
}

static void at_event(struct follow *f, struct tracee *t, int event) {
    switch (event) {
    case PTRACE_EVENT_FORK:
    case PTRACE_EVENT_VFORK:
    case PTRACE_EVENT_CLONE:
        adopt(f, t);
        break;
    case PTRACE_EVENT_EXEC:
        t = at_exec(f, t);
        break;
    case PTRACE_EVENT_EXIT:
        refuse_end(f, t);
        break;
    default:
        break;
    }
    go_on(t, 0);
}

static void stopped(struct follow *f, pid_t id, int status) {
    int signal = WSTOPSIG(status), event = status >> 16;
    struct tracee *t = tracees_find(&f->all, id);
    if (t == NULL) t = add(f, id); // its parent's stop is still to come
    if (t == NULL) {
        ptrace(PTRACE_DETACH, id, NULL, (void *)(long)(event == 0 && signal != SYSCALL_STOP ? signal : 0));
    } else if (event == PTRACE_EVENT_STOP) {
        at_stop(f, t, signal);
    } else if (event != 0) {
        at_event(f, t, event);
    } else if (signal == SYSCALL_STOP) {
        at_call(f, t);
    } else {
        if (signal == SIGSYS) refuse_signal(f, t);
        go_on(t, signal);
    }
}

// ---- The whole ------------------------------------------------------------------------------------------------------

static void gone(struct follow *f, pid_t id) {
    struct tracee *t = tracees_find(&f->all, id);
    if (t == NULL) return;
    enum known which = t->inside && !t->parted ? known_call(&t->call) : KNOWN_NONE;
    tracees_remove(&f->all, t);
    if (which == KNOWN_CLONE || which == KNOWN_CLONE3 || which == KNOWN_FORK || which == KNOWN_VFORK) release(f);
}

static unsigned count_left(const struct follow *f) {
    unsigned left = 0;
    for (struct tracee *t = NULL; (t = tracees_next(&f->all, t)) != NULL;)
        left += t->id == t->process && t->id != f->program;
    return left;
}

int follow_seize(pid_t program) {
    const unsigned long options = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK |
                                  PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC | PTRACE_O_TRACEEXIT;
    struct call_info info;
    if (ptrace(PTRACE_SEIZE, program, NULL, (void *)options) < 0) {
        say("cannot trace a program here: %s; a sandbox or container forbids ptrace, kernel.yama.ptrace_scope is 3, or "
            "strace, a "
            "debugger or abjure why traces this command already: run it outside of them",
            strerror(errno));
        return EXIT_FAILED;
    }
    int status = 0;
    bool waited = ptrace(PTRACE_INTERRUPT, program, NULL, NULL) == 0 && waitpid(program, &status, __WALL) == program;
    // A signal may come first.
    while (waited && WIFSTOPPED(status) && status >> 16 != PTRACE_EVENT_STOP) {
        ptrace(PTRACE_CONT, program, NULL, (void *)(long)WSTOPSIG(status));
        waited = waitpid(program, &status, __WALL) == program;
    }
    if (!waited || !WIFSTOPPED(status)) {
        say("cannot stop the program: %s", waited ? "it has ended" : strerror(errno));
        return EXIT_FAILED;
    }
    if (ptrace(GET_SYSCALL_INFO, program, (void *)sizeof info, &info) > 0) return EXIT_OK;
    say("this kernel does not tell a tracer which call was made: abjure why needs Linux 5.3 or later");
    return EXIT_FAILED;
}

int follow(struct follow *f) {
    int result = -1, status;
    struct tracee *t = add(f, f->program);
    if (t == NULL) return -1;
    t->met = t->told = true;
    begin(f, t);
    for (bool ended = false;;) {
        // Once the program has ended, what the others have done by then is still looked at.
        pid_t id = waitpid(-1, &status, __WALL | (ended && !f->to_the_end ? WNOHANG : 0));
        if (id < 0 && errno == EINTR) continue;
        if (id <= 0) break;
        if (WIFSTOPPED(status)) {
            stopped(f, id, status);
            continue;
        }
        gone(f, id);
        if (id != f->program) continue;
        signals_forget();
        result = status;
        ended = true;
    }
    f->left = count_left(f);
    return result;
}
