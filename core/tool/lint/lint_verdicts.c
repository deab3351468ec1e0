// SPDX-License-Identifier: MIT
// What a filter answers, and instructions that never answer.
#include <linux/seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lint.h"
#include "lint_probe.h"
#include "output.h"

static bool starts_with(const char *text, const char *word) {
    return strncmp(text, word, strlen(word)) == 0;
}

// ---- Answers --------------------------------------------------------------------------------------------------------

// Whether a call can get an answer that starts so; "errno(0)" is told apart from other errnos.
static bool find_answer(struct lint *l, const struct subject_abi *abi, const struct known_call *known,
                        const char *answer, uint64_t arguments[ARGUMENTS], bool *memory) {
    struct probe p;
    bool found = false;
    *memory = probe_start(&p, &l->subject, abi, known);
    while (*memory && !found && probe_next(&p, arguments)) {
        struct verdict v = subject_verdict(&l->subject, abi->facts->name, known->name, arguments);
        size_t length = strlen(answer);
        found = !v.absent && starts_with(v.text, answer) && (v.text[length] == '\0' || v.text[length] == '(');
    }
    probe_end(&p);
    return found;
}

static bool is_listed(const char *list, const char *name) {
    char text[64];
    if (list == NULL) return true;
    while (next_text(&list, text, sizeof text))
        if (strcmp(text, name) == 0) return true;
    return false;
}

// The first call of an ABI that gets the answer `tried`, one of `denied` where these are given.
bool search_verdict(struct lint *l, const struct flaw *flaw) {
    for (size_t i = 0; i < l->subject.abi_count; i++) {
        const struct subject_abi *abi = &l->subject.abis[i];
        bool found = false;
        for (size_t n = 0; n < abi->call_count && !found; n++) {
            uint64_t arguments[ARGUMENTS];
            struct attempt call;
            bool memory = true;
            if (!is_listed(flaw->denied, abi->calls[n].name) ||
                (abi->calls[n].answers >> strictness_of(flaw->tried) & 1) == 0)
                continue;
            found = find_answer(l, abi, &abi->calls[n], flaw->tried, arguments, &memory);
            if (!memory) return false;
            if (found && attempt_arguments(l, abi->facts->name, abi->calls[n].name, arguments, &call) &&
                !add_bypass(l, flaw, NULL, &call, NULL))
                return false;
        }
    }
    return true;
}

static bool any_other(const struct subject_abi *abi, bool passes) {
    for (size_t n = 0; n < abi->call_count; n++)
        if (passes ? abi->calls[n].is_denied : abi->calls[n].passes) return true;
    return false;
}

// No call of the ABI gets anything but this.
static bool only_answer(struct lint *l, const struct flaw *flaw, bool passes) {
    static const uint64_t none[ARGUMENTS];
    for (size_t i = 0; i < l->subject.abi_count; i++) {
        const struct subject_abi *abi = &l->subject.abis[i];
        struct attempt call;
        if (!any_other(abi, passes) &&
            attempt_arguments(l, abi->facts->name, passes ? "execve" : "read", none, &call) &&
            !add_bypass(l, flaw, NULL, &call, NULL))
            return false;
    }
    return true;
}

bool search_no_effect(struct lint *l, const struct flaw *flaw) {
    return only_answer(l, flaw, true);
}

bool search_all_denied(struct lint *l, const struct flaw *flaw) {
    return only_answer(l, flaw, false);
}

// ---- Returned words that the kernel takes for others ----------------------------------------------------------------

static bool is_odd(uint32_t word, bool large_errno) {
    static const uint32_t actions[] = {SECCOMP_RET_KILL_PROCESS, SECCOMP_RET_KILL_THREAD, SECCOMP_RET_TRAP,
                                       SECCOMP_RET_ERRNO,        SECCOMP_RET_USER_NOTIF,  SECCOMP_RET_TRACE,
                                       SECCOMP_RET_LOG,          SECCOMP_RET_ALLOW};
    enum {
        ERRNO_LIMIT = 4095
    };
    uint32_t action = word & SECCOMP_RET_ACTION_FULL;
    if (large_errno) return action == SECCOMP_RET_ERRNO && (word & SECCOMP_RET_DATA) > ERRNO_LIMIT;
    for (size_t i = 0; i < sizeof actions / sizeof actions[0]; i++)
        if (action == actions[i]) return false;
    return true;
}

// The odd return that some call of the program reaches, or NULL.
static const struct sock_filter *reached_return(const struct subject_program *p, bool large_errno) {
    for (size_t n = 0; n < p->count; n++)
        if (p->walk.reached[n] && p->code[n].code == (BPF_RET | BPF_K) && is_odd(p->code[n].k, large_errno))
            return &p->code[n];
    return NULL;
}

static bool tell_return(struct lint *l, const struct flaw *flaw, const struct subject_abi *abi,
                        const struct known_call *known, const struct subject_program *p, const struct sock_filter *i) {
    bool large_errno = strcmp(flaw->tried, "kill") != 0, memory;
    uint64_t arguments[ARGUMENTS];
    struct attempt call;
    if (!find_answer(l, abi, known, flaw->tried, arguments, &memory) ||
        !attempt_arguments(l, abi->facts->name, known->name, arguments, &call))
        return memory;
    struct finding *f = findings_add(&l->findings, flaw);
    if (f == NULL) return false;
    f->has_call = true;
    f->call = call;
    snprintf(f->abis, sizeof f->abis, "%s", abi->facts->name);
    if (large_errno)
        snprintf(f->detail, sizeof f->detail, "Instruction %td returns errno %u.", i - p->code,
                 (unsigned)(i->k & SECCOMP_RET_DATA));
    else
        snprintf(f->detail, sizeof f->detail, "Instruction %td returns 0x%08x.", i - p->code, (unsigned)i->k);
    return true;
}

// `tried` is what the kernel makes of it.
bool search_return(struct lint *l, const struct flaw *flaw) {
    bool large_errno = strcmp(flaw->tried, "kill") != 0;
    for (size_t i = 0; i < l->subject.abi_count; i++) {
        const struct subject_abi *abi = &l->subject.abis[i];
        size_t before = l->findings.count;
        for (size_t n = 0; n < abi->call_count && l->findings.count == before; n++) {
            for (size_t k = 0; k < l->subject.program_count; k++)
                walk_forget(&l->subject.programs[k].walk);
            if (!subject_walk(&l->subject, abi->facts, abi->calls[n].number)) return false;
            for (size_t k = 0; k < l->subject.program_count; k++) {
                const struct subject_program *p = &l->subject.programs[k];
                const struct sock_filter *odd = reached_return(p, large_errno);
                if (odd != NULL && !tell_return(l, flaw, abi, &abi->calls[n], p, odd)) return false;
            }
        }
    }
    return true;
}

// ---- The rest --------------------------------------------------------------------------------------------------------

// Names of a policy that were skipped. A list of what is allowed is often one for several ABIs, and loses nothing.
bool search_absent(struct lint *l, const struct flaw *flaw) {
    bool denies = l->subject.filter != NULL && l->subject.abi_count > 0 && l->subject.abis[0].default_passes;
    char *text = denies ? filter_skipped(l->subject.filter) : NULL;
    struct finding *f = text != NULL && text[0] != '\0' ? findings_add(&l->findings, flaw) : NULL;
    bool done = f != NULL || text == NULL || text[0] == '\0';
    char *rest = f != NULL ? text : NULL;
    size_t at = 0, more = 0;
    for (char *line = next_line(&rest); line != NULL; line = next_line(&rest)) {
        if (at + strlen(line) + sizeof "; and 1000 more" < sizeof f->detail)
            at += (size_t)snprintf(f->detail + at, sizeof f->detail - at, "%s%s", at > 0 ? "; " : "", line);
        else
            more++;
    }
    if (more > 0) snprintf(f->detail + at, sizeof f->detail - at, "; and %zu more", more);
    free(text);
    return done;
}

bool search_cut(struct lint *l, const struct flaw *flaw) {
    if (!l->subject.cut) return true;
    return findings_add(&l->findings, flaw) != NULL;
}
