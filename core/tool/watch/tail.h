// SPDX-License-Identifier: MIT
// Follows a file that grows, line by line, when it is rotated too: by a new file in its place, or by cutting it.
#ifndef ABJURE_TAIL_H
#define ABJURE_TAIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct tail {
    const char *path;
    int fd;
    dev_t device;
    ino_t inode;
    uint64_t offset; // that has been read
    char *bytes;     // an unfinished line
    size_t length;
    bool skipping; // the rest of a line that was too long
    uint64_t too_long, turns;
    int error; // a positive errno
};

enum tail_result {
    TAIL_MORE,    // there may be more
    TAIL_NOTHING, // nothing is new
    TAIL_FAILED   // with `error`
};

typedef void (*tail_take)(void *context, const char *line, size_t length);

// Starts behind what is there. 0, or a positive errno.
int tail_start(struct tail *f, const char *path);
// Hands over the lines that have come.
enum tail_result tail_step(struct tail *f, tail_take take, void *context);

#endif
