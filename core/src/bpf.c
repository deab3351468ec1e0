// SPDX-License-Identifier: MIT
#include "bpf.h"

#include "error.h"
#include "memory.h"

#include <errno.h>
#include <limits.h>
#include <linux/seccomp.h>
#include <string.h>

enum {
    INSTRUCTION_BYTES = 8,
    SHIFT_LIMIT = 32,
    ALL_CELLS = (1 << BPF_MEMWORDS) - 1,
};

struct program *program_new(const struct sock_filter *code, size_t count, bool big_endian) {
    struct program *p = memory_new(1, sizeof *p);
    if (p == NULL) return NULL;
    p->code = memory_new(count, sizeof *code);
    if (p->code == NULL) {
        memory_free(p);
        return NULL;
    }
    if (count > 0) memcpy(p->code, code, count * sizeof *code);
    p->count = (uint32_t)count;
    p->big_endian = big_endian;
    return p;
}

void program_free(struct program *p) {
    while (p != NULL) {
        struct program *older = p->older;
        memory_free(p->code);
        memory_free(p);
        p = older;
    }
}

// ---- Validation ----------------------------------------------------------------------------------------------------

static bool is_conditional(uint16_t code) {
    switch (code) {
    case BPF_JMP | BPF_JEQ | BPF_K:
    case BPF_JMP | BPF_JEQ | BPF_X:
    case BPF_JMP | BPF_JGE | BPF_K:
    case BPF_JMP | BPF_JGE | BPF_X:
    case BPF_JMP | BPF_JGT | BPF_K:
    case BPF_JMP | BPF_JGT | BPF_X:
    case BPF_JMP | BPF_JSET | BPF_K:
    case BPF_JMP | BPF_JSET | BPF_X:
        return true;
    default:
        return false;
    }
}

// The reason why the kernel refuses a load, or NULL.
static const char *load_fault(const struct sock_filter *i) {
    if (i->code != (BPF_LD | BPF_W | BPF_ABS)) return NULL;
    if (i->k >= sizeof(struct seccomp_data)) return "loads from beyond the 64 bytes of seccomp_data";
    return (i->k & 3) != 0 ? "loads from an offset that is no multiple of 4" : NULL;
}

// Arithmetic with a constant. BPF_MOD is classic BPF, but not in seccomp's list.
static const char *alu_fault(const struct sock_filter *i) {
    switch (BPF_OP(i->code)) {
    case BPF_DIV:
        return i->k == 0 ? "divides by zero" : NULL;
    case BPF_LSH:
    case BPF_RSH:
        return i->k >= SHIFT_LIMIT ? "shifts by 32 bits or more" : NULL;
    default:
        return NULL;
    }
}

static const char *opcode_fault(const struct sock_filter *i) {
    switch (i->code) {
    case BPF_LD | BPF_W | BPF_ABS:
        return load_fault(i);
    case BPF_ALU | BPF_ADD | BPF_K: // NOLINT(misc-redundant-expression): both happen to be 0
    case BPF_ALU | BPF_SUB | BPF_K:
    case BPF_ALU | BPF_MUL | BPF_K:
    case BPF_ALU | BPF_DIV | BPF_K:
    case BPF_ALU | BPF_AND | BPF_K:
    case BPF_ALU | BPF_OR | BPF_K:
    case BPF_ALU | BPF_XOR | BPF_K:
    case BPF_ALU | BPF_LSH | BPF_K:
    case BPF_ALU | BPF_RSH | BPF_K:
        return alu_fault(i);
    case BPF_LD | BPF_MEM:
    case BPF_LDX | BPF_MEM:
    case BPF_ST:
    case BPF_STX:
        return i->k >= BPF_MEMWORDS ? "uses a memory cell beyond M[15]" : NULL;
    case BPF_RET | BPF_K:
    case BPF_RET | BPF_A:
    case BPF_ALU | BPF_ADD | BPF_X:
    case BPF_ALU | BPF_SUB | BPF_X:
    case BPF_ALU | BPF_MUL | BPF_X:
    case BPF_ALU | BPF_DIV | BPF_X:
    case BPF_ALU | BPF_AND | BPF_X:
    case BPF_ALU | BPF_OR | BPF_X:
    case BPF_ALU | BPF_XOR | BPF_X:
    case BPF_ALU | BPF_LSH | BPF_X:
    case BPF_ALU | BPF_RSH | BPF_X:
    case BPF_ALU | BPF_NEG:
    case BPF_LD | BPF_IMM:
    case BPF_LDX | BPF_IMM:
    case BPF_LD | BPF_W | BPF_LEN:
    case BPF_LDX | BPF_W | BPF_LEN:
    case BPF_MISC | BPF_TAX:
    case BPF_MISC | BPF_TXA:
    case BPF_JMP | BPF_JA:
        return NULL;
    default:
        return is_conditional(i->code) ? NULL : "is not one that seccomp takes";
    }
}

static const char *jump_fault(const struct sock_filter *i, size_t left) {
    if (i->code == (BPF_JMP | BPF_JA)) return i->k >= left ? "jumps beyond the end" : NULL;
    if (!is_conditional(i->code)) return NULL;
    return i->jt >= left || i->jf >= left ? "jumps beyond the end" : NULL;
}

// A cell of M[] may be read only where every way to the read has written it. As the kernel's check does it, the cells
// known after a return flow on to the next instruction. `cells` has what may be relied on at each instruction.
static const char *memory_fault(const struct sock_filter *code, size_t count, uint16_t *cells, size_t *at) {
    uint16_t known = 0;
    memset(cells, 0xff, count * sizeof *cells);
    for (size_t pc = 0; pc < count; pc++) {
        const struct sock_filter *i = &code[pc];
        known &= cells[pc];
        if (i->code == BPF_ST || i->code == BPF_STX) {
            known = (uint16_t)(known | 1u << i->k);
        } else if (i->code == (BPF_LD | BPF_MEM) || i->code == (BPF_LDX | BPF_MEM)) {
            *at = pc;
            if ((known >> i->k & 1) == 0) return "reads a memory cell that not every way to it has written";
        } else if (i->code == (BPF_JMP | BPF_JA)) {
            cells[pc + 1 + i->k] &= known;
            known = ALL_CELLS;
        } else if (is_conditional(i->code)) {
            cells[pc + 1 + i->jt] &= known;
            cells[pc + 1 + i->jf] &= known;
            known = ALL_CELLS;
        }
    }
    return NULL;
}

static int refuse(struct error *e, size_t at, const struct sock_filter *code, const char *fault) {
    return error_set(e, EINVAL, "instruction %zu (code 0x%x, jt %u, jf %u, k 0x%x) %s", at, code[at].code, code[at].jt,
                     code[at].jf, code[at].k, fault);
}

int bpf_validate(const struct sock_filter *code, size_t count, struct error *e) {
    if (count == 0) return error_set(e, EINVAL, "the program is empty");
    if (count > BPF_LIMIT)
        return error_set(e, EINVAL, "the program has %zu instructions, the kernel's limit is %d", count, BPF_LIMIT);
    for (size_t pc = 0; pc < count; pc++) {
        const char *fault = opcode_fault(&code[pc]);
        if (fault == NULL) fault = jump_fault(&code[pc], count - pc - 1);
        if (fault != NULL) return refuse(e, pc, code, fault);
    }
    if (BPF_CLASS(code[count - 1].code) != BPF_RET) return refuse(e, count - 1, code, "is the last and no return");
    uint16_t cells[BPF_LIMIT];
    size_t at = 0;
    const char *fault = memory_fault(code, count, cells, &at);
    return fault != NULL ? refuse(e, at, code, fault) : 0;
}

// ---- Interpreter ---------------------------------------------------------------------------------------------------

struct bpf_input bpf_input(bool big_endian, uint32_t arch, uint32_t number, uint64_t ip, const uint64_t args[6]) {
    struct bpf_input input = {.word = {number, arch}};
    const int high = big_endian ? 0 : 1;
    for (int i = 0; i < 7; i++) {
        const uint64_t value = i == 0 ? ip : args[i - 1];
        input.word[2 + 2 * i + high] = (uint32_t)(value >> 32);
        input.word[2 + 2 * i + 1 - high] = (uint32_t)value;
    }
    return input;
}

struct machine {
    uint32_t a, x;
    uint32_t cell[BPF_MEMWORDS];
};

// False: a division by zero, which ends the program with 0, as in the kernel. Shifts take 5 bits of X.
static bool alu(struct machine *m, const struct sock_filter *i) {
    const uint32_t operand = BPF_SRC(i->code) == BPF_X ? m->x : i->k;
    switch (BPF_OP(i->code)) {
    case BPF_ADD:
        m->a += operand;
        break;
    case BPF_SUB:
        m->a -= operand;
        break;
    case BPF_MUL:
        m->a *= operand;
        break;
    case BPF_DIV:
        if (operand == 0) return false;
        m->a /= operand;
        break;
    case BPF_AND:
        m->a &= operand;
        break;
    case BPF_OR:
        m->a |= operand;
        break;
    case BPF_XOR:
        m->a ^= operand;
        break;
    case BPF_LSH:
        m->a <<= operand % SHIFT_LIMIT;
        break;
    case BPF_RSH:
        m->a >>= operand % SHIFT_LIMIT;
        break;
    default:
        m->a = 0u - m->a;
    }
    return true;
}

// The distance to the next instruction, less one.
static uint32_t jump(const struct machine *m, const struct sock_filter *i) {
    const uint32_t operand = BPF_SRC(i->code) == BPF_X ? m->x : i->k;
    switch (BPF_OP(i->code)) {
    case BPF_JEQ:
        return m->a == operand ? i->jt : i->jf;
    case BPF_JGE:
        return m->a >= operand ? i->jt : i->jf;
    case BPF_JGT:
        return m->a > operand ? i->jt : i->jf;
    case BPF_JSET:
        return (m->a & operand) != 0 ? i->jt : i->jf;
    default:
        return i->k;
    }
}

static uint32_t load(const struct machine *m, const struct sock_filter *i, const struct bpf_input *input) {
    switch (BPF_MODE(i->code)) {
    case BPF_ABS:
        return input->word[i->k / 4];
    case BPF_MEM:
        return m->cell[i->k];
    case BPF_LEN:
        return sizeof(struct seccomp_data);
    default:
        return i->k;
    }
}

uint32_t bpf_run(const struct program *p, const struct bpf_input *input, unsigned *executed) {
    struct machine m = {0};
    unsigned steps = 0;
    uint32_t verdict = 0;
    for (const struct sock_filter *i = p->code;; i++) {
        steps++;
        const unsigned class = BPF_CLASS(i->code);
        if (class == BPF_JMP) {
            i += jump(&m, i);
        } else if (class == BPF_LD) {
            m.a = load(&m, i, input);
        } else if (class == BPF_RET) {
            verdict = BPF_RVAL(i->code) == BPF_A ? m.a : i->k;
            break;
        } else if (class == BPF_ALU) {
            if (!alu(&m, i)) break;
        } else if (class == BPF_LDX) {
            m.x = load(&m, i, input);
        } else if (class == BPF_ST || class == BPF_STX) {
            m.cell[i->k] = class == BPF_ST ? m.a : m.x;
        } else if (i->code == (BPF_MISC | BPF_TAX)) {
            m.x = m.a;
        } else {
            m.a = m.x;
        }
    }
    if (executed != NULL) *executed = steps;
    return verdict;
}

// The kernel compares actions as signed numbers, so that KILL_PROCESS is the least, and takes a later program's verdict
// only where it is less.
uint32_t bpf_stricter(uint32_t a, uint32_t b) {
    return (int32_t)(b & SECCOMP_RET_ACTION_FULL) < (int32_t)(a & SECCOMP_RET_ACTION_FULL) ? b : a;
}

uint32_t bpf_decide(const struct program *p, const struct bpf_input *input) {
    uint32_t verdict = SECCOMP_RET_ALLOW;
    for (; p != NULL; p = p->older)
        verdict = bpf_stricter(verdict, bpf_run(p, input, NULL));
    return verdict;
}

// ---- Bytes ---------------------------------------------------------------------------------------------------------

static void encode(const struct sock_filter *i, bool big_endian, unsigned char *b) {
    b[2] = i->jt;
    b[3] = i->jf;
    for (int n = 0; n < 2; n++)
        b[big_endian ? 1 - n : n] = (unsigned char)(i->code >> 8 * n);
    for (int n = 0; n < 4; n++)
        b[4 + (big_endian ? 3 - n : n)] = (unsigned char)(i->k >> 8 * n);
}

// What does not fit is left out, a part of an instruction too.
int64_t bpf_to_bytes(const struct program *p, void *buffer, uint64_t size) {
    unsigned char *to = buffer;
    for (uint32_t n = 0; n < p->count && (uint64_t)(n + 1) * INSTRUCTION_BYTES <= size; n++)
        encode(&p->code[n], p->big_endian, to + (size_t)n * INSTRUCTION_BYTES);
    return (int64_t)p->count * INSTRUCTION_BYTES;
}

static struct sock_filter decode(const unsigned char *b, bool big_endian) {
    struct sock_filter i = {.jt = b[2], .jf = b[3]};
    if (big_endian) {
        i.code = (uint16_t)(b[0] << 8 | b[1]);
        i.k = (uint32_t)b[4] << 24 | (uint32_t)b[5] << 16 | (uint32_t)b[6] << 8 | b[7];
    } else {
        i.code = (uint16_t)(b[1] << 8 | b[0]);
        i.k = (uint32_t)b[7] << 24 | (uint32_t)b[6] << 16 | (uint32_t)b[5] << 8 | b[4];
    }
    return i;
}

// A valid program ends with a return, whose code has one byte that is 0 and one that is not. The order is thus known
// before anything else is looked at; where neither fits, the program is invalid in both and read as little-endian.
static bool is_big_endian(const unsigned char *last) {
    return last[0] == 0 && BPF_CLASS(last[1]) == BPF_RET;
}

int bpf_from_bytes(const void *bytes, uint64_t size, struct program **out, struct error *e) {
    const unsigned char *from = bytes;
    const uint64_t count = size / INSTRUCTION_BYTES;
    if (size == 0) return error_set(e, EINVAL, "the program is empty");
    if (size % INSTRUCTION_BYTES != 0)
        return error_set(e, EINVAL, "a program is a multiple of 8 bytes long, not %llu", (unsigned long long)size);
    if (count > BPF_LIMIT)
        return error_set(e, EINVAL, "the program has %llu instructions, the kernel's limit is %d",
                         (unsigned long long)count, BPF_LIMIT);
    struct sock_filter code[BPF_LIMIT];
    const bool big_endian = is_big_endian(from + size - INSTRUCTION_BYTES);
    for (size_t n = 0; n < count; n++)
        code[n] = decode(from + n * INSTRUCTION_BYTES, big_endian);
    const int r = bpf_validate(code, count, e);
    if (r < 0) return r;
    *out = program_new(code, count, big_endian);
    return *out != NULL ? 0 : error_memory(e);
}
