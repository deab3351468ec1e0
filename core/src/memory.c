// SPDX-License-Identifier: MIT
#include "memory.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum {
    FIRST_ROOM = 8
};

#ifdef ABJURE_TESTING
// Of each thread its own, so that a test with threads fails only what it means to.
static _Thread_local size_t asked;
static _Thread_local size_t fail_at;

void memory_fail(size_t n) {
    asked = 0;
    fail_at = n;
}

size_t memory_asked(void) {
    return asked;
}

static bool refused(void) {
    return ++asked == fail_at;
}
#else
static bool refused(void) {
    return false;
}
#endif

void *memory_new(size_t count, size_t size) {
    if ((size > 0 && count > SIZE_MAX / size) || refused()) return NULL;
    return calloc(count > 0 ? count : 1, size > 0 ? size : 1);
}

void memory_free(void *memory) {
    free(memory);
}

int memory_grow(void *items, size_t *capacity, size_t count, size_t size) {
    if (count <= *capacity) return 0;
    size_t room = *capacity > 0 ? *capacity : FIRST_ROOM;
    while (room < count) {
        if (room > SIZE_MAX / 2) return -ENOMEM;
        room *= 2;
    }
    if (size > 0 && room > SIZE_MAX / size) return -ENOMEM;
    if (refused()) return -ENOMEM;
    // `items` is a T ** of any T: its pointer is copied, never read through a void **.
    void *memory;
    memcpy(&memory, items, sizeof memory);
    memory = realloc(memory, room * (size > 0 ? size : 1));
    if (memory == NULL) return -ENOMEM;
    memcpy(items, &memory, sizeof memory);
    *capacity = room;
    return 0;
}

char *memory_copy(const char *text, size_t length) {
    if (length == SIZE_MAX) return NULL;
    char *copy = memory_new(length + 1, 1);
    if (copy == NULL) return NULL;
    if (length > 0) memcpy(copy, text, length);
    return copy;
}
