// SPDX-License-Identifier: MIT
// Prints processes as a table.
#ifndef ABJURE_PROCESS_TABLE_H
#define ABJURE_PROCESS_TABLE_H

#include "process.h"

// Prints those that use seccomp, or each one. As a tree, a process stands below the nearest of its ancestors that is
// printed. On a terminal, lines are cut to its width. EXIT_OK, or EXIT_FAILED and it has been said why.
int process_table(const struct processes *all, bool each, bool tree);

#endif
