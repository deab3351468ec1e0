// SPDX-License-Identifier: MIT
// What lint found, and how it is told.
#ifndef ABJURE_LINT_FINDINGS_H
#define ABJURE_LINT_FINDINGS_H

#include "lint_flaws.h"
#include "lint_subject.h"

// One call and what becomes of it.
struct attempt {
    const char *abi;
    char text[192]; // as `abjure check` takes it
    char name[56];
    uint32_t number;
    uint64_t arguments[ARGUMENTS];
    struct verdict verdict;
    char by[256];      // the rule or the reason, of a policy
    char meaning[256]; // what the kernel takes it for
};

struct finding {
    const struct flaw *flaw;
    enum severity severity;
    bool has_call, has_denied;
    struct attempt call;   // that gets through, or is answered wrongly
    struct attempt denied; // that shows what the filter is for
    char abis[64];         // where the call is made: with "," between
    char also[1024];       // further calls that get through
    char detail[512];      // what there is to say beside calls
};

struct findings {
    struct finding *list;
    size_t count, room;
};

struct finding *findings_add(struct findings *f, const struct flaw *flaw); // NULL: out of memory
bool findings_have(const struct findings *f, const char *id);
void findings_sort(struct findings *f); // the worst first
void findings_free(struct findings *f);

// The exit status.
int findings_print(const struct findings *f, const struct subject *s);
int findings_print_json(const struct findings *f, const struct subject *s);

// Prints text in lines of at most 80 columns, all but the first indented.
void print_filled(const char *text, int column);

#endif
