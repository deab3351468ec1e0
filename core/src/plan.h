// SPDX-License-Identifier: MIT
// All that can be done and known before a load changes anything: the programs, proven, and the checks.
#ifndef ABJURE_PLAN_H
#define ABJURE_PLAN_H

#include "bpf.h"
#include "filter.h"
#include "ruleset.h"

struct load_options {
    bool this_thread;
    bool once;
    bool log;
    bool mitigate;
    bool no_new_privs;
};

struct loaded;

struct load_plan {
    struct meaning meaning;
    struct program *main;
    struct program *quiet;       // loaded second and without LOG; NULL where there is none
    struct load_options options; // of the load and the filter together
    unsigned flags;              // of kernel_seccomp, once committed
    long filters;                // of this thread; -1: unknown
    bool is_loaded;              // `once`, and this process has it in force for all threads
    bool privs_set;              // no_new_privs was not set before
    bool in_landlock;            // the domain was entered
    struct loaded *entry;        // for plan_remember
};

// Compiles, proves and checks. On failure there is nothing to free.
//   exec  a program is executed right after the load
int plan_make(struct filter *f, const struct load_options *options, bool exec, struct load_plan *out, struct error *e);
void plan_free(struct load_plan *plan);

// For `once`: this process now has the program in force for all its threads.
void plan_remember(struct load_plan *plan);

// Only the programs: compiled, checked for dead rules, proven. `quiet` may be NULL; *quiet becomes NULL where no
// refusal is quiet.
int plan_compile(struct filter *f, int64_t self, struct program **main, struct program **quiet, struct error *e);

bool plan_is_native(const struct program *p); // of this machine's byte order

#endif
