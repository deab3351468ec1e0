// SPDX-License-Identifier: MIT
// Records that tell the same, taken together: by call, outcome, program and user. What a report is made of.
#ifndef ABJURE_VIOLATIONS_H
#define ABJURE_VIOLATIONS_H

#include "event.h"
#include "tally.h"
#include "timeline.h"

enum {
    VIOLATION_PIDS = 6, // examples that are kept
    VIOLATION_NAMES = 4,
    VIOLATION_LINE = 600, // bytes of its first record
    VIOLATION_USER = 64
};

enum folded {
    FOLDED_NOT,
    FOLDED_PROGRAMS, // rarer ones of a call and an outcome, whatever the program and the user
    FOLDED_CALLS,    // those of an outcome, whatever the call
    FOLDED_ALL       // those of any kind
};

struct violation {
    enum folded folded;
    enum record_kind kind;
    struct record record; // of the first one; its texts are not there any more
    const char *program;  // as the record has it, decoded
    size_t program_length;
    bool is_path;              // of the program, else its name
    bool is_here;              // of this machine, as far as the record tells
    char user[VIOLATION_USER]; // as the record names it
    uint64_t count;
    int64_t first, last; // milliseconds since 1970; -1: not known
    uint64_t pids[VIOLATION_PIDS], addresses[VIOLATION_PIDS];
    unsigned pid_count, address_count; // one more than the limit: and others
    struct record_text names[VIOLATION_NAMES];
    unsigned name_count;
    char *line; // of the log
    size_t line_length;
    bool line_is_cut;
    uint32_t counts[BUCKETS];
};

struct violations {
    struct tally index; // of the array below, in its order
    struct violation **all;
    size_t room;
    struct timeline timeline;
    uint64_t records, untimed, folded; // records: all of them, those without a time, those in rows of FOLDED_…
    int64_t first, last;
    bool broken;      // memory was out
    bool approximate; // some were folded before all had come: those that came again have been counted from then on
};

// False: out of memory.
bool violations_add(struct violations *v, const struct event *e, const char *line, size_t length);
// The most frequent first, and no more than `most` that are not folded. False: out of memory.
bool violations_finish(struct violations *v, size_t most);
void violations_end(struct violations *v);

#endif
