// SPDX-License-Identifier: MIT
// The state of the kernel's audit: on or off, and how many records it has lost itself.
#ifndef ABJURE_AUDIT_STATE_H
#define ABJURE_AUDIT_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include "helper.h"

struct audit_state {
    int error; // a positive errno where the kernel does not tell; EPERM: it asks for CAP_AUDIT_CONTROL
    bool enabled;
    uint32_t daemon;     // the process of auditd, 0: none
    uint32_t rate_limit; // records in a second, 0: no limit
    uint32_t backlog_limit;
    uint32_t lost; // since the start of the machine
};

// To ask costs CAP_AUDIT_CONTROL, which can also turn audit off: a process that does nothing else keeps it.
bool audit_state_start(struct helper *h);
// Asks; the answer comes by audit_state_take. False: still at the question before.
bool audit_state_ask(struct helper *h);
bool audit_state_take(struct helper *h, struct audit_state *out, int milliseconds);

#endif
