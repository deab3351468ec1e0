// SPDX-License-Identifier: MIT
// A profile holds for all its architectures, compares 64 bits, takes several conditions on one argument for
// alternatives, and its runtimes differ in which of several matching rules wins. So what is written never overlaps with
// another verdict: of each rule only what the rules before it leave, in conditions of one look at an argument each.
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "cube.h"
#include "memory.h"
#include "newer.h"
#include "oci.h"
#include "oci_rulings.h"
#include "oci_words.h"
#include "text.h"

struct condition_out {
    enum comparison op;
    bool masked;
    uint8_t argument;
    uint64_t mask, value;
};

// One entry of `syscalls`, before those that differ in the name only are put together.
struct piece {
    const char *name;
    uint32_t verdict;
    uint32_t conditions;
    struct condition_out condition[SYSCALL_ARGUMENTS];
};

struct writer {
    const struct filter *f;
    struct error *e;
    struct meaning m;
    struct piece *pieces;
    size_t piece_count, piece_room;
    struct ruleset model, other; // the rulings on the call that is being written, on two ABIs
};

// ---- What a profile cannot say ----

static int refuse_rule(struct writer *w, uint32_t rule, const char *why) {
    return oci_cannot_say(&w->f->rules, rule, why, w->e);
}

static int check_options(struct writer *w) {
    const struct filter_options *o = &w->f->options;
    struct filter_options usual;
    options_start(&usual);
    if (!action_equal(o->foreign, usual.foreign))
        return error_set(w->e, ENOTSUP,
                         "OCI cannot say what happens to foreign ABIs; leave the option foreign at kill");
    if (!action_equal(o->x32, usual.x32))
        return error_set(w->e, ENOTSUP, "OCI cannot say what happens to x32 numbers; leave the option x32 at ENOSYS");
    if (!action_equal(o->unknown, usual.unknown))
        return error_set(w->e, ENOTSUP,
                         "OCI cannot say what happens to unknown numbers; leave the option unknown at ENOSYS");
    if (o->complain)
        return error_set(w->e, ENOTSUP,
                         "OCI has no complain, which logs foreign ABIs and unknown numbers as well; leave the option "
                         "complain off and write \"log\" for \"deny\"");
    if (o->landlock) return error_set(w->e, ENOTSUP, "OCI has no Landlock; leave the option landlock off");
    return 0;
}

static int check_numbers(struct writer *w) {
    for (size_t i = 0; i < w->m.count; i++) {
        for (size_t j = 0; j < w->m.sets[i].ruling_count; j++) {
            const struct ruling *r = &w->m.sets[i].rulings[j];
            if (r->origin == ORIGIN_RULE && w->f->rules.rules[r->rule].target == RULE_NUMBER &&
                syscalls_at(w->m.sets[i].abi, r->number) == SYSCALL_NONE)
                return refuse_rule(w, r->rule, "the number has no name, and profiles hold names");
        }
    }
    return 0;
}

// ---- Pieces ----

static int add_piece(struct writer *w, const struct piece *piece) {
    if (w->piece_count == w->piece_room &&
        memory_grow(&w->pieces, &w->piece_room, w->piece_count + 1, sizeof *piece) < 0)
        return error_memory(w->e);
    w->pieces[w->piece_count++] = *piece;
    return 0;
}

// A test that OCI has as it stands: all 64 bits and unsigned, or equal under a mask.
static bool plain_test(const struct test *t, struct condition_out *out) {
    const bool whole = t->wide && t->mask == UINT64_MAX;
    if (!whole && t->op != COMPARE_EQ) return false;
    if (t->is_signed && t->op != COMPARE_EQ && t->op != COMPARE_NE) return false;
    *out = (struct condition_out){
        .op = t->op, .masked = !whole, .argument = t->argument, .mask = t->mask, .value = t->value};
    return true;
}

// The ruling in one piece; false where that takes more.
static bool plain_piece(const struct ruleset *s, const struct ruling *r, struct piece *out) {
    unsigned seen = 0;
    for (uint16_t i = 0; i < r->tests; i++) {
        const struct test *t = &s->tests[r->test + i];
        if ((seen >> t->argument & 1) != 0 || !plain_test(t, &out->condition[out->conditions++])) return false;
        seen |= 1u << t->argument;
    }
    return true;
}

static int add_cubes(struct writer *w, const struct piece *like, const struct cubes *c) {
    for (size_t i = 0; i < c->count; i++) {
        struct piece piece = {.name = like->name, .verdict = like->verdict};
        for (unsigned a = 0; a < SYSCALL_ARGUMENTS; a++) {
            if (c->list[i].mask[a] == 0) continue;
            piece.condition[piece.conditions++] = (struct condition_out){.op = COMPARE_EQ,
                                                                         .masked = c->list[i].mask[a] != UINT64_MAX,
                                                                         .argument = (uint8_t)a,
                                                                         .mask = c->list[i].mask[a],
                                                                         .value = c->list[i].value[a]};
        }
        int r = add_piece(w, &piece);
        if (r < 0) return r;
    }
    return 0;
}

static int make_cubes(const struct ruleset *s, const struct ruling *r, struct cubes *out) {
    return cubes_make(out, s->tests + r->test, r->tests);
}

// What ruling `k` decides and no ruling before it decides otherwise.
static int add_rest(struct writer *w, const struct ruleset *all, size_t k, const struct piece *like) {
    struct cubes rest, before;
    int r = make_cubes(all, &all->rulings[k], &rest);
    for (size_t j = 0; j < k && r == 0; j++) {
        if (all->rulings[j].verdict == all->rulings[k].verdict) continue;
        r = make_cubes(all, &all->rulings[j], &before);
        if (r < 0) break;
        r = cubes_subtract(&rest, &before);
        cubes_free(&before);
    }
    if (r == 0) r = add_cubes(w, like, &rest);
    cubes_free(&rest);
    if (r == -E2BIG) return refuse_rule(w, all->rulings[k].rule, "it would take thousands of entries");
    return r == -ENOMEM ? error_memory(w->e) : r;
}

static int add_rulings(struct writer *w, const char *name, const struct ruleset *all) {
    const size_t first = w->piece_count;
    const bool denies = action_denies(w->f->default_action);
    bool mixed = false; // does a ruling before this one have another verdict?
    for (size_t k = 0; k < all->ruling_count; k++) {
        const struct ruling *r = &all->rulings[k];
        struct piece piece = {.name = name, .verdict = r->verdict};
        int result = 0;
        mixed = mixed || r->verdict != all->rulings[0].verdict;
        if (r->tests == 0 && !mixed) w->piece_count = first; // it covers them all
        if (r->verdict != all->default_verdict || ruleset_preset(name, denies)) {
            if (mixed || !plain_piece(all, r, &piece))
                result = add_rest(w, all, k, &piece);
            else
                result = add_piece(w, &piece);
        }
        if (result < 0 || r->tests == 0) return result;
    }
    return 0;
}

// A reader drops conditions that hide behind a multiplexer's pointer where a rule denies, and the whole rule where it
// lets pass. Does the call come to the same there with the pieces from `first` on?
static int check_behind(struct writer *w, const struct ruleset *s, syscall_id id, size_t first) {
    struct behind there;
    if (!oci_behind(s, &w->f->rules, id, &w->model, &there)) return 0;
    const struct piece *decides = NULL;
    for (size_t i = first; i < w->piece_count && decides == NULL; i++) {
        const struct piece *p = &w->pieces[i];
        if (p->conditions == 0 || action_denies(action_of(p->verdict))) decides = p;
    }
    bool same = there.decided == (decides != NULL);
    if (same && there.decided) same = decides->verdict == there.verdict;
    // Neither, or what the default does all the same.
    if (!same && there.alone)
        same = (there.decided ? there.verdict : s->default_verdict) ==
               (decides != NULL ? decides->verdict : s->default_verdict);
    if (same) return 0;
    return refuse_rule(w, there.rule, "a multiplexer hides its arguments, and there it differs from the direct call");
}

// All ABIs must agree, since a profile does not tell them apart. Values and widths are those of an ABI of 64 bits.
static int add_call(struct writer *w, const char *name, syscall_id id, const int64_t numbers[ABI_COUNT]) {
    const size_t first = w->piece_count;
    bool found = false;
    for (int narrow = 0; narrow < 2; narrow++) {
        for (size_t i = 0; i < w->m.count; i++) {
            const struct ruleset *s = &w->m.sets[i];
            if ((abis[s->abi].bits == 32) != (narrow == 1)) continue;
            struct ruleset *into = found ? &w->other : &w->model;
            int r = oci_rulings(s, &w->f->rules, id, numbers[s->abi], into, w->e);
            if (r < 0) return r;
            if (r == 0) continue;
            if (found && !oci_rulings_agree(&w->model, &w->other))
                return error_set(w->e, ENOTSUP,
                                 "OCI cannot say what this filter does with %s: it differs between %s and %s, and a "
                                 "profile holds for all its architectures; write one profile for each ABI",
                                 name, abis[w->model.abi].name, abis[s->abi].name);
            found = true;
        }
    }
    int r = found ? add_rulings(w, name, &w->model) : 0;
    for (size_t i = 0; i < w->m.count && id != SYSCALL_NONE && r == 0; i++)
        if (numbers[w->m.sets[i].abi] >= 0) r = check_behind(w, &w->m.sets[i], id, first);
    return r;
}

static int add_calls(struct writer *w) {
    int64_t numbers[ABI_COUNT];
    int r = 0;
    for (syscall_id id = 0; id < syscalls_count() && r == 0; id++) {
        for (int abi = 0; abi < ABI_COUNT; abi++)
            numbers[abi] = syscalls_number((enum abi_id)abi, id);
        r = add_call(w, syscalls_name(id), id, numbers);
    }
    const struct rules *rules = &w->f->rules;
    for (size_t i = 0; i < rules->rule_count && r == 0; i++) {
        if (rules->rules[i].target != RULE_NEWER) continue;
        const char *name = resolve_name(rules, &rules->rules[i]);
        bool again = false;
        for (size_t j = 0; j < i; j++)
            again = again ||
                    (rules->rules[j].target == RULE_NEWER && strcmp(resolve_name(rules, &rules->rules[j]), name) == 0);
        for (int abi = 0; abi < ABI_COUNT; abi++)
            numbers[abi] = newer_number((enum abi_id)abi, name);
        if (!again) r = add_call(w, name, SYSCALL_NONE, numbers);
    }
    return r;
}

// ---- Text ----

static void write_verdict(const char *indent, const char *action, const char *number, uint32_t verdict,
                          struct text *t) {
    struct action a = action_of(verdict);
    text_add(t, "%s\"%s\": \"%s\"", indent, action, oci_action_word(a.kind));
    if (a.kind == ACTION_ERRNO || a.kind == ACTION_TRACE)
        text_add(t, ",\n%s\"%s\": %u", indent, number, (unsigned)a.data);
}

static void write_conditions(const struct piece *p, struct text *t) {
    text_add(t, ",\n      \"args\": [");
    for (uint32_t i = 0; i < p->conditions; i++) {
        const struct condition_out *c = &p->condition[i];
        text_add(t, "%s\n        {\"index\": %u, \"value\": %" PRIu64, i > 0 ? "," : "", (unsigned)c->argument,
                 c->masked ? c->mask : c->value);
        if (c->masked) text_add(t, ", \"valueTwo\": %" PRIu64, c->value);
        text_add(t, ", \"op\": \"%s\"}", oci_operator_word(c->op, c->masked));
    }
    text_add(t, "\n      ]");
}

// The entry that starts at piece `at`, with the names of all unconditional pieces of the same verdict.
static void write_entry(const struct writer *w, size_t at, bool first, struct text *t) {
    const struct piece *p = &w->pieces[at];
    text_add(t, "%s\n    {\n      \"names\": [\n        \"%s\"", first ? "" : ",", p->name);
    for (size_t i = at + 1; i < w->piece_count && p->conditions == 0; i++) {
        const struct piece *other = &w->pieces[i];
        if (other->conditions == 0 && other->verdict == p->verdict) text_add(t, ",\n        \"%s\"", other->name);
    }
    text_add(t, "\n      ],\n");
    write_verdict("      ", "action", "errnoRet", p->verdict, t);
    if (p->conditions > 0) write_conditions(p, t);
    text_add(t, "\n    }");
}

static bool written(const struct writer *w, size_t at) {
    if (w->pieces[at].conditions > 0) return false;
    for (size_t i = 0; i < at; i++)
        if (w->pieces[i].conditions == 0 && w->pieces[i].verdict == w->pieces[at].verdict) return true;
    return false;
}

static void write_profile(const struct writer *w, struct text *t) {
    const char *between = "";
    bool first = true;
    text_add(t, "{\n");
    write_verdict("  ", "defaultAction", "defaultErrnoRet", w->m.sets[0].default_verdict, t);
    text_add(t, ",\n  \"architectures\": [");
    for (size_t i = 0; i < w->m.count; i++, between = ", ")
        text_add(t, "%s\"%s\"", between, oci_architecture_word(w->m.sets[i].abi));
    text_add(t, "],\n  \"flags\": [");
    if (w->f->options.log) text_add(t, "\"SECCOMP_FILTER_FLAG_LOG\"%s", w->f->options.mitigate ? "" : ", ");
    if (!w->f->options.mitigate) text_add(t, "\"SECCOMP_FILTER_FLAG_SPEC_ALLOW\"");
    text_add(t, "],\n  \"syscalls\": [");
    for (int conditional = 0; conditional < 2; conditional++) {
        for (size_t i = 0; i < w->piece_count; i++) {
            if ((w->pieces[i].conditions > 0) != (conditional == 1) || written(w, i)) continue;
            write_entry(w, i, first, t);
            first = false;
        }
    }
    text_add(t, "%s]\n}\n", first ? "" : "\n  ");
}

static int write_all(struct writer *w, struct text *t) {
    int r = check_options(w);
    if (r == 0) r = meaning_make(w->f, -1, &w->m, w->e);
    if (r < 0) return r;
    r = check_numbers(w);
    if (r == 0) r = add_calls(w);
    if (r == 0) write_profile(w, t);
    memory_free(w->pieces);
    oci_rulings_free(&w->model);
    oci_rulings_free(&w->other);
    meaning_free(&w->m);
    return r;
}

int oci_write(const struct filter *f, struct text *t, struct error *e) {
    struct writer *w = memory_new(1, sizeof *w);
    if (w == NULL) return error_memory(e);
    w->f = f;
    w->e = e;
    int r = write_all(w, t);
    memory_free(w);
    return r;
}
