// SPDX-License-Identifier: MIT
#include "origin.h"

#include <string.h>
#include <time.h>

#include "lookup.h"

enum {
    KEPT = 1024,     // processes, a power of 2
    KEPT_SECONDS = 5 // a process id may be another process then
};

struct kept {
    uint64_t pid;
    int64_t until;
    char unit[LOOKUP_TEXT], container[LOOKUP_TEXT];
};

static int64_t now(void) {
    struct timespec t = {0};
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec;
}

static bool look_up(struct kept *slot, uint64_t pid, int64_t milliseconds) {
    char text[LOOKUP_TEXT];
    if (lookup(LOOKUP_ORIGIN, pid, 0, milliseconds, text) < 0) return false;
    size_t first = strcspn(text, "\n");
    const char *second = text[first] != '\0' ? text + first + 1 : "";
    *slot = (struct kept){.pid = pid, .until = now() + KEPT_SECONDS};
    memcpy(slot->unit, text, first);
    memcpy(slot->container, second, strcspn(second, "\n"));
    return true;
}

void origin_find(struct event *e, bool may_wait) {
    static struct kept all[KEPT];
    if (!record_has(&e->record, RECORD_PID)) return;
    uint64_t pid = e->record.numbers[RECORD_PID];
    struct kept *slot = &all[pid % KEPT];
    if ((slot->pid != pid || now() >= slot->until) && (!may_wait || !look_up(slot, pid, event_time(e)))) return;
    if (slot->unit[0] != '\0') e->unit = slot->unit;
    if (slot->container[0] != '\0') e->container = slot->container;
}
