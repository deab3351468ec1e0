// SPDX-License-Identifier: MIT
// What lies at an address of a process: the mapped file, and the function in it by the file's ELF symbols.
#ifndef ABJURE_PLACE_H
#define ABJURE_PLACE_H

#include <stdbool.h>
#include <stdint.h>

enum {
    PLACE_SIZE = 192
};

// "libc bind+0x7", "libc+0x12345" where no symbol is there, "" where nothing is known: the process has ended, it is
// another one than made the call at that time, or may not be looked at. Printable ASCII without '\\'.
void place_find(long pid, uint64_t ip, int64_t milliseconds, char text[PLACE_SIZE]);

// Whether the process of this id was there at that time, in milliseconds since 1970.
bool place_was_there(long pid, int64_t milliseconds);

#endif
