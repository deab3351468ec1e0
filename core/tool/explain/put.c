// SPDX-License-Identifier: MIT
#include "put.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static const char hex_digits[] = "0123456789abcdef";

static FILE *target; // NULL: standard output

void put_start(void) {
    static char buffer[1 << 18];
    setvbuf(stdout, buffer, _IOFBF, sizeof buffer);
}

void put_bytes(const char *bytes, size_t length) {
    fwrite_unlocked(bytes, 1, length, target != NULL ? target : stdout);
}

void put_text(const char *text) {
    put_bytes(text, strlen(text));
}

static void put_base(uint64_t number, unsigned base, int digits) {
    char text[20];
    size_t at = sizeof text;
    do {
        text[--at] = hex_digits[number % base];
        number /= base;
    } while ((number > 0 || (int)(sizeof text - at) < digits) && at > 0);
    put_bytes(text + at, sizeof text - at);
}

void put_number(uint64_t number) {
    put_base(number, 10, 1);
}

void put_padded(uint64_t number, int digits) {
    put_base(number, 10, digits);
}

void put_hex(uint64_t number) {
    put_base(number, 16, 1);
}

void put_clean(const char *bytes, size_t length) {
    for (size_t i = 0; i < length;) {
        size_t plain = i;
        while (plain < length && bytes[plain] >= ' ' && bytes[plain] < 0x7f)
            plain++;
        put_bytes(bytes + i, plain - i);
        i = plain;
        if (i == length) break;
        unsigned char byte = (unsigned char)bytes[i++];
        put_bytes((char[]){'\\', 'x', hex_digits[byte >> 4], hex_digits[byte & 15]}, 4);
    }
}

// ---- JSON ----

// Of the document that is being written: its depth, and for each level whether a value is there already.
static unsigned depth;
static unsigned begun;

void put_into(FILE *file) {
    static unsigned outer_depth, outer_begun;
    if (file != NULL) {
        outer_depth = depth;
        outer_begun = begun;
    }
    depth = file != NULL ? 1 : outer_depth;
    begun = file != NULL ? 0 : outer_begun;
    target = file;
}

// The code point at the start of the bytes and its length in *used; U+FFFD for a byte that is no valid UTF-8.
static unsigned code_point(const unsigned char *bytes, size_t length, size_t *used) {
    static const unsigned least[5] = {0, 0, 0x80, 0x800, 0x10000};
    unsigned first = bytes[0];
    size_t wanted = first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
    *used = 1;
    if (wanted == 0 || wanted > length) return 0xfffd;
    unsigned point = first & (0xffu >> (wanted + 1));
    for (size_t i = 1; i < wanted; i++) {
        if ((bytes[i] & 0xc0) != 0x80) return 0xfffd;
        point = point << 6 | (bytes[i] & 0x3fu);
    }
    if (point < least[wanted] || (point >= 0xd800 && point < 0xe000) || point > 0x10ffff) return 0xfffd;
    *used = wanted;
    return point;
}

static void put_unit(unsigned unit) {
    put_bytes((char[]){'\\', 'u', hex_digits[unit >> 12 & 15], hex_digits[unit >> 8 & 15], hex_digits[unit >> 4 & 15],
                       hex_digits[unit & 15]},
              6);
}

static void put_point(unsigned point) {
    if (point < 0x10000) {
        put_unit(point);
        return;
    }
    put_unit(0xd800 + ((point - 0x10000) >> 10));
    put_unit(0xdc00 + ((point - 0x10000) & 0x3ff));
}

static bool is_plain(char c) {
    return c >= ' ' && c < 0x7f && c != '"' && c != '\\';
}

void put_quoted(const char *bytes, size_t length) {
    put_bytes("\"", 1);
    for (size_t i = 0; i < length;) {
        size_t plain = i;
        while (plain < length && is_plain(bytes[plain]))
            plain++;
        put_bytes(bytes + i, plain - i);
        i = plain;
        if (i == length) break;
        size_t used = 1;
        if ((unsigned char)bytes[i] < 0x80)
            put_unit((unsigned char)bytes[i]);
        else
            put_point(code_point((const unsigned char *)bytes + i, length - i, &used));
        i += used;
    }
    put_bytes("\"", 1);
}

void put_key(const char *key) {
    if (begun >> depth & 1u) put_bytes(",", 1);
    begun |= 1u << depth;
    if (key == NULL) return;
    put_bytes("\"", 1);
    put_text(key);
    put_bytes("\":", 2);
}

void put_element(void) {
    put_bytes("{", 1);
    depth++;
    begun &= ~(1u << depth);
}

void put_open(const char *key) {
    if (depth > 0) put_key(key);
    put_element();
}

void put_close(void) {
    put_bytes("}", 1);
    depth--;
    if (depth == 0) put_bytes("\n", 1);
}

void put_string(const char *key, const char *bytes, size_t length) {
    put_key(key);
    put_quoted(bytes, length);
}

void put_word(const char *key, const char *text) {
    if (text != NULL) put_string(key, text, strlen(text));
}

void put_count(const char *key, uint64_t number) {
    put_key(key);
    put_number(number);
}

void put_digits(const char *key, uint64_t number) {
    put_key(key);
    put_bytes("\"", 1);
    put_number(number);
    put_bytes("\"", 1);
}
