// SPDX-License-Identifier: MIT
// What many records have in common: counts of each kind (--summary), and of those that tell the same (--unique).
#ifndef ABJURE_OVERVIEW_H
#define ABJURE_OVERVIEW_H

#include "log.h"
#include "tally.h"

struct overview {
    struct tally calls, programs, users, actions;
    struct tally unique;
    uint64_t records;
    int64_t first, last;
};

void overview_start(struct overview *o);
void overview_end(struct overview *o);
// False: out of memory.
bool overview_add(struct overview *o, const struct event *e);
bool overview_add_unique(struct overview *o, const struct event *e);

void overview_text(struct overview *o, const struct left_out *left);
void overview_json(struct overview *o, const struct left_out *left);
void overview_unique_text(struct overview *o);
void overview_unique_json(struct overview *o);

#endif
