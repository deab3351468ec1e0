// SPDX-License-Identifier: MIT
// What a program does with its accumulator, as far as a proof can follow it.
#ifndef ABJURE_ACCUMULATOR_H
#define ABJURE_ACCUMULATOR_H

#include "box.h"
#include "bpf.h"

// (word & mask) ^ flip, with the word numbered as in a box. All zero: the constant 0, with which programs start.
struct accumulator {
    uint32_t word, mask, flip;
};

// The word of a box at an offset of seccomp_data, or BOX_WORDS.
uint32_t accumulator_word(const struct program *p, uint32_t offset);
// False where the result has no such form.
bool accumulator_compute(struct accumulator *a, const struct sock_filter *i);
// The comparison that an instruction makes, with the outcomes that make it jump.
struct measure accumulator_compare(const struct accumulator *a, const struct sock_filter *i, unsigned *accept);

// The way of one input through the program. Only a guide to what may be worth proving: the verdict is 0 where it
// cannot tell.
struct path {
    uint32_t pc; // where it starts
    struct accumulator a;
    const struct box *input; // words of one value
    uint32_t verdict;
};
// Returns the steps. With `least`, lowers least[pc] to `mark` for each instruction on the way.
uint64_t program_follow(const struct program *p, struct path *path, uint32_t mark, uint32_t *least);

#endif
