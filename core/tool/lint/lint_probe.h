// SPDX-License-Identifier: MIT
// The arguments worth trying on one call: those around every constant that a program compares them with.
#ifndef ABJURE_LINT_PROBE_H
#define ABJURE_LINT_PROBE_H

#include "lint_subject.h"

struct probe_values {
    uint32_t *list;
    size_t count, room;
};

struct probe {
    const struct subject_abi *abi;
    const char *call;
    struct probe_values low[ARGUMENTS], high[ARGUMENTS]; // words; each list starts with 0
    struct probe_values equal[ARGUMENTS];                // that the whole low word is compared with by ==
    bool tested[ARGUMENTS], any_tested;
    bool high_tested[ARGUMENTS];
    bool ordered[ARGUMENTS]; // its low word is compared whole, with == or an order
    bool computes;
    uint64_t total, at; // combinations, or how many of them are tried; the next
    bool sampled;       // there are more than are tried
};

// False: out of memory. The probe then needs its end all the same.
bool probe_start(struct probe *p, struct subject *s, const struct subject_abi *abi, const struct known_call *call);
void probe_end(struct probe *p);

// Whether a program compares the whole low word of the argument with this value by ==.
bool probe_compares(const struct probe *p, unsigned argument, uint32_t word);

// The next combination; false: no more.
bool probe_next(struct probe *p, uint64_t arguments[ARGUMENTS]);

#endif
