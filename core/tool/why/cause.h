// SPDX-License-Identifier: MIT
// Which rule or filter denied a call, in words.
#ifndef ABJURE_CAUSE_H
#define ABJURE_CAUSE_H

#include "abjure.h"
#include "constants.h"
#include "follow.h"

struct cause {
    bool own;              // of the rules of the command line
    char rule[512];        // as written; "": none
    char source[320];      // file:line:column; "": the command line
    char words[256];       // where no rule decided, or the filter is another's
    char group[32];        // of the rule, without "@"; ""
    char purpose[320];     // of the group
    const char *expected;  // why this refusal is no news, and does no harm; NULL: it is
    unsigned number, of;   // of the filters of the thread, 1 is the oldest; 0: not known
    unsigned instructions; // 0: not known
    char loader[64];       // the process that loaded it; ""
    pid_t loader_pid;      // 0: not known
};

// `rules`: of the command line, NULL where there are none.
void cause_find(abjure_filter *rules, const struct refusal *r, const struct written_call *call, const char *verdict,
                struct cause *out);

// "rule "deny bind" (web.policy:3:6)", "filter 2 of 2, 27 instructions, which bwrap[660] loaded".
void cause_text(const struct cause *c, char *text, size_t size);

#endif
