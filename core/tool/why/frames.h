// SPDX-License-Identifier: MIT
// The stack of a stopped thread, by elfutils' libdw where this was built with it.
#ifndef ABJURE_FRAMES_H
#define ABJURE_FRAMES_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum {
    FRAMES_LIMIT = 48,
};

struct frame {
    uint64_t address;
    bool is_call;       // the address is behind the call of the next frame up, not that of an instruction itself
    bool guessed;       // by the frame pointer, for want of unwind tables
    uint64_t place;     // in the module's file, as its symbols count; the address where it is in no file
    char module[64];    // file name; "" where the address is in no file
    char function[128]; // "" where no symbol is known
    uint64_t offset;    // in the function
    char file[96];      // of the source; "" where it is not known
    int line;
};

struct frames {
    struct frame list[FRAMES_LIMIT];
    int count;
    const char *missing; // why there are none, or not all; NULL: these are all
};

// Walks the stack, without names of functions and sources. The thread must be stopped, and traced by this process; `ip`
// is where it made its call.
void frames_take(pid_t thread, uint64_t ip, struct frames *out);

// Adds the names to what frames_take has given last. Where there is debug information this takes a hundred times as
// long as the walk.
void frames_name(struct frames *frames);

void frames_end(void);

#endif
