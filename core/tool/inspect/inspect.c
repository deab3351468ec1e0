// SPDX-License-Identifier: MIT
// abjure inspect: what a filter does, of a process, a BPF file or a policy.
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "abjure.h"
#include "arguments.h"
#include "graph.h"
#include "inspect_source.h"
#include "output.h"

enum {
    FORMAT_SIZE = 256,
    FIRST_SIZE = 1 << 20 // bytes of an outline
};

struct job {
    struct source source;
    const char *abi, *call;
    const char *shape; // "json", "as-policy", "disassemble" or "dot"; NULL: words
};

static int64_t fill_disassembly(void *program, char *buffer, uint64_t size) {
    return abjure_program_disassemble(program, buffer, size);
}

static bool is_shape(const struct job *job, const char *name) {
    return job->shape != NULL && strcmp(job->shape, name) == 0;
}

// ---- Showing -------------------------------------------------------------------------------------------------------

static int show_instructions(const struct job *job, abjure_program *program) {
    char *text = filled(fill_disassembly, program, NULL);
    int failed = text == NULL;
    if (!failed && is_shape(job, "dot"))
        failed = graph_print(text) < 0;
    else if (!failed)
        fputs(text, stdout);
    free(text);
    if (!failed) return EXIT_OK;
    say("out of memory");
    return EXIT_FAILED;
}

// Names come from processes that one does not trust; abjure_status has escaped them.
static void print_process(const struct job *job) {
    const char *name, *differing;
    char *status = source_status(&job->source, &name, &differing);
    if (job->source.pid > 0) {
        printf("process %d", job->source.pid);
        if (name != NULL) printf(" (%s)", name);
        if (job->source.filter_given) printf(", its program %lu", job->source.filter);
        printf(": ");
    }
    if (differing != NULL)
        say("some of its threads have other filters and can be inspected by their own number: %s", differing);
    free(status);
}

// The text, for the caller to free, or the message in its place. One call does for all but huge programs, since each
// walks the program again.
static char *outline(abjure_program *program, const char *format, int64_t *result) {
    uint64_t size = FIRST_SIZE;
    for (char *text = NULL;;) {
        char *larger = realloc(text, size);
        if (larger == NULL) {
            free(text);
            return NULL;
        }
        text = larger;
        *result = abjure_program_outline(program, format, text, size);
        if (*result < 0 || (uint64_t)*result < size) return text;
        size = (uint64_t)*result + 1;
    }
}

static int show_outline(const struct job *job, abjure_program *program) {
    char format[FORMAT_SIZE];
    const char *shape = is_shape(job, "json") ? "json" : is_shape(job, "as-policy") ? "policy" : "text";
    const int length = snprintf(format, sizeof format, "%s%s%s%s%s", shape, job->abi != NULL ? ", abi=" : "",
                                job->abi != NULL ? job->abi : "", job->call != NULL ? ", call=" : "",
                                job->call != NULL ? job->call : "");
    if (length >= FORMAT_SIZE) {
        say("--abi or --call: that is no name of an ABI or a call");
        return EXIT_USAGE;
    }
    int64_t result = -ENOMEM;
    char *text = outline(program, format, &result);
    if (text == NULL || result < 0) {
        say("%s", text == NULL ? "out of memory" : text);
        free(text);
        return result == -ENOMEM ? EXIT_FAILED : EXIT_USAGE;
    }
    if (strcmp(shape, "text") == 0) print_process(job);
    fputs(text, stdout);
    free(text);
    return EXIT_OK;
}

static int show(struct job *job) {
    abjure_program *program = NULL;
    const bool instructions = is_shape(job, "disassemble") || is_shape(job, "dot");
    if (job->source.word == NULL) {
        say("nothing to inspect: give a process, a BPF file or a policy");
        return EXIT_USAGE;
    }
    if ((job->abi != NULL || job->call != NULL) && (instructions || is_shape(job, "as-policy"))) {
        say("--abi and --call do not go with --%s, which shows everything", job->shape);
        return EXIT_USAGE;
    }
    job->source.abi = job->abi;
    int status = source_open(&job->source, &program);
    if (status == EXIT_OK) status = instructions ? show_instructions(job, program) : show_outline(job, program);
    abjure_program_free(program);
    return status;
}

// ---- Arguments -----------------------------------------------------------------------------------------------------

static int take_filter(struct job *job, const char *value) {
    char *end;
    errno = 0;
    job->source.filter = strtoul(value, &end, 10);
    job->source.filter_given = true;
    if (errno == 0 && value[0] >= '0' && value[0] <= '9' && *end == '\0') return EXIT_OK;
    say("--filter: \"%s\" is no number; 0 is the newest program", value);
    return EXIT_USAGE;
}

static int take(struct job *job, const struct arguments *a, enum argument kind) {
    if (kind == ARGUMENT_WORD) {
        if (job->source.word != NULL) {
            say("inspect shows one thing at a time, and \"%s\" is a second one", a->value);
            return EXIT_USAGE;
        }
        job->source.word = a->value;
    } else if (option_is(a, "abi")) {
        job->abi = a->value;
    } else if (option_is(a, "call")) {
        job->call = a->value;
    } else if (option_is(a, "filter")) {
        return take_filter(job, a->value);
    } else if (job->shape != NULL && strcmp(job->shape, a->option->name) != 0) {
        say("--%s and --%s: choose one", job->shape, a->option->name);
        return EXIT_USAGE;
    } else {
        job->shape = a->option->name;
    }
    return EXIT_OK;
}

static int inspect(struct arguments *a) {
    struct job job = {0};
    int status = EXIT_OK;
    enum argument kind = ARGUMENT_END;
    while (status == EXIT_OK && ((kind = arguments_next(a)) == ARGUMENT_OPTION || kind == ARGUMENT_WORD))
        status = take(&job, a, kind);
    const int ended = arguments_status(kind);
    if (status == EXIT_OK) status = ended >= 0 ? ended : show(&job);
    return status;
}

static const struct option options[] = {
    {"abi", 0, "NAME", "only this ABI, such as x86; a policy that names no ABI is then taken for this one"},
    {"call", 0, "NAME", "only this call, by name or number"},
    {"filter", 0, "N", "only this program of a process, 0 being the newest; without it, what all of them come to"},
    {"as-policy", 0, NULL, "print policy text, which means the same as the program"},
    {"disassemble", 0, NULL, "print the instructions in words"},
    {"dot", 0, NULL, "print the instructions as a graph, for dot of Graphviz: dot -Tsvg"},
    {"json", 0, NULL, "print JSON"},
    {NULL, 0, NULL, NULL},
};

const struct verb inspect_verb = {
    .name = "inspect",
    .summary = "show what a filter does, of a process, a BPF file or a policy",
    .synopsis = "[OPTION]... PID\n[OPTION]... FILE.bpf\n[OPTION]... POLICY",
    .description =
        "Says which calls a filter allows, denies or kills for, and under which conditions, for each ABI. It "
        "walks the program over all inputs, so that what it says is exact. Of a process it shows what all of "
        "its programs come to: each is asked, and the strictest verdict wins. That needs root, and a caller "
        "without a filter; the process is stopped for a moment. Digits are a process, ./123 is a file, and - "
        "is standard input.",
    .options = options,
    .run = inspect,
};
