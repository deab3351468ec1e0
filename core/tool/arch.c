// SPDX-License-Identifier: MIT
#include "arch.h"

#include <linux/audit.h>
#include <stddef.h>

enum {
    X32_BIT = 0x40000000,
};

static bool is_x32(uint32_t arch, uint32_t number) {
    return arch == AUDIT_ARCH_X86_64 && (number & X32_BIT) != 0;
}

const char *arch_abi(uint32_t arch, uint32_t number) {
    static const struct {
        uint32_t arch;
        const char *abi;
    } abis[] = {
        {AUDIT_ARCH_X86_64, "x86_64"}, {AUDIT_ARCH_I386, "x86"},        {AUDIT_ARCH_AARCH64, "aarch64"},
        {AUDIT_ARCH_ARM, "arm"},       {AUDIT_ARCH_RISCV64, "riscv64"}, {AUDIT_ARCH_PPC64LE, "ppc64le"},
        {AUDIT_ARCH_S390X, "s390x"},
    };
    if (is_x32(arch, number)) return "x32";
    for (size_t i = 0; i < sizeof abis / sizeof abis[0]; i++)
        if (abis[i].arch == arch) return abis[i].abi;
    return NULL;
}

bool arch_is_narrow(uint32_t arch, uint32_t number) {
    return (arch & (uint32_t)__AUDIT_ARCH_64BIT) == 0 || is_x32(arch, number);
}
