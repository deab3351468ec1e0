// SPDX-License-Identifier: MIT
// Sets of inputs: for each 32-bit word of seccomp_data an interval and known bits. Emptiness is exact.
#ifndef ABJURE_BOX_H
#define ABJURE_BOX_H

#include "resolve.h"

// The x in lo..hi with (x & known) == value. Never empty: lo and hi are themselves members, and the bits on
// which lo and hi agree from the top down are known.
struct word {
    uint32_t lo, hi, known, value;
};

struct word word_all(void);
struct word word_range(uint32_t lo, uint32_t hi); // lo <= hi
bool word_has(const struct word *w, uint32_t x);
// Each leaves out members of *w; false, with *w spoilt, where none is left.
bool word_clip(struct word *w, uint32_t lo, uint32_t hi);
bool word_fix(struct word *w, uint32_t bit, bool set); // bit: a mask of one bit

// How (x & mask) ^ flip may compare with `value`, unsigned, for the x of a word. A flip of the top bit makes the
// comparison signed. One outcome alone is certain; of several, some may be impossible where a mask is in play.
enum outcome {
    OUTCOME_LESS = 1,
    OUTCOME_EQUAL = 2,
    OUTCOME_GREATER = 4,
    OUTCOME_ALL = 7
};
struct measure {
    uint32_t mask, flip, value;
};
unsigned word_compare(const struct word *w, const struct measure *m);

// Cuts a word, on which the comparison is open, into parts on which it is decided or nearer to it: at the value, or
// on the top unknown bit under the mask. `accept` are the outcomes that need not be told apart, nor the others.
// Returns the number of parts: 2 or 3, or 1 smaller in what is unknown.
unsigned word_cut(const struct word *w, const struct measure *m, unsigned accept, struct word parts[3]);

// Words of an input in an order that does not depend on the byte order.
enum {
    BOX_NUMBER,
    BOX_ARCH,
    BOX_IP,
    BOX_ARGUMENTS = 4,
    BOX_WORDS = 16
};
#define BOX_LOW(argument) (BOX_ARGUMENTS + 2u * (argument))
#define BOX_HIGH(argument) (BOX_ARGUMENTS + 2u * (argument) + 1u)

struct box {
    struct word word[BOX_WORDS];
};

void box_all(struct box *b);
// Some member: the least of each word.
uint64_t box_argument(const struct box *b, unsigned argument);

enum truth {
    TRUTH_FALSE,
    TRUTH_TRUE,
    TRUTH_OPEN
};
enum truth box_test(const struct box *b, const struct test *t);
// All tests of a ruling. Where that is open, *open is the first test that is.
enum truth box_tests(const struct box *b, const struct test *t, size_t count, const struct test **open);

// The parts into which to cut one word of a box on which a test is open.
struct cut {
    unsigned word, count;
    struct word parts[3];
};
struct cut box_cut(const struct box *b, const struct test *t);

// Narrows the box to one input on which all tests hold, going straight for it; false where that finds none.
bool box_example(struct box *b, const struct test *t, size_t count);

#endif
