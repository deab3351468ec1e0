// SPDX-License-Identifier: MIT
// What happens to a call as an ordered list of cases: the first that holds decides. Lists are shared, equal ones are
// the same one, and none ever changes.
#ifndef ABJURE_CASES_H
#define ABJURE_CASES_H

#include "box.h"

struct cases {
    struct box where;         // of the arguments and the instruction pointer; arch and number are left open
    uint32_t verdict;         // SECCOMP_RET_*
    bool unsure;              // the program computes too much to be told; `verdict` is the strictest that may come
    uint32_t length;          // of the list from here on
    const struct cases *next; // NULL: the last one, which holds everywhere
};

enum {
    CASES_LIST = 1024,   // cases in one list; more are given up
    CASES_TOTAL = 65536, // in one store: 20 MB
    CASES_PARTS = 40,    // of a word, on one side of a comparison: 33 are needed at most
};

struct cases_block;
struct cases_store {
    struct cases_block *blocks;
    const struct cases **table; // hash table, a power of two
    size_t count, size, room;   // room: cases left in the first block
    uint64_t steps, budget;     // boxes that were compared, and how many may be
    int error;                  // after a NULL: -ENOMEM, -E2BIG (a list or the store is full, the budget is spent)
    const struct cases **list;  // working memory
    size_t list_room;
};

void cases_free(struct cases_store *s);

// NULL with s->error where it cannot be had.
const struct cases *cases_always(struct cases_store *s, uint32_t verdict, bool unsure);

// A comparison of one word, as the parts of the word on which it holds and on which not.
struct cases_split {
    unsigned word;
    struct word yes[CASES_PARTS], no[CASES_PARTS];
    unsigned yes_count, no_count;
};
// Of the whole word, whatever it holds.
void cases_compare(struct cases_split *out, unsigned word, const struct measure *m, unsigned accept);

// The list that is `yes` where the comparison holds and `no` elsewhere. NULL with s->error.
const struct cases *cases_choose(struct cases_store *s, const struct cases_split *split, const struct cases *yes,
                                 const struct cases *no);

#endif
