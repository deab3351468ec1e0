// SPDX-License-Identifier: MIT
// Lines and columns in JSON text, which jansson does not keep.
#ifndef ABJURE_OCI_PLACE_H
#define ABJURE_OCI_PLACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct place {
    uint32_t line, column; // 1 is the first; columns count bytes
};

// Walks the tokens of a text that is valid JSON.
struct place_walk {
    const char *text;
    size_t length, at;
    size_t line_start;
    uint32_t line;
    int depth;    // of open braces and brackets, the token's own included
    size_t start; // of the token
    struct place place;
};

void place_start(struct place_walk *w, const char *text, size_t length);
// The next token: '"' for a string, 'v' for a number or word, or the punctuation itself; 0 at the end.
char place_token(struct place_walk *w);
// Goes to the key of the outermost object; false where there is none.
bool place_key(struct place_walk *w, const char *key);
// Behind place_key of an array: goes to its next element; false after the last.
bool place_element(struct place_walk *w);

// A copy in which integers from 2^63 on, which jansson cannot hold, are strings that start with \u0001.
// *length becomes the copy's. NULL: out of memory.
char *place_big_integers(const char *text, size_t *length);

#endif
