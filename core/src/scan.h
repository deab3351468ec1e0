// SPDX-License-Identifier: MIT
// A place in a text that is being read: the words and numbers there, and what an error is about.
#ifndef ABJURE_SCAN_H
#define ABJURE_SCAN_H

#include "error.h"
#include "text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct scan {
    const char *text;
    struct error *error; // between `text` and `length`: see calls_next
    size_t length;
    size_t wrong; // offset of what the error is about
    size_t at;    // of the next unread byte
};

struct scan_word {
    const char *text;
    size_t length;
};

// True for letters, digits and "_": a name costs little more than looking at each of its letters once.
extern const bool scan_word_bytes[256];

static inline bool scan_is_space(char c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static inline bool scan_is_digit(char c) {
    return c >= '0' && c <= '9';
}

static inline bool scan_is_word(char c) {
    return scan_word_bytes[(unsigned char)c];
}

// The byte `ahead` of the next; 0, which no grammar here has, after the end.
static inline char scan_peek(const struct scan *s, size_t ahead) {
    if (s->length - s->at <= ahead) return '\0';
    return s->text[s->at + ahead];
}

static inline bool scan_ended(const struct scan *s) {
    return s->at >= s->length;
}

static inline void scan_space(struct scan *s) {
    while (!scan_ended(s) && scan_is_space(s->text[s->at]))
        s->at++;
}

// Letters, digits and "_" from here on; empty where there are none. Does not move on.
static inline struct scan_word scan_word(const struct scan *s) {
    size_t end = s->at;
    while (end < s->length && scan_is_word(s->text[end]))
        end++;
    return (struct scan_word){s->text + s->at, end - s->at};
}

static inline bool scan_is(struct scan_word w, const char *text) {
    return w.length == strlen(text) && memcmp(w.text, text, w.length) == 0;
}

// The word, or what stands here in quotes ("the end" without), for messages.
struct text_word scan_quote(struct scan_word w);
struct text_word scan_found(const struct scan *s);

// Note what the error is about; used as `return error_set(scan_about(s, offset), …)`.
struct error *scan_about(struct scan *s, size_t offset);
struct error *scan_here(struct scan *s);

// Decimal, 0x hex, 0 octal; a digit stands here. 0 and moved on, or -EINVAL.
int scan_number(struct scan *s, uint64_t *out);

#endif
