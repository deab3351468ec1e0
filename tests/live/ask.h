// SPDX-License-Identifier: MIT
// Asks the kernel what a loaded filter decides for calls, without any of them taking effect.
#ifndef ABJURE_TESTS_ASK_H
#define ABJURE_TESTS_ASK_H

#include <stddef.h>
#include <stdint.h>

// As an argument: the pid of the process that asks.
#define ASK_SELF UINT64_C(0x5e1f5e1f5e1f5e1f)

struct ask_case {
    int compat;      // 1: by int 0x80 (x86 numbers, low words of the arguments only)
    uint32_t number; // with bit 30 for x32
    uint64_t args[6];
    uint32_t verdict; // out: SECCOMP_RET_*; log is given as allow, since it lets the call through
};

// Runs `load` in a child and asks for each case. `load` returns 0 or -errno. 0, or the negative errno of `load`.
int ask_kernel(int (*load)(void *context), void *context, struct ask_case *cases, size_t count);

#endif
