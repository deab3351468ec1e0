// SPDX-License-Identifier: MIT
// At most so many in a second.
#ifndef ABJURE_PACE_H
#define ABJURE_PACE_H

#include <stdbool.h>
#include <stdint.h>

struct pace {
    uint64_t limit; // 0: none
    int64_t second;
    uint64_t passed;             // in that second
    uint64_t suppressed, untold; // in all, and since the last message
};

// Whether one more may pass at this time, in milliseconds of whatever clock. Counts it.
bool pace_allows(struct pace *p, int64_t milliseconds);
// How many were suppressed since the last call, once their second is over; else 0.
uint64_t pace_untold(struct pace *p, int64_t milliseconds);

#endif
