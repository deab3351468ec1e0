// SPDX-License-Identifier: MIT
#include "explain.h"

#include "kit.h"

static void expect_call(enum abi_id abi, uint32_t number, const uint64_t args[6], const char *want) {
    char buffer[512];
    struct text t;
    text_start(&t, buffer, sizeof buffer);
    explain_call(abi, number, args, &t);
    text_end(&t);
    assert_string_equal(buffer, want);
}

#define ARGS(...) ((const uint64_t[6]){__VA_ARGS__})

static void arguments_as_the_kernel_takes_them(void **unused) {
    (void)unused;
    const enum abi_id abi = ABI_X86_64;
    // An int: the high word is none, and the rest is signed.
    expect_call(abi, number_of_call(abi, "socket"), ARGS(UINT64_C(0x700000002), 1, UINT32_MAX),
                "socket(family=2, type=1, protocol=-1)");
    // Pointers in hexadecimal, whole; unsigned numbers too, where they are long.
    expect_call(abi, number_of_call(abi, "read"), ARGS(3, UINT64_C(0x7fffffffe000), 4096),
                "read(fd=3, buf=0x7fffffffe000, count=4096)");
    expect_call(abi, number_of_call(abi, "read"), ARGS(3, 0, 0x10000), "read(fd=3, buf=0x0, count=0x10000)");
    expect_call(abi, number_of_call(abi, "read"), ARGS(3, 0, 0xffff), "read(fd=3, buf=0x0, count=65535)");
    expect_call(abi, number_of_call(abi, "openat"), ARGS((uint64_t)-100, 0x1000, 0x80000, 0644),
                "openat(dfd=-100, filename=0x1000, flags=524288, mode=420)");
    expect_call(abi, number_of_call(abi, "getpid"), ARGS(1, 2, 3, 4, 5, 6), "getpid()");
}

static void calls_of_no_table_have_six_words(void **unused) {
    (void)unused;
    expect_call(ABI_X86_64, 5000, ARGS(0, 1, 0xff, UINT64_MAX, 5, 6),
                "5000(0x0, 0x1, 0xff, 0xffffffffffffffff, 0x5, 0x6)");
    expect_call(ABI_S390X, UINT32_MAX, ARGS(0), "4294967295(0x0, 0x0, 0x0, 0x0, 0x0, 0x0)");
    // A number of x32 has its base.
    expect_call(ABI_X32, 0x40000000 | 3, ARGS(7), "close(fd=7)");
    expect_call(ABI_X86_64, 0x40000000 | 3, ARGS(7), "1073741827(0x7, 0x0, 0x0, 0x0, 0x0, 0x0)");
}

static void expect_explained(const struct filter *f, enum abi_id abi, uint32_t number, const char *want) {
    char buffer[1024];
    struct text t;
    struct meaning m = meaning_of(f);
    text_start(&t, buffer, sizeof buffer);
    explain_write(f, &m, abi, number, ARGS(2, 3, 4), &t);
    text_end(&t);
    meaning_free(&m);
    assert_string_equal(buffer, want);
}

static void every_origin(void **unused) {
    (void)unused;
    const enum abi_id abi = ABI_X86_64;
    struct filter *f = new_filter("x86_64");
    const struct source source = {.name = "web.policy", .line = 12, .column = 7};
    assert_int_equal(filter_add(f, "EACCES", 6, "socket(family == AF_INET), @exec", 32, source), 0);
    must_add(f, "kill", "ptrace");
    expect_explained(f, abi, number_of_call(abi, "socket"),
                     "action: EACCES\norigin: rule\nrule: EACCES socket(family == AF_INET)\nsource: web.policy:12:7\n"
                     "call: socket(family=2, type=3, protocol=4)\nnumber: 41\nabi: x86_64\n");
    expect_explained(f, abi, number_of_call(abi, "execve"),
                     "action: EACCES\norigin: rule\nrule: EACCES @exec\nsource: web.policy:12:34\n"
                     "call: execve(filename=0x2, argv=0x3, envp=0x4)\nnumber: 59\nabi: x86_64\n");
    must_add(f, "kill", "reboot");
    expect_explained(f, abi, number_of_call(abi, "getpid"),
                     "action: allow\norigin: default\ncall: getpid()\nnumber: 39\nabi: x86_64\n");
    expect_explained(f, abi, 5000,
                     "action: ENOSYS\norigin: unknown\ncall: 5000(0x2, 0x3, 0x4, 0x0, 0x0, 0x0)\nnumber: 5000\n"
                     "abi: x86_64\n");
    expect_explained(f, ABI_X32, 0x40000003,
                     "action: ENOSYS\norigin: x32\ncall: close(fd=2)\nnumber: 1073741827\nabi: x32\n");
    expect_explained(f, ABI_AARCH64, 57,
                     "action: kill\norigin: foreign\ncall: close(fd=2)\nnumber: 57\nabi: aarch64\n");
    expect_explained(f, abi, 335, "action: allow\norigin: kernel\ncall: uretprobe()\nnumber: 335\nabi: x86_64\n");
    expect_explained(f, abi, 425,
                     "action: ENOSYS\norigin: guard\ncall: io_uring_setup(entries=2, params=0x3)\nnumber: 425\n"
                     "abi: x86_64\n");
    filter_free(f);

    f = new_filter("x86_64");
    must_default(f, "errno(0)");
    must_add(f, "allow", "read");
    expect_explained(f, abi, 15, "action: allow\norigin: essential\ncall: rt_sigreturn()\nnumber: 15\nabi: x86_64\n");
    expect_explained(f, abi, 0,
                     "action: allow\norigin: rule\nrule: allow read\ncall: read(fd=2, buf=0x3, count=4)\nnumber: 0\n"
                     "abi: x86_64\n");
    expect_explained(f, abi, 39, "action: errno(0)\norigin: default\ncall: getpid()\nnumber: 39\nabi: x86_64\n");
    filter_free(f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arguments_as_the_kernel_takes_them),
        cmocka_unit_test(calls_of_no_table_have_six_words),
        cmocka_unit_test(every_origin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
