// SPDX-License-Identifier: MIT
#include "newer.h"
#include "syscalls.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#ifdef WITH_LIBSECCOMP

// What both know they number alike, so a name that only libseccomp has gets the number that the kernel means.
static void numbers_are_those_of_the_kernel(void **state) {
    (void)state;
    static const char *const names[] = {"read", "execve", "openat", "io_uring_setup", "clone3"};
    for (int abi = 0; abi < ABI_COUNT; abi++) {
        for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
            int64_t number = syscalls_number((enum abi_id)abi, syscalls_find(names[i], strlen(names[i])));
            assert_true(number >= 0);
            assert_int_equal(newer_number((enum abi_id)abi, names[i]), number);
            assert_true(newer_known(names[i]));
        }
    }
    assert_int_equal(newer_number(ABI_X32, "read"), 0x40000000);
}

// libseccomp's pseudo numbers: bind is -102 on x86, open -10045 or so on aarch64. Neither may get out.
static void pseudo_numbers_are_none(void **state) {
    (void)state;
    assert_int_equal(newer_number(ABI_X86, "bind"), -1);
    assert_int_equal(newer_number(ABI_S390X, "shmat"), -1);
    assert_int_equal(newer_number(ABI_PPC64LE, "socket"), -1);
    assert_int_equal(newer_number(ABI_AARCH64, "open"), -1);
    assert_int_equal(newer_number(ABI_X86_64, "socketcall"), -1);
    assert_true(newer_known("bind"));       // by its number on others
    assert_true(newer_known("socketcall")); // on x86
}

#else

static void nothing_is_known(void **state) {
    (void)state;
    for (int abi = 0; abi < ABI_COUNT; abi++)
        assert_int_equal(newer_number((enum abi_id)abi, "read"), -1);
    assert_false(newer_known("read"));
}

#endif

static void other_words_are_none(void **state) {
    (void)state;
    static const char *const words[] = {"", "raed", "READ", "read ", "__NR_read", "-1", "0"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        for (int abi = 0; abi < ABI_COUNT; abi++)
            assert_int_equal(newer_number((enum abi_id)abi, words[i]), -1);
        assert_false(newer_known(words[i]));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
#ifdef WITH_LIBSECCOMP
        cmocka_unit_test(numbers_are_those_of_the_kernel),
        cmocka_unit_test(pseudo_numbers_are_none),
#else
        cmocka_unit_test(nothing_is_known),
#endif
        cmocka_unit_test(other_words_are_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
