// SPDX-License-Identifier: MIT
#include "timeline.h"

#include <string.h>

enum {
    TO_MONDAY = 3 * 86400 // from Monday to the first day of 1970
};

// Seconds, minutes, hours; days, weeks, and what is nearly months, years, decades, centuries and millennia. With the
// last the largest time of a record fits, which is in the year 5138.
const int64_t timeline_widths[TIMELINE_WIDTHS] = {1,       5,        15,        60,         300,        900,
                                                  3600,    10800,    21600,     43200,      86400,      604800,
                                                  2419200, 31449600, 314496000, 3144960000, 31449600000};

int64_t timeline_bucket(unsigned width, int64_t seconds) {
    return (seconds + TO_MONDAY) / timeline_widths[width];
}

int64_t timeline_start(const struct timeline *t, int64_t bucket) {
    return bucket * timeline_widths[t->width] - TO_MONDAY;
}

// Bucket numbers are above 0, and no two between first and last share a slot.
unsigned timeline_slot(int64_t bucket) {
    return (unsigned)(bucket % BUCKETS);
}

static int64_t joined(const struct timeline *t, unsigned width, int64_t bucket) {
    return bucket / (timeline_widths[width] / timeline_widths[t->width]);
}

unsigned timeline_needed(const struct timeline *t, int64_t seconds) {
    unsigned width = t->width;
    if (!t->begun) return width;
    for (; width + 1 < TIMELINE_WIDTHS; width++) {
        int64_t bucket = timeline_bucket(width, seconds);
        int64_t first = joined(t, width, t->first), last = joined(t, width, t->last);
        if ((bucket > last ? bucket : last) - (bucket < first ? bucket : first) < BUCKETS) break;
    }
    return width;
}

void timeline_join(const struct timeline *t, unsigned width, uint32_t counts[BUCKETS]) {
    uint32_t before[BUCKETS];
    memcpy(before, counts, sizeof before);
    memset(counts, 0, sizeof before);
    for (int64_t bucket = t->first; t->begun && bucket <= t->last; bucket++)
        counts[timeline_slot(joined(t, width, bucket))] += before[timeline_slot(bucket)];
}

void timeline_take(struct timeline *t, unsigned width, int64_t seconds) {
    int64_t bucket = timeline_bucket(width, seconds);
    if (!t->begun) {
        *t = (struct timeline){true, width, bucket, bucket};
        return;
    }
    t->first = joined(t, width, t->first);
    t->last = joined(t, width, t->last);
    t->width = width;
    if (bucket < t->first) t->first = bucket;
    if (bucket > t->last) t->last = bucket;
}
