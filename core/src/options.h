// SPDX-License-Identifier: MIT
// The options of a filter: their names, values and defaults, in one table.
#ifndef ABJURE_OPTIONS_H
#define ABJURE_OPTIONS_H

#include "action.h"

struct filter_options {
    struct action unknown; // ENOSYS
    struct action foreign; // kill
    struct action x32;     // ENOSYS
    bool log;              // true
    bool complain;         // false
    bool mitigate;         // false: "speculation = allow"
    bool landlock;         // false
    bool keep_io_uring;    // false
    bool no_new_privs;     // true: set it before the load
    bool proof;            // true
    uint64_t capabilities; // for OCI includes and excludes: bit N is CAP number N; Docker's 14
    uint32_t kernel;       // for OCI minKernel: version << 16 | patchlevel; 0: any
};

// Every option with its present value, in the order in which policy text writes them.
struct filter_option {
    const char *name;
    char value[1024]; // holds the names of all capabilities
    bool is_default;
};

void options_start(struct filter_options *o);
// 0, or -ENOENT (no such option), -EINVAL, -ENOENT (no such errno, capability …). On failure nothing is changed.
int options_set(struct filter_options *o, const char *option, const char *value, struct error *e);
bool options_get(const struct filter_options *o, size_t index, struct filter_option *out);

// Capabilities by name ("CAP_SYS_ADMIN"): the number, or -1.
int options_capability(const char *name, size_t length);
struct spelling;
void options_capability_spelling(struct spelling *s);

// "4.8": 0 and version << 16 | patchlevel, or -EINVAL.
int options_kernel(const char *text, uint32_t *out);

#endif
