// SPDX-License-Identifier: MIT
#include "newer.h"

#ifdef ABJURE_LIBSECCOMP
#include <seccomp.h>

static const uint32_t tokens[ABI_COUNT] = {
    [ABI_X86_64] = SCMP_ARCH_X86_64,   [ABI_X86] = SCMP_ARCH_X86,     [ABI_X32] = SCMP_ARCH_X32,
    [ABI_AARCH64] = SCMP_ARCH_AARCH64, [ABI_ARM] = SCMP_ARCH_ARM,     [ABI_RISCV64] = SCMP_ARCH_RISCV64,
    [ABI_PPC64LE] = SCMP_ARCH_PPC64LE, [ABI_S390X] = SCMP_ARCH_S390X,
};

int64_t newer_number(enum abi_id abi, const char *name) {
    // The resolver gives x32 numbers with bit 30 in them, as the kernel sees them.
    int number = seccomp_syscall_resolve_name_arch(tokens[abi], name);
    return number < 0 ? -1 : number;
}
#else
int64_t newer_number(enum abi_id abi, const char *name) {
    (void)abi;
    (void)name;
    return -1;
}
#endif

bool newer_known(const char *name) {
    for (int abi = 0; abi < ABI_COUNT; abi++)
        if (newer_number((enum abi_id)abi, name) >= 0) return true;
    return false;
}
