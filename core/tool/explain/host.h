// SPDX-License-Identifier: MIT
// This machine, as Elastic Common Schema describes one.
#ifndef ABJURE_HOST_H
#define ABJURE_HOST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// The object "host". `node` is the machine that the record names, NULL where it names none: where that is another one
// than this, its name is all that is known.
void put_host(const char *node, size_t length);
bool host_is(const char *node, size_t length); // this one; also where `node` is NULL

// The name of a user or group here; NULL where there is none. Kept, since a log has few of them.
const char *host_user(uint32_t uid);
const char *host_group(uint32_t gid);

// Whom the two above ask, once for each; without, the functions below. "": there is no name. NULL: it is not known now.
typedef const char *(*host_name_function)(bool is_group, uint32_t id);
void host_ask(host_name_function ask);
const char *host_own_user(uint32_t uid);
const char *host_own_group(uint32_t gid);

// Finds out now what put_host will write, for a process that gives up the calls for it.
void host_prepare(void);

// False in a PID namespace, as containers have one: there, the process ids of records are not those that one sees.
bool host_has_initial_pids(void);

#endif
