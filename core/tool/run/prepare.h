// SPDX-License-Identifier: MIT
// What is to be done with rules before a program is started under them.
#ifndef ABJURE_PREPARE_H
#define ABJURE_PREPARE_H

#include <stdbool.h>

#include "rules.h"
#include "target.h"

// Looks the program up, adds Landlock where the rules deny ptrace, and finds out whether they deny exec. EXIT_OK, or an
// exit status, and then it has been said why.
int prepare(struct rules *rules, bool no_landlock, struct target *t);

#endif
