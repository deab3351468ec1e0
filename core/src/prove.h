// SPDX-License-Identifier: MIT
// Proves that a program decides every input as the rules do. Shares no code with the compiler.
#ifndef ABJURE_PROVE_H
#define ABJURE_PROVE_H

#include "bpf.h"
#include "ruleset.h"

// The budget of a proof: about 200 ms. Steps and not time, so that the same filter has the same outcome everywhere.
#define PROVE_STEPS UINT64_C(20000000)

// An input on which program and rules differ.
struct witness {
    uint32_t arch, number;
    uint64_t ip; // 0 unless the program looks at it, which is an error in itself
    uint64_t args[6];
    uint32_t wanted, got;
};

// 0; -EBADMSG: they differ and *w (may be NULL) is an input on which they do, or the program has an instruction
// that cannot be proven and *w is zero; -ETIMEDOUT past the budget (the message names the call that it was at);
// -ENOMEM.
int prove(const struct program *p, const struct meaning *m, uint64_t steps, struct witness *w, struct error *e);

#endif
