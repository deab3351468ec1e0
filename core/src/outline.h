// SPDX-License-Identifier: MIT
// What programs do, per ABI and call: exact, or said to be unsure.
#ifndef ABJURE_OUTLINE_H
#define ABJURE_OUTLINE_H

#include "bpf.h"
#include "cases.h"
#include "syscalls.h"

// Numbers first..last, which fare alike.
struct outline_span {
    uint32_t first, last;
    const struct cases *cases;
    bool known; // to the ABI's table, all of them
};

// One ABI; or architectures that are none of ours, from arch_first to arch_last.
struct outline_part {
    enum abi_id abi;                // or ABI_NONE
    uint32_t arch_first, arch_last; // ABI_NONE
    size_t span, spans;             // sorted, without gaps within the ABI's numbers
    bool apart;                     // from what happens to architectures that are none of ours
};

struct outline {
    const struct program *programs;
    struct outline_part *parts; // the ABIs in their order, then the others by arch
    struct outline_span *spans;
    size_t part_count, span_count, part_room, span_room;
    bool one_foreign;            // one verdict for all calls of the other architectures
    struct unfolding *unfolding; // keeps the lists
};

// `programs` must outlive it. 0 or -ENOMEM.
int outline_make(const struct program *programs, struct outline *out);
void outline_free(struct outline *o);

// The list for a number that belongs to the part.
const struct cases *outline_cases(const struct outline *o, const struct outline_part *part, uint32_t number);

// A verdict for all that the table knows and for the numbers that it will know next; others may differ.
const struct cases *outline_usual(const struct outline *o, const struct outline_part *part);
// The span of unknown numbers that the kernel will take its next calls from. NULL: there is none.
const struct outline_span *outline_next(const struct outline *o, const struct outline_part *part);

#endif
