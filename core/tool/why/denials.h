// SPDX-License-Identifier: MIT
// The denied calls of one run, each distinct one once: call, rule or filter, and stack, arguments apart.
#ifndef ABJURE_DENIALS_H
#define ABJURE_DENIALS_H

#include "cause.h"
#include "frames.h"

struct denial {
    struct denial *next; // in the order of their first times
    char *key;
    uint64_t count;
    uint64_t unseen; // beside these: from the same instruction, whose stacks were not looked at
    bool fatal;      // a thread died of it
    uint64_t last;   // the number of the refusal that was its last
    unsigned varied; // bits: argument i was not the same each time
    // Of the first time:
    char name[64]; // of the process
    pid_t process, thread;
    struct made_call made;
    struct written_call call;
    enum verdict_kind kind;
    char verdict[32]; // in abjure's words
    char result[32];  // the errno that the call failed with; "" where it did not
    const char *doubt;
    struct cause cause;
    struct frames frames;
};

struct places;

struct denials {
    abjure_filter *rules; // of the command line; NULL: none
    bool every_stack;     // however often a call is denied
    struct denial *first, **end;
    struct places *places;
    unsigned distinct;
    uint64_t refusals;
    uint64_t dropped; // not kept: too many distinct ones, or out of memory
};

// Counts it. The denial, and whether this is its first time; NULL where it is dropped or only counted.
struct denial *denials_add(struct denials *all, const struct refusal *r, bool *is_new);
void denials_free(struct denials *all);

#endif
