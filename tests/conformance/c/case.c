// SPDX-License-Identifier: MIT
#include "case.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void stop(const char *file, int line, const char *what) {
    fprintf(stderr, "%s:%d: %s\n", file, line, what);
    exit(2);
}

// Reads a quoted word in place, `at` behind its first quote; gives the end of what it read.
static char *quoted(char *at, const char *file, int number) {
    char *to = at;
    for (; *at != '"'; at++) {
        if (*at == '\0') stop(file, number, "a quote is missing");
        if (*at != '\\') {
            *to++ = *at;
            continue;
        }
        at++;
        char hex[3] = {0};
        switch (*at) {
        case 'n':
            *to++ = '\n';
            break;
        case 't':
            *to++ = '\t';
            break;
        case 'x':
            memcpy(hex, at + 1, strnlen(at + 1, 2));
            *to++ = (char)strtol(hex, NULL, 16);
            at += 2;
            break;
        default:
            *to++ = *at;
        }
    }
    *to = '\0';
    return at + 1;
}

int case_words(char *line, char **words, int room, const char *file, int number) {
    int count = 0;
    for (char *at = line + strspn(line, " "); *at != '\0'; at += strspn(at, " ")) {
        if (count == room) stop(file, number, "too many words");
        if (*at == '"') {
            words[count++] = at + 1;
            at = quoted(at + 1, file, number);
            continue;
        }
        words[count++] = at;
        at += strcspn(at, " ");
        if (*at == ' ') *at++ = '\0';
    }
    words[count] = NULL;
    return count;
}

static char *read_file(const char *file) {
    FILE *f = fopen(file, "rb");
    if (f == NULL || fseek(f, 0, SEEK_END) != 0) stop(file, 0, "cannot be read");
    long size = ftell(f);
    rewind(f);
    char *text = calloc((size_t)size + 1, 1);
    if (text == NULL || fread(text, 1, (size_t)size, f) != (size_t)size) stop(file, 0, "cannot be read");
    fclose(f);
    return text;
}

// Appends a "> " line to the text that stands for the word "<<".
static void add_text(struct step *s, const char *line, const char *file, int number) {
    int at = 0;
    while (at < s->word_count && strcmp(s->words[at], "<<") != 0 && s->words[at][0] != '\1')
        at++;
    if (at == s->word_count) stop(file, number, "a text that no << announces");
    const char *so_far = s->words[at][0] == '\1' ? s->words[at] : "\1";
    const char *more = line[1] == ' ' ? line + 2 : line + 1;
    char *text = malloc(strlen(so_far) + strlen(more) + 2);
    if (text == NULL) stop(file, number, "out of memory");
    sprintf(text, "%s%s\n", so_far, more);
    if (s->words[at][0] == '\1') free(s->words[at]);
    s->words[at] = text;
}

static void add_line(struct script *out, char *line, const char *file, int number) {
    struct step *last = out->step_count > 0 ? &out->steps[out->step_count - 1] : NULL;
    if (isalpha((unsigned char)line[0])) {
        out->steps = realloc(out->steps, ((size_t)out->step_count + 1) * sizeof *out->steps);
        if (out->steps == NULL) stop(file, number, "out of memory");
        struct step *s = &out->steps[out->step_count++];
        *s = (struct step){.line = number};
        if (strncmp(line, "case ", 5) == 0) { // a title is not split
            line[4] = '\0';
            s->words[0] = line;
            s->words[1] = line + 5;
            s->word_count = 2;
        } else {
            s->word_count = case_words(line, s->words, CASE_WORDS, file, number);
        }
    } else if (last == NULL) {
        stop(file, number, "a line before the first verb");
    } else if (line[0] == '>') {
        add_text(last, line, file, number);
    } else if (strchr("=|~!", line[0]) != NULL) {
        if (last->expected_count == CASE_EXPECTATIONS) stop(file, number, "too many lines");
        last->expected[last->expected_count++] = line;
    } else {
        stop(file, number, "neither a verb nor a result");
    }
}

static int same_title(const struct step *a, const struct step *b) {
    for (int i = 0; i < a->word_count && i < b->word_count; i++)
        if (strcmp(a->words[i], b->words[i]) != 0) return 0;
    return a->word_count == b->word_count;
}

// A title is what a report names, so a file has none twice.
static void check_titles(const struct script *s, const char *file) {
    for (int i = 0; i < s->step_count; i++) {
        const struct step *title = &s->steps[i];
        if (strcmp(title->words[0], "case") != 0) continue;
        if (title->word_count < 2) stop(file, title->line, "a case without a title");
        if (title->expected_count > 0) stop(file, title->line, "a result behind a title");
        for (int j = 0; j < i; j++)
            if (same_title(title, &s->steps[j])) stop(file, title->line, "an earlier case of this file has this title");
    }
}

void case_read(const char *file, struct script *out) {
    *out = (struct script){.text = read_file(file)};
    int number = 0;
    for (char *line = out->text; line != NULL && *line != '\0';) {
        char *end = strchr(line, '\n');
        if (end != NULL) *end++ = '\0';
        number++;
        if (line[0] != '\0' && line[0] != '#') add_line(out, line, file, number);
        line = end;
    }
    if (out->step_count == 0 || strcmp(out->steps[0].words[0], "case") != 0) stop(file, 1, "the first verb is case");
    check_titles(out, file);
}

const char *case_word(const struct step *s, int i) {
    if (i >= s->word_count) return "";
    return s->words[i] + (s->words[i][0] == '\1');
}

void case_free(struct script *s) {
    for (int i = 0; i < s->step_count; i++) {
        for (int w = 0; w < s->steps[i].word_count; w++)
            if (s->steps[i].words[w][0] == '\1') free(s->steps[i].words[w]);
    }
    free(s->steps);
    free(s->text);
}
