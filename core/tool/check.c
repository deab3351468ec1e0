// SPDX-License-Identifier: MIT
// abjure check: what a filter decides for a call, or whether a policy is sound.
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "abjure.h"
#include "arguments.h"
#include "call.h"
#include "explanation.h"
#include "output.h"
#include "rules.h"

struct job {
    struct rules rules;
    const char *abi;
    bool json;
    const char **words; // the policy, unless options gave one, then calls
    int word_count;
};

static json_t *verdict_json(const struct explanation *e, const char *asked) {
    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:b, s:s, s:s?, s:s?}", "asked", asked, "call", e->call, "abi", e->abi,
                     "number", e->number, "action", e->action, "denied", explanation_denies(e), "origin", e->origin,
                     "rule", e->rule, "source", e->source);
}

static int check_call(struct job *job, const char *text, json_t *array) {
    struct call call;
    struct explanation e;
    if (call_read(text, job->abi, &call) < 0) return EXIT_USAGE;
    if (explain(job->rules.filter, job->abi, call.name, call.arguments, &e) < 0)
        return say_filter_error(job->rules.filter, text);
    int status = explanation_denies(&e) ? EXIT_NO : EXIT_OK;
    if (job->json) {
        json_array_append_new(array, verdict_json(&e, text));
    } else {
        char reason[1024];
        explanation_reason(&e, reason, sizeof reason);
        printf("%s on %s: %s\n    %s\n", e.call, e.abi, e.action, reason);
    }
    explanation_free(&e);
    return status;
}

// No filter comes of a policy with a rule that decides nothing, so it decides no call either. What else keeps a program
// from being made, such as its size or the word `self`, does not matter here.
static int check_rules(struct job *job) {
    abjure_program_free(abjure_filter_compile(job->rules.filter));
    if (abjure_filter_error(job->rules.filter) == -EEXIST) return say_filter_error(job->rules.filter, NULL);
    abjure_filter_clear(job->rules.filter);
    return EXIT_OK;
}

static int check_calls(struct job *job, int first) {
    json_t *array = json_array();
    int status = check_rules(job);
    for (int i = first; i < job->word_count && status <= EXIT_NO; i++) {
        int one = check_call(job, job->words[i], array);
        if (one > status) status = one;
    }
    if (job->json && status <= EXIT_NO) {
        int printed = print_json(array);
        return printed == EXIT_OK ? status : printed;
    }
    json_decref(array);
    return status;
}

// ---- The summary of a policy ----

struct summary {
    json_t *abis, *notes, *skipped;
    int rules, instructions;
    bool proven;
    char default_action[64];
};

static bool is_rule(const char *line) {
    static const char *const others[] = {"#", "abi ", "set ", "default ", "lenient", "strict"};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        if (strncmp(line, others[i], strlen(others[i])) == 0) return false;
    return line[0] != '\0' && line[0] != ' ';
}

static void summarize_text(struct summary *s, char *text) {
    char *rest = text;
    for (char *line = next_line(&rest); line != NULL; line = next_line(&rest)) {
        if (strncmp(line, "abi ", 4) == 0) json_array_append_new(s->abis, json_string(line + 4));
        if (strncmp(line, "default ", 8) == 0) snprintf(s->default_action, sizeof s->default_action, "%s", line + 8);
        if (strcmp(line, "set proof off") == 0) s->proven = false;
        if (is_rule(line)) s->rules++;
    }
}

static int summarize(struct job *job, struct summary *s) {
    char *text = filter_written(job->rules.filter, "policy");
    if (text == NULL) return say_filter_error(job->rules.filter, NULL);
    summarize_text(s, text);
    free(text);
    abjure_program *program = abjure_filter_compile(job->rules.filter);
    if (program == NULL) return say_filter_error(job->rules.filter, NULL);
    int64_t length = abjure_program_bytes(program, NULL, 0);
    abjure_program_free(program);
    s->instructions = (int)(length / 8); // sizeof (struct sock_filter)
    char *notes = filter_notes(job->rules.filter), *skipped = filter_skipped(job->rules.filter);
    s->notes = json_lines(notes);
    s->skipped = json_lines(skipped);
    free(notes);
    free(skipped);
    return EXIT_OK;
}

static void print_lines(const char *title, const json_t *lines) {
    size_t i;
    json_t *line;
    json_array_foreach ((json_t *)lines, i, line) {
        printf("%s: %s\n", title, json_string_value(line));
    }
}

static void print_summary(const struct summary *s) {
    printf("sound: %d rule%s, default %s, %d instructions, %s\nABIs:", s->rules, s->rules == 1 ? "" : "s",
           s->default_action, s->instructions, s->proven ? "proven" : "not proven");
    size_t i;
    json_t *abi;
    json_array_foreach (s->abis, i, abi) {
        printf(" %s", json_string_value(abi));
    }
    printf("%s\n", json_array_size(s->abis) == 0 ? " that of the machine that loads it" : "");
    if (s->rules == 0) printf("note: there is no rule, so that the default decides every call\n");
    print_lines("note", s->notes);
    print_lines("skipped", s->skipped);
}

static int check_policy(struct job *job) {
    struct summary s = {.abis = json_array(), .default_action = "allow", .proven = true};
    int status = summarize(job, &s);
    if (status == EXIT_OK && job->json)
        return print_json(json_pack("{s:b, s:b, s:i, s:s, s:i, s:o, s:o, s:o}", "sound", 1, "proven", s.proven, "rules",
                                    s.rules, "default", s.default_action, "instructions", s.instructions, "abis",
                                    s.abis, "notes", s.notes, "skipped", s.skipped));
    if (status == EXIT_OK) print_summary(&s);
    json_decref(s.abis);
    json_decref(s.notes);
    json_decref(s.skipped);
    return status;
}

// ---- Arguments ----

static int check_all(struct job *job) {
    int first = 0;
    if (!job->rules.any) {
        if (job->word_count == 0) {
            say("nothing to check: give a policy file, or rules such as --deny @exec");
            return EXIT_USAGE;
        }
        int status = rules_policy(&job->rules, job->words[first++]);
        if (status != EXIT_OK) return status;
    }
    if (job->abi != NULL && !rules_name_abis(&job->rules)) {
        int status = rules_set(&job->rules, "abi", job->abi, "--abi");
        if (status != EXIT_OK) return status;
    }
    return first < job->word_count ? check_calls(job, first) : check_policy(job);
}

static int take(struct job *job, const struct arguments *a, enum argument kind) {
    bool taken;
    if (kind == ARGUMENT_WORD) {
        job->words[job->word_count++] = a->value;
        return EXIT_OK;
    }
    int status = rules_option(&job->rules, a, &taken);
    if (taken) return status;
    if (!option_is(a, "abi")) {
        job->json = true;
    } else if (job->abi != NULL) {
        say("check asks about one ABI at a time, and --abi %s is a second one; --set abi=%s adds it to the filter",
            a->value, a->value);
        return EXIT_USAGE;
    } else {
        job->abi = a->value;
    }
    return EXIT_OK;
}

static int check(struct arguments *a) {
    struct job job = {.words = calloc((size_t)a->count, sizeof *job.words)};
    int status = rules_start(&job.rules);
    if (status == EXIT_OK && job.words == NULL) {
        say("out of memory");
        status = EXIT_FAILED;
    }
    enum argument kind = ARGUMENT_END;
    while (status == EXIT_OK && ((kind = arguments_next(a)) == ARGUMENT_OPTION || kind == ARGUMENT_WORD))
        status = take(&job, a, kind);
    int ended = arguments_status(kind);
    if (status == EXIT_OK) status = ended >= 0 ? ended : check_all(&job);
    rules_end(&job.rules);
    free(job.words);
    return status;
}

static const struct option options[] = {
    {"abi", 0, "NAME",
     "ask about calls through this ABI, such as aarch64; a policy that names no ABI is then taken "
     "for this one"},
    {"json", 0, NULL, "print JSON"},
    {NULL, 0, NULL, NULL},
};

const struct verb check_verb = {
    .name = "check",
    .summary = "say what a filter decides for a call, and by which rule",
    .synopsis = "[OPTION]... POLICY [CALL]...\n[OPTION]... --deny CALLS [CALL]...",
    .description = "Prints the verdict for each CALL, such as 'socket(AF_INET, SOCK_STREAM, 0)', and the rule that "
                   "decides it. Arguments are numbers, constants joined by |, or NAME=VALUE; those that are missing "
                   "are 0. Without a CALL, checks the policy, proves its program and prints a summary. POLICY is a "
                   "file, or - for standard input.",
    .options = options,
    .takes_rules = true,
    .run = check,
};
