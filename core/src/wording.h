// SPDX-License-Identifier: MIT
// Clauses in the words of the calls language: "family == AF_INET && type & 0xf == SOCK_STREAM".
#ifndef ABJURE_WORDING_H
#define ABJURE_WORDING_H

#include "clauses.h"
#include "syscalls.h"

struct text;

// `id`: SYSCALL_NONE for a number without a name. The text means exactly the looks, as calls.h reads it; looks at the
// instruction pointer are written too, and cannot be read.
void wording_looks(enum abi_id abi, syscall_id id, const struct clause *c, struct text *t);

// For people: "family", or "family (all 64 bits)"; and the values that a look takes: "AF_INET", "7 to 10".
void wording_argument(enum abi_id abi, syscall_id id, const struct look *look, struct text *t);
void wording_values(enum abi_id abi, syscall_id id, const struct look *look, struct text *t);
// The name of the parameter, or "arg3".
void wording_name(enum abi_id abi, syscall_id id, unsigned argument, struct text *t);

#endif
