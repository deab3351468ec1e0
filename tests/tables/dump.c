// SPDX-License-Identifier: MIT
// Prints what the compiled tables hold, one fact a line, tabs between the words, for the tests in Python:
//   call ABI NAME NUMBER                             the number with the ABI's base
//   parameter ABI NAME REGISTER KIND BITS SIGN PARAMETER
//   constant ABI NAME VALUE
//   arch ABI AUDIT_ARCH BITS
#include "abi.h"
#include "constants.h"
#include "generated/tables.h"
#include "syscalls.h"

#include <inttypes.h>
#include <stdio.h>

static void print_parameters(enum abi_id abi, syscall_id id) {
    static const char *const kinds[] = {
        [PARAMETER_ABSENT] = "absent",
        [PARAMETER_VALUE] = "value",
        [PARAMETER_POINTER] = "pointer",
        [PARAMETER_HIDDEN] = "hidden",
    };
    for (unsigned i = 0; i < SYSCALL_ARGUMENTS; i++) {
        struct parameter p = syscalls_parameter(abi, id, i);
        if (p.kind == PARAMETER_ABSENT) continue;
        printf("parameter\t%s\t%s\t%u\t%s\t%u\t%s\t%s\n", abis[abi].name, syscalls_name(id), i, kinds[p.kind], p.width,
               p.is_signed ? "signed" : "unsigned", p.name);
    }
}

int main(void) {
    for (int a = 0; a < ABI_COUNT; a++) {
        enum abi_id abi = (enum abi_id)a;
        printf("arch\t%s\t%" PRIu32 "\t%d\n", abis[abi].name, abis[abi].audit_arch, abis[abi].bits);
        for (size_t id = 0; id < syscalls_count(); id++) {
            int64_t number = syscalls_number(abi, (syscall_id)id);
            if (number >= 0)
                printf("call\t%s\t%s\t%" PRId64 "\n", abis[abi].name, syscalls_name((syscall_id)id), number);
            print_parameters(abi, (syscall_id)id);
        }
        int64_t value;
        for (int c = 0; c < (int)table_constants.count; c++)
            if (constants_value(abi, c, &value))
                printf("constant\t%s\t%s\t%" PRId64 "\n", abis[abi].name, constants_name(c), value);
    }
    return ferror(stdout) || fflush(stdout) ? 1 : 0;
}
