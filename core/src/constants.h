// SPDX-License-Identifier: MIT
// Named constants of the C library and kernel headers, with the value that each ABI gives them.
#ifndef ABJURE_CONSTANTS_H
#define ABJURE_CONSTANTS_H

#include "abi.h"

struct spelling;

// The number of the constant in the table, or -1. Constants that some ABIs lack are found all the same.
int constants_find(const char *name, size_t length);
const char *constants_name(int constant);
size_t constants_count(void); // they are sorted by name
// Sign-extended to 64 bits; false where this ABI's headers do not have it.
bool constants_value(enum abi_id abi, int constant, int64_t *value);
void constants_spelling(struct spelling *s);

#endif
