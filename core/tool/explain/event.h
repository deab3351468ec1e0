// SPDX-License-Identifier: MIT
// One audit record of seccomp with the words for it, as `abjure explain` shows it.
#ifndef ABJURE_EVENT_H
#define ABJURE_EVENT_H

#include "../../src/record.h"

enum {
    EVENT_NAME = 4096 // bytes; the kernel's PATH_MAX
};

// What depends on the call, the ABI and the action only; kept, since a log has few of them.
struct event_words {
    char call[64]; // "bind", or the number; "" where the record has none
    char abi[16];
    char action[32];
    char errno_name[32];
    char signal[16];
    char story[192]; // "called bind and was killed (SIGSYS)"
};

struct event {
    struct record record;
    enum record_kind kind;
    const struct event_words *words;
    const char *name, *exe; // decoded; NULL where the record has none
    size_t name_length, exe_length;
    const char *at;               // "libc bind+0x7", where it is known; set behind event_start, as these are:
    const char *unit, *container; // of the process
    char name_bytes[64], exe_bytes[EVENT_NAME];
};

// From a line of the kinds RECORD_SECCOMP and RECORD_ABEND. The event points into the line.
void event_start(struct event *e, enum record_kind kind);

// Milliseconds since 1970; -1 where the line has no time.
int64_t event_time(const struct event *e);

// What names the program best: its path, else its name.
const char *event_program(const struct event *e, size_t *length);

// ---- How it is shown, each a line but for the last ----

void event_text(const struct event *e);   // 14:02:11 nc[664] bind() -> killed (SIGSYS), uid 1000, ...
void event_json(const struct event *e);   // the keys of abjure_explain
void event_ecs(const struct event *e);    // Elastic Common Schema
void event_fields(const struct event *e); // every field of the record, explained
// Among the documents: some records are missing. `why` reads on behind the number.
void event_lost_json(uint64_t count, const char *why);
void event_lost_ecs(uint64_t count, const char *why);
// Without time and process: what records have in common that tell the same.
void event_common(const struct event *e, char *buffer, size_t size);
void put_sentence(const struct event *e); // as a JSON string, without a key

void put_iso(int64_t milliseconds); // 2020-06-15T15:34:24.942Z

// The log is of another machine: nothing of this one is added.
extern bool event_elsewhere;

#endif
