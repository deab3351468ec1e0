// SPDX-License-Identifier: MIT
// From rules to a BPF program: per ABI one decision tree over numbers, leaves shared.
#ifndef ABJURE_COMPILE_H
#define ABJURE_COMPILE_H

#include "bpf.h"
#include "ruleset.h"

// 0, -ENOMEM, -E2BIG (more than 4096 instructions; the message has the count and the largest call),
// -ENOTSUP (ABIs of both byte orders in one filter). The program is valid for the kernel.
int compile(const struct meaning *m, struct program **out, struct error *e);

#endif
