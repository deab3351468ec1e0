// SPDX-License-Identifier: MIT
#include <inttypes.h>

#include "memory.h"
#include "outline_write.h"
#include "wording.h"

struct json {
    const struct outline *o;
    const struct outline_request *r;
    struct text *t;
};

static void write_action(uint32_t verdict, bool unsure, struct text *t) {
    unsigned data;
    const struct action action = outline_action(verdict, &data);
    text_add(t, "\"action\": \"");
    action_write(action, t);
    text_add(t, "\"");
    if (data != 0) text_add(t, ", \"data\": %u", data);
    if (unsure) text_add(t, ", \"unsure\": true");
}

static void write_look(enum abi_id abi, syscall_id id, const struct look *look, struct text *t) {
    if (look->argument == CLAUSE_POINTER)
        text_add(t, "{\"name\": \"instruction_pointer\"");
    else
        text_add(t, "{\"argument\": %u, \"name\": \"", (unsigned)look->argument);
    if (look->argument != CLAUSE_POINTER) {
        wording_name(abi, id, look->argument, t);
        text_add(t, "\"");
    }
    text_add(t, ", \"mask\": \"0x%" PRIx64 "\", \"first\": \"0x%" PRIx64 "\", \"last\": \"0x%" PRIx64 "\"}", look->mask,
             look->first, look->last);
}

static void write_case(enum abi_id abi, syscall_id id, const struct clause *c, struct text *t) {
    text_add(t, "{");
    write_action(c->verdict, c->unsure, t);
    text_add(t, ", \"text\": \"");
    wording_looks(abi, id, c, t);
    text_add(t, "\", \"when\": [");
    for (unsigned i = 0; i < c->looks; i++) {
        if (i > 0) text_add(t, ", ");
        write_look(abi, id, &c->look[i], t);
    }
    text_add(t, "]}");
}

// The verdict where no case holds, and the cases, of which the first that holds decides.
static int write_fate(const struct json *j, enum abi_id abi, syscall_id id, const struct cases *cases) {
    struct clauses c;
    if (clauses_make(cases, j->o->programs->big_endian, &c) < 0) return -1;
    const struct clause *end = &c.list[c.count - 1];
    write_action(end->verdict, end->unsure, j->t);
    for (size_t i = 0; i + 1 < c.count; i++) {
        text_add(j->t, "%s\n         ", i > 0 ? "," : ", \"cases\": [");
        write_case(abi, id, &c.list[i], j->t);
    }
    if (c.count > 1) text_add(j->t, "]");
    clauses_free(&c);
    return 0;
}

static int write_call(const struct json *j, enum abi_id abi, uint32_t number, const struct cases *cases, bool first) {
    const syscall_id id = syscalls_at(abi, number);
    text_add(j->t, "%s\n      {\"call\": \"%s\", \"number\": %" PRIu32 ", ", first ? "" : ",", syscalls_name(id),
             number);
    if (write_fate(j, abi, id, cases) < 0) return -1;
    text_add(j->t, "}");
    return 0;
}

static bool asked(const struct outline_request *r, enum abi_id abi, uint32_t number) {
    if (!r->one_call) return true;
    if (r->call == SYSCALL_NONE) return number == r->number;
    return abi != ABI_NONE && syscalls_number(abi, r->call) == (int64_t)number;
}

static int write_calls(const struct json *j, const struct outline_part *p) {
    bool first = true;
    text_add(j->t, "     \"calls\": [");
    for (size_t i = p->span; i < p->span + p->spans; i++) {
        const struct outline_span *s = &j->o->spans[i];
        if (!s->known) continue;
        for (uint32_t n = s->first; n <= s->last; n++) {
            if (!asked(j->r, p->abi, n)) continue;
            if (write_call(j, p->abi, n, s->cases, first) < 0) return -1;
            first = false;
        }
    }
    text_add(j->t, "]");
    return 0;
}

// Numbers that no table knows.
static int write_numbers(const struct json *j, const struct outline_part *p, const char *key) {
    bool first = true;
    text_add(j->t, "\"%s\": [", key);
    for (size_t i = p->span; i < p->span + p->spans; i++) {
        const struct outline_span *s = &j->o->spans[i];
        const bool out =
            j->r->one_call && (j->r->call != SYSCALL_NONE || j->r->number < s->first || j->r->number > s->last);
        if (s->known || out) continue;
        text_add(j->t, "%s\n      {\"first\": %" PRIu32 ", \"last\": %" PRIu32 ", ", first ? "" : ",", s->first,
                 s->last);
        if (write_fate(j, p->abi == ABI_NONE ? ABI_X86_64 : p->abi, SYSCALL_NONE, s->cases) < 0) return -1;
        text_add(j->t, "}");
        first = false;
    }
    text_add(j->t, "]");
    return 0;
}

static bool same_spans(const struct outline *o, const struct outline_part *a, const struct outline_part *b) {
    if (a->spans != b->spans) return false;
    for (size_t i = 0; i < a->spans; i++) {
        const struct outline_span *x = &o->spans[a->span + i], *y = &o->spans[b->span + i];
        if (x->first != y->first || x->last != y->last || x->cases != y->cases) return false;
    }
    return true;
}

// Architectures that are none of ours. Those that fare like the ones before them are told with them.
static int write_others(const struct json *j) {
    const struct outline *o = j->o;
    bool first = true;
    text_add(j->t, "  \"others\": [");
    for (size_t i = 0, next; i < o->part_count; i = next) {
        next = i + 1;
        if (o->parts[i].abi != ABI_NONE) continue;
        while (next < o->part_count && same_spans(o, &o->parts[i], &o->parts[next]))
            next++;
        text_add(j->t, "%s\n    {\"first_arch\": \"0x%" PRIx32 "\", \"last_arch\": \"0x%" PRIx32 "\", ",
                 first ? "" : ",", o->parts[i].arch_first, o->parts[next - 1].arch_last);
        if (write_numbers(j, &o->parts[i], "numbers") < 0) return -1;
        text_add(j->t, "}");
        first = false;
    }
    text_add(j->t, "]\n");
    return 0;
}

static int write_part(const struct json *j, const struct outline_part *p, bool first) {
    text_add(j->t, "%s\n    {\"abi\": \"%s\", \"arch\": \"0x%" PRIx32 "\",\n", first ? "" : ",", abis[p->abi].name,
             abis[p->abi].audit_arch);
    if (write_calls(j, p) < 0) return -1;
    text_add(j->t, ",\n     ");
    if (write_numbers(j, p, "unknown") < 0) return -1;
    text_add(j->t, "}");
    return 0;
}

static bool exact(const struct outline *o) {
    for (size_t i = 0; i < o->span_count; i++)
        for (const struct cases *c = o->spans[i].cases; c != NULL; c = c->next)
            if (c->unsure) return false;
    return true;
}

int outline_json(const struct outline *o, const struct outline_request *r, struct text *t, struct error *e) {
    const struct json j = {.o = o, .r = r, .t = t};
    const char *between = "";
    text_add(t, "{\n  \"instructions\": [");
    const struct program *p = o->programs;
    do {
        text_add(t, "%s%" PRIu32, between, p->count);
        between = ", ";
        p = p->older;
    } while (p != NULL);
    text_add(t, "],\n  \"exact\": %s,\n  \"abis\": [", exact(o) ? "true" : "false");
    bool first = true;
    int failed = 0;
    for (size_t i = 0; i < o->part_count && failed == 0; i++) {
        if (!outline_shows(o, r, &o->parts[i])) continue;
        failed = write_part(&j, &o->parts[i], first);
        first = false;
    }
    // ABIs that the programs do not tell apart are among the others.
    text_add(t, "],\n  \"same_as_others\": [");
    between = "";
    for (size_t i = 0; i < o->part_count; i++) {
        if (o->parts[i].abi == ABI_NONE || o->parts[i].apart) continue;
        text_add(t, "%s\"%s\"", between, abis[o->parts[i].abi].name);
        between = ", ";
    }
    text_add(t, "],\n");
    if (failed == 0) failed = write_others(&j);
    text_add(t, "}\n");
    return failed == 0 ? 0 : error_memory(e);
}
