// SPDX-License-Identifier: MIT
// The capabilities of this process.
#ifndef ABJURE_CAPABILITY_H
#define ABJURE_CAPABILITY_H

#include <stdbool.h>
#include <stdint.h>

// Bits of linux/capability.h: 1 << CAP_AUDIT_READ and so on.
uint64_t capabilities(void); // in effect; 0 where they cannot be asked for
bool capable(int capability);

// Gives up all that are not among `kept`, for good: of the calling thread, so before others are started.
bool capabilities_keep(uint64_t kept);

#endif
