// SPDX-License-Identifier: MIT
#include "tail.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    ROOM = 1 << 20, // bytes; a longer line is no record
    OLDER = 99      // numbers behind the names of old files
};

static int open_file(struct tail *f, const char *path) {
    struct stat s;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) return errno;
    int error = fstat(fd, &s) < 0 ? errno : S_ISREG(s.st_mode) ? 0 : S_ISDIR(s.st_mode) ? EISDIR : ESPIPE;
    if (error != 0) {
        close(fd);
        return error;
    }
    if (f->fd >= 0) close(f->fd);
    f->fd = fd;
    f->device = s.st_dev;
    f->inode = s.st_ino;
    f->offset = 0;
    return 0;
}

int tail_start(struct tail *f, const char *path) {
    *f = (struct tail){.path = path, .fd = -1, .bytes = malloc(ROOM)};
    if (f->bytes == NULL) return ENOMEM;
    int error = open_file(f, path);
    off_t end = error == 0 ? lseek(f->fd, 0, SEEK_END) : 0;
    if (end > 0) f->offset = (uint64_t)end;
    return error;
}

// The number behind the name that the file at hand has now, as audit.log.2 has; 0: none is known. While a rotation is
// under way a name is missing. Numbers only grow, so a look upwards finds the file wherever it goes meanwhile.
static int number_now(const struct tail *f, char *name, size_t size) {
    struct stat s;
    for (int i = 1; i <= OLDER; i++) {
        snprintf(name, size, "%s.%d", f->path, i);
        if (stat(name, &s) == 0 && s.st_dev == f->device && s.st_ino == f->inode) return i;
    }
    return 0;
}

// Opens the file that was begun after the one at hand: where several rotations have passed, not yet the newest.
static int open_next(struct tail *f) {
    char name[PATH_MAX + 16];
    int error = 0, number = number_now(f, name, sizeof name);
    for (;;) {
        struct tail next = {.fd = -1};
        if (number > 1) snprintf(name, sizeof name, "%s.%d", f->path, number - 1);
        error = open_file(&next, number > 1 ? name : f->path);
        // With another rotation meanwhile, that was a newer one.
        int again = number_now(f, name, sizeof name);
        if (again == number && error == 0) {
            close(f->fd);
            f->fd = next.fd;
            f->device = next.device;
            f->inode = next.inode;
            f->offset = 0;
        }
        if (again == number) return error;
        number = again;
        if (next.fd >= 0) close(next.fd);
    }
}

static void hand_over(struct tail *f, tail_take take, void *context) {
    size_t start = 0;
    char *feed;
    while ((feed = memchr(f->bytes + start, '\n', f->length - start)) != NULL) {
        size_t length = (size_t)(feed - f->bytes) - start;
        if (!f->skipping && length > 0) take(context, f->bytes + start, length);
        f->skipping = false;
        start += length + 1;
    }
    memmove(f->bytes, f->bytes + start, f->length - start);
    f->length -= start;
    if (f->length < ROOM) return;
    f->too_long += !f->skipping;
    f->skipping = true;
    f->length = 0;
}

// What stands at the end of a file to which nothing more comes.
static void hand_over_rest(struct tail *f, tail_take take, void *context) {
    if (f->length > 0 && !f->skipping) take(context, f->bytes, f->length);
    f->length = 0;
    f->skipping = false;
    f->turns++;
}

static enum tail_result failed(struct tail *f, int error) {
    f->error = error;
    return TAIL_FAILED;
}

// Looks whether the end of the file is the end of the log. Between two names of a rotation there may be no file.
static enum tail_result turn(struct tail *f, tail_take take, void *context) {
    struct stat now, there;
    if (fstat(f->fd, &now) < 0) return failed(f, errno);
    if ((uint64_t)now.st_size < f->offset) {
        hand_over_rest(f, take, context);
        f->offset = 0;
        return TAIL_MORE;
    }
    if (stat(f->path, &there) < 0) return errno == ENOENT ? TAIL_NOTHING : failed(f, errno);
    if (there.st_dev == f->device && there.st_ino == f->inode) return TAIL_NOTHING;
    // The writer may have added to the old file between the read and this.
    if ((uint64_t)now.st_size > f->offset) return TAIL_MORE;
    // The writer may not know of the new file yet.
    char name[PATH_MAX + 16];
    if (there.st_size == 0 && number_now(f, name, sizeof name) <= 1) return TAIL_NOTHING;
    int error = open_next(f);
    if (error == ENOENT) return TAIL_NOTHING;
    if (error != 0) return failed(f, error);
    hand_over_rest(f, take, context);
    return TAIL_MORE;
}

enum tail_result tail_step(struct tail *f, tail_take take, void *context) {
    ssize_t n = pread(f->fd, f->bytes + f->length, ROOM - f->length, (off_t)f->offset);
    if (n < 0) return errno == EINTR ? TAIL_MORE : failed(f, errno);
    if (n == 0) return turn(f, take, context);
    f->offset += (uint64_t)n;
    f->length += (size_t)n;
    hand_over(f, take, context);
    return TAIL_MORE;
}
