// SPDX-License-Identifier: MIT
// The file that auditd writes.
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "source.h"
#include "tail.h"

enum {
    LOOK_AGAIN_MS = 100
};

static struct tail followed;

static bool open_log(struct source *s, char why[REASON]) {
    int error = tail_start(&followed, s->path);
    if (error == ENOENT || error == ENOTDIR)
        snprintf(why, REASON, "%s: there is no such file; auditd (package auditd) writes it", s->path);
    else if (error == EACCES || error == EPERM)
        snprintf(why, REASON, "%s: it may not be read; run it as root, or in the group that the file has", s->path);
    else if (error == EISDIR || error == ESPIPE)
        snprintf(why, REASON, "%s: it is no file that can be followed", s->path);
    else if (error != 0)
        snprintf(why, REASON, "%s: %s", s->path, strerror(error));
    s->fd = followed.fd;
    return error == 0;
}

static void take(void *context, const char *line, size_t length) {
    struct source *s = context;
    queue_put(&s->queue, "", 0, line, length);
}

static void read_log(struct source *s) {
    for (;;) {
        enum tail_result r = tail_step(&followed, take, s);
        atomic_store(&s->damaged, followed.too_long);
        atomic_store(&s->turns, followed.turns);
        if (r == TAIL_FAILED) break;
        atomic_store(&s->idle, r == TAIL_NOTHING);
        if (r == TAIL_NOTHING) poll(NULL, 0, LOOK_AGAIN_MS);
    }
    atomic_store(&s->error, followed.error);
}

// A new file gets a descriptor that is not known beforehand. It is only read (O_ACCMODE is 3, O_CREAT 0100).
const struct source_type source_log = {
    "log", "the audit log", open_log, read_log,
    "openat(flags & 0x43 == 0), open(flags & 0x43 == 0), pread64, fstat, newfstatat, "
    "stat, statx, fstat64, fstatat64"};
