// SPDX-License-Identifier: MIT
//
// A comparison joins two lists into one: the cases of one side, narrowed to where the comparison holds, before those of
// the other side as they are. That is right because what comes first decides. It stays short because a list may say
// anything about inputs that never reach it: `no` is the same list whether the comparison was made before it or not, so
// that chains of rules and search trees both come out as one case for each rule.
#include "cases.h"

#include <errno.h>
#include <string.h>

#include "memory.h"

enum {
    BLOCK = 128
};

struct cases_block {
    struct cases_block *next;
    struct cases cell[BLOCK];
};

void cases_free(struct cases_store *s) {
    while (s->blocks != NULL) {
        struct cases_block *next = s->blocks->next;
        memory_free(s->blocks);
        s->blocks = next;
    }
    memory_free(s->table);
    memory_free(s->list);
    memset(s, 0, sizeof *s);
}

static const struct cases *fail(struct cases_store *s, int error) {
    s->error = error;
    return NULL;
}

// ---- Equal lists are one list --------------------------------------------------------------------------------------

static uint64_t mix(uint64_t hash, uint64_t more) {
    hash = (hash ^ more) * UINT64_C(0x9e3779b97f4a7c15);
    return hash ^ hash >> 29;
}

static uint64_t hash_of(const struct cases *c) {
    uint64_t hash = mix(c->verdict + (uint64_t)c->unsure, (uint64_t)(uintptr_t)c->next);
    for (unsigned i = 0; i < BOX_WORDS; i++) {
        const struct word *w = &c->where.word[i];
        if (w->lo == 0 && w->hi == UINT32_MAX && w->known == 0) continue;
        hash = mix(mix(hash, (uint64_t)w->lo << 32 | w->hi), (uint64_t)w->known << 8 | i);
    }
    return hash;
}

static bool same(const struct cases *a, const struct cases *b) {
    return a->verdict == b->verdict && a->unsure == b->unsure && a->next == b->next &&
           memcmp(&a->where, &b->where, sizeof a->where) == 0;
}

static const struct cases **slot_of(const struct cases **table, size_t size, const struct cases *c) {
    size_t i = (size_t)hash_of(c) & (size - 1);
    while (table[i] != NULL && !same(table[i], c))
        i = (i + 1) & (size - 1);
    return &table[i];
}

static int grow_table(struct cases_store *s) {
    size_t size = s->size > 0 ? 2 * s->size : 256;
    const struct cases **table = memory_new(size, sizeof(struct cases *));
    if (table == NULL) return -ENOMEM;
    for (size_t i = 0; i < s->size; i++)
        if (s->table[i] != NULL) *slot_of(table, size, s->table[i]) = s->table[i];
    memory_free(s->table);
    s->table = table;
    s->size = size;
    return 0;
}

static const struct cases *share(struct cases_store *s, struct cases *c) {
    c->length = c->next == NULL ? 1 : c->next->length + 1;
    // What takes no condition can always be said.
    if (c->next != NULL && (c->length > CASES_LIST || s->count >= CASES_TOTAL)) return fail(s, -E2BIG);
    if (2 * s->count >= s->size && grow_table(s) < 0) return fail(s, -ENOMEM);
    const struct cases **slot = slot_of(s->table, s->size, c);
    if (*slot != NULL) return *slot;
    if (s->room == 0) {
        struct cases_block *block = memory_new(1, sizeof *block);
        if (block == NULL) return fail(s, -ENOMEM);
        block->next = s->blocks;
        s->blocks = block;
        s->room = BLOCK;
    }
    struct cases *cell = &s->blocks->cell[--s->room];
    *cell = *c;
    s->count++;
    *slot = cell;
    return cell;
}

const struct cases *cases_always(struct cases_store *s, uint32_t verdict, bool unsure) {
    struct cases c = {.verdict = verdict, .unsure = unsure};
    box_all(&c.where);
    return share(s, &c);
}

// ---- Sets of inputs ------------------------------------------------------------------------------------------------

static bool is_all(const struct word *w) {
    return w->known == 0 && w->lo == 0 && w->hi == UINT32_MAX;
}

// *w without what is not in v; false where nothing is left.
static bool word_meet(struct word *w, const struct word *v) {
    if (is_all(v)) return true;
    if (!word_clip(w, v->lo, v->hi)) return false;
    for (uint32_t bits = v->known & ~w->known; bits != 0; bits &= bits - 1)
        if (!word_fix(w, bits & (0u - bits), (v->value & bits & (0u - bits)) != 0)) return false;
    return ((w->value ^ v->value) & v->known) == 0;
}

static bool meets(const struct word *w, const struct word *v) {
    if (w->lo > v->hi || v->lo > w->hi || ((w->value ^ v->value) & w->known & v->known) != 0) return false;
    struct word both = *w;
    return word_meet(&both, v);
}

// Is all of w in v?
static bool within(const struct word *w, const struct word *v) {
    return w->lo >= v->lo && w->hi <= v->hi && (v->known & ~w->known) == 0 && ((w->value ^ v->value) & v->known) == 0;
}

static bool boxes_meet(const struct box *a, const struct box *b) {
    for (unsigned i = BOX_IP; i < BOX_WORDS; i++)
        if (!is_all(&a->word[i]) && !is_all(&b->word[i]) && !meets(&a->word[i], &b->word[i])) return false;
    return true;
}

static bool box_within(const struct box *a, const struct box *b) {
    for (unsigned i = BOX_IP; i < BOX_WORDS; i++)
        if (!within(&a->word[i], &b->word[i])) return false;
    return true;
}

// ---- Comparisons ---------------------------------------------------------------------------------------------------

// The bits decide from the top one on, so that every cut leaves one part at most undecided.
static unsigned cut(const struct word *w, const struct measure *m, unsigned accept, struct word parts[3]) {
    const uint32_t sign = UINT32_C(1) << 31;
    if (m->mask == UINT32_MAX && (m->flip & ~sign) == 0) return word_cut(w, m, accept, parts);
    const uint32_t open = m->mask & ~w->known;
    const uint32_t bit = sign >> __builtin_clz(open);
    unsigned count = 0;
    for (int set = 0; set < 2; set++) {
        parts[count] = *w;
        if (word_fix(&parts[count], bit, set != 0)) count++;
    }
    return count;
}

void cases_compare(struct cases_split *out, unsigned word, const struct measure *m, unsigned accept) {
    struct word open[3 * CASES_PARTS];
    unsigned count = 1;
    *out = (struct cases_split){.word = word};
    open[0] = word_all();
    while (count > 0) {
        const struct word w = open[--count];
        const unsigned outcome = word_compare(&w, m);
        if ((outcome & ~accept) == 0)
            out->yes[out->yes_count++] = w;
        else if ((outcome & accept) == 0)
            out->no[out->no_count++] = w;
        else
            count += cut(&w, m, accept, &open[count]);
    }
}

// ---- Joining lists -------------------------------------------------------------------------------------------------

// Would the list decide all of the box alike without the new case? Then it is not added.
static bool says(struct cases_store *s, const struct cases *list, const struct cases *c) {
    for (; list != NULL; list = list->next) {
        s->steps++;
        if (!boxes_meet(&list->where, &c->where)) continue;
        if (list->verdict != c->verdict || list->unsure != c->unsure) return false;
        if (box_within(&c->where, &list->where)) return true;
    }
    return false;
}

// The case in front of `next`, narrowed to a part of one word. `next` itself where nothing is left of it.
static const struct cases *narrowed(struct cases_store *s, const struct cases *c, unsigned word,
                                    const struct word *part, const struct cases *next) {
    struct cases n = {.where = c->where, .verdict = c->verdict, .unsure = c->unsure, .next = next};
    if (s->steps > s->budget) return fail(s, -E2BIG);
    if (!word_meet(&n.where.word[word], part) || says(s, next, &n)) return next;
    return share(s, &n);
}

// The longest list that both end in; NULL where that is none.
static const struct cases *common(struct cases_store *s, const struct cases *a, const struct cases *b) {
    while (a != b) {
        s->steps++;
        const bool first = a->length >= b->length, second = b->length >= a->length;
        if (first) a = a->next;
        if (second) b = b->next;
        if (a == NULL || b == NULL) return NULL;
    }
    return a;
}

// Puts the cases from `list` up to `end` into s->list. Their number, or -ENOMEM.
static int64_t collect(struct cases_store *s, const struct cases *list, const struct cases *end) {
    size_t count = 0;
    for (; list != end; list = list->next) {
        if (count == s->list_room && memory_grow(&s->list, &s->list_room, count + 1, sizeof(struct cases *)) < 0) {
            s->error = -ENOMEM;
            return -ENOMEM;
        }
        s->list[count++] = list;
    }
    s->steps += count;
    return (int64_t)count;
}

// Does a case from `list` up to `end` reach into one of the parts?
static bool reaches(struct cases_store *s, const struct cases *list, const struct cases *end, unsigned word,
                    const struct word *parts, unsigned count) {
    for (; list != end; list = list->next) {
        for (unsigned i = 0; i < count; i++) {
            s->steps++;
            if (meets(&list->where.word[word], &parts[i])) return true;
        }
    }
    return false;
}

// `list` up to `end`, narrowed to the part, before `end`.
static const struct cases *narrow(struct cases_store *s, const struct cases *list, const struct cases *end,
                                  unsigned word, const struct word *part) {
    int64_t count = collect(s, list, end);
    if (count < 0) return NULL;
    const struct cases *result = end;
    for (size_t i = (size_t)count; i-- > 0 && result != NULL;)
        result = narrowed(s, s->list[i], word, part, result);
    return result;
}

// `list` without the cases that lie in the parts, all of which are decided before.
static const struct cases *without(struct cases_store *s, const struct cases *list, unsigned word,
                                   const struct word *parts, unsigned parts_count) {
    const struct cases *result = list;
    int64_t count = collect(s, list, NULL);
    if (count < 0) return NULL;
    bool dropped = false;
    result = NULL;
    for (size_t i = (size_t)count; i-- > 0;) {
        bool inside = false;
        for (unsigned j = 0; j < parts_count && !inside; j++)
            inside = within(&s->list[i]->where.word[word], &parts[j]);
        if (inside && s->list[i]->next != NULL) {
            dropped = true;
            continue;
        }
        struct cases c = *s->list[i];
        c.next = result;
        result = dropped ? share(s, &c) : s->list[i];
        if (result == NULL) return NULL;
    }
    return result;
}

// `first`, narrowed to its parts, in front of `rest`, which decides the other parts.
static const struct cases *before(struct cases_store *s, unsigned word, const struct word *parts, unsigned count,
                                  const struct word *others, unsigned others_count, const struct cases *first,
                                  const struct cases *rest) {
    // What both end in is left to `rest`, as long as nothing that stands before it there comes in between.
    const struct cases *end = common(s, first, rest);
    if (end != NULL && reaches(s, rest, end, word, parts, count)) {
        if (others_count == 1)
            rest = narrow(s, rest, end, word, &others[0]);
        else
            end = NULL;
    }
    if (end == NULL && rest != NULL) rest = without(s, rest, word, parts, count);
    if (rest == NULL) return NULL;
    int64_t cases = collect(s, first, end);
    if (cases < 0) return NULL;
    for (size_t i = (size_t)cases; i-- > 0 && rest != NULL;)
        for (unsigned j = count; j-- > 0 && rest != NULL;)
            rest = narrowed(s, s->list[i], word, &parts[j], rest);
    return rest;
}

const struct cases *cases_choose(struct cases_store *s, const struct cases_split *split, const struct cases *yes,
                                 const struct cases *no) {
    if (yes == no) return yes;
    if (s->steps > s->budget) return fail(s, -E2BIG);
    const struct cases *a = NULL, *b = NULL;
    s->error = 0;
    if (split->yes_count <= split->no_count)
        a = before(s, split->word, split->yes, split->yes_count, split->no, split->no_count, yes, no);
    if (split->no_count <= split->yes_count && s->error != -ENOMEM)
        b = before(s, split->word, split->no, split->no_count, split->yes, split->yes_count, no, yes);
    if (s->error == -ENOMEM) return NULL;
    if (a == NULL || (b != NULL && b->length < a->length)) return b;
    return a;
}
