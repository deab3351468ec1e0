// SPDX-License-Identifier: MIT
// Names that our tables lack, asked of libseccomp, which may know newer calls.
#ifndef ABJURE_NEWER_H
#define ABJURE_NEWER_H

#include "abi.h"

// The number with the ABI's base; -1: no such call there. Negative pseudo numbers of libseccomp
// (multiplexed calls) count as "our table knows better": -1.
int64_t newer_number(enum abi_id abi, const char *name);
// Does libseccomp know the name on any ABI of the core? Always false in a build without libseccomp.
bool newer_known(const char *name);

#endif
