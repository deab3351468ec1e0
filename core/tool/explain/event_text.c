// SPDX-License-Identifier: MIT
// The form for people, and that for programs.
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "event.h"
#include "put.h"

// ---- Times ----

void put_iso(int64_t milliseconds) {
    static int64_t last = -1;
    static char text[40];
    int64_t seconds = milliseconds / 1000;
    if (seconds != last) {
        time_t t = (time_t)seconds;
        struct tm utc;
        if (gmtime_r(&t, &utc) == NULL || strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &utc) == 0) text[0] = '\0';
        last = seconds;
    }
    put_text(text);
    put_bytes(".", 1);
    put_padded((uint64_t)(milliseconds % 1000), 3);
    put_bytes("Z", 1);
}

// Whether the text matches a form, where "9" stands for a digit.
static bool has_form(const char *text, size_t length, const char *form) {
    if (strlen(form) > length) return false;
    for (; *form != '\0'; form++, text++)
        if (*form == '9' ? *text < '0' || *text > '9' : *text != *form) return false;
    return true;
}

// The time of day as a line has it that has no time for a program: "Jun 15 15:34:24" has no year,
// "2020-06-15T15:34:24+0000" and "Mon 2020-06-15 15:34:24 UTC" have a zone that need not be ours.
static bool put_clock_before(const struct record *r) {
    static const struct {
        size_t from;
        const char *form;
    } forms[] = {{3, " 99 99:99:99"}, {3, "  9 99:99:99"}, {0, "9999-99-99T99:99:99"}, {3, " 9999-99-99 99:99:99"}};
    const struct record_text *before = &r->before;
    for (size_t i = 0; before->bytes != NULL && i < sizeof forms / sizeof forms[0]; i++) {
        size_t from = forms[i].from;
        if (before->length < from || !has_form(before->bytes + from, before->length - from, forms[i].form)) continue;
        put_bytes(before->bytes + from + strlen(forms[i].form) - 8, 8);
        return true;
    }
    return false;
}

// A time of day and, where the day is another one than before, a line with the date before it.
static void put_clock(const struct record *r) {
    static int64_t last = -1;
    static int day = -1;
    static char text[16];
    if (r->seconds < 0) {
        if (!put_clock_before(r)) put_text("--:--:--");
        return;
    }
    if (r->seconds != last) {
        time_t t = (time_t)r->seconds;
        struct tm local;
        if (localtime_r(&t, &local) == NULL) memset(&local, 0, sizeof local);
        char date[40];
        if (local.tm_year * 366 + local.tm_yday != day && strftime(date, sizeof date, "%Y-%m-%d %Z\n", &local) > 0)
            put_text(date);
        day = local.tm_year * 366 + local.tm_yday;
        strftime(text, sizeof text, "%H:%M:%S", &local);
        last = r->seconds;
    }
    put_bytes(text, 8);
}

// ---- For people ----

static const char *outcome(const struct event *e) {
    static const struct {
        const char *action, *said;
    } outcomes[] = {
        {"kill", "killed"},   {"kill_thread", "killed"}, {"trap", "trapped"}, {"deny", "denied"},
        {"allow", "allowed"}, {"log", "logged"},         {"trace", "traced"}, {"notify", "left to a supervisor"},
        {"", "not said"}};
    for (size_t i = 0; i < sizeof outcomes / sizeof outcomes[0]; i++)
        if (strcmp(outcomes[i].action, e->words->action) == 0) return outcomes[i].said;
    return e->words->errno_name[0] != '\0' ? "denied" : e->words->action;
}

static void put_outcome(const struct event *e) {
    put_text(outcome(e));
    const char *more = e->words->errno_name[0] != '\0' ? e->words->errno_name : e->words->signal;
    if (more[0] == '\0') return;
    put_text(" (");
    put_text(more);
    put_text(")");
}

void event_text(const struct event *e) {
    const struct record *r = &e->record;
    put_clock(r);
    put_text(" ");
    put_clean(e->name != NULL ? e->name : "?", e->name != NULL ? e->name_length : 1);
    if (record_has(r, RECORD_PID)) {
        put_text("[");
        put_number(r->numbers[RECORD_PID]);
        put_text("]");
    }
    put_text(" ");
    if (e->kind == RECORD_SECCOMP) {
        put_text(e->words->call);
        put_text("() -> ");
        put_outcome(e);
    } else {
        put_text("died of SIGSYS");
    }
    if (record_has(r, RECORD_UID)) {
        put_text(", uid ");
        put_number(r->numbers[RECORD_UID]);
    }
    if (e->exe != NULL) {
        put_text(", ");
        put_clean(e->exe, e->exe_length);
    }
    if (e->words->abi[0] != '\0') {
        put_text(", ");
        put_text(e->words->abi);
    }
    if (e->at != NULL) {
        put_text(", at ");
        put_clean(e->at, strlen(e->at));
    } else if (record_has(r, RECORD_IP)) {
        put_text(", ip 0x");
        put_hex(r->numbers[RECORD_IP]);
    }
    put_text("\n");
}

static size_t clean_into(char *buffer, size_t size, const char *bytes, size_t length) {
    size_t at = 0;
    for (size_t i = 0; i < length && at + 5 < size; i++) {
        unsigned char byte = (unsigned char)bytes[i];
        at += (size_t)snprintf(buffer + at, size - at, byte >= ' ' && byte < 0x7f ? "%c" : "\\x%02x", byte);
    }
    return at;
}

void event_common(const struct event *e, char *buffer, size_t size) {
    const struct record *r = &e->record;
    size_t at = clean_into(buffer, size, e->name != NULL ? e->name : "?", e->name != NULL ? e->name_length : 1);
    const struct event_words *w = e->words;
    const char *more = w->errno_name[0] != '\0' ? w->errno_name : w->signal;
    if (e->kind == RECORD_SECCOMP)
        at += (size_t)snprintf(buffer + at, size - at, " %s() -> %s%s%s%s", w->call, outcome(e),
                               more[0] != '\0' ? " (" : "", more, more[0] != '\0' ? ")" : "");
    else
        at += (size_t)snprintf(buffer + at, size - at, " died of SIGSYS");
    if (record_has(r, RECORD_UID))
        at += (size_t)snprintf(buffer + at, size - at, ", uid %u", (unsigned)r->numbers[RECORD_UID]);
    if (e->exe != NULL && at + 8 < size) {
        at += (size_t)snprintf(buffer + at, size - at, ", ");
        at += clean_into(buffer + at, size - at - 32, e->exe, e->exe_length);
    }
    if (w->abi[0] != '\0') snprintf(buffer + at, size - at, ", %s", w->abi);
}

// ---- For programs ----

// JSON in pieces: what put_quoted escapes is in the names only.
void put_sentence(const struct event *e) {
    char text[EVENT_NAME * 2];
    const struct record *r = &e->record;
    size_t at = 0;
    if (e->name != NULL) {
        memcpy(text, e->name, e->name_length);
        at = e->name_length;
    } else {
        at = (size_t)snprintf(text, sizeof text, "a program");
    }
    if (record_has(r, RECORD_PID))
        at += (size_t)snprintf(text + at, sizeof text - at, " (pid %u)", (unsigned)r->numbers[RECORD_PID]);
    at += (size_t)snprintf(text + at, sizeof text - at, " %s", e->words->story);
    if (record_has(r, RECORD_UID))
        at += (size_t)snprintf(text + at, sizeof text - at, ", as uid %u", (unsigned)r->numbers[RECORD_UID]);
    // Both names have at most 4096 bytes, and the rest is below 400: they fit.
    if (e->exe != NULL) {
        at += (size_t)snprintf(text + at, sizeof text - at, ", ");
        size_t room = sizeof text - at - sizeof e->words->abi - 2;
        size_t length = e->exe_length < room ? e->exe_length : room;
        memcpy(text + at, e->exe, length);
        at += length;
    }
    if (e->words->abi[0] != '\0') at += (size_t)snprintf(text + at, sizeof text - at, ", %s", e->words->abi);
    put_quoted(text, at);
}

static void put_text_of(const char *key, const struct record_text *t) {
    if (t->bytes != NULL) put_string(key, t->bytes, t->length);
}

static void put_number_of(const struct record *r, enum record_field field, const char *key) {
    if (!record_has(r, field)) return;
    if ((field == RECORD_AUID || field == RECORD_SES) && r->numbers[field] == RECORD_UNSET)
        put_word(key, "unset");
    else
        put_count(key, r->numbers[field]);
}

static void put_word_of(const char *key, const char *word) {
    if (word[0] != '\0') put_word(key, word);
}

void event_json(const struct event *e) {
    const struct record *r = &e->record;
    put_open(NULL);
    if (r->seconds >= 0) {
        put_key("time");
        put_text("\"");
        put_iso(event_time(e));
        put_text("\"");
        put_count("serial", r->serial);
    }
    put_word_of("call", e->words->call);
    put_word_of("abi", e->words->abi);
    put_word_of("action", e->words->action);
    put_word_of("signal", e->words->signal);
    put_word_of("errno", e->words->errno_name);
    put_number_of(r, RECORD_PID, "pid");
    put_number_of(r, RECORD_UID, "uid");
    put_number_of(r, RECORD_AUID, "auid");
    put_number_of(r, RECORD_GID, "gid");
    put_number_of(r, RECORD_SES, "session");
    if (e->name != NULL) put_string("name", e->name, e->name_length);
    if (e->exe != NULL) put_string("exe", e->exe, e->exe_length);
    if (record_has(r, RECORD_IP)) {
        put_key("ip");
        put_text("\"0x");
        put_hex(r->numbers[RECORD_IP]);
        put_text("\"");
    }
    put_word("at", e->at);
    put_word("unit", e->unit);
    put_word("container", e->container);
    put_text_of("subject", record_text(r, RECORD_SUBJ));
    put_number_of(r, RECORD_COMPAT, "compat");
    put_text_of("user", record_text(r, RECORD_UID_NAME));
    put_text_of("group", record_text(r, RECORD_GID_NAME));
    put_text_of("login", record_text(r, RECORD_AUID_NAME));
    put_text_of("node", record_text(r, RECORD_NODE));
    put_key("summary");
    put_sentence(e);
    put_close();
}
