// SPDX-License-Identifier: MIT
#include "lint_census.h"

#include <string.h>

#include "lint_probe.h"

enum {
    COMBINATIONS = 1 << 14,   // tried on one call at most
    FEWEST = 32,              // and at least
    STEPS = 100 * 1000 * 1000 // instructions executed, in all: about a second
};

static bool note(struct subject *s, const struct subject_abi *abi, struct known_call *call, struct probe *p) {
    uint64_t arguments[ARGUMENTS];
    while (probe_next(p, arguments)) {
        struct verdict v = subject_verdict(s, abi->facts->name, call->name, arguments);
        if (v.absent) return true;
        call->answers |= 1u << v.strictness;
        if (v.passes && !call->passes) memcpy(call->passing, arguments, sizeof arguments);
        if (!v.passes && !call->is_denied) memcpy(call->denied, arguments, sizeof arguments);
        call->passes |= v.passes;
        call->is_denied |= !v.passes;
    }
    return true;
}

static bool each_call(struct subject *s,
                      bool (*take)(struct subject *, const struct subject_abi *, struct known_call *, struct probe *)) {
    for (size_t i = 0; i < s->abi_count; i++) {
        for (size_t n = 0; n < s->abis[i].call_count; n++) {
            struct probe p;
            bool done =
                probe_start(&p, s, &s->abis[i], &s->abis[i].calls[n]) && take(s, &s->abis[i], &s->abis[i].calls[n], &p);
            probe_end(&p);
            if (!done) return false;
        }
    }
    return true;
}

static bool note_tested(struct subject *s, const struct subject_abi *abi, struct known_call *call, struct probe *p) {
    (void)s;
    (void)abi;
    call->tested = p->any_tested || p->computes;
    return true;
}

bool census_take(struct subject *s) {
    uint64_t tested = 1, size = 1;
    s->combinations = 1;
    if (!each_call(s, note_tested)) return false;
    for (size_t i = 0; i < s->abi_count; i++)
        for (size_t n = 0; n < s->abis[i].call_count; n++)
            tested += s->abis[i].calls[n].tested;
    for (size_t i = 0; i < s->program_count; i++)
        size += s->programs[i].count;
    s->combinations = STEPS / (tested * size);
    if (s->combinations > COMBINATIONS) s->combinations = COMBINATIONS;
    if (s->combinations < FEWEST) s->combinations = FEWEST;
    s->cut = false;
    return each_call(s, note);
}
