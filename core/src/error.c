// SPDX-License-Identifier: MIT
#include "error.h"

#include "text.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

// Terminates `message`, whose first `length` bytes were meant for it, between two characters.
static void cut(char *message, size_t length) {
    if (length >= ERROR_MESSAGE_SIZE) length = text_boundary(message, ERROR_MESSAGE_SIZE - 1);
    message[length] = '\0';
}

int error_set(struct error *e, int code, const char *format, ...) {
    // In a buffer of its own: an argument may be the message that is there.
    char message[ERROR_MESSAGE_SIZE];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    cut(message, length > 0 ? (size_t)length : 0);
    memcpy(e->message, message, strlen(message) + 1);
    e->code = code;
    return -code;
}

void error_prefix(struct error *e, const char *format, ...) {
    char message[ERROR_MESSAGE_SIZE];
    va_list arguments;
    va_start(arguments, format);
    int prefix = vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    size_t length = prefix > 0 ? (size_t)prefix : 0;
    if (length < sizeof message) {
        size_t rest = strlen(e->message);
        size_t room = sizeof message - length;
        memcpy(message + length, e->message, rest < room ? rest : room);
        length += rest;
    }
    cut(message, length);
    memcpy(e->message, message, strlen(message) + 1);
}

void error_add(struct error *e, const char *format, ...) {
    size_t length = strlen(e->message);
    va_list arguments;
    va_start(arguments, format);
    int added = vsnprintf(e->message + length, sizeof e->message - length, format, arguments);
    va_end(arguments);
    cut(e->message, length + (added > 0 ? (size_t)added : 0));
}

int error_memory(struct error *e) {
    return error_set(e, ENOMEM, "out of memory");
}

void error_clear(struct error *e) {
    e->code = 0;
    e->message[0] = '\0';
}
