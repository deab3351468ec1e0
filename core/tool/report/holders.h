// SPDX-License-Identifier: MIT
// Which groups hold a call, and what a call does: what one can say of a denial without knowing the filter.
#ifndef ABJURE_HOLDERS_H
#define ABJURE_HOLDERS_H

#include <stddef.h>

struct holder {
    const char *group; // "@listen"
    const char *of;    // the group that it includes and that has the rule; "" where the rule is its own
    const char *rule;  // "EPERM bind(addrlen != 12)"
};

// Tells each rule of a group that names the call on an ABI; none where the ABI is not known. What it tells stays valid.
void holders_of(const char *call, const char *abi, void (*tell)(void *context, const struct holder *h), void *context);
void holders_end(void);

// The purpose of a group: "Listen on no new port or socket."; "" where there is no such group. Stays valid.
const char *holders_purpose(const char *group);

// "gives a socket an address of its own", its length in *length; NULL where that is not known.
const char *holders_words(const char *call, size_t *length);

#endif
