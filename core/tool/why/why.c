// SPDX-License-Identifier: MIT
// abjure why: runs a program and says which calls a filter denied to it, by which rule, and where in the program.
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "arguments.h"
#include "follow.h"
#include "output.h"
#include "prepare.h"
#include "signals.h"
#include "tell.h"

struct job {
    struct rules rules;
    bool no_landlock, all, json, follow;
    const char *output; // NULL: standard error
    char **argv;
    FILE *out;
    struct denials denials;
};

static void *refused(void *context, const struct refusal *r) {
    struct job *job = context;
    bool is_new;
    struct denial *d = denials_add(&job->denials, r, &is_new);
    if (d == NULL) return NULL;
    if (job->all || (is_new && d->cause.expected == NULL)) {
        if (job->json)
            tell_denial_json(job->out, d);
        else
            tell_denial(job->out, d);
        fflush(job->out);
    }
    return d;
}

static void ended(void *context, void *refusal) {
    (void)context;
    ((struct denial *)refusal)->fatal = true;
}

static void said(void *context, const char *text) {
    struct job *job = context;
    if (job->json)
        tell_note_json(job->out, text);
    else
        fprintf(job->out, "abjure: %s\n", text);
    fflush(job->out);
}

// A descriptor of our own, so that the program has none of it and output in pieces is one write.
static int open_output(struct job *job) {
    int fd = job->output != NULL ? open(job->output, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666)
                                 : fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
    job->out = fd >= 0 ? fdopen(fd, "w") : NULL;
    if (job->out != NULL) {
        setvbuf(job->out, NULL, _IOFBF, 1 << 16);
        return EXIT_OK;
    }
    say("%s: %s", job->output != NULL ? job->output : "standard error", strerror(errno));
    return EXIT_FAILED;
}

static int status_of(const struct target *t, int status) {
    int failure = target_failure(t);
    if (failure >= 0) return failure;
    if (status == -1) return EXIT_FAILED;
    return WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_SIGNAL + WTERMSIG(status);
}

static int watch(struct job *job, struct target *t) {
    struct follow f = {.program = t->pid,
                       .own_rules = t->filter != NULL,
                       .to_the_end = job->follow,
                       .context = job,
                       .refused = refused,
                       .ended = ended,
                       .said = said};
    int status = follow_seize(t->pid);
    if (status != EXIT_OK) {
        kill(t->pid, SIGKILL);
        return status;
    }
    // Debug information is looked for on this machine, never on the network. The program keeps its environment.
    unsetenv("DEBUGINFOD_URLS");
    signals_prepare(t->pid);
    target_release(t);
    int ending = follow(&f);
    status = status_of(t, ending);
    if (target_started(t)) {
        char name[64];
        target_name(t, name, sizeof name);
        const struct outcome o = {.program = name,
                                  .pid = t->pid,
                                  .status = ending,
                                  .left = f.left,
                                  .filtered = f.filtered,
                                  .unknown_why = f.unknown_why,
                                  .unknown_name = f.unknown_process == t->pid ? name : f.unknown_name,
                                  .unknown_process = f.unknown_process};
        if (job->json)
            tell_outcome_json(job->out, &job->denials, &o);
        else
            tell_outcome(job->out, &job->denials, &o);
    }
    tracees_free(&f.all);
    frames_end();
    return status;
}

static int start(struct job *job) {
    struct target t = {.filter = job->rules.any ? job->rules.filter : NULL, .argv = job->argv};
    int status = t.filter != NULL ? prepare(&job->rules, job->no_landlock, &t) : target_look_up(t.argv[0]);
    if (status == EXIT_OK) status = open_output(job);
    if (status == EXIT_OK) status = target_fork(&t);
    if (status != EXIT_OK) return status;
    if (t.pid < 0) {
        say("cannot start a process: %s", strerror(errno));
        return EXIT_FAILED;
    }
    job->denials.rules = t.filter;
    job->denials.every_stack = job->all;
    status = watch(job, &t);
    denials_free(&job->denials);
    if (fclose(job->out) == 0) return status;
    say("the output cannot be written: %s", strerror(errno));
    return EXIT_FAILED;
}

static void take(void *context, const struct arguments *a) {
    struct job *job = context;
    if (option_is(a, "no-landlock")) job->no_landlock = true;
    if (option_is(a, "all")) job->all = true;
    if (option_is(a, "json")) job->json = true;
    if (option_is(a, "follow")) job->follow = true;
    if (option_is(a, "output")) job->output = a->value;
}

static int why(struct arguments *a) {
    struct job job = {.argv = NULL};
    int status = rules_start(&job.rules);
    if (status == EXIT_OK)
        status = prepare_words(a, &job.rules, take, &job,
                               "abjure why --deny @listen -- PROGRAM, or abjure why -- PROGRAM", &job.argv);
    if (status == EXIT_OK && job.argv != NULL) status = start(&job);
    rules_end(&job.rules);
    return status;
}

static const struct option options[] = {
    {"output", 'o', "FILE", "write to FILE, not to standard error"},
    {"all", 0, NULL, "show each denied call, also what is no news and what is expected"},
    {"follow", 0, NULL, "go on until all processes have ended that the program started"},
    {"json", 0, NULL, "print JSON, a document a line"},
    {"no-landlock", 0, NULL, "do not enter a Landlock domain where ptrace is denied"},
    {NULL, 0, NULL, NULL},
};

const struct verb why_verb = {
    .name = "why",
    .summary = "run a program and say which calls a filter denied, and where",
    .synopsis = "[OPTION]... [--] PROGRAM [ARGUMENT]...",
    .description =
        "Runs PROGRAM and shows each call that a filter denied: arguments, rule or filter, and the stack in\n"
        "the program. The filter is that of the rules, as abjure run has it; without rules it is one that\n"
        "PROGRAM loads itself, or a launcher in it such as bwrap, firejail or abjure run.",
    .options = options,
    .takes_rules = true,
    .stops_at_word = true,
    .run = why,
};
