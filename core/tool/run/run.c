// SPDX-License-Identifier: MIT
// abjure run: starts a program under a filter.
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "abjure.h"
#include "arguments.h"
#include "await.h"
#include "output.h"
#include "prepare.h"
#include "rules.h"
#include "target.h"

struct job {
    struct rules rules;
    bool no_landlock, verbose;
    char **argv; // of the program; ends with NULL
};

static void say_lines(const char *title, char *text) {
    char *rest = text;
    for (char *line = next_line(&rest); line != NULL; line = next_line(&rest))
        say("%s: %s", title, line);
    free(text);
}

static void say_notes(abjure_filter *filter) {
    // Repeated rules are found when compiling. A failure is not news here: the load says it again.
    abjure_program_free(abjure_filter_compile(filter));
    abjure_filter_clear(filter);
    say_lines("note", filter_notes(filter));
    say_lines("skipped", filter_skipped(filter));
}

static int start(struct job *job) {
    if (!job->rules.any) {
        say("no rules given: abjure run --deny @exec -- PROGRAM, for example; abjure groups lists the groups");
        return EXIT_USAGE;
    }
    struct target t = {.filter = job->rules.filter, .argv = job->argv};
    int status = prepare(&job->rules, job->no_landlock, &t);
    if (status != EXIT_OK) return status;
    if (job->verbose) say_notes(job->rules.filter);
    status = target_fork(&t);
    if (status != EXIT_OK) return status;
    if (t.pid > 0) {
        bool can_kill = rules_can_kill(&job->rules);
        // This process has a filter of its own by now: no cleaning up at exit.
        _exit(await(&t, can_kill, can_kill));
    }
    if (errno != EPERM && errno != ENOSYS) {
        say("cannot start a process: %s", strerror(errno));
        return EXIT_FAILED;
    }
    // An outer filter denies new processes, so this one becomes the program.
    return target_execute(&t);
}

static void take(void *context, const struct arguments *a) {
    struct job *job = context;
    if (option_is(a, "no-landlock"))
        job->no_landlock = true;
    else
        job->verbose = true;
}

static int run(struct arguments *a) {
    struct job job = {.argv = NULL};
    int status = rules_start(&job.rules);
    if (status == EXIT_OK)
        status = prepare_words(a, &job.rules, take, &job, "abjure run --deny @exec -- PROGRAM", &job.argv);
    if (status == EXIT_OK && job.argv != NULL) status = start(&job);
    rules_end(&job.rules);
    return status;
}

static const struct option options[] = {
    {"no-landlock", 0, NULL, "do not enter a Landlock domain where ptrace is denied"},
    {"verbose", 'v', NULL, "also say notes, and the names that this ABI lacks"},
    {NULL, 0, NULL, NULL},
};

const struct verb run_verb = {
    .name = "run",
    .summary = "start a program under a filter",
    .synopsis = "[OPTION]... [--] PROGRAM [ARGUMENT]...",
    .description = "Starts PROGRAM under a filter, which it cannot take back, nor can what it starts. Its own start\n"
                   "passes, also where @exec is denied. Where a rule kills it, says by which call.",
    .options = options,
    .takes_rules = true,
    .stops_at_word = true,
    .run = run,
};
