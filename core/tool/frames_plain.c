// SPDX-License-Identifier: MIT
// In place of frames.c, where libdw is not there: names the file that the call was made in.
#include "frames.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "output.h"

static const char not_built[] = "this abjure was built without libdw, which walks stacks";

void frames_take(pid_t thread, uint64_t ip, struct frames *out) {
    char path[64], line[4352];
    *out = (struct frames){.count = 1, .missing = not_built};
    struct frame *f = &out->list[0];
    f->address = f->place = ip;
    snprintf(path, sizeof path, "/proc/%d/maps", (int)thread);
    FILE *maps = fopen(path, "re");
    while (maps != NULL && fgets(line, sizeof line, maps) != NULL) {
        uint64_t start, end, offset;
        int at = 0;
        if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %*s %" SCNx64 " %*s %*s %n", &start, &end, &offset, &at) != 3)
            continue;
        if (ip < start || ip >= end || at == 0) continue;
        line[strcspn(line, "\n")] = '\0';
        const char *slash = strrchr(line + at, '/');
        snprintf(f->module, sizeof f->module, "%s", slash != NULL ? slash + 1 : line + at);
        make_printable(f->module);
        f->place = ip - start + offset;
    }
    if (maps != NULL) fclose(maps);
}

void frames_name(struct frames *frames) {
    (void)frames;
}

bool frames_are_built(void) {
    return false;
}

void frames_end(void) {}
