// SPDX-License-Identifier: MIT
#include "lines.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    ROOM = 1 << 20, // bytes; a longer line is no record: the kernel's have at most 8 KiB
    FIELD = 8       // bytes of the longest name of a field, with its "="
};

bool lines_start(struct lines *l, int fd) {
    struct stat s;
    *l = (struct lines){.fd = fd, .regular = fstat(fd, &s) == 0 && S_ISREG(s.st_mode), .bytes = malloc(ROOM)};
    return l->bytes != NULL;
}

void lines_end(struct lines *l) {
    free(l->bytes);
    l->bytes = NULL;
}

// Reads more behind what is there. False: nothing came, or there is no room.
static bool more(struct lines *l, void (*idle)(void)) {
    if (l->start > 0) {
        memmove(l->bytes, l->bytes + l->start, l->end - l->start);
        l->end -= l->start;
        l->start = 0;
    }
    if (l->ended || l->end == ROOM) return false;
    if (!l->regular) idle();
    ssize_t n;
    do
        n = read(l->fd, l->bytes + l->end, ROOM - l->end);
    while (n < 0 && errno == EINTR);
    if (n < 0) l->error = errno;
    if (n <= 0) l->ended = true;
    if (n > 0) l->end += (size_t)n;
    return n > 0;
}

// The offset of the next line feed from `from` on, relative to the start; reads on until there is one. The length of
// what is left where there is none.
static size_t find_feed(struct lines *l, void (*idle)(void), size_t from) {
    for (;;) {
        const char *feed = memchr(l->bytes + l->start + from, '\n', l->end - l->start - from);
        if (feed != NULL) return (size_t)(feed - l->bytes) - l->start;
        from = l->end - l->start;
        if (!more(l, idle)) return from;
    }
}

// The rest of a record that was wrapped is indented, or, where that got lost, starts with a field.
static bool starts_as_rest(const char *bytes, size_t length) {
    static const char *const fields[] = {"auid=", "uid=", "gid=",  "ses=",     "subj=",   "pid=", "comm=",
                                         "exe=",  "sig=", "arch=", "syscall=", "compat=", "ip=",  "code="};
    if (length == 0) return false;
    if (bytes[0] == ' ' || bytes[0] == '\t') return true;
    if (strchr("acegipsu", bytes[0]) == NULL) return false;
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
        if (length >= strlen(fields[i]) && memcmp(bytes, fields[i], strlen(fields[i])) == 0) return true;
    return false;
}

static bool is_continued(struct lines *l, void (*idle)(void), size_t length) {
    // Looking ahead must not delay a record that has just come through a pipe.
    if (l->end - l->start <= length + 1 && (!l->regular || !more(l, idle) || l->end - l->start <= length + 1))
        return false;
    size_t next = length + 1;
    if (l->regular && l->end - l->start < next + FIELD) more(l, idle);
    if (!starts_as_rest(l->bytes + l->start + next, l->end - l->start - next)) return false;
    const char *feed = memchr(l->bytes + l->start + next, '\n', l->end - l->start - next);
    if (feed == NULL && l->regular) find_feed(l, idle, next);
    feed = memchr(l->bytes + l->start + next, '\n', l->end - l->start - next);
    if (feed == NULL && !l->ended) return false;
    size_t end = feed != NULL ? (size_t)(feed - l->bytes) - l->start : l->end - l->start;
    // An indented record is one of its own.
    return memmem(l->bytes + l->start + next, end - next, "audit", 5) == NULL;
}

// Leaves out the rest of a line that does not fit.
static void skip_line(struct lines *l, void (*idle)(void)) {
    for (;;) {
        const char *feed = memchr(l->bytes + l->start, '\n', l->end - l->start);
        l->start = feed != NULL ? (size_t)(feed - l->bytes) + 1 : l->end;
        if (feed != NULL || !more(l, idle)) return;
    }
}

bool lines_next(struct lines *l, void (*idle)(void), const char **line, size_t *length) {
    if (l->too_long) skip_line(l, idle);
    l->too_long = false;
    if (l->start == l->end && !more(l, idle)) return false;
    size_t end = find_feed(l, idle, 0);
    l->too_long = end == ROOM;
    while (!l->too_long && is_continued(l, idle, end))
        end = find_feed(l, idle, end + 1);
    *line = l->bytes + l->start;
    *length = end;
    l->start += end;
    if (l->start < l->end && !l->too_long) l->start++;
    return true;
}
