// SPDX-License-Identifier: MIT
// abjure report: a page about the audit records of a log.
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "arguments.h"
#include "output.h"
#include "put.h"
#include "report_data.h"

// core/tool/page, made by page.cmake: what comes before the data, and behind it.
extern const char page_head[], page_tail[];

static void keep_damaged(struct log *l, const char *why, const struct log_line *line) {
    struct report *r = (struct report *)l;
    if (l->left.damaged > REPORT_DAMAGED) return;
    struct damaged_line *d = &r->damaged[l->left.damaged - 1];
    *d = (struct damaged_line){.file = line->file, .why = why, .number = line->number, .length = line->length};
    d->is_cut = d->length > sizeof d->text;
    if (d->is_cut) d->length = sizeof d->text;
    memcpy(d->text, line->bytes, d->length);
}

static void keep(struct log *l, const struct event *e, const struct log_line *line) {
    struct report *r = (struct report *)l;
    if (!violations_add(&r->violations, e, line->bytes, line->length)) log_out_of_memory(l);
}

static int write_page(struct report *r) {
    if (!violations_finish(&r->violations, REPORT_VIOLATIONS)) {
        log_out_of_memory(&r->log);
        return EXIT_FAILED;
    }
    put_text(page_head);
    if (!report_data(r)) {
        say("out of memory: the page is cut off");
        return EXIT_FAILED;
    }
    put_text(page_tail);
    return r->log.status;
}

static int take_option(struct report *r, const struct arguments *a) {
    if (option_is(a, "elsewhere")) {
        event_elsewhere = true;
        return EXIT_OK;
    }
    r->is_selected = true;
    return selection_add(&r->log.selection, a->option->name, (char *)a->value);
}

static int run(struct arguments *a, struct report *r) {
    int status;
    enum argument kind;
    const struct arguments again = *a; // options count wherever they stand
    while ((kind = arguments_next(a)) == ARGUMENT_OPTION || kind == ARGUMENT_WORD) {
        if (kind == ARGUMENT_OPTION && (status = take_option(r, a)) != EXIT_OK) return status;
        if (kind == ARGUMENT_WORD && r->file_count++ < REPORT_FILES) r->files[r->file_count - 1] = a->value;
    }
    status = arguments_status(kind);
    if (status >= 0) return status;
    if (isatty(STDOUT_FILENO)) {
        say("this is a page for a browser, not for a terminal: abjure report FILE > report.html");
        return EXIT_USAGE;
    }
    put_start();
    log_read(&r->log, again, "report > report.html");
    return write_page(r);
}

static int report(struct arguments *a) {
    static struct report r = {.log = {.take = keep, .take_damaged = keep_damaged}};
    int status = run(a, &r);
    violations_end(&r.violations);
    selection_end(&r.log.selection);
    return status;
}

static const struct option options[] = {
    {"elsewhere", 0, NULL, "the log is of another machine: add nothing that this one knows"},
    SELECTION_OPTIONS,
    {NULL, 0, NULL, NULL},
};

const struct verb report_verb = {
    .name = "report",
    .summary = "make a page for a browser of such records",
    .synopsis = "[OPTION]... [FILE]... > report.html",
    .description = "Reads what explain reads, and writes one page of HTML that needs no network: denied calls over "
                   "time, by call, program, user and action, and of each what it means and how to allow it.",
    .options = options,
    .run = report,
};
