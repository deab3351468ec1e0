// SPDX-License-Identifier: MIT
#include "denials.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pointed.h"

enum {
    DISTINCT_LIMIT = 2000, // about 30 MB
    PLACES = 1024,         // a power of two
    STACKS_LIMIT = 100,    // a place from which that many stacks in a row were known is not walked any more
    KEY_SIZE = 12288,
};

// An instruction that makes calls: in a loop it is the same stack each time, and walking it takes a thousand times
// as long as the call.
struct place {
    const struct layer *by;
    uint64_t ip;
    pid_t process;
    uint32_t number, word;
    unsigned known; // stacks in a row that were no news
    struct denial *last;
};

struct places {
    struct place list[PLACES];
};

static struct place *place_of(struct denials *all, const struct refusal *r) {
    if (all->places == NULL) all->places = calloc(1, sizeof *all->places);
    if (all->places == NULL) return NULL;
    const struct place wanted = {.by = r->verdict.by,
                                 .ip = r->call->ip,
                                 .process = r->process,
                                 .number = r->call->number,
                                 .word = r->verdict.word};
    uint64_t hash = (wanted.ip ^ (uint64_t)wanted.process << 32 ^ wanted.number) * 0x9e3779b97f4a7c15u;
    struct place *p = &all->places->list[hash >> 32 & (PLACES - 1)];
    bool same = p->last != NULL && p->by == wanted.by && p->ip == wanted.ip && p->process == wanted.process &&
                p->number == wanted.number && p->word == wanted.word;
    if (!same) *p = wanted; // another one's, which only has to begin again
    return p;
}

static void write_key(const struct denial *d, char *key) {
    size_t at =
        (size_t)snprintf(key, KEY_SIZE, "%s|%s|%x|%s|%s|%d|%s|%s|%s|%u/%u|%s|%s", d->name, d->call.name, d->made.arch,
                         d->verdict, d->result, d->cause.own, d->cause.rule, d->cause.source, d->cause.words,
                         d->cause.number, d->cause.of, d->cause.loader, d->doubt != NULL ? d->doubt : "");
    for (int i = 0; i < d->frames.count && at < KEY_SIZE; i++)
        at += (size_t)snprintf(key + at, KEY_SIZE - at, "|%s+%" PRIx64, d->frames.list[i].module,
                               d->frames.list[i].place);
}

static void describe(const struct denials *all, const struct refusal *r, struct denial *d) {
    *d = (struct denial){
        .process = r->process, .thread = r->thread, .made = *r->call, .kind = r->verdict.kind, .doubt = r->doubt};
    task_name(r->thread, d->name, sizeof d->name);
    call_write(r->call, &d->call);
    pointed_write(r->thread, r->call, &d->call);
    if (r->strict)
        snprintf(d->verdict, sizeof d->verdict, "kill_thread");
    else if (r->verdict.by != NULL || r->verdict.kind >= VERDICT_TRAP)
        verdict_write(&r->verdict, d->verdict, sizeof d->verdict);
    if (r->verdict.by == NULL && r->verdict.kind >= VERDICT_TRAP && !r->strict)
        snprintf(d->verdict, sizeof d->verdict, "%s", r->verdict.kind == VERDICT_TRAP ? "trap" : "kill");
    if (r->result < 0) errno_write((unsigned)-r->result, d->result, sizeof d->result);
    cause_find(all->rules, r, &d->call, d->verdict, &d->cause);
    frames_take(r->thread, r->call->ip, &d->frames);
}

static struct denial *find(const struct denials *all, const char *key) {
    struct denial *d = all->first;
    while (d != NULL && strcmp(d->key, key) != 0)
        d = d->next;
    return d;
}

static struct denial *keep(struct denials *all, const struct denial *d, const char *key) {
    struct denial *kept = all->distinct < DISTINCT_LIMIT ? malloc(sizeof *kept) : NULL;
    if (kept == NULL) return NULL;
    *kept = *d;
    kept->key = strdup(key);
    if (kept->key == NULL) {
        free(kept);
        return NULL;
    }
    if (all->end == NULL) all->end = &all->first;
    *all->end = kept;
    all->end = &kept->next;
    all->distinct++;
    return kept;
}

static void note_arguments(struct denial *d, const struct made_call *call) {
    for (unsigned i = 0; i < 6; i++)
        if (d->made.arguments[i] != call->arguments[i]) d->varied |= 1u << i;
}

struct denial *denials_add(struct denials *all, const struct refusal *r, bool *is_new) {
    static struct denial now;
    static char key[KEY_SIZE];
    *is_new = false;
    all->refusals++;
    struct place *place = place_of(all, r);
    bool walked = place == NULL || place->last == NULL || place->known < STACKS_LIMIT || all->every_stack;
    if (!walked) {
        place->last->unseen++;
        note_arguments(place->last, r->call);
        place->last->last = all->refusals;
        return r->verdict.kind >= VERDICT_TRAP ? place->last : NULL;
    }
    describe(all, r, &now);
    write_key(&now, key);
    struct denial *d = find(all, key);
    *is_new = d == NULL;
    if (d == NULL) {
        frames_name(&now.frames);
        d = keep(all, &now, key);
    }
    if (d == NULL) {
        *is_new = false;
        all->dropped++;
        return NULL;
    }
    d->count++;
    note_arguments(d, r->call);
    d->last = all->refusals;
    if (place != NULL) {
        place->known = *is_new ? 0 : place->known + 1;
        place->last = d;
    }
    if (!*is_new && all->every_stack) { // --all shows the arguments of each
        d->made = now.made;
        d->call = now.call;
        d->process = now.process;
        d->thread = now.thread;
    }
    return d;
}

void denials_free(struct denials *all) {
    for (struct denial *d = all->first, *next; d != NULL; d = next) {
        next = d->next;
        free(d->key);
        free(d);
    }
    free(all->places);
    *all = (struct denials){.rules = NULL};
}
