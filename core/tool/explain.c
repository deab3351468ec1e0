// SPDX-License-Identifier: MIT
// abjure explain: what the audit records of a log tell.
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "abjure.h"
#include "arguments.h"
#include "deaths.h"
#include "event.h"
#include "lines.h"
#include "output.h"
#include "overview.h"
#include "put.h"
#include "selection.h"

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
    enum form form;
    bool summary, unique;
    struct selection selection;
    struct overview overview;
    struct left_out left;
    uint64_t shown;
    const char *file; // that is being read, for messages
    uint64_t line;
    int status; // of the worst that happened
    struct deaths deaths;
    struct event event;
};

static void flush(void) {
    fflush(stdout);
}

static void tell_damaged(struct explain *x, const char *why) {
    x->left.damaged++;
    if (x->summary || x->left.damaged > SHOWN) return;
    say("%s:%llu: damaged: %s", x->file, (unsigned long long)x->line, why);
    if (x->left.damaged == SHOWN) say("further damaged lines are only counted");
}

static void show(struct explain *x) {
    bool done = true;
    x->shown++;
    if (x->summary)
        done = overview_add(&x->overview, &x->event);
    else if (x->unique)
        done = overview_add_unique(&x->overview, &x->event);
    else if (x->form == FORM_JSON)
        event_json(&x->event);
    else if (x->form == FORM_ECS)
        event_ecs(&x->event);
    else if (x->form == FORM_FIELDS)
        event_fields(&x->event);
    else
        event_text(&x->event);
    if (!done && x->status != EXIT_FAILED) {
        say("out of memory: some records are not counted");
        x->status = EXIT_FAILED;
    }
}

static void take_line(struct explain *x, const char *line, size_t length) {
    enum record_kind kind = record_parse(line, length, &x->event.record);
    if (kind == RECORD_DAMAGED) {
        tell_damaged(x, x->event.record.why);
        return;
    }
    if (kind != RECORD_SECCOMP && kind != RECORD_ABEND) {
        x->left.others++;
        return;
    }
    event_start(&x->event, kind);
    if (deaths_repeat(&x->deaths, &x->event) && x->form != FORM_FIELDS)
        x->left.repeated++;
    else if (selection_has(&x->selection, &x->event))
        show(x);
}

static void read_descriptor(struct explain *x, int fd, const char *name) {
    struct lines l;
    const char *line;
    size_t length;
    if (!lines_start(&l, fd)) {
        say("out of memory");
        x->status = EXIT_FAILED;
        return;
    }
    x->file = name;
    x->line = 0;
    while (!ferror(stdout) && lines_next(&l, flush, &line, &length)) {
        x->line++;
        if (l.too_long)
            tell_damaged(x, "longer than 1 MiB: this is no record");
        else
            take_line(x, line, length);
    }
    if (l.error != 0) {
        say("%s: cannot be read: %s", name, strerror(l.error));
        x->status = EXIT_FAILED;
    }
    lines_end(&l);
}

static void read_path(struct explain *x, const char *path) {
    if (strcmp(path, "-") == 0) {
        read_descriptor(x, STDIN_FILENO, "standard input");
        return;
    }
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        say("%s: cannot be read: %s", path, strerror(errno));
        if (x->status == EXIT_OK) x->status = EXIT_USAGE;
        return;
    }
    read_descriptor(x, fd, path);
    close(fd);
}

static int finish(struct explain *x) {
    if (x->summary && x->form == FORM_JSON)
        overview_json(&x->overview, &x->left);
    else if (x->summary)
        overview_text(&x->overview, &x->left);
    else if (x->unique && x->form == FORM_JSON)
        overview_unique_json(&x->overview);
    else if (x->unique)
        overview_unique_text(&x->overview);
    if (!x->summary && x->left.damaged > SHOWN) say("%llu damaged lines in all", (unsigned long long)x->left.damaged);
    if (x->status != EXIT_OK) return x->status;
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
        return selection_add(&x->selection, a->option->name, (char *)a->value);
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
    int files = 0, status;
    enum argument kind;
    // Options count wherever they stand, so the files come in a second walk.
    struct arguments again = *a;
    while ((kind = arguments_next(a)) == ARGUMENT_OPTION || kind == ARGUMENT_WORD) {
        if (kind == ARGUMENT_WORD)
            files++;
        else if ((status = take_option(x, a)) != EXIT_OK)
            return status;
    }
    status = arguments_status(kind);
    if (status >= 0) return status;
    status = check_options(x);
    if (status != EXIT_OK) return status;
    put_start();
    if (files == 0 && isatty(STDIN_FILENO)) say("reading records from the terminal; or: dmesg | abjure explain");
    if (files == 0) read_path(x, "-");
    while (files > 0 && (kind = arguments_next(&again)) != ARGUMENT_END)
        if (kind == ARGUMENT_WORD) read_path(x, again.value);
    return finish(x);
}

static int explain(struct arguments *a) {
    static struct explain x;
    overview_start(&x.overview);
    int status = run(a, &x);
    overview_end(&x.overview);
    selection_end(&x.selection);
    return status;
}

static const struct option options[] = {
    {"fields", 0, NULL, "explain every field of each record"},
    {"summary", 0, NULL, "count the records by call, program, user and action"},
    {"unique", 0, NULL, "show what tells the same once, with its number and the first and last time"},
    {"json", 0, NULL, "print JSON, a document a line"},
    {"ecs", 0, NULL, "print documents in Elastic Common Schema, one a line"},
    {"elsewhere", 0, NULL, "the log is of another machine: add nothing that this one knows"},
    {"call", 0, "CALL,...", "only these calls: names or numbers"},
    {"action", 0, "ACTION,...", "only these: kill, kill_thread, trap, deny, log, allow, trace, notify"},
    {"pid", 0, "PID,...", "only these processes"},
    {"user", 0, "USER,...", "only these users: names or numbers"},
    {"program", 0, "NAME,...", "only these programs: a path, its last part, or the name"},
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
