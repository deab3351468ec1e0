// SPDX-License-Identifier: MIT
#include "losses.h"

#include <stdio.h>

#include "output.h"

void losses_start(struct losses *l, const struct audit_state *state) {
    *l = (struct losses){.kernel_known = state->error == 0, .kernel_last = state->lost};
}

// Where `now` is above what has been told: says so.
static void look(uint64_t *told, uint64_t now, const char *why, losses_tell tell) {
    if (now <= *told) return;
    uint64_t more = now - *told;
    *told = now;
    say("lost: %llu %s", (unsigned long long)more, why);
    tell(more, why);
}

void losses_look(struct losses *l, struct source *s, const struct audit_state *state, losses_tell tell) {
    const char *unread = s->buffer > 0 ? "audit records, of seccomp or others: the receive buffer was full"
                                       : "lines of the kernel's log were overwritten before they could be read";
    look(&l->source, atomic_load(&s->lost), unread, tell);
    look(&l->queue, queue_state(&s->queue).dropped, "records: they came faster than they could be shown", tell);
    look(&l->suppressed, atomic_load(&s->suppressed),
         "records that the kernel left out of its log (kernel.printk_ratelimit); the audit socket has them", tell);
    if (!l->kernel_known || state->error != 0) return;
    char why[160];
    snprintf(why, sizeof why, "audit records in the kernel (backlog limit %u, rate limit %u; see auditctl -b and -r)",
             state->backlog_limit, state->rate_limit);
    // auditctl --reset-lost starts it again at 0.
    uint32_t more = state->lost >= l->kernel_last ? state->lost - l->kernel_last : state->lost;
    l->kernel_last = state->lost;
    look(&l->kernel, l->kernel + more, why, tell);
}

uint64_t losses_all(const struct losses *l) {
    return l->source + l->queue + l->kernel + l->suppressed;
}
