// SPDX-License-Identifier: MIT
// Follows a program with some words of seccomp_data known and the others open: what it reaches, and what it compares.
#ifndef ABJURE_LINT_WALK_H
#define ABJURE_LINT_WALK_H

#include <linux/filter.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    WALK_WORDS = 16, // of seccomp_data
    WALK_NUMBER = 0,
    WALK_ARCH = 1
};

// A comparison whose outcome the known words leave open: (word & mask) OP k, where OP is a BPF_J...
struct walk_test {
    unsigned word;
    uint16_t op;
    uint32_t mask, k;
};

// What one program can do. Its code is valid: all jumps go forward and it ends with a return.
struct walk {
    const struct sock_filter *code;
    size_t count;
    size_t cells;  // of M[] that it uses, from 0 on
    bool *reached; // for each instruction, by any run since walk_forget
    // Of the last run:
    struct walk_test *tests;
    size_t test_count, test_room;
    bool computes; // a word went through arithmetic other than a mask: its comparisons are not in `tests`
    struct walk_state *states;
};

// False: out of memory, here and below.
bool walk_start(struct walk *w, const struct sock_filter *code, size_t count);
void walk_end(struct walk *w);
void walk_forget(struct walk *w);

// One run; bit n of `known` says that word n is words[n].
bool walk_run(struct walk *w, unsigned known, const uint32_t words[WALK_WORDS]);

#endif
