// SPDX-License-Identifier: MIT
// Random programs for tests: of any instructions, and such as filters are made of.
#ifndef UNIT_PROGRAMS_H
#define UNIT_PROGRAMS_H

#include "bpf.h"
#include "kit.h"

#include <linux/audit.h>
#include <linux/seccomp.h>

enum {
    PROGRAM_ROOM = 200
};

struct code {
    struct sock_filter list[PROGRAM_ROOM];
    uint32_t count;
};

static const uint32_t some_verdicts[] = {
    SECCOMP_RET_ALLOW,
    SECCOMP_RET_ALLOW,
    SECCOMP_RET_ALLOW,
    SECCOMP_RET_ERRNO | 1,
    SECCOMP_RET_ERRNO | 38,
    SECCOMP_RET_ERRNO | 0,
    SECCOMP_RET_TRAP,
    SECCOMP_RET_TRAP | 7,
    SECCOMP_RET_LOG,
    SECCOMP_RET_TRACE | 3,
    SECCOMP_RET_USER_NOTIF,
    SECCOMP_RET_KILL_THREAD,
    SECCOMP_RET_KILL_PROCESS,
    0x7ff10000,
    SECCOMP_RET_ERRNO | 0xffff,
};
static const uint32_t some_numbers[] = {0, 1, 2, 3, 9, 41, 56, 59, 101, 157, 231, 257, 322, 335, 336, 400, 435, 500};
static const uint32_t some_archs[] = {AUDIT_ARCH_X86_64, AUDIT_ARCH_I386, AUDIT_ARCH_AARCH64, 0x12345678};
static const uint32_t some_values[] = {
    0, 1, 2, 3, 4, 5, 8, 16, 0x20, 0xff, 0x100, 0x20008, 0x7e020000, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff};
static const uint16_t any_code[] = {BPF_LD | BPF_W | BPF_ABS,
                                    BPF_LD | BPF_W | BPF_ABS,
                                    BPF_LD | BPF_W | BPF_LEN,
                                    BPF_LDX | BPF_W | BPF_LEN,
                                    BPF_LD | BPF_IMM,
                                    BPF_LDX | BPF_IMM,
                                    BPF_LD | BPF_MEM,
                                    BPF_LDX | BPF_MEM,
                                    BPF_ST,
                                    BPF_STX,
                                    BPF_MISC | BPF_TAX,
                                    BPF_MISC | BPF_TXA,
                                    BPF_ALU | BPF_NEG,
                                    BPF_ALU | BPF_ADD | BPF_K,
                                    BPF_ALU | BPF_SUB | BPF_K,
                                    BPF_ALU | BPF_MUL | BPF_K,
                                    BPF_ALU | BPF_DIV | BPF_K,
                                    BPF_ALU | BPF_AND | BPF_K,
                                    BPF_ALU | BPF_OR | BPF_K,
                                    BPF_ALU | BPF_XOR | BPF_K,
                                    BPF_ALU | BPF_LSH | BPF_K,
                                    BPF_ALU | BPF_RSH | BPF_K,
                                    BPF_ALU | BPF_ADD | BPF_X,
                                    BPF_ALU | BPF_SUB | BPF_X,
                                    BPF_ALU | BPF_DIV | BPF_X,
                                    BPF_ALU | BPF_AND | BPF_X,
                                    BPF_ALU | BPF_OR | BPF_X,
                                    BPF_ALU | BPF_XOR | BPF_X,
                                    BPF_ALU | BPF_LSH | BPF_X,
                                    BPF_ALU | BPF_RSH | BPF_X,
                                    BPF_ALU | BPF_MUL | BPF_X,
                                    BPF_JMP | BPF_JA,
                                    BPF_JMP | BPF_JEQ | BPF_K,
                                    BPF_JMP | BPF_JEQ | BPF_X,
                                    BPF_JMP | BPF_JGE | BPF_K,
                                    BPF_JMP | BPF_JGE | BPF_X,
                                    BPF_JMP | BPF_JGT | BPF_K,
                                    BPF_JMP | BPF_JGT | BPF_X,
                                    BPF_JMP | BPF_JSET | BPF_K,
                                    BPF_JMP | BPF_JSET | BPF_X,
                                    BPF_JMP | BPF_JEQ | BPF_K,
                                    BPF_JMP | BPF_JGE | BPF_K,
                                    BPF_RET | BPF_K,
                                    BPF_RET | BPF_A};

// A constant as what one compares with it suggests: `offset` in seccomp_data, or -1.
static inline uint32_t some_constant(int offset) {
    if (offset == 0) return PICK(some_numbers) | (below(12) == 0 ? 0x40000000 : 0);
    if (offset == 4) return PICK(some_archs);
    return PICK(some_values);
}

// Any instructions at all, valid. `wild` of them in 100 are not of the kind that filters have.
static inline void random_program(struct code *out, unsigned wild) {
    struct error e = {0};
    do {
        int offset = -1; // of what A holds
        out->count = 3 + below(below(2) ? 12 : 60);
        for (uint32_t i = 0; i < out->count; i++) {
            const uint32_t left = out->count - i - 1, near = left < 12 ? left : 12;
            uint16_t code = PICK(any_code);
            if (below(100) >= wild) {
                static const uint16_t usual[] = {BPF_LD | BPF_W | BPF_ABS,  BPF_JMP | BPF_JEQ | BPF_K,
                                                 BPF_JMP | BPF_JEQ | BPF_K, BPF_JMP | BPF_JGE | BPF_K,
                                                 BPF_JMP | BPF_JGT | BPF_K, BPF_JMP | BPF_JSET | BPF_K,
                                                 BPF_ALU | BPF_AND | BPF_K, BPF_RET | BPF_K};
                code = PICK(usual);
            }
            struct sock_filter s = {code, 0, 0, some_constant(offset)};
            if (code == (BPF_LD | BPF_W | BPF_ABS)) {
                s.k = below(3) == 0 ? 0 : below(5) == 0 ? 4 : 4 * (below(8) == 0 ? below(16) : 4 + below(6));
                offset = (int)s.k;
            } else if (BPF_CLASS(code) == BPF_JMP) {
                s.jt = (uint8_t)below(near + 1);
                s.jf = (uint8_t)below(near + 1);
                if (BPF_OP(code) == BPF_JA) s.k = below(near + 1);
            } else if (code == (BPF_LD | BPF_MEM) || code == (BPF_LDX | BPF_MEM) || code == BPF_ST || code == BPF_STX) {
                s.k = below(2);
            } else if (BPF_CLASS(code) == BPF_ALU) {
                if (BPF_OP(code) == BPF_LSH || BPF_OP(code) == BPF_RSH) s.k %= 32;
                if (BPF_OP(code) == BPF_DIV && s.k == 0) s.k = 1;
            } else if (code == (BPF_RET | BPF_K)) {
                s.k = PICK(some_verdicts);
            }
            if (BPF_CLASS(code) == BPF_LD && code != (BPF_LD | BPF_W | BPF_ABS)) offset = -1;
            out->list[i] = s;
        }
        out->list[out->count - 1] = (struct sock_filter){BPF_RET | BPF_K, 0, 0, PICK(some_verdicts)};
        for (uint32_t i = 0; i < 2 && i + 1 < out->count && below(2); i++)
            out->list[i] = (struct sock_filter){BPF_ST, 0, 0, i};
    } while (bpf_validate(out->list, out->count, &e) < 0);
}

struct call_input {
    uint32_t arch, number;
    uint64_t pointer, args[6];
};

// An input near to what a program compares with.
static inline struct call_input some_input(const struct program *p) {
    struct call_input in = {.arch = PICK(some_archs), .number = PICK(some_numbers)};
    const struct program *of = p;
    while (of->older != NULL && below(2))
        of = of->older;
    if (below(6) == 0) in.arch = abis[below(ABI_COUNT)].audit_arch;
    if (below(5) == 0) in.number = below(480);
    if (below(10) == 0) in.number ^= 0x40000000;
    if (below(40) == 0) in.number = (uint32_t)draw();
    for (unsigned i = 0; i < 7; i++) {
        uint32_t words[2];
        for (unsigned w = 0; w < 2; w++) {
            words[w] = below(3) == 0 ? of->code[below(of->count)].k + below(3) - 1 : PICK(some_values);
            if (below(3) == 0) words[w] = 0;
            if (below(8) == 0) words[w] = (uint32_t)draw();
            if (below(8) == 0) words[w] ^= UINT32_C(1) << below(32);
        }
        const uint64_t value = (uint64_t)words[1] << 32 | words[0];
        if (i == 6)
            in.pointer = value;
        else
            in.args[i] = value;
    }
    if (below(6) == 0) in.number = of->code[below(of->count)].k + below(3) - 1;
    if (below(30) == 0) in.arch = of->code[below(of->count)].k + below(3) - 1;
    return in;
}

static inline uint32_t decided(const struct program *p, const struct call_input *in) {
    const struct bpf_input input = bpf_input(p->big_endian, in->arch, in->number, in->pointer, in->args);
    return bpf_decide(p, &input);
}

#endif
