// SPDX-License-Identifier: MIT
// Other ABIs and numbers by which a denied call can be made.
#include <stdio.h>
#include <string.h>

#include "lint.h"

// Tried first, since what they do is plain to everybody.
static const char *const famous[] = {"execve", "ptrace", "socket", "bind",  "connect", "open",
                                     "openat", "clone",  "fork",   "mount", "kill",    "init_module"};

static bool covers(const struct subject *s, const char *abi) {
    for (size_t i = 0; i < s->abi_count; i++)
        if (strcmp(s->abis[i].facts->name, abi) == 0) return true;
    return false;
}

// A call that the filter denies on its own ABI and lets pass on another. *found where there is one; false: no memory.
static bool passes_on(struct lint *l, const struct subject_abi *abi, const struct known_call *known, const char *other,
                      const struct flaw *flaw, bool *found) {
    struct attempt here, there;
    *found =
        known->is_denied && attempt_arguments(l, other, known->name, known->denied, &there) && there.verdict.passes;
    return !*found || !attempt_arguments(l, abi->facts->name, known->name, known->denied, &here) ||
           add_bypass(l, flaw, &here, &there, NULL);
}

static bool through(struct lint *l, const struct subject_abi *abi, const char *other, const struct flaw *flaw) {
    bool found = false;
    for (size_t i = 0; i < sizeof famous / sizeof famous[0] && !found; i++) {
        const struct known_call *known = find_known(abi, famous[i]);
        if (known != NULL && !passes_on(l, abi, known, other, flaw, &found)) return false;
    }
    for (size_t i = 0; i < abi->call_count && !found; i++)
        if (!passes_on(l, abi, &abi->calls[i], other, flaw, &found)) return false;
    return true;
}

// Through the other ABIs of the same machines that the filter is not for: x32, or all but x32.
static bool through_neighbours(struct lint *l, const struct flaw *flaw, bool x32) {
    char other[16];
    for (size_t i = 0; i < l->subject.abi_count; i++) {
        const struct subject_abi *abi = &l->subject.abis[i];
        for (const char *list = abi->facts->neighbours; list[0] != '\0'; list += strspn(list, " ")) {
            size_t length = strcspn(list, " ");
            snprintf(other, sizeof other, "%.*s", (int)length, list);
            list += length;
            if ((strcmp(other, "x32") == 0) != x32 || covers(&l->subject, other)) continue;
            if (!through(l, abi, abi_facts(other)->name, flaw)) return false;
        }
    }
    return true;
}

bool search_no_abi_check(struct lint *l, const struct flaw *flaw) {
    return subject_loads_arch(&l->subject) || through_neighbours(l, flaw, false);
}

bool search_foreign_abi(struct lint *l, const struct flaw *flaw) {
    return !subject_loads_arch(&l->subject) || through_neighbours(l, flaw, false);
}

bool search_x32(struct lint *l, const struct flaw *flaw) {
    return through_neighbours(l, flaw, true);
}

// What a call through a neighbour that the filter is not for gets.
bool search_foreign_answer(struct lint *l, const struct flaw *flaw) {
    static const uint64_t none[ARGUMENTS];
    for (size_t i = 0; i < l->subject.abi_count; i++) {
        char other[16];
        const char *list = l->subject.abis[i].facts->neighbours;
        struct attempt call;
        snprintf(other, sizeof other, "%.*s", (int)strcspn(list, " "), list);
        const struct abi_facts *abi = abi_facts(other);
        if (abi == NULL || covers(&l->subject, other)) continue;
        if (attempt_arguments(l, abi->name, "read", none, &call) && verdict_is(&call.verdict, flaw->tried) &&
            !add_bypass(l, flaw, NULL, &call, NULL))
            return false;
    }
    return true;
}

bool search_unknown(struct lint *l, const struct flaw *flaw) {
    static const uint64_t none[ARGUMENTS];
    char number[16];
    struct attempt call;
    for (size_t i = 0; i < l->subject.abi_count; i++) {
        const struct subject_abi *abi = &l->subject.abis[i];
        snprintf(number, sizeof number, "%u", abi->unknown);
        if (abi->default_passes && attempt_arguments(l, abi->facts->name, number, none, &call) && call.verdict.passes &&
            !add_bypass(l, flaw, NULL, &call, NULL))
            return false;
    }
    return true;
}
