// SPDX-License-Identifier: MIT
#include "accumulator.h"

uint32_t accumulator_word(const struct program *p, uint32_t offset) {
    if (offset % 4 != 0 || offset >= 4 * BOX_WORDS) return BOX_WORDS;
    uint32_t word = offset / 4;
    // On a machine of the other byte order the high word of an argument comes first.
    return word >= BOX_ARGUMENTS && p->big_endian ? word ^ 1 : word;
}

bool accumulator_compute(struct accumulator *a, const struct sock_filter *i) {
    switch (BPF_OP(i->code)) {
    case BPF_AND:
        a->mask &= i->k;
        a->flip &= i->k;
        return true;
    case BPF_OR:
        a->mask &= ~i->k;
        a->flip |= i->k;
        return true;
    case BPF_XOR:
        a->flip ^= i->k;
        return true;
    case BPF_ADD:
    case BPF_SUB:
        // Adding the top bit and taking it away both flip it, and nothing else.
        a->flip ^= i->k;
        return i->k == UINT32_C(1) << 31;
    default:
        return false;
    }
}

struct measure accumulator_compare(const struct accumulator *a, const struct sock_filter *i, unsigned *accept) {
    switch (BPF_OP(i->code)) {
    case BPF_JEQ:
        *accept = OUTCOME_EQUAL;
        break;
    case BPF_JGE:
        *accept = OUTCOME_GREATER | OUTCOME_EQUAL;
        break;
    default:
        *accept = OUTCOME_GREATER;
        break;
    }
    if (BPF_OP(i->code) == BPF_JSET) return (struct measure){a->mask & i->k, a->flip & i->k, 0};
    return (struct measure){a->mask, a->flip, i->k};
}

// One instruction; false at the end of the way.
static bool step(const struct program *p, struct path *path) {
    const struct sock_filter *i = &p->code[path->pc];
    unsigned accept;
    switch (BPF_CLASS(i->code)) {
    case BPF_RET:
        path->verdict = i->k;
        return false;
    case BPF_LD:
        path->a = (struct accumulator){accumulator_word(p, i->k), UINT32_MAX, 0};
        if (BPF_MODE(i->code) != BPF_ABS || path->a.word == BOX_WORDS) return false;
        break;
    case BPF_ALU:
        if (!accumulator_compute(&path->a, i)) return false;
        break;
    case BPF_JMP:
        if (i->code == (BPF_JMP | BPF_JA)) {
            if (i->k >= p->count) return false;
            path->pc += i->k;
            break;
        }
        struct measure m = accumulator_compare(&path->a, i, &accept);
        path->pc += word_compare(&path->input->word[path->a.word], &m) & accept ? i->jt : i->jf;
        break;
    default:
        return false;
    }
    path->pc++;
    return true;
}

uint64_t program_follow(const struct program *p, struct path *path, uint32_t mark, uint32_t *least) {
    uint64_t steps = 0;
    path->verdict = 0;
    do {
        if (path->pc >= p->count) break;
        if (least && mark < least[path->pc]) least[path->pc] = mark;
        steps++;
    } while (step(p, path));
    return steps;
}
