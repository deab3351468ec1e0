// SPDX-License-Identifier: MIT
#include "cause.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "arch.h"
#include "explanation.h"
#include "output.h"

// ---- Groups ---------------------------------------------------------------------------------------------------------

// The lines below "For", as one.
static void take_purpose(char *text, char *purpose, size_t size) {
    bool inside = false;
    char *rest = text;
    for (char *line = next_line(&rest); line != NULL; line = next_line(&rest)) {
        if (inside && line[0] != ' ') return;
        size_t at = strlen(purpose);
        if (inside) snprintf(purpose + at, size - at, "%s%s", at > 0 ? " " : "", line + strspn(line, " "));
        inside |= strcmp(line, "For") == 0;
    }
}

static void find_group(struct cause *c) {
    const char *at = strchr(c->rule, '@');
    if (at == NULL) return;
    size_t length = strcspn(at + 1, " ,()&=");
    // A rule with several groups does not tell which of them it was.
    if (strchr(at + 1, '@') != NULL || length >= sizeof c->group) return;
    memcpy(c->group, at + 1, length);
    char *text = group_text(c->group, NULL, NULL);
    if (text != NULL) take_purpose(text, c->purpose, sizeof c->purpose);
    free(text);
}

// ---- Refusals that are no news --------------------------------------------------------------------------------------

static const char *expected(const struct made_call *made, const struct written_call *call, const char *verdict) {
    static const struct {
        const char *name, *reason;
    } calls[] = {
        {"clone3", "its flags are behind a pointer, which no filter sees; the C library falls back to clone"},
        {"openat2", "its flags are behind a pointer, which no filter sees; programs fall back to openat"},
        {"io_uring_setup", "io_uring would carry calls past the filter; programs fall back to the calls themselves"},
        {"io_uring_enter", "io_uring would carry calls past the filter; programs fall back to the calls themselves"},
        {"io_uring_register", "io_uring would carry calls past the filter; programs fall back to the calls themselves"},
    };
    const char *abi = arch_abi(made->arch, made->number);
    if (strcmp(verdict, "ENOSYS") != 0) return NULL;
    if (abi != NULL && strcmp(abi, "x32") == 0) return "an x32 call; hardly a program makes one";
    if (!call->known)
        return "a number that no table knows; a program takes ENOSYS for an older kernel, and does without";
    for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++)
        if (strcmp(call->name, calls[i].name) == 0) return calls[i].reason;
    return NULL;
}

// ---- Rules ----------------------------------------------------------------------------------------------------------

// `self` in a rule is the pid of the process that loaded the filter, but for abjure_filter_explain it is this one's.
static void exchange_self(uint64_t arguments[6], pid_t loader) {
    for (int i = 0; i < 6; i++) {
        if ((uint32_t)arguments[i] == (uint32_t)loader)
            arguments[i] = (uint64_t)getpid();
        else if ((uint32_t)arguments[i] == (uint32_t)getpid())
            arguments[i] = (uint64_t)loader;
    }
}

static void find_rule(abjure_filter *rules, const struct refusal *r, const char *verdict, struct cause *out) {
    struct explanation e;
    char number[16];
    uint64_t arguments[6];
    const char *abi = arch_abi(r->call->arch, r->call->number);
    snprintf(out->words, sizeof out->words, "the rules of the command line; which of them is not known");
    memcpy(arguments, r->call->arguments, sizeof arguments);
    exchange_self(arguments, layer_loader(r->verdict.by)->pid);
    snprintf(number, sizeof number, "%u", r->call->number);
    if (abi == NULL || explain(rules, abi, number, arguments, &e) < 0) {
        abjure_filter_clear(rules);
        return;
    }
    if (strcmp(e.action, verdict) == 0) {
        snprintf(out->rule, sizeof out->rule, "%s", e.rule != NULL ? e.rule : "");
        snprintf(out->source, sizeof out->source, "%s", e.source != NULL ? e.source : "");
        explanation_reason(&e, out->words, sizeof out->words);
        find_group(out);
    }
    explanation_free(&e);
}

static void find_filter(const struct refusal *r, struct cause *out) {
    const struct layer *by = r->verdict.by;
    out->number = layer_depth(by);
    out->of = layer_depth(r->filters);
    out->instructions = layer_instructions(by);
    snprintf(out->loader, sizeof out->loader, "%s", layer_loader(by)->name);
    out->loader_pid = layer_loader(by)->pid;
}

void cause_find(abjure_filter *rules, const struct refusal *r, const struct written_call *call, const char *verdict,
                struct cause *out) {
    *out = (struct cause){.expected = expected(r->call, call, verdict)};
    if (r->strict) {
        snprintf(out->words, sizeof out->words, "mode strict, which leaves read, write, exit and sigreturn");
        return;
    }
    if (r->verdict.by == NULL) {
        snprintf(out->words, sizeof out->words, "a filter that is not known");
        return;
    }
    out->own = rules != NULL && layer_loader(r->verdict.by)->own;
    find_filter(r, out);
    if (out->own) find_rule(rules, r, verdict, out);
}

void cause_text(const struct cause *c, char *text, size_t size) {
    if (c->own || c->of == 0) {
        snprintf(text, size, "%s", c->words);
        return;
    }
    size_t at = (size_t)snprintf(text, size, "filter %u of %u, %u instructions", c->number, c->of, c->instructions);
    if (at >= size) return;
    if (c->loader_pid > 0)
        snprintf(text + at, size - at, ", which %s[%d] loaded", c->loader, (int)c->loader_pid);
    else
        snprintf(text + at, size - at, "; who loaded it is not known");
}
