// SPDX-License-Identifier: MIT
#include "known.h"

#include <stdlib.h>
#include <string.h>

#include "abjure.h"
#include "arch.h"
#include "explanation.h"

enum {
    ABIS = 8,
};

struct numbers {
    const char *abi; // one of arch_abi: the pointers are equal where the names are
    uint32_t of[KNOWN_NONE];
};

static uint32_t number_of(abjure_filter *filter, const char *abi, const char *name) {
    static const uint64_t none[6];
    struct explanation e;
    if (explain(filter, abi, name, none, &e) < 0) {
        abjure_filter_clear(filter); // this ABI lacks the call
        return UINT32_MAX;
    }
    uint32_t number = (uint32_t)strtoul(e.number, NULL, 10);
    explanation_free(&e);
    return number;
}

static void ask(struct numbers *n, const char *abi) {
    static const char *const names[KNOWN_NONE] = {
        [KNOWN_SECCOMP] = "seccomp", [KNOWN_PRCTL] = "prctl",         [KNOWN_PTRACE] = "ptrace",
        [KNOWN_CLONE] = "clone",     [KNOWN_CLONE3] = "clone3",       [KNOWN_FORK] = "fork",
        [KNOWN_VFORK] = "vfork",     [KNOWN_READ] = "read",           [KNOWN_WRITE] = "write",
        [KNOWN_EXIT] = "exit",       [KNOWN_SIGRETURN] = "sigreturn", [KNOWN_RT_SIGRETURN] = "rt_sigreturn",
    };
    abjure_filter *filter = abjure_filter_new();
    n->abi = abi;
    for (int i = 0; i < KNOWN_NONE; i++)
        n->of[i] = filter != NULL ? number_of(filter, abi, names[i]) : UINT32_MAX;
    abjure_filter_free(filter);
}

enum known known_call(const struct made_call *call) {
    static struct numbers asked[ABIS];
    const char *abi = arch_abi(call->arch, call->number);
    if (abi == NULL) return KNOWN_NONE;
    size_t i = 0;
    while (i < ABIS - 1 && asked[i].abi != abi && asked[i].abi != NULL)
        i++;
    if (asked[i].abi != abi) ask(&asked[i], abi);
    for (int k = 0; k < KNOWN_NONE; k++)
        if (asked[i].of[k] == call->number) return (enum known)k;
    return KNOWN_NONE;
}
