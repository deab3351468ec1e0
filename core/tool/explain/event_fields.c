// SPDX-License-Identifier: MIT
// Every field of a record, explained.
#include <stdio.h>
#include <string.h>

#include "event.h"
#include "put.h"

enum {
    KEY_WIDTH = 9,
    VALUE_WIDTH = 30
};

static void put_row(const char *key, const char *value, size_t length, const char *meaning) {
    put_text("  ");
    put_text(key);
    for (size_t i = strlen(key); i < KEY_WIDTH; i++)
        put_bytes(" ", 1);
    put_clean(value, length);
    for (size_t i = length; i < VALUE_WIDTH; i++)
        put_bytes(" ", 1);
    put_bytes("  ", 2);
    put_text(meaning);
    put_bytes("\n", 1);
}

static void put_missing(const char *key, const char *meaning) {
    put_row(key, "-", 1, meaning);
}

static void number_row(const struct event *e, enum record_field field, const char *key, const char *meaning) {
    char value[32];
    const struct record *r = &e->record;
    if (!record_has(r, field)) {
        put_missing(key, meaning);
        return;
    }
    unsigned long long number = r->numbers[field];
    bool hex = field == RECORD_IP || field == RECORD_CODE;
    int length = snprintf(value, sizeof value, hex ? "0x%llx" : field == RECORD_ARCH ? "%llx" : "%llu", number);
    if (field == RECORD_SYSCALL) length = snprintf(value, sizeof value, "%d", (int)r->number);
    put_row(key, value, (size_t)length, meaning);
}

static void text_row(const char *key, const char *value, size_t length, const char *meaning) {
    if (value == NULL)
        put_missing(key, meaning);
    else
        put_row(key, value, length, meaning);
}

// With what auditd's name of a user says, where it is there.
static void user_row(const struct event *e, enum record_field field, enum record_field name, const char *key,
                     const char *meaning) {
    char text[256];
    const struct record_text *t = record_text(&e->record, name);
    if (record_has(&e->record, field) && e->record.numbers[field] == RECORD_UNSET)
        snprintf(text, sizeof text, "%s; this one never logged in", meaning);
    else if (t->bytes != NULL && t->length < 64)
        snprintf(text, sizeof text, "%s: %.*s", meaning, (int)t->length, t->bytes);
    else
        snprintf(text, sizeof text, "%s", meaning);
    for (char *c = text; *c != '\0'; c++)
        if (*c < ' ' || *c > '~') *c = '?'; // the name is auditd's, but the line may be anybody's
    number_row(e, field, key, text);
}

static void head_rows(const struct event *e) {
    const struct record *r = &e->record;
    const struct record_text *type = record_text(r, RECORD_TYPE);
    text_row("type", type->bytes, type->length,
             e->kind == RECORD_SECCOMP ? "what the record is about: seccomp decided a call (1326)"
                                       : "what the record is about: a process died of a signal (1701)");
    if (r->seconds < 0) {
        put_missing("msg", "the time, and the number of the event");
        return;
    }
    char value[64];
    int length = snprintf(value, sizeof value, "%lld.%03u:%u", (long long)r->seconds, (unsigned)r->milliseconds,
                          (unsigned)r->serial);
    put_text("  msg      ");
    put_bytes(value, (size_t)length);
    for (int i = length; i < VALUE_WIDTH; i++)
        put_bytes(" ", 1);
    put_text("  ");
    put_iso(event_time(e));
    put_text(", and the number of the event, which several records may share\n");
}

static const char *action_meaning(const struct event *e) {
    static const struct {
        const char *action, *meaning;
    } meanings[] = {
        {"kill", "what the filter decided: to kill the process"},
        {"kill_thread", "what the filter decided: to kill the thread"},
        {"trap", "what the filter decided: to send SIGSYS"},
        {"deny", "what the filter decided: that the call fails; the kernel does not log with which errno"},
        {"log", "what the filter decided: to let it pass and log it"},
        {"allow", "what the filter decided: to let it pass"},
        {"trace", "what the filter decided: to ask a tracer"},
        {"notify", "what the filter decided: to ask a supervisor"},
    };
    for (size_t i = 0; i < sizeof meanings / sizeof meanings[0]; i++)
        if (strcmp(meanings[i].action, e->words->action) == 0) return meanings[i].meaning;
    return "what the filter decided: that the call fails with an errno";
}

static void call_rows(const struct event *e) {
    char text[192];
    snprintf(text, sizeof text, "the ABI of the call: %s", e->words->abi[0] != '\0' ? e->words->abi : "not known");
    number_row(e, RECORD_ARCH, "arch", text);
    snprintf(text, sizeof text, "the number of the call on that ABI: %s", e->words->call);
    number_row(e, RECORD_SYSCALL, "syscall", text);
    number_row(e, RECORD_COMPAT, "compat",
               e->record.numbers[RECORD_COMPAT] != 0 ? "made through an ABI of 32 bits, or x32"
                                                     : "0: made through the kernel's own ABI");
    number_row(e, RECORD_IP, "ip", "instruction pointer: the address in the program that made the call");
    number_row(e, RECORD_CODE, "code", action_meaning(e));
}

void event_fields(const struct event *e) {
    const struct record *r = &e->record;
    const struct record_text *subject = record_text(r, RECORD_SUBJ);
    event_text(e);
    head_rows(e);
    user_row(e, RECORD_AUID, RECORD_AUID_NAME, "auid", "the user that logged in, the same through su and sudo");
    user_row(e, RECORD_UID, RECORD_UID_NAME, "uid", "the user of the process");
    user_row(e, RECORD_GID, RECORD_GID_NAME, "gid", "the group of the process");
    number_row(e, RECORD_SES, "ses",
               r->numbers[RECORD_SES] == RECORD_UNSET ? "the session of the login; there was none"
                                                      : "the session of the login");
    text_row("subj", subject->bytes, subject->length, "the context of the process in SELinux, AppArmor or Smack");
    number_row(e, RECORD_PID, "pid", "the process, as the initial PID namespace numbers it");
    text_row("comm", e->name, e->name_length, "the name of the thread, which it can change");
    text_row("exe", e->exe, e->exe_length, "the path of the program");
    const char *signal = e->words->signal;
    number_row(e, RECORD_SIG, "sig",
               strcmp(signal, "SIGSYS") == 0    ? "the signal that was sent: SIGSYS (bad system call)"
               : strcmp(signal, "SIGKILL") == 0 ? "the signal that was sent: SIGKILL, as strict mode does"
                                                : "the signal that was sent; 0: none");
    if (e->kind == RECORD_SECCOMP)
        call_rows(e);
    else
        number_row(e, RECORD_RES, "res", "the result; 1: it happened");
    put_text("\n");
}
