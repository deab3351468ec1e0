// SPDX-License-Identifier: MIT
#include "lint_findings.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "output.h"
#include "tool.h"

struct finding *findings_add(struct findings *f, const struct flaw *flaw) {
    if (f->count == f->room) {
        size_t room = f->room == 0 ? 16 : 2 * f->room;
        struct finding *larger = realloc(f->list, room * sizeof *larger);
        if (larger == NULL) return NULL;
        f->list = larger;
        f->room = room;
    }
    struct finding *new = &f->list[f->count++];
    *new = (struct finding){.flaw = flaw, .severity = flaw->severity};
    return new;
}

bool findings_have(const struct findings *f, const char *id) {
    for (size_t i = 0; i < f->count; i++)
        if (strcmp(f->list[i].flaw->id, id) == 0) return true;
    return false;
}

// By severity, and then in the order of the table.
static int compare(const void *a, const void *b) {
    const struct finding *x = a, *y = b;
    if (x->severity != y->severity) return x->severity > y->severity ? -1 : 1;
    return x->flaw < y->flaw ? -1 : x->flaw > y->flaw;
}

void findings_sort(struct findings *f) {
    if (f->count > 0) qsort(f->list, f->count, sizeof *f->list, compare);
}

void findings_free(struct findings *f) {
    free(f->list);
    *f = (struct findings){.count = 0};
}

// ---- Text -----------------------------------------------------------------------------------------------------------

enum {
    WIDTH = 80,
    INDENT = 4,
    LABEL = 9 // "remedy", "denied" and blanks
};

void print_filled(const char *text, int column) {
    int at = column;
    for (const char *word = text + strspn(text, " "); word[0] != '\0'; word += strspn(word, " ")) {
        int length = (int)strcspn(word, " ");
        if (at > column && at + 1 + length > WIDTH) {
            printf("\n%*s", column, "");
            at = column;
        }
        at += printf("%s%.*s", at > column ? " " : "", length, word);
        word += length;
    }
    putchar('\n');
}

static void print_item(const char *label, const char *text) {
    printf("%*s%-*s", INDENT, "", LABEL, label);
    print_filled(text, INDENT + LABEL);
}

static void print_attempt(const char *label, const struct attempt *a, const char *abis, bool numbered) {
    char text[1024], number[32] = "";
    if (numbered) snprintf(number, sizeof number, a->number < 4096 ? " (number %u)" : " (number 0x%x)", a->number);
    size_t at = (size_t)snprintf(text, sizeof text, "%s on %s%s: %s", a->text, abis, number, a->verdict.text);
    if (a->by[0] != '\0') snprintf(text + at, sizeof text - at, ", by %s", a->by);
    print_item(label, text);
}

// Whether the registers differ, and the kernel takes them for the same.
static bool same_meaning(const struct finding *f) {
    return f->has_call && f->has_denied && strcmp(f->call.abi, f->denied.abi) == 0 && f->call.meaning[0] != '\0' &&
           strcmp(f->call.meaning, f->denied.meaning) == 0 && strcmp(f->call.text, f->denied.text) != 0;
}

static void print_finding(const struct finding *f) {
    printf("%s %s: ", severity_names[f->severity], f->flaw->id);
    print_filled(f->flaw->title, (int)(strlen(severity_names[f->severity]) + strlen(f->flaw->id)) + 3);
    if (f->has_denied)
        print_attempt(f->denied.verdict.passes ? "passes" : "denied", &f->denied, f->denied.abi,
                      f->has_call && strcmp(f->denied.abi, f->call.abi) != 0);
    if (f->has_call)
        print_attempt(f->call.verdict.passes ? "passes" : "answer", &f->call, f->abis,
                      f->has_denied && strcmp(f->denied.abi, f->call.abi) != 0);
    if (same_meaning(f)) print_item("both are", f->call.meaning);
    if (f->also[0] != '\0') print_item("and also", f->also);
    if (f->detail[0] != '\0') print_item("where", f->detail);
    print_item("why", f->flaw->reason);
    print_item("remedy", f->flaw->remedy);
    putchar('\n');
}

static void print_verdict(const struct findings *f, const struct subject *s) {
    size_t counts[SEVERITIES] = {0};
    for (size_t i = 0; i < f->count; i++)
        counts[f->list[i].severity]++;
    printf("%s: ", s->name);
    const char *separator = "";
    for (int i = SEVERITIES - 1; i >= 0; i--) {
        if (counts[i] == 0) continue;
        printf("%s%zu %s%s", separator, counts[i], severity_names[i], counts[i] == 1 ? "" : "s");
        separator = ", ";
    }
    printf("%s\n", f->count == 0 ? "nothing found" : "");
}

int findings_print(const struct findings *f, const struct subject *s) {
    for (size_t i = 0; i < f->count; i++)
        print_finding(&f->list[i]);
    print_verdict(f, s);
    return EXIT_OK;
}

// ---- JSON -----------------------------------------------------------------------------------------------------------

static json_t *text_or_null(const char *text) {
    return text[0] != '\0' ? json_string(text) : json_null();
}

static json_t *attempt_json(const struct attempt *a) {
    json_t *arguments = json_array();
    char text[24];
    for (unsigned i = 0; i < ARGUMENTS; i++) {
        // As text: numbers of JSON have 53 bits in many readers.
        snprintf(text, sizeof text, "0x%" PRIx64, a->arguments[i]);
        json_array_append_new(arguments, json_string(text));
    }
    return json_pack("{s:s, s:s, s:s, s:I, s:o, s:s, s:b, s:o, s:o}", "text", a->text, "name", a->name, "abi", a->abi,
                     "number", (json_int_t)a->number, "arguments", arguments, "verdict", a->verdict.text, "passes",
                     a->verdict.passes, "by", text_or_null(a->by), "meaning", text_or_null(a->meaning));
}

static json_t *words_json(const char *list, const char *separator) {
    json_t *array = json_array();
    size_t gap = strlen(separator);
    while (list[0] != '\0') {
        const char *end = strstr(list, separator);
        size_t length = end != NULL ? (size_t)(end - list) : strlen(list);
        json_array_append_new(array, json_stringn(list, length));
        list += length + (end != NULL ? gap : 0);
    }
    return array;
}

static json_t *finding_json(const struct finding *f) {
    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:o, s:o, s:o, s:o, s:o}", "id", f->flaw->id, "severity",
                     severity_names[f->severity], "title", f->flaw->title, "reason", f->flaw->reason, "remedy",
                     f->flaw->remedy, "call", f->has_call ? attempt_json(&f->call) : json_null(), "denied",
                     f->has_denied ? attempt_json(&f->denied) : json_null(), "abis", words_json(f->abis, ", "), "also",
                     words_json(f->also, "; "), "detail", text_or_null(f->detail));
}

int findings_print_json(const struct findings *f, const struct subject *s) {
    json_t *list = json_array(), *abis = json_array();
    for (size_t i = 0; i < f->count; i++)
        json_array_append_new(list, finding_json(&f->list[i]));
    for (size_t i = 0; i < s->abi_count; i++)
        json_array_append_new(abis, json_string(s->abis[i].facts->name));
    return print_json(json_pack("{s:s, s:o, s:i, s:o}", "subject", s->name, "abis", abis, "programs",
                                (int)s->program_count, "findings", list));
}
