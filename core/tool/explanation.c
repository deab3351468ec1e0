// SPDX-License-Identifier: MIT
#include "explanation.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "output.h"

struct question {
    abjure_filter *filter;
    const char *abi, *call;
    const uint64_t *arguments;
};

static int64_t ask(void *context, char *buffer, uint64_t size) {
    const struct question *q = context;
    const uint64_t *a = q->arguments;
    return abjure_filter_explain(q->filter, q->abi, q->call, a[0], a[1], a[2], a[3], a[4], a[5], buffer, size);
}

static void take_line(struct explanation *e, char *line) {
    const struct {
        const char *key;
        const char **value;
    } keys[] = {
        {"action", &e->action}, {"origin", &e->origin}, {"rule", &e->rule}, {"source", &e->source},
        {"call", &e->call},     {"number", &e->number}, {"abi", &e->abi},
    };
    char *colon = strstr(line, ": ");
    if (colon == NULL) return;
    *colon = '\0';
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        if (strcmp(line, keys[i].key) == 0) *keys[i].value = colon + 2;
}

int explain(abjure_filter *filter, const char *abi, const char *call, const uint64_t arguments[6],
            struct explanation *out) {
    struct question q = {filter, abi, call, arguments};
    int64_t length;
    *out = (struct explanation){.action = "", .origin = "", .call = "", .number = "", .abi = ""};
    out->text = filled(ask, &q, &length);
    if (out->text == NULL) return (int)length;
    char *rest = out->text;
    for (char *line = next_line(&rest); line != NULL; line = next_line(&rest))
        take_line(out, line);
    return 0;
}

void explanation_free(struct explanation *e) {
    free(e->text);
    e->text = NULL;
}

bool explanation_denies(const struct explanation *e) {
    return strcmp(e->action, "allow") != 0 && strcmp(e->action, "log") != 0;
}

bool explanation_kills(const struct explanation *e) {
    return strcmp(e->action, "kill") == 0 || strcmp(e->action, "kill_thread") == 0 || strcmp(e->action, "trap") == 0;
}

void explanation_reason(const struct explanation *e, char *buffer, size_t size) {
    static const struct {
        const char *origin, *words;
    } reasons[] = {
        {"default", "the default action"},
        {"kernel", "always allowed: the kernel issues this call itself"},
        {"guard", "a guard: io_uring would carry calls past the filter; --allow CALL opens it"},
        {"essential", "always allowed: a program cannot return from a signal or end without it"},
        {"unknown", "the tables do not know this number; --set unknown=ACTION changes that"},
        {"x32", "an x32 call; --set abi=x32 adds that ABI"},
    };
    if (e->rule != NULL && e->source != NULL) {
        snprintf(buffer, size, "rule \"%s\" (%s)", e->rule, e->source);
        return;
    }
    if (e->rule != NULL) {
        snprintf(buffer, size, "rule \"%s\"", e->rule);
        return;
    }
    if (strcmp(e->origin, "foreign") == 0) {
        snprintf(buffer, size, "the filter is not for this ABI; --set abi=%s adds it", e->abi);
        return;
    }
    snprintf(buffer, size, "%s", e->origin);
    for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++)
        if (strcmp(e->origin, reasons[i].origin) == 0) snprintf(buffer, size, "%s", reasons[i].words);
}
