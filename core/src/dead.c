// SPDX-License-Identifier: MIT
//
// A ruling is alive if some input that fulfils its conditions fulfils those of no earlier ruling on its number. One
// such input anywhere makes the whole item alive, and the search stops there. Only for items that turn out to be dead
// all inputs are gone through once more, to learn which earlier rules decide them and whether with another verdict.
#include "dead.h"

#include <errno.h>

#include "box.h"
#include "memory.h"
#include "numbers.h"
#include "text.h"

#define NONE UINT32_MAX

enum {
    ITEM_STEPS = 1000000,   // tests of rulings, about 10 ms
    TOTAL_STEPS = 20000000, // about 200 ms, and then ITEM_STEPS_LATE
    ITEM_STEPS_LATE = 1000,
    CHAINED = 16, // rulings on one number, above which they are looked up by the value that they test for
};

enum answer {
    ANSWER_DEAD,
    ANSWER_LIVE,
    ANSWER_UNSURE
};

// What is known of one item.
struct life {
    bool ruled, live, unsure;
    bool possible; // some input fulfils its conditions
    bool differs;  // some input is decided with another verdict by `by`
    bool several;  // more than one item covers it
    uint32_t by;   // an item, or NONE: the kernel's own rule
    bool vague;    // who decides was too much to tell
    bool covered;  // `by` is set
};

struct finder {
    struct filter *filter;
    const struct meaning *meaning;
    struct error *error;
    struct life *lives; // of each item
    struct box *boxes;
    size_t box_count, box_room;
    uint64_t steps, limit;

    // The set that is looked at.
    const struct ruleset *set;
    uint32_t *order;   // rulings by number
    uint32_t *earlier; // candidates
    uint32_t *before;  // of a ruling's place in order: the one before it that tests for the same value
    uint32_t *heads;   // by hash of the value
};

static const struct ruling *ruling_at(const struct finder *d, uint32_t place) {
    return &d->set->rulings[d->order[place]];
}

static enum truth truth_of(struct finder *d, const struct box *b, uint32_t place, const struct test **open) {
    const struct ruling *r = ruling_at(d, place);
    d->steps++;
    return box_tests(b, &d->set->tests[r->test], r->tests, open);
}

static int push(struct finder *d, const struct box *b) {
    if (memory_grow(&d->boxes, &d->box_room, d->box_count + 1, sizeof *b) < 0) return -ENOMEM;
    d->boxes[d->box_count++] = *b;
    return 0;
}

static int push_parts(struct finder *d, struct box *b, const struct test *open) {
    struct cut cut = box_cut(b, open);
    for (unsigned i = 0; i < cut.count; i++) {
        b->word[cut.word] = cut.parts[i];
        if (push(d, b) < 0) return -ENOMEM;
    }
    return 0;
}

// What the action of a rule says, whatever `complain` makes of it.
static uint32_t verdict_of(const struct finder *d, const struct ruling *r) {
    return r->origin == ORIGIN_RULE ? action_verdict(d->filter->rules.rules[r->rule].action) : r->verdict;
}

static uint32_t item_of(const struct finder *d, const struct ruling *r) {
    return r->origin == ORIGIN_RULE ? d->filter->rules.rules[r->rule].item : NONE;
}

static bool is_dead(const struct finder *d, uint32_t item) {
    if (item == NONE) return false;
    const struct life *life = &d->lives[item];
    return life->ruled && !life->live && !life->unsure;
}

static void cover(struct finder *d, struct life *life, uint32_t place, uint32_t by) {
    const struct ruling *r = ruling_at(d, by);
    bool differs = verdict_of(d, r) != verdict_of(d, ruling_at(d, place));
    uint32_t item = item_of(d, r);
    if (life->covered && life->by != item) life->several = true;
    bool better = differs == life->differs ? item < life->by : differs;
    if (!life->covered || better) life->by = item;
    life->covered = true;
    life->differs |= differs;
}

// Who decides the inputs of the box: an earlier ruling that is true on all of it, or NONE. Then *open is a test on
// which to cut the box, or NULL where nobody decides. Where `exact`, rulings before it that are open have its verdict.
static uint32_t decider(struct finder *d, const struct box *b, size_t count, bool exact, const struct test **open) {
    uint32_t verdict = 0;
    bool mixed = false;
    *open = NULL;
    for (size_t i = 0; i < count; i++) {
        const struct test *test = NULL;
        enum truth truth = truth_of(d, b, d->earlier[i], &test);
        if (truth == TRUTH_FALSE) continue;
        uint32_t own = verdict_of(d, ruling_at(d, d->earlier[i]));
        if (*open != NULL && own != verdict) mixed = true;
        if (truth == TRUTH_TRUE) {
            // A dead one decides nothing: others before it do.
            bool cut = exact && *open != NULL && (mixed || is_dead(d, item_of(d, ruling_at(d, d->earlier[i]))));
            return cut ? NONE : d->earlier[i];
        }
        if (*open != NULL) continue;
        *open = test;
        verdict = own;
    }
    return NONE;
}

// Looks for an input that the ruling decides, candidates for deciding it earlier being in d->earlier. Where `exact`,
// notes in *life who decides all of them. ANSWER_… or -ENOMEM.
static int search(struct finder *d, uint32_t place, size_t count, bool exact, struct life *life) {
    struct box b;
    d->box_count = 0;
    box_all(&b);
    if (push(d, &b) < 0) return -ENOMEM;
    while (d->box_count > 0) {
        if (d->steps > d->limit) return ANSWER_UNSURE;
        b = d->boxes[--d->box_count];
        const struct test *open = NULL;
        enum truth own = truth_of(d, &b, place, &open);
        if (own == TRUTH_FALSE) continue;
        if (own == TRUTH_TRUE) {
            life->possible = true;
            uint32_t by = decider(d, &b, count, exact, &open);
            if (by == NONE && open == NULL) return ANSWER_LIVE;
            if (by != NONE && exact) cover(d, life, place, by);
            if (by != NONE) continue;
        }
        if (push_parts(d, &b, open) < 0) return -ENOMEM;
    }
    return ANSWER_DEAD;
}

static void start(struct finder *d) {
    d->limit = d->steps + (d->steps < TOTAL_STEPS ? ITEM_STEPS : ITEM_STEPS_LATE);
}

// ---- Candidates ----------------------------------------------------------------------------------------------------

// The low word that a ruling wants in an argument; false where it takes several.
static bool wants(const struct finder *d, uint32_t place, unsigned argument, uint32_t *value) {
    const struct ruling *r = ruling_at(d, place);
    for (size_t i = 0; i < r->tests; i++) {
        const struct test *t = &d->set->tests[r->test + i];
        if (t->argument != argument || t->op != COMPARE_EQ || (uint32_t)t->mask != UINT32_MAX) continue;
        *value = (uint32_t)t->value;
        return true;
    }
    return false;
}

// The argument that most rulings of a number want a certain value in.
static unsigned busiest(const struct finder *d, uint32_t first, uint32_t end) {
    unsigned best = 0;
    size_t most = 0;
    for (unsigned a = 0; a < SYSCALL_ARGUMENTS; a++) {
        size_t count = 0;
        for (uint32_t i = first; i < end; i++) {
            uint32_t value;
            count += wants(d, i, a, &value);
        }
        if (count > most) {
            most = count;
            best = a;
        }
    }
    return best;
}

static int judge(struct finder *d, uint32_t place, size_t count) {
    struct life *life = &d->lives[item_of(d, ruling_at(d, place))];
    life->ruled = true;
    if (life->live) return 0;
    start(d);
    int r = search(d, place, count, false, life);
    if (r == ANSWER_LIVE) life->live = true;
    if (r == ANSWER_UNSURE) life->unsure = true;
    return r < 0 ? r : 0;
}

// Few rulings on a number: each against all before it, up to the first without conditions.
static int judge_few(struct finder *d, uint32_t first, uint32_t end) {
    size_t count = 0;
    bool closed = false;
    for (uint32_t i = first; i < end; i++) {
        const struct ruling *r = ruling_at(d, i);
        if (r->origin == ORIGIN_RULE) {
            int error = judge(d, i, count);
            if (error < 0) return error;
        }
        if (!closed) d->earlier[count++] = i;
        closed |= r->tests == 0;
    }
    return 0;
}

// Many: one that wants a value only against those that want the same and those that want none. The latter come first
// in the list, so an answer tells whether somebody decides and not who.
static int judge_many(struct finder *d, uint32_t first, uint32_t end) {
    unsigned argument = busiest(d, first, end);
    uint32_t size = 1;
    while (size < end - first)
        size *= 2;
    for (uint32_t i = 0; i < size; i++)
        d->heads[i] = NONE;
    size_t others = 0; // in the list throughout: those that want no value
    for (uint32_t i = first; i < end; i++) {
        size_t count = others;
        uint32_t value = 0, *head = NULL;
        if (wants(d, i, argument, &value)) {
            head = &d->heads[(value * UINT32_C(2654435769) >> 8) & (size - 1)];
            for (uint32_t j = *head; j != NONE; j = d->before[j])
                d->earlier[count++] = j;
        } else {
            for (uint32_t j = first; j < i; j++)
                if (d->before[j] != j) d->earlier[count++] = j;
        }
        int error = ruling_at(d, i)->origin == ORIGIN_RULE ? judge(d, i, count) : 0;
        if (error < 0) return error;
        d->before[i] = head ? *head : i; // one that wants no value points to itself
        if (head)
            *head = i;
        else
            d->earlier[others++] = i;
    }
    return 0;
}

// ---- All rulings ---------------------------------------------------------------------------------------------------

static uint32_t group_end(const struct finder *d, uint32_t first) {
    uint32_t end = first + 1;
    while (end < d->set->ruling_count && ruling_at(d, end)->number == ruling_at(d, first)->number)
        end++;
    return end;
}

static int judge_set(struct finder *d) {
    for (uint32_t first = 0, end; first < d->set->ruling_count; first = end) {
        end = group_end(d, first);
        int r = end - first > CHAINED ? judge_many(d, first, end) : judge_few(d, first, end);
        if (r < 0) return r;
    }
    return 0;
}

// Who decides the inputs of the dead items of this set.
static int blame_set(struct finder *d) {
    for (uint32_t first = 0, end; first < d->set->ruling_count; first = end) {
        end = group_end(d, first);
        size_t count = 0;
        for (uint32_t i = first; i < end; i++) {
            const struct ruling *r = ruling_at(d, i);
            if (r->origin == ORIGIN_RULE && is_dead(d, item_of(d, r))) {
                struct life *life = &d->lives[item_of(d, r)];
                start(d);
                int answer = search(d, i, count, true, life);
                if (answer < 0) return answer;
                life->vague |= answer == ANSWER_UNSURE;
            }
            d->earlier[count++] = i;
        }
    }
    return 0;
}

static int each_set(struct finder *d, int (*visit)(struct finder *)) {
    for (size_t i = 0; i < d->meaning->count; i++) {
        d->set = &d->meaning->sets[i];
        if (d->set->ruling_count == 0) continue;
        numbers_sort(d->set, d->order, d->earlier);
        int r = visit(d);
        if (r < 0) return error_memory(d->error);
    }
    return 0;
}

// ---- Telling -------------------------------------------------------------------------------------------------------

static void write_item(const struct rules *r, uint32_t item, struct text *t) {
    text_add(t, "\"");
    rules_write_item(r, &r->items[item], t);
    text_add(t, "\"");
    rules_write_source(r, &r->items[item], t);
}

static void write_dead(const struct rules *r, uint32_t item, const struct life *life, struct text *t) {
    text_add(t, "rule ");
    write_item(r, item, t);
    if (!life->possible) {
        text_add(t, " can never decide: no call fulfils its conditions; correct them, or remove it");
        return;
    }
    text_add(t, life->differs ? " can never decide: " : " decides nothing: ");
    if (!life->covered || (life->vague && !life->differs)) {
        text_add(t, "rules before it match all of its calls");
        return;
    }
    if (life->by == NONE) {
        text_add(t, "the kernel itself issues this call, so it is always allowed; remove the rule");
        return;
    }
    write_item(r, life->by, t);
    text_add(t, life->several ? " and other rules before it match all of its calls"
                              : " before it matches all of its calls");
    text_add(t, life->differs ? "; put the later rule first, or remove it" : " with the same action");
}

static int tell(struct finder *d, uint32_t item) {
    const struct rules *r = &d->filter->rules;
    const struct life *life = &d->lives[item];
    char line[ERROR_MESSAGE_SIZE];
    struct text t;
    text_start(&t, line, sizeof line);
    if (!is_dead(d, item)) {
        text_add(&t, "rule ");
        write_item(r, item, &t);
        text_add(&t, " was not checked for being dead: its conditions and those before it are too many");
    } else {
        write_dead(r, item, life, &t);
    }
    text_end(&t);
    if (is_dead(d, item) && (life->differs || !life->possible) && !r->items[item].gentle)
        return error_set(d->error, EEXIST, "%s", line);
    return filter_note(d->filter, line) < 0 ? error_memory(d->error) : 0;
}

static int find(struct finder *d) {
    int r = each_set(d, judge_set);
    bool any = false;
    for (uint32_t i = 0; i < d->filter->rules.item_count; i++)
        any |= is_dead(d, i);
    if (r == 0 && any) r = each_set(d, blame_set);
    for (uint32_t i = 0; r == 0 && i < d->filter->rules.item_count; i++)
        if (d->lives[i].ruled && !d->lives[i].live) r = tell(d, i);
    return r;
}

int dead_find(struct filter *f, const struct meaning *m, struct error *e) {
    struct finder d = {.filter = f, .meaning = m, .error = e};
    size_t most = 1;
    for (size_t i = 0; i < m->count; i++)
        if (m->sets[i].ruling_count > most) most = m->sets[i].ruling_count;
    d.lives = memory_new(f->rules.item_count, sizeof *d.lives);
    d.order = memory_new(most, 5 * sizeof *d.order); // heads: at most twice as many as rulings
    int r = -ENOMEM;
    if (d.lives != NULL && d.order != NULL) {
        d.earlier = d.order + most;
        d.before = d.earlier + most;
        d.heads = d.before + most;
        r = find(&d);
    } else {
        error_memory(e);
    }
    memory_free(d.lives);
    memory_free(d.order);
    memory_free(d.boxes);
    return r;
}
