// SPDX-License-Identifier: MIT
#include "arguments.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "output.h"
#include "rules.h"

enum {
    WORD_LIMIT = 63
}; // a longer word is not taken for a misspelt one

static unsigned least(unsigned a, unsigned b, unsigned c) {
    unsigned d = a < b ? a : b;
    return d < c ? d : c;
}

static unsigned edits(const char *a, const char *b) {
    unsigned row[WORD_LIMIT + 1];
    unsigned width = (unsigned)strlen(b);
    for (unsigned j = 0; j <= width; j++)
        row[j] = j;
    for (unsigned i = 1; a[i - 1] != '\0'; i++) {
        unsigned corner = row[0];
        row[0] = i;
        for (unsigned j = 1; j <= width; j++) {
            unsigned change = corner + (a[i - 1] != b[j - 1]);
            corner = row[j];
            row[j] = least(change, row[j] + 1, row[j - 1] + 1);
        }
    }
    return row[width];
}

void nearest_try(struct nearest *n, const char *candidate) {
    size_t length = strlen(n->word);
    if (length > WORD_LIMIT || strlen(candidate) > WORD_LIMIT) return;
    unsigned distance = edits(n->word, candidate);
    if (distance > (length + 2) / 3 || (n->best != NULL && distance >= n->distance)) return;
    n->best = candidate;
    n->distance = distance;
}

static const struct option *find_in(const struct option *options, const char *name, size_t length, char letter) {
    for (const struct option *o = options; o != NULL && o->name != NULL; o++) {
        if (letter != 0 ? o->letter == letter : strlen(o->name) == length && memcmp(o->name, name, length) == 0)
            return o;
    }
    return NULL;
}

static const struct option *find(const struct verb *verb, const char *name, size_t length, char letter) {
    const struct option *o = find_in(verb->options, name, length, letter);
    return o == NULL && verb->takes_rules ? find_in(rule_options, name, length, letter) : o;
}

static void try_all(struct nearest *n, const struct option *options) {
    for (const struct option *o = options; o != NULL && o->name != NULL; o++)
        nearest_try(n, o->name);
}

static enum argument unknown(const struct arguments *a, const char *word, size_t length) {
    char name[WORD_LIMIT + 1] = "";
    if (length <= WORD_LIMIT) memcpy(name, word, length);
    struct nearest n = {.word = name};
    try_all(&n, a->verb->options);
    if (a->verb->takes_rules) try_all(&n, rule_options);
    if (n.best != NULL && name[0] != '\0')
        say("%s has no option \"--%s\"; did you mean \"--%s\"?", a->verb->name, name, n.best);
    else
        say("%s has no option \"--%.*s\"; see abjure %s --help", a->verb->name, (int)length, word, a->verb->name);
    return ARGUMENT_BAD;
}

static enum argument take_value(struct arguments *a, const char *attached) {
    a->value = attached;
    if (a->option->value == NULL) {
        if (attached == NULL) return ARGUMENT_OPTION;
        say("--%s takes no value, and \"%s\" is one", a->option->name, attached);
        return ARGUMENT_BAD;
    }
    if (attached != NULL) return ARGUMENT_OPTION;
    if (a->at >= a->count) {
        say("--%s needs a value: --%s %s", a->option->name, a->option->name, a->option->value);
        return ARGUMENT_BAD;
    }
    a->value = a->words[a->at++];
    return ARGUMENT_OPTION;
}

static enum argument take_long(struct arguments *a, const char *word) {
    const char *equals = strchr(word, '=');
    size_t length = equals != NULL ? (size_t)(equals - word) : strlen(word);
    if (length == 4 && memcmp(word, "help", 4) == 0) {
        help_verb(a->verb);
        return ARGUMENT_HELP;
    }
    a->option = find(a->verb, word, length, 0);
    if (a->option == NULL) return unknown(a, word, length);
    return take_value(a, equals != NULL ? equals + 1 : NULL);
}

static enum argument take_short(struct arguments *a, const char *word) {
    if (strcmp(word, "h") == 0) {
        help_verb(a->verb);
        return ARGUMENT_HELP;
    }
    a->option = find(a->verb, NULL, 0, word[0]);
    if (a->option == NULL) {
        say("%s has no option \"-%s\"; see abjure %s --help", a->verb->name, word, a->verb->name);
        return ARGUMENT_BAD;
    }
    return take_value(a, word[1] != '\0' ? word + 1 : NULL);
}

enum argument arguments_next(struct arguments *a) {
    if (a->at >= a->count) return ARGUMENT_END;
    char *word = a->words[a->at++];
    if (!a->only_words && strcmp(word, "--") == 0) {
        a->only_words = true;
        return arguments_next(a);
    }
    if (!a->only_words && word[0] == '-' && word[1] != '\0')
        return word[1] == '-' ? take_long(a, word + 2) : take_short(a, word + 1);
    if (a->verb->stops_at_word) a->only_words = true;
    a->value = word;
    return ARGUMENT_WORD;
}

int arguments_status(enum argument last) {
    if (last == ARGUMENT_BAD) return EXIT_USAGE;
    return last == ARGUMENT_HELP ? EXIT_OK : -1;
}

bool word_is_pid(const char *word) {
    return word[0] != '\0' && word[strspn(word, "0123456789")] == '\0';
}

int word_pid(const char *word, int *pid) {
    errno = 0;
    const long number = strtol(word, NULL, 10);
    if (errno != 0 || number < 1 || number > INT_MAX) {
        say("\"%s\" is no process id; a file of that name is ./%s", word, word);
        return EXIT_USAGE;
    }
    *pid = (int)number;
    return EXIT_OK;
}

bool option_is(const struct arguments *a, const char *name) {
    return strcmp(a->option->name, name) == 0;
}
