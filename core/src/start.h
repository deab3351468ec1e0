// SPDX-License-Identifier: MIT
// Finds what one execve has to start so that a program runs without a second one: PATH, `#!` lines, `env`.
#ifndef ABJURE_START_H
#define ABJURE_START_H

#include <stddef.h>

enum {
    START_LEVELS = 5, // interpreters that are scripts themselves: the kernel's limit
    START_WORDS = 64, // that `#!` lines can put before the user's arguments
    START_TEXT = 16384,
};

struct start_words {
    const char *path;
    const char *word[START_WORDS]; // filled from the end
    size_t first;
};

struct start {
    const char *path;    // for execve
    const char *culprit; // after a failure: the name that it is about
    const char *script;  // after a failure: the script that names the culprit; NULL: the caller did
    char *const *rest;   // the user's arguments from argv[1] on
    struct start_words now, chosen;
    size_t used;
    char text[START_TEXT]; // of the words
};

// Async-signal-safe. 0, or -ENOENT, -EACCES, -ENOTDIR, -ELOOP, -ENAMETOOLONG, -ENOEXEC (neither a program nor `#!`),
// -E2BIG (`#!` lines beyond the limits above). What cannot be foreseen, such as `env` with options, is left as it is.
int start_find(struct start *s, const char *path, char *const argv[], char *const envp[]);

// The arguments for execve: start_count words and a NULL, into `argv`.
size_t start_count(const struct start *s);
void start_arguments(const struct start *s, const char **argv);

#endif
