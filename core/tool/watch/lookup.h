// SPDX-License-Identifier: MIT
// What is known of a process that is still there, from a process beside this one: that takes privileges and reads files
// that are not trusted, and it may take its time.
#ifndef ABJURE_LOOKUP_H
#define ABJURE_LOOKUP_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum {
    LOOKUP_TEXT = 1024 // bytes of an answer, at most
};

enum lookup_kind {
    LOOKUP_PLACE, // "libc bind+0x7" at the address `ip`
    LOOKUP_ORIGIN // its systemd unit and its container, a line each, which may be empty
};

// The descriptor of its questions; -1: it cannot be started.
int lookup_start(void);

// The answer, terminated, and its length; 0: nothing is known; -1: it is not known within a few milliseconds. About the
// process that had this id at that time, in milliseconds since 1970.
ssize_t lookup(enum lookup_kind kind, uint64_t pid, uint64_t ip, int64_t milliseconds, char text[LOOKUP_TEXT]);

#endif
