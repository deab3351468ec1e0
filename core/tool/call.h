// SPDX-License-Identifier: MIT
// A call as one writes it: "socket(AF_INET, SOCK_STREAM, 0)", "bind(addrlen=16)", "execve".
#ifndef ABJURE_CALL_H
#define ABJURE_CALL_H

#include <stdint.h>

struct call {
    char name[128];
    uint64_t arguments[6]; // 0 where nothing was written
};

// Reads it for an ABI (NULL: this program's own). 0 or -1, and then it has been said why.
int call_read(const char *text, const char *abi, struct call *out);

#endif
