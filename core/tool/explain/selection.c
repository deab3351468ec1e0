// SPDX-License-Identifier: MIT
#include "selection.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "abjure.h"
#include "arguments.h"
#include "output.h"

static bool is_number(const char *text) {
    return text[0] != '\0' && text[strspn(text, "0123456789")] == '\0';
}

static int check_call(const char *value) {
    char why[512];
    if (is_number(value)) return EXIT_OK;
    // A call that this ABI lacks may be in a record of another one.
    int r = abjure_argument("x86_64", value, "arg0", why, sizeof why);
    if (r >= 0 || r == -ENOTSUP) return EXIT_OK;
    say("--call: %s", why);
    return EXIT_USAGE;
}

static int check_action(const char *value) {
    static const char *const actions[] = {"kill", "kill_thread", "trap", "deny", "log", "allow", "trace", "notify"};
    struct nearest n = {.word = value};
    if (value[0] == 'E' || strncmp(value, "errno(", 6) == 0) return EXIT_OK;
    for (size_t i = 0; i < sizeof actions / sizeof actions[0]; i++) {
        if (strcmp(actions[i], value) == 0) return EXIT_OK;
        nearest_try(&n, actions[i]);
    }
    if (n.best != NULL)
        say("--action: there is no action \"%s\"; did you mean \"%s\"?", value, n.best);
    else
        say("--action: there is no action \"%s\"; records have kill, kill_thread, trap, deny, log, allow, trace and "
            "notify",
            value);
    return EXIT_USAGE;
}

static int check_value(const char *option, const char *value) {
    if (value[0] == '\0') {
        say("--%s: a value is empty", option);
        return EXIT_USAGE;
    }
    if (strcmp(option, "call") == 0) return check_call(value);
    if (strcmp(option, "action") == 0) return check_action(value);
    if (strcmp(option, "pid") != 0 || is_number(value)) return EXIT_OK;
    say("--pid: \"%s\" is no number", value);
    return EXIT_USAGE;
}

static struct selection_list *list_of(struct selection *s, const char *option) {
    switch (option[0]) {
    case 'c':
        return &s->calls;
    case 'a':
        return &s->actions;
    case 'u':
        return &s->users;
    default:
        return option[1] == 'i' ? &s->pids : &s->programs;
    }
}

int selection_add(struct selection *s, const char *option, char *values) {
    struct selection_list *list = list_of(s, option);
    for (char *value = values; value != NULL;) {
        char *comma = strchr(value, ',');
        if (comma != NULL) *comma++ = '\0';
        int status = check_value(option, value);
        if (status != EXIT_OK) return status;
        const char **larger = realloc(list->values, ((size_t)list->count + 1) * sizeof *larger);
        if (larger == NULL) {
            say("out of memory");
            return EXIT_FAILED;
        }
        list->values = larger;
        list->values[list->count++] = value;
        value = comma;
    }
    return EXIT_OK;
}

static bool list_has(const struct selection_list *list, const char *bytes, size_t length) {
    for (int i = 0; i < list->count; i++)
        if (strlen(list->values[i]) == length && memcmp(list->values[i], bytes, length) == 0) return true;
    return false;
}

static bool list_has_number(const struct selection_list *list, uint64_t number) {
    char text[32];
    int length = snprintf(text, sizeof text, "%llu", (unsigned long long)number);
    return list_has(list, text, (size_t)length);
}

bool selection_look_up(struct selection *s) {
    if (s->uids != NULL || s->users.count == 0) return true;
    s->uids = calloc((size_t)s->users.count, sizeof *s->uids);
    for (int i = 0; s->uids != NULL && i < s->users.count; i++) {
        const struct passwd *found = is_number(s->users.values[i]) ? NULL : getpwnam(s->users.values[i]);
        s->uids[i] = found != NULL ? (int64_t)found->pw_uid : -1;
    }
    return s->uids != NULL;
}

// A user's number, the name in the record, or the name that this machine has for a number.
static bool has_user(struct selection *s, const struct record *r) {
    const struct record_text *name = record_text(r, RECORD_UID_NAME);
    if (!record_has(r, RECORD_UID)) return false;
    if (list_has_number(&s->users, r->numbers[RECORD_UID])) return true;
    if (name->bytes != NULL) return list_has(&s->users, name->bytes, name->length);
    if (event_elsewhere || !selection_look_up(s)) return false;
    for (int i = 0; i < s->users.count; i++)
        if (s->uids[i] == (int64_t)r->numbers[RECORD_UID]) return true;
    return false;
}

// The path, the last part of it, or the name.
static bool has_program(const struct selection_list *list, const struct event *e) {
    if (e->name != NULL && list_has(list, e->name, e->name_length)) return true;
    if (e->exe == NULL) return false;
    const char *slash = memrchr(e->exe, '/', e->exe_length);
    if (slash != NULL && list_has(list, slash + 1, e->exe_length - (size_t)(slash + 1 - e->exe))) return true;
    return list_has(list, e->exe, e->exe_length);
}

bool selection_has(struct selection *s, const struct event *e) {
    const struct record *r = &e->record;
    if (s->calls.count > 0 && !list_has(&s->calls, e->words->call, strlen(e->words->call)) &&
        !(e->kind == RECORD_SECCOMP && list_has_number(&s->calls, r->number)))
        return false;
    if (s->actions.count > 0 && !list_has(&s->actions, e->words->action, strlen(e->words->action))) return false;
    if (s->pids.count > 0 && !(record_has(r, RECORD_PID) && list_has_number(&s->pids, r->numbers[RECORD_PID])))
        return false;
    if (s->users.count > 0 && !has_user(s, r)) return false;
    return s->programs.count == 0 || has_program(&s->programs, e);
}

void selection_end(struct selection *s) {
    free(s->calls.values);
    free(s->actions.values);
    free(s->pids.values);
    free(s->users.values);
    free(s->programs.values);
    free(s->uids);
}
