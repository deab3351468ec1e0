// SPDX-License-Identifier: MIT
// abjure explain: what the audit records of a log tell.
#include <stdio.h>

#include "arguments.h"
#include "log.h"
#include "output.h"
#include "overview.h"
#include "put.h"

enum {
    SHOWN = 10 // damaged lines that are told one by one
};

enum form {
    FORM_TEXT,
    FORM_JSON,
    FORM_ECS,
    FORM_FIELDS
};

struct explain {
    struct log log; // first, so that its functions find the rest
    enum form form;
    bool summary, unique;
    struct overview overview;
    uint64_t shown;
};

static void tell_damaged(struct log *l, const char *why, const struct log_line *line) {
    const struct explain *x = (const struct explain *)l;
    if (x->summary || l->left.damaged > SHOWN) return;
    say("%s:%llu: damaged: %s", line->file, (unsigned long long)line->number, why);
    if (l->left.damaged == SHOWN) say("further damaged lines are only counted");
}

static void show(struct log *l, const struct event *e, const struct log_line *line) {
    struct explain *x = (struct explain *)l;
    bool done = true;
    (void)line;
    x->shown++;
    if (x->summary)
        done = overview_add(&x->overview, e);
    else if (x->unique)
        done = overview_add_unique(&x->overview, e);
    else if (x->form == FORM_JSON)
        event_json(e);
    else if (x->form == FORM_ECS)
        event_ecs(e);
    else if (x->form == FORM_FIELDS)
        event_fields(e);
    else
        event_text(e);
    if (!done) log_out_of_memory(l);
}

static int finish(struct explain *x) {
    const struct left_out *left = &x->log.left;
    if (x->summary && x->form == FORM_JSON)
        overview_json(&x->overview, left);
    else if (x->summary)
        overview_text(&x->overview, left);
    else if (x->unique && x->form == FORM_JSON)
        overview_unique_json(&x->overview);
    else if (x->unique)
        overview_unique_text(&x->overview);
    if (!x->summary && left->damaged > SHOWN) say("%llu damaged lines in all", (unsigned long long)left->damaged);
    if (x->log.status != EXIT_OK) return x->log.status;
    if (x->shown > 0) return EXIT_OK;
    if (!x->summary) say("no record of seccomp that was asked for is there");
    return EXIT_NO;
}

static int take_option(struct explain *x, const struct arguments *a) {
    if (option_is(a, "summary"))
        x->summary = true;
    else if (option_is(a, "unique"))
        x->unique = true;
    else if (option_is(a, "elsewhere"))
        event_elsewhere = true;
    else if (a->option->value != NULL)
        return selection_add(&x->log.selection, a->option->name, (char *)a->value);
    else {
        enum form form = option_is(a, "json") ? FORM_JSON : option_is(a, "ecs") ? FORM_ECS : FORM_FIELDS;
        if (x->form != FORM_TEXT && x->form != form) {
            say("one of --json, --ecs and --fields, not two");
            return EXIT_USAGE;
        }
        x->form = form;
    }
    return EXIT_OK;
}

static int check_options(const struct explain *x) {
    if (x->summary && x->unique) {
        say("--summary counts records and --unique those that tell the same: one of them");
        return EXIT_USAGE;
    }
    if ((x->summary || x->unique) && (x->form == FORM_ECS || x->form == FORM_FIELDS)) {
        say("--%s is about single records, and --%s is not: leave one out", x->form == FORM_ECS ? "ecs" : "fields",
            x->summary ? "summary" : "unique");
        return EXIT_USAGE;
    }
    return EXIT_OK;
}

static int run(struct arguments *a, struct explain *x) {
    int status;
    enum argument kind;
    // Options count wherever they stand, so the files come in a second walk.
    const struct arguments again = *a;
    while ((kind = arguments_next(a)) == ARGUMENT_OPTION || kind == ARGUMENT_WORD)
        if (kind == ARGUMENT_OPTION && (status = take_option(x, a)) != EXIT_OK) return status;
    status = arguments_status(kind);
    if (status >= 0) return status;
    status = check_options(x);
    if (status != EXIT_OK) return status;
    put_start();
    // Of each record, its death too.
    x->log.keep_repeated = x->form == FORM_FIELDS;
    log_read(&x->log, again, "explain");
    return finish(x);
}

static int explain(struct arguments *a) {
    static struct explain x = {.log = {.take = show, .take_damaged = tell_damaged}};
    overview_start(&x.overview);
    int status = run(a, &x);
    overview_end(&x.overview);
    selection_end(&x.log.selection);
    return status;
}

static const struct option options[] = {
    {"fields", 0, NULL, "explain every field of each record"},
    {"summary", 0, NULL, "count the records by call, program, user and action"},
    {"unique", 0, NULL, "show what tells the same once, with its number and the first and last time"},
    {"json", 0, NULL, "print JSON, a document a line"},
    {"ecs", 0, NULL, "print documents in Elastic Common Schema, one a line"},
    {"elsewhere", 0, NULL, "the log is of another machine: add nothing that this one knows"},
    SELECTION_OPTIONS,
    {NULL, 0, NULL, NULL},
};

const struct verb explain_verb = {
    .name = "explain",
    .summary = "say what audit records of denied calls tell",
    .synopsis = "[OPTION]... [FILE]...",
    .description = "Reads audit.log, the output of ausearch, dmesg or journalctl, or standard input, and says of each "
                   "record of seccomp who called what and what became of it.",
    .options = options,
    .run = explain,
};
