// SPDX-License-Identifier: MIT
//
// A policy adds to what it says: the kernel's own calls and multiplexed ones, guards of io_uring, calls that programs
// need to end. So multiplexers are decided first and as a whole, and calls that a policy presets are always written.
// What it has no words for stands in comments at the top, and the text then denies no less than the programs do.
#include <errno.h>
#include <inttypes.h>
#include <linux/seccomp.h>
#include <string.h>

#include "memory.h"
#include "outline_write.h"
#include "ruleset.h"
#include "wording.h"

enum {
    WIDTH = 100,
    NUMBERS = 512,  // unknown ones that are listed
    RANGES = 8,     // of them, that a comment tells one by one on one ABI
    VERDICTS = 256, // that count for the default
};

// What becomes of a call on an ABI.
struct fate {
    const struct cases *cases; // NULL: the ABI is not in the policy, or lacks the call
    uint32_t worst;            // the strictest verdict that may come
    bool plain;                // no conditions, or such as a policy cannot ask
    bool multiplexer;          // socketcall or ipc, through which others are reached
};

struct policy {
    const struct outline *o;
    struct text *t;
    struct fate *fates;                         // of all names, ABI by ABI
    const struct outline_part *part[ABI_COUNT]; // NULL: not in the policy
    abi_set in;
    uint32_t default_verdict, foreign, x32, unknown;
    bool any_denies;
};

// ---- Verdicts ------------------------------------------------------------------------------------------------------

static bool denies(uint32_t verdict) {
    return action_denies(action_of(verdict));
}

static void write_action(uint32_t verdict, struct text *t) {
    action_write(action_of(verdict), t);
}

// Verdicts that a policy writes alike.
static bool alike(uint32_t a, uint32_t b) {
    return action_equal(action_of(a), action_of(b));
}

// The strictest that comes of a list.
static uint32_t worst(const struct cases *c) {
    uint32_t verdict = SECCOMP_RET_ALLOW;
    for (; c != NULL; c = c->next)
        verdict = bpf_stricter(verdict, c->verdict);
    return verdict;
}

// Does it depend on where the program calls from? A policy cannot ask.
static bool needs_pointer(const struct cases *c) {
    const struct word all = word_all();
    for (; c != NULL; c = c->next)
        for (unsigned i = BOX_IP; i < BOX_ARGUMENTS; i++)
            if (memcmp(&c->where.word[i], &all, sizeof all) != 0) return true;
    return false;
}

static const struct fate *fate(const struct policy *w, int abi, syscall_id id) {
    return &w->fates[(size_t)abi * syscalls_count() + id];
}

// Calls that every policy lets pass as soon as it denies anything: the kernel issues them itself.
static bool is_kernels(syscall_id id) {
    return strcmp(syscalls_name(id), "uretprobe") == 0 || strcmp(syscalls_name(id), "uprobe") == 0;
}

static int find_fates(struct policy *w) {
    w->fates = memory_new(syscalls_count() * ABI_COUNT, sizeof *w->fates);
    if (w->fates == NULL) return -ENOMEM;
    for (int abi = 0; abi < ABI_COUNT; abi++) {
        struct fate *fates = &w->fates[(size_t)abi * syscalls_count()];
        for (syscall_id id = 0; id < outline_calls() && w->part[abi] != NULL; id++) {
            const int64_t number = syscalls_number((enum abi_id)abi, id);
            struct multiplexer m;
            if (syscalls_multiplexer((enum abi_id)abi, id, &m))
                fates[syscalls_at((enum abi_id)abi, m.number)].multiplexer = true;
            if (number < 0) continue;
            fates[id].cases = outline_cases(w->o, w->part[abi], (uint32_t)number);
            fates[id].worst = worst(fates[id].cases);
            fates[id].plain = fates[id].cases->length == 1 || needs_pointer(fates[id].cases);
        }
    }
    return 0;
}

// ---- What the policy is for ----------------------------------------------------------------------------------------

static void find_foreign(struct policy *w) {
    w->foreign = SECCOMP_RET_ALLOW;
    for (size_t i = 0; i < w->o->part_count; i++) {
        const struct outline_part *p = &w->o->parts[i];
        for (size_t j = p->span; p->abi == ABI_NONE && j < p->span + p->spans; j++)
            w->foreign = bpf_stricter(w->foreign, worst(w->o->spans[j].cases));
    }
}

// The ABIs that are told apart. x32 as a whole has an option.
static void find_parts(struct policy *w) {
    const struct outline *o = w->o;
    const struct outline_part *x32 = NULL;
    for (size_t i = 0; i < o->part_count; i++) {
        const struct outline_part *p = &o->parts[i];
        if (p->abi == ABI_X32) x32 = p;
        if (outline_shows(o, NULL, p)) w->part[p->abi] = p;
    }
    for (size_t i = 0; i < o->part_count && w->part[ABI_X86_64] == NULL; i++)
        if (o->parts[i].abi == ABI_X86_64 && w->part[ABI_X32] != NULL) w->part[ABI_X86_64] = &o->parts[i];
    bool none = true;
    for (int abi = 0; abi < ABI_COUNT; abi++)
        none = none && w->part[abi] == NULL;
    const enum abi_id here = abi_native() == ABI_NONE ? ABI_X86_64 : abi_native();
    for (size_t i = 0; i < o->part_count && none; i++)
        if (o->parts[i].abi == here) w->part[here] = &o->parts[i];
    if (w->part[ABI_X86_64] != NULL) {
        const struct cases *all = outline_usual(o, x32);
        w->part[ABI_X32] = all == NULL ? x32 : NULL;
        w->x32 = all == NULL ? w->x32 : all->verdict;
    }
    for (int abi = 0; abi < ABI_COUNT; abi++)
        if (w->part[abi] != NULL) w->in |= ABI_SET(abi);
}

// The most common verdict; of those that deny only where some call is let pass, as an empty list of allowed calls is an
// error.
static void find_default(struct policy *w) {
    uint32_t verdicts[VERDICTS];
    unsigned calls[VERDICTS] = {0}, count = 0;
    bool passes = false;
    for (syscall_id id = 0; id < outline_calls(); id++) {
        for (int abi = 0; abi < ABI_COUNT; abi++) {
            const struct fate *f = fate(w, abi, id);
            const struct cases *c = f->cases;
            for (const struct cases *one = c; one != NULL && !is_kernels(id); one = one->next)
                passes = passes || !denies(f->plain ? f->worst : one->verdict);
            if (c == NULL || c->length > 1) continue;
            unsigned i = 0;
            while (i < count && !alike(verdicts[i], c->verdict))
                i++;
            if (i == VERDICTS) continue;
            if (i == count) verdicts[count++] = c->verdict;
            calls[i]++;
        }
    }
    w->default_verdict = SECCOMP_RET_ALLOW;
    unsigned most = 0;
    for (unsigned i = 0; i < count; i++) {
        if (calls[i] <= most || (denies(verdicts[i]) && !passes)) continue;
        most = calls[i];
        w->default_verdict = verdicts[i];
    }
}

static void find_unknown(struct policy *w) {
    bool any = false;
    for (int abi = 0; abi < ABI_COUNT; abi++) {
        const struct outline_span *next = w->part[abi] == NULL ? NULL : outline_next(w->o, w->part[abi]);
        if (next == NULL) continue;
        w->unknown = any ? bpf_stricter(w->unknown, worst(next->cases)) : worst(next->cases);
        any = true;
    }
    w->any_denies = denies(w->default_verdict);
    for (syscall_id id = 0; id < outline_calls(); id++)
        for (int abi = 0; abi < ABI_COUNT && !is_kernels(id); abi++)
            w->any_denies = w->any_denies || (fate(w, abi, id)->cases != NULL && denies(fate(w, abi, id)->worst));
}

// ---- Rules ---------------------------------------------------------------------------------------------------------

// "on x86_64,x32 " where the rule is not for all; ABIs that lack the call do not count.
static void write_on(const struct policy *w, abi_set set, struct text *t) {
    const char *before = "on ";
    if ((w->in & ~set) == 0) return;
    for (int abi = 0; abi < ABI_COUNT; abi++) {
        if ((set & ABI_SET(abi)) == 0) continue;
        text_add(t, "%s%s", before, abis[abi].name);
        before = ",";
    }
    text_add(t, " ");
}

// With conditions, a rule is also asked about where the call is behind a multiplexer.
static abi_set lacking(const struct policy *w, syscall_id id, bool conditions) {
    struct multiplexer m;
    abi_set set = 0;
    for (int abi = 0; abi < ABI_COUNT; abi++)
        if (w->part[abi] != NULL && syscalls_number((enum abi_id)abi, id) < 0 &&
            !(conditions && syscalls_multiplexer((enum abi_id)abi, id, &m)))
            set |= ABI_SET(abi);
    return set;
}

// Of two clauses that ask for one bit, the other way around, so that the default need not be written.
static void turn(const struct policy *w, struct clauses *c) {
    if (c->count != 2 || c->list[0].looks != 1 || !alike(c->list[0].verdict, w->default_verdict)) return;
    struct look *look = &c->list[0].look[0];
    if (look->first != look->last || (look->mask & (look->mask - 1)) != 0) return;
    look->first ^= look->mask;
    look->last = look->first;
    const struct clause last = c->list[1];
    c->list[1].verdict = c->list[0].verdict;
    c->list[1].unsure = c->list[0].unsure;
    c->list[0].verdict = last.verdict;
    c->list[0].unsure = last.unsure;
}

// Lines for the clauses; the last one, which needs no condition, only where the default does not do it.
static int write_clauses(const struct policy *w, abi_set set, enum abi_id abi, syscall_id id, const struct cases *cases,
                         bool last) {
    struct text *t = w->t;
    struct clauses c;
    if (clauses_make(cases, w->o->programs->big_endian, &c) < 0) return -ENOMEM;
    turn(w, &c);
    for (size_t i = 0; i < c.count; i++) {
        const struct clause *clause = &c.list[i];
        if (clause->looks == 0 && !last && alike(clause->verdict, w->default_verdict)) continue;
        write_on(w, set, t);
        write_action(clause->verdict, t);
        text_add(t, " %s", syscalls_name(id));
        if (clause->looks > 0) {
            text_add(t, "(");
            wording_looks(abi, id, clause, t);
            text_add(t, ")");
        }
        text_add(t, "\n");
    }
    clauses_free(&c);
    return 0;
}

// Do the ABIs read the same conditions from the same text? They differ in the order of arguments, their names and widths.
static bool same_conditions(enum abi_id a, enum abi_id b, syscall_id id, const struct cases *c) {
    unsigned asked = 0;
    const struct word all = word_all();
    if (abis[a].bits != abis[b].bits) return false;
    for (; c != NULL; c = c->next)
        for (unsigned i = 0; i < 2 * SYSCALL_ARGUMENTS; i++)
            if (memcmp(&c->where.word[BOX_ARGUMENTS + i], &all, sizeof all) != 0) asked |= 1u << i / 2;
    for (unsigned i = 0; i < SYSCALL_ARGUMENTS; i++) {
        const struct parameter p = syscalls_parameter(a, id, i), q = syscalls_parameter(b, id, i);
        if ((asked >> i & 1) == 0) continue;
        if (p.kind != q.kind || p.width != q.width || p.is_signed != q.is_signed || strcmp(p.name, q.name) != 0)
            return false;
    }
    return true;
}

// One call with conditions on some ABI, those ABIs together that have the same.
static int write_conditional(const struct policy *w, syscall_id id, bool multiplexer) {
    abi_set done = 0;
    int r = 0;
    for (int abi = 0; abi < ABI_COUNT && r == 0; abi++) {
        const struct fate *f = fate(w, abi, id);
        if (f->cases == NULL || f->plain || (done & ABI_SET(abi)) != 0 || f->multiplexer != multiplexer) continue;
        abi_set set = ABI_SET(abi);
        for (int other = abi + 1; other < ABI_COUNT && !multiplexer; other++)
            if (fate(w, other, id)->cases == f->cases && !fate(w, other, id)->multiplexer &&
                same_conditions((enum abi_id)abi, (enum abi_id)other, id, f->cases))
                set |= ABI_SET(other);
        done |= set;
        if (!multiplexer) set |= lacking(w, id, true);
        const bool preset = ruleset_preset(syscalls_name(id), denies(w->default_verdict));
        r = write_clauses(w, set, (enum abi_id)abi, id, f->cases, multiplexer || preset);
    }
    return r;
}

// ---- Rules without conditions ----

struct plain_line {
    uint32_t verdict;
    abi_set set;
};

// The ABIs on which the call has this verdict and nothing else, if a rule is needed to say so.
static abi_set plain_set(const struct policy *w, syscall_id id, uint32_t verdict) {
    abi_set set = 0;
    if (is_kernels(id)) return 0;
    if (alike(verdict, w->default_verdict) && !ruleset_preset(syscalls_name(id), denies(w->default_verdict))) return 0;
    for (int abi = 0; abi < ABI_COUNT; abi++) {
        const struct fate *f = fate(w, abi, id);
        if (f->cases != NULL && f->plain && !f->multiplexer && alike(f->worst, verdict)) set |= ABI_SET(abi);
    }
    return set == 0 ? 0 : set | lacking(w, id, false);
}

static void write_line(const struct policy *w, const struct plain_line *line) {
    struct lines l = {.t = w->t, .width = WIDTH};
    char word[80];
    struct text t;
    text_start(&t, word, sizeof word);
    write_on(w, line->set, &t);
    write_action(line->verdict, &t);
    text_end(&t);
    lines_word(&l, word);
    l.indent = 4;
    unsigned left = 0;
    for (syscall_id id = 0; id < outline_calls(); id++)
        left += plain_set(w, id, line->verdict) == line->set;
    for (syscall_id id = 0; id < outline_calls(); id++) {
        if (plain_set(w, id, line->verdict) != line->set) continue;
        text_start(&t, word, sizeof word);
        text_add(&t, "%s%s", syscalls_name(id), --left > 0 ? "," : "");
        text_end(&t);
        lines_word(&l, word);
    }
    lines_end(&l);
}

static int write_plain(const struct policy *w) {
    struct plain_line *lines = NULL;
    size_t count = 0, room = 0;
    int r = 0;
    for (syscall_id id = 0; id < outline_calls() && r == 0; id++) {
        for (int abi = 0; abi < ABI_COUNT && r == 0; abi++) {
            const struct fate *f = fate(w, abi, id);
            if (f->cases == NULL || !f->plain) continue;
            struct plain_line line = {.verdict = f->worst};
            line.set = plain_set(w, id, line.verdict);
            size_t i = 0;
            while (i < count && (lines[i].set != line.set || !alike(lines[i].verdict, line.verdict)))
                i++;
            if (line.set == 0 || i < count) continue;
            if (count == room && memory_grow(&lines, &room, count + 1, sizeof line) < 0) r = -ENOMEM;
            if (r == 0) lines[count++] = line;
        }
    }
    for (size_t i = 0; i < count && r == 0; i++)
        write_line(w, &lines[i]);
    memory_free(lines);
    return r;
}

// Multiplexers, before the rules that reach them by another name: with a last rule that leaves nothing to those.
static int write_multiplexers(const struct policy *w) {
    int r = 0;
    for (syscall_id id = 0; id < outline_calls() && r == 0; id++) {
        for (int abi = 0; abi < ABI_COUNT; abi++) {
            const struct fate *f = fate(w, abi, id);
            if (f->cases == NULL || !f->plain || !f->multiplexer) continue;
            write_on(w, ABI_SET(abi), w->t);
            write_action(f->worst, w->t);
            text_add(w->t, " %s\n", syscalls_name(id));
        }
        r = write_conditional(w, id, true);
    }
    return r;
}

// ---- Numbers without a name ----

// The spans of unknown numbers that get something else than the option says, from the given one on; NULL: no more.
// *left: how many numbers may still be listed; *listed: these are.
static const struct outline_span *next_numbers(const struct policy *w, const struct outline_part *p, size_t *at,
                                               uint64_t *left, bool *listed) {
    const uint32_t otherwise = w->any_denies ? w->unknown : w->default_verdict;
    for (; *at < p->span + p->spans; ++*at) {
        const struct outline_span *s = &w->o->spans[*at];
        const bool plain = s->cases->length == 1 && !s->cases->unsure;
        if (s->known || (plain && alike(s->cases->verdict, otherwise))) continue;
        const uint64_t count = (uint64_t)s->last - s->first + 1;
        // Numbers that are denied under an allowing default switch the option on, which would change the others.
        *listed = plain && count <= *left && w->any_denies;
        if (*listed) *left -= count;
        ++*at;
        return s;
    }
    return NULL;
}

static void write_numbers(const struct policy *w, enum abi_id abi, const struct outline_span *s) {
    struct lines l = {.t = w->t, .width = WIDTH};
    char word[80];
    struct text t;
    text_start(&t, word, sizeof word);
    write_on(w, ABI_SET(abi), &t);
    write_action(s->cases->verdict, &t);
    text_end(&t);
    lines_word(&l, word);
    l.indent = 4;
    for (uint32_t n = s->first;; n++) {
        text_start(&t, word, sizeof word);
        text_add(&t, "%" PRIu32 "%s", n, n < s->last ? "," : "");
        text_end(&t);
        lines_word(&l, word);
        if (n == s->last) break;
    }
    lines_end(&l);
}

static void write_all_numbers(const struct policy *w) {
    uint64_t left = NUMBERS;
    for (int abi = 0; abi < ABI_COUNT; abi++) {
        const struct outline_part *p = w->part[abi];
        const struct outline_span *s;
        bool listed;
        if (p == NULL) continue;
        for (size_t at = p->span; (s = next_numbers(w, p, &at, &left, &listed)) != NULL;)
            if (listed) write_numbers(w, (enum abi_id)abi, s);
    }
}

// ---- What a policy cannot say --------------------------------------------------------------------------------------

static void note_verdict(const struct cases *c, struct text *t) {
    if (c->length > 1) {
        text_add(t, "depends on arguments, ");
        write_action(worst(c), t);
        text_add(t, " at the strictest");
        return;
    }
    write_action(c->verdict, t);
    if (c->unsure) text_add(t, " at the strictest");
}

static void note_span(enum abi_id abi, uint32_t first, uint32_t last, const struct cases *cases, struct text *t) {
    text_add(t, "# cannot say: numbers %" PRIu32 " to %" PRIu32 " on %s: ", first, last, abis[abi].name);
    if (cases != NULL)
        note_verdict(cases, t);
    else
        text_add(t, "they differ");
    text_add(t, "; a policy has one action for the numbers that no table has\n");
}

// Of many ranges, the first ones.
static void note_numbers(const struct policy *w, enum abi_id abi, const struct outline_part *p, uint64_t *left) {
    const struct outline_span *s, *rest = NULL;
    bool listed;
    unsigned count = 0;
    for (size_t at = p->span; (s = next_numbers(w, p, &at, left, &listed)) != NULL;) {
        if (listed) continue;
        if (count++ < RANGES)
            note_span(abi, s->first, s->last, s->cases, w->t);
        else if (rest == NULL)
            rest = s;
    }
    if (rest != NULL) note_span(abi, rest->first, w->o->spans[p->span + p->spans - 1].last, NULL, w->t);
}

static void note_call(const struct policy *w, enum abi_id abi, syscall_id id, const struct cases *c) {
    unsigned data = 0;
    bool unsure = false;
    uint32_t trap = 0;
    for (const struct cases *one = c; one != NULL; one = one->next) {
        unsure = unsure || one->unsure;
        outline_action(one->verdict, &data);
        if (data != 0) trap = data;
    }
    if (is_kernels(id)) {
        if (c->length == 1 && alike(c->verdict, w->any_denies ? SECCOMP_RET_ALLOW : w->default_verdict)) return;
        text_add(w->t, "# cannot say: %s on %s: ", syscalls_name(id), abis[abi].name);
        note_verdict(c, w->t);
        text_add(w->t, "; a policy lets it pass, as the kernel issues it by itself\n");
        return;
    }
    if (unsure)
        text_add(w->t,
                 "# cannot say: %s on %s: it is computed, or has more cases than can be told; the policy has the "
                 "strictest verdict\n",
                 syscalls_name(id), abis[abi].name);
    if (needs_pointer(c))
        text_add(w->t,
                 "# cannot say: %s on %s: it depends on the place in memory that calls; the policy has the strictest "
                 "verdict\n",
                 syscalls_name(id), abis[abi].name);
    if (trap != 0)
        text_add(w->t, "# cannot say: %s on %s: the trap has si_errno %" PRIu32 "; in a policy it has 0\n",
                 syscalls_name(id), abis[abi].name, trap);
}

static void note_foreign(const struct policy *w) {
    if (w->o->one_foreign) return;
    text_add(w->t,
             "# cannot say: other ABIs than those named here: they are not treated all alike; the policy has the\n"
             "# strictest verdict for them\n");
}

static void note_x32(const struct policy *w) {
    const struct outline *o = w->o;
    for (size_t i = 0; i < o->part_count; i++) {
        const struct outline_part *p = &o->parts[i];
        if (p->abi != ABI_X32 || w->part[ABI_X32] != NULL || w->part[ABI_X86_64] == NULL) continue;
        const struct cases *usual = outline_usual(o, p);
        unsigned count = 0;
        for (size_t j = p->span; j < p->span + p->spans; j++) {
            const struct outline_span *s = &o->spans[j];
            if (s->cases == usual && !s->cases->unsure) continue;
            const bool last = ++count == RANGES;
            note_span(ABI_X32, s->first, last ? UINT32_MAX : s->last, last ? NULL : s->cases, w->t);
            if (last) return;
        }
    }
}

static void write_notes(const struct policy *w) {
    uint64_t left = NUMBERS;
    note_foreign(w);
    for (syscall_id id = 0; id < outline_calls(); id++) {
        for (int abi = 0; abi < ABI_COUNT; abi++) {
            const struct cases *c = fate(w, abi, id)->cases;
            if (c != NULL) note_call(w, (enum abi_id)abi, id, c);
        }
    }
    for (int abi = 0; abi < ABI_COUNT; abi++)
        if (w->part[abi] != NULL) note_numbers(w, (enum abi_id)abi, w->part[abi], &left);
    note_x32(w);
}

// ---- All -----------------------------------------------------------------------------------------------------------

static void write_option(const char *name, uint32_t verdict, struct text *t) {
    text_add(t, "set %s ", name);
    write_action(verdict, t);
    text_add(t, "\n");
}

static void write_head(const struct policy *w) {
    text_add(w->t, "default ");
    write_action(w->default_verdict, w->t);
    text_add(w->t, "\n");
    for (int abi = 0; abi < ABI_COUNT; abi++)
        if (w->part[abi] != NULL) text_add(w->t, "abi %s\n", abis[abi].name);
    if (!alike(w->unknown, SECCOMP_RET_ERRNO | ENOSYS)) write_option("unknown", w->unknown, w->t);
    if (!alike(w->foreign, SECCOMP_RET_KILL_PROCESS)) write_option("foreign", w->foreign, w->t);
    if (!alike(w->x32, SECCOMP_RET_ERRNO | ENOSYS)) write_option("x32", w->x32, w->t);
}

static int write_all(struct policy *w) {
    find_foreign(w);
    find_parts(w);
    int r = find_fates(w);
    if (r < 0) return r;
    find_default(w);
    find_unknown(w);
    write_notes(w);
    write_head(w);
    r = write_multiplexers(w);
    if (r == 0) r = write_plain(w);
    for (syscall_id id = 0; id < outline_calls() && r == 0; id++)
        if (!is_kernels(id)) r = write_conditional(w, id, false);
    if (r == 0) write_all_numbers(w);
    return r;
}

int outline_policy(const struct outline *o, struct text *t, struct error *e) {
    struct policy w = {.o = o, .t = t, .x32 = SECCOMP_RET_ERRNO | ENOSYS, .unknown = SECCOMP_RET_ERRNO | ENOSYS};
    const int r = write_all(&w);
    memory_free(w.fates);
    return r == 0 ? 0 : error_memory(e);
}
