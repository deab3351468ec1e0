// SPDX-License-Identifier: MIT
// What a filter says of one call on one ABI, for writing profiles, which name calls.
#ifndef ABJURE_OCI_RULINGS_H
#define ABJURE_OCI_RULINGS_H

#include "ruleset.h"

// The rulings on one call, in its own arguments also where the ABI has it behind a multiplexer only. Numbers that
// multiplexers share are otherwise left out: runtimes cover them with the call, as this library does.
// `out` starts zeroed and is used again for the next call. `number`: -1 where the ABI has none; `id`: SYSCALL_NONE for
// a call that only libseccomp knows.
// 1; 0 where the ABI lacks the call; -ENOMEM; -ENOTSUP where the rules do not come to what the calls' names say.
int oci_rulings(const struct ruleset *s, const struct rules *rules, syscall_id id, int64_t number, struct ruleset *out,
                struct error *e);
void oci_rulings_free(struct ruleset *out);

// Do they say the same? `b` may be of an ABI with registers of 32 bits.
bool oci_rulings_agree(const struct ruleset *a, const struct ruleset *b);

// The call, which has a number and the rulings `direct`, is also behind a multiplexer and a condition hides there.
struct behind {
    bool decided, alone; // by a rule on the call; no other rule decides there what that one leaves
    uint32_t verdict;    // where decided
    uint32_t rule;       // for messages
};
// False where nothing hides.
bool oci_behind(const struct ruleset *s, const struct rules *rules, syscall_id id, const struct ruleset *direct,
                struct behind *out);

// -ENOTSUP: "OCI cannot say RULE: WHY".
int oci_cannot_say(const struct rules *rules, uint32_t rule, const char *why, struct error *e);

#endif
