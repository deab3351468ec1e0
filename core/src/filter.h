// SPDX-License-Identifier: MIT
// A filter: ordered rules, a default action and options. The model that front ends fill and back ends read.
#ifndef ABJURE_FILTER_H
#define ABJURE_FILTER_H

#include "error.h"
#include "options.h"
#include "rule.h"

// Where something stands in a file.
struct filter_place {
    uint32_t source; // offset in rules.text of the file's name
    uint32_t line;   // 0: it came by a call of the API
    uint32_t column;
};

struct filter {
    struct rules rules;
    struct action default_action; // allow
    struct filter_place default_place;
    abi_set abis; // 0: the native one
    struct filter_options options;
    struct error error;  // of the last call
    struct error broken; // the first error since the last clear; code 0: sound
    char *notes;         // lines: dead rules with the same verdict, skipped names, warnings of a load
    size_t notes_length, notes_room;
    uint32_t *note_sums; // of all notes, and perhaps of some that were taken back
    size_t note_sum_count, note_sum_room;
    int blocking_thread;
    uint32_t failed_column; // after filter_add failed: of the call in its text, 1 for the first; 0: of no call
};

// Where a text came from; name "" and line 0 where it came by a call of the API.
struct source {
    const char *name;
    uint32_t line, column;
    abi_set only; // the ABIs that the rules are meant for; 0: all
    bool gentle;  // of the items: from an OCI profile, or lenient
};

struct filter *filter_new(void);
void filter_free(struct filter *f);

// Each leaves the filter as it was when it fails, with f->error set and the filter marked broken. The message of
// filter_add starts with "column N: " where the text holds several calls and came by a call of the API; with
// source.line set, the front end puts the position in front, from f->failed_column.
int filter_default(struct filter *f, const char *action, size_t length);
int filter_default_place(struct filter *f, const char *name, uint32_t line, uint32_t column); // 0 or -ENOMEM
int filter_add(struct filter *f, const char *action, size_t action_length, const char *calls, size_t calls_length,
               struct source source);
int filter_set(struct filter *f, const char *option, const char *value);

int filter_fail(struct filter *f);           // marks broken with f->error; returns -code
int filter_sound(struct filter *f);          // 0, or the first error again
void filter_clear(struct filter *f);         // forgets the error
abi_set filter_abis(const struct filter *f); // with the native one where none was named
int filter_note(struct filter *f, const char *line);
void filter_skipped(const struct filter *f, struct text *t); // "name: absent on aarch64", a line each

// The options in the order in which policy text writes them; false past the last.
bool filter_option(const struct filter *f, size_t index, struct filter_option *out);

#endif
