// SPDX-License-Identifier: MIT
#include "scan.h"

#include <errno.h>

// Rows of 16 bytes: 0x30 has the digits, 0x40 and 0x50 the capitals and "_", 0x60 and 0x70 the small letters.
#define ALL 1, 1, 1, 1, 1, 1, 1, 1, 1, 1
const bool scan_word_bytes[256] = {
    [0x30] = ALL, [0x41] = ALL, 1, 1, 1, 1, 1, [0x50] = ALL, 1,
    [0x5f] = 1,   [0x61] = ALL, 1, 1, 1, 1, 1, [0x70] = ALL, 1,
};
#undef ALL

struct text_word scan_quote(struct scan_word w) {
    return text_quote(w.text, w.length);
}

struct text_word scan_found(const struct scan *s) {
    struct text_word out;
    struct text t;
    text_start(&t, out.text, sizeof out.text);
    struct scan_word w = scan_word(s);
    if (scan_ended(s)) {
        text_add(&t, "the end");
    } else {
        if (w.length == 0) {
            // One character, which may have several bytes.
            w.length = 1;
            while (w.length < 4 && w.length < s->length - s->at && ((unsigned char)w.text[w.length] & 0xc0) == 0x80)
                w.length++;
        }
        text_add(&t, "\"%s\"", scan_quote(w).text);
    }
    text_end(&t);
    return out;
}

struct error *scan_about(struct scan *s, size_t offset) {
    s->wrong = offset;
    return s->error;
}

struct error *scan_here(struct scan *s) {
    return scan_about(s, s->at);
}

static int digit_value(char c) {
    if (scan_is_digit(c)) return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return 16;
}

int scan_number(struct scan *s, uint64_t *out) {
    struct scan_word w = scan_word(s);
    unsigned base = 10;
    size_t i = 0;
    if (w.length > 1 && w.text[0] == '0') {
        bool hex = w.text[1] == 'x' || w.text[1] == 'X';
        base = hex ? 16 : 8;
        i = hex ? 2 : 1;
    }
    bool malformed = i == w.length, overflow = false;
    uint64_t number = 0;
    for (; i < w.length; i++) {
        unsigned digit = (unsigned)digit_value(w.text[i]);
        if (digit >= base) malformed = true;
        overflow |= __builtin_mul_overflow(number, (uint64_t)base, &number);
        overflow |= __builtin_add_overflow(number, (uint64_t)digit, &number);
    }
    if (malformed)
        return error_set(scan_here(s), EINVAL, "malformed number \"%s\"; numbers are decimal, 0x and hex digits%s",
                         scan_quote(w).text,
                         base == 8 ? ", or octal where they start with 0" : ", or 0 and octal digits");
    if (overflow) return error_set(scan_here(s), EINVAL, "number \"%s\" does not fit in 64 bits", scan_quote(w).text);
    s->at += w.length;
    *out = number;
    return 0;
}
