// SPDX-License-Identifier: MIT
// abjure ps: which processes use seccomp now.
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "abjure.h"
#include "arguments.h"
#include "output.h"
#include "process.h"
#include "process_table.h"

// What --require can ask for: the value that every thread must have.
static const struct requirement {
    const char *name, *key, *value;
} requirements[] = {
    {"filter", "mode", "filter"},
    {"no_new_privs", "no_new_privs", "yes"},
    {"strict", "mode", "strict"},
};

enum {
    REQUIREMENTS = sizeof requirements / sizeof requirements[0]
};

struct request {
    bool all, tree, json, named;
    bool required[REQUIREMENTS], requires;
    struct processes processes;
    int status; // EXIT_NO where a named process is missing or does not fulfil what is required
};

// ---- What is required -----------------------------------------------------------------------------------------------

static const char *value_of(const struct requirement *r, const char *mode, const char *no_new_privs) {
    return strcmp(r->key, "mode") == 0 ? mode : no_new_privs;
}

// Says which thread of a process does not have it. False: one has not.
static bool fulfils(const struct process *p, const struct requirement *r) {
    const char *name = p->name != NULL ? p->name : "";
    if (p->threads != NULL && strcmp(p->threads, "0") == 0) {
        say("process %ld (%s) has ended", p->pid, name);
        return false;
    }
    const char *value = value_of(r, p->mode, p->no_new_privs);
    if (value == NULL || strcmp(value, r->value) != 0) {
        say("process %ld (%s): %s is %s, not %s", p->pid, name, r->key, value != NULL ? value : "not known here",
            r->value);
        return false;
    }
    const char *rest = p->differing;
    for (struct difference d; process_difference(&rest, &d);) {
        value = value_of(r, d.mode, d.no_new_privs);
        if (value[0] == '\0' || strcmp(value, r->value) == 0) continue;
        say("process %ld (%s): %s of its thread %ld is %s, not %s", p->pid, name, r->key, d.thread, value, r->value);
        return false;
    }
    return true;
}

static void require_all(struct request *q) {
    for (size_t i = 0; i < q->processes.count; i++)
        for (size_t j = 0; j < REQUIREMENTS; j++)
            if (q->required[j] && !fulfils(&q->processes.list[i], &requirements[j])) q->status = EXIT_NO;
}

// ---- Words and options ----------------------------------------------------------------------------------------------

static int take_pid(struct request *q, const char *word) {
    char *end;
    errno = 0;
    long pid = strtol(word, &end, 10);
    if (end == word || *end != '\0' || errno != 0 || pid < 1 || pid > INT_MAX) {
        say("\"%s\" is no process id", word);
        return EXIT_USAGE;
    }
    q->named = true;
    struct process p;
    char *why;
    int r = process_read((int)pid, &p, &why);
    if (r == 0 && !processes_add(&q->processes, &p)) {
        process_free(&p);
        r = -ENOMEM;
    }
    if (r < 0) say("%s", why != NULL ? why : "out of memory");
    free(why);
    if (r == -ENOMEM || r == -ENOTSUP) return EXIT_FAILED;
    if (r < 0) q->status = EXIT_NO;
    return EXIT_OK;
}

static int take_requirement(struct request *q, const char *word) {
    struct nearest n = {.word = word};
    for (size_t i = 0; i < REQUIREMENTS; i++) {
        if (strcmp(word, requirements[i].name) == 0) {
            q->required[i] = q->requires = true;
            return EXIT_OK;
        }
        nearest_try(&n, requirements[i].name);
    }
    if (n.best != NULL)
        say("--require takes no \"%s\"; did you mean \"%s\"?", word, n.best);
    else
        say("--require takes filter, no_new_privs or strict, not \"%s\"", word);
    return EXIT_USAGE;
}

static int take_option(struct request *q, const struct arguments *a) {
    if (option_is(a, "require")) return take_requirement(q, a->value);
    if (option_is(a, "all")) q->all = true;
    if (option_is(a, "tree")) q->tree = true;
    if (option_is(a, "json")) q->json = true;
    return EXIT_OK;
}

static int check(const struct request *q) {
    const char *wrong = NULL;
    if (q->requires && !q->named) wrong = "--require is about processes that are named: abjure ps PID --require filter";
    if (q->tree && q->named) wrong = "--tree shows all processes, and takes no process ids";
    if (q->tree && q->json) wrong = "--tree draws, and --json does not: each process there has its parent";
    if (wrong == NULL) return EXIT_OK;
    say("%s", wrong);
    return EXIT_USAGE;
}

// ---- The list -------------------------------------------------------------------------------------------------------

static int print_list(const struct request *q) {
    json_t *array = json_array();
    for (size_t i = 0; i < q->processes.count; i++) {
        const struct process *p = &q->processes.list[i];
        if (q->all || q->named || process_uses_seccomp(p)) json_array_append_new(array, process_json(p));
    }
    return print_json(array);
}

static int show(struct request *q) {
    int status = q->named ? EXIT_OK : processes_read(&q->processes);
    if (status != EXIT_OK) return status;
    if (q->requires) require_all(q);
    if (q->json)
        status = print_list(q);
    else if (!q->requires)
        status = process_table(&q->processes, q->all || q->named, q->tree);
    if (q->processes.hidden > 0)
        say("%zu processes of other users cannot be read here (hidepid); run as root to see them", q->processes.hidden);
    return status != EXIT_OK ? status : q->status;
}

static int ps(struct arguments *a) {
    struct request q = {.status = EXIT_OK};
    int status = EXIT_OK;
    enum argument kind = ARGUMENT_END;
    while (status == EXIT_OK && ((kind = arguments_next(a)) == ARGUMENT_OPTION || kind == ARGUMENT_WORD))
        status = kind == ARGUMENT_WORD ? take_pid(&q, a->value) : take_option(&q, a);
    if (status == EXIT_OK && arguments_status(kind) < 0) {
        status = check(&q);
        if (status == EXIT_OK) status = show(&q);
    } else if (status == EXIT_OK) {
        status = arguments_status(kind);
    }
    processes_free(&q.processes);
    return status;
}

static const struct option options[] = {
    {"all", 0, NULL, "also show processes that do not use seccomp"},
    {"tree", 0, NULL, "show each process below the nearest of its ancestors that is shown"},
    {"require", 0, "WHAT",
     "show nothing; end with 0 where every thread of the processes has it, else say which has not and end with 1: "
     "filter, no_new_privs or strict; may be repeated"},
    {"json", 0, NULL, "print JSON"},
    {NULL, 0, NULL, NULL},
};

const struct verb ps_verb = {
    .name = "ps",
    .summary = "list the processes that use seccomp now",
    .synopsis = "[OPTION]... [PID]...\nPID... --require WHAT",
    .description =
        "Lists the processes that have a filter or strict mode, or the named ones, with mode, number of filters, "
        "no_new_privs, container or systemd unit, and each thread that differs from its process.",
    .options = options,
    .run = ps,
};
