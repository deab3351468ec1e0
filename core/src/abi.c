// SPDX-License-Identifier: MIT
#include "abi.h"

#include "error.h"
#include "text.h"

#include <errno.h>
#include <linux/audit.h>
#include <string.h>

const struct abi abis[ABI_COUNT] = {
    [ABI_X86_64] = {.name = "x86_64", .audit_arch = AUDIT_ARCH_X86_64, .bits = 64},
    [ABI_X86] = {.name = "x86", .audit_arch = AUDIT_ARCH_I386, .bits = 32},
    [ABI_X32] = {.name = "x32", .audit_arch = AUDIT_ARCH_X86_64, .number_base = 0x40000000, .bits = 64},
    [ABI_AARCH64] = {.name = "aarch64", .audit_arch = AUDIT_ARCH_AARCH64, .bits = 64},
    [ABI_ARM] = {.name = "arm", .audit_arch = AUDIT_ARCH_ARM, .bits = 32},
    [ABI_RISCV64] = {.name = "riscv64", .audit_arch = AUDIT_ARCH_RISCV64, .bits = 64},
    [ABI_PPC64LE] = {.name = "ppc64le", .audit_arch = AUDIT_ARCH_PPC64LE, .bits = 64},
    [ABI_S390X] =
        {.name = "s390x", .audit_arch = AUDIT_ARCH_S390X, .bits = 64, .big_endian = true, .exec_keeps_registers = true},
};

enum abi_id abi_native(void) {
#if defined(__x86_64__) && defined(__ILP32__)
    return ABI_X32;
#elif defined(__x86_64__)
    return ABI_X86_64;
#elif defined(__i386__)
    return ABI_X86;
#elif defined(__aarch64__) && defined(__LP64__)
    return ABI_AARCH64;
#elif defined(__arm__) && defined(__ARM_EABI__)
    return ABI_ARM;
#elif defined(__riscv) && __riscv_xlen == 64
    return ABI_RISCV64;
#elif defined(__powerpc64__) && defined(__LITTLE_ENDIAN__)
    return ABI_PPC64LE;
#elif defined(__s390x__)
    return ABI_S390X;
#else
    return ABI_NONE;
#endif
}

enum abi_id abi_find(const char *name, size_t length) {
    for (int id = 0; id < ABI_COUNT; id++)
        if (strlen(abis[id].name) == length && memcmp(abis[id].name, name, length) == 0) return (enum abi_id)id;
    return ABI_NONE;
}

int abi_unknown(const char *name, size_t length, struct error *e) {
    // What distributions, Docker and compilers call them.
    static const struct {
        const char *name;
        enum abi_id abi;
    } others[] = {{"amd64", ABI_X86_64},  {"i386", ABI_X86},  {"i686", ABI_X86},       {"386", ABI_X86},
                  {"arm64", ABI_AARCH64}, {"armhf", ABI_ARM}, {"ppc64el", ABI_PPC64LE}};
    struct spelling s;
    spelling_start(&s, name, length);
    for (int id = 0; id < ABI_COUNT; id++)
        spelling_try(&s, abis[id].name);
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        if (strlen(others[i].name) == length && memcmp(others[i].name, name, length) == 0)
            s.best = abis[others[i].abi].name;
    return error_set(e, ENOENT, "unknown ABI \"%s\"%s", text_quote(name, length).text,
                     s.best != NULL ? spelling_hint(&s).text
                                    : "; the ABIs are x86_64, x86, x32, aarch64, arm, riscv64, ppc64le and s390x");
}
