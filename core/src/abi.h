// SPDX-License-Identifier: MIT
// The system call numberings (ABIs) that the core knows. Each is data: code has no per-ABI `if`.
#ifndef ABJURE_ABI_H
#define ABJURE_ABI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct error;

enum abi_id {
    ABI_X86_64,
    ABI_X86,
    ABI_X32,
    ABI_AARCH64,
    ABI_ARM,
    ABI_RISCV64,
    ABI_PPC64LE,
    ABI_S390X,
    ABI_COUNT,
    ABI_NONE = -1
};

struct abi {
    const char *name;
    uint32_t audit_arch;       // AUDIT_ARCH_*; x86_64 and x32 share one
    uint32_t number_base;      // bit 30 for x32: is part of every number
    int bits;                  // of a register as the kernel takes it: 32 or 64
    bool big_endian;           // the high word of an argument comes first in seccomp_data
    bool exec_keeps_registers; // s390x: the ignored arguments of execve survive it
};

extern const struct abi abis[ABI_COUNT];

enum abi_id abi_native(void); // of this build; ABI_NONE where the core has no table for it
enum abi_id abi_find(const char *name, size_t length);
// -ENOENT, with the nearest name in the message, or all of them.
int abi_unknown(const char *name, size_t length, struct error *e);

// The ABIs of one set of bits, 1 << abi_id.
typedef uint16_t abi_set;
#define ABI_SET(id) ((abi_set)(1u << (id)))
#define ABI_SET_ALL ((abi_set)((1u << ABI_COUNT) - 1u))

#endif
