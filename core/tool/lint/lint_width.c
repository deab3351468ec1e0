// SPDX-License-Identifier: MIT
// Arguments that a program compares on other bits than those that matter.
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lint.h"
#include "lint_probe.h"

static const uint64_t above = (uint64_t)1 << 32;

static bool rule_is_taken(abjure_filter *own, const char *call, unsigned argument, const char *value) {
    char rule[96];
    snprintf(rule, sizeof rule, "%s(arg%u == %s)", call, argument, value);
    bool taken = abjure_filter_add(own, "deny", rule) == 0;
    abjure_filter_clear(own);
    return taken;
}

// Whether the kernel uses 32 bits of it, which the library knows: it refuses a value that does not fit the parameter,
// and any value for a pointer.
static bool is_narrow(const struct subject_abi *abi, const char *call, unsigned argument) {
    abjure_filter *own = abjure_filter_new();
    bool narrow = own != NULL && abjure_filter_set(own, "abi", abi->facts->name) == 0 &&
                  rule_is_taken(own, call, argument, "1") && !rule_is_taken(own, call, argument, "0x100000000");
    abjure_filter_free(own);
    return narrow;
}

// What a compiler passes for a value of 32 bits: the high word is 0, or the sign of the low one.
static bool is_usual(uint64_t value) {
    return value < above || (value >> 32 == UINT32_MAX && (value & 0x80000000u) != 0);
}

// Other registers that the kernel takes for the same value.
static bool find_variant(struct lint *l, const struct subject_abi *abi, const char *call, unsigned argument,
                         uint64_t arguments[ARGUMENTS]) {
    const uint64_t value = arguments[argument];
    const uint64_t low = value & UINT32_MAX;
    const uint64_t variants[] = {low, low | above, low | ~(uint64_t)UINT32_MAX};
    for (size_t i = 0; i < sizeof variants / sizeof variants[0]; i++) {
        if (variants[i] == value) continue;
        // A list of what is allowed may name only one of the two forms of a negative number; the other then fails.
        if (is_usual(variants[i]) && !abi->default_passes) continue;
        arguments[argument] = variants[i];
        struct verdict v = subject_verdict(&l->subject, abi->facts->name, call, arguments);
        if (!v.absent && v.passes) return true;
    }
    arguments[argument] = value;
    return false;
}

// Looks for one denied call whose argument gets past with other high bits.
static bool high_bits(struct lint *l, const struct subject_abi *abi, struct probe *p, unsigned argument,
                      const struct flaw *flaw) {
    uint64_t arguments[ARGUMENTS];
    p->at = 0;
    while (probe_next(p, arguments)) {
        if (!is_usual(arguments[argument])) continue;
        struct verdict v = subject_verdict(&l->subject, abi->facts->name, p->call, arguments);
        struct attempt denied, call;
        uint64_t usual[ARGUMENTS];
        memcpy(usual, arguments, sizeof usual);
        if (v.absent || v.passes || !find_variant(l, abi, p->call, argument, arguments)) continue;
        return attempt_arguments(l, abi->facts->name, p->call, usual, &denied) &&
               attempt_arguments(l, abi->facts->name, p->call, arguments, &call) &&
               add_bypass(l, flaw, &denied, &call, NULL);
    }
    return true;
}

// Calls `judge` with each argument that a program tests.
static bool each_tested(struct lint *l, const struct flaw *flaw,
                        bool (*judge)(struct lint *, const struct subject_abi *, struct probe *, unsigned,
                                      const struct flaw *)) {
    for (size_t i = 0; i < l->subject.abi_count; i++) {
        const struct subject_abi *abi = &l->subject.abis[i];
        for (size_t n = 0; n < abi->call_count; n++) {
            struct probe p;
            if (!abi->calls[n].tested || !abi->calls[n].is_denied) continue;
            bool done = probe_start(&p, &l->subject, abi, &abi->calls[n]);
            for (unsigned k = 0; k < ARGUMENTS && done; k++)
                if (p.tested[k] || p.computes) done = judge(l, abi, &p, k, flaw);
            probe_end(&p);
            if (!done) return false;
        }
    }
    return true;
}

static bool judge_high_bits(struct lint *l, const struct subject_abi *abi, struct probe *p, unsigned argument,
                            const struct flaw *flaw) {
    return !abi->facts->wide || !is_narrow(abi, p->call, argument) || high_bits(l, abi, p, argument, flaw);
}

bool search_high_bits(struct lint *l, const struct flaw *flaw) {
    return each_tested(l, flaw, judge_high_bits);
}

// ---- Flags ----------------------------------------------------------------------------------------------------------

// Flags that change nothing of what a call does that one would deny it for. All by name, since ABIs differ.
static const struct {
    const char *call, *argument, *flag;
} harmless[] = {
    {"socket", "type", "SOCK_CLOEXEC"},       {"socketpair", "type", "SOCK_CLOEXEC"}, {"open", "flags", "O_CLOEXEC"},
    {"openat", "flags", "O_CLOEXEC"},         {"mmap", "prot", "PROT_READ"},          {"mmap2", "prot", "PROT_READ"},
    {"mprotect", "prot", "PROT_READ"},        {"pkey_mprotect", "prot", "PROT_READ"}, {"clone", "flags", "CLONE_FS"},
    {"unshare", "unshare_flags", "CLONE_FS"}, {"accept4", "flags", "SOCK_CLOEXEC"},
};

// The flag by name and value; NULL: none.
static const char *harmless_flag(const struct subject_abi *abi, const char *call, unsigned argument, uint64_t *value) {
    char why[256];
    for (size_t i = 0; i < sizeof harmless / sizeof harmless[0]; i++)
        if (strcmp(harmless[i].call, call) == 0 &&
            abjure_argument(abi->facts->name, call, harmless[i].argument, why, sizeof why) == (int)argument &&
            abjure_value(abi->facts->name, harmless[i].flag, value, why, sizeof why) >= 0)
            return harmless[i].flag;
    return NULL;
}

// Writes the flag by name: "socket(2, 3|SOCK_CLOEXEC)".
static void show_flag(struct attempt *a, const char *flag, uint64_t value, unsigned argument) {
    size_t at = (size_t)snprintf(a->text, sizeof a->text, "%s", a->name);
    unsigned shown = argument + 1;
    for (unsigned i = argument + 1; i < ARGUMENTS; i++)
        if (a->arguments[i] != 0) shown = i + 1;
    for (unsigned i = 0; i < shown && at < sizeof a->text; i++)
        at += (size_t)snprintf(a->text + at, sizeof a->text - at, "%s%" PRIu64 "%s%s", i == 0 ? "(" : ", ",
                               i == argument ? a->arguments[i] & ~value : a->arguments[i], i == argument ? "|" : "",
                               i == argument ? flag : "");
    if (at < sizeof a->text) snprintf(a->text + at, sizeof a->text - at, ")");
}

// A value that the program compares with, which is denied and passes with the flag. Only of what a list denies: one of
// what is allowed may want the flag.
static bool judge_flags(struct lint *l, const struct subject_abi *abi, struct probe *p, unsigned argument,
                        const struct flaw *flaw) {
    uint64_t flag = 0;
    const char *name = abi->default_passes ? harmless_flag(abi, p->call, argument, &flag) : NULL;
    uint64_t arguments[ARGUMENTS];
    p->at = 0;
    while (name != NULL && probe_next(p, arguments)) {
        struct attempt denied, call;
        uint32_t low = (uint32_t)arguments[argument];
        if (arguments[argument] >= above || (low & flag) != 0 || !probe_compares(p, argument, low)) continue;
        if (!attempt_arguments(l, abi->facts->name, p->call, arguments, &denied) || denied.verdict.passes) continue;
        arguments[argument] |= flag;
        if (!attempt_arguments(l, abi->facts->name, p->call, arguments, &call) || !call.verdict.passes) continue;
        show_flag(&call, name, flag, argument);
        return add_bypass(l, flaw, &denied, &call, NULL);
    }
    return true;
}

bool search_flags(struct lint *l, const struct flaw *flaw) {
    return each_tested(l, flaw, judge_flags);
}

// ---- The low word of a number of 64 bits ----------------------------------------------------------------------------

// Lengths, offsets and addresses, whose high word is as good as the low one. Flags are not among them: of most, the
// kernel refuses unknown high bits.
static const struct {
    const char *call, *argument;
} long_arguments[] = {
    {"read", "count"},     {"write", "count"},      {"pread64", "pos"},      {"pwrite64", "pos"},
    {"lseek", "offset"},   {"truncate", "length"},  {"ftruncate", "length"}, {"fallocate", "len"},
    {"mmap", "len"},       {"mmap", "addr"},        {"munmap", "addr"},      {"munmap", "len"},
    {"mprotect", "start"}, {"mprotect", "len"},     {"mremap", "new_len"},   {"mremap", "addr"},
    {"madvise", "len_in"}, {"madvise", "start"},    {"mlock", "len"},        {"shmget", "size"},
    {"sendto", "len"},     {"recvfrom", "size"},    {"getrandom", "len"},    {"brk", "brk"},
    {"splice", "len"},     {"sendfile64", "count"}, {"sendfile", "count"},   {"copy_file_range", "len"},
    {"prctl", "arg2"},     {"prctl", "arg3"},       {"ioctl", "arg"},        {"fcntl", "arg"},
    {"ptrace", "addr"},    {"ptrace", "data"},
};

static bool is_long(const struct subject_abi *abi, const char *call, unsigned argument) {
    char why[256];
    for (size_t i = 0; i < sizeof long_arguments / sizeof long_arguments[0]; i++)
        if (strcmp(long_arguments[i].call, call) == 0 &&
            abjure_argument(abi->facts->name, call, long_arguments[i].argument, why, sizeof why) == (int)argument &&
            !is_narrow(abi, call, argument))
            return true;
    return false;
}

// A value of 32 bits that passes, with one that is denied beside it: the value passes with any high word.
static bool judge_low_word(struct lint *l, const struct subject_abi *abi, struct probe *p, unsigned argument,
                           const struct flaw *flaw) {
    if (!abi->facts->wide || !p->ordered[argument] || p->high_tested[argument] || !is_long(abi, p->call, argument))
        return true;
    uint64_t arguments[ARGUMENTS], other[ARGUMENTS];
    p->at = 0;
    while (probe_next(p, arguments)) {
        struct verdict v = subject_verdict(&l->subject, abi->facts->name, p->call, arguments);
        if (v.absent || !v.passes) continue;
        memcpy(other, arguments, sizeof other);
        for (size_t i = 0; i < p->low[argument].count; i++) {
            struct attempt denied, call;
            other[argument] = p->low[argument].list[i];
            v = subject_verdict(&l->subject, abi->facts->name, p->call, other);
            if (v.absent || v.passes) continue;
            arguments[argument] |= above;
            return !attempt_arguments(l, abi->facts->name, p->call, arguments, &call) || !call.verdict.passes ||
                   !attempt_arguments(l, abi->facts->name, p->call, other, &denied) ||
                   add_bypass(l, flaw, &denied, &call, NULL);
        }
    }
    return true;
}

bool search_low_word(struct lint *l, const struct flaw *flaw) {
    return each_tested(l, flaw, judge_low_word);
}
