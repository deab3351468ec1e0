// SPDX-License-Identifier: MIT
// The only place of the core that allocates.
#ifndef ABJURE_MEMORY_H
#define ABJURE_MEMORY_H

#include <stddef.h>

// Zeroed memory, or NULL. Sizes are multiplied with an overflow check.
void *memory_new(size_t count, size_t size);
void memory_free(void *memory);

// Makes room for `count` items of `size` bytes in the array at `*items` that has room for `*capacity`.
// 0 or -ENOMEM, and then the array is as it was. New items are not zeroed.
int memory_grow(void *items, size_t *capacity, size_t count, size_t size);

// A terminated copy of `length` bytes, or NULL.
char *memory_copy(const char *text, size_t length);

#ifdef ABJURE_TESTING
// Makes the n-th allocation from now fail, and only that one; 0 ends it. Counts how many were asked.
void memory_fail(size_t n);
size_t memory_asked(void);
#endif

#endif
