// SPDX-License-Identifier: MIT
#include "box.h"

static const uint32_t sign = UINT32_C(1) << 31;

static uint32_t top_bit(uint32_t x) {
    return sign >> __builtin_clz(x); // x is not 0
}

// The least x >= lo with (x & known) == value; false where there is none.
static bool least(uint32_t *lo, uint32_t known, uint32_t value) {
    uint32_t wrong = (*lo & known) ^ value;
    if (wrong == 0) return true;
    uint32_t bit = top_bit(wrong);
    uint32_t below = bit | (bit - 1);
    if ((value & bit) == 0) {
        // Too great at this bit: an unknown zero above it has to become a one.
        uint32_t free = ~known & ~*lo & ~below;
        if (free == 0) return false;
        bit = free & (0u - free);
        *lo |= bit;
        below = bit - 1;
    }
    *lo = (*lo & ~below) | (value & below);
    return true;
}

// Makes lo and hi members and their common leading bits known.
static bool settle(struct word *w) {
    if (w->lo > w->hi || !least(&w->lo, w->known, w->value)) return false;
    uint32_t mirrored = ~w->hi;
    if (!least(&mirrored, w->known, w->known & ~w->value)) return false;
    w->hi = ~mirrored;
    if (w->lo > w->hi) return false;
    uint32_t differ = w->lo ^ w->hi;
    uint32_t prefix = differ == 0 ? UINT32_MAX : ~(top_bit(differ) | (top_bit(differ) - 1));
    w->known |= prefix;
    w->value = (w->value & ~prefix) | (w->lo & prefix);
    return true;
}

struct word word_all(void) {
    return (struct word){.hi = UINT32_MAX};
}

struct word word_range(uint32_t lo, uint32_t hi) {
    struct word w = {.lo = lo, .hi = hi};
    (void)settle(&w);
    return w;
}

bool word_has(const struct word *w, uint32_t x) {
    return x >= w->lo && x <= w->hi && (x & w->known) == w->value;
}

bool word_clip(struct word *w, uint32_t lo, uint32_t hi) {
    if (w->lo < lo) w->lo = lo;
    if (w->hi > hi) w->hi = hi;
    return settle(w);
}

bool word_fix(struct word *w, uint32_t bit, bool set) {
    if (w->known & bit) return ((w->value & bit) != 0) == set;
    w->known |= bit;
    if (set) w->value |= bit;
    return settle(w);
}

unsigned word_compare(const struct word *w, const struct measure *m) {
    uint32_t least_of, most_of;
    bool equal;
    if (m->mask == UINT32_MAX && (m->flip & ~w->known) == 0) {
        // Flipping bits on which all members agree keeps their order.
        least_of = w->lo ^ m->flip;
        most_of = w->hi ^ m->flip;
        equal = word_has(w, m->value ^ m->flip);
    } else {
        uint32_t unknown = m->mask & ~w->known;
        least_of = ((w->value & m->mask) ^ m->flip) & ~unknown;
        most_of = least_of | unknown;
        equal = ((m->value ^ least_of) & ~unknown) == 0;
    }
    return (least_of < m->value ? OUTCOME_LESS : 0u) | (equal ? OUTCOME_EQUAL : 0u) |
           (most_of > m->value ? OUTCOME_GREATER : 0u);
}

static unsigned cut_bit(const struct word *w, uint32_t bit, struct word parts[3]) {
    unsigned count = 0;
    for (int set = 0; set < 2; set++) {
        parts[count] = *w;
        if (word_fix(&parts[count], bit, set != 0)) count++;
    }
    return count;
}

static unsigned cut_value(const struct word *w, uint32_t value, unsigned accept, struct word parts[3]) {
    bool less = accept & OUTCOME_LESS, equal = accept & OUTCOME_EQUAL, greater = accept & OUTCOME_GREATER;
    bool low = accept != OUTCOME_ALL && less == equal;     // less and equal stay together
    bool high = accept != OUTCOME_ALL && equal == greater; // equal and greater stay together
    unsigned count = 0;
    if (low || value > 0) {
        parts[count] = *w;
        count += word_clip(&parts[count], 0, low ? value : value - 1);
    }
    if (!low && !high) {
        parts[count] = *w;
        count += word_clip(&parts[count], value, value);
    }
    if (high || value < UINT32_MAX) {
        parts[count] = *w;
        count += word_clip(&parts[count], high ? value : value + 1, UINT32_MAX);
    }
    return count;
}

unsigned word_cut(const struct word *w, const struct measure *m, unsigned accept, struct word parts[3]) {
    if (m->mask != UINT32_MAX) return cut_bit(w, top_bit(m->mask & ~w->known), parts);
    if (m->flip & ~w->known) return cut_bit(w, top_bit(m->flip & ~w->known), parts);
    unsigned count = cut_value(w, m->value ^ m->flip, accept, parts);
    // With flipped bits besides the sign the value may lie outside; a bit always tells more.
    return count > 1 ? count : cut_bit(w, top_bit(~w->known), parts);
}

void box_all(struct box *b) {
    for (unsigned i = 0; i < BOX_WORDS; i++)
        b->word[i] = word_all();
}

uint64_t box_argument(const struct box *b, unsigned argument) {
    return (uint64_t)b->word[BOX_HIGH(argument)].lo << 32 | b->word[BOX_LOW(argument)].lo;
}

static const uint8_t accepted[] = {
    [COMPARE_EQ] = OUTCOME_EQUAL,   [COMPARE_NE] = OUTCOME_LESS | OUTCOME_GREATER,
    [COMPARE_LT] = OUTCOME_LESS,    [COMPARE_LE] = OUTCOME_LESS | OUTCOME_EQUAL,
    [COMPARE_GT] = OUTCOME_GREATER, [COMPARE_GE] = OUTCOME_GREATER | OUTCOME_EQUAL,
};

static bool ordered(const struct test *t) {
    return t->op != COMPARE_EQ && t->op != COMPARE_NE;
}

// The part of a test that reads the low or the high word. The sign is in the top word.
static struct measure measure_of(const struct test *t, bool high) {
    unsigned shift = high ? 32 : 0;
    struct measure m = {.mask = (uint32_t)(t->mask >> shift), .value = (uint32_t)(t->value >> shift)};
    if (t->is_signed && high == t->wide && ordered(t)) {
        m.flip = sign;
        m.value ^= sign;
    }
    return m;
}

enum truth box_test(const struct box *b, const struct test *t) {
    struct measure low = measure_of(t, false);
    unsigned outcome = OUTCOME_EQUAL;
    if (t->wide) {
        struct measure high = measure_of(t, true);
        outcome = word_compare(&b->word[BOX_HIGH(t->argument)], &high);
    }
    if (outcome & OUTCOME_EQUAL) {
        outcome &= ~(unsigned)OUTCOME_EQUAL;
        outcome |= word_compare(&b->word[BOX_LOW(t->argument)], &low);
    }
    if ((outcome & accepted[t->op]) == 0) return TRUTH_FALSE;
    return (outcome & ~(unsigned)accepted[t->op]) == 0 ? TRUTH_TRUE : TRUTH_OPEN;
}

enum truth box_tests(const struct box *b, const struct test *t, size_t count, const struct test **open) {
    enum truth truth = TRUTH_TRUE;
    for (size_t i = 0; i < count; i++) {
        enum truth one = box_test(b, &t[i]);
        if (one == TRUTH_FALSE) return TRUTH_FALSE;
        if (one == TRUTH_OPEN && truth == TRUTH_TRUE) {
            truth = TRUTH_OPEN;
            *open = &t[i];
        }
    }
    return truth;
}

struct cut box_cut(const struct box *b, const struct test *t) {
    struct cut cut = {0};
    if (t->wide) {
        struct measure high = measure_of(t, true);
        cut.word = BOX_HIGH(t->argument);
        if (word_compare(&b->word[cut.word], &high) != OUTCOME_EQUAL) {
            cut.count = word_cut(&b->word[cut.word], &high, OUTCOME_ALL, cut.parts);
            return cut;
        }
    }
    struct measure low = measure_of(t, false);
    cut.word = BOX_LOW(t->argument);
    cut.count = word_cut(&b->word[cut.word], &low, accepted[t->op], cut.parts);
    return cut;
}

bool box_example(struct box *b, const struct test *t, size_t count) {
    const struct test *open;
    while (box_tests(b, t, count, &open) == TRUTH_OPEN) {
        struct cut cut = box_cut(b, open);
        enum truth best = TRUTH_FALSE;
        struct word chosen = cut.parts[0];
        for (unsigned i = 0; i < cut.count && best != TRUTH_TRUE; i++) {
            const struct test *unused;
            b->word[cut.word] = cut.parts[i];
            enum truth truth = box_tests(b, t, count, &unused);
            if (truth == TRUTH_FALSE) continue;
            best = truth;
            chosen = cut.parts[i];
        }
        b->word[cut.word] = chosen;
        if (best == TRUTH_FALSE) return false;
    }
    for (unsigned i = 0; i < BOX_WORDS; i++)
        b->word[i] = word_range(b->word[i].lo, b->word[i].lo);
    return box_tests(b, t, count, &open) == TRUTH_TRUE;
}
