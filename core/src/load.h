// SPDX-License-Identifier: MIT
// Puts a program in force: probes, checks, no_new_privs, the load itself, verification; tells failures apart.
#ifndef ABJURE_LOAD_H
#define ABJURE_LOAD_H

#include <sys/types.h>

#include "plan.h"

// "this_thread, log=off"; NULL: the defaults. 0 or -EINVAL, -ENOENT. `e` may be NULL (async-signal-safe then).
int load_parse(const char *text, struct load_options *out, struct error *e);

// Only the load: async-signal-safe, allocates nothing, says nothing. 0, -errno of the closed set; *thread on -ESRCH.
int load_raw(const struct program *p, const struct load_options *options, pid_t *thread);

// Everything: compile, dead rules, proof, checks of what the process holds, Landlock, no_new_privs, the load, the
// quiet second program, verification. Notes and the blocking thread go into the filter.
int load_filter(struct filter *f, const struct load_options *options, struct error *e);

// The programs alone, see plan.h.
int load_compile(struct filter *f, int64_t self, struct program **main, struct program **quiet, struct error *e);

// ---- The steps after plan_make, for launch --------------------------------------------------------------------------

// Sets no_new_privs and enters the Landlock domain.
int load_commit(struct filter *f, struct load_plan *plan, struct error *e);
// After a load that failed with `err`: the message, with what stays changed. `thread` is that of -ESRCH.
int load_explain(struct filter *f, const struct load_plan *plan, int err, pid_t thread, struct error *e);
// Loads the quiet program under `main`, which is in force, and verifies both. 0 or -EIO.
int load_finish(struct filter *f, struct load_plan *plan, const struct program *main, struct error *e);

// Flags of seccomp(2) that the options ask for and the kernel has. Async-signal-safe.
unsigned load_flags(const struct load_options *options);
// seccomp(2), or prctl(2) where that is enough. 0, -errno as the kernel gives it, -ESRCH with *thread.
int load_code(const struct sock_filter *code, uint32_t count, unsigned flags, pid_t *thread);

#endif
