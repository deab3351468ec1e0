// SPDX-License-Identifier: MIT
#include "event.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "abjure.h"
#include "output.h"

enum {
    WORDS = 512, // that are kept, a power of 2
    PROBES = 8   // places where one may be
};

bool event_elsewhere;

struct words_key {
    uint32_t arch, number, code;
    uint32_t signal;
    uint32_t present; // of the fields that these come from
    bool is_call, used;
};

static void take(char *text, const char *key, char *into, size_t size) {
    size_t length = strlen(key);
    into[0] = '\0';
    for (char *line = text; line != NULL; line = strchr(line, '\n')) {
        line += line[0] == '\n';
        if (strncmp(line, key, length) != 0 || strncmp(line + length, ": ", 2) != 0) continue;
        snprintf(into, size, "%.*s", (int)strcspn(line + length + 2, "\n"), line + length + 2);
        return;
    }
}

// The library finds the words, for a record that has nothing else.
static void ask(const struct words_key *k, struct event_words *w) {
    char line[256], text[1024], summary[256];
    int at = snprintf(line, sizeof line, "type=%s audit(0.0:0):", k->is_call ? "1326" : "1701");
    if (k->present >> RECORD_ARCH & 1u) at += snprintf(line + at, sizeof line - (size_t)at, " arch=%x", k->arch);
    if (k->is_call) at += snprintf(line + at, sizeof line - (size_t)at, " syscall=%d", (int)k->number);
    if (k->present >> RECORD_CODE & 1u) at += snprintf(line + at, sizeof line - (size_t)at, " code=0x%x", k->code);
    if (k->present >> RECORD_SIG & 1u) snprintf(line + at, sizeof line - (size_t)at, " sig=%u", k->signal);
    *w = (struct event_words){.call = ""};
    if (abjure_explain(line, text, sizeof text) < 0) return;
    take(text, "call", w->call, sizeof w->call);
    take(text, "abi", w->abi, sizeof w->abi);
    take(text, "action", w->action, sizeof w->action);
    take(text, "errno", w->errno_name, sizeof w->errno_name);
    take(text, "signal", w->signal, sizeof w->signal);
    take(text, "summary", summary, sizeof summary);
    // "a program called bind and was killed (SIGSYS), x86_64": what is between.
    static const char start[] = "a program ";
    char *end = w->abi[0] != '\0' ? strrchr(summary, ',') : NULL;
    if (end != NULL) *end = '\0';
    if (strncmp(summary, start, sizeof start - 1) == 0)
        snprintf(w->story, sizeof w->story, "%.*s", (int)sizeof w->story - 1, summary + sizeof start - 1);
}

static bool same(const struct words_key *a, const struct words_key *b) {
    return a->arch == b->arch && a->number == b->number && a->code == b->code && a->signal == b->signal &&
           a->present == b->present && a->is_call == b->is_call;
}

static const struct event_words *words_of(const struct record *r, enum record_kind kind) {
    static struct words_key keys[WORDS];
    static struct event_words words[WORDS];
    uint32_t fields = 1u << RECORD_ARCH | 1u << RECORD_CODE | 1u << RECORD_SIG;
    struct words_key k = {
        r->arch, r->number, r->code, (uint32_t)r->numbers[RECORD_SIG], r->present & fields, kind == RECORD_SECCOMP,
        true};
    uint64_t mixed = ((uint64_t)k.arch << 32 | k.number) * 0x9e3779b97f4a7c15u;
    mixed = (mixed ^ ((uint64_t)k.code << 32 | k.signal)) * 0xff51afd7ed558ccdu;
    uint32_t first = (uint32_t)(mixed >> 40);
    uint32_t at = first % WORDS; // where all places are taken, the first gives way
    for (uint32_t i = 0; i < PROBES; i++) {
        uint32_t next = (first + i) % WORDS;
        if (keys[next].used && same(&keys[next], &k)) return &words[next];
        if (keys[next].used) continue;
        at = next;
        break;
    }
    keys[at] = k;
    ask(&k, &words[at]);
    return &words[at];
}

static const char *decoded(const struct record_text *t, char *bytes, size_t size, size_t *length) {
    *length = 0;
    if (t->bytes == NULL) return NULL;
    if (!t->hex && t->length <= size) {
        *length = t->length;
        return t->bytes;
    }
    *length = record_decode(t, bytes, size);
    return bytes;
}

void event_start(struct event *e, enum record_kind kind) {
    e->kind = kind;
    e->at = e->unit = e->container = NULL;
    e->words = words_of(&e->record, kind);
    e->name = decoded(record_text(&e->record, RECORD_COMM), e->name_bytes, sizeof e->name_bytes, &e->name_length);
    e->exe = decoded(record_text(&e->record, RECORD_EXE), e->exe_bytes, sizeof e->exe_bytes, &e->exe_length);
}

int64_t event_time(const struct event *e) {
    return e->record.seconds < 0 ? -1 : e->record.seconds * 1000 + e->record.milliseconds;
}

const char *event_program(const struct event *e, size_t *length) {
    static const char unknown[] = "(unknown)";
    *length = e->exe != NULL ? e->exe_length : e->name != NULL ? e->name_length : sizeof unknown - 1;
    return e->exe != NULL ? e->exe : e->name != NULL ? e->name : unknown;
}
