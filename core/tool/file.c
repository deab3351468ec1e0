// SPDX-License-Identifier: MIT
#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "output.h"

enum {
    FILE_LIMIT = 64 << 20
}; // bytes; larger is no policy

// Told at once: /dev/zero has no end.
static bool holds_nul(const char *text, size_t size, size_t offset, const char *name) {
    const char *nul = memchr(text, '\0', size);
    if (nul != NULL) say("%s: holds a NUL byte at offset %zu; a policy is text", name, offset + (size_t)(nul - text));
    return nul != NULL;
}

// `length` NULL: it must be text.
static char *read_all(int fd, const char *name, size_t *length) {
    char *text = NULL;
    size_t size = 0, room = 0;
    for (;;) {
        if (room - size < 2) {
            room = room == 0 ? 8192 : room * 2;
            char *larger = room > FILE_LIMIT ? NULL : realloc(text, room);
            if (larger == NULL) {
                say("%s: %s", name, room > FILE_LIMIT ? "larger than 64 MiB; this is no policy" : "out of memory");
                break;
            }
            text = larger;
        }
        ssize_t n = read(fd, text + size, room - size - 1);
        if (n == 0) {
            text[size] = '\0';
            if (length != NULL) *length = size;
            return text;
        }
        if (n < 0 && errno != EINTR) {
            say("%s: cannot be read: %s", name, strerror(errno));
            break;
        }
        if (n > 0 && length == NULL && holds_nul(text + size, (size_t)n, size, name)) break;
        if (n > 0) size += (size_t)n;
    }
    free(text);
    return NULL;
}

static char *read_path(const char *path, size_t *size) {
    if (strcmp(path, "-") == 0) return read_all(STDIN_FILENO, "standard input", size);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        say("%s: cannot be read: %s", path, strerror(errno));
        return NULL;
    }
    char *text = read_all(fd, path, size);
    close(fd);
    return text;
}

char *file_read(const char *path) {
    return read_path(path, NULL);
}

char *file_bytes(const char *path, size_t *size) {
    return read_path(path, size);
}

static bool write_all(int fd, const char *bytes, size_t size) {
    while (size > 0) {
        ssize_t n = write(fd, bytes, size);
        if (n < 0 && errno != EINTR) return false;
        if (n > 0) {
            bytes += n;
            size -= (size_t)n;
        }
    }
    return true;
}

static int write_new(const char *path, char *temporary, const void *bytes, size_t size) {
    int fd = mkostemp(temporary, O_CLOEXEC);
    if (fd < 0) {
        say("%s: cannot be written: %s", path, strerror(errno));
        return -1;
    }
    mode_t mask = umask(0);
    umask(mask);
    bool done = fchmod(fd, 0666 & ~mask) == 0 && write_all(fd, bytes, size) && fsync(fd) == 0;
    if (close(fd) != 0) done = false;
    if (done && rename(temporary, path) == 0) return 0;
    say("%s: cannot be written: %s", path, strerror(errno));
    unlink(temporary);
    return -1;
}

// Devices and pipes cannot be replaced, only written to.
static int write_through(const char *path, int fd, const void *bytes, size_t size) {
    if (fd >= 0 && write_all(fd, bytes, size)) return 0;
    say("%s: cannot be written: %s", path, strerror(errno));
    return -1;
}

int file_write(const char *path, const void *bytes, size_t size) {
    if (strcmp(path, "-") == 0) {
        fflush(stdout);
        return write_through("standard output", STDOUT_FILENO, bytes, size);
    }
    struct stat s;
    if (stat(path, &s) == 0 && !S_ISREG(s.st_mode)) {
        int fd = open(path, O_WRONLY | O_CLOEXEC);
        int r = write_through(path, fd, bytes, size);
        if (fd >= 0) close(fd);
        return r;
    }
    char *target = realpath(path, NULL); // a symbolic link stays one
    char *temporary = NULL;
    int r = -1;
    if (asprintf(&temporary, "%s.XXXXXX", target != NULL ? target : path) < 0)
        say("%s: out of memory", path);
    else
        r = write_new(target != NULL ? target : path, temporary, bytes, size);
    free(temporary);
    free(target);
    return r;
}
