// SPDX-License-Identifier: MIT
#include "symbols.h"

#include <string.h>
#include <time.h>

#include "lookup.h"

enum {
    KEPT = 1024,     // places, a power of 2
    KEPT_SECONDS = 5 // that a process id is not asked about again
};

struct kept {
    uint64_t pid, ip;
    size_t exe_length;
    char exe_end[16]; // of the path: it tells programs apart
    int64_t until;
    char at[LOOKUP_TEXT]; // "": not known
};

static int64_t now(void) {
    struct timespec t = {0};
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec;
}

static struct kept *slot_of(const struct event *e, uint64_t ip, const char end[16]) {
    static struct kept all[KEPT];
    uint64_t word;
    memcpy(&word, end, sizeof word);
    uint64_t mixed = (word ^ ip * 0x9e3779b97f4a7c15u ^ e->exe_length) * 0xff51afd7ed558ccdu;
    struct kept *slot = &all[mixed >> 40 & (KEPT - 1)];
    if (slot->ip != ip || slot->exe_length != e->exe_length || memcmp(slot->exe_end, end, 16) != 0) {
        *slot = (struct kept){.ip = ip, .exe_length = e->exe_length};
        memcpy(slot->exe_end, end, 16);
    }
    return slot;
}

static void exe_end(const struct event *e, char end[16]) {
    size_t n = e->exe_length < 16 ? e->exe_length : 16;
    memset(end, 0, 16);
    if (e->exe != NULL) memcpy(end, e->exe + e->exe_length - n, n);
}

// Of a process that has ended, there is no answer. What was said of another one stays: the same program with the same
// address is one that it was forked from, or with it, since addresses are random otherwise.
static bool look_up(const struct event *e, struct kept *slot, uint64_t pid) {
    char at[LOOKUP_TEXT];
    ssize_t n = lookup(LOOKUP_PLACE, pid, slot->ip, event_time(e), at);
    if (n < 0) return false;
    if (n > 0) memcpy(slot->at, at, (size_t)n + 1);
    return true;
}

void symbols_find(struct event *e, bool may_wait) {
    const struct record *r = &e->record;
    char end[16];
    if (!record_has(r, RECORD_PID) || !record_has(r, RECORD_IP)) return;
    uint64_t pid = r->numbers[RECORD_PID];
    exe_end(e, end);
    struct kept *slot = slot_of(e, r->numbers[RECORD_IP], end);
    int64_t seconds = now();
    bool known = slot->pid == pid && seconds < slot->until;
    if (!known && may_wait && look_up(e, slot, pid)) {
        slot->pid = pid;
        slot->until = seconds + KEPT_SECONDS;
    }
    if (slot->at[0] != '\0') e->at = slot->at;
}
