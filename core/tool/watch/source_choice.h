// SPDX-License-Identifier: MIT
// Which source of records is used, and what is missing where that is not the best one.
#ifndef ABJURE_SOURCE_CHOICE_H
#define ABJURE_SOURCE_CHOICE_H

#include "audit_state.h"
#include "source.h"

// Opens the source called `wanted`, or the first that works where that is NULL. NULL, and it has been said why.
const struct source_type *source_choose(struct source *s, const char *wanted, const struct audit_state *state);
bool source_is_name(const char *name);

// Says what this machine leaves out of its records.
void source_tell_limits(const struct source *s, const struct source_type *type, const struct audit_state *state);

#endif
