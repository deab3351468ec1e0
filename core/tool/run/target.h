// SPDX-License-Identifier: MIT
// Starts the program of `abjure run` or `abjure why` under its filter.
#ifndef ABJURE_TARGET_H
#define ABJURE_TARGET_H

#include <stdbool.h>
#include <sys/types.h>

#include "abjure.h"

struct target {
    abjure_filter *filter; // NULL: none
    char **argv;
    bool denies_exec; // to the program, once it was started
    pid_t pid;
    int gate;                // the child starts the program once a byte comes
    struct failure *failure; // shared with the child until its execve
};

// EXIT_OK, or EXIT_NOT_FOUND, EXIT_CANNOT_EXECUTE, and then it has been said why.
int target_look_up(const char *program);

// Forks the child, which waits. EXIT_OK, or EXIT_FAILED and it has been said why.
int target_fork(struct target *t);
void target_release(struct target *t);

// Loads the filter and executes in place of this process: where a parent may not be had. Returns an exit status.
int target_execute(struct target *t);

// The program as messages name it: the last part of its path.
void target_name(const struct target *t, char *name, size_t size);

// Whether the program itself has run; false: target_failure says why not.
bool target_started(const struct target *t);

// The exit status where the program was not started, and says why; -1: it was started.
int target_failure(const struct target *t);

#endif
