// SPDX-License-Identifier: MIT
// A document in Elastic Common Schema, with the names that Auditbeat gives to records of seccomp.
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "abjure.h"
#include "event.h"
#include "host.h"
#include "put.h"

#define ECS_VERSION "8.11.0"

// A user as the record, or else this machine, names it. Where there is neither: the number.
struct person {
    const char *name;
    size_t length;
    char digits[16];
};

static void name_person(const struct event *e, enum record_field field, enum record_field text, struct person *p) {
    const struct record *r = &e->record;
    const struct record_text *given = record_text(r, text), *node = record_text(r, RECORD_NODE);
    uint32_t id = (uint32_t)r->numbers[field];
    *p = (struct person){.name = given->bytes, .length = given->length};
    bool unset = !record_has(r, field) || id == RECORD_UNSET;
    if (p->name == NULL && !unset && host_is(node->bytes, node->length))
        p->name = field == RECORD_GID ? host_group(id) : host_user(id);
    if (p->name != NULL && p->name != given->bytes) p->length = strlen(p->name);
}

static void put_person(const struct event *e, enum record_field field, const struct person *p) {
    const struct record *r = &e->record;
    if (!record_has(r, field)) return;
    if (r->numbers[field] == RECORD_UNSET)
        put_word("id", "unset");
    else
        put_digits("id", r->numbers[field]);
    if (p->name != NULL) put_string("name", p->name, p->length);
}

// "user:role:type:level" of SELinux; others give one word, which Auditbeat calls the user too.
static void put_subject(const struct record_text *subject) {
    static const char *const keys[] = {"user", "role", "domain", "level", "category"};
    if (subject->bytes == NULL) return;
    const char *at = subject->bytes, *end = at + subject->length;
    put_open("selinux");
    for (size_t i = 0; i < 5 && at < end; i++) {
        const char *colon = i < 4 ? memchr(at, ':', (size_t)(end - at)) : NULL;
        size_t length = (size_t)((colon != NULL ? colon : end) - at);
        put_string(keys[i], at, length);
        at += length + 1;
    }
    put_close();
}

static void put_user(const struct event *e, const struct person *login, const struct person *user) {
    struct person group;
    name_person(e, RECORD_GID, RECORD_GID_NAME, &group);
    put_open("user");
    put_person(e, RECORD_UID, user);
    put_open("group");
    put_person(e, RECORD_GID, &group);
    put_close();
    put_open("audit");
    put_person(e, RECORD_AUID, login);
    put_close();
    put_subject(record_text(&e->record, RECORD_SUBJ));
    put_close();
}

// failure: the filter kept the call from being made; success: it was made, and logged.
static const char *event_outcome(const struct event *e) {
    const char *action = e->words->action;
    if (strcmp(action, "log") == 0 || strcmp(action, "allow") == 0) return "success";
    bool asks = strcmp(action, "notify") == 0 || strcmp(action, "trace") == 0;
    return asks || (action[0] == '\0' && e->words->signal[0] == '\0') ? "unknown" : "failure";
}

static bool kills(const struct event *e) {
    const char *action = e->words->action;
    return e->kind == RECORD_ABEND || strncmp(action, "kill", 4) == 0;
}

static void put_event(const struct event *e) {
    put_open("event");
    put_word("kind", "event");
    put_word("module", "auditd");
    put_word("action", "violated-seccomp-policy");
    put_key("category");
    put_text("[\"process\"]");
    put_key("type");
    put_text(kills(e) ? "[\"info\",\"end\"]" : "[\"info\"]");
    put_word("outcome", event_outcome(e));
    if (e->record.seconds >= 0) put_count("sequence", e->record.serial);
    put_close();
}

static void put_process(const struct event *e) {
    put_open("process");
    if (record_has(&e->record, RECORD_PID)) put_count("pid", e->record.numbers[RECORD_PID]);
    if (e->name != NULL) put_string("name", e->name, e->name_length);
    if (e->exe != NULL) put_string("executable", e->exe, e->exe_length);
    put_close();
}

static void put_raw(const struct record *r, enum record_field field, const char *key, const char *prefix) {
    if (!record_has(r, field)) return;
    put_key(key);
    put_text("\"");
    put_text(prefix);
    put_hex(r->numbers[field]);
    put_text("\"");
}

// The fields as the record has them: numbers, not names.
static void put_data(const struct event *e) {
    const struct record *r = &e->record;
    put_open("data");
    put_raw(r, RECORD_CODE, "code", "0x");
    if (record_has(r, RECORD_SIG)) put_digits("sig", r->numbers[RECORD_SIG]);
    if (record_has(r, RECORD_COMPAT)) put_digits("compat", r->numbers[RECORD_COMPAT]);
    put_raw(r, RECORD_ARCH, "arch", "");
    put_raw(r, RECORD_IP, "ip", "0x");
    if (record_has(r, RECORD_SYSCALL)) {
        if ((int64_t)r->numbers[RECORD_SYSCALL] < 0)
            put_word("syscall", "-1");
        else
            put_digits("syscall", r->numbers[RECORD_SYSCALL]);
    }
    put_close();
}

static void put_actor(const char *key, const struct person *p, const struct event *e, enum record_field field) {
    if (p->name != NULL)
        put_string(key, p->name, p->length);
    else if (record_has(&e->record, field) && e->record.numbers[field] == RECORD_UNSET)
        put_word(key, "unset");
    else if (record_has(&e->record, field))
        put_digits(key, e->record.numbers[field]);
}

static void put_auditd(const struct event *e, const struct person *login, const struct person *user) {
    const struct record *r = &e->record;
    put_open("auditd");
    put_word("message_type", e->kind == RECORD_SECCOMP ? "seccomp" : "anom_abend");
    if (r->seconds >= 0) put_count("sequence", r->serial);
    if (record_has(r, RECORD_SES) && r->numbers[RECORD_SES] == RECORD_UNSET)
        put_word("session", "unset");
    else if (record_has(r, RECORD_SES))
        put_digits("session", r->numbers[RECORD_SES]);
    // Records of seccomp have no res=.
    put_word("result", !record_has(r, RECORD_RES) ? "unknown" : r->numbers[RECORD_RES] != 0 ? "success" : "fail");
    put_open("summary");
    put_open("actor");
    put_actor("primary", login, e, RECORD_AUID);
    put_actor("secondary", user, e, RECORD_UID);
    put_close();
    put_open("object");
    if (e->words->call[0] != '\0') put_word("primary", e->words->call);
    put_word("type", "process");
    put_close();
    if (e->name != NULL) put_string("how", e->name, e->name_length);
    put_close();
    put_data(e);
    put_close();
}

static void put_seccomp(const struct event *e) {
    const struct event_words *w = e->words;
    put_open("seccomp");
    if (w->action[0] != '\0') put_word("action", w->action);
    if (w->errno_name[0] != '\0') put_word("errno", w->errno_name);
    if (w->call[0] != '\0') put_word("call", w->call);
    if (w->abi[0] != '\0') put_word("abi", w->abi);
    put_word("at", e->at);
    put_close();
}

static void put_versions(void) {
    put_open("ecs");
    put_word("version", ECS_VERSION);
    put_close();
    put_open("agent");
    put_word("type", "abjure");
    put_word("version", abjure_version());
    put_close();
}

static void put_origin(const struct event *e) {
    if (e->container != NULL) {
        put_open("container");
        put_word("id", e->container);
        put_close();
    }
    if (e->unit != NULL) {
        put_open("systemd");
        put_word("unit", e->unit);
        put_close();
    }
}

void event_ecs(const struct event *e) {
    const struct record *r = &e->record;
    const struct record_text *node = record_text(r, RECORD_NODE);
    struct person login, user;
    name_person(e, RECORD_AUID, RECORD_AUID_NAME, &login);
    name_person(e, RECORD_UID, RECORD_UID_NAME, &user);
    put_open(NULL);
    if (r->seconds >= 0) {
        put_key("@timestamp");
        put_text("\"");
        put_iso(event_time(e));
        put_text("\"");
    }
    put_key("message");
    put_sentence(e);
    put_versions();
    put_event(e);
    put_open("service");
    put_word("type", "auditd");
    put_close();
    put_process(e);
    put_user(e, &login, &user);
    put_auditd(e, &login, &user);
    put_seccomp(e);
    put_origin(e);
    put_host(node->bytes, node->length);
    put_close();
}

// ---- What is missing ----

static int64_t now(void) {
    struct timespec t = {0};
    clock_gettime(CLOCK_REALTIME, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void put_time_and_loss(const char *time_key, const char *text_key, uint64_t count, const char *why) {
    char text[512];
    put_key(time_key);
    put_text("\"");
    put_iso(now());
    put_text("\"");
    snprintf(text, sizeof text, "lost: %llu %s", (unsigned long long)count, why);
    put_word(text_key, text);
}

void event_lost_json(uint64_t count, const char *why) {
    put_open(NULL);
    put_time_and_loss("time", "summary", count, why);
    put_count("lost", count);
    put_close();
}

void event_lost_ecs(uint64_t count, const char *why) {
    put_open(NULL);
    put_time_and_loss("@timestamp", "message", count, why);
    put_versions();
    put_open("event");
    put_word("kind", "pipeline_error");
    put_word("module", "auditd");
    put_word("action", "lost-audit-records");
    put_word("outcome", "unknown");
    put_close();
    put_open("seccomp");
    put_count("lost", count);
    put_close();
    put_host(NULL, 0);
    put_close();
}
