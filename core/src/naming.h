// SPDX-License-Identifier: MIT
// The constants that a parameter of a call takes: from values back to names.
#ifndef ABJURE_NAMING_H
#define ABJURE_NAMING_H

#include "constants.h"
#include "syscalls.h"

struct text;

// The value under the mask as constants: "AF_INET", "CLONE_NEWNS|CLONE_NEWUSER", "O_RDWR". `width`: bits of the
// parameter. False where the names are not known, and then nothing is written.
bool naming_value(enum abi_id abi, syscall_id id, unsigned argument, unsigned width, uint64_t mask, uint64_t value,
                  struct text *t);
// The same of the mask itself.
bool naming_mask(enum abi_id abi, syscall_id id, unsigned argument, uint64_t mask, struct text *t);

#endif
