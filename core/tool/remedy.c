// SPDX-License-Identifier: MIT
#include "remedy.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arch.h"
#include "explanation.h"
#include "output.h"

// Whether the rules, with this exception before them, are sound and let the call pass.
static bool lets_pass(const char *policy, const char *exception, const struct made_call *made) {
    char number[16];
    struct explanation e;
    bool passes = false;
    abjure_filter *copy = abjure_filter_new();
    if (copy == NULL) return false;
    snprintf(number, sizeof number, "%u", made->number);
    abjure_program *program = NULL;
    if (abjure_filter_add(copy, "allow", exception) == 0 && abjure_filter_read(copy, policy, "copy") == 0)
        program = abjure_filter_compile(copy);
    // A rule that can decide nothing any more makes the compilation fail. `self` does so too, and is no reason.
    bool sound = program != NULL || strstr(policy, "self") != NULL;
    abjure_program_free(program);
    if (program == NULL && sound) abjure_filter_clear(copy);
    if (sound && explain(copy, arch_abi(made->arch, made->number), number, made->arguments, &e) == 0) {
        passes = !explanation_denies(&e);
        explanation_free(&e);
    }
    abjure_filter_free(copy);
    return passes;
}

// "socket(family == AF_INET)": with the arguments that are one constant, and the same each time.
static void write_exception(const struct written_call *call, unsigned varied, char *text, size_t size) {
    size_t at = (size_t)snprintf(text, size, "%s", call->name);
    bool any = false;
    for (int i = 0; i < call->count && at < size; i++) {
        const struct written_argument *a = &call->arguments[i];
        // The current directory as the start of a path says nothing of the path.
        bool tells = a->named && strchr(a->value, '|') == NULL && strcmp(a->value, "AT_FDCWD") != 0;
        if (!tells || (varied >> i & 1u) != 0) continue;
        at += (size_t)snprintf(text + at, size - at, "%s%s == %s", any ? " && " : "(", a->name, a->value);
        any = true;
    }
    if (any && at < size) snprintf(text + at, size - at, ")");
}

void remedy_find(abjure_filter *rules, const struct denial *d, unsigned varied, char *text, size_t size) {
    const struct cause *cause = &d->cause;
    char exception[256];
    text[0] = '\0';
    if (!cause->own || !d->call.known || cause->expected != NULL) return;
    char *policy = filter_written(rules, "policy");
    if (policy == NULL) return;
    write_exception(&d->call, varied, exception, sizeof exception);
    bool found = lets_pass(policy, exception, &d->made);
    if (!found) snprintf(exception, sizeof exception, "%s", d->call.name);
    if (!found && !lets_pass(policy, exception, &d->made)) {
        if (cause->rule[0] != '\0') snprintf(text, size, "to let it pass, leave the rule \"%s\" out", cause->rule);
    } else if (cause->source[0] != '\0') {
        snprintf(text, size, "to let it pass, put before %s: allow %s", cause->source, exception);
    } else {
        snprintf(text, size, "to let it pass, put before the rules: --allow '%s'", exception);
    }
    free(policy);
}
