// SPDX-License-Identifier: MIT
// Intent groups: complete rule sets with a purpose, from the data file core/data/groups.
#ifndef ABJURE_GROUPS_H
#define ABJURE_GROUPS_H

#include "rule.h"

struct error;
struct spelling;
struct text;

int groups_count(void);
int groups_find(const char *name, size_t length); // without "@"; -1: no such group
const char *groups_name(int group);
void groups_spelling(struct spelling *s); // whose hint then has the "@"
// -ENOENT, with the nearest name or all of them in the message.
int groups_unknown(const char *name, size_t length, struct error *e);
// For an unknown system call at the start of the text: says where a group has that name. The error's code, negative.
int groups_meant(const char *text, size_t length, struct error *e);

// Appends the group's rules, and those of the groups that it includes, each once. `action` is what the user
// wrote: plain `deny` takes each rule's default errno, `errno(N)` replaces it except in fixed rules, any other
// action applies to all. 0, -ENOMEM, or -ENOTSUP where the group cannot be complete on one of `abis`.
int groups_add(struct rules *r, int group, struct action action, uint32_t item, abi_set abis, struct error *e);

// What it is for, what it breaks, what it leaves open, and its rules on this ABI.
int groups_write(int group, enum abi_id abi, struct text *t, struct error *e);

#endif
