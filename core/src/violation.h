// SPDX-License-Identifier: MIT
// What an audit record of seccomp tells, in words.
#ifndef ABJURE_VIOLATION_H
#define ABJURE_VIOLATION_H

#include <stddef.h>

struct error;
struct text;

// Lines "key: value", as abjure.h has them. 0; -EINVAL where the line is no audit record or a damaged one, -ENOENT
// where it is a record of another type.
int violation_write(const char *line, size_t length, struct text *t, struct error *e);

#endif
