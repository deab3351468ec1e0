// SPDX-License-Identifier: MIT
// Builds a filter from options in the order in which they stand.
#ifndef ABJURE_RULES_H
#define ABJURE_RULES_H

#include "abjure.h"
#include "arguments.h"

// --deny, --allow … for every verb that has a filter.
extern const struct option rule_options[];

struct rules {
    abjure_filter *filter;
    bool any; // an option gave rules or a policy
};

int rules_start(struct rules *r); // EXIT_OK, or EXIT_FAILED
void rules_end(struct rules *r);

// Applies the option that arguments_next found, if it is one of rule_options; else *taken is false.
// The exit status; EXIT_OK where all is well.
int rules_option(struct rules *r, const struct arguments *a, bool *taken);

// Adds a policy file; "-" is standard input.
int rules_policy(struct rules *r, const char *path);

// Sets an option of the filter; "why" names what the user wrote.
int rules_set(struct rules *r, const char *option, const char *value, const char *why);

// Whether the filter says which ABIs it is for.
bool rules_name_abis(struct rules *r);

// Whether it can kill or trap, beside calls through an ABI that it lacks.
bool rules_can_kill(struct rules *r);

#endif
