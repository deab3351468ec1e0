// SPDX-License-Identifier: MIT
#include <inttypes.h>
#include <linux/seccomp.h>
#include <string.h>

#include "memory.h"
#include "outline_write.h"
#include "wording.h"

enum {
    WIDTH = 100,
    RANGES = 16, // of unknown numbers
    GROUPS = 64, // verdicts with a list of calls each; the calls of further ones are told one by one
};

struct report {
    const struct outline *o;
    const struct outline_request *r;
    struct text *t;
    char *word; // working memory
    size_t word_room;
    bool wide; // ":u64" has been written
};

// ---- Verdicts ------------------------------------------------------------------------------------------------------

// What is done with the calls; `one`: with one call.
static void write_verdict(uint32_t verdict, bool unsure, bool one, struct text *t) {
    unsigned data;
    const struct action action = outline_action(verdict, &data);
    const char *const s = one ? "s" : "";
    if (unsure) text_add(t, "computed beyond what can be told; at the strictest: ");
    switch (action.kind) {
    case ACTION_ALLOW:
        text_add(t, "allowed");
        break;
    case ACTION_LOG:
        text_add(t, "allowed and logged");
        break;
    case ACTION_ERRNO:
        if (action.data == 0) {
            text_add(t, "skipped, and seem%s to succeed (errno 0)", s);
            break;
        }
        text_add(t, "fail%s with ", s);
        action_write(action, t);
        break;
    case ACTION_TRAP:
        text_add(t, "trap%s: the signal SIGSYS", s);
        if (data != 0) text_add(t, " with si_errno %u", data);
        break;
    case ACTION_NOTIFY:
        text_add(t, "left to a supervisor (notify)");
        break;
    case ACTION_TRACE:
        text_add(t, "left to a tracer (trace %u), without one ENOSYS", (unsigned)action.data);
        break;
    case ACTION_KILL_THREAD:
        text_add(t, "kill%s the thread", s);
        break;
    case ACTION_KILL:
        text_add(t, "kill%s the process", s);
        break;
    }
}

// ---- Words that are put together and then broken into lines --------------------------------------------------------

// Ready to be written to; the text is in r->word once `fits`.
static int start_word(struct report *r, struct text *t) {
    if (r->word_room == 0 && memory_grow(&r->word, &r->word_room, 256, 1) < 0) return -1;
    text_start(t, r->word, r->word_room);
    return 0;
}

static bool fits(struct report *r, struct text *t) {
    const int64_t length = text_end(t);
    return (uint64_t)length < r->word_room;
}

// Writes each word of a text by itself.
static void write_words(struct lines *l, char *text) {
    for (char *at = text; *at != '\0';) {
        char *end = strchr(at, ' ');
        if (end != NULL) *end = '\0';
        lines_word(l, at);
        if (end == NULL) return;
        at = end + 1;
    }
}

// ---- Conditions ----------------------------------------------------------------------------------------------------

static bool alike(const struct clause *a, const struct clause *b) {
    return a->verdict == b->verdict && a->unsure == b->unsure;
}

static bool same_left(const struct clause *a, const struct clause *b) {
    return a->looks == 1 && b->looks == 1 && alike(a, b) && a->look[0].argument == b->look[0].argument &&
           a->look[0].mask == b->look[0].mask;
}

// "family:u64 is 0 to 2, 7 to 10"
static void write_values(enum abi_id abi, syscall_id id, const struct clause *c, size_t count, struct text *t) {
    wording_argument(abi, id, &c[0].look[0], t);
    text_add(t, " is ");
    for (size_t i = 0; i < count; i++) {
        if (i > 0) text_add(t, ", ");
        wording_values(abi, id, &c[i].look[0], t);
    }
}

// "fails with EPERM where A, or where B": clauses c[0..count) of one verdict.
static void write_where(enum abi_id abi, syscall_id id, const struct clause *c, size_t count, struct text *t) {
    write_verdict(c->verdict, c->unsure, true, t);
    for (size_t i = 0, next; i < count; i = next) {
        next = i + 1;
        while (next < count && same_left(&c[i], &c[next]))
            next++;
        text_add(t, i == 0 ? " where " : ", or where ");
        if (next - i > 1 || (c[i].looks == 1 && c[i].look[0].first != c[i].look[0].last))
            write_values(abi, id, &c[i], next - i, t);
        else
            wording_looks(abi, id, &c[i], t);
    }
}

static void write_clauses(enum abi_id abi, syscall_id id, const struct clauses *c, struct text *t) {
    size_t i = 0;
    for (size_t next; i + 1 < c->count; i = next) {
        next = i + 1;
        while (next + 1 < c->count && alike(&c->list[i], &c->list[next]))
            next++;
        write_where(abi, id, &c->list[i], next - i, t);
        text_add(t, "; ");
    }
    text_add(t, i > 0 ? "else " : "");
    write_verdict(c->list[i].verdict, c->list[i].unsure, true, t);
}

// "NAME: WHAT", broken into lines; where it is long, WHAT begins in a line of its own.
static int write_fate(struct report *r, const char *name, enum abi_id abi, syscall_id id, const struct cases *cases) {
    struct clauses c;
    struct lines l = {.t = r->t, .indent = 4, .width = WIDTH};
    if (clauses_make(cases, r->o->programs->big_endian, &c) < 0) return -1;
    int failed = 0;
    for (bool done = false; !done && failed == 0;) {
        struct text t;
        failed = start_word(r, &t);
        if (failed < 0) break;
        text_add(&t, "%s: ", name);
        write_clauses(abi, id, &c, &t);
        done = fits(r, &t);
        if (!done) failed = memory_grow(&r->word, &r->word_room, t.length + 1, 1);
    }
    clauses_free(&c);
    if (failed < 0) return -1;
    r->wide = r->wide || strstr(r->word, ":u64") != NULL;
    // The lines behind the first are indented further.
    char *space = strchr(r->word, ' ');
    *space = '\0';
    lines_word(&l, r->word);
    l.indent = 8;
    write_words(&l, space + 1);
    lines_end(&l);
    return 0;
}

// ---- One ABI -------------------------------------------------------------------------------------------------------

// A verdict that some calls have without conditions.
struct group {
    uint32_t verdict;
    bool unsure;
    unsigned calls;
};

struct part {
    const struct outline_part *p;
    const struct cases **of; // by syscall_id; NULL: the ABI lacks the call, or nobody asked about it
    struct group group[GROUPS];
    unsigned groups, calls, conditional;
    unsigned largest; // of the groups
};

static bool in_group(const struct group *g, const struct cases *c) {
    return c != NULL && c->length == 1 && c->verdict == g->verdict && c->unsure == g->unsure;
}

static void count_call(struct part *part, const struct cases *c) {
    unsigned g = 0;
    part->calls++;
    if (c->length > 1) {
        part->conditional++;
        return;
    }
    while (g < part->groups && !in_group(&part->group[g], c))
        g++;
    if (g == GROUPS) { // told one by one
        part->conditional++;
        return;
    }
    if (g == part->groups) part->group[part->groups++] = (struct group){c->verdict, c->unsure, 0};
    part->group[g].calls++;
    if (part->group[g].calls > part->group[part->largest].calls) part->largest = g;
}

static int find_part(const struct report *r, const struct outline_part *p, struct part *part) {
    *part = (struct part){.p = p, .of = memory_new(syscalls_count(), sizeof(struct cases *))};
    if (part->of == NULL) return -1;
    for (syscall_id id = 0; id < outline_calls(); id++) {
        const int64_t number = syscalls_number(p->abi, id);
        const bool named =
            !r->r->one_call || r->r->call == id || (r->r->call == SYSCALL_NONE && number == (int64_t)r->r->number);
        if (number < 0 || !named) continue;
        part->of[id] = outline_cases(r->o, p, (uint32_t)number);
        count_call(part, part->of[id]);
    }
    return 0;
}

static void write_group(struct report *r, const struct part *part, unsigned g) {
    const struct group *group = &part->group[g];
    struct lines l = {.t = r->t, .indent = 4, .width = WIDTH};
    // A list of nearly all calls hides the few that matter.
    const bool rest = g == part->largest && part->groups + part->conditional > 1 && 4 * group->calls > 3 * part->calls;
    unsigned left = group->calls;
    text_add(r->t, "  ");
    write_verdict(group->verdict, group->unsure, false, r->t);
    if (rest) {
        text_add(r->t, ": all other %u calls that are known\n", group->calls);
        return;
    }
    text_add(r->t, " (%u call%s)\n", group->calls, group->calls == 1 ? "" : "s");
    for (syscall_id id = 0; id < outline_calls(); id++) {
        char word[64];
        struct text t;
        if (!in_group(group, part->of[id])) continue;
        text_start(&t, word, sizeof word);
        text_add(&t, "%s%s", syscalls_name(id), --left > 0 ? "," : "");
        text_end(&t);
        lines_word(&l, word);
    }
    lines_end(&l);
}

static int write_conditional(struct report *r, const struct part *part) {
    if (part->conditional == 0) return 0;
    text_add(r->t, "  on conditions (%u call%s)\n", part->conditional, part->conditional == 1 ? "" : "s");
    for (syscall_id id = 0; id < outline_calls(); id++) {
        const struct cases *c = part->of[id];
        bool grouped = false;
        for (unsigned g = 0; g < part->groups && !grouped; g++)
            grouped = in_group(&part->group[g], c);
        if (c == NULL || grouped) continue;
        if (write_fate(r, syscalls_name(id), part->p->abi, id, c) < 0) return -1;
    }
    return 0;
}

// ---- Numbers -------------------------------------------------------------------------------------------------------

static int write_span(struct report *r, enum abi_id abi, uint32_t first, uint32_t last, const struct cases *cases) {
    char name[64];
    struct text t;
    text_start(&t, name, sizeof name);
    if (first == last)
        text_add(&t, "%" PRIu32, first);
    else
        text_add(&t, "%" PRIu32 "-%" PRIu32, first, last);
    text_end(&t);
    return write_fate(r, name, abi, SYSCALL_NONE, cases);
}

// Numbers that no table knows and that do not get what they usually get.
static int write_exceptions(struct report *r, const struct outline_part *p, const struct cases *usual) {
    const struct outline_span *open = NULL, *last = NULL; // of a row of spans that get the same
    unsigned rows = 0;
    for (size_t i = p->span; i <= p->span + p->spans; i++) {
        const struct outline_span *s = i < p->span + p->spans ? &r->o->spans[i] : NULL;
        if (s != NULL && s->known) continue;
        if (open != NULL && (s == NULL || s->cases != open->cases)) {
            if (rows++ < RANGES && write_span(r, p->abi, open->first, last->last, open->cases) < 0) return -1;
            open = NULL;
        }
        if (open == NULL && s != NULL && s->cases != usual) open = s;
        last = s;
    }
    if (rows > RANGES) text_add(r->t, "    and %u ranges more, which JSON has\n", rows - RANGES);
    return 0;
}

static int write_unknown(struct report *r, const struct outline_part *p) {
    const struct outline_span *usual = outline_next(r->o, p);
    if (r->r->one_call && (r->r->call != SYSCALL_NONE || syscalls_known(p->abi, r->r->number))) return 0;
    if (r->r->one_call) return write_span(r, p->abi, r->r->number, r->r->number, outline_cases(r->o, p, r->r->number));
    if (usual == NULL) return 0;
    text_add(r->t, "  numbers that are no call yet\n");
    if (write_fate(r, "all", p->abi, SYSCALL_NONE, usual->cases) < 0) return -1;
    return write_exceptions(r, p, usual->cases);
}

static int write_part(struct report *r, const struct outline_part *p) {
    const struct cases *all = outline_usual(r->o, p);
    struct part *part;
    if (all != NULL && !r->r->one_call) {
        text_add(r->t, "\n%s: every call: ", abis[p->abi].name);
        write_verdict(all->verdict, all->unsure, true, r->t);
        text_add(r->t, "\n");
        return write_exceptions(r, p, all);
    }
    part = memory_new(1, sizeof *part);
    if (part == NULL) return -1;
    text_add(r->t, "\n%s\n", abis[p->abi].name);
    int failed = find_part(r, p, part);
    for (unsigned g = 0; g < part->groups && failed == 0; g++)
        if (g != part->largest) write_group(r, part, g);
    if (failed == 0) failed = write_conditional(r, part);
    if (failed == 0 && part->groups > 0) write_group(r, part, part->largest);
    if (failed == 0) failed = write_unknown(r, p);
    memory_free(part->of);
    memory_free(part);
    return failed;
}

// ---- All -----------------------------------------------------------------------------------------------------------

static int write_others(struct report *r) {
    const struct outline *o = r->o;
    const char *between = " (";
    text_add(r->t, "\nany other ABI");
    for (size_t i = 0; i < o->part_count; i++) {
        if (o->parts[i].abi == ABI_NONE || o->parts[i].apart || outline_shows(o, r->r, &o->parts[i])) continue;
        text_add(r->t, "%s%s", between, abis[o->parts[i].abi].name);
        between = ", ";
    }
    text_add(r->t, "%s", strcmp(between, " (") == 0 ? "" : ", and those that abjure has no table for)");
    for (size_t i = 0; i < o->part_count && o->one_foreign; i++) {
        if (o->parts[i].abi != ABI_NONE) continue;
        const struct cases *all = o->spans[o->parts[i].span].cases;
        text_add(r->t, ": every call: ");
        write_verdict(all->verdict, all->unsure, true, r->t);
        text_add(r->t, "\n");
        return 0;
    }
    text_add(r->t,
             "\n  is not told apart by its number of architecture: what is said here of numbers holds there, too,\n"
             "  and they mean other calls there\n");
    return 0;
}

static void write_title(const struct report *r) {
    unsigned count = 0;
    for (const struct program *p = r->o->programs; p != NULL; p = p->older)
        count++;
    text_add(r->t, count > 1 ? "%u programs, with " : "%u program, with ", count);
    for (const struct program *p = r->o->programs; p != NULL; p = p->older)
        text_add(r->t, "%" PRIu32 "%s", p->count, p->older == NULL ? "" : p->older->older == NULL ? " and " : ", ");
    text_add(r->t, " instructions%s\n", count > 1 ? ": each is asked, and the strictest verdict wins" : "");
}

int outline_text(const struct outline *o, const struct outline_request *request, struct text *t, struct error *e) {
    struct report r = {.o = o, .r = request, .t = t};
    int failed = 0;
    write_title(&r);
    for (size_t i = 0; i < o->part_count && failed == 0; i++)
        if (outline_shows(o, request, &o->parts[i])) failed = write_part(&r, &o->parts[i]);
    if (failed == 0 && request->abi == ABI_NONE) failed = write_others(&r);
    if (r.wide) text_add(t, "\nNAME:u64 stands for all 64 bits of the register, of which the kernel may use fewer.\n");
    memory_free(r.word);
    return failed == 0 ? 0 : error_memory(e);
}
