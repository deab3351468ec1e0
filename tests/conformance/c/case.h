// SPDX-License-Identifier: MIT
// Reads the files of tests/corpus; README.md there has the format.
#ifndef CONFORMANCE_CASE_H
#define CONFORMANCE_CASE_H

#include <stddef.h>

enum {
    CASE_WORDS = 16,
    CASE_EXPECTATIONS = 512
};

struct step {
    int line;
    char *words[CASE_WORDS + 1]; // the verb first; NULL behind the last
    int word_count;
    char *expected[CASE_EXPECTATIONS]; // "= x", "| x" …, as they stand
    int expected_count;
};

struct script {
    char *text; // of the file; the lines of steps point into it
    struct step *steps;
    int step_count;
};

// Splits a line into words, in place. The number of words; exits with a message where the line is malformed.
int case_words(char *line, char **words, int room, const char *file, int number);
// Reads a file; a step whose verb is "case" starts a case. Exits with a message where it cannot.
void case_read(const char *file, struct script *out);
// Word `i` of a step; "" behind the last.
const char *case_word(const struct step *s, int i);
void case_free(struct script *s);

#endif
