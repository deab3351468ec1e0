// SPDX-License-Identifier: MIT
#include "inspect_source.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "arguments.h"
#include "file.h"
#include "output.h"
#include "rules.h"
#include "tool.h"

enum {
    WHY_SIZE = 1024
};

static int open_process(const struct source *s, abjure_program **out) {
    char why[WHY_SIZE];
    *out = s->filter_given ? abjure_program_from_process(s->pid, s->filter, why, sizeof why)
                           : abjure_program_effective(s->pid, why, sizeof why);
    if (*out != NULL) return EXIT_OK;
    const int error = errno;
    say("%s", why);
    // Without a filter there is nothing to show, and that is an answer.
    return error == ENOENT || error == ESRCH ? EXIT_NO : EXIT_FAILED;
}

static int compile_policy(const struct source *s, const char *text, abjure_program **out) {
    struct rules rules;
    int status = rules_start(&rules);
    if (status == EXIT_OK && abjure_filter_read(rules.filter, text, s->word) < 0)
        status = say_filter_error(rules.filter, NULL);
    if (status == EXIT_OK && s->abi != NULL && !rules_name_abis(&rules))
        status = rules_set(&rules, "abi", s->abi, "--abi");
    if (status == EXIT_OK && (*out = abjure_filter_compile(rules.filter)) == NULL)
        status = say_filter_error(rules.filter, NULL);
    rules_end(&rules);
    return status;
}

// Every program holds bytes that are 0, and no policy does.
static int open_file(const struct source *s, abjure_program **out) {
    size_t size = 0;
    char why[WHY_SIZE];
    int status = EXIT_OK;
    char *bytes = file_bytes(s->word, &size);
    if (bytes == NULL) return EXIT_USAGE;
    if (strlen(bytes) == size) {
        status = compile_policy(s, bytes, out);
    } else if ((*out = abjure_program_from_bytes(bytes, size, why, sizeof why)) == NULL) {
        say("%s: %s", s->word, why);
        status = EXIT_USAGE;
    }
    free(bytes);
    return status;
}

int source_open(struct source *s, abjure_program **out) {
    if (word_is_pid(s->word)) {
        const int status = word_pid(s->word, &s->pid);
        return status != EXIT_OK ? status : open_process(s, out);
    }
    if (!s->filter_given) return open_file(s, out);
    say("--filter is for a process, and \"%s\" is a file, which has one program", s->word);
    return EXIT_USAGE;
}

static int64_t fill_status(void *pid, char *buffer, uint64_t size) {
    return abjure_status(*(int *)pid, buffer, size);
}

char *source_status(const struct source *s, const char **name, const char **differing) {
    int pid = s->pid;
    *name = *differing = NULL;
    char *text = pid > 0 ? filled(fill_status, &pid, NULL) : NULL;
    char *rest = text;
    for (char *line = next_line(&rest); line != NULL; line = next_line(&rest)) {
        if (strncmp(line, "name: ", 6) == 0) *name = line + 6;
        if (strncmp(line, "differing: ", 11) == 0) *differing = line + 11;
    }
    return text;
}
