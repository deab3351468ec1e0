// SPDX-License-Identifier: MIT
#include "lint_walk.h"

#include <stdlib.h>
#include <string.h>

enum kind {
    KIND_KNOWN, // k
    KIND_WORD,  // word & mask
    KIND_ANY,
};

struct value {
    enum kind kind;
    unsigned word;
    uint32_t mask, k;
};

struct walk_state {
    bool reached;
    struct value a, x, cells[BPF_MEMWORDS];
};

bool walk_start(struct walk *w, const struct sock_filter *code, size_t count) {
    *w = (struct walk){.code = code, .count = count};
    for (size_t i = 0; i < count; i++) {
        unsigned class = BPF_CLASS(code[i].code);
        bool stores = class == BPF_ST || class == BPF_STX;
        if (stores && code[i].k >= w->cells) w->cells = code[i].k + 1;
    }
    w->reached = calloc(count + 1, sizeof *w->reached);
    w->states = calloc(count + 1, sizeof *w->states);
    return w->reached != NULL && w->states != NULL;
}

void walk_end(struct walk *w) {
    free(w->reached);
    free(w->states);
    free(w->tests);
    *w = (struct walk){.count = 0};
}

void walk_forget(struct walk *w) {
    memset(w->reached, 0, w->count * sizeof *w->reached);
}

static struct value known_value(uint32_t k) {
    return (struct value){.kind = KIND_KNOWN, .k = k};
}

static struct value join(struct value v, struct value other) {
    bool same = v.kind == other.kind && v.word == other.word && v.mask == other.mask && v.k == other.k;
    return same ? v : (struct value){.kind = KIND_ANY};
}

static void flow(struct walk *w, size_t to, const struct walk_state *from) {
    struct walk_state *s = &w->states[to];
    if (!s->reached) {
        s->reached = true;
        s->a = from->a;
        s->x = from->x;
        memcpy(s->cells, from->cells, w->cells * sizeof *s->cells);
        return;
    }
    s->a = join(s->a, from->a);
    s->x = join(s->x, from->x);
    for (size_t i = 0; i < w->cells; i++)
        s->cells[i] = join(s->cells[i], from->cells[i]);
}

static struct value load(const struct walk_state *s, const struct sock_filter *i, unsigned known,
                         const uint32_t *words) {
    switch (BPF_MODE(i->code)) {
    case BPF_ABS: {
        unsigned word = i->k / 4;
        if (known >> word & 1) return known_value(words[word]);
        return (struct value){.kind = KIND_WORD, .word = word, .mask = UINT32_MAX};
    }
    case BPF_MEM:
        return s->cells[i->k];
    case BPF_LEN:
        return known_value(4 * WALK_WORDS);
    default:
        return known_value(i->k);
    }
}

// Division by zero ends a program with 0; the caller then sees no further state.
static bool compute(uint32_t *a, unsigned op, uint32_t operand) {
    switch (op) {
    case BPF_ADD:
        *a += operand;
        return true;
    case BPF_SUB:
        *a -= operand;
        return true;
    case BPF_MUL:
        *a *= operand;
        return true;
    case BPF_DIV:
        if (operand == 0) return false;
        *a /= operand;
        return true;
    case BPF_AND:
        *a &= operand;
        return true;
    case BPF_OR:
        *a |= operand;
        return true;
    case BPF_XOR:
        *a ^= operand;
        return true;
    case BPF_LSH:
        *a <<= operand % 32;
        return true;
    case BPF_RSH:
        *a >>= operand % 32;
        return true;
    default:
        *a = 0u - *a;
        return true;
    }
}

static struct value operand_of(const struct walk_state *s, const struct sock_filter *i) {
    return BPF_SRC(i->code) == BPF_X ? s->x : known_value(i->k);
}

static bool alu(struct walk *w, struct walk_state *s, const struct sock_filter *i) {
    struct value operand = operand_of(s, i);
    unsigned op = BPF_OP(i->code);
    if (s->a.kind == KIND_KNOWN && (operand.kind == KIND_KNOWN || op == BPF_NEG))
        return compute(&s->a.k, op, operand.k);
    if (s->a.kind == KIND_WORD && op == BPF_AND && operand.kind == KIND_KNOWN) {
        s->a.mask &= operand.k;
        return true;
    }
    w->computes = true;
    s->a = (struct value){.kind = KIND_ANY};
    return true;
}

static bool note_test(struct walk *w, struct value v, unsigned op, uint32_t k) {
    if (w->test_count == w->test_room) {
        size_t room = w->test_room == 0 ? 64 : 2 * w->test_room;
        struct walk_test *larger = realloc(w->tests, room * sizeof *larger);
        if (larger == NULL) return false;
        w->tests = larger;
        w->test_room = room;
    }
    w->tests[w->test_count++] = (struct walk_test){v.word, (uint16_t)op, v.mask, k};
    return true;
}

static bool holds(uint32_t a, unsigned op, uint32_t k) {
    switch (op) {
    case BPF_JEQ:
        return a == k;
    case BPF_JGE:
        return a >= k;
    case BPF_JGT:
        return a > k;
    default:
        return (a & k) != 0;
    }
}

static bool jump(struct walk *w, size_t pc, const struct walk_state *s) {
    const struct sock_filter *i = &w->code[pc];
    unsigned op = BPF_OP(i->code);
    if (op == BPF_JA) {
        flow(w, pc + 1 + i->k, s);
        return true;
    }
    struct value operand = operand_of(s, i);
    if (s->a.kind == KIND_KNOWN && operand.kind == KIND_KNOWN) {
        flow(w, pc + 1 + (holds(s->a.k, op, operand.k) ? i->jt : i->jf), s);
        return true;
    }
    flow(w, pc + 1 + i->jt, s);
    flow(w, pc + 1 + i->jf, s);
    if (s->a.kind == KIND_WORD && operand.kind == KIND_KNOWN) return note_test(w, s->a, op, operand.k);
    w->computes = true;
    return true;
}

static bool step(struct walk *w, size_t pc, unsigned known, const uint32_t *words) {
    struct walk_state s;
    s.a = w->states[pc].a;
    s.x = w->states[pc].x;
    memcpy(s.cells, w->states[pc].cells, w->cells * sizeof *s.cells);
    const struct sock_filter *i = &w->code[pc];
    switch (BPF_CLASS(i->code)) {
    case BPF_RET:
        return true;
    case BPF_JMP:
        return jump(w, pc, &s);
    case BPF_LD:
        s.a = load(&s, i, known, words);
        break;
    case BPF_LDX:
        s.x = load(&s, i, known, words);
        break;
    case BPF_ST:
        s.cells[i->k] = s.a;
        break;
    case BPF_STX:
        s.cells[i->k] = s.x;
        break;
    case BPF_ALU:
        if (!alu(w, &s, i)) return true;
        break;
    default:
        if (BPF_MISCOP(i->code) == BPF_TAX)
            s.x = s.a;
        else
            s.a = s.x;
    }
    flow(w, pc + 1, &s);
    return true;
}

bool walk_run(struct walk *w, unsigned known, const uint32_t words[WALK_WORDS]) {
    for (size_t pc = 0; pc < w->count; pc++)
        w->states[pc].reached = false;
    w->test_count = 0;
    w->computes = false;
    // Registers and cells start as 0; the kernel's check sees to it that no cell is read before it is written.
    struct walk_state first = {.a = known_value(0)};
    flow(w, 0, &first);
    for (size_t pc = 0; pc < w->count; pc++) {
        if (!w->states[pc].reached) continue;
        w->reached[pc] = true;
        if (!step(w, pc, known, words)) return false;
    }
    return true;
}
