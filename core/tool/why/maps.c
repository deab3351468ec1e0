// SPDX-License-Identifier: MIT
#include "maps.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "output.h"

// "7f0e0c000000-7f0e0c021000 r-xp 00001000 fe:00 1234    /usr/lib/libc.so.6"
static bool take_line(char *line, uint64_t address, struct mapping *out) {
    char *at;
    uint64_t start = strtoull(line, &at, 16);
    if (*at != '-') return false;
    uint64_t end = strtoull(at + 1, &at, 16);
    if (address < start || address >= end || strlen(at) < strlen(" r-xp ")) return false;
    out->executable = at[3] == 'x';
    out->place = address - start + strtoull(at + strlen(" r-xp "), &at, 16);
    line[strcspn(line, "\n")] = '\0';
    const char *name = strchr(at, '/');
    const char *slash = name != NULL ? strrchr(name, '/') : strchr(at, '[');
    snprintf(out->file, sizeof out->file, "%s", slash == NULL ? "" : slash + (*slash == '/'));
    make_printable(out->file);
    return true;
}

bool maps_find(pid_t thread, uint64_t address, struct mapping *out) {
    char path[64], line[PATH_MAX + 128];
    bool found = false;
    snprintf(path, sizeof path, "/proc/%d/maps", (int)thread);
    FILE *maps = fopen(path, "re");
    while (maps != NULL && !found && fgets(line, sizeof line, maps) != NULL)
        found = take_line(line, address, out);
    if (maps != NULL) fclose(maps);
    return found;
}
