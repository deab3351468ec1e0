// SPDX-License-Identifier: MIT
// Calls as one reads them: parameters and constants by name, where the tables know them.
#ifndef ABJURE_TOOL_CONSTANTS_H
#define ABJURE_TOOL_CONSTANTS_H

#include <stdbool.h>
#include <stddef.h>

#include "layers.h"

enum {
    ARGUMENT_NAME = 32,
    ARGUMENT_VALUE = 160,
};

struct written_argument {
    char name[ARGUMENT_NAME]; // "" where the parameters are not known
    char value[ARGUMENT_VALUE];
    bool named; // the value is made of constants
};

struct written_call {
    char name[64]; // or the number
    bool known;    // the tables know the number
    int count;
    struct written_argument arguments[6];
};

void call_write(const struct made_call *call, struct written_call *out);

// "socket(family=AF_INET, type=SOCK_STREAM|SOCK_CLOEXEC, protocol=0)", terminated.
void call_text(const struct written_call *call, char *text, size_t size);

#endif
