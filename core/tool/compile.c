// SPDX-License-Identifier: MIT
// abjure compile: a filter as a BPF program, OCI profile or policy text.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "abjure.h"
#include "arguments.h"
#include "file.h"
#include "output.h"
#include "rules.h"

enum {
    ABI_LIMIT = 16
}; // options; there are 8 ABIs

struct job {
    struct rules rules;
    const char *abis[ABI_LIMIT];
    size_t abi_count;
    const char *format, *output;
    bool verbose, has_policy;
};

static int64_t fill_bytes(void *program, char *buffer, uint64_t size) {
    return abjure_program_bytes(program, buffer, size);
}

static int64_t fill_text(void *program, char *buffer, uint64_t size) {
    return abjure_program_disassemble(program, buffer, size);
}

static char *make(struct job *job, int64_t *length, int *status) {
    bool bpf = strcmp(job->format, "bpf") == 0;
    char *result = NULL;
    *status = EXIT_OK;
    if (bpf || strcmp(job->format, "text") == 0) {
        abjure_program *program = abjure_filter_compile(job->rules.filter);
        if (program != NULL) result = filled(bpf ? fill_bytes : fill_text, program, length);
        abjure_program_free(program);
    } else {
        result = filter_written(job->rules.filter, job->format);
        if (result != NULL) *length = (int64_t)strlen(result);
    }
    if (result == NULL) *status = say_filter_error(job->rules.filter, NULL);
    return result;
}

static void say_lines(const char *title, char *text) {
    char *rest = text;
    for (char *line = next_line(&rest); line != NULL; line = next_line(&rest))
        say("%s: %s", title, line);
    free(text);
}

static int produce(struct job *job) {
    for (size_t i = 0; i < job->abi_count; i++) {
        int status = rules_set(&job->rules, "abi", job->abis[i], "--abi");
        if (status != EXIT_OK) return status;
    }
    int status;
    int64_t length = 0;
    char *result = make(job, &length, &status);
    if (result == NULL) return status;
    if (file_write(job->output, result, (size_t)length) < 0) status = EXIT_FAILED;
    free(result);
    if (job->verbose) {
        say_lines("note", filter_notes(job->rules.filter));
        say_lines("skipped", filter_skipped(job->rules.filter));
    }
    return status;
}

static int check_job(const struct job *job) {
    static const char *const formats[] = {"bpf", "oci", "policy", "text"};
    struct nearest n = {.word = job->format};
    for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++)
        nearest_try(&n, formats[i]);
    if (n.best == NULL || strcmp(n.best, job->format) != 0) {
        say("--format: unknown format \"%s\"; there are bpf, oci, policy and text", job->format);
        return EXIT_USAGE;
    }
    if (!job->rules.any) {
        say("nothing to compile: give a policy file, or rules such as --deny @exec");
        return EXIT_USAGE;
    }
    if (strcmp(job->format, "bpf") == 0 && strcmp(job->output, "-") == 0 && isatty(STDOUT_FILENO)) {
        say("a BPF program is binary, and standard output is a terminal: write it to a file with -o FILE, or read it "
            "with --format text");
        return EXIT_USAGE;
    }
    return EXIT_OK;
}

static int take(struct job *job, struct arguments *a, enum argument kind) {
    bool taken;
    if (kind == ARGUMENT_WORD) {
        if (job->has_policy) {
            say("compile takes one policy file, and \"%s\" is a second one; --policy adds more", a->value);
            return EXIT_USAGE;
        }
        job->has_policy = true;
        return rules_policy(&job->rules, a->value);
    }
    int status = rules_option(&job->rules, a, &taken);
    if (taken) return status;
    if (option_is(a, "format")) {
        job->format = a->value;
    } else if (option_is(a, "output")) {
        job->output = a->value;
    } else if (option_is(a, "verbose")) {
        job->verbose = true;
    } else if (job->abi_count == ABI_LIMIT) {
        say("more than %d times --abi; there are 8 ABIs", ABI_LIMIT);
        return EXIT_USAGE;
    } else {
        job->abis[job->abi_count++] = a->value;
    }
    return EXIT_OK;
}

static int compile(struct arguments *a) {
    struct job job = {.format = "bpf", .output = "-"};
    int status = rules_start(&job.rules);
    enum argument kind = ARGUMENT_END;
    while (status == EXIT_OK && ((kind = arguments_next(a)) == ARGUMENT_OPTION || kind == ARGUMENT_WORD))
        status = take(&job, a, kind);
    int ended = arguments_status(kind);
    if (status == EXIT_OK && ended < 0) {
        status = check_job(&job);
        if (status == EXIT_OK) status = produce(&job);
    }
    rules_end(&job.rules);
    return status == EXIT_OK && ended > 0 ? ended : status;
}

static const struct option options[] = {
    {"abi", 0, "NAME",
     "add an ABI, such as aarch64; may be repeated. Without any, here and in the policy: that of "
     "this machine"},
    {"format", 'f', "FORMAT",
     "bpf: struct sock_filter[], as bwrap --seccomp takes it (the default); oci: a profile "
     "for Docker, Podman and Kubernetes; policy: policy text; text: the instructions in "
     "words"},
    {"output", 'o', "FILE", "write to FILE, which is replaced as a whole; - is standard output"},
    {"verbose", 'v', NULL, "also say notes, and the names that an ABI lacks"},
    {NULL, 0, NULL, NULL},
};

const struct verb compile_verb = {
    .name = "compile",
    .summary = "write a filter as a BPF program, OCI profile or policy text",
    .synopsis = "[OPTION]... POLICY\n[OPTION]... --deny CALLS",
    .description = "Compiles a policy and proves that the program equals the rules. A program for another launcher, "
                   "such as bwrap, must leave that launcher's own execve open: with @exec denied it cannot start "
                   "anything, and abjure run can.",
    .options = options,
    .takes_rules = true,
    .run = compile,
};
