// SPDX-License-Identifier: MIT
#include "oci_words.h"

#include <errno.h>
#include <string.h>

#include "text.h"

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

// The first word of a kind is the one that is written.
static const struct {
    const char *word;
    enum action_kind kind;
} actions[] = {
    {"SCMP_ACT_ALLOW", ACTION_ALLOW},
    {"SCMP_ACT_LOG", ACTION_LOG},
    {"SCMP_ACT_ERRNO", ACTION_ERRNO},
    {"SCMP_ACT_TRAP", ACTION_TRAP},
    {"SCMP_ACT_NOTIFY", ACTION_NOTIFY},
    {"SCMP_ACT_TRACE", ACTION_TRACE},
    {"SCMP_ACT_KILL_THREAD", ACTION_KILL_THREAD},
    {"SCMP_ACT_KILL", ACTION_KILL_THREAD},
    {"SCMP_ACT_KILL_PROCESS", ACTION_KILL},
};

static const struct {
    const char *word;
    enum comparison op;
    bool masked;
} operators[] = {
    {"SCMP_CMP_EQ", COMPARE_EQ, false},       {"SCMP_CMP_NE", COMPARE_NE, false}, {"SCMP_CMP_LT", COMPARE_LT, false},
    {"SCMP_CMP_LE", COMPARE_LE, false},       {"SCMP_CMP_GT", COMPARE_GT, false}, {"SCMP_CMP_GE", COMPARE_GE, false},
    {"SCMP_CMP_MASKED_EQ", COMPARE_EQ, true},
};

// OCI's word and Docker's, which are Go's.
static const struct {
    const char *word, *docker;
    enum abi_id abi;
} architectures[] = {
    {"SCMP_ARCH_X86_64", "amd64", ABI_X86_64},
    {"SCMP_ARCH_X86", "x86", ABI_X86},
    {"SCMP_ARCH_X86", "386", ABI_X86},
    {"SCMP_ARCH_X32", "x32", ABI_X32},
    {"SCMP_ARCH_AARCH64", "arm64", ABI_AARCH64},
    {"SCMP_ARCH_ARM", "arm", ABI_ARM},
    {"SCMP_ARCH_RISCV64", "riscv64", ABI_RISCV64},
    {"SCMP_ARCH_PPC64LE", "ppc64le", ABI_PPC64LE},
    {"SCMP_ARCH_S390X", "s390x", ABI_S390X},
    {"SCMP_ARCH_LOONGARCH64", "loongarch64", ABI_NONE},
    {"SCMP_ARCH_M68K", "m68k", ABI_NONE},
    {"SCMP_ARCH_MIPS", "mips", ABI_NONE},
    {"SCMP_ARCH_MIPS64", "mips64", ABI_NONE},
    {"SCMP_ARCH_MIPS64N32", "mips64n32", ABI_NONE},
    {"SCMP_ARCH_MIPSEL", "mipsel", ABI_NONE},
    {"SCMP_ARCH_MIPSEL64", "mipsel64", ABI_NONE},
    {"SCMP_ARCH_MIPSEL64N32", "mipsel64n32", ABI_NONE},
    {"SCMP_ARCH_MIPSEL", "mipsle", ABI_NONE},
    {"SCMP_ARCH_MIPSEL64", "mips64le", ABI_NONE},
    {"SCMP_ARCH_PARISC", "parisc", ABI_NONE},
    {"SCMP_ARCH_PARISC64", "parisc64", ABI_NONE},
    {"SCMP_ARCH_PPC", "ppc", ABI_NONE},
    {"SCMP_ARCH_PPC64", "ppc64", ABI_NONE},
    {"SCMP_ARCH_S390", "s390", ABI_NONE},
    {"SCMP_ARCH_SH", "sh", ABI_NONE},
    {"SCMP_ARCH_SHEB", "sheb", ABI_NONE},
};

static int unknown(const char *what, const char *word, const struct spelling *near, struct error *e) {
    return error_set(e, ENOENT, "unknown %s \"%s\"%s", what, text_quote(word, strlen(word)).text,
                     spelling_hint(near).text);
}

int oci_action(const char *word, struct action *out, struct error *e) {
    struct spelling near;
    spelling_start(&near, word, strlen(word));
    for (size_t i = 0; i < COUNT(actions); i++) {
        spelling_try(&near, actions[i].word);
        if (strcmp(actions[i].word, word) != 0) continue;
        *out = (struct action){.kind = actions[i].kind};
        return 0;
    }
    int r = unknown("action", word, &near, e);
    for (size_t i = 0; near.best == NULL && i < COUNT(actions); i++)
        error_add(e, "%s%s", i == 0 ? "; it is " : ", ", actions[i].word);
    return r;
}

int oci_operator(const char *word, enum comparison *op, bool *masked, struct error *e) {
    struct spelling near;
    spelling_start(&near, word, strlen(word));
    for (size_t i = 0; i < COUNT(operators); i++) {
        spelling_try(&near, operators[i].word);
        if (strcmp(operators[i].word, word) != 0) continue;
        *op = operators[i].op;
        *masked = operators[i].masked;
        return 0;
    }
    int r = unknown("operator", word, &near, e);
    for (size_t i = 0; near.best == NULL && i < COUNT(operators); i++)
        error_add(e, "%s%s", i == 0 ? "; it is " : ", ", operators[i].word);
    return r;
}

int oci_architecture(const char *word, abi_set *out, struct error *e) {
    struct spelling near;
    spelling_start(&near, word, strlen(word));
    for (size_t i = 0; i < COUNT(architectures); i++) {
        spelling_try(&near, architectures[i].word);
        spelling_try(&near, architectures[i].docker);
        if (strcmp(architectures[i].word, word) != 0 && strcmp(architectures[i].docker, word) != 0) continue;
        *out = (abi_set)(architectures[i].abi == ABI_NONE ? 0 : ABI_SET(architectures[i].abi));
        return 0;
    }
    return unknown("architecture", word, &near, e);
}

const char *oci_action_word(enum action_kind kind) {
    for (size_t i = 0; i < COUNT(actions); i++) {
        if (actions[i].kind == kind) return actions[i].word;
    }
    return NULL;
}

const char *oci_operator_word(enum comparison op, bool masked) {
    for (size_t i = 0; i < COUNT(operators); i++) {
        if (operators[i].op == op && operators[i].masked == masked) return operators[i].word;
    }
    return NULL;
}

const char *oci_architecture_word(enum abi_id abi) {
    for (size_t i = 0; i < COUNT(architectures); i++) {
        if (architectures[i].abi == abi) return architectures[i].word;
    }
    return NULL;
}
