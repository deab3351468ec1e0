// SPDX-License-Identifier: MIT
// What unit tests of filters share: making one from text, and checks that say what they failed on.
#ifndef ABJURE_UNIT_KIT_H
#define ABJURE_UNIT_KIT_H

#include "filter.h"
#include "memory.h"
#include "random.h"
#include "ruleset.h"
#include "text.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#define CHECK(condition, ...)                                                                                          \
    do {                                                                                                               \
        if (!(condition)) fail_msg(__VA_ARGS__);                                                                       \
    } while (0)

#define LENGTH(array) (sizeof(array) / sizeof *(array))

static inline int add(struct filter *f, const char *action, const char *calls) {
    return filter_add(f, action, strlen(action), calls, strlen(calls), (struct source){.name = ""});
}

static inline void must_add(struct filter *f, const char *action, const char *calls) {
    if (add(f, action, calls) < 0) fail_msg("%s %s: %s", action, calls, f->error.message);
}

static inline void must_set(struct filter *f, const char *option, const char *value) {
    if (filter_set(f, option, value) < 0) fail_msg("%s = %s: %s", option, value, f->error.message);
}

static inline void must_default(struct filter *f, const char *action) {
    if (filter_default(f, action, strlen(action)) < 0) fail_msg("default %s: %s", action, f->error.message);
}

// A filter for one ABI; NULL: for this machine's.
static inline struct filter *new_filter(const char *abi) {
    struct filter *f = filter_new();
    assert_non_null(f);
    if (abi != NULL) must_set(f, "abi", abi);
    return f;
}

static inline struct meaning meaning_of(const struct filter *f) {
    struct meaning m;
    struct error e = {0};
    if (meaning_make(f, 4711, &m, &e) < 0) fail_msg("%s", e.message);
    return m;
}

static inline uint32_t number_of_call(enum abi_id abi, const char *name) {
    const syscall_id id = syscalls_find(name, strlen(name));
    CHECK(id != SYSCALL_NONE, "no call %s", name);
    const int64_t number = syscalls_number(abi, id);
    CHECK(number >= 0, "no %s on %s", name, abis[abi].name);
    return (uint32_t)number;
}

#endif
