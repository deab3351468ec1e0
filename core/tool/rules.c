// SPDX-License-Identifier: MIT
#include "rules.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "file.h"
#include "output.h"

const struct option rule_options[] = {
    {"deny", 'd', "[ERRNO:]CALLS",
     "fail these calls with EPERM, or with what suits each rule of a group, or with ERRNO: --deny 'EACCES:@listen'"},
    {"allow", 'a', "CALLS", "let these calls pass; goes before the rule that it is an exception to"},
    {"log", 0, "CALLS", "let these calls pass and have the kernel log them"},
    {"kill", 'k', "CALLS", "kill the process at these calls, by SIGSYS"},
    {"trap", 0, "CALLS", "send the thread SIGSYS at these calls"},
    {"allow-only", 0, "CALLS", "allow these calls and deny all others with EPERM"},
    {"policy", 'p', "FILE", "add the rules of a policy text or an OCI profile; - is standard input"},
    {"set", 's', "OPTION=VALUE", "set an option of the filter; abjure(1) lists them"},
    {"complain", 0, NULL, "deny nothing, have the kernel log what would be denied"},
    {NULL, 0, NULL, NULL},
};

int rules_start(struct rules *r) {
    *r = (struct rules){.filter = abjure_filter_new()};
    if (r->filter != NULL) return EXIT_OK;
    say("out of memory");
    return EXIT_FAILED;
}

void rules_end(struct rules *r) {
    abjure_filter_free(r->filter);
    r->filter = NULL;
}

static int add(struct rules *r, const char *option, const char *action, const char *calls) {
    char context[32];
    snprintf(context, sizeof context, "--%s", option);
    r->any = true;
    return abjure_filter_add(r->filter, action, calls) < 0 ? say_filter_error(r->filter, context) : EXIT_OK;
}

// "EACCES:@listen" and "13:@listen" name an errno. Conditions may hold colons too, but not after a word in capitals.
static int add_deny(struct rules *r, const char *text) {
    size_t length = 0;
    while (isupper((unsigned char)text[length]) || isdigit((unsigned char)text[length]))
        length++;
    if (length == 0 || text[length] != ':') return add(r, "deny", "deny", text);
    char action[64];
    if (length > sizeof action - sizeof "errno()") {
        say("--deny: \"%.20s…\" is no errno; for example --deny 'EACCES:@listen'", text);
        return EXIT_USAGE;
    }
    snprintf(action, sizeof action, "errno(%.*s)", (int)length, text);
    return add(r, "deny", action, text + length + 1);
}

static int allow_only(struct rules *r, const char *calls) {
    if (abjure_filter_default(r->filter, "EPERM") < 0) return say_filter_error(r->filter, "--allow-only");
    return add(r, "allow-only", "allow", calls);
}

int rules_set(struct rules *r, const char *option, const char *value, const char *why) {
    return abjure_filter_set(r->filter, option, value) < 0 ? say_filter_error(r->filter, why) : EXIT_OK;
}

static int set_pair(struct rules *r, const char *pair) {
    const char *equals = strchr(pair, '=');
    if (equals == NULL || equals == pair) {
        say("--set takes OPTION=VALUE, for example --set abi=x86; \"%s\" is none", pair);
        return EXIT_USAGE;
    }
    char *option = strndup(pair, (size_t)(equals - pair));
    int status = EXIT_FAILED;
    if (option == NULL)
        say("out of memory");
    else
        status = rules_set(r, option, equals + 1, "--set");
    free(option);
    return status;
}

int rules_policy(struct rules *r, const char *path) {
    char *text = file_read(path);
    if (text == NULL) return EXIT_USAGE;
    r->any = true;
    int read = abjure_filter_read(r->filter, text, strcmp(path, "-") == 0 ? "standard input" : path);
    free(text);
    return read < 0 ? say_filter_error(r->filter, NULL) : EXIT_OK;
}

int rules_option(struct rules *r, const struct arguments *a, bool *taken) {
    static const char *const actions[] = {"allow", "log", "kill", "trap"};
    *taken = true;
    for (size_t i = 0; i < sizeof actions / sizeof actions[0]; i++)
        if (option_is(a, actions[i])) return add(r, actions[i], actions[i], a->value);
    if (option_is(a, "deny")) return add_deny(r, a->value);
    if (option_is(a, "allow-only")) return allow_only(r, a->value);
    if (option_is(a, "policy")) return rules_policy(r, a->value);
    if (option_is(a, "set")) return set_pair(r, a->value);
    if (option_is(a, "complain")) return rules_set(r, "complain", "on", "--complain");
    *taken = false;
    return EXIT_OK;
}

static bool starts_with(const char *text, const char *word) {
    return strncmp(text, word, strlen(word)) == 0;
}

// "on x86,x86_64 kill bind" is a rule for some ABIs.
static const char *after_abis(const char *line) {
    const char *blank = starts_with(line, "on ") ? strchr(line + 3, ' ') : NULL;
    return blank != NULL ? blank + 1 : line;
}

// Whether a line of the filter, written as policy text, starts with one of the words.
static bool any_line(struct rules *r, const char *const *words, size_t count) {
    char *text = filter_written(r->filter, "policy");
    char *rest = text;
    bool found = false;
    for (char *line = next_line(&rest); line != NULL && !found; line = next_line(&rest))
        for (size_t i = 0; i < count && !found; i++)
            found = starts_with(after_abis(line), words[i]);
    free(text);
    return found;
}

bool rules_name_abis(struct rules *r) {
    return any_line(r, (const char *const[]){"abi "}, 1);
}

bool rules_can_kill(struct rules *r) {
    static const char *const words[] = {
        "kill", "trap", "default kill", "default trap", "set unknown kill", "set unknown trap"};
    return any_line(r, words, sizeof words / sizeof words[0]);
}
