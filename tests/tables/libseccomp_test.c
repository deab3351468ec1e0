// SPDX-License-Identifier: MIT
// libseccomp as an outside oracle: where it knows a call, our number is its number, on every ABI. Its negative pseudo
// numbers -101 to -120 and -201 to -224 stand for calls of socketcall and ipc, those from -10000 down for absent ones.
#include "abi.h"
#include "syscalls.h"

#include <seccomp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const uint32_t tokens[ABI_COUNT] = {
    [ABI_X86_64] = SCMP_ARCH_X86_64,   [ABI_X86] = SCMP_ARCH_X86,     [ABI_X32] = SCMP_ARCH_X32,
    [ABI_AARCH64] = SCMP_ARCH_AARCH64, [ABI_ARM] = SCMP_ARCH_ARM,     [ABI_RISCV64] = SCMP_ARCH_RISCV64,
    [ABI_PPC64LE] = SCMP_ARCH_PPC64LE, [ABI_S390X] = SCMP_ARCH_S390X,
};

enum {
    SOCKETCALL = -100,
    IPC = -200,
    PSEUDO_ABSENT = -10000,
    PRIVATE = 0xf0000 // arm
};

static void check_multiplexed(enum abi_id abi, syscall_id id, int theirs) {
    const char *through = theirs > IPC ? "socketcall" : "ipc";
    struct multiplexer m;
    if (syscalls_number(abi, syscalls_find(through, strlen(through))) < 0) { // libseccomp's way to say absent, then
        assert_int_equal(syscalls_number(abi, id), -1);
        return;
    }
    if (!syscalls_multiplexer(abi, id, &m))
        fail_msg("%s on %s has no multiplexer; libseccomp: %d", syscalls_name(id), abis[abi].name, theirs);
    assert_int_equal(m.value, (theirs > IPC ? SOCKETCALL : IPC) - theirs);
    assert_string_equal(syscalls_name(syscalls_at(abi, m.number)), through);
}

static void numbers_by_name(void **state) {
    (void)state;
    for (int a = 0; a < ABI_COUNT; a++) {
        enum abi_id abi = (enum abi_id)a;
        int known = 0, multiplexed = 0, absent = 0, newer = 0;
        for (size_t i = 0; i < syscalls_count(); i++) {
            syscall_id id = (syscall_id)i;
            int theirs = seccomp_syscall_resolve_name_arch(tokens[abi], syscalls_name(id));
            int64_t ours = syscalls_number(abi, id);
            if (theirs == __NR_SCMP_ERROR) continue; // newer than this libseccomp
            if (theirs >= 0) {
                known++;
                if (ours != theirs)
                    fail_msg("%s on %s is %d to libseccomp, %d to the table", syscalls_name(id), abis[abi].name, theirs,
                             (int)ours);
            } else if (theirs > PSEUDO_ABSENT) {
                multiplexed++;
                check_multiplexed(abi, id, theirs);
            } else {
                absent++;
                // It came to this ABI after libseccomp's table: nothing to compare with.
                if (ours >= 0) print_message("%s on %s: only in the table\n", syscalls_name(id), abis[abi].name);
                newer += ours >= 0;
            }
        }
        print_message("%s: %d numbers agree, %d multiplexed, %d absent, of which the table has %d\n", abis[abi].name,
                      known, multiplexed, absent, newer);
        assert_true(known > 280);
        assert_true(newer < 4);
    }
}

static void check_number(enum abi_id abi, uint32_t number, int *known) {
    char *name = seccomp_syscall_resolve_num_arch(tokens[abi], (int)number);
    if (name == NULL) return;
    syscall_id id = syscalls_find(name, strlen(name));
    if (id == SYSCALL_NONE || syscalls_number(abi, id) != number)
        fail_msg("%u on %s is %s to libseccomp and not to the table", number, abis[abi].name, name);
    if (!syscalls_known(abi, number)) fail_msg("%u on %s is not known", number, abis[abi].name);
    (*known)++;
    free(name);
}

static void names_by_number(void **state) {
    (void)state;
    for (int a = 0; a < ABI_COUNT; a++) {
        enum abi_id abi = (enum abi_id)a;
        int known = 0;
        for (uint32_t number = 0; number < 2048; number++)
            check_number(abi, number | abis[abi].number_base, &known);
        for (uint32_t number = PRIVATE; number < PRIVATE + 16; number++)
            check_number(abi, number | abis[abi].number_base, &known);
        print_message("%s: %d names agree\n", abis[abi].name, known);
        assert_true(known > 280);
    }
}

static void architectures(void **state) {
    (void)state;
    for (int abi = 0; abi < ABI_COUNT; abi++)
        if (abi != ABI_X32) assert_int_equal(abis[abi].audit_arch, tokens[abi]); // libseccomp has a token of its own
    assert_int_equal(abis[ABI_X32].audit_arch, SCMP_ARCH_X86_64);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_by_name),
        cmocka_unit_test(names_by_number),
        cmocka_unit_test(architectures),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
