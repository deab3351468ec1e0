// SPDX-License-Identifier: MIT
// abjure doctor: what this kernel, process and sandbox allow.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "abjure.h"
#include "arguments.h"
#include "output.h"

// One line "name: value - reason" of abjure_supported.
struct fact {
    const char *name, *value;
    const char *reason; // NULL: none
};

static bool take_fact(char *line, struct fact *out) {
    char *colon = strstr(line, ": ");
    if (colon == NULL) return false;
    *colon = '\0';
    *out = (struct fact){.name = line, .value = colon + 2};
    char *dash = strstr(colon + 2, " - ");
    if (dash != NULL) {
        *dash = '\0';
        out->reason = dash + 3;
    }
    return true;
}

static const struct {
    const char *name, *words;
} titles[] = {
    {"kernel", "Linux"},
    {"abi", "ABI of this machine"},
    {"emulator", "emulated kernel"},
    {"seccomp", "seccomp"},
    {"filter", "filters can be loaded"},
    {"filters", "filters already in force here"},
    {"threads", "threads of this process"},
    {"no_new_privs", "no_new_privs is set"},
    {"cap_sys_admin", "CAP_SYS_ADMIN"},
    {"landlock", "Landlock, version"},
    {"audit", "audit in the kernel"},
    {"audit.readable", "audit records can be read"},
    {"io_uring", "io_uring"},
    {"ptrace_scope", "Yama's ptrace_scope"},
    {"container", "container"},
};

static const char *title(const char *name) {
    for (size_t i = 0; i < sizeof titles / sizeof titles[0]; i++)
        if (strcmp(titles[i].name, name) == 0) return titles[i].words;
    return name;
}

// *last is the reason that was printed last: one that holds for many lines is printed once.
static void print_fact(const struct fact *f, const char **last) {
    const char *dot = strchr(f->name, '.');
    char words[64];
    if (strncmp(f->name, "action.", 7) == 0)
        snprintf(words, sizeof words, "action %s", dot + 1);
    else if (strncmp(f->name, "flag.", 5) == 0)
        snprintf(words, sizeof words, "load flag %s", dot + 1);
    else
        snprintf(words, sizeof words, "%s", title(f->name));
    printf("%-32s %s\n", words, f->value);
    if (f->reason != NULL && (*last == NULL || strcmp(*last, f->reason) != 0)) printf("%-32s   %s\n", "", f->reason);
    *last = f->reason;
}

static void print_verdict(bool filters, const char *reason) {
    if (filters)
        printf("\nFilters can be loaded here: abjure run --deny @exec -- PROGRAM works.\n");
    else
        printf("\nNo filter can be loaded here%s%s.\n", reason != NULL ? ": " : "", reason != NULL ? reason : "");
}

static int diagnose(bool json) {
    char *text = supported_text();
    if (text == NULL) {
        say("out of memory");
        return EXIT_FAILED;
    }
    json_t *object = json_object();
    bool filters = false;
    const char *reason = NULL, *last = NULL;
    char *rest = text;
    for (char *line = next_line(&rest); line != NULL; line = next_line(&rest)) {
        struct fact f;
        if (!take_fact(line, &f)) continue;
        if (strcmp(f.name, "filter") == 0) {
            filters = strcmp(f.value, "yes") == 0;
            reason = f.reason;
        }
        json_object_set_new(object, f.name, json_pack("{s:s, s:s?}", "value", f.value, "reason", f.reason));
        if (!json) print_fact(&f, &last);
    }
    int status = filters ? EXIT_OK : EXIT_NO;
    if (!json) {
        print_verdict(filters, reason);
        json_decref(object);
    } else if (print_json(object) != EXIT_OK) {
        status = EXIT_FAILED;
    }
    free(text);
    return status;
}

static int doctor(struct arguments *a) {
    bool json = false;
    enum argument kind;
    while ((kind = arguments_next(a)) == ARGUMENT_OPTION)
        json = true;
    if (kind == ARGUMENT_WORD) {
        say("doctor takes options only, and \"%s\" is none; see abjure doctor --help", a->value);
        return EXIT_USAGE;
    }
    int status = arguments_status(kind);
    return status >= 0 ? status : diagnose(json);
}

static const struct option options[] = {
    {"json", 0, NULL, "print JSON"},
    {NULL, 0, NULL, NULL},
};

const struct verb doctor_verb = {
    .name = "doctor",
    .summary = "say what this kernel, process and container allow",
    .synopsis = "[OPTION]...",
    .description = "Tells what works here, what is missing and what remedies it, by harmless probes.",
    .options = options,
    .run = doctor,
};
