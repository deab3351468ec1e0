// SPDX-License-Identifier: MIT
// Sees the direct child die: which call it was in, and with which arguments. By ptrace, which the child's threads
// share and its children do not, so that strace and debuggers work between.
#ifndef ABJURE_TRACE_H
#define ABJURE_TRACE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

// False where tracing is not permitted here.
bool trace_seize(pid_t child);

struct last_call {
    uint32_t arch; // AUDIT_ARCH_*
    uint32_t number;
    uint64_t arguments[6];
};

enum trace_event {
    TRACE_NOTHING, // the thread goes on
    TRACE_KILLED,  // it dies by SIGSYS, and last_call has its call
    TRACE_STOPPED, // job control stops it
};

// Handles a stop that waitpid reported for a traced thread, and lets the thread go on where it may.
// In between it is as if nobody traced: signals are delivered, stops last until SIGCONT.
enum trace_event trace_stop(pid_t thread, int status, struct last_call *out);

#endif
