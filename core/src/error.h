// SPDX-License-Identifier: MIT
// What went wrong: a number from the closed set in abjure.h, and a sentence for people.
#ifndef ABJURE_ERROR_H
#define ABJURE_ERROR_H

#include <stddef.h>

enum {
    ERROR_MESSAGE_SIZE = 1024
};

struct error {
    int code; // a positive errno; 0 where nothing failed
    char message[ERROR_MESSAGE_SIZE];
};

// Sets code and message (cut at a UTF-8 boundary) and returns -code, so that callers write
// `return error_set(e, EINVAL, …)`.
int error_set(struct error *e, int code, const char *format, ...) __attribute__((format(printf, 3, 4)));

// Puts more behind the message that is there.
void error_add(struct error *e, const char *format, ...) __attribute__((format(printf, 2, 3)));
// Puts `prefix` before the message that is there: "policy:3:7: …".
void error_prefix(struct error *e, const char *format, ...) __attribute__((format(printf, 2, 3)));

int error_memory(struct error *e); // -ENOMEM, "out of memory"
void error_clear(struct error *e);

#endif
