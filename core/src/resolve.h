// SPDX-License-Identifier: MIT
// From one rule to what it means on one ABI: numbers, and conditions on registers.
#ifndef ABJURE_RESOLVE_H
#define ABJURE_RESOLVE_H

#include "rule.h"

struct error;

// One condition on one register. x = arg; where !wide, x &= 0xffffffff; x &= mask; then x op value.
// Signed comparison only where mask is all ones of the width. All of mask and value is within the width.
struct test {
    uint8_t argument;
    bool wide;      // 64 bits
    bool is_signed; // for <, <=, >, >=
    enum comparison op;
    uint64_t mask;
    uint64_t value;
};

struct tests {
    struct test *list;
    size_t count, room;
};

// Where a rule applies on one ABI: at its own number, and at that of a multiplexer (socketcall, ipc).
struct resolution {
    struct {
        uint32_t number;
        uint32_t test;  // first of tests
        uint16_t tests; // count; all must hold
    } at[2];
    unsigned count; // 0: the ABI lacks the call, or the rule is not meant for it
};

enum {
    RESOLVE_UNIFIED = 424
}; // from this number on all ABIs agree (Linux 5.1)

// Appends to `tests`. `rule` is one of `r`: what stands before it matters for multiplexers. `self` is the pid that the word "self" stands for; negative: "self" is an error.
// 0, -ENOMEM, or -EINVAL, -ENOENT, -ENOTSUP with a message that names the call and, where it matters, the ABI.
int resolve(enum abi_id abi, const struct rules *r, const struct rule *rule, int64_t self, struct tests *tests,
            struct resolution *out, struct error *e);

// Does the ABI lack the call, multiplexers included? False for bare numbers.
bool resolve_absent(enum abi_id abi, const struct rules *r, const struct rule *rule);
const char *resolve_name(const struct rules *r, const struct rule *rule); // NULL for a bare number

#endif
