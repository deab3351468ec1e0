// SPDX-License-Identifier: MIT
#include "text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void text_start(struct text *t, char *buffer, uint64_t size) {
    *t = (struct text){.buffer = buffer, .size = size};
    if (size > 0) buffer[0] = '\0';
}

void text_bytes(struct text *t, const char *bytes, size_t length) {
    if (length > 0 && t->length < t->size) {
        uint64_t room = t->size - t->length;
        memcpy(t->buffer + t->length, bytes, length < room ? length : (size_t)room);
    }
    t->length += length;
}

void text_add(struct text *t, const char *format, ...) {
    bool fits = t->length < t->size;
    va_list arguments;
    va_start(arguments, format);
    int length =
        vsnprintf(fits ? t->buffer + t->length : NULL, fits ? (size_t)(t->size - t->length) : 0, format, arguments);
    va_end(arguments);
    if (length > 0) t->length += (uint64_t)length;
}

int64_t text_end(struct text *t) {
    if (t->size > 0) {
        uint64_t kept = t->length;
        if (kept >= t->size) kept = text_boundary(t->buffer, (size_t)(t->size - 1));
        t->buffer[kept] = '\0';
    }
    return (int64_t)t->length;
}

// ---- UTF-8 ---------------------------------------------------------------------------------------------------------

static bool is_continuation(unsigned char byte) {
    return (byte & 0xc0) == 0x80;
}

// How many bytes a sequence with this first byte has; 0 where none starts so.
static size_t sequence_length(unsigned char first) {
    if (first < 0x80) return 1;
    if (first < 0xc2) return 0; // a continuation, or an overlong form
    if (first < 0xe0) return 2;
    if (first < 0xf0) return 3;
    return first < 0xf5 ? 4 : 0;
}

size_t text_boundary(const char *bytes, size_t length) {
    for (size_t back = 1; back <= 4 && back <= length; back++) {
        unsigned char byte = (unsigned char)bytes[length - back];
        if (is_continuation(byte)) continue;
        return sequence_length(byte) > back ? length - back : length;
    }
    return length;
}

// Code points that are printed but change how the text around them looks: line separators and directions.
static bool is_deceptive(uint32_t point) {
    return point < 0xa0 || (point >= 0x200e && point <= 0x200f) || (point >= 0x2028 && point <= 0x202e) ||
           (point >= 0x2066 && point <= 0x2069) || point == 0xfeff;
}

// The length of the printable sequence at the start of the bytes; 0 where there is none.
static size_t printable(const char *bytes, size_t length) {
    unsigned char first = (unsigned char)bytes[0];
    size_t wanted = sequence_length(first);
    if (wanted == 1) return first >= 0x20 && first < 0x7f ? 1 : 0;
    if (wanted == 0 || wanted > length) return 0;
    uint32_t point = first & (0xffu >> (wanted + 1));
    for (size_t i = 1; i < wanted; i++) {
        if (!is_continuation((unsigned char)bytes[i])) return 0;
        point = point << 6 | ((unsigned char)bytes[i] & 0x3fu);
    }
    static const uint32_t least[5] = {0, 0, 0x80, 0x800, 0x10000};
    bool surrogate = point >= 0xd800 && point <= 0xdfff;
    return point < least[wanted] || surrogate || point > 0x10ffff || is_deceptive(point) ? 0 : wanted;
}

void text_clean(struct text *t, const char *bytes, size_t length) {
    for (size_t i = 0; i < length;) {
        size_t sequence = printable(bytes + i, length - i);
        if (sequence > 0) {
            text_bytes(t, bytes + i, sequence);
        } else {
            text_add(t, "\\x%02x", (unsigned)(unsigned char)bytes[i]);
            sequence = 1;
        }
        i += sequence;
    }
}

struct text_word text_quote(const char *bytes, size_t length) {
    enum {
        SHOWN = 64
    };
    // Cannot overflow: 64 bytes of at most 4 characters, the ellipsis' 3 and the NUL are 260.
    struct text_word word;
    struct text t;
    text_start(&t, word.text, sizeof word.text);
    size_t shown = length > SHOWN ? text_boundary(bytes, SHOWN) : length;
    text_clean(&t, bytes, shown);
    if (shown < length) text_add(&t, "\xe2\x80\xa6");
    text_end(&t);
    return word;
}

// A value that a reader could take for something else: an escape in it, an end of line, or nothing at all.
static bool is_plain(const char *bytes, size_t length) {
    if (length == 0 || bytes[0] == ' ' || bytes[length - 1] == ' ') return false;
    for (size_t i = 0; i < length;) {
        size_t sequence = printable(bytes + i, length - i);
        if (sequence == 0 || bytes[i] == '"' || bytes[i] == '\\') return false;
        i += sequence;
    }
    return true;
}

void text_value(struct text *t, const char *bytes, size_t length) {
    if (is_plain(bytes, length)) {
        text_bytes(t, bytes, length);
        return;
    }
    text_bytes(t, "\"", 1);
    for (size_t i = 0; i < length;) {
        size_t sequence = printable(bytes + i, length - i);
        if (bytes[i] == '\n')
            text_bytes(t, "\\n", 2);
        else if (sequence == 0)
            text_add(t, "\\x%02x", (unsigned)(unsigned char)bytes[i]);
        else if (bytes[i] == '"' || bytes[i] == '\\')
            text_add(t, "\\%c", bytes[i]);
        else
            text_bytes(t, bytes + i, sequence);
        i += sequence > 0 ? sequence : 1;
    }
    text_bytes(t, "\"", 1);
}

// ---- Spelling ------------------------------------------------------------------------------------------------------

enum {
    LONGEST_WORD = 64
};

static size_t least(size_t a, size_t b) {
    return a < b ? a : b;
}

// Edit distance with insertion, deletion, replacement and swap of two neighbours, each at 1 (optimal string
// alignment). Both words have at most LONGEST_WORD bytes.
static size_t edit_distance(const char *a, size_t a_length, const char *b, size_t b_length) {
    size_t rows[3][LONGEST_WORD + 1];
    size_t *two_ago = rows[0], *last = rows[1], *now = rows[2];
    for (size_t j = 0; j <= b_length; j++)
        last[j] = j;
    for (size_t i = 1; i <= a_length; i++) {
        now[0] = i;
        for (size_t j = 1; j <= b_length; j++) {
            size_t replaced = last[j - 1] + (a[i - 1] != b[j - 1]);
            now[j] = least(replaced, least(last[j], now[j - 1]) + 1);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                now[j] = least(now[j], two_ago[j - 2] + 1);
        }
        size_t *unused = two_ago;
        two_ago = last;
        last = now;
        now = unused;
    }
    return last[b_length];
}

static int lower(char c) {
    return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c;
}

static bool equal_but_case(const char *a, const char *b, size_t length) {
    for (size_t i = 0; i < length; i++)
        if (lower(a[i]) != lower(b[i])) return false;
    return true;
}

// People write the names that C code and kernel sources have: SYS_execve, __NR_execve, sys_execve.
static size_t prefix_length(const char *word, size_t length) {
    static const char *const prefixes[] = {"sys_", "__NR_"};
    for (size_t i = 0; i < sizeof prefixes / sizeof prefixes[0]; i++) {
        size_t prefix = strlen(prefixes[i]);
        if (length > prefix && equal_but_case(word, prefixes[i], prefix)) return prefix;
    }
    return 0;
}

void spelling_start(struct spelling *s, const char *word, size_t length) {
    size_t farthest = length / 3 > 1 ? length / 3 : 1;
    // Never a word that shares nothing with the one that was written.
    if (length > 0 && farthest >= length) farthest = length - 1;
    *s = (struct spelling){.word = word, .length = length, .distance = farthest + 1};
}

void spelling_try(struct spelling *s, const char *candidate) {
    size_t length = strlen(candidate);
    if (s->distance == 0 || s->length == 0 || s->length > LONGEST_WORD || length == 0 || length > LONGEST_WORD) return;
    size_t prefix = prefix_length(s->word, s->length);
    if ((length == s->length && equal_but_case(s->word, candidate, length)) ||
        (length == s->length - prefix && equal_but_case(s->word + prefix, candidate, length))) {
        s->best = candidate;
        s->distance = 0;
        return;
    }
    size_t apart = length > s->length ? length - s->length : s->length - length;
    if (apart >= s->distance) return;
    size_t distance = edit_distance(s->word, s->length, candidate, length);
    if (distance >= s->distance) return;
    s->best = candidate;
    s->distance = distance;
}

struct text_word spelling_hint(const struct spelling *s) {
    struct text_word hint;
    struct text t;
    text_start(&t, hint.text, sizeof hint.text);
    if (s->best != NULL) text_add(&t, "; did you mean \"%s%s\"?", s->sigil != NULL ? s->sigil : "", s->best);
    text_end(&t);
    return hint;
}
