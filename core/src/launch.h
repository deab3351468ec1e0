// SPDX-License-Identifier: MIT
// Starts a program under a filter that denies execve: the one start carries two random words in registers that
// execve ignores, and only that start is let through.
#ifndef ABJURE_LAUNCH_H
#define ABJURE_LAUNCH_H

#include "load.h"

// All return only on failure. `envp` may be NULL: this process's environment. launch_raw is async-signal-safe.
// Only the calling thread is filtered: the others end with the execve.
int launch_raw(const struct program *p, const struct program *quiet, const struct load_options *options,
               const char *path, char *const argv[], char *const envp[], pid_t *thread);
int launch_filter(struct filter *f, const char *path, char *const argv[], char *const envp[], struct error *e);

// How the start passes the filter. The words stay in the registers of the started program on some ABIs
// (abis[].exec_keeps_registers): there a supervisor lets one start through, and no word helps after that.
enum launch_way {
    LAUNCH_WORDS,
    LAUNCH_SUPERVISED
};
enum launch_way launch_way(void); // of this machine

// launch_raw by a given way, for tests.
int launch_by(enum launch_way way, const struct program *p, const struct program *quiet,
              const struct load_options *options, const char *path, char *const argv[], char *const envp[],
              pid_t *thread);

// The instructions in front of a program: execve with the words in arguments 4 and 5 gets `verdict`. Returns their
// number, at most LAUNCH_PREFIX.
enum {
    LAUNCH_PREFIX = 16
};
uint32_t launch_prefix(struct sock_filter out[LAUNCH_PREFIX], const struct program *p, uint32_t verdict,
                       const uint64_t words[2]);

#endif
