// SPDX-License-Identifier: MIT
#include "remedy.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arch.h"
#include "explanation.h"
#include "output.h"

// The rules as policy text, with the number of the program that loaded them for `self`; for the caller to free.
static char *policy_of(abjure_filter *rules, pid_t loader) {
    static const char word[] = " self";
    char *policy = filter_written(rules, "policy"), *resolved = NULL;
    size_t size = 0;
    FILE *out = policy != NULL ? open_memstream(&resolved, &size) : NULL;
    for (const char *at = policy; out != NULL && *at != '\0';) {
        const char *next = strstr(at, word);
        if (next == NULL) next = at + strlen(at);
        fwrite(at, 1, (size_t)(next - at), out);
        at = next;
        if (*at == '\0') break;
        at += strlen(word);
        if (strchr(" ,)&\n", *at) != NULL)
            fprintf(out, " %d", (int)loader);
        else
            fputs(word, out);
    }
    free(policy);
    if (out != NULL && fclose(out) == 0) return resolved;
    return NULL;
}

static abjure_filter *copy_with(const char *policy, const char *exception) {
    abjure_filter *copy = abjure_filter_new();
    if (copy == NULL) return NULL;
    if (abjure_filter_add(copy, "allow", exception) == 0 && abjure_filter_read(copy, policy, "copy") == 0) return copy;
    abjure_filter_free(copy);
    return NULL;
}

static bool compiles(abjure_filter *filter) {
    abjure_program *program = abjure_filter_compile(filter);
    abjure_program_free(program);
    return program != NULL;
}

// Without the lines that have groups; for the caller to free.
static char *without_groups(const char *policy) {
    char *rest = strdup(policy), *text = rest, *kept = NULL;
    size_t size = 0;
    FILE *out = text != NULL ? open_memstream(&kept, &size) : NULL;
    for (char *line = NULL; out != NULL && (line = next_line(&rest)) != NULL;)
        if (strchr(line, '@') == NULL) fprintf(out, "%s\n", line);
    free(text);
    return out != NULL && fclose(out) == 0 ? kept : NULL;
}

// A group with `self` in it, such as @signal, does not compile before it is loaded. It holds more calls than the
// exception, so that it has something left to decide; the other rules are looked at without it.
static bool is_sound_beside_groups(const char *policy, const char *exception) {
    char *others = without_groups(policy);
    abjure_filter *copy = others != NULL ? copy_with(others, exception) : NULL;
    bool sound = copy != NULL && compiles(copy);
    abjure_filter_free(copy);
    free(others);
    return sound;
}

// The rules with this exception before them; NULL where they are not sound: one may have nothing left to decide.
static abjure_filter *with_exception(const char *policy, const char *exception) {
    abjure_filter *copy = copy_with(policy, exception);
    if (copy == NULL || compiles(copy)) return copy;
    bool is_dead = abjure_filter_error(copy) == -EEXIST;
    abjure_filter_clear(copy);
    if (!is_dead && is_sound_beside_groups(policy, exception)) return copy;
    abjure_filter_free(copy);
    return NULL;
}

static bool passes(abjure_filter *filter, const struct made_call *made) {
    char number[16];
    struct explanation e;
    snprintf(number, sizeof number, "%u", made->number);
    if (explain(filter, arch_abi(made->arch, made->number), number, made->arguments, &e) < 0) return false;
    bool allowed = !explanation_denies(&e);
    explanation_free(&e);
    return allowed;
}

static bool lets_pass(const char *policy, const char *exception, const struct made_call *made) {
    abjure_filter *copy = with_exception(policy, exception);
    bool allowed = copy != NULL && passes(copy, made);
    abjure_filter_free(copy);
    return allowed;
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

static bool has_remedy(const struct denial *d) {
    return d->cause.own && d->call.known && d->cause.expected == NULL;
}

// The narrowest exception that lets it pass; false: none does.
static bool find_exception(const char *policy, const struct denial *d, unsigned varied, char *text, size_t size) {
    write_exception(&d->call, varied, text, size);
    if (lets_pass(policy, text, &d->made)) return true;
    snprintf(text, size, "%s", d->call.name);
    return lets_pass(policy, text, &d->made);
}

void remedy_find(abjure_filter *rules, const struct denial *d, unsigned varied, char *text, size_t size) {
    const struct cause *cause = &d->cause;
    char exception[256];
    text[0] = '\0';
    char *policy = has_remedy(d) ? policy_of(rules, cause->loader_pid) : NULL;
    if (policy == NULL) return;
    if (!find_exception(policy, d, varied, exception, sizeof exception)) {
        if (cause->rule[0] != '\0') snprintf(text, size, "to let it pass, leave the rule \"%s\" out", cause->rule);
    } else if (cause->source[0] != '\0') {
        snprintf(text, size, "to let it pass, put before %s: allow %s", cause->source, exception);
    } else {
        snprintf(text, size, "to let it pass, put before the rules: --allow '%s'", exception);
    }
    free(policy);
}

// Their exceptions with commas between; how many. 0: one has none, or there is no room.
static size_t join(const char *policy, const struct summed *list, size_t count, char *text, size_t size) {
    char exception[256];
    size_t at = 0, joined = 0;
    for (size_t i = 0; i < count; i++) {
        if (!has_remedy(list[i].first)) continue;
        if (!find_exception(policy, list[i].first, list[i].varied, exception, sizeof exception)) return 0;
        if (at + strlen(exception) + 2 > size) return 0;
        at += (size_t)snprintf(text + at, size - at, "%s%s", joined++ > 0 ? "," : "", exception);
    }
    return joined;
}

void remedy_all(abjure_filter *rules, const struct summed *list, size_t count, char *text, size_t size) {
    size_t first = 0;
    text[0] = '\0';
    while (first < count && !has_remedy(list[first].first))
        first++;
    char *policy = first < count ? policy_of(rules, list[first].first->cause.loader_pid) : NULL;
    bool several = policy != NULL && join(policy, list, count, text, size) > 1;
    abjure_filter *copy = several ? with_exception(policy, text) : NULL;
    bool allowed = copy != NULL;
    for (size_t i = first; allowed && i < count; i++)
        allowed = !has_remedy(list[i].first) || passes(copy, &list[i].first->made);
    if (!allowed) text[0] = '\0';
    abjure_filter_free(copy);
    free(policy);
}
