// SPDX-License-Identifier: MIT
#include "abi.h"

#include <linux/elf-em.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

// From the kernel's definition: the ELF machine, bit 31 for 64 bits, bit 30 for little endian.
static void architectures_follow_from_elf(void **state) {
    (void)state;
    static const struct {
        enum abi_id id;
        const char *name;
        uint32_t machine;
        int bits;
        bool big_endian;
    } cases[] = {
        {ABI_X86_64, "x86_64", EM_X86_64, 64, false},  {ABI_X86, "x86", EM_386, 32, false},
        {ABI_X32, "x32", EM_X86_64, 64, false},        {ABI_AARCH64, "aarch64", EM_AARCH64, 64, false},
        {ABI_ARM, "arm", EM_ARM, 32, false},           {ABI_RISCV64, "riscv64", EM_RISCV, 64, false},
        {ABI_PPC64LE, "ppc64le", EM_PPC64, 64, false}, {ABI_S390X, "s390x", EM_S390, 64, true},
    };
    assert_int_equal(sizeof cases / sizeof cases[0], ABI_COUNT);
    for (size_t i = 0; i < ABI_COUNT; i++) {
        const struct abi *abi = &abis[cases[i].id];
        uint32_t wide = cases[i].bits == 64 ? UINT32_C(0x80000000) : 0;
        uint32_t little = cases[i].big_endian ? 0 : UINT32_C(0x40000000);
        assert_int_equal(cases[i].id, (int)i);
        assert_string_equal(abi->name, cases[i].name);
        assert_int_equal(abi->audit_arch, cases[i].machine | wide | little);
        assert_int_equal(abi->bits, cases[i].bits);
        assert_int_equal(abi->big_endian, cases[i].big_endian);
        assert_int_equal(abi->number_base, cases[i].id == ABI_X32 ? 0x40000000 : 0);
        assert_int_equal(abi->exec_keeps_registers, cases[i].id == ABI_S390X);
    }
}

static void names_are_found_whole(void **state) {
    (void)state;
    for (int id = 0; id < ABI_COUNT; id++)
        assert_int_equal(abi_find(abis[id].name, strlen(abis[id].name)), id);
    static const char *const others[] = {"", "x86_", "x86_64 ", "X86_64", "i386", "amd64", "arm64", "s390", "ppc64"};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        assert_int_equal(abi_find(others[i], strlen(others[i])), ABI_NONE);
    assert_int_equal(abi_find("x86_64", 3), ABI_X86); // the length counts, not the terminator
    assert_int_equal(abi_find("x86_64\0", 7), ABI_NONE);
}

static void the_native_abi_is_that_of_the_build(void **state) {
    (void)state;
    const uint16_t one = 1;
    bool big_endian = *(const char *)&one == 0;
    enum abi_id native = abi_native();
    assert_int_not_equal(native, ABI_NONE);
    assert_int_equal(abis[native].big_endian, big_endian);
    if (native != ABI_X32) assert_int_equal(abis[native].bits, 8 * (int)sizeof(void *));
#if defined(__x86_64__) && !defined(__ILP32__)
    assert_int_equal(native, ABI_X86_64);
#endif
}

static void sets_hold_each_abi_once(void **state) {
    (void)state;
    abi_set all = 0;
    for (int id = 0; id < ABI_COUNT; id++) {
        assert_int_equal(all & ABI_SET(id), 0);
        all |= ABI_SET(id);
    }
    assert_int_equal(all, ABI_SET_ALL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(architectures_follow_from_elf),
        cmocka_unit_test(names_are_found_whole),
        cmocka_unit_test(the_native_abi_is_that_of_the_build),
        cmocka_unit_test(sets_hold_each_abi_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
