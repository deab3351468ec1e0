// SPDX-License-Identifier: MIT
// Reads and writes whole files.
#ifndef ABJURE_FILE_H
#define ABJURE_FILE_H

#include <stddef.h>

// The terminated text of a file, "-" being standard input; NULL where it cannot be read or holds a NUL byte, and
// then it has been said why.
char *file_read(const char *path);

// The same for any bytes, of which there are *size; they are terminated all the same.
char *file_bytes(const char *path, size_t *size);

// Puts bytes into a file as a whole or not at all; "-" is standard output. 0 or -1, and then it has been said why.
int file_write(const char *path, const void *bytes, size_t size);

#endif
