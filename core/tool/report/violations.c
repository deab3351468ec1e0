// SPDX-License-Identifier: MIT
#include "violations.h"

#include <stdlib.h>
#include <string.h>

#include "host.h"

enum {
    POINTER = sizeof(void *),
    MOST = 8192,     // distinct ones at once: about 16 MiB
    KEPT = 4096,     // where there are more, the rarest are folded until as many are left
    FOLDS = 200,     // rows of FOLDED_PROGRAMS; an attacker can make calls of any number
    MORE_FOLDS = 250 // with those of FOLDED_CALLS; a forged log can hold any action
};

// What is the same in the records of one violation, before the bytes of the program.
struct head {
    uint32_t arch, number, code, signal, user, present;
    uint8_t kind, is_path, folded, unused;
};

struct key {
    struct head head;
    char program[EVENT_NAME];
};

static size_t key_of(const struct event *e, struct key *k) {
    const struct record *r = &e->record;
    size_t length;
    const char *program = event_program(e, &length);
    uint32_t fields =
        1u << RECORD_ARCH | 1u << RECORD_SYSCALL | 1u << RECORD_CODE | 1u << RECORD_SIG | 1u << RECORD_UID;
    k->head = (struct head){.arch = r->arch,
                            .number = r->number,
                            .code = r->code,
                            .signal = (uint32_t)r->numbers[RECORD_SIG],
                            .user = (uint32_t)r->numbers[RECORD_UID],
                            .present = r->present & fields,
                            .kind = (uint8_t)e->kind,
                            .is_path = e->exe != NULL};
    if (length > sizeof k->program) length = sizeof k->program;
    memcpy(k->program, program, length);
    return sizeof k->head + length;
}

// The array follows the index, and has room before the index grows.
static struct violation *slot_for(struct violations *v, const struct key *k, size_t length) {
    size_t before = v->index.count;
    if (before == v->room) {
        size_t room = v->room == 0 ? 64 : v->room * 2;
        struct violation **larger = realloc(v->all, room * POINTER);
        if (larger == NULL) return NULL;
        v->all = larger;
        v->room = room;
    }
    const struct tally_entry *entry = tally_add(&v->index, (const char *)k, length, -1);
    if (entry == NULL) return NULL;
    size_t at = (size_t)(entry - v->index.entries);
    if (at < before) return v->all[at];
    struct violation *new = calloc(1, sizeof *new);
    v->all[at] = new;
    if (new == NULL) return NULL;
    new->first = new->last = -1;
    new->folded = (enum folded)k->head.folded;
    return new;
}

static void end_violation(struct violation *one) {
    if (one == NULL) return;
    for (unsigned i = 0; i < one->name_count; i++)
        free((char *)one->names[i].bytes);
    free((char *)one->program);
    free(one->line);
    free(one);
}

static char *copy_of(const char *bytes, size_t length) {
    char *copy = malloc(length + 1);
    if (copy == NULL) return NULL;
    memcpy(copy, bytes, length);
    copy[length] = '\0';
    return copy;
}

// ---- What is kept of the records ----

static void widen_span(int64_t *first, int64_t *last, int64_t when) {
    if (when < 0) return;
    if (*first < 0 || when < *first) *first = when;
    if (when > *last) *last = when;
}

static void keep_number(uint64_t *numbers, unsigned *count, uint64_t number) {
    for (unsigned i = 0; i < *count && i < VIOLATION_PIDS; i++)
        if (numbers[i] == number) return;
    if (*count < VIOLATION_PIDS) numbers[*count] = number;
    if (*count <= VIOLATION_PIDS) ++*count;
}

// Threads of one program have names of their own.
static void keep_name(struct violation *one, const struct event *e) {
    if (e->name == NULL || one->name_count == VIOLATION_NAMES) return;
    for (unsigned i = 0; i < one->name_count; i++)
        if (one->names[i].length == e->name_length && memcmp(one->names[i].bytes, e->name, e->name_length) == 0) return;
    char *copy = copy_of(e->name, e->name_length);
    if (copy != NULL) one->names[one->name_count++] = (struct record_text){copy, (uint32_t)e->name_length, false};
}

static void keep_user(struct violation *one, const struct event *e) {
    const struct record_text *given = record_text(&e->record, RECORD_UID_NAME);
    if (given->bytes != NULL && given->length < sizeof one->user) memcpy(one->user, given->bytes, given->length);
}

// What the first record tells. False: out of memory.
static bool keep_first(struct violation *one, const struct event *e, const char *line, size_t length) {
    const char *program = event_program(e, &one->program_length);
    one->kind = e->kind;
    const struct record_text *node = record_text(&e->record, RECORD_NODE);
    one->is_path = e->exe != NULL;
    one->is_here = host_is(node->bytes, node->length);
    one->record = e->record;
    memset(one->record.texts, 0, sizeof one->record.texts);
    one->record.before = (struct record_text){NULL, 0, false};
    one->program = copy_of(program, one->program_length);
    one->line_is_cut = length > VIOLATION_LINE;
    one->line_length = one->line_is_cut ? VIOLATION_LINE : length;
    one->line = copy_of(line, one->line_length);
    return one->program != NULL && one->line != NULL;
}

static void count_in_time(struct violations *v, struct violation *one, int64_t seconds) {
    unsigned width = timeline_needed(&v->timeline, seconds);
    if (v->timeline.begun && width != v->timeline.width)
        for (size_t i = 0; i < v->index.count; i++)
            timeline_join(&v->timeline, width, v->all[i]->counts);
    timeline_take(&v->timeline, width, seconds);
    one->counts[timeline_slot(timeline_bucket(width, seconds))]++;
}

// ---- Folding ----

static int by_count(const void *a, const void *b) {
    const struct violation *left = *(const struct violation *const *)a, *right = *(const struct violation *const *)b;
    if (left->folded != right->folded) return left->folded < right->folded ? -1 : 1;
    if (left->count != right->count) return left->count < right->count ? 1 : -1;
    // Of as many, the one that came last is news.
    return left->last != right->last ? (left->last < right->last ? 1 : -1) : 0;
}

static void key_of_violation(const struct violation *one, enum folded folded, struct key *k, size_t *length) {
    const struct record *r = &one->record;
    uint32_t fields = 1u << RECORD_ARCH | 1u << RECORD_SYSCALL | 1u << RECORD_CODE | 1u << RECORD_SIG;
    *length = sizeof k->head;
    k->head = (struct head){.folded = (uint8_t)folded};
    if (folded == FOLDED_ALL) return;
    k->head.code = r->code;
    k->head.signal = (uint32_t)r->numbers[RECORD_SIG];
    k->head.present = r->present & (1u << RECORD_CODE | 1u << RECORD_SIG);
    k->head.kind = (uint8_t)one->kind;
    if (folded == FOLDED_CALLS) return;
    k->head.arch = r->arch;
    k->head.number = r->number;
    k->head.present = r->present & fields;
    if (folded == FOLDED_PROGRAMS) return;
    k->head.present = r->present & (fields | 1u << RECORD_UID);
    k->head.user = (uint32_t)r->numbers[RECORD_UID];
    k->head.is_path = one->is_path;
    size_t program = one->program_length < sizeof k->program ? one->program_length : sizeof k->program;
    memcpy(k->program, one->program, program);
    *length += program;
}

static void add_counts(struct violation *into, const struct violation *one) {
    into->count += one->count;
    widen_span(&into->first, &into->last, one->first);
    widen_span(&into->first, &into->last, one->last);
    for (int i = 0; i < BUCKETS; i++)
        into->counts[i] += one->counts[i];
}

static bool fold(struct violations *v, const struct violation *one, size_t *folds) {
    struct key k;
    size_t length, before = v->index.count;
    enum folded folded = *folds < FOLDS ? FOLDED_PROGRAMS : *folds < MORE_FOLDS ? FOLDED_CALLS : FOLDED_ALL;
    key_of_violation(one, folded, &k, &length);
    struct violation *into = slot_for(v, &k, length);
    if (into == NULL) return false;
    if (v->index.count > before) {
        ++*folds;
        into->kind = one->kind;
        into->record = one->record;
        into->record.present &= ~(1u << RECORD_UID);
    }
    add_counts(into, one);
    v->folded += one->count;
    return true;
}

// Leaves the `most` that are the most frequent, and rows for all others.
static bool fold_rarest(struct violations *v, size_t most) {
    size_t count = v->index.count, folds = 0, kept = 0;
    struct violation **old = v->all;
    bool done = true;
    if (old == NULL) return true;
    qsort(old, count, POINTER, by_count);
    tally_end(&v->index);
    v->all = NULL;
    v->room = 0;
    for (size_t i = 0; i < count; i++) {
        struct violation *one = old[i];
        struct key k;
        size_t length;
        bool keep = one->folded != FOLDED_NOT || kept < most;
        if (!keep) continue;
        key_of_violation(one, one->folded, &k, &length);
        struct violation *slot = done ? slot_for(v, &k, length) : NULL;
        done = slot != NULL;
        if (!done) continue;
        free(slot);
        v->all[v->index.count - 1] = one;
        old[i] = NULL;
        kept += one->folded == FOLDED_NOT;
        folds += one->folded != FOLDED_NOT;
    }
    for (size_t i = 0; i < count; i++) {
        if (old[i] == NULL) continue;
        done = done && fold(v, old[i], &folds);
        end_violation(old[i]);
    }
    free(old);
    return done;
}

// ---- All of them ----

static bool add(struct violations *v, const struct event *e, const char *line, size_t length) {
    static struct key k;
    size_t key = key_of(e, &k);
    int64_t when = event_time(e);
    struct violation *one = slot_for(v, &k, key);
    if (one == NULL) return false;
    if (one->count++ == 0 && !keep_first(one, e, line, length)) return false;
    if (v->records++ == 0) v->first = v->last = -1;
    widen_span(&v->first, &v->last, when);
    widen_span(&one->first, &one->last, when);
    if (record_has(&e->record, RECORD_PID)) keep_number(one->pids, &one->pid_count, e->record.numbers[RECORD_PID]);
    if (record_has(&e->record, RECORD_IP))
        keep_number(one->addresses, &one->address_count, e->record.numbers[RECORD_IP]);
    keep_name(one, e);
    if (one->user[0] == '\0') keep_user(one, e);
    if (when < 0)
        v->untimed++;
    else
        count_in_time(v, one, e->record.seconds);
    if (v->index.count < MOST) return true;
    v->approximate = true;
    return fold_rarest(v, KEPT);
}

bool violations_add(struct violations *v, const struct event *e, const char *line, size_t length) {
    if (!v->broken) v->broken = !add(v, e, line, length);
    return !v->broken;
}

bool violations_finish(struct violations *v, size_t most) {
    if (v->broken || !fold_rarest(v, most)) return false;
    if (v->all != NULL) qsort(v->all, v->index.count, POINTER, by_count);
    return true;
}

void violations_end(struct violations *v) {
    for (size_t i = 0; i < v->index.count; i++)
        end_violation(v->all[i]);
    free(v->all);
    tally_end(&v->index);
    *v = (struct violations){0};
}
