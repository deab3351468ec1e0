// SPDX-License-Identifier: MIT
// Names, numbers and parameters of the system calls, per ABI, from the generated tables.
#ifndef ABJURE_SYSCALLS_H
#define ABJURE_SYSCALLS_H

#include "abi.h"

// Index into the sorted table of all names that any ABI has.
typedef uint16_t syscall_id;
#define SYSCALL_NONE ((syscall_id)0xffff)

enum {
    SYSCALL_ARGUMENTS = 6
};

// "linux-7.2": the newest kernel headers that the table was made from.
extern const char *const syscalls_version;

size_t syscalls_count(void);
syscall_id syscalls_find(const char *name, size_t length);
const char *syscalls_name(syscall_id id);

// The number with the ABI's base (bit 30 on x32), or -1 where the ABI lacks the call.
int64_t syscalls_number(enum abi_id abi, syscall_id id);
// SYSCALL_NONE where the table has no call of that number.
syscall_id syscalls_at(enum abi_id abi, uint32_t number);

// The numbers that the ABI's table knows (base included), as sorted, disjoint, non-adjacent ranges.
struct syscall_range {
    uint32_t first, last;
};
const struct syscall_range *syscalls_ranges(enum abi_id abi, size_t *count);
bool syscalls_known(enum abi_id abi, uint32_t number);

// The names that differ least from a misspelt one.
struct error;
struct spelling;
void syscalls_spelling(struct spelling *s);

enum parameter_kind {
    PARAMETER_ABSENT, // the call has fewer parameters: the kernel ignores the register
    PARAMETER_VALUE,
    PARAMETER_POINTER, // user memory: can only be compared with 0
    PARAMETER_HIDDEN,  // not in a register of its own on this ABI: behind a pointer, or a 64-bit value over two
};

struct parameter {
    const char *name; // the kernel's, for messages
    enum parameter_kind kind;
    uint8_t width; // bits that the kernel uses: 8, 16, 32 or 64 (never above the ABI's bits)
    bool is_signed;
    const char *hidden; // why, for PARAMETER_HIDDEN: "splits over two registers on arm"
};

// What register `argument` (0 to 5) of the call holds on this ABI.
struct parameter syscalls_parameter(enum abi_id abi, syscall_id id, unsigned argument);

// The register (0 to 5) that holds the parameter of this name (kernel's or man page's), or -1 where the
// call has no such parameter. A parameter that is hidden without any register gives SYSCALL_ARGUMENTS
// and `*why` says it.
int syscalls_parameter_find(enum abi_id abi, syscall_id id, const char *name, size_t length, const char **why);
// -ENOENT: the call has no parameter of this name; with the nearest name or all of them in the message.
int syscalls_parameter_unknown(enum abi_id abi, syscall_id id, const char *name, size_t length, struct error *e);

// Old multiplexers (socketcall, ipc): how the call `id` is also reached on this ABI. False where it is not.
struct multiplexer {
    uint32_t number;      // of socketcall or ipc
    uint32_t mask, value; // argument 0 & mask == value
    int8_t
        argument[SYSCALL_ARGUMENTS]; // register of the multiplexer that holds the call's argument; -1: behind a pointer
};
bool syscalls_multiplexer(enum abi_id abi, syscall_id id, struct multiplexer *out);

#endif
