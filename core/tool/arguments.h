// SPDX-License-Identifier: MIT
// Reads the arguments of a verb in their order, since the order of rules decides.
#ifndef ABJURE_ARGUMENTS_H
#define ABJURE_ARGUMENTS_H

#include "tool.h"

struct arguments {
    const struct verb *verb;
    char **words;
    int count, at;
    bool only_words;             // after "--"
    const struct option *option; // of the last ARGUMENT_OPTION
    const char *value;           // of the last ARGUMENT_WORD, or of an option that takes one
};

enum argument {
    ARGUMENT_END,
    ARGUMENT_WORD,
    ARGUMENT_OPTION,
    ARGUMENT_HELP, // has been printed
    ARGUMENT_BAD,  // the message has been printed
};

enum argument arguments_next(struct arguments *a);

// The exit status with which a verb ends where arguments_next gave ARGUMENT_HELP or ARGUMENT_BAD; -1: go on.
int arguments_status(enum argument last);

bool option_is(const struct arguments *a, const char *name);

// A word of digits alone is a process; a file of that name is ./DIGITS.
bool word_is_pid(const char *word);
// Its id. EXIT_USAGE: it is out of range, and that has been said.
int word_pid(const char *word, int *pid);

// The candidate next to a misspelt word, or NULL. Candidates are offered one by one.
struct nearest {
    const char *word;
    const char *best;
    unsigned distance;
};
void nearest_try(struct nearest *n, const char *candidate);

#endif
