// SPDX-License-Identifier: MIT
// What a filter means on one ABI: a flat list of rules on numbers and registers, the first match decides.
// Compiler, prover and evaluator share this and nothing else.
#ifndef ABJURE_RULESET_H
#define ABJURE_RULESET_H

#include "filter.h"
#include "resolve.h"

enum origin {
    ORIGIN_RULE,      // the user's
    ORIGIN_KERNEL,    // uretprobe and uprobe, which the kernel issues itself
    ORIGIN_GUARD,     // io_uring
    ORIGIN_ESSENTIAL, // rt_sigreturn, exit …: allowed under a denying default
    ORIGIN_UNKNOWN, // a number that the table does not know; as a ruling only behind conditional ones of such a number
    ORIGIN_X32,     // bit 30 on x86_64
    ORIGIN_FOREIGN, // an ABI that the filter does not have
    ORIGIN_DEFAULT,
};

struct ruling {
    uint32_t number;
    uint32_t verdict; // SECCOMP_RET_*
    uint32_t test;    // first of ruleset.tests
    uint16_t tests;   // count; all must hold; 0: unconditional
    uint8_t origin;   // enum origin
    bool quiet;       // an expected refusal, not worth a log line
    uint32_t rule;    // ORIGIN_RULE: of filter.rules.rules
};

// A call is decided by the first ruling of its number whose tests hold; else, where `unknown_differs` and the table does
// not know the number, by unknown_verdict; else by default_verdict. A number that the table does not know and that has
// rulings ends in an unconditional one, so that "has rulings" and "is unknown" never have to be looked at together.
struct ruleset {
    enum abi_id abi;
    struct ruling *rulings; // in order
    struct test *tests;
    size_t ruling_count, test_count;
    size_t ruling_room, test_room;
    bool unknown_differs; // from the default
    uint32_t unknown_verdict;
    uint32_t default_verdict;
};

// All ABIs of a filter, by abi_id; which of them decides a call, by audit_arch and number:
//   an arch that no set has                  foreign_verdict
//   AUDIT_ARCH_X86_64, number with bit 30    the x32 set; without one x32_verdict
//   AUDIT_ARCH_X86_64, number without        the x86_64 set; without one (x32 alone) foreign_verdict
//   any other arch                           its set; bit 30 is nothing special there
struct meaning {
    struct ruleset sets[ABI_COUNT];
    size_t count;
    uint32_t foreign_verdict;
    uint32_t x32_verdict;
};

// `self` is the pid that the word "self" stands for; negative: "self" is an error.
// 0, -ENOMEM, -EINVAL (an empty allow list …).
int meaning_make(const struct filter *f, int64_t self, struct meaning *out, struct error *e);
void meaning_free(struct meaning *m);

// The refusals that are not news, as a meaning of its own: every verdict that is not quiet becomes allow.
// False in *any where there are none.
int meaning_quiet(const struct meaning *m, struct meaning *out, bool *any, struct error *e);

struct decision {
    uint32_t verdict;
    enum origin origin;
    uint32_t rule; // ORIGIN_RULE
    bool quiet;
};
// The reference: what the filter decides for a call. `arch` is AUDIT_ARCH_*.
struct decision meaning_decide(const struct meaning *m, uint32_t arch, uint32_t number, const uint64_t args[6]);
bool test_holds(const struct test *t, const uint64_t args[6]);

// Does something else than the default decide the call where no rule of the user's does? Guard rules stand behind a
// default that lets pass, essential calls behind one that denies, and calls that only libseccomp knows are unknown.
bool ruleset_preset(const char *call, bool default_denies);

// Resolves one rule on one ABI, appending 0, 1 or 2 rulings (multiplexers). Errors name what the user wrote.
int ruleset_add(struct ruleset *s, const struct rules *r, uint32_t rule, int64_t self, struct error *e);

#endif
