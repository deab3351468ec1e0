// SPDX-License-Identifier: MIT
#include "holders.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "abjure.h"
#include "output.h"

enum {
    ABIS = 8,
    GROUPS = 32,
    SECTIONS = 64 // rules of included groups, each group's own among them
};

// The rules of one group, or those that it includes from one other.
struct section {
    const char *group, *of;
    char *rules[128];
    size_t count;
};

struct rules {
    char abi[16];
    char *texts[GROUPS]; // of abjure_group, with its lines terminated
    const char *purposes[GROUPS];
    size_t group_count;
    struct section sections[SECTIONS];
    size_t section_count;
};

static struct rules *known[ABIS];
static char *names;
static char *starts[GROUPS];
static size_t name_count;

static void take_names(void) {
    if (names != NULL) return;
    names = groups_text();
    char *rest = names;
    for (char *line; name_count < GROUPS && (line = next_line(&rest)) != NULL;)
        starts[name_count++] = line;
}

static struct section *new_section(struct rules *r, const char *group, const char *of) {
    if (r->section_count == SECTIONS) return NULL;
    struct section *s = &r->sections[r->section_count++];
    s->group = group;
    s->of = of;
    return s;
}

// "EPERM        bind(addrlen != 12)" with one blank.
static void close_gap(char *rule) {
    char *blank = strchr(rule, ' ');
    if (blank != NULL) memmove(blank + 1, blank + strspn(blank, " "), strlen(blank + strspn(blank, " ")) + 1);
}

// "For", "Rules on ABI", "Breaks" and "Leaves open" head paragraphs of indented lines.
static void take_apart(struct rules *r, const char *group, char *text) {
    struct section *section = NULL;
    bool purpose = false, rules = false;
    const char **said = &r->purposes[r->group_count - 1];
    *said = "";
    char *rest = text;
    for (char *line; (line = next_line(&rest)) != NULL;) {
        if (line[0] != ' ') {
            purpose = strcmp(line, "For") == 0 || (purpose && line[0] == '\0');
            if (line[0] != '\0') rules = strncmp(line, "Rules on ", 9) == 0;
            if (rules && section == NULL) section = new_section(r, group, "");
            continue;
        }
        line += strspn(line, " ");
        if (purpose && (*said)[0] == '\0') *said = line;
        if (!rules || section == NULL) continue;
        if (strncmp(line, "of @", 4) == 0) {
            line[strcspn(line, ":")] = '\0';
            section = new_section(r, group, line + 3);
        } else if (section->count < sizeof section->rules / sizeof section->rules[0] &&
                   strncmp(line, "refused: ", 9) != 0) {
            close_gap(line);
            section->rules[section->count++] = line;
        }
    }
}

static struct rules *rules_on(const char *abi) {
    size_t at = 0;
    for (; at < ABIS && known[at] != NULL; at++)
        if (strcmp(known[at]->abi, abi) == 0) return known[at];
    char why[256];
    uint64_t value;
    if (at == ABIS || strlen(abi) >= sizeof known[0]->abi || abjure_value(abi, "0", &value, why, sizeof why) < 0)
        return NULL;
    struct rules *r = calloc(1, sizeof *r);
    if (r == NULL) return NULL;
    take_names();
    snprintf(r->abi, sizeof r->abi, "%s", abi);
    for (size_t i = 0; i < name_count; i++) {
        char *text = group_text(starts[i], abi, NULL);
        r->texts[r->group_count++] = text;
        if (text != NULL) take_apart(r, starts[i], text);
    }
    known[at] = r;
    return r;
}

// Whether "EPERM bind(addrlen != 12)" is about bind.
static bool is_about(const char *rule, const char *call) {
    const char *name = strchr(rule, ' ');
    size_t length = strlen(call);
    return name != NULL && strncmp(name + 1, call, length) == 0 &&
           (name[1 + length] == '(' || name[1 + length] == '\0');
}

void holders_of(const char *call, const char *abi, void (*tell)(void *context, const struct holder *h), void *context) {
    const struct rules *r = rules_on(abi);
    for (size_t i = 0; r != NULL && i < r->section_count; i++)
        for (size_t j = 0; j < r->sections[i].count; j++)
            if (is_about(r->sections[i].rules[j], call))
                tell(context, &(struct holder){r->sections[i].group, r->sections[i].of, r->sections[i].rules[j]});
}

void holders_end(void) {
    for (size_t i = 0; i < ABIS && known[i] != NULL; i++) {
        for (size_t j = 0; j < known[i]->group_count; j++)
            free(known[i]->texts[j]);
        free(known[i]);
        known[i] = NULL;
    }
    free(names);
    names = NULL;
    name_count = 0;
}

const char *holders_purpose(const char *group) {
    for (size_t i = 0; i < ABIS && known[i] != NULL; i++)
        for (size_t j = 0; j < known[i]->group_count; j++)
            if (strcmp(starts[j], group) == 0 && known[i]->purposes[j] != NULL) return known[i]->purposes[j];
    return "";
}

// ---- Words ----

extern const char page_calls[]; // core/tool/page/calls, made by page.cmake

const char *holders_words(const char *call, size_t *length) {
    size_t wanted = strlen(call);
    for (const char *line = page_calls; line != NULL; line = strchr(line, '\n')) {
        line += line[0] == '\n';
        const char *colon = strstr(line, ": ");
        if (line[0] == '#' || colon == NULL || wanted == 0) continue;
        for (const char *word = line; word < colon; word += strcspn(word, " :") + 1) {
            if (strcspn(word, " :") != wanted || memcmp(word, call, wanted) != 0) continue;
            *length = strcspn(colon + 2, "\n");
            return colon + 2;
        }
    }
    return NULL;
}
