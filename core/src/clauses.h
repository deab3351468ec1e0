// SPDX-License-Identifier: MIT
// A list of cases as a reader wants it: few clauses, each a few looks at an argument of 64 bits.
#ifndef ABJURE_CLAUSES_H
#define ABJURE_CLAUSES_H

#include "cases.h"

enum {
    CLAUSE_POINTER = 6, // as an argument: the instruction pointer
    CLAUSE_ARGUMENTS = 7,
    CLAUSE_LOOKS = 3 * CLAUSE_ARGUMENTS
};

// (argument & mask) is in first..last, unsigned.
struct look {
    uint64_t mask, first, last;
    uint8_t argument;
};

// Where all looks hold.
struct clause {
    uint32_t verdict;
    bool unsure;
    uint8_t looks;
    struct look look[CLAUSE_LOOKS];
};

// The first clause that holds decides; the last one always holds.
struct clauses {
    struct clause *list;
    size_t count, room;
};

// `big_endian`: of the programs that the cases come from. 0 or -ENOMEM.
int clauses_make(const struct cases *cases, bool big_endian, struct clauses *out);
void clauses_free(struct clauses *c);

#endif
