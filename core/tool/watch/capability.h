// SPDX-License-Identifier: MIT
// The capabilities of this process.
#ifndef ABJURE_CAPABILITY_H
#define ABJURE_CAPABILITY_H

#include <stdbool.h>
#include <stdint.h>

// Gives up all that are not among `kept`, bits such as 1 << CAP_AUDIT_READ, for good: of the calling thread, so before others are started.
bool capabilities_keep(uint64_t kept);

#endif
