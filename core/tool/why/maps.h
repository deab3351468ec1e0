// SPDX-License-Identifier: MIT
// Where an address of another process is.
#ifndef ABJURE_MAPS_H
#define ABJURE_MAPS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct mapping {
    bool executable;
    uint64_t place; // of the address, in the file
    char file[64];  // without folders, what is not printable as ?; "" where it is none
};

// False: the address is not mapped, or the map cannot be read.
bool maps_find(pid_t thread, uint64_t address, struct mapping *out);

#endif
