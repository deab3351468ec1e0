// SPDX-License-Identifier: MIT
// The values of x86_64 and x86 are compared with the compiler's headers by tests/tables/constants.py; here are those
// that differ between ABIs, by the numbers that the kernel's headers of each architecture give them.
#include "constants.h"
#include "text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

enum {
    ABSENT = -77
};

static int64_t value_of(enum abi_id abi, const char *name) {
    int constant = constants_find(name, strlen(name));
    if (constant < 0) fail_msg("no constant %s", name);
    assert_string_equal(constants_name(constant), name);
    int64_t value = ABSENT;
    if (!constants_value(abi, constant, &value)) assert_int_equal(value, ABSENT);
    return value;
}

// In the order of enum abi_id: x86_64, x86, x32, aarch64, arm, riscv64, ppc64le, s390x.
static const struct {
    const char *name;
    int64_t value[ABI_COUNT];
} differing[] = {
    {"O_DIRECT", {040000, 040000, 040000, 0200000, 0200000, 040000, 0400000, 040000}},
    {"O_DIRECTORY", {0200000, 0200000, 0200000, 040000, 040000, 0200000, 040000, 0200000}},
    {"O_NOFOLLOW", {0400000, 0400000, 0400000, 0100000, 0100000, 0400000, 0100000, 0400000}},
    {"O_LARGEFILE", {0100000, 0100000, 0100000, 0400000, 0400000, 0100000, 0200000, 0100000}},
    {"O_TMPFILE", {020200000, 020200000, 020200000, 020040000, 020040000, 020200000, 020040000, 020200000}},
    {"O_CREAT", {0100, 0100, 0100, 0100, 0100, 0100, 0100, 0100}},
    {"O_CLOEXEC", {02000000, 02000000, 02000000, 02000000, 02000000, 02000000, 02000000, 02000000}},
    {"MAP_ANONYMOUS", {0x20, 0x20, 0x20, 0x20, 0x20, 0x20, 0x20, 0x20}},
    {"MAP_NORESERVE", {0x4000, 0x4000, 0x4000, 0x4000, 0x4000, 0x4000, 0x40, 0x4000}},
    {"MAP_LOCKED", {0x2000, 0x2000, 0x2000, 0x2000, 0x2000, 0x2000, 0x80, 0x2000}},
    {"MAP_32BIT", {0x40, 0x40, 0x40, ABSENT, ABSENT, ABSENT, ABSENT, ABSENT}},
    {"MCL_CURRENT", {1, 1, 1, 1, 1, 1, 0x2000, 1}},
    {"PROT_BTI", {ABSENT, ABSENT, ABSENT, 0x10, ABSENT, ABSENT, ABSENT, ABSENT}},
    {"PROT_SAO", {ABSENT, ABSENT, ABSENT, ABSENT, ABSENT, ABSENT, 0x10, ABSENT}},
    {"TIOCSTI", {0x5412, 0x5412, 0x5412, 0x5412, 0x5412, 0x5412, 0x5412, 0x5412}},
    {"TIOCLINUX", {0x541c, 0x541c, 0x541c, 0x541c, 0x541c, 0x541c, 0x541c, 0x541c}},
    {"TCGETS", {0x5401, 0x5401, 0x5401, 0x5401, 0x5401, 0x5401, 0x402c7413, 0x5401}},
    {"TIOCGWINSZ", {0x5413, 0x5413, 0x5413, 0x5413, 0x5413, 0x5413, 0x40087468, 0x5413}},
    {"FIONREAD", {0x541b, 0x541b, 0x541b, 0x541b, 0x541b, 0x541b, 0x4004667f, 0x541b}},
    {"FIONBIO", {0x5421, 0x5421, 0x5421, 0x5421, 0x5421, 0x5421, 0x8004667e, 0x5421}},
    {"TUNSETIFF", {0x400454ca, 0x400454ca, 0x400454ca, 0x400454ca, 0x400454ca, 0x400454ca, 0x800454ca, 0x400454ca}},
    {"FAT_IOCTL_GET_ATTRIBUTES",
     {0x80047210, 0x80047210, 0x80047210, 0x80047210, 0x80047210, 0x80047210, 0x40047210, 0x80047210}},
    {"FS_IOC_FIEMAP", {0xc020660b, 0xc020660b, 0xc020660b, 0xc020660b, 0xc020660b, 0xc020660b, 0xc020660b, 0xc020660b}},
    {"FS_IOC_SETFLAGS",
     {0x40086602, 0x40046602, 0x40046602, 0x40086602, 0x40046602, 0x40086602, 0x80086602, 0x40086602}},
    {"F_GETLK", {5, 5, 5, 5, 5, 5, 5, 5}},
    {"SO_REUSEPORT", {15, 15, 15, 15, 15, 15, 15, 15}},
    {"SO_PASSCRED", {16, 16, 16, 16, 16, 16, 20, 16}},
    {"PTRACE_GETREGS", {12, 12, 12, ABSENT, 12, 12, 12, ABSENT}},
    // What core/data/groups writes as numbers.
    {"USERFAULTFD_IOC_NEW", {0xaa00, 0xaa00, 0xaa00, 0xaa00, 0xaa00, 0xaa00, 0x2000aa00, 0xaa00}},
    {"FAT_IOCTL_SET_ATTRIBUTES",
     {0x40047211, 0x40047211, 0x40047211, 0x40047211, 0x40047211, 0x40047211, 0x80047211, 0x40047211}},
    {"FS_IOC_ENABLE_VERITY",
     {0x40806685, 0x40806685, 0x40806685, 0x40806685, 0x40806685, 0x40806685, 0x80806685, 0x40806685}},
    {"FS_IOC_FSSETXATTR",
     {0x401c5820, 0x401c5820, 0x401c5820, 0x401c5820, 0x401c5820, 0x401c5820, 0x801c5820, 0x401c5820}},
};

static void values_are_those_of_the_abi(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof differing / sizeof differing[0]; i++)
        for (int abi = 0; abi < ABI_COUNT; abi++)
            if (value_of((enum abi_id)abi, differing[i].name) != differing[i].value[abi])
                fail_msg("%s on %s is %#llx", differing[i].name, abis[abi].name,
                         (unsigned long long)value_of((enum abi_id)abi, differing[i].name));
}

static void signs_are_kept(void **state) {
    (void)state;
    for (int abi = 0; abi < ABI_COUNT; abi++) {
        assert_int_equal(value_of((enum abi_id)abi, "AT_FDCWD"), -100);
        assert_int_equal(value_of((enum abi_id)abi, "KEY_SPEC_SESSION_KEYRING"), -3);
        assert_int_equal(value_of((enum abi_id)abi, "CLONE_IO"), INT64_C(0x80000000));
        assert_int_equal(value_of((enum abi_id)abi, "CLONE_CLEAR_SIGHAND"), INT64_C(0x100000000));
    }
}

// What the kernel sees counts, not what the C library hides: its O_LARGEFILE is 0 where off_t has 64 bits.
static void the_kernels_value_counts(void **state) {
    (void)state;
    assert_int_equal(value_of(ABI_X86_64, "O_LARGEFILE"), 0100000);
    assert_int_equal(value_of(ABI_X86_64, "SOCK_RAW"), 3);
    assert_int_equal(value_of(ABI_X86_64, "AF_VSOCK"), 40);
}

static void other_words_are_none(void **state) {
    (void)state;
    static const char *const words[] = {"", "AF", "AF_", "AF_INET ", "af_inet", "AF_INETT", "EPERM", "self"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        assert_int_equal(constants_find(words[i], strlen(words[i])), -1);
    assert_int_equal(constants_find("AF_INET6!", 8), constants_find("AF_INET6", 8));
    assert_int_equal(constants_find("AF_INET\0", 8), -1);
}

static void misspelt_names_get_a_suggestion(void **state) {
    (void)state;
    struct spelling s;
    spelling_start(&s, "CLONE_TREAD", 11);
    constants_spelling(&s);
    assert_non_null(s.best);
    assert_string_equal(s.best, "CLONE_THREAD");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_those_of_the_abi),     cmocka_unit_test(signs_are_kept),
        cmocka_unit_test(the_kernels_value_counts),        cmocka_unit_test(other_words_are_none),
        cmocka_unit_test(misspelt_names_get_a_suggestion),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
