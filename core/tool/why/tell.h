// SPDX-License-Identifier: MIT
// Writes the denied calls of a run, as they happen and together at its end.
#ifndef ABJURE_TELL_H
#define ABJURE_TELL_H

#include <stdio.h>

#include "denials.h"

// How the run came out.
struct outcome {
    const char *program; // as it was started
    pid_t pid;
    int status; // of wait(2); -1: it was lost
    unsigned left;
    bool filtered;           // a filter was seen
    const char *unknown_why; // one is not known; NULL: all are
    const char *unknown_name;
    pid_t unknown_process;
};

void tell_denial(FILE *out, const struct denial *d);
void tell_outcome(FILE *out, const struct denials *all, const struct outcome *o);

// JSON, a document a line.
void tell_denial_json(FILE *out, const struct denial *d);
void tell_outcome_json(FILE *out, const struct denials *all, const struct outcome *o);
void tell_note_json(FILE *out, const char *text);

// ---- What both use ----

// "was denied: EPERM", "killed the process (SIGSYS)".
void denial_effect(const struct denial *d, char *text, size_t size);
// Those of the same call, effect and cause, whatever their stacks.
struct summed {
    const struct denial *first;
    uint64_t count, last;
    unsigned places;
    unsigned varied;     // as in struct denial, over all of them
    bool fatal, is_last; // no refusal that matters came after it
};
// Those that end something first, then the other ones, expected ones last; for the caller to free. NULL: none, or out
// of memory.
struct summed *denials_sum(const struct denials *all, size_t *count);

#endif
