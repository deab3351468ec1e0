// SPDX-License-Identifier: MIT
// What the formats of an outline share.
#ifndef ABJURE_OUTLINE_WRITE_H
#define ABJURE_OUTLINE_WRITE_H

#include "action.h"
#include "clauses.h"
#include "error.h"
#include "outline.h"
#include "text.h"

enum outline_format {
    OUTLINE_TEXT,
    OUTLINE_POLICY,
    OUTLINE_JSON
};

// What is asked for: "json, abi=x86_64, call=clone".
struct outline_request {
    enum outline_format format;
    enum abi_id abi; // ABI_NONE: all
    bool one_call;
    syscall_id call; // SYSCALL_NONE: it is a number
    uint32_t number;
};
int outline_parse(const char *text, struct outline_request *out, struct error *e); // 0, -EINVAL, -ENOENT

// Is the ABI one to write about? Those that the programs tell apart; where they tell none apart and yet do not treat
// all calls alike, that of this machine. `o` may be narrowed by `r`.
bool outline_shows(const struct outline *o, const struct outline_request *r, const struct outline_part *part);

// The verdict as an action and, of a trap, the data that a policy has no word for.
struct action outline_action(uint32_t verdict, unsigned *data);

// Names in the tables, in their order.
static inline syscall_id outline_calls(void) {
    return (syscall_id)syscalls_count();
}

// Names, or numbers, in lines of at most `width` columns that go on indented.
struct lines {
    struct text *t;
    unsigned indent, width, column; // column 0: nothing in the line yet
};
void lines_word(struct lines *l, const char *word); // with a space before it where one is due
void lines_end(struct lines *l);

// A writer: 0, -ENOMEM, -ENOTSUP with a message.
int outline_policy(const struct outline *o, struct text *t, struct error *e);
int outline_json(const struct outline *o, const struct outline_request *r, struct text *t, struct error *e);
int outline_text(const struct outline *o, const struct outline_request *r, struct text *t, struct error *e);

#endif
