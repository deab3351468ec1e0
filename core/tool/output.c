// SPDX-License-Identifier: MIT
#include "output.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tool.h"

void say(const char *format, ...) {
    static const char prefix[] = "abjure: ";
    char text[4096];
    memcpy(text, prefix, sizeof prefix);
    size_t at = sizeof prefix - 1;
    va_list list;
    va_start(list, format);
    int length = vsnprintf(text + at, sizeof text - at - 1, format, list);
    va_end(list);
    if (length < 0) return;
    at = strlen(text);
    text[at++] = '\n';
    fflush(stdout);
    ssize_t written = write(STDERR_FILENO, text, at);
    (void)written; // nowhere is left to complain
}

char *filled(fill_function fill, void *context, int64_t *length) {
    uint64_t size = 0;
    char *text = NULL;
    for (;;) {
        int64_t full = fill(context, text, size);
        if (length != NULL) *length = full;
        if (full < 0) break;
        // Bytes have no terminator and texts do: one more serves both.
        if (text != NULL && (uint64_t)full < size) {
            text[full] = '\0';
            return text;
        }
        size = (uint64_t)full + 1;
        char *larger = realloc(text, size);
        if (larger == NULL) {
            if (length != NULL) *length = -ENOMEM;
            break;
        }
        text = larger;
    }
    free(text);
    return NULL;
}

static int64_t fill_message(void *filter, char *buffer, uint64_t size) {
    return abjure_filter_message(filter, buffer, size);
}

static int64_t fill_notes(void *filter, char *buffer, uint64_t size) {
    return abjure_filter_notes(filter, buffer, size);
}

static int64_t fill_skipped(void *filter, char *buffer, uint64_t size) {
    return abjure_filter_skipped(filter, buffer, size);
}

struct written {
    abjure_filter *filter;
    const char *format;
};

static int64_t fill_written(void *context, char *buffer, uint64_t size) {
    const struct written *w = context;
    return abjure_filter_write(w->filter, w->format, buffer, size);
}

static char *filter_message(abjure_filter *filter) {
    return filled(fill_message, filter, NULL);
}

char *filter_notes(abjure_filter *filter) {
    return filled(fill_notes, filter, NULL);
}

char *filter_skipped(abjure_filter *filter) {
    return filled(fill_skipped, filter, NULL);
}

char *filter_written(abjure_filter *filter, const char *format) {
    struct written w = {filter, format};
    return filled(fill_written, &w, NULL);
}

struct question {
    const char *group, *abi;
};

static int64_t fill_groups(void *context, char *buffer, uint64_t size) {
    (void)context;
    return abjure_groups(buffer, size);
}

static int64_t fill_group(void *context, char *buffer, uint64_t size) {
    const struct question *q = context;
    return abjure_group(q->group, q->abi, buffer, size);
}

static int64_t fill_supported(void *context, char *buffer, uint64_t size) {
    (void)context;
    return abjure_supported(buffer, size);
}

char *groups_text(void) {
    return filled(fill_groups, NULL, NULL);
}

char *group_text(const char *group, const char *abi, int64_t *length) {
    struct question q = {group, abi};
    return filled(fill_group, &q, length);
}

char *supported_text(void) {
    return filled(fill_supported, NULL, NULL);
}

int status_of_error(int error) {
    switch (error) {
    case -EINVAL:
    case -ENOENT:
    case -EEXIST:
    case -ENOTSUP:
    case -E2BIG:
        return EXIT_USAGE;
    default:
        return EXIT_FAILED;
    }
}

int say_filter_error(abjure_filter *filter, const char *context) {
    char *message = filter_message(filter);
    const char *text = message != NULL && message[0] != '\0' ? message : strerror(-abjure_filter_error(filter));
    if (context != NULL)
        say("%s: %s", context, text);
    else
        say("%s", text);
    free(message);
    return status_of_error(abjure_filter_error(filter));
}

void make_printable(char *text) {
    for (unsigned char *c = (unsigned char *)text; *c != '\0'; c++)
        if (*c < ' ' || *c >= 0x7f) *c = '?';
}

char *next_line(char **rest) {
    char *line = *rest;
    if (line == NULL || line[0] == '\0') return NULL;
    char *end = strchr(line, '\n');
    *rest = end != NULL ? end + 1 : NULL;
    if (end != NULL) *end = '\0';
    return line;
}

int print_json(json_t *value) {
    int r = value == NULL ? -1 : json_dumpf(value, stdout, JSON_INDENT(2) | JSON_ENSURE_ASCII);
    json_decref(value);
    if (r == 0) {
        putchar('\n');
        return EXIT_OK;
    }
    say("the JSON cannot be written: out of memory, or the output is closed");
    return EXIT_FAILED;
}

json_t *json_lines(char *text) {
    json_t *lines = json_array();
    char *rest = text;
    for (char *line = next_line(&rest); line != NULL; line = next_line(&rest))
        json_array_append_new(lines, json_string(line));
    return lines;
}
