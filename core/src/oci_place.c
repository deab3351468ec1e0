// SPDX-License-Identifier: MIT
#include "oci_place.h"

#include <string.h>

#include "memory.h"

void place_start(struct place_walk *w, const char *text, size_t length) {
    *w = (struct place_walk){.text = text, .length = length, .line = 1};
}

static void skip_space(struct place_walk *w) {
    for (; w->at < w->length && strchr(" \t\r\n", w->text[w->at]) != NULL; w->at++) {
        if (w->text[w->at] != '\n') continue;
        w->line++;
        w->line_start = w->at + 1;
    }
}

static void skip_string(struct place_walk *w) {
    for (w->at++; w->at < w->length && w->text[w->at] != '"'; w->at++) {
        if (w->text[w->at] == '\\') w->at++;
    }
    w->at = w->at < w->length ? w->at + 1 : w->length;
}

char place_token(struct place_walk *w) {
    skip_space(w);
    if (w->at >= w->length || w->text[w->at] == '\0') return 0;
    w->start = w->at;
    w->place = (struct place){.line = w->line, .column = (uint32_t)(w->at - w->line_start + 1)};
    char c = w->text[w->at];
    if (c == '"') {
        skip_string(w);
        return c;
    }
    if (strchr("{}[],:", c) != NULL) {
        if (c == '{' || c == '[') w->depth++;
        if (c == '}' || c == ']') w->depth--;
        w->at++;
        return c;
    }
    while (w->at < w->length && strchr(" \t\r\n{}[],:\"", w->text[w->at]) == NULL)
        w->at++;
    return 'v';
}

bool place_key(struct place_walk *w, const char *key) {
    size_t length = strlen(key);
    for (char c = place_token(w); c != 0; c = place_token(w)) {
        if (c != '"' || w->depth != 1) continue;
        if (w->at - w->start != length + 2 || memcmp(w->text + w->start + 1, key, length) != 0) continue;
        struct place_walk ahead = *w;
        if (place_token(&ahead) == ':') return true;
    }
    return false;
}

bool place_element(struct place_walk *w) {
    // The token before an element is the array's "[", or a "," in it.
    for (char c = place_token(w); c != 0; c = place_token(w)) {
        if (w->depth < 2 && c == ']') return false;
        if (w->depth != 2 || (c != '[' && c != ',')) continue;
        struct place_walk ahead = *w;
        char next = place_token(&ahead);
        if (next == ']' || next == 0) return false;
        w->place = ahead.place;
        return true;
    }
    return false;
}

// Is the number an integer of the kind that jansson refuses and uint64_t holds?
static bool is_big(const char *digits, size_t length) {
    static const char limit[] = "9223372036854775807", top[] = "18446744073709551615";
    size_t count = 0;
    while (count < length && digits[count] >= '0' && digits[count] <= '9')
        count++;
    if (count != length || length < 19 || length > 20) return false;
    return length == 19 ? memcmp(digits, limit, 19) > 0 : memcmp(digits, top, 20) <= 0;
}

char *place_big_integers(const char *text, size_t *length) {
    static const char open[] = "\"\\u0001";
    struct place_walk w;
    size_t room = *length + 1;
    place_start(&w, text, *length);
    for (char c = place_token(&w); c != 0; c = place_token(&w)) {
        if (c == 'v' && is_big(text + w.start, w.at - w.start)) room += sizeof open;
    }
    char *copy = memory_new(room, 1);
    if (copy == NULL) return NULL;
    size_t from = 0, to = 0;
    place_start(&w, text, *length);
    for (char c = place_token(&w); c != 0; c = place_token(&w)) {
        if (c != 'v' || !is_big(text + w.start, w.at - w.start)) continue;
        memcpy(copy + to, text + from, w.start - from);
        to += w.start - from;
        memcpy(copy + to, open, sizeof open - 1);
        to += sizeof open - 1;
        memcpy(copy + to, text + w.start, w.at - w.start);
        to += w.at - w.start;
        copy[to++] = '"';
        from = w.at;
    }
    memcpy(copy + to, text + from, *length - from);
    *length = to + *length - from;
    return copy;
}
