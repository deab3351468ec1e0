// SPDX-License-Identifier: MIT
// Reads logs, and gives each record of seccomp that was asked for to the verb that reads them.
#ifndef ABJURE_LOG_H
#define ABJURE_LOG_H

#include "deaths.h"
#include "event.h"
#include "selection.h"

struct log;

// A line and what is in it, until the function returns.
struct log_line {
    const char *bytes;
    size_t length;
    const char *file;
    uint64_t number; // in the file, from 1 on; a record that was wrapped counts as one
};

// Lines that are left out.
struct left_out {
    uint64_t damaged, others, repeated;
};

struct log {
    void (*take)(struct log *l, const struct event *e, const struct log_line *line);
    void (*take_damaged)(struct log *l, const char *why, const struct log_line *line); // counted already
    bool keep_repeated; // also the death of a process whose call was told
    struct selection selection;
    struct left_out left;
    int status; // of the worst that happened: EXIT_OK, EXIT_USAGE or EXIT_FAILED
    struct deaths deaths;
    struct event event;
};

struct arguments;

// Reads the files that the words of the arguments name, or standard input where there are none. `verb` is for a
// message to who types into a terminal.
void log_read(struct log *l, struct arguments words, const char *verb);

// Says that memory is out, once.
void log_out_of_memory(struct log *l);

#endif
