// SPDX-License-Identifier: MIT
#include "action.h"
#include "bpf.h"
#include "naming.h"
#include "syscalls.h"
#include "text.h"

#include <linux/seccomp.h>
#include <string.h>

// What is known before an instruction, on every way to it. All jumps go forward, so one pass finds it.
struct known {
    bool reached;
    bool word;   // A holds the word of seccomp_data at `offset`, unchanged
    bool arch;   // the audit number has been compared and is `audit`
    bool masked; // A holds that word & `mask`
    uint8_t offset;
    uint32_t audit, mask;
    uint32_t first, last; // the call's number is in between
};

enum {
    NUMBER_OFFSET = 0,
    ARCH_OFFSET = 4,
    ARGUMENT_OFFSET = 16,
    X32_BIT = 0x40000000,
};

static void join(struct known *at, struct known from) {
    if (!at->reached) {
        *at = from;
        at->reached = true;
        return;
    }
    at->word &= from.word && at->offset == from.offset;
    at->masked &= from.masked && at->offset == from.offset && at->mask == from.mask;
    at->arch &= from.arch && at->audit == from.audit;
    if (from.first < at->first) at->first = from.first;
    if (from.last > at->last) at->last = from.last;
}

// Where A is the number: what the comparison leaves of it on its two ways. An empty rest is never reached.
static void narrow(const struct sock_filter *i, struct known *yes, struct known *no) {
    const uint32_t k = i->k;
    switch (i->code) {
    case BPF_JMP | BPF_JEQ | BPF_K:
        if (k < yes->first || k > yes->last) return;
        yes->first = yes->last = k;
        if (no->first == k && k < no->last) no->first++;
        if (no->last == k && k > no->first) no->last--;
        return;
    case BPF_JMP | BPF_JGE | BPF_K:
        if (yes->first < k && k <= yes->last) yes->first = k;
        if (k > no->first && no->last >= k) no->last = k - 1;
        return;
    case BPF_JMP | BPF_JGT | BPF_K:
        if (yes->first <= k && k < yes->last) yes->first = k + 1;
        if (k >= no->first && no->last > k) no->last = k;
        return;
    default:
        if (i->code == (BPF_JMP | BPF_JSET | BPF_K) && k == X32_BIT && no->first < k && no->last >= k) no->last = k - 1;
        return;
    }
}

static struct known after(const struct known *at, const struct sock_filter *i) {
    struct known next = *at;
    switch (BPF_CLASS(i->code)) {
    case BPF_LD:
        next.word = i->code == (BPF_LD | BPF_W | BPF_ABS);
        next.masked = false;
        next.offset = (uint8_t)i->k;
        break;
    case BPF_ALU:
        next.masked = i->code == (BPF_ALU | BPF_AND | BPF_K) && (next.word || next.masked);
        next.mask = next.masked && !next.word ? next.mask & i->k : i->k;
        next.word = false;
        break;
    case BPF_MISC:
        next.word &= i->code != (BPF_MISC | BPF_TXA);
        next.masked &= i->code != (BPF_MISC | BPF_TXA);
        break;
    default:
        break;
    }
    return next;
}

static void walk(const struct program *p, struct known *known) {
    known[0] = (struct known){.reached = true, .last = UINT32_MAX};
    for (uint32_t pc = 0; pc < p->count; pc++) {
        const struct sock_filter *i = &p->code[pc];
        if (!known[pc].reached || BPF_CLASS(i->code) == BPF_RET) continue;
        if (BPF_CLASS(i->code) != BPF_JMP) {
            join(&known[pc + 1], after(&known[pc], i));
        } else if (BPF_OP(i->code) == BPF_JA) {
            join(&known[pc + 1 + i->k], known[pc]);
        } else {
            struct known yes = known[pc], no = known[pc];
            if (yes.word && yes.offset == NUMBER_OFFSET) narrow(i, &yes, &no);
            if (yes.word && yes.offset == ARCH_OFFSET && i->code == (BPF_JMP | BPF_JEQ | BPF_K)) {
                yes.arch = true;
                yes.audit = i->k;
            }
            join(&known[pc + 1 + i->jt], yes);
            join(&known[pc + 1 + i->jf], no);
        }
    }
}

// The ABI of an audit number; of two that share it, the one to which the call's number belongs.
static enum abi_id abi_of(uint32_t audit, uint32_t number) {
    for (int pass = 0; pass < 2; pass++)
        for (int i = 0; i < ABI_COUNT; i++)
            if (abis[i].audit_arch == audit && (pass == 1 || abis[i].number_base == (number & X32_BIT)))
                return (enum abi_id)i;
    return ABI_NONE;
}

static void write_word(bool big_endian, uint32_t offset, struct text *t) {
    const bool second = offset % 8 != 0;
    if (offset == NUMBER_OFFSET)
        text_add(t, "number");
    else if (offset == ARCH_OFFSET)
        text_add(t, "arch");
    else if (offset < ARGUMENT_OFFSET)
        text_add(t, "instruction pointer (%s)", second != big_endian ? "high" : "low");
    else
        text_add(t, "arg%u (%s)", (offset - ARGUMENT_OFFSET) / 8, second != big_endian ? "high" : "low");
}

// A number that A is compared with, as what A holds suggests.
static void write_constant(const struct known *at, uint32_t k, struct text *t) {
    if (at->word && at->offset == ARCH_OFFSET) {
        const enum abi_id abi = abi_of(k, 0);
        text_add(t, "#0x%x", k);
        if (abi != ABI_NONE) text_add(t, " (%s)", abis[abi].name);
    } else if (at->word && at->offset == NUMBER_OFFSET && k < X32_BIT) {
        const enum abi_id abi = at->arch ? abi_of(at->audit, k) : ABI_NONE;
        const syscall_id id = abi != ABI_NONE ? syscalls_at(abi, k) : SYSCALL_NONE;
        text_add(t, "#%u", k);
        if (id != SYSCALL_NONE) text_add(t, " (%s)", syscalls_name(id));
    } else {
        text_add(t, "#0x%x", k);
        const enum abi_id abi = at->word && at->offset == NUMBER_OFFSET && at->arch ? abi_of(at->audit, k) : ABI_NONE;
        const syscall_id id = abi != ABI_NONE ? syscalls_at(abi, k) : SYSCALL_NONE;
        if (id != SYSCALL_NONE) text_add(t, " (%s)", syscalls_name(id));
    }
}

static void write_jump(uint32_t pc, const struct sock_filter *i, const struct known *at, struct text *t) {
    static const char *const names[] = {"ja", "jeq", "jgt", "jge", "jset"};
    const unsigned op = BPF_OP(i->code) >> 4;
    text_add(t, "%s ", names[op]);
    if (op == 0) {
        text_add(t, "%u", pc + 1 + i->k);
        return;
    }
    if (BPF_SRC(i->code) == BPF_X)
        text_add(t, "x");
    else if (op == BPF_JSET >> 4)
        text_add(t, "#0x%x", i->k);
    else
        write_constant(at, i->k, t);
    text_add(t, ", %u, %u", pc + 1 + i->jt, pc + 1 + i->jf);
}

static void write_load(const struct program *p, const struct sock_filter *i, struct text *t) {
    text_add(t, BPF_CLASS(i->code) == BPF_LD ? "ld " : "ldx ");
    switch (BPF_MODE(i->code)) {
    case BPF_ABS:
        write_word(p->big_endian, i->k, t);
        break;
    case BPF_MEM:
        text_add(t, "M[%u]", i->k);
        break;
    case BPF_LEN:
        text_add(t, "#%zu (length)", sizeof(struct seccomp_data));
        break;
    default:
        text_add(t, "#0x%x", i->k);
    }
}

static void write_alu(const struct sock_filter *i, struct text *t) {
    static const char *const names[] = {"add", "sub", "mul", "div", "or", "and", "lsh", "rsh", "neg", "mod", "xor"};
    const unsigned op = BPF_OP(i->code) >> 4;
    text_add(t, "%s", names[op]);
    if (op == BPF_NEG >> 4) return;
    if (BPF_SRC(i->code) == BPF_X)
        text_add(t, " x");
    else
        text_add(t, " #0x%x", i->k);
}

// ---- Remarks: what an argument is called, and constants ----

// The call that is being decided, where that is one.
static syscall_id call_of(const struct known *at, enum abi_id *abi) {
    if (!at->arch || at->first != at->last) return SYSCALL_NONE;
    *abi = abi_of(at->audit, at->first);
    return *abi == ABI_NONE ? SYSCALL_NONE : syscalls_at(*abi, at->first);
}

static void remark_load(const struct sock_filter *i, const struct known *at, struct text *t) {
    enum abi_id abi = ABI_NONE;
    const syscall_id id = call_of(at, &abi);
    if (id == SYSCALL_NONE || i->code != (BPF_LD | BPF_W | BPF_ABS) || i->k < ARGUMENT_OFFSET) return;
    const struct parameter p = syscalls_parameter(abi, id, (i->k - (uint32_t)ARGUMENT_OFFSET) / 8);
    text_add(t, "  ; %s of %s", p.kind == PARAMETER_ABSENT ? "no parameter" : p.name, syscalls_name(id));
}

// Comparisons of the low word, which constants fit in.
static void remark_jump(bool big_endian, const struct sock_filter *i, const struct known *at, struct text *t) {
    enum abi_id abi = ABI_NONE;
    const syscall_id id = call_of(at, &abi);
    const bool low = at->offset >= ARGUMENT_OFFSET && (at->offset % 8 == 0) != big_endian;
    if (id == SYSCALL_NONE || !low || !(at->word || at->masked) || BPF_SRC(i->code) == BPF_X) return;
    const unsigned argument = (at->offset - (unsigned)ARGUMENT_OFFSET) / 8;
    char name[128];
    struct text word;
    text_start(&word, name, sizeof name);
    bool named = false;
    if (i->code == (BPF_JMP | BPF_JSET | BPF_K))
        named = naming_mask(abi, id, argument, i->k, &word);
    else if (i->code == (BPF_JMP | BPF_JEQ | BPF_K))
        named = naming_value(abi, id, argument, 32, at->masked ? at->mask : UINT32_MAX, i->k, &word);
    text_end(&word);
    if (named) text_add(t, "  ; %s", name);
}

static void write_remark(const struct program *p, const struct sock_filter *i, const struct known *at, struct text *t) {
    enum abi_id abi = ABI_NONE;
    const syscall_id id = call_of(at, &abi);
    if (BPF_CLASS(i->code) == BPF_LD) remark_load(i, at, t);
    if (BPF_CLASS(i->code) == BPF_JMP && BPF_OP(i->code) != BPF_JA) remark_jump(p->big_endian, i, at, t);
    if (i->code != (BPF_ALU | BPF_AND | BPF_K) || id == SYSCALL_NONE || !at->word || at->offset < ARGUMENT_OFFSET)
        return;
    char name[256];
    struct text word;
    text_start(&word, name, sizeof name);
    const bool named = (at->offset % 8 == 0) != p->big_endian &&
                       naming_mask(abi, id, (at->offset - (unsigned)ARGUMENT_OFFSET) / 8, i->k, &word);
    text_end(&word);
    if (named) text_add(t, "  ; %s", name);
}

static void write_instruction(const struct program *p, uint32_t pc, const struct known *at, struct text *t) {
    const struct sock_filter *i = &p->code[pc];
    switch (BPF_CLASS(i->code)) {
    case BPF_LD:
    case BPF_LDX:
        write_load(p, i, t);
        break;
    case BPF_ST:
    case BPF_STX:
        text_add(t, "%s M[%u]", BPF_CLASS(i->code) == BPF_ST ? "st" : "stx", i->k);
        break;
    case BPF_ALU:
        write_alu(i, t);
        break;
    case BPF_JMP:
        write_jump(pc, i, at, t);
        break;
    case BPF_RET:
        text_add(t, "ret ");
        if (BPF_RVAL(i->code) == BPF_A)
            text_add(t, "a");
        else
            action_write(action_of(i->k), t);
        break;
    default:
        text_add(t, i->code == (BPF_MISC | BPF_TAX) ? "tax" : "txa");
    }
}

static void disassemble_one(const struct program *p, struct text *t) {
    struct known known[BPF_LIMIT];
    memset(known, 0, sizeof known);
    walk(p, known);
    for (uint32_t pc = 0; pc < p->count; pc++) {
        text_add(t, "%04u: ", pc);
        write_instruction(p, pc, &known[pc], t);
        if (known[pc].reached)
            write_remark(p, &p->code[pc], &known[pc], t);
        else
            text_add(t, " (never reached)");
        text_add(t, "\n");
    }
}

void bpf_disassemble(const struct program *p, struct text *t) {
    const bool several = p->older != NULL;
    for (unsigned i = 0; p != NULL; p = p->older, i++) {
        if (several) text_add(t, "program %u:\n", i);
        disassemble_one(p, t);
    }
}
