// SPDX-License-Identifier: MIT
// What a filter decides for one call, in words: lines "key: value".
#ifndef ABJURE_EXPLAIN_H
#define ABJURE_EXPLAIN_H

#include "ruleset.h"

// "socket(family=2, type=1, protocol=0)", with as many arguments as the call has.
void explain_call(enum abi_id abi, uint32_t number, const uint64_t args[SYSCALL_ARGUMENTS], struct text *t);

void explain_write(const struct filter *f, const struct meaning *m, enum abi_id abi, uint32_t number,
                   const uint64_t args[SYSCALL_ARGUMENTS], struct text *t);

#endif
