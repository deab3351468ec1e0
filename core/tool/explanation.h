// SPDX-License-Identifier: MIT
// What a filter decides for one call, taken apart.
#ifndef ABJURE_EXPLANATION_H
#define ABJURE_EXPLANATION_H

#include <stdbool.h>

#include "abjure.h"

struct explanation {
    char *text; // holds what the others point to
    const char *action, *origin, *call, *number, *abi;
    const char *rule, *source; // NULL where there is none
};

// 0, or what abjure_filter_explain returned; the filter has the message.
int explain(abjure_filter *filter, const char *abi, const char *call, const uint64_t arguments[6],
            struct explanation *out);
void explanation_free(struct explanation *e);

bool explanation_denies(const struct explanation *e); // any but allow and log
bool explanation_kills(const struct explanation *e);  // by SIGSYS: kill, kill_thread, trap

// "rule "deny bind" (web.policy:3:6)", or the reason where no rule decided.
void explanation_reason(const struct explanation *e, char *buffer, size_t size);

#endif
