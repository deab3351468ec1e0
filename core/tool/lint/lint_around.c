// SPDX-License-Identifier: MIT
// Ways around a denied call: others that do the same.
#include <stdio.h>
#include <string.h>

#include "lint.h"

// The first call of the list that is denied for a reason.
static bool find_intent(struct lint *l, const struct subject_abi *abi, const struct flaw *flaw, struct attempt *out) {
    char text[192];
    for (const char *list = flaw->denied; next_text(&list, text, sizeof text);) {
        if (!attempt_text(l, abi->facts->name, text, out) || out->verdict.passes) continue;
        if (flaw->by_default || denied_on_purpose(abi, out)) return true;
    }
    return false;
}

static bool all_open(struct lint *l, const struct subject_abi *abi, const struct flaw *flaw) {
    char text[192];
    struct attempt a;
    for (const char *list = flaw->open; next_text(&list, text, sizeof text);)
        if (attempt_text(l, abi->facts->name, text, &a) && !a.verdict.passes) return false;
    return true;
}

// The first call of the list that passes, and the texts of the others.
static bool find_way(struct lint *l, const struct subject_abi *abi, const struct flaw *flaw, struct attempt *out,
                     char *also, size_t size) {
    char text[192];
    struct attempt a;
    bool found = false;
    size_t at = 0;
    also[0] = '\0';
    for (const char *list = flaw->tried; next_text(&list, text, sizeof text);) {
        if (!attempt_text(l, abi->facts->name, text, &a) || !a.verdict.passes) continue;
        if (!found)
            *out = a;
        else if (at + strlen(text) + 3 < size)
            at += (size_t)snprintf(also + at, size - at, "%s%s", at > 0 ? "; " : "", text);
        found = true;
    }
    return found;
}

bool search_around(struct lint *l, const struct flaw *flaw) {
    for (size_t i = 0; i < l->subject.abi_count; i++) {
        const struct subject_abi *abi = &l->subject.abis[i];
        struct attempt denied, call;
        char also[1024];
        if (!find_intent(l, abi, flaw, &denied) || !all_open(l, abi, flaw)) continue;
        if (!find_way(l, abi, flaw, &call, also, sizeof also)) continue;
        if (!add_bypass(l, flaw, &denied, &call, also)) return false;
    }
    return true;
}

// ---- Calls that programs cannot do without --------------------------------------------------------------------------

static bool is_refused(const struct verdict *v) {
    return !v->passes && strncmp(v->text, "notify", 6) != 0 && strncmp(v->text, "trace", 5) != 0;
}

// Those that are answered in a way that keeps a program from its fallback, which is open.
bool search_fallback(struct lint *l, const struct flaw *flaw) {
    for (size_t i = 0; i < l->subject.abi_count; i++) {
        const struct subject_abi *abi = &l->subject.abis[i];
        struct attempt call;
        if (!attempt_text(l, abi->facts->name, flaw->tried, &call)) continue;
        if (!is_refused(&call.verdict) || verdict_is(&call.verdict, "ENOSYS")) continue;
        if (all_open(l, abi, flaw) && !add_bypass(l, flaw, NULL, &call, NULL)) return false;
    }
    return true;
}

bool search_needed(struct lint *l, const struct flaw *flaw) {
    char text[192];
    for (size_t i = 0; i < l->subject.abi_count; i++) {
        const struct subject_abi *abi = &l->subject.abis[i];
        struct attempt call;
        for (const char *list = flaw->tried; next_text(&list, text, sizeof text);) {
            if (!attempt_text(l, abi->facts->name, text, &call) || !is_refused(&call.verdict)) continue;
            if (!add_bypass(l, flaw, NULL, &call, NULL)) return false;
        }
    }
    return true;
}

// ---- socketcall and ipc ---------------------------------------------------------------------------------------------

// The numbers of the sub-calls, in argument 0.
static const struct {
    const char *name;
    unsigned number;
} sub_calls[] = {
    {"socket", 1},     {"bind", 2},      {"connect", 3},   {"listen", 4},      {"accept", 5},   {"socketpair", 8},
    {"send", 9},       {"sendto", 11},   {"recvfrom", 12}, {"setsockopt", 14}, {"sendmsg", 16}, {"recvmsg", 17},
    {"accept4", 18},   {"recvmmsg", 19}, {"sendmmsg", 20}, {"semop", 1},       {"semget", 2},   {"semctl", 3},
    {"semtimedop", 4}, {"msgsnd", 11},   {"msgrcv", 12},   {"msgget", 13},     {"msgctl", 14},  {"shmat", 21},
    {"shmdt", 22},     {"shmget", 23},   {"shmctl", 24},
};

static unsigned sub_call(const char *name) {
    for (size_t i = 0; i < sizeof sub_calls / sizeof sub_calls[0]; i++)
        if (strcmp(sub_calls[i].name, name) == 0) return sub_calls[i].number;
    return 0;
}

bool search_multiplexer(struct lint *l, const struct flaw *flaw) {
    char text[192], through[64];
    for (size_t i = 0; i < l->subject.abi_count; i++) {
        const struct subject_abi *abi = &l->subject.abis[i];
        struct attempt denied, call;
        for (const char *list = flaw->denied; next_text(&list, text, sizeof text);) {
            if (!attempt_text(l, abi->facts->name, text, &denied)) continue;
            snprintf(through, sizeof through, "%s(%u)", flaw->tried, sub_call(denied.name));
            if (!attempt_text(l, abi->facts->name, through, &call)) break; // no such multiplexer here
            if (!call.verdict.passes || !denied_on_purpose(abi, &denied)) continue;
            if (!add_bypass(l, flaw, &denied, &call, NULL)) return false;
        }
    }
    return true;
}
