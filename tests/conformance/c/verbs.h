// SPDX-License-Identifier: MIT
// The verbs of the corpus: each is a function of abjure.h.
#ifndef CONFORMANCE_VERBS_H
#define CONFORMANCE_VERBS_H

#include <abjure.h>

#include "case.h"

enum {
    OUTCOME_SIZE = 1 << 20
};

// What a verb gave.
struct outcome {
    int error;               // a positive errno; 0: it succeeded
    char text[OUTCOME_SIZE]; // its text or number, or the message of the error
};

// What the cases of a run share: the filter and the program of the present case.
struct state {
    abjure_filter *filter;
    abjure_program *program;
};

// False where there is no such verb.
int verbs_run(struct state *state, const struct step *step, struct outcome *out);
void verbs_end(struct state *state);

#endif
