// SPDX-License-Identifier: MIT
#include "place.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "elf_symbol.h"

enum {
    TICKS = 100,      // in a second: USER_HZ of every ABI that the core has
    SLACK_MS = 50,    // the start of a process is known in ticks
    MAPS = 1 << 20,   // bytes that are read: of more than about 10,000 mappings, the rest is left out
    START_TIME = 22,  // field of /proc/PID/stat
    NAME_LIMIT = 100, // letters of a module or function that are shown
};

struct mapping {
    uint64_t start, offset, inode;
    const char *path; // terminated
};

static size_t read_all(const char *path, char *bytes, size_t size) {
    size_t have = 0;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    while (fd >= 0 && have < size - 1) {
        ssize_t n = read(fd, bytes + have, size - 1 - have);
        if (n <= 0) break;
        have += (size_t)n;
    }
    if (fd >= 0) close(fd);
    bytes[have] = '\0';
    return have;
}

static int64_t now(clockid_t clock) {
    struct timespec t = {0};
    clock_gettime(clock, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

bool place_was_there(long pid, int64_t milliseconds) {
    char path[64], text[1024];
    snprintf(path, sizeof path, "/proc/%ld/stat", pid);
    read_all(path, text, sizeof text);
    const char *at = strrchr(text, ')'); // its name may hold blanks and parentheses
    for (int field = 2; at != NULL && field < START_TIME; field++) {
        at = strchr(at, ' ');
        if (at != NULL) at++;
    }
    if (at == NULL) return false;
    int64_t booted = now(CLOCK_REALTIME) - now(CLOCK_BOOTTIME);
    int64_t started = booted + strtoll(at, NULL, 10) * (1000 / TICKS);
    return started <= milliseconds + SLACK_MS;
}

// Moves to the next word of a line.
static char *next_word(char *at) {
    at += strcspn(at, " ");
    return at + strspn(at, " ");
}

// The mapping around an address. Lines are "START-END PERMISSIONS OFFSET DEVICE INODE   PATH".
static bool find_mapping(char *maps, uint64_t ip, struct mapping *m) {
    for (char *line = maps, *next; *line != '\0'; line = next) {
        next = line + strcspn(line, "\n");
        if (*next != '\0') *next++ = '\0';
        char *at;
        m->start = strtoull(line, &at, 16);
        uint64_t end = *at == '-' ? strtoull(at + 1, NULL, 16) : 0;
        if (ip < m->start || ip >= end) continue;
        at = next_word(next_word(line));
        m->offset = strtoull(at, NULL, 16);
        at = next_word(next_word(at));
        m->inode = strtoull(at, NULL, 10);
        m->path = next_word(at);
        return true;
    }
    return false;
}

// The file behind a mapping, as its process sees it. Whoever owns the process may have put something else there, so
// it is opened only if it is the mapped file. The device is not compared: some file systems give two numbers.
static int open_mapped(long pid, const struct mapping *m) {
    char path[4200];
    struct stat s;
    if (m->path[0] != '/' || m->inode == 0) return -1;
    snprintf(path, sizeof path, "/proc/%ld/root%s", pid, m->path);
    int handle = open(path, O_PATH | O_CLOEXEC);
    if (handle < 0) return -1;
    int fd = -1;
    if (fstat(handle, &s) == 0 && S_ISREG(s.st_mode) && s.st_ino == m->inode) {
        snprintf(path, sizeof path, "/proc/self/fd/%d", handle);
        fd = open(path, O_RDONLY | O_CLOEXEC);
    }
    close(handle);
    return fd;
}

static void append(char text[PLACE_SIZE], const char *name, size_t length) {
    size_t at = strlen(text);
    for (size_t i = 0; i < length && i < NAME_LIMIT && at + 1 < PLACE_SIZE; i++) {
        char c = name[i];
        if (c <= ' ' || c >= 0x7f || c == '\\') c = '?';
        text[at++] = c;
    }
    text[at] = '\0';
}

// "/lib/x86_64-linux-gnu/libc.so.6" is libc, and "libc-2.31.so" too.
static void append_module(char text[PLACE_SIZE], const char *path) {
    const char *slash = strrchr(path, '/');
    const char *name = slash != NULL ? slash + 1 : path;
    const char *end = strstr(name, ".so");
    size_t length = end != NULL ? (size_t)(end - name) : strcspn(name, " ");
    if (end != NULL && length > 5 && memcmp(name, "lib", 3) == 0) {
        const char *dash = memchr(name, '-', length);
        if (dash != NULL && dash[1] >= '0' && dash[1] <= '9') length = (size_t)(dash - name);
    }
    append(text, name, length);
}

void place_find(long pid, uint64_t ip, int64_t milliseconds, char text[PLACE_SIZE]) {
    static char maps[MAPS];
    char path[64], offset[32];
    struct mapping m;
    text[0] = '\0';
    snprintf(path, sizeof path, "/proc/%ld/maps", pid);
    read_all(path, maps, sizeof maps);
    // Asked after the mappings were read: they are those of the process that is there now.
    if (!find_mapping(maps, ip, &m) || !place_was_there(pid, milliseconds)) return;
    if (m.path[0] == '\0') {
        append(text, "anonymous", 9);
        return;
    }
    append_module(text, m.path);
    int fd = open_mapped(pid, &m);
    struct elf_symbol symbol;
    uint64_t from_start = ip - m.start + m.offset;
    if (fd >= 0 && elf_symbol_find(fd, from_start, &symbol)) {
        memcpy(text + strlen(text), " ", 2); // a module has at most NAME_LIMIT letters
        append(text, symbol.name, strlen(symbol.name));
        from_start = symbol.distance;
    }
    if (fd >= 0) close(fd);
    snprintf(offset, sizeof offset, "+0x%" PRIx64, from_start);
    append(text, offset, strlen(offset));
}
