// SPDX-License-Identifier: MIT
// abjure lint: what is wrong with a filter.
#include "lint.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "arguments.h"
#include "explanation.h"
#include "file.h"
#include "lint_census.h"
#include "output.h"
#include "rules.h"

struct job {
    struct lint lint;
    struct rules rules;
    const char *word; // the policy, program or process
    char process[64]; // "process 664 (nc)"
    enum severity fail_on;
    bool *ignored; // by the place in the table
    bool json, list;
};

// ---- The subject ----------------------------------------------------------------------------------------------------

static int add_compiled(struct subject *s) {
    static const uint64_t none[ARGUMENTS];
    struct explanation e;
    abjure_program *program = abjure_filter_compile(s->filter);
    if (program != NULL) return subject_add_program(s, program);
    if (abjure_filter_error(s->filter) != -EINVAL) return say_filter_error(s->filter, NULL);
    // The word `self` is known only at load: until then its filter has verdicts and no program.
    abjure_filter_clear(s->filter);
    if (explain(s->filter, NULL, "read", none, &e) < 0) return say_filter_error(s->filter, NULL);
    explanation_free(&e);
    return EXIT_OK;
}

static int take_policy(struct job *job) {
    struct subject *s = &job->lint.subject;
    if (s->abi != NULL && !rules_name_abis(&job->rules)) {
        int status = rules_set(&job->rules, "abi", s->abi, "--abi");
        if (status != EXIT_OK) return status;
    }
    s->filter = job->rules.filter;
    return add_compiled(s);
}

static int take_program(struct job *job, const char *name, const void *bytes, size_t size) {
    char why[512];
    if (job->rules.any) {
        say("%s is a BPF program, which takes no rules beside it", name);
        return EXIT_USAGE;
    }
    abjure_program *program = abjure_program_from_bytes(bytes, size, why, sizeof why);
    if (program != NULL) return subject_add_program(&job->lint.subject, program);
    say("%s: %s", name, why);
    return EXIT_USAGE;
}

// What holds a NUL byte is a program, whose every instruction has one, and else it is a policy.
static int take_file(struct job *job, const char *path) {
    const char *name = strcmp(path, "-") == 0 ? "standard input" : path;
    size_t size = 0;
    char *bytes = file_bytes(path, &size);
    if (bytes == NULL) return EXIT_USAGE;
    int status;
    job->lint.subject.name = name;
    if (memchr(bytes, '\0', size) != NULL) {
        status = take_program(job, name, bytes, size);
    } else {
        job->rules.any = true;
        status = abjure_filter_read(job->rules.filter, bytes, name) < 0 ? say_filter_error(job->rules.filter, NULL)
                                                                        : take_policy(job);
    }
    free(bytes);
    return status;
}

static int take_pid(struct job *job, const char *word) {
    int pid, status = word_pid(word, &pid);
    if (status != EXIT_OK) return status;
    if (job->rules.any) {
        say("a process takes no rules beside it");
        return EXIT_USAGE;
    }
    status = lint_read_process(&job->lint, pid);
    const char *name = job->lint.process.name;
    snprintf(job->process, sizeof job->process, "process %d (%s)", pid, name != NULL ? name : "");
    make_printable(job->process);
    job->lint.subject.name = job->process;
    return status;
}

static int take_subject(struct job *job) {
    if (job->word != NULL) return word_is_pid(job->word) ? take_pid(job, job->word) : take_file(job, job->word);
    job->lint.subject.name = "these rules";
    if (job->rules.any) return take_policy(job);
    say("nothing to judge: give a policy, a BPF program, a process id, or rules such as --deny @exec");
    return EXIT_USAGE;
}

// ---- The search -----------------------------------------------------------------------------------------------------

static int search(struct job *job) {
    struct lint *l = &job->lint;
    int status = take_subject(job);
    if (status == EXIT_OK) status = subject_complete(&l->subject);
    if (status == EXIT_OK && !census_take(&l->subject)) {
        say("out of memory");
        status = EXIT_FAILED;
    }
    if (status != EXIT_OK) return status;
    for (size_t i = 0; i < flaw_count; i++) {
        if (job->ignored[i]) continue;
        if (flaws[i].unless != NULL && findings_have(&l->findings, flaws[i].unless)) continue;
        if (flaws[i].search(l, &flaws[i])) continue;
        say("out of memory");
        return EXIT_FAILED;
    }
    findings_sort(&l->findings);
    status = job->json ? findings_print_json(&l->findings, &l->subject) : findings_print(&l->findings, &l->subject);
    if (status != EXIT_OK) return status;
    return l->findings.count > 0 && l->findings.list[0].severity >= job->fail_on ? EXIT_NO : EXIT_OK;
}

static int list_flaws(bool json) {
    json_t *array = json_array();
    for (size_t i = 0; i < flaw_count; i++) {
        const struct flaw *f = &flaws[i];
        if (json) {
            json_array_append_new(array, json_pack("{s:s, s:s, s:s, s:s, s:s}", "id", f->id, "severity",
                                                   severity_names[f->severity], "title", f->title, "reason", f->reason,
                                                   "remedy", f->remedy));
            continue;
        }
        printf("%s (%s)\n    ", f->id, severity_names[f->severity]);
        print_filled(f->title, 4);
        printf("    ");
        print_filled(f->reason, 4);
    }
    if (json) return print_json(array);
    json_decref(array);
    return EXIT_OK;
}

// ---- Arguments ------------------------------------------------------------------------------------------------------

static int take_ignored(struct job *job, const char *id) {
    struct nearest n = {.word = id};
    for (size_t i = 0; i < flaw_count; i++) {
        nearest_try(&n, flaws[i].id);
        if (strcmp(flaws[i].id, id) != 0) continue;
        job->ignored[i] = true;
        return EXIT_OK;
    }
    if (n.best != NULL)
        say("--ignore: there is no flaw \"%s\"; did you mean \"%s\"?", id, n.best);
    else
        say("--ignore: there is no flaw \"%s\"; abjure lint --list shows them", id);
    return EXIT_USAGE;
}

static int take_level(struct job *job, const char *word) {
    for (unsigned i = 0; i < SEVERITIES; i++) {
        if (strcmp(severity_names[i], word) != 0) continue;
        job->fail_on = (enum severity)i;
        return EXIT_OK;
    }
    say("--fail-on takes note, warning or error, not \"%s\"", word);
    return EXIT_USAGE;
}

static int take_abi(struct job *job, const char *name) {
    if (job->lint.subject.abi != NULL) {
        say("lint takes one --abi, and %s is a second one; --set abi=%s adds it to the filter", name, name);
        return EXIT_USAGE;
    }
    job->lint.subject.abi = name;
    if (abi_facts(name) != NULL) return EXIT_OK;
    return rules_set(&job->rules, "abi", name, "--abi"); // says which there are
}

static int take(struct job *job, struct arguments *a, enum argument kind) {
    bool taken;
    if (kind == ARGUMENT_WORD) {
        if (job->word != NULL) {
            say("lint judges one filter, and \"%s\" is a second one", a->value);
            return EXIT_USAGE;
        }
        job->word = a->value;
        return EXIT_OK;
    }
    int status = rules_option(&job->rules, a, &taken);
    if (taken) return status;
    if (option_is(a, "ignore")) return take_ignored(job, a->value);
    if (option_is(a, "fail-on")) return take_level(job, a->value);
    if (option_is(a, "abi")) return take_abi(job, a->value);
    if (option_is(a, "json")) job->json = true;
    if (option_is(a, "list")) job->list = true;
    return EXIT_OK;
}

static int lint(struct arguments *a) {
    struct job job = {.fail_on = SEVERITY_WARNING, .ignored = calloc(flaw_count, sizeof *job.ignored)};
    int status = rules_start(&job.rules);
    if (status == EXIT_OK && job.ignored == NULL) {
        say("out of memory");
        status = EXIT_FAILED;
    }
    enum argument kind = ARGUMENT_END;
    while (status == EXIT_OK && ((kind = arguments_next(a)) == ARGUMENT_OPTION || kind == ARGUMENT_WORD))
        status = take(&job, a, kind);
    int ended = arguments_status(kind);
    if (status == EXIT_OK && ended >= 0)
        status = ended;
    else if (status == EXIT_OK)
        status = job.list ? list_flaws(job.json) : search(&job);
    findings_free(&job.lint.findings);
    subject_end(&job.lint.subject);
    process_free(&job.lint.process);
    rules_end(&job.rules);
    free(job.ignored);
    return status;
}

static const struct option options[] = {
    {"fail-on", 0, "LEVEL",
     "end with 1 where there is a finding of this severity or above: note, warning (the "
     "default) or error"},
    {"ignore", 'i', "ID", "do not look for this flaw; may be repeated"},
    {"list", 'l', NULL, "list the flaws that are looked for, with their severity and reason"},
    {"abi", 0, "NAME",
     "what a policy that names no ABI, or a program that checks none, is for; else this machine's own"},
    {"json", 0, NULL, "print JSON"},
    {NULL, 0, NULL, NULL},
};

const struct verb lint_verb = {
    .name = "lint",
    .summary = "say what is wrong with a filter, and show a call that gets through",
    .synopsis = "[OPTION]... POLICY\n[OPTION]... FILE.bpf\n[OPTION]... PID\n[OPTION]... --deny CALLS",
    .description =
        "Judges a policy, a BPF program or the filters of a process, and says for each flaw why it is one, which call "
        "gets through, and what remedies it. A flaw counts only where the filter itself shows what it is for: that "
        "clone is open is one where fork is denied. Calls are tried on the program. - is standard input.",
    .options = options,
    .takes_rules = true,
    .run = lint,
};
