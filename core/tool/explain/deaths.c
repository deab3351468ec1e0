// SPDX-License-Identifier: MIT
#include "deaths.h"

enum {
    DEATH_WITHIN = 5 // seconds from the record of a kill to that of the death
};

bool deaths_repeat(struct deaths *d, const struct event *e) {
    const struct record *r = &e->record;
    if (!record_has(r, RECORD_PID)) return false;
    uint64_t pid = r->numbers[RECORD_PID], at = pid % DEATHS_RECENT;
    bool is_call = e->kind == RECORD_SECCOMP;
    if (is_call && r->numbers[RECORD_SIG] != 0) {
        d->killed[at].pid = pid;
        d->killed[at].seconds = r->seconds;
    }
    return !is_call && d->killed[at].pid == pid && r->seconds - d->killed[at].seconds <= DEATH_WITHIN;
}
