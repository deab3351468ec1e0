// SPDX-License-Identifier: MIT
//
// The program is walked with a box of inputs, which is cut only at a test that some of them pass and others not.
// At a return the rules are run over the box and cut it likewise. Boxes of six arguments multiply, so a claim is
// tried first wherever an argument is loaded (and, where that helps little, tested): that from here on the program does
// what the rules from a certain one on say, whatever the arguments are; any rule will do before which all are false on
// the box. Inputs on which a claim failed tell which other one may hold. What is proven once is never proven again;
// where no claim holds, the walk goes on with the box. The stack is explicit: a chain of rules nests as deep as it is
// long.
#include "prove.h"

#include <errno.h>

#include "accumulator.h"
#include "box.h"
#include "memory.h"
#include "numbers.h"
#include "text.h"

#define OPEN UINT32_MAX // no stretch yet: architecture and number are not decided

enum {
    DONE = 0,
    GO_ON = 1
};
enum {
    POINTS = 16,  // inputs that are kept
    WINDOW = 64,  // rules from which on a claim may count
    ATTEMPTS = 6, // claims that may fail at one place
    GUESS_AFTER = 4,
};

// What is known of the claims at `pc` about a stretch.
struct claims {
    uint32_t pc, stretch;
    struct accumulator a;
    uint32_t proven[2]; // the entries from this one on decide; NONE: nothing yet
    uint32_t tried;     // how many
    uint64_t failed;    // or being tried: 1 << entry % WINDOW
    bool used;
};

#define NONE UINT32_MAX

// What is still to be shown: from `pc` on the program does what the listed entries and then the verdict say.
struct goal {
    struct box box;
    uint32_t pc;
    struct accumulator a;
    uint32_t region, stretch;      // of the numbers, or OPEN
    uint32_t base;                 // the first entry that was listed at all
    uint32_t list, listed;         // in proof.list; entries themselves where `raw`
    uint32_t verdict, next;        // where no listed entry holds; the entry that says it, or the stretch's end
    uint32_t room;                 // of proof.list in use when this was pushed
    bool raw, stale, bound, tried; // stale: box cut since listing; bound: an argument is cut; tried: the claim here
    bool is_claim, fallback;       // a mark below the goals of a claim; what to show if it fails is in the rest
    uint32_t below;                // the next mark
    uint32_t entry;                // that the claim is about
};

struct proof {
    const struct program *program;
    const struct meaning *meaning;
    struct numbers numbers;
    struct goal *goals;
    size_t goal_count, goal_room;
    uint32_t *list;
    size_t list_count, list_room;
    struct claims *claims; // hash table, a power of two
    size_t claim_count, claim_size;
    uint32_t mark;             // index of the topmost mark + 1
    struct box points[POINTS]; // inputs on which claims failed, the latest ones
    size_t point_count;
    uint32_t guessed;          // the stretch that `guess` is about, or OPEN
    uint32_t guess[BPF_LIMIT]; // the first entry whose inputs come by an instruction
    uint32_t failing, failed;  // a stretch, and how many claims about it have failed
    uint64_t steps, budget;
    struct witness *witness;
    struct error *error;
};

static int refuse(const struct proof *p, uint32_t pc, const char *why) {
    return error_set(p->error, EBADMSG,
                     "the program cannot be proven: instruction %u %s; this is a bug in abjure, nothing was loaded", pc,
                     why);
}

static int push(struct proof *p, const struct goal *g) {
    if (memory_grow(&p->goals, &p->goal_room, p->goal_count + 1, sizeof *g) < 0) return error_memory(p->error);
    struct goal *top = &p->goals[p->goal_count++];
    *top = *g;
    top->room = (uint32_t)p->list_count;
    p->steps += 8; // what it costs, in tests of rulings
    return DONE;
}

static struct claims *claims_at(struct claims *table, size_t size, const struct claims *key) {
    uint64_t hash = ((uint64_t)key->stretch << 12 ^ key->pc) * UINT64_C(0x9e3779b97f4a7c15);
    for (size_t i = (size_t)(hash >> 32);; i++) {
        struct claims *slot = &table[i & (size - 1)];
        if (!slot->used || (slot->pc == key->pc && slot->stretch == key->stretch && slot->a.word == key->a.word &&
                            slot->a.mask == key->a.mask && slot->a.flip == key->a.flip))
            return slot;
    }
}

static struct claims *claims_of(struct proof *p, const struct goal *g) {
    if (2 * p->claim_count >= p->claim_size) {
        size_t size = p->claim_size ? 2 * p->claim_size : 64;
        struct claims *table = memory_new(size, sizeof *table);
        if (table == NULL) return NULL;
        for (size_t i = 0; i < p->claim_size; i++)
            if (p->claims[i].used) *claims_at(table, size, &p->claims[i]) = p->claims[i];
        memory_free(p->claims);
        p->claims = table;
        p->claim_size = size;
    }
    struct claims key = {.pc = g->pc, .stretch = g->stretch, .proven = {NONE, NONE}, .used = true};
    if (BPF_CLASS(p->program->code[g->pc].code) != BPF_LD) key.a = g->a; // a load overwrites it
    struct claims *c = claims_at(p->claims, p->claim_size, &key);
    if (!c->used) {
        *c = key;
        p->claim_count++;
    }
    return c;
}

static void write_call(const struct proof *p, const struct goal *g, bool arguments, struct text *t) {
    uint32_t arch = g->box.word[BOX_ARCH].lo, number = g->box.word[BOX_NUMBER].lo;
    const char *abi = NULL, *call = NULL;
    for (size_t i = 0; i < p->meaning->count && call == NULL; i++) {
        enum abi_id id = p->meaning->sets[i].abi;
        if (abis[id].audit_arch != arch) continue;
        abi = abis[id].name;
        syscall_id found = syscalls_at(id, number);
        if (found != SYSCALL_NONE) call = syscalls_name(found);
    }
    if (call)
        text_add(t, "%s", call);
    else
        text_add(t, "system call %u", number);
    for (unsigned i = 0; arguments && i < 6; i++)
        text_add(t, "%s0x%llx", i ? ", " : "(", (unsigned long long)box_argument(&g->box, i));
    if (arguments) text_add(t, ")");
    if (abi)
        text_add(t, " on %s", abi);
    else
        text_add(t, " on architecture 0x%x", arch);
}

static int difference(struct proof *p, const struct goal *g, uint32_t wanted, uint32_t got) {
    struct witness w = {.wanted = wanted, .got = got};
    w.arch = g->box.word[BOX_ARCH].lo;
    w.number = g->box.word[BOX_NUMBER].lo;
    // In seccomp_data a 64-bit value has its words in the order of the machine.
    unsigned low = p->program->big_endian ? BOX_IP + 1 : BOX_IP;
    w.ip = (uint64_t)g->box.word[low ^ 1u].lo << 32 | g->box.word[low].lo;
    for (unsigned i = 0; i < 6; i++)
        w.args[i] = box_argument(&g->box, i);
    if (p->witness) *p->witness = w;
    char buffer[ERROR_MESSAGE_SIZE / 2];
    struct text t;
    text_start(&t, buffer, sizeof buffer);
    write_call(p, g, true, &t);
    if (w.ip) text_add(&t, " from 0x%llx", (unsigned long long)w.ip);
    text_add(&t, ": the rules say ");
    action_write(action_of(wanted), &t);
    text_add(&t, ", the program ");
    action_write(action_of(got), &t);
    if (wanted != got) text_add(&t, " (0x%x, 0x%x)", wanted, got);
    text_end(&t);
    return error_set(p->error, EBADMSG, "program and rules differ: %s; this is a bug in abjure, nothing was loaded",
                     buffer);
}

// The innermost claim that this goal is part of has failed, and with it those that stood for the same inputs.
static int differ(struct proof *p, const struct goal *g, uint32_t wanted, uint32_t got) {
    while (p->mark != 0) {
        struct goal *mark = &p->goals[p->mark - 1];
        p->goal_count = p->mark;
        p->mark = mark->below;
        if (p->failing != mark->stretch) p->failed = 0;
        p->failing = mark->stretch;
        p->failed++;
        if (mark->fallback) {
            mark->is_claim = false;
            struct box *point = &p->points[p->point_count++ % POINTS];
            for (unsigned i = 0; i < BOX_WORDS; i++)
                point->word[i] = word_range(g->box.word[i].lo, g->box.word[i].lo);
            return DONE;
        }
    }
    return difference(p, g, wanted, got);
}

// Drops the entries that are false on the whole box, and those behind one that is true on it.
static int filter(struct proof *p, struct goal *g) {
    if (!g->stale || g->listed == 0) return DONE;
    size_t room = p->list_count + g->listed;
    if (room >= UINT32_MAX) return error_memory(p->error);
    if (memory_grow(&p->list, &p->list_room, room, sizeof *p->list) < 0) return error_memory(p->error);
    uint32_t *to = &p->list[p->list_count], count = 0;
    for (uint32_t i = 0; i < g->listed; i++) {
        uint32_t index = g->raw ? g->list + i : p->list[g->list + i];
        const struct entry *entry = &p->numbers.entries[index];
        const struct test *open;
        enum truth truth = box_tests(&g->box, entry->tests, entry->count, &open);
        if (truth == TRUTH_TRUE) {
            g->verdict = entry->verdict;
            g->next = index;
            break;
        }
        if (truth == TRUTH_OPEN) to[count++] = index;
    }
    p->steps += g->listed;
    g->list = (uint32_t)p->list_count;
    g->listed = count;
    g->raw = g->stale = false;
    p->list_count += count;
    return DONE;
}

static int push_parts(struct proof *p, struct goal *g, unsigned word, const struct word *parts, unsigned count) {
    if (word >= BOX_IP) g->bound = g->stale = true;
    for (unsigned i = 0; i < count; i++) {
        g->box.word[word] = parts[i];
        int r = push(p, g);
        if (r < 0) return r;
    }
    return DONE;
}

// Tells the stretches apart that the box reaches into. At a return, those without entries are decided at once.
static int split(struct proof *p, struct goal *g, const uint32_t *got) {
    const struct numbers *n = &p->numbers;
    struct word arch = g->box.word[BOX_ARCH], number = g->box.word[BOX_NUMBER];
    for (uint32_t i = 0; i < n->region_count; i++) {
        const struct region *r = &n->regions[i];
        g->box.word[BOX_ARCH] = arch;
        if (!word_clip(&g->box.word[BOX_ARCH], r->first, r->last)) continue;
        uint32_t end = r->stretch + r->stretches;
        for (uint32_t j = numbers_find(n, r, number.lo); j < end && n->stretches[j].first <= number.hi; j++) {
            const struct stretch *s = &n->stretches[j];
            p->steps++;
            g->box.word[BOX_NUMBER] = number;
            if (!word_clip(&g->box.word[BOX_NUMBER], s->first, s->last)) continue;
            if (got && s->entries == 0) {
                if (*got != s->verdict) return differ(p, g, s->verdict, *got);
                continue;
            }
            g->region = i;
            g->stretch = j;
            g->base = g->list = s->entry;
            g->listed = s->entries;
            g->verdict = s->verdict;
            g->next = s->entry + s->entries;
            g->raw = g->stale = true;
            int error = push(p, g);
            if (error < 0) return error;
        }
    }
    return DONE;
}

static uint32_t returned(struct proof *p, const struct claims *c, const struct box *input) {
    struct path path = {.pc = c->pc, .a = c->a, .input = input};
    p->steps += program_follow(p->program, &path, 0, NULL);
    return path.verdict;
}

// Of the claims about the entries from low..high on, as bits, those that one input contradicts. The lowest bit is
// that of `high`.
static uint64_t contradicted(struct proof *p, const struct stretch *s, uint32_t low, uint32_t high,
                             const struct box *point, uint32_t got) {
    const struct test *open;
    uint32_t at = high, end = s->entry + s->entries;
    const struct entry *entries = p->numbers.entries;
    while (at < end && box_tests(point, entries[at].tests, entries[at].count, &open) == TRUTH_FALSE)
        at++;
    p->steps += at - low;
    uint32_t verdict = at < end ? entries[at].verdict : s->verdict;
    uint64_t bits = verdict != got;
    for (uint32_t i = high; i-- > low;) {
        if (box_tests(point, entries[i].tests, entries[i].count, &open) != TRUTH_FALSE) verdict = entries[i].verdict;
        if (verdict != got) bits |= UINT64_C(1) << (high - i);
    }
    return bits;
}

// Some input that fulfils the entry's conditions.
static bool example(struct proof *p, const struct entry *entry, struct box *b) {
    p->steps += UINT64_C(2) * entry->count;
    return box_example(b, entry->tests, entry->count);
}

static void general_box(const struct proof *p, uint32_t region, uint32_t stretch, struct box *b) {
    const struct region *r = &p->numbers.regions[region];
    const struct stretch *s = &p->numbers.stretches[stretch];
    box_all(b);
    b->word[BOX_ARCH] = word_range(r->first, r->last);
    b->word[BOX_NUMBER] = word_range(s->first, s->last);
}

// An entry whose example an earlier one decides leaves no trace: it is where the program compares with its value.
static void guess_by_value(struct proof *p, uint32_t entry) {
    const struct program *program = p->program;
    const struct test *t = p->numbers.entries[entry].tests;
    if (p->numbers.entries[entry].count == 0) return;
    for (uint32_t pc = 0; pc < program->count; pc++)
        if (p->guess[pc] == entry) return;
    const uint32_t word = t->wide ? BOX_HIGH(t->argument) : BOX_LOW(t->argument);
    const uint32_t value = (uint32_t)(t->wide ? t->value >> 32 : t->value);
    for (uint32_t pc = 0; pc + 1 < program->count; pc++) {
        const struct sock_filter *i = &program->code[pc];
        if (i->code != (BPF_LD | BPF_W | BPF_ABS) || BPF_CLASS(i[1].code) != BPF_JMP) continue;
        // `> value` may be written `>= value + 1`.
        if (accumulator_word(program, i->k) != word || i[1].k - value > 1 || p->guess[pc] < entry) continue;
        p->guess[pc] = p->guess[pc + 1] = entry;
    }
    p->steps += program->count / 4;
}

// Finds where in the program the rules of a stretch begin.
static void guess(struct proof *p, uint32_t region, uint32_t stretch) {
    const struct stretch *s = &p->numbers.stretches[stretch];
    for (uint32_t i = 0; i < BPF_LIMIT; i++)
        p->guess[i] = NONE;
    p->guessed = stretch;
    for (uint32_t i = s->entry; i < s->entry + s->entries; i++) {
        struct box b;
        general_box(p, region, stretch, &b);
        struct path path = {.input = &b};
        if (example(p, &p->numbers.entries[i], &b)) p->steps += program_follow(p->program, &path, i, p->guess);
    }
    for (uint32_t i = s->entry; i < s->entry + s->entries; i++)
        guess_by_value(p, i);
}

// Does some input that fulfils all conditions of the entry but those on one argument contradict the claim?
static bool refuted(struct proof *p, uint32_t region, const struct claims *c, uint32_t entry) {
    const struct stretch *s = &p->numbers.stretches[c->stretch];
    struct box b;
    if (entry == s->entry + s->entries) return false;
    general_box(p, region, c->stretch, &b);
    if (!example(p, &p->numbers.entries[entry], &b)) return false;
    for (unsigned i = BOX_ARGUMENTS; i < BOX_WORDS; i += 2) {
        struct box other = b;
        other.word[i] = word_range(~b.word[i].lo, ~b.word[i].lo);
        other.word[i + 1] = word_range(~b.word[i + 1].lo, ~b.word[i + 1].lo);
        if (contradicted(p, s, entry, entry, &other, returned(p, c, &other))) return true;
    }
    return false;
}

static bool troubled(const struct proof *p, uint32_t stretch) {
    return p->failing == stretch && p->failed > GUESS_AFTER;
}

// The claim to try, or NONE: the last one that counts on the box, was not tried and is contradicted by no input. Where
// claims fail, the one that the program itself suggests.
static uint32_t choose(struct proof *p, const struct goal *g, struct claims *c, uint32_t first) {
    const struct stretch *s = &p->numbers.stretches[c->stretch];
    if (c->tried >= ATTEMPTS) return NONE;
    if (troubled(p, c->stretch)) {
        if (p->guessed != c->stretch) guess(p, g->region, c->stretch);
        uint32_t entry = p->guess[c->pc];
        if (entry < g->base || entry > first || c->failed >> entry % WINDOW & 1) return NONE;
        if (!refuted(p, g->region, c, entry)) return entry;
        c->failed |= UINT64_C(1) << entry % WINDOW;
        c->tried++;
        return NONE;
    }
    uint32_t low = first - g->base < WINDOW ? g->base : first - (WINDOW - 1);
    uint64_t out = 0;
    for (size_t i = 0; i < POINTS && i < p->point_count; i++) {
        const struct box *point = &p->points[i];
        if (!word_has(&point->word[BOX_NUMBER], s->first)) continue;
        out |= contradicted(p, s, low, first, point, returned(p, c, point));
    }
    for (uint32_t i = first;; i--) {
        if (!(out >> (first - i) & 1) && !(c->failed >> i % WINDOW & 1)) return i;
        if (i == low) return NONE;
    }
}

static bool same(const struct word *w, const struct word *v) {
    return w->lo == v->lo && w->hi == v->hi && w->known == v->known;
}

// Before an instruction: GO_ON with the box, or DONE, a claim being proven or its goals pushed.
static int claim(struct proof *p, struct goal *g) {
    const struct stretch *s = &p->numbers.stretches[g->stretch];
    struct claims *c = claims_of(p, g);
    if (c == NULL) return error_memory(p->error);
    uint32_t first = g->listed ? p->list[g->list] : g->next; // those from base up to it are false on the box
    for (int i = 0; i < 2; i++)
        if (c->proven[i] >= g->base && c->proven[i] <= first) return DONE;
    uint32_t entry = choose(p, g, c, first);
    if (entry == NONE) return GO_ON;
    c->failed |= UINT64_C(1) << entry % WINDOW;
    c->tried++;

    struct goal general = *g;
    general_box(p, g->region, g->stretch, &general.box);
    g->fallback = g->bound || entry != first || !same(&g->box.word[BOX_ARCH], &general.box.word[BOX_ARCH]) ||
                  !same(&g->box.word[BOX_NUMBER], &general.box.word[BOX_NUMBER]);
    g->is_claim = true;
    g->entry = entry;
    g->below = p->mark;
    int r = push(p, g);
    if (r < 0) return r;
    p->mark = (uint32_t)p->goal_count;

    general.bound = false;
    general.tried = true;
    general.base = general.list = entry;
    general.listed = s->entry + s->entries - entry;
    general.next = s->entry + s->entries;
    general.verdict = s->verdict;
    general.raw = general.stale = true;
    return push(p, &general);
}

static int load(struct proof *p, struct goal *g, uint32_t offset) {
    uint32_t word = accumulator_word(p->program, offset);
    if (word == BOX_WORDS) return refuse(p, g->pc, "loads outside of seccomp_data");
    if (word >= BOX_IP && g->stretch == OPEN) return split(p, g, NULL);
    if (word >= BOX_IP && !g->tried) {
        int r = claim(p, g);
        if (r != GO_ON) return r;
    }
    g->tried = false;
    g->a = (struct accumulator){word, UINT32_MAX, 0};
    g->pc++;
    return GO_ON;
}

static int leave(struct proof *p, struct goal *g, uint32_t got) {
    if (g->stretch == OPEN) return split(p, g, &got);
    if (g->listed == 0) return g->verdict == got ? DONE : differ(p, g, g->verdict, got);
    // Entries that agree with the program need no cut. The others may be hidden behind them.
    uint32_t at = 0;
    while (at < g->listed && p->numbers.entries[p->list[g->list + at]].verdict == got)
        at++;
    p->steps += at;
    if (at == g->listed && g->verdict == got) return DONE;
    if (at == g->listed) at = 0;
    const struct entry *entry = &p->numbers.entries[p->list[g->list + at]];
    const struct test *open = NULL;
    box_tests(&g->box, entry->tests, entry->count, &open);
    struct cut cut = box_cut(&g->box, open); // the entry is open, or it would not be in the list
    return push_parts(p, g, cut.word, cut.parts, cut.count);
}

static int branch(struct proof *p, struct goal *g, const struct sock_filter *i) {
    unsigned accept;
    struct measure m = accumulator_compare(&g->a, i, &accept);
    const struct word *w = &g->box.word[g->a.word];
    unsigned outcome = word_compare(w, &m);
    bool yes = outcome & accept, no = outcome & ~accept;
    if (yes && no) {
        if (g->stretch != OPEN && !g->tried && g->a.word >= BOX_IP && troubled(p, g->stretch)) {
            int r = claim(p, g);
            if (r != GO_ON) return r;
        }
        g->tried = true; // also for the parts, that come to this test again
        struct word parts[3];
        unsigned count = word_cut(w, &m, accept, parts);
        return push_parts(p, g, g->a.word, parts, count);
    }
    g->pc += 1u + (yes ? i->jt : i->jf);
    g->tried = false;
    return GO_ON;
}

static int step(struct proof *p, struct goal *g) {
    if (g->pc >= p->program->count) return refuse(p, g->pc, "is beyond the end");
    const struct sock_filter *i = &p->program->code[g->pc];
    p->steps++;
    switch (i->code) {
    case BPF_LD | BPF_W | BPF_ABS:
        return load(p, g, i->k);
    case BPF_LD | BPF_IMM:
        g->a = (struct accumulator){.flip = i->k};
        g->pc++;
        return GO_ON;
    case BPF_RET | BPF_K:
        return leave(p, g, i->k);
    case BPF_JMP | BPF_JA:
        if (i->k >= p->program->count) return refuse(p, g->pc, "jumps beyond the end");
        g->pc += 1 + i->k;
        return GO_ON;
    case BPF_JMP | BPF_JEQ | BPF_K:
    case BPF_JMP | BPF_JGT | BPF_K:
    case BPF_JMP | BPF_JGE | BPF_K:
    case BPF_JMP | BPF_JSET | BPF_K:
        return branch(p, g, i);
    default:
        break;
    }
    if (BPF_CLASS(i->code) == BPF_ALU && BPF_SRC(i->code) == BPF_K) {
        if (!accumulator_compute(&g->a, i)) return refuse(p, g->pc, "computes with an argument");
        g->pc++;
        return GO_ON;
    }
    return refuse(p, g->pc, "is of a kind that no filter of abjure has");
}

static int out_of_time(const struct proof *p, const struct goal *g) {
    char buffer[128];
    struct text t;
    text_start(&t, buffer, sizeof buffer);
    write_call(p, g, false, &t);
    text_end(&t);
    return error_set(p->error, ETIMEDOUT,
                     "the proof takes too long: it was at %s; simplify the conditions on that call, or set the option "
                     "\"proof\" to \"off\" to load without proof",
                     buffer);
}

static int show(struct proof *p) {
    struct goal start = {.stretch = OPEN}; // the kernel starts with 0 in the accumulator: its mask and flip are 0
    box_all(&start.box);
    int r = push(p, &start);
    while (r == DONE && p->goal_count > 0) {
        struct goal g = p->goals[--p->goal_count];
        p->list_count = g.room;
        if (g.is_claim) {
            struct claims *c = claims_of(p, &g);
            if (c == NULL) return error_memory(p->error);
            c->proven[1] = c->proven[0];
            c->proven[0] = g.entry;
            p->mark = g.below;
            continue;
        }
        r = filter(p, &g);
        if (r == DONE) r = GO_ON;
        while (r == GO_ON)
            r = step(p, &g);
        if (r == DONE && p->steps > p->budget) r = out_of_time(p, &g);
    }
    return r;
}

int prove(const struct program *p, const struct meaning *m, uint64_t steps, struct witness *w, struct error *e) {
    struct proof proof = {
        .program = p, .meaning = m, .budget = steps, .witness = w, .error = e, .guessed = OPEN, .failing = OPEN};
    if (w) *w = (struct witness){0};
    if (numbers_make(m, &proof.numbers) < 0) return error_memory(e);
    int r = show(&proof);
    memory_free(proof.goals);
    memory_free(proof.list);
    memory_free(proof.claims);
    numbers_free(&proof.numbers);
    return r;
}
