// SPDX-License-Identifier: MIT
// abjure groups: what the groups are for and what they hold.
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "abjure.h"
#include "arguments.h"
#include "output.h"

struct group {
    const char *name, *abi;
};

static const char *bare(const char *name) {
    return name[0] == '@' ? name + 1 : name;
}

static int say_unknown(const struct group *g, int64_t error) {
    char why[512];
    uint64_t value;
    // The value is of no interest: this has the message about a wrong ABI.
    if (abjure_value(g->abi, "0", &value, why, sizeof why) < 0) {
        say("%s", why);
        return EXIT_USAGE;
    }
    if (error != -ENOENT) {
        say("@%s: %s", bare(g->name), strerror((int)-error));
        return EXIT_FAILED;
    }
    char *names = groups_text(), *rest = names;
    struct nearest n = {.word = bare(g->name)};
    for (char *line = next_line(&rest); line != NULL; line = next_line(&rest))
        nearest_try(&n, bare(line));
    if (n.best != NULL)
        say("there is no group \"@%s\"; did you mean \"@%s\"?", bare(g->name), n.best);
    else
        say("there is no group \"@%s\"; abjure groups lists them", bare(g->name));
    free(names);
    return EXIT_USAGE;
}

// ---- A group's text, taken apart ----

// What its text holds: paragraphs, each with a title and indented lines.
struct parts {
    json_t *purpose, *rules, *refused, *breaks, *open;
};

static json_t *rule_json(const char *line, const char *of) {
    const char *calls = line + strcspn(line, " ");
    return json_pack("{s:s%, s:s, s:s?}", "errno", line, (size_t)(calls - line), "calls", calls + strspn(calls, " "),
                     "of", of);
}

static void take_rule(struct parts *p, char *line, const char **of) {
    if (strncmp(line, "of @", 4) == 0) {
        line[strcspn(line, ":")] = '\0';
        *of = line + 3;
    } else if (strncmp(line, "refused: ", 9) == 0) {
        json_array_append_new(p->refused, json_string(line + 9));
    } else {
        json_array_append_new(p->rules, rule_json(line, *of));
    }
}

static struct parts take_apart(char *text) {
    struct parts p = {json_array(), json_array(), json_array(), json_array(), json_array()};
    json_t *into = NULL;
    const char *of = NULL;
    for (char *line = text, *rest; line != NULL; line = rest) {
        rest = strchr(line, '\n');
        if (rest != NULL) *rest++ = '\0';
        if (line[0] == '\0') continue;
        if (line[0] == ' ' && into == p.rules)
            take_rule(&p, line + 2, &of);
        else if (line[0] == ' ')
            json_array_append_new(into, json_string(line + 2));
        else if (strncmp(line, "Rules ", 6) == 0)
            into = p.rules;
        else
            into = strcmp(line, "For") == 0 ? p.purpose : strcmp(line, "Breaks") == 0 ? p.breaks : p.open;
    }
    return p;
}

static json_t *group_json(const char *name, struct parts p) {
    return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o}", "name", json_sprintf("@%s", bare(name)), "for", p.purpose,
                     "rules", p.rules, "refused", p.refused, "breaks", p.breaks, "open", p.open);
}

static int show_one(const struct group *g, bool json) {
    int64_t length;
    char *text = group_text(g->name, g->abi, &length);
    if (text == NULL) return say_unknown(g, length);
    int status = EXIT_OK;
    if (json)
        status = print_json(group_json(g->name, take_apart(text)));
    else
        fputs(text, stdout);
    free(text);
    return status;
}

static int show_all(const char *abi, bool json) {
    char *names = groups_text();
    if (names == NULL) {
        say("out of memory");
        return EXIT_FAILED;
    }
    json_t *array = json_array();
    char *rest = names;
    int status = EXIT_OK;
    for (char *line = next_line(&rest); line != NULL && status == EXIT_OK; line = next_line(&rest)) {
        struct group g = {line, abi};
        int64_t length;
        char *text = group_text(g.name, g.abi, &length);
        if (text == NULL) {
            status = say_unknown(&g, length);
            break;
        }
        json_t *group = group_json(line, take_apart(text));
        free(text);
        if (!json) printf("%-12s %s\n", line, json_string_value(json_array_get(json_object_get(group, "for"), 0)));
        json_array_append_new(array, group);
    }
    free(names);
    if (json && status == EXIT_OK) return print_json(array);
    json_decref(array);
    return status;
}

static int groups(struct arguments *a) {
    struct group g = {NULL, NULL};
    bool json = false;
    enum argument kind;
    while ((kind = arguments_next(a)) == ARGUMENT_OPTION || kind == ARGUMENT_WORD) {
        if (kind == ARGUMENT_WORD && g.name != NULL) {
            say("groups shows one group at a time, and \"%s\" is a second one", a->value);
            return EXIT_USAGE;
        }
        if (kind == ARGUMENT_WORD)
            g.name = a->value;
        else if (option_is(a, "abi"))
            g.abi = a->value;
        else
            json = true;
    }
    int status = arguments_status(kind);
    if (status >= 0) return status;
    return g.name != NULL ? show_one(&g, json) : show_all(g.abi, json);
}

static const struct option options[] = {
    {"abi", 0, "NAME", "show the rules on this ABI; without it, on the one of this machine"},
    {"json", 0, NULL, "print JSON"},
    {NULL, 0, NULL, NULL},
};

const struct verb groups_verb = {
    .name = "groups",
    .summary = "show the groups of calls, such as @exec",
    .synopsis = "[OPTION]... [@GROUP]",
    .description = "Lists the groups, or shows one in full: what it is for, its rules, what it breaks and what it "
                   "leaves open.",
    .options = options,
    .run = groups,
};
