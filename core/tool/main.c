// SPDX-License-Identifier: MIT
// The abjure command: a table of verbs, one file each.
#include <stdio.h>
#include <string.h>

#include "abjure.h"
#include "arguments.h"
#include "output.h"
#include "rules.h"

static const struct verb *const verbs[] = {
    &run_verb, &check_verb,  &compile_verb, &groups_verb, &inspect_verb, &lint_verb,
    &ps_verb,  &doctor_verb, &explain_verb, &report_verb, &watch_verb,   &why_verb,
};

enum {
    VERBS = sizeof verbs / sizeof verbs[0],
    HELP_COLUMN = 28,
    HELP_WIDTH = 79
};

static const char statuses[] = "Exit status:\n"
                               "  0    all is well; check: every call is allowed\n"
                               "  1    the answer is no; check: a call is denied, doctor: no filter can load,\n"
                               "       ps: there is no such process, or it has not what is required,\n"
                               "       explain, watch: there was no record that was asked for,\n"
                               "       lint: a flaw was found, inspect, lint: the process has no filter\n"
                               "  2    wrong usage or a bad policy\n"
                               "  125  abjure itself failed\n"
                               "  126  run, why: the program cannot be executed\n"
                               "  127  run, why: the program was not found\n"
                               "  128+N  run, why: signal N killed the program; 159 is SIGSYS, by a rule\n"
                               "  else  run, why: what the program ended with\n";

static void help(void) {
    printf("Usage: abjure VERB [OPTION]...\n"
           "Gives up system calls for good: seccomp filters from groups, rules and policies.\n\nVerbs:\n");
    for (size_t i = 0; i < VERBS; i++)
        printf("  %-10s %s\n", verbs[i]->name, verbs[i]->summary);
    printf("\nabjure VERB --help tells more; abjure --version tells the version.\n"
           "\nExamples:\n"
           "  abjure run --deny @exec -- python3 server.py\n"
           "  abjure run --kill bind -- nc -v -l -p 8000\n"
           "  abjure check --deny @network 'socket(AF_INET, SOCK_STREAM, 0)'\n"
           "  abjure groups @exec\n"
           "  abjure inspect web.policy\n"
           "  abjure lint web.policy\n"
           "  abjure ps --tree\n\n%s",
           statuses);
}

// Fills lines with the words of a text, from `column` on, where the first line is already.
static void fill(const char *text, int column) {
    int at = column;
    for (const char *word = text + strspn(text, " \n"); *word != '\0'; word += strspn(word, " \n")) {
        int length = (int)strcspn(word, " \n");
        bool first = at == column;
        if (!first && at + 1 + length > HELP_WIDTH) {
            printf("\n%*s", column, "");
            at = column;
            first = true;
        }
        printf("%s%.*s", first ? "" : " ", length, word);
        at += length + (first ? 0 : 1);
        word += length;
    }
    printf("\n");
}

static void help_option(const struct option *o) {
    char left[64] = "      ";
    if (o->letter != 0) snprintf(left, sizeof left, "  -%c, ", o->letter);
    size_t at = strlen(left);
    snprintf(left + at, sizeof left - at, "--%s%s%s", o->name, o->value != NULL ? " " : "",
             o->value != NULL ? o->value : "");
    printf("%-*s", HELP_COLUMN, left);
    if (strlen(left) >= HELP_COLUMN) printf("\n%*s", HELP_COLUMN, "");
    fill(o->help, HELP_COLUMN);
}

static void help_options(const char *title, const struct option *options) {
    printf("\n%s:\n", title);
    for (const struct option *o = options; o->name != NULL; o++)
        help_option(o);
}

void help_verb(const struct verb *verb) {
    const char *word = "Usage:";
    for (const char *line = verb->synopsis; line != NULL;) {
        const char *end = strchr(line, '\n');
        int length = end != NULL ? (int)(end - line) : (int)strlen(line);
        printf("%s abjure %s %.*s\n", word, verb->name, length, line);
        word = "      ";
        line = end != NULL ? end + 1 : NULL;
    }
    fill(verb->description, 0);
    if (verb->takes_rules) help_options("Rules, the first that matches a call decides", rule_options);
    help_options("Options", verb->options);
    help_option(&(struct option){"help", 'h', NULL, "print this"});
    printf("\n%s", statuses);
}

static int unknown_verb(const char *word) {
    struct nearest n = {.word = word};
    if (word[0] == '-') {
        nearest_try(&n, "--help");
        nearest_try(&n, "--version");
        if (n.best != NULL)
            say("there is no option \"%s\"; did you mean \"%s\"?", word, n.best);
        else
            say("a verb comes first, and \"%s\" is none; abjure --help lists them", word);
        return EXIT_USAGE;
    }
    for (size_t i = 0; i < VERBS; i++)
        nearest_try(&n, verbs[i]->name);
    if (n.best != NULL)
        say("there is no verb \"%s\"; did you mean \"%s\"?", word, n.best);
    else
        say("there is no verb \"%s\"; abjure --help lists them", word);
    return EXIT_USAGE;
}

static int dispatch(int count, char **words) {
    if (count < 2) {
        say("no verb given; abjure --help lists them");
        return EXIT_USAGE;
    }
    if (strcmp(words[1], "--help") == 0 || strcmp(words[1], "-h") == 0) {
        help();
        return EXIT_OK;
    }
    if (strcmp(words[1], "--version") == 0) {
        printf("abjure %s (system call tables of %s)\n", abjure_version(), abjure_tables_version());
        return EXIT_OK;
    }
    for (size_t i = 0; i < VERBS; i++) {
        if (strcmp(words[1], verbs[i]->name) != 0) continue;
        struct arguments a = {.verb = verbs[i], .words = words, .count = count, .at = 2};
        return verbs[i]->run(&a);
    }
    return unknown_verb(words[1]);
}

int main(int argc, char **argv) {
    int status = dispatch(argc, argv);
    if (fflush(stdout) == 0 && ferror(stdout) == 0) return status;
    say("the output cannot be written");
    return EXIT_FAILED;
}
