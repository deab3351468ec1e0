// SPDX-License-Identifier: MIT
// Reads the text of calls: "execve, @listen, socket(family == AF_INET)".
#ifndef ABJURE_CALLS_H
#define ABJURE_CALLS_H

#include "rule.h"

struct error;

// Reads one call after the other from a text, into a store of rules.
struct calls {
    const char *text;
    size_t length;
    size_t at;       // of the next unread byte
    uint32_t line;   // where `text` stands in its file, for messages; 0: no file
    uint32_t column; // of text[0]; 1 is the first
};

enum call_kind {
    CALL_END,
    CALL_GROUP,
    CALL_RULE
};

struct call {
    enum call_kind kind;
    size_t start, length; // in calls.text: the call as written
    const char *group;    // CALL_GROUP: the name without "@", not terminated
    size_t group_length;
    uint32_t column;  // of the call, or of the error
    struct rule rule; // CALL_RULE: target and conditions are filled in and its conditions and terms
                      // appended to the store; the rest is the caller's, who appends the rule
};

// 0 and the next call (CALL_END after the last), or -EINVAL, -ENOENT, -ENOMEM. Then the store is as it was,
// out->column is that of what the message is about, and the caller puts the place before the message.
// An empty text, an empty call ("a,,b") and a trailing comma are errors. White space of any kind separates tokens.
// An argument may be followed by ":u64" ("arg0:u64 == 2"): all 64 bits, unsigned.
// What depends on an ABI (which register, which value, does it fit) is checked later.
int calls_next(struct calls *c, struct rules *r, struct call *out, struct error *e);

// One number, constant or mask as policy files and the tool need it: "SOCK_STREAM|0x800", for the ABI.
// TERM_SELF gives `self`, an error where that is negative.
int calls_value(const char *text, size_t length, enum abi_id abi, int64_t self, uint64_t *out, bool *negative,
                struct error *e);

// The same for a value that is in the store.
int calls_terms(const struct rules *r, struct value value, enum abi_id abi, int64_t self, uint64_t *out, bool *negative,
                struct error *e);

#endif
