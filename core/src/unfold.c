// SPDX-License-Identifier: MIT
//
// The way of a call through the programs is followed with arch and number in intervals and nothing known of the
// arguments. It forks at comparisons of arguments; what follows a fork does not depend on the way to it, so each place
// is looked at once, in each state of the registers. Where the programs compare arch or number and the interval lies on
// both sides, the caller cuts it. All programs of a process are one: a return goes on to the next program, with the
// strictest verdict so far.
#include "unfold.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <string.h>

#include "action.h"
#include "memory.h"

enum {
    NODES = 32768,          // places in all; what needs more is told as unsure
    OPAQUE = BOX_WORDS,     // as the word of an accumulator: computed beyond what one can say
    ASKING = BOX_WORDS + 1, // the same from arch or number, which would be known with one value each
    LIVE_A = 1 << BPF_MEMWORDS,
    LIVE_X = 2 << BPF_MEMWORDS,
};

#define NONE UINT32_MAX
#define BUDGET UINT64_C(20000000)     // boxes compared and instructions followed, in all: about 200 ms
#define LIST_BUDGET UINT64_C(2000000) // for one list

// What comes of an instruction, on all ways from it.
struct outlook {
    uint32_t live;      // memory cells, and the two registers
    uint32_t strictest; // verdict that may come
    bool looks;         // at arch or number
};

struct state {
    uint32_t pc;      // in all programs, one after the other
    uint32_t verdict; // the strictest of the programs before
    struct word arch, number;
    struct accumulator a, x, cell[BPF_MEMWORDS];
};

struct node {
    struct state at;
    const struct cases *cases; // NULL: not known yet
    uint32_t next;             // of the same hash
};

struct unfolding {
    struct program all; // the code of all programs
    struct outlook *outlook;
    uint32_t *start; // of the program behind the one that an instruction is in; 0: there is none
    struct cases_store store;
    struct node *nodes;
    size_t node_count, node_room;
    uint32_t heads[4096];
    uint32_t *stack;
    size_t stack_count, stack_room;
    uint64_t limit; // of store.steps for the present list
};

// What one comes to.
enum arrival {
    ENDS,  // in a verdict
    FORKS, // at a comparison of an argument
    ASKS,  // for a cut of arch or number
};

// ---- All programs as one -------------------------------------------------------------------------------------------

static void join(struct outlook *o, const struct outlook *after) {
    o->live |= after->live;
    o->strictest = bpf_stricter(o->strictest, after->strictest);
    o->looks = o->looks || after->looks;
}

static uint32_t live_before(const struct sock_filter *i, uint32_t live) {
    switch (BPF_CLASS(i->code)) {
    case BPF_LD:
        live &= ~(uint32_t)LIVE_A;
        return BPF_MODE(i->code) == BPF_MEM ? live | 1u << i->k : live;
    case BPF_LDX:
        live &= ~(uint32_t)LIVE_X;
        return BPF_MODE(i->code) == BPF_MEM ? live | 1u << i->k : live;
    case BPF_ST:
        return (live & ~(1u << i->k)) | LIVE_A;
    case BPF_STX:
        return (live & ~(1u << i->k)) | LIVE_X;
    case BPF_ALU:
        return live | (BPF_SRC(i->code) == BPF_X && BPF_OP(i->code) != BPF_NEG ? LIVE_A | LIVE_X : LIVE_A);
    case BPF_MISC:
        if (i->code == (BPF_MISC | BPF_TAX)) return (live & ~(uint32_t)LIVE_X) | LIVE_A;
        return (live & ~(uint32_t)LIVE_A) | LIVE_X;
    default:
        return live;
    }
}

static struct outlook look(const struct unfolding *u, uint32_t pc) {
    const struct sock_filter *i = &u->all.code[pc];
    const struct outlook none = {.strictest = SECCOMP_RET_ALLOW};
    const struct outlook next = u->start[pc] != 0 ? u->outlook[u->start[pc]] : none;
    struct outlook o = none;
    switch (BPF_CLASS(i->code)) {
    case BPF_RET:
        o = next;
        o.live = BPF_RVAL(i->code) == BPF_A ? LIVE_A : 0;
        o.strictest = bpf_stricter(o.strictest, BPF_RVAL(i->code) == BPF_A ? SECCOMP_RET_KILL_PROCESS : i->k);
        return o;
    case BPF_JMP:
        if (BPF_OP(i->code) == BPF_JA) return u->outlook[pc + 1 + i->k];
        o = u->outlook[pc + 1 + i->jt];
        join(&o, &u->outlook[pc + 1 + i->jf]);
        o.live |= BPF_SRC(i->code) == BPF_X ? LIVE_A | LIVE_X : LIVE_A;
        return o;
    default:
        o = u->outlook[pc + 1];
        o.live = live_before(i, o.live);
        if (i->code == (BPF_LD | BPF_W | BPF_ABS)) o.looks = o.looks || i->k < 8;
        // A division by zero returns 0 and may do so here.
        if (i->code == (BPF_ALU | BPF_DIV | BPF_X)) {
            o.strictest = bpf_stricter(bpf_stricter(o.strictest, SECCOMP_RET_KILL_THREAD), next.strictest);
            o.looks = o.looks || next.looks;
        }
        return o;
    }
}

struct unfolding *unfolding_new(const struct program *programs) {
    size_t count = 0;
    const struct program *each = programs;
    do {
        count += each->count;
        each = each->older;
    } while (each != NULL);
    struct unfolding *u = memory_new(1, sizeof *u);
    if (u == NULL) return NULL;
    u->all = (struct program){.code = memory_new(count, sizeof *u->all.code), .big_endian = programs->big_endian};
    u->outlook = memory_new(count, sizeof *u->outlook);
    u->start = memory_new(count, sizeof *u->start);
    if (u->all.code == NULL || u->outlook == NULL || u->start == NULL) {
        unfolding_free(u);
        return NULL;
    }
    for (const struct program *p = programs; p != NULL; p = p->older) {
        memcpy(&u->all.code[u->all.count], p->code, p->count * sizeof *p->code);
        for (uint32_t i = 0; i < p->count && p->older != NULL; i++)
            u->start[u->all.count + i] = u->all.count + p->count;
        u->all.count += p->count;
    }
    for (uint32_t pc = u->all.count; pc-- > 0;)
        u->outlook[pc] = look(u, pc);
    memset(u->heads, 0xff, sizeof u->heads);
    return u;
}

void unfolding_free(struct unfolding *u) {
    if (u == NULL) return;
    memory_free(u->all.code);
    memory_free(u->outlook);
    memory_free(u->start);
    memory_free(u->nodes);
    memory_free(u->stack);
    cases_free(&u->store);
    memory_free(u);
}

// ---- Registers -----------------------------------------------------------------------------------------------------

static struct accumulator constant(uint32_t k) {
    return (struct accumulator){.flip = k};
}

static bool is_constant(const struct accumulator *a) {
    return a->mask == 0;
}

static bool is_form(const struct accumulator *a) {
    return a->word < BOX_WORDS;
}

// What cannot be said: of arch and number it could be, if they had one value.
static struct accumulator beyond(const struct accumulator *a, const struct accumulator *b) {
    const bool asking = (a->mask != 0 && (a->word < BOX_IP || a->word == ASKING)) ||
                        (b->mask != 0 && (b->word < BOX_IP || b->word == ASKING));
    return (struct accumulator){.word = asking ? ASKING : OPAQUE, .mask = UINT32_MAX};
}

static struct accumulator load(const struct unfolding *u, const struct state *s, const struct sock_filter *i) {
    switch (BPF_MODE(i->code)) {
    case BPF_ABS:
        break;
    case BPF_MEM:
        return s->cell[i->k];
    case BPF_LEN:
        return constant(sizeof(struct seccomp_data));
    default:
        return constant(i->k);
    }
    const uint32_t word = accumulator_word(&u->all, i->k);
    if (word == BOX_NUMBER && s->number.lo == s->number.hi) return constant(s->number.lo);
    if (word == BOX_ARCH && s->arch.lo == s->arch.hi) return constant(s->arch.lo);
    return (struct accumulator){word, UINT32_MAX, 0};
}

// The sum of constants, by the interpreter itself.
static uint32_t compute(uint32_t a, const struct sock_filter *i, uint32_t operand) {
    const struct sock_filter code[] = {{BPF_LD | BPF_IMM, 0, 0, a},
                                       {(uint16_t)(BPF_ALU | BPF_OP(i->code)), 0, 0, operand},
                                       {BPF_RET | BPF_A, 0, 0, 0}};
    const struct bpf_input nothing = {{0}};
    // Shifts by a register take its five low bits.
    struct sock_filter copy[3];
    memcpy(copy, code, sizeof copy);
    if (BPF_OP(i->code) == BPF_LSH || BPF_OP(i->code) == BPF_RSH) copy[1].k %= 32;
    return bpf_run(&(struct program){.code = copy, .count = 3}, &nothing, NULL);
}

static struct accumulator alu(const struct accumulator *a, const struct sock_filter *i, const struct accumulator *x) {
    const unsigned op = BPF_OP(i->code);
    struct accumulator operand = BPF_SRC(i->code) == BPF_X && op != BPF_NEG ? *x : constant(i->k);
    struct accumulator result = *a;
    if (is_constant(a) && is_constant(&operand)) return constant(compute(a->flip, i, operand.flip));
    // The operations that a form may take do not mind the order.
    if (is_constant(a) && is_form(&operand) && op != BPF_SUB) {
        result = operand;
        operand = *a;
    }
    const struct sock_filter plain = {.code = (uint16_t)(BPF_ALU | op), .k = operand.flip};
    if (is_constant(&operand) && is_form(&result) && accumulator_compute(&result, &plain)) {
        if (result.mask == 0) result.word = 0;
        return result;
    }
    return beyond(a, &operand);
}

// ---- Following -----------------------------------------------------------------------------------------------------

struct comparison_at {
    uint32_t word;
    struct measure measure;
    unsigned accept;
    uint32_t yes, no; // where it goes
};

// A comparison with X, turned so that the other side is a constant.
static bool turn(const struct state *s, const struct sock_filter *i, struct comparison_at *c) {
    const struct sock_filter plain = {.code = i->code & (uint16_t)~BPF_X, .k = s->x.flip};
    if (is_constant(&s->x) && is_form(&s->a)) {
        c->word = s->a.word;
        c->measure = accumulator_compare(&s->a, &plain, &c->accept);
        return true;
    }
    if (!is_constant(&s->a) || !is_form(&s->x)) return false;
    const struct sock_filter turned = {.code = plain.code, .k = s->a.flip};
    c->word = s->x.word;
    c->measure = accumulator_compare(&s->x, &turned, &c->accept);
    if (BPF_OP(i->code) == BPF_JGT) c->accept = OUTCOME_LESS;
    if (BPF_OP(i->code) == BPF_JGE) c->accept = OUTCOME_LESS | OUTCOME_EQUAL;
    return true;
}

// False where that cannot be said of one word.
static bool compare(const struct state *s, const struct sock_filter *i, struct comparison_at *c) {
    c->yes = s->pc + 1 + i->jt;
    c->no = s->pc + 1 + i->jf;
    if (BPF_SRC(i->code) == BPF_X) return turn(s, i, c);
    c->word = s->a.word;
    c->measure = accumulator_compare(&s->a, i, &c->accept);
    return is_form(&s->a);
}

static struct word range_of(const struct state *s, uint32_t word) {
    if (word == BOX_NUMBER) return s->number;
    return word == BOX_ARCH ? s->arch : word_all();
}

// One program returns. True where that is the end.
static bool returns(const struct unfolding *u, struct state *s, uint32_t verdict) {
    const uint32_t next = u->start[s->pc];
    s->verdict = bpf_stricter(s->verdict, verdict);
    if (next == 0 || (s->verdict & SECCOMP_RET_ACTION_FULL) == SECCOMP_RET_KILL_PROCESS) return true;
    s->pc = next;
    s->a = s->x = constant(0);
    return false;
}

static enum arrival unsure(const struct unfolding *u, struct state *s, bool *is_unsure) {
    s->verdict = bpf_stricter(s->verdict, u->outlook[s->pc].strictest);
    *is_unsure = true;
    return ENDS;
}

// A return or a division by X. GO_ON is told by `false`.
static bool stops(const struct unfolding *u, struct state *s, const struct sock_filter *i, enum arrival *how,
                  bool *is_unsure) {
    const bool divides = i->code == (BPF_ALU | BPF_DIV | BPF_X);
    const struct accumulator *of = divides ? &s->x : &s->a;
    *how = ENDS;
    if (i->code == (BPF_RET | BPF_K)) return returns(u, s, i->k);
    if (is_constant(of)) {
        if (!divides) return returns(u, s, of->flip);
        if (of->flip == 0) return returns(u, s, SECCOMP_RET_KILL_THREAD);
        s->a = alu(&s->a, i, &s->x);
        s->pc++;
        return false;
    }
    if (of->word < BOX_IP || of->word == ASKING)
        *how = ASKS;
    else
        *how = unsure(u, s, is_unsure);
    return true;
}

static bool jumps(struct unfolding *u, struct state *s, const struct sock_filter *i, enum arrival *how, bool *is_unsure,
                  struct comparison_at *c) {
    if (BPF_OP(i->code) == BPF_JA) {
        s->pc += 1 + i->k;
        return false;
    }
    if (!compare(s, i, c)) {
        const bool with_x = BPF_SRC(i->code) == BPF_X;
        const struct accumulator about = beyond(&s->a, with_x ? &s->x : &s->a);
        *how = ASKS;
        if (about.word != ASKING) *how = unsure(u, s, is_unsure);
        c->word = BOX_WORDS;
        return true;
    }
    const struct word w = range_of(s, c->word);
    const unsigned outcome = word_compare(&w, &c->measure);
    if ((outcome & c->accept) != 0 && (outcome & ~c->accept) != 0) {
        *how = c->word < BOX_IP ? ASKS : FORKS;
        return true;
    }
    s->pc = (outcome & c->accept) != 0 ? c->yes : c->no;
    return false;
}

static void moves(const struct unfolding *u, struct state *s, const struct sock_filter *i) {
    switch (BPF_CLASS(i->code)) {
    case BPF_LD:
        s->a = load(u, s, i);
        break;
    case BPF_LDX:
        s->x = load(u, s, i);
        break;
    case BPF_ST:
        s->cell[i->k] = s->a;
        break;
    case BPF_STX:
        s->cell[i->k] = s->x;
        break;
    case BPF_ALU:
        s->a = alu(&s->a, i, &s->x);
        break;
    default:
        if (i->code == (BPF_MISC | BPF_TAX))
            s->x = s->a;
        else
            s->a = s->x;
    }
    s->pc++;
}

// Goes on to the next fork or to the end. After FORKS and ASKS, *c is the comparison; c->word is BOX_WORDS where it is
// none.
static enum arrival follow(struct unfolding *u, struct state *s, struct comparison_at *c, bool *is_unsure) {
    enum arrival how = ENDS;
    *is_unsure = false;
    for (;;) {
        const struct sock_filter *i = &u->all.code[s->pc];
        if (++u->store.steps > u->limit) return unsure(u, s, is_unsure);
        c->word = BOX_WORDS;
        if (BPF_CLASS(i->code) == BPF_RET || i->code == (BPF_ALU | BPF_DIV | BPF_X)) {
            if (stops(u, s, i, &how, is_unsure)) return how;
        } else if (BPF_CLASS(i->code) == BPF_JMP) {
            if (jumps(u, s, i, &how, is_unsure, c)) return how;
        } else {
            moves(u, s, i);
        }
    }
}

// ---- Nodes ---------------------------------------------------------------------------------------------------------

// Forgets what nothing looks at any more, so that equal places are found to be equal.
static void forget(const struct unfolding *u, struct state *s) {
    const struct outlook *o = &u->outlook[s->pc];
    bool looks = o->looks;
    if ((o->live & LIVE_A) == 0) s->a = constant(0);
    if ((o->live & LIVE_X) == 0) s->x = constant(0);
    for (unsigned i = 0; i < BPF_MEMWORDS; i++)
        if ((o->live >> i & 1) == 0) s->cell[i] = constant(0);
    const struct accumulator *const registers[] = {&s->a, &s->x};
    for (unsigned i = 0; i < 2 + BPF_MEMWORDS; i++) {
        const struct accumulator *r = i < 2 ? registers[i] : &s->cell[i - 2];
        looks = looks || (r->mask != 0 && (r->word < BOX_IP || r->word == ASKING));
    }
    if (!looks) s->arch = s->number = word_all();
}

static uint32_t *head_of(struct unfolding *u, const struct state *s) {
    uint64_t hash = (uint64_t)s->pc << 32 ^ s->verdict;
    const uint32_t more[] = {s->a.word, s->a.mask, s->a.flip, s->x.flip, s->number.lo, s->arch.lo};
    for (size_t i = 0; i < sizeof more / sizeof more[0]; i++)
        hash = (hash ^ more[i]) * UINT64_C(0x9e3779b97f4a7c15) ^ hash >> 31;
    return &u->heads[(hash >> 40) % (sizeof u->heads / sizeof u->heads[0])];
}

// The node of a state, which is at a fork. 0, -ENOMEM or -E2BIG.
static int node_of(struct unfolding *u, struct state *s, uint32_t *out) {
    forget(u, s);
    uint32_t *head = head_of(u, s);
    for (uint32_t i = *head; i != NONE; i = u->nodes[i].next) {
        u->store.steps++;
        if (memcmp(&u->nodes[i].at, s, sizeof *s) != 0) continue;
        *out = i;
        return 0;
    }
    if (u->node_count == NODES) return -E2BIG;
    if (u->node_count == u->node_room && memory_grow(&u->nodes, &u->node_room, u->node_count + 1, sizeof *u->nodes) < 0)
        return -ENOMEM;
    u->nodes[u->node_count] = (struct node){.at = *s, .next = *head};
    *out = *head = (uint32_t)u->node_count++;
    return 0;
}

static int push(struct unfolding *u, uint32_t node) {
    if (u->stack_count == u->stack_room &&
        memory_grow(&u->stack, &u->stack_room, u->stack_count + 1, sizeof *u->stack) < 0)
        return -ENOMEM;
    u->stack[u->stack_count++] = node;
    return 0;
}

// As the kernel takes it: an errno beyond the largest is that, and an unknown action kills.
static uint32_t normal(uint32_t verdict) {
    if ((verdict & SECCOMP_RET_ACTION_FULL) == SECCOMP_RET_TRAP) return verdict; // its data is si_errno
    return action_verdict(action_of(verdict));
}

// The strictest verdict that may come from here, where the rest is not told.
static const struct cases *give_up(struct unfolding *u, const struct state *s) {
    const uint32_t verdict = bpf_stricter(s->verdict, u->outlook[s->pc].strictest);
    return cases_always(&u->store, normal(verdict), (verdict & SECCOMP_RET_ACTION_FULL) != SECCOMP_RET_ALLOW);
}

static const struct cases *end(struct unfolding *u, const struct state *s, bool is_unsure) {
    // Where even the strictest lets pass, all do.
    const bool passes = (s->verdict & SECCOMP_RET_ACTION_FULL) == SECCOMP_RET_ALLOW;
    return cases_always(&u->store, normal(s->verdict), is_unsure && !passes);
}

// The list of one side of a fork: 0 and *out, NULL where its node is not done and was pushed. 1: it asks, as in unfold.
static int side(struct unfolding *u, const struct state *from, uint32_t pc, const struct cases **out,
                struct state *asking, struct comparison_at *c) {
    struct state s = *from;
    bool is_unsure;
    s.pc = pc;
    *out = NULL;
    switch (follow(u, &s, c, &is_unsure)) {
    case ASKS:
        *asking = s;
        return 1;
    case FORKS: {
        uint32_t node;
        int r = node_of(u, &s, &node);
        if (r == 0 && (*out = u->nodes[node].cases) == NULL) return push(u, node);
        if (r != -E2BIG) return r;
        *out = give_up(u, &s);
        break;
    }
    case ENDS:
        *out = end(u, &s, is_unsure);
        break;
    }
    return *out == NULL ? -ENOMEM : 0;
}

// One look at a node: its list, or more to do before it on the stack.
static int visit(struct unfolding *u, uint32_t index, struct state *asking, struct comparison_at *c) {
    const struct state s = u->nodes[index].at;
    const struct cases *yes, *no;
    struct comparison_at here;
    struct cases_split split;
    if (!compare(&s, &u->all.code[s.pc], &here)) return -ENOMEM; // does not happen: it forks
    int r = side(u, &s, here.yes, &yes, asking, c);
    if (r == 0) r = side(u, &s, here.no, &no, asking, c);
    if (r != 0 || yes == NULL || no == NULL) return r;
    u->stack_count--;
    cases_compare(&split, here.word, &here.measure, here.accept);
    const struct cases *both = cases_choose(&u->store, &split, yes, no);
    if (both == NULL && u->store.error == -E2BIG) both = give_up(u, &s);
    u->nodes[index].cases = both;
    return both == NULL ? -ENOMEM : 0;
}

static int build(struct unfolding *u, struct state *s, const struct cases **out, struct state *asking,
                 struct comparison_at *c) {
    uint32_t root;
    int r = node_of(u, s, &root);
    if (r == -E2BIG) {
        *out = give_up(u, s);
        return *out == NULL ? -ENOMEM : 0;
    }
    u->stack_count = 0;
    if (r == 0) r = push(u, root);
    while (r == 0 && u->stack_count > 0) {
        const uint32_t top = u->stack[u->stack_count - 1];
        if (u->nodes[top].cases != NULL)
            u->stack_count--;
        else
            r = visit(u, top, asking, c);
    }
    if (r == 0) *out = u->nodes[root].cases;
    return r;
}

// ---- Asking --------------------------------------------------------------------------------------------------------

// At the top bit in which the ends differ, so that tests of bits come to be decided.
static unsigned halve(const struct word *w, struct word parts[3]) {
    const uint32_t bit = (UINT32_C(1) << 31) >> __builtin_clz(w->lo ^ w->hi);
    const uint32_t middle = w->hi & ~(bit - 1);
    parts[0] = word_range(w->lo, middle - 1);
    parts[1] = word_range(middle, w->hi);
    return 2;
}

static unsigned cut(const struct state *s, const struct comparison_at *c, unsigned *word, struct word parts[3]) {
    *word = c->word;
    if (c->word == BOX_WORDS) *word = s->number.lo != s->number.hi ? BOX_NUMBER : BOX_ARCH;
    const struct word w = range_of(s, *word);
    if (c->word == BOX_WORDS || c->measure.mask != UINT32_MAX || c->measure.flip != 0) return halve(&w, parts);
    return word_cut(&w, &c->measure, c->accept, parts);
}

int unfold(struct unfolding *u, const struct word *arch, const struct word *number, const struct cases **out,
           unsigned *word, struct word parts[3], unsigned *count) {
    struct state s = {.verdict = SECCOMP_RET_ALLOW, .arch = *arch, .number = *number}, asking;
    struct comparison_at c;
    bool is_unsure;
    u->limit = u->store.steps + LIST_BUDGET < BUDGET ? u->store.steps + LIST_BUDGET : BUDGET;
    u->store.budget = u->limit;
    *out = NULL;
    const enum arrival how = follow(u, &s, &c, &is_unsure);
    if (how == ENDS) {
        *out = end(u, &s, is_unsure);
        return *out == NULL ? -ENOMEM : 0;
    }
    asking = s;
    const int r = how == ASKS ? 1 : build(u, &s, out, &asking, &c);
    if (r == 1) *count = cut(&asking, &c, word, parts);
    return r;
}

const struct cases *unfold_unsure(struct unfolding *u) {
    const struct state start = {.verdict = SECCOMP_RET_ALLOW};
    return give_up(u, &start);
}

const struct cases *unfold_worst(struct unfolding *u, const struct cases *cases) {
    uint32_t verdict = SECCOMP_RET_ALLOW;
    for (; cases != NULL; cases = cases->next)
        verdict = bpf_stricter(verdict, cases->verdict);
    return cases_always(&u->store, normal(verdict), true);
}
