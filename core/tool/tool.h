// SPDX-License-Identifier: MIT
// What the verbs of the command share: their table, their options and the exit status.
#ifndef ABJURE_TOOL_H
#define ABJURE_TOOL_H

#include <stdbool.h>

// Beside these: what a program that `abjure run` started ended with, and 128 + N where signal N killed it.
enum {
    EXIT_OK = 0,
    EXIT_NO = 1,    // an answer: denied, not available
    EXIT_USAGE = 2, // usage, or a bad policy
    EXIT_FAILED = 125,
    EXIT_CANNOT_EXECUTE = 126,
    EXIT_NOT_FOUND = 127,
    EXIT_SIGNAL = 128,
};

struct arguments;

// The last of an array has the name NULL.
struct option {
    const char *name;  // without "--"
    char letter;       // of the short form; 0: none
    const char *value; // what --help calls its value; NULL: a switch
    const char *help;
};

struct verb {
    const char *name;
    const char *summary;
    const char *synopsis; // what follows the name, a line each
    const char *description;
    const struct option *options;
    bool takes_rules;   // also the options of rule_options
    bool stops_at_word; // what follows the first word belongs to a program
    int (*run)(struct arguments *a);
};

extern const struct verb run_verb, check_verb, compile_verb, groups_verb, ps_verb, doctor_verb, explain_verb,
    report_verb, watch_verb, why_verb, lint_verb, inspect_verb;

// Prints the help of one verb.
void help_verb(const struct verb *verb);

#endif
