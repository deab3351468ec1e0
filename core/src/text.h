// SPDX-License-Identifier: MIT
// The only place of the core that builds text.
#ifndef ABJURE_TEXT_H
#define ABJURE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Writes into a caller's buffer of fixed size and goes on counting when that is full.
struct text {
    char *buffer;    // may be NULL where size is 0
    uint64_t size;   // bytes in buffer, the terminating NUL included
    uint64_t length; // bytes of the whole text so far, which may exceed size
};

void text_start(struct text *t, char *buffer, uint64_t size);
void text_add(struct text *t, const char *format, ...) __attribute__((format(printf, 2, 3)));
void text_bytes(struct text *t, const char *bytes, size_t length);

// Terminates; a text that did not fit is cut at a UTF-8 boundary. Returns the full length.
int64_t text_end(struct text *t);

// Where to cut `length` bytes so that no UTF-8 sequence is split.
size_t text_boundary(const char *bytes, size_t length);

// Adds bytes so that they disturb no terminal: what is not printable ASCII or valid UTF-8 as \xNN.
void text_clean(struct text *t, const char *bytes, size_t length);

// A word as it may stand in a message: at most 64 bytes, what is not printable ASCII or valid UTF-8 as \xNN.
struct text_word {
    char text[260];
};
struct text_word text_quote(const char *bytes, size_t length);

// A value of any length that others chose, on one line: as it is where it is printable; else in double quotes, with
// \n, \", \\ and \xNN.
void text_value(struct text *t, const char *bytes, size_t length);

// Finds the candidate that a misspelt word was meant to be: the nearest by edit distance
// (transpositions count one), at most a third of the word's length away, or one.
struct spelling {
    const char *word;
    size_t length;
    const char *best;  // NULL where nothing is near
    const char *sigil; // what stands before the candidates where they are written; NULL: nothing
    size_t distance;
};
void spelling_start(struct spelling *s, const char *word, size_t length);
void spelling_try(struct spelling *s, const char *candidate);
// "; did you mean \"execve\"?" or "".
struct text_word spelling_hint(const struct spelling *s);

#endif
