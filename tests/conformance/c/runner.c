// SPDX-License-Identifier: MIT
// Runs the corpus from C: runner FOLDER
#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "verbs.h"

static char **files;
static size_t file_count;
static struct state state;
static struct outcome outcome;

static int collect(const char *path, const struct stat *status, int type, struct FTW *where) {
    (void)status;
    (void)where;
    size_t length = strlen(path);
    if (type != FTW_F || length < 5 || strcmp(path + length - 5, ".case") != 0) return 0;
    files = realloc(files, (file_count + 1) * sizeof *files);
    files[file_count++] = strdup(path);
    return 0;
}

static int by_bytes(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

// The next line of *rest, without its end; NULL behind the last.
static const char *next_line(char **rest) {
    if (**rest == '\0') return NULL;
    char *line = *rest;
    char *end = strchr(line, '\n');
    *rest = end == NULL ? line + strlen(line) : end + 1;
    if (end != NULL) *end = '\0';
    return line;
}

// The name under which abjure.h lists the errno: Linux has two for 95.
static const char *errno_name(int number) {
    return number == ENOTSUP ? "ENOTSUP" : strerrorname_np(number);
}

static int fails(const char *expected, char *words[3], int count) {
    if (outcome.error == 0 || strcmp(errno_name(outcome.error), words[0]) != 0) return 1;
    if (count < 2) return 0;
    return expected[1] == '~' ? strstr(outcome.text, words[1]) == NULL : strcmp(outcome.text, words[1]) != 0;
}

// One line of what a verb must give; `rest` walks the text for "| " lines. Not 0: it gave something else.
static int differs(const char *expected, char **rest, const char *file, int line) {
    char copy[4096];
    char *words[3];
    if (strlen(expected) >= sizeof copy) return 1;
    strcpy(copy, expected);
    if (expected[0] == '|') {
        const char *got = next_line(rest);
        return got == NULL || strcmp(got, expected[1] == ' ' ? expected + 2 : expected + 1) != 0;
    }
    char *behind = copy + (expected[1] == '~' ? 2 : 1);
    int count = case_words(behind, words, 2, file, line);
    if (expected[0] == '!') return fails(expected, words, count);
    if (outcome.error != 0) return 1;
    if (expected[0] == '~') return strstr(outcome.text, words[0]) == NULL;
    return strcmp(outcome.text, words[0]) != 0;
}

static int report(const char *file, const struct step *step, const char *wanted) {
    printf("%s:%d: %s: wanted %s\n", file, step->line, step->words[0], wanted);
    printf("  got %s%s%s\n", outcome.error != 0 ? errno_name(outcome.error) : "", outcome.error != 0 ? " " : "",
           outcome.text);
    return 1;
}

static int step_fails(const char *file, const struct step *step) {
    if (!verbs_run(&state, step, &outcome)) return report(file, step, "a verb that exists");
    if (step->expected_count == 0) return outcome.error != 0 ? report(file, step, "success") : 0;
    static char lines[OUTCOME_SIZE];
    memcpy(lines, outcome.text, sizeof lines);
    char *rest = lines;
    int walks = 0;
    for (int i = 0; i < step->expected_count; i++) {
        walks = walks || step->expected[i][0] == '|';
        if (differs(step->expected[i], &rest, file, step->line)) return report(file, step, step->expected[i]);
    }
    return walks && (outcome.error != 0 || *rest != '\0') ? report(file, step, "no further line") : 0;
}

static void run_file(const char *file, int *passed, int *failed) {
    struct script script;
    case_read(file, &script);
    for (int i = 0; i < script.step_count;) {
        int bad = 0;
        for (i++; i < script.step_count && strcmp(script.steps[i].words[0], "case") != 0; i++)
            bad = bad || step_fails(file, &script.steps[i]);
        ++*(bad ? failed : passed);
        verbs_end(&state);
    }
    case_free(&script);
}

int main(int argc, char **argv) {
    if (argc != 2 || nftw(argv[1], collect, 16, FTW_PHYS) != 0) {
        fprintf(stderr, "usage: %s FOLDER\n", argv[0]);
        return 2;
    }
    int passed = 0, failed = 0;
    qsort(files, file_count, sizeof *files, by_bytes);
    for (size_t i = 0; i < file_count; i++) {
        run_file(files[i], &passed, &failed);
        free(files[i]);
    }
    free(files);
    printf("conformance c: %d passed, %d failed, 0 skipped\n", passed, failed);
    return failed > 0 || passed == 0;
}
