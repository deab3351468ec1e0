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

#endif
