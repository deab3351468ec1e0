// SPDX-License-Identifier: MIT
// Names of error numbers, the same on every ABI of the core.
#ifndef ABJURE_ERRNOS_H
#define ABJURE_ERRNOS_H

#include <stddef.h>

struct spelling;

int errnos_find(const char *name, size_t length); // -1: no such name
const char *errnos_name(int number);              // NULL: no such number
void errnos_spelling(struct spelling *s);

#endif
