// SPDX-License-Identifier: MIT
// Lists of rules that both libraries are given: out of a profile of Docker, or made up.
#ifndef BENCH_PROFILE_H
#define BENCH_PROFILE_H

#include <seccomp.h>
#include <stddef.h>
#include <stdint.h>

enum {
    MOST_CONDITIONS = 6
};

struct bench_rule {
    char name[48];
    char text[256];   // for abjure: "socket(arg0:u64 != 0x28)"
    char action[32];  // "allow", "errno(38)"
    uint32_t verdict; // the same for libseccomp
    unsigned conditions;
    struct scmp_arg_cmp condition[MOST_CONDITIONS];
};

struct bench_rules {
    struct bench_rule *rules;
    size_t count;
    const char *action; // the default
    uint32_t verdict;
    char *json; // of a profile, else NULL
    size_t length;
};

// The rules for x86_64 with Docker's 14 default capabilities. 0, or -1 with a message on stderr.
int profile_read(const char *path, struct bench_rules *out);
// ioctl(cmd == N) for `count` values.
void profile_values(size_t count, struct bench_rules *out);
// `count` calls with three conditions on 64 bits each.
void profile_calls(size_t count, struct bench_rules *out);
void profile_free(struct bench_rules *rules);

#endif
