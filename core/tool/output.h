// SPDX-License-Identifier: MIT
// Messages, texts that the library fills in, and JSON.
#ifndef ABJURE_OUTPUT_H
#define ABJURE_OUTPUT_H

#include <jansson.h>
#include <stdint.h>

#include "abjure.h"

// "abjure: …" and a line feed, to standard error, by one write(2): it works under the command's own filter.
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));

// A function of abjure.h that fills a buffer and returns the full length.
typedef int64_t (*fill_function)(void *context, char *buffer, uint64_t size);
// The whole text, for the caller to free; NULL where the function failed, whose result is then in *length
// (or -ENOMEM). `length` may be NULL.
char *filled(fill_function fill, void *context, int64_t *length);

// The same for one filter: its notes, skipped names, or itself in a format.
char *filter_notes(abjure_filter *filter);
char *filter_skipped(abjure_filter *filter);
char *filter_written(abjure_filter *filter, const char *format);

// The same for what the library tells of groups and of this place.
char *groups_text(void);
char *group_text(const char *group, const char *abi, int64_t *length);
char *supported_text(void);

// Says the filter's message after "context: ", and gives the exit status for it.
int say_filter_error(abjure_filter *filter, const char *context);
int status_of_error(int error);

// Replaces what could disturb a terminal, in place: names come from processes that one does not trust.
void make_printable(char *text);

// The next line of a text, terminated in place; NULL after the last.
char *next_line(char **rest);

int print_json(json_t *value); // and frees it; gives the exit status
// An array of the lines of a text, which it changes. NULL counts as no lines.
json_t *json_lines(char *text);

#endif
