// SPDX-License-Identifier: MIT
#include "overview.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "put.h"

void overview_start(struct overview *o) {
    *o = (struct overview){.first = -1, .last = -1};
}

void overview_end(struct overview *o) {
    tally_end(&o->calls);
    tally_end(&o->programs);
    tally_end(&o->users);
    tally_end(&o->actions);
    tally_end(&o->unique);
}

// The numbers of a user as text, without snprintf: this runs for each record.
static size_t user_key(const struct record *r, char text[32]) {
    static const char unknown[] = "(unknown)";
    if (!record_has(r, RECORD_UID)) {
        memcpy(text, unknown, sizeof unknown - 1);
        return sizeof unknown - 1;
    }
    uint64_t number = r->numbers[RECORD_UID];
    char digits[32];
    size_t at = sizeof digits;
    do {
        digits[--at] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    memcpy(text, digits + at, sizeof digits - at);
    return sizeof digits - at;
}

static struct tally_entry *add_word(struct tally *t, const char *word, const char *otherwise, int64_t when) {
    if (word[0] == '\0') word = otherwise;
    return tally_add(t, word, strlen(word), when);
}

bool overview_add(struct overview *o, const struct event *e) {
    char user[32];
    size_t length;
    int64_t when = event_time(e);
    const char *program = event_program(e, &length);
    o->records++;
    if (when >= 0 && (o->first < 0 || when < o->first)) o->first = when;
    if (when > o->last) o->last = when;
    return add_word(&o->calls, e->words->call, "(not in the record)", when) != NULL &&
           tally_add(&o->programs, program, length, when) != NULL &&
           tally_add(&o->users, user, user_key(&e->record, user), when) != NULL &&
           add_word(&o->actions, e->words->action, "(not in the record)", when) != NULL;
}

bool overview_add_unique(struct overview *o, const struct event *e) {
    char key[EVENT_NAME * 4 + 512];
    event_common(e, key, sizeof key);
    o->records++;
    return tally_add(&o->unique, key, strlen(key), event_time(e)) != NULL;
}

// ---- Text ----

static void put_count_column(uint64_t count) {
    char text[32];
    snprintf(text, sizeof text, "%10llu  ", (unsigned long long)count);
    put_text(text);
}

static void put_tally(const char *title, struct tally *t) {
    tally_sort(t);
    put_text(title);
    put_text("\n");
    for (size_t i = 0; i < t->count; i++) {
        put_count_column(t->entries[i].count);
        put_clean(t->entries[i].key, t->entries[i].length);
        put_text("\n");
    }
    put_text("\n");
}

static void put_amount(uint64_t number, const char *one, const char *many) {
    put_number(number);
    put_text(number == 1 ? one : many);
}

void overview_text(struct overview *o, const struct left_out *left) {
    put_amount(o->records, " record", " records");
    if (o->first >= 0) {
        put_text(" from ");
        put_iso(o->first);
        put_text(" to ");
        put_iso(o->last);
    }
    put_text("\n");
    put_amount(left->damaged, " damaged line, ", " damaged lines, ");
    put_amount(left->repeated, " death that repeats a record, ", " deaths that repeat a record, ");
    put_amount(left->others, " line of another kind\n\n", " lines of other kinds\n\n");
    put_tally("Calls", &o->calls);
    put_tally("Programs", &o->programs);
    put_tally("Users", &o->users);
    put_tally("Actions", &o->actions);
}

static void put_moment(int64_t when) {
    char text[40] = "-";
    time_t seconds = (time_t)(when / 1000);
    struct tm local;
    if (when >= 0 && localtime_r(&seconds, &local) != NULL) strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", &local);
    put_text(text);
}

void overview_unique_text(struct overview *o) {
    tally_sort(&o->unique);
    for (size_t i = 0; i < o->unique.count; i++) {
        const struct tally_entry *e = &o->unique.entries[i];
        put_count_column(e->count);
        put_moment(e->first);
        put_text(" to ");
        put_moment(e->last);
        put_text("  ");
        put_bytes(e->key, e->length);
        put_text("\n");
    }
}

// ---- JSON ----

static void put_time(const char *key, int64_t when) {
    if (when < 0) return;
    put_key(key);
    put_text("\"");
    put_iso(when);
    put_text("\"");
}

static void put_tally_json(const char *key, struct tally *t) {
    tally_sort(t);
    put_key(key);
    put_text("[");
    for (size_t i = 0; i < t->count; i++) {
        if (i > 0) put_text(",");
        put_text("{\"count\":");
        put_number(t->entries[i].count);
        put_text(",\"value\":");
        put_quoted(t->entries[i].key, t->entries[i].length);
        put_text("}");
    }
    put_text("]");
}

void overview_json(struct overview *o, const struct left_out *left) {
    put_open(NULL);
    put_count("records", o->records);
    put_count("damaged", left->damaged);
    put_count("repeated", left->repeated);
    put_count("others", left->others);
    put_time("first", o->first);
    put_time("last", o->last);
    put_tally_json("calls", &o->calls);
    put_tally_json("programs", &o->programs);
    put_tally_json("users", &o->users);
    put_tally_json("actions", &o->actions);
    put_close();
}

void overview_unique_json(struct overview *o) {
    tally_sort(&o->unique);
    for (size_t i = 0; i < o->unique.count; i++) {
        const struct tally_entry *e = &o->unique.entries[i];
        put_open(NULL);
        put_count("count", e->count);
        put_time("first", e->first);
        put_time("last", e->last);
        put_string("what", e->key, e->length);
        put_close();
    }
}
