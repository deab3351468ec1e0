// SPDX-License-Identifier: MIT
// A program under construction: a graph of instructions that is built from its ends. Where an instruction leads is
// a label, never a count; equal instructions are one. Distances are dealt with when the graph is laid out.
#ifndef ABJURE_EMIT_H
#define ABJURE_EMIT_H

#include "bpf.h"

typedef uint32_t label;

struct emit_node {
    uint16_t code;
    uint16_t cost; // instructions on the longest way from here, this one included
    uint32_t k;
    label yes, no; // BPF_JMP: where to; BPF_LD and BPF_ALU: yes is the next
};

// After an allocation has failed, labels mean nothing and emit_layout says -ENOMEM: callers need not look before.
struct emit {
    struct emit_node *nodes;
    size_t count, room;
    label *slots; // hash table of nodes; 0: empty
    size_t slot_count;
    label last_return; // most calls end in the one that the call before ended in
    bool failed;
};

int emit_start(struct emit *e); // 0 or -ENOMEM
void emit_end(struct emit *e);

label emit_return(struct emit *e, uint32_t verdict);
label emit_load(struct emit *e, uint32_t offset, label next);
label emit_and(struct emit *e, uint32_t mask, label next);
// BPF_JEQ, BPF_JGE, BPF_JGT or BPF_JSET with a constant.
label emit_test(struct emit *e, uint16_t jump, uint32_t k, label yes, label no);

// The same as `to` for a way on which A already holds the word at `offset`, masked: what loads it is left out.
label emit_held(const struct emit *e, label to, uint32_t offset, uint32_t mask);
unsigned emit_cost(const struct emit *e, label to);

// The program that starts at `root`. Jumps that are too far for 8 bits are helped on here and nowhere else.
// 0 or -ENOMEM; the caller frees *code with memory_free. *count may exceed the kernel's limit.
int emit_layout(const struct emit *e, label root, struct sock_filter **code, size_t *count);

#endif
