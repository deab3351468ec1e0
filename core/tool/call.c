// SPDX-License-Identifier: MIT
#include "call.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "output.h"

static char *trim(char *text) {
    while (isspace((unsigned char)*text))
        text++;
    size_t length = strlen(text);
    while (length > 0 && isspace((unsigned char)text[length - 1]))
        text[--length] = '\0';
    return text;
}

struct reader {
    const char *text; // as written, for messages
    const char *abi;
    struct call *call;
    int next;       // where an argument without a name goes
    unsigned given; // bits: argument i was written
};

static int argument(struct reader *r, char *word) {
    char why[512];
    char *equals = strchr(word, '=');
    int at = r->next;
    char *value = word;
    if (equals != NULL) {
        if (equals[1] == '=') {
            say("%s: a call has values, not conditions: write one \"=\"", r->text);
            return -1;
        }
        *equals = '\0';
        value = trim(equals + 1);
        at = abjure_argument(r->abi, r->call->name, trim(word), why, sizeof why);
        if (at < 0) {
            say("%s: %s", r->text, why);
            return -1;
        }
    }
    if (at >= 6) {
        say("%s: a system call has at most 6 arguments", r->text);
        return -1;
    }
    if (r->given & 1u << at) {
        say("%s: argument %d is given twice", r->text, at);
        return -1;
    }
    r->given |= 1u << at;
    r->next = at + 1;
    if (abjure_value(r->abi, value, &r->call->arguments[at], why, sizeof why) >= 0) return 0;
    say("%s: argument %d: %s", r->text, at, why);
    return -1;
}

static int arguments(struct reader *r, char *list) {
    for (char *word = list; word != NULL;) {
        char *comma = strchr(word, ',');
        if (comma != NULL) *comma = '\0';
        char *trimmed = trim(word);
        if (trimmed[0] == '\0') {
            say("%s: an argument is empty; write 0 for one that does not matter", r->text);
            return -1;
        }
        if (argument(r, trimmed) < 0) return -1;
        word = comma != NULL ? comma + 1 : NULL;
    }
    return 0;
}

static int take(struct reader *r, char *copy) {
    char *open = strchr(copy, '(');
    char *list = NULL;
    if (open != NULL) {
        size_t length = strlen(open);
        if (open[length - 1] != ')') {
            say("%s: a \")\" is missing at the end", r->text);
            return -1;
        }
        open[length - 1] = '\0';
        *open = '\0';
        list = trim(open + 1);
    }
    char *name = trim(copy);
    if (name[0] == '\0' || strlen(name) >= sizeof r->call->name || name[0] == '@') {
        say("\"%s\" is no call; write for example 'socket(AF_INET, SOCK_STREAM, 0)'", r->text);
        return -1;
    }
    snprintf(r->call->name, sizeof r->call->name, "%s", name);
    return list != NULL && list[0] != '\0' ? arguments(r, list) : 0;
}

int call_read(const char *text, const char *abi, struct call *out) {
    *out = (struct call){.name = ""};
    struct reader r = {.text = text, .abi = abi, .call = out};
    char *copy = strdup(text);
    if (copy == NULL) {
        say("out of memory");
        return -1;
    }
    int result = take(&r, trim(copy));
    free(copy);
    return result;
}
