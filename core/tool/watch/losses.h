// SPDX-License-Identifier: MIT
// Records that were there and cannot be shown: counted, and told as they are found.
#ifndef ABJURE_LOSSES_H
#define ABJURE_LOSSES_H

#include "audit_state.h"
#include "event.h"
#include "source.h"

struct losses {
    uint64_t source, queue, kernel, suppressed; // that have been told
    uint32_t kernel_last;                       // its own count
    bool kernel_known;
};

void losses_start(struct losses *l, const struct audit_state *state);
// Says what has been lost since the last call; `tell` puts it among the records too.
typedef void (*losses_tell)(uint64_t count, const char *why);
void losses_look(struct losses *l, struct source *s, const struct audit_state *state, losses_tell tell);
uint64_t losses_all(const struct losses *l);

#endif
