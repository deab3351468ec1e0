// SPDX-License-Identifier: MIT
// The calls that a tracer must know, on any ABI.
#ifndef ABJURE_KNOWN_H
#define ABJURE_KNOWN_H

#include "layers.h"

enum known {
    KNOWN_SECCOMP,
    KNOWN_PRCTL,
    KNOWN_PTRACE,
    KNOWN_CLONE,
    KNOWN_CLONE3,
    KNOWN_FORK,
    KNOWN_VFORK,
    KNOWN_READ, // these are what strict mode leaves
    KNOWN_WRITE,
    KNOWN_EXIT,
    KNOWN_SIGRETURN,
    KNOWN_RT_SIGRETURN,
    KNOWN_NONE, // any other call
};

enum known known_call(const struct made_call *call);

#endif
