// SPDX-License-Identifier: MIT
// The kernel's numbers of architectures and the ABIs that abjure names.
#ifndef ABJURE_ARCH_H
#define ABJURE_ARCH_H

#include <stdbool.h>
#include <stdint.h>

// The ABI of a call of this AUDIT_ARCH_* and number; NULL where abjure knows none.
const char *arch_abi(uint32_t arch, uint32_t number);

// Whether its programs pass pointers of 32 bits to the kernel, x32 included.
bool arch_is_narrow(uint32_t arch, uint32_t number);

#endif
