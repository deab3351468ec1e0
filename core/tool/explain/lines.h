// SPDX-License-Identifier: MIT
// Reads a log line by line, whatever bytes it holds.
#ifndef ABJURE_LINES_H
#define ABJURE_LINES_H

#include <stdbool.h>
#include <stddef.h>

struct lines {
    int fd;
    bool regular; // more is there at once, or never
    bool ended;
    bool too_long; // the line given last: only its beginning
    int error;     // a positive errno where reading failed
    char *bytes;
    size_t start, end;
};

// False: out of memory.
bool lines_start(struct lines *l, int fd);
void lines_end(struct lines *l);

// The next line without its line feed, until the next call. A record that was wrapped, as mail and slides do, is one:
// its further lines start with a blank or a field. False: no more, or an error. Calls `idle` before it waits for more.
bool lines_next(struct lines *l, void (*idle)(void), const char **line, size_t *length);

#endif
