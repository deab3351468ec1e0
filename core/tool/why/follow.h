// SPDX-License-Identifier: MIT
// Follows a program and all that it starts by ptrace, and tells which calls a filter denied.
#ifndef ABJURE_FOLLOW_H
#define ABJURE_FOLLOW_H

#include <stdbool.h>

#include "tracees.h"

// A denied call. Its thread is stopped, with the stack that it made the call with.
struct refusal {
    pid_t thread, process;
    const struct made_call *call;
    struct verdict verdict;      // `by` is NULL: of a filter that is not known, or strict mode
    const struct layer *filters; // of the thread at that time
    bool strict;                 // mode strict kills by SIGKILL
    int64_t result;              // of the call where it returned: -EPERM; else 0
    const char *doubt;           // why this may not be so; NULL: it is certain
};

struct follow {
    pid_t program;  // seized
    bool own_rules; // what the program loads before its first execve is of the command line
    bool to_the_end;
    void *context;
    // What it returns is given to `ended` where the thread dies of that call.
    void *(*refused)(void *context, const struct refusal *r);
    void (*ended)(void *context, void *refusal);
    void (*said)(void *context, const char *text);

    // What came out of it.
    unsigned left;           // processes that go on
    bool filtered;           // some thread had a filter
    const char *unknown_why; // some filter is not known, so that denials by it may be missing; NULL: all are known
    char unknown_name[64];   // of the first process that has such a one
    pid_t unknown_process;
    bool told_tracer;
    struct tracees all;
};

// Whether this kernel and place let a process be followed; else says why not. EXIT_OK or EXIT_FAILED.
int follow_seize(pid_t program);

// Runs until the program has ended (to_the_end: all that it started too). Its status as wait(2) gives it; -1: lost.
int follow(struct follow *f);

#endif
