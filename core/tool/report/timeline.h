// SPDX-License-Identifier: MIT
// Counts over time of unknown extent: at most BUCKETS of them, of a width that grows as times come.
#ifndef ABJURE_TIMELINE_H
#define ABJURE_TIMELINE_H

#include <stdbool.h>
#include <stdint.h>

enum {
    BUCKETS = 200,
    TIMELINE_WIDTHS = 17
};

// In seconds. Each is a multiple of the one before, so that buckets can be joined and none need be divided.
extern const int64_t timeline_widths[TIMELINE_WIDTHS];

struct timeline {
    bool begun;
    unsigned width;      // index into timeline_widths
    int64_t first, last; // numbers of buckets, as timeline_bucket gives them
};

// Weeks start on Monday: 1970 began on a Thursday.
int64_t timeline_bucket(unsigned width, int64_t seconds);
int64_t timeline_start(const struct timeline *t, int64_t bucket); // in seconds since 1970

// The width that takes this time too. Where it is not the present one, each array of counts is to be joined before the
// time is taken.
unsigned timeline_needed(const struct timeline *t, int64_t seconds);
void timeline_join(const struct timeline *t, unsigned width, uint32_t counts[BUCKETS]);
void timeline_take(struct timeline *t, unsigned width, int64_t seconds);

// Where an array has the count of a bucket between first and last.
unsigned timeline_slot(int64_t bucket);

#endif
