// SPDX-License-Identifier: MIT
// What is to be done with rules before a program is started under them.
#ifndef ABJURE_PREPARE_H
#define ABJURE_PREPARE_H

#include <stdbool.h>

#include "rules.h"
#include "target.h"

// Reads the options up to the program's name: those of rules, and the others by `take`. The program's words, which end
// with NULL, go to *argv; NULL: a help text was all that was wanted. `usage` is for a message where there are none.
int prepare_words(struct arguments *a, struct rules *rules, void (*take)(void *job, const struct arguments *a),
                  void *job, const char *usage, char ***argv);

// Looks the program up, adds Landlock where the rules deny ptrace, and finds out whether they deny exec. EXIT_OK, or an
// exit status, and then it has been said why.
int prepare(struct rules *rules, bool no_landlock, struct target *t);

#endif
