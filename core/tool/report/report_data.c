// SPDX-License-Identifier: MIT
#include "report_data.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "abjure.h"
#include "holders.h"
#include "host.h"
#include "put.h"

enum {
    PROGRAM = 256 // bytes of a path or name that are shown; where there are more, the page says so
};

// What occurs in the violations, each once: they refer to it by number.
struct words {
    struct tally calls, programs, users, actions, held, groups;
    bool done; // false: out of memory
};

static const char not_there[] = "(not in the record)";

static size_t number_of(struct words *w, struct tally *t, const char *word, size_t length) {
    const struct tally_entry *entry = tally_add(t, word, length, -1);
    if (entry == NULL) w->done = false;
    return entry != NULL ? (size_t)(entry - t->entries) : 0;
}

static void put_comma(bool *first) {
    if (!*first) put_text(",");
    *first = false;
}

static void put_list_start(const char *key) {
    put_key(key);
    put_text("[");
}

static void put_moment(const char *key, int64_t when) {
    if (when >= 0) put_count(key, (uint64_t)when);
}

// ---- One violation ----

static void put_series(const struct timeline *t, const struct violation *one) {
    bool first = true;
    put_list_start("series");
    for (int64_t bucket = t->first; t->begun && bucket <= t->last; bucket++) {
        uint32_t count = one->counts[timeline_slot(bucket)];
        if (count == 0) continue;
        put_comma(&first);
        put_number((uint64_t)(bucket - t->first));
        put_text(",");
        put_number(count);
    }
    put_text("]");
}

static void put_numbers(const char *key, const uint64_t *numbers, unsigned count, bool hex) {
    bool first = true;
    put_list_start(key);
    for (unsigned i = 0; i < count && i < VIOLATION_PIDS; i++) {
        put_comma(&first);
        put_text(hex ? "\"0x" : "");
        if (hex)
            put_hex(numbers[i]);
        else
            put_number(numbers[i]);
        put_text(hex ? "\"" : "");
    }
    if (count > VIOLATION_PIDS) put_text(",null");
    put_text("]");
}

static void put_names(const struct violation *one) {
    bool first = true;
    put_list_start("names");
    for (unsigned i = 0; i < one->name_count; i++) {
        put_comma(&first);
        put_quoted(one->names[i].bytes, one->names[i].length);
    }
    put_text("]");
}

static void put_login(const struct record *r) {
    if (!record_has(r, RECORD_AUID)) return;
    if (r->numbers[RECORD_AUID] == RECORD_UNSET)
        put_word("login", "unset");
    else
        put_count("login", r->numbers[RECORD_AUID]);
}

// The event of the first record, with what is kept of its texts, and without its process: they are many.
static void revive(const struct violation *one, struct event *e) {
    *e = (struct event){.record = one->record};
    struct record_text *texts = e->record.texts;
    size_t length = one->program_length < PROGRAM ? one->program_length : PROGRAM;
    if (one->folded == FOLDED_NOT && one->is_path)
        texts[RECORD_EXE - RECORD_NUMBERS] = (struct record_text){one->program, (uint32_t)length, false};
    if (one->folded == FOLDED_NOT && one->name_count > 0) texts[RECORD_COMM - RECORD_NUMBERS] = one->names[0];
    e->record.present &= ~(1u << RECORD_PID);
    event_start(e, one->kind);
}

static void put_details(const struct violation *one, const struct event *e) {
    const struct event_words *w = e->words;
    if (w->abi[0] != '\0') put_word("abi", w->abi);
    if (w->signal[0] != '\0') put_word("signal", w->signal);
    if (one->kind == RECORD_ABEND) {
        put_key("death");
        put_text("true");
    }
    put_names(one);
    put_numbers("pids", one->pids, one->pid_count, false);
    put_numbers("addresses", one->addresses, one->address_count, true);
    put_login(&one->record);
    put_key("says");
    put_sentence(e);
    put_string("line", one->line, one->line_length);
    if (!one->line_is_cut) return;
    put_key("cut");
    put_text("true");
}

// Which calls on which ABIs there are, for put_groups.
static void hold(struct words *w, size_t call, const struct event *e) {
    char key[128];
    int length = snprintf(key, sizeof key, "%zu %s %s", call, e->words->abi, e->words->call);
    number_of(w, &w->held, key, (size_t)length);
}

static void put_violation(const struct violations *v, const struct violation *one, struct words *w) {
    static struct event e;
    put_element();
    put_count("count", one->count);
    put_moment("first", one->first);
    put_moment("last", one->last);
    put_series(&v->timeline, one);
    if (one->folded != FOLDED_ALL) {
        revive(one, &e);
        const char *action = e.words->action[0] != '\0' ? e.words->action : not_there;
        put_count("action", number_of(w, &w->actions, action, strlen(action)));
    }
    if (one->folded == FOLDED_NOT || one->folded == FOLDED_PROGRAMS) {
        const char *call = e.words->call[0] != '\0' ? e.words->call : not_there;
        size_t number = number_of(w, &w->calls, call, strlen(call));
        put_count("call", number);
        hold(w, number, &e);
    }
    if (one->folded == FOLDED_NOT) {
        char user[32];
        bool has_user = record_has(&one->record, RECORD_UID);
        int length = snprintf(user, sizeof user, "%u", (unsigned)one->record.numbers[RECORD_UID]);
        if (!has_user) length = snprintf(user, sizeof user, "%s", not_there);
        put_count("program", number_of(w, &w->programs, one->program, one->program_length));
        put_count("user", number_of(w, &w->users, user, (size_t)length));
        // Asking for a name costs more than reading a record.
        const char *here = has_user && one->is_here ? host_user((uint32_t)one->record.numbers[RECORD_UID]) : NULL;
        if (one->user[0] != '\0' || here != NULL) put_word("name", one->user[0] != '\0' ? one->user : here);
        put_details(one, &e);
    }
    put_close();
}

// ---- What they refer to ----

static void put_words(const char *key, const struct tally *t) {
    bool first = true;
    put_list_start(key);
    for (size_t i = 0; i < t->count; i++) {
        put_comma(&first);
        put_quoted(t->entries[i].key, t->entries[i].length);
    }
    put_text("]");
}

static void put_programs(const struct tally *t) {
    bool first = true;
    put_list_start("programs");
    for (size_t i = 0; i < t->count; i++) {
        size_t length = t->entries[i].length;
        put_comma(&first);
        put_text("{");
        put_text("\"text\":");
        put_quoted(t->entries[i].key, length < PROGRAM ? length : PROGRAM);
        put_text(",\"length\":");
        put_number(length);
        put_text("}");
    }
    put_text("]");
}

static void put_meanings(const struct tally *calls) {
    bool first = true;
    put_list_start("does");
    for (size_t i = 0; i < calls->count; i++) {
        size_t length = 0;
        const char *text = holders_words(calls->entries[i].key, &length);
        put_comma(&first);
        put_quoted(text != NULL ? text : "", length);
    }
    put_text("]");
}

struct telling {
    struct words *words;
    bool first;
};

static void put_holder(void *context, const struct holder *h) {
    struct telling *t = context;
    number_of(t->words, &t->words->groups, h->group, strlen(h->group));
    put_comma(&t->first);
    put_text("[");
    put_quoted(h->group, strlen(h->group));
    put_text(",");
    put_quoted(h->of, strlen(h->of));
    put_text(",");
    put_quoted(h->rule, strlen(h->rule));
    put_text("]");
}

// Keys "CALL ABI", with the number of the call.
static void put_groups(struct words *w) {
    put_open("held");
    for (size_t i = 0; i < w->held.count; i++) {
        char key[128];
        snprintf(key, sizeof key, "%s", w->held.entries[i].key);
        char *abi = strchr(key, ' ') + 1, *call = strchr(abi, ' ');
        struct telling t = {w, true};
        *call++ = '\0';
        put_list_start(key);
        holders_of(call, abi, put_holder, &t);
        put_text("]");
    }
    put_close();
    put_open("groups");
    for (size_t i = 0; i < w->groups.count; i++)
        put_word(w->groups.entries[i].key, holders_purpose(w->groups.entries[i].key));
    put_close();
}

// ---- The whole ----

static void put_input(const struct report *r) {
    bool first = true;
    put_word("version", abjure_version());
    put_moment("made", (int64_t)time(NULL) * 1000);
    put_list_start("files");
    for (size_t i = 0; i < r->file_count && i < REPORT_FILES; i++) {
        put_comma(&first);
        put_quoted(r->files[i], strlen(r->files[i]));
    }
    put_text("]");
    put_count("fileCount", r->file_count);
    put_count("selected", r->is_selected);
    put_count("incomplete", r->log.status != 0);
    put_count("damaged", r->log.left.damaged);
    put_count("others", r->log.left.others);
    put_count("repeated", r->log.left.repeated);
    first = true;
    put_list_start("damagedLines");
    for (size_t i = 0; i < REPORT_DAMAGED && i < r->log.left.damaged; i++) {
        const struct damaged_line *d = &r->damaged[i];
        put_comma(&first);
        put_element();
        put_string("file", d->file, strlen(d->file));
        put_count("number", d->number);
        put_word("why", d->why);
        put_string("text", d->text, d->length);
        put_count("cut", d->is_cut);
        put_close();
    }
    put_text("]");
}

static void put_time(const struct violations *v) {
    bool first = true;
    put_count("records", v->records);
    put_count("untimed", v->untimed);
    put_count("folded", v->folded);
    put_count("approximate", v->approximate);
    put_list_start("widths");
    for (unsigned i = 0; i < TIMELINE_WIDTHS; i++) {
        put_comma(&first);
        put_number((uint64_t)timeline_widths[i]);
    }
    put_text("]");
    if (!v->timeline.begun) return;
    put_moment("first", v->first);
    put_moment("last", v->last);
    put_count("width", (uint64_t)timeline_widths[v->timeline.width]);
    put_count("buckets", (uint64_t)(v->timeline.last - v->timeline.first + 1));
    put_key("start");
    int64_t start = timeline_start(&v->timeline, v->timeline.first);
    if (start < 0) put_text("-");
    put_number((uint64_t)(start < 0 ? -start : start));
}

static void put_document(const struct report *r, struct words *w) {
    const struct violations *v = &r->violations;
    bool first = true;
    put_open(NULL);
    put_input(r);
    put_time(v);
    put_list_start("violations");
    for (size_t i = 0; i < v->index.count; i++) {
        put_comma(&first);
        put_violation(v, v->all[i], w);
    }
    put_text("]");
    put_words("calls", &w->calls);
    put_words("users", &w->users);
    put_words("actions", &w->actions);
    put_programs(&w->programs);
    put_meanings(&w->calls);
    put_groups(w);
    put_close();
}

// These three stand in strings only, never in what makes JSON JSON.
static void put_escaped(const char *text, size_t length) {
    for (size_t i = 0; i < length;) {
        size_t plain = i;
        while (plain < length && text[plain] != '<' && text[plain] != '>' && text[plain] != '&')
            plain++;
        put_bytes(text + i, plain - i);
        i = plain;
        if (i < length) put_text(text[i] == '<' ? "\\u003c" : text[i] == '>' ? "\\u003e" : "\\u0026");
        if (i < length) i++;
    }
}

bool report_data(const struct report *r) {
    struct words w = {.done = true};
    char *text = NULL;
    size_t size = 0;
    FILE *file = open_memstream(&text, &size);
    bool done = file != NULL;
    if (done) {
        put_into(file);
        put_document(r, &w);
        put_into(NULL);
        done = fclose(file) == 0 && w.done;
    }
    if (done) put_escaped(text, size);
    free(text);
    tally_end(&w.calls);
    tally_end(&w.programs);
    tally_end(&w.users);
    tally_end(&w.actions);
    tally_end(&w.held);
    tally_end(&w.groups);
    holders_end();
    return done;
}
