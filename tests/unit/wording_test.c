// SPDX-License-Identifier: MIT
// Looks at arguments in words: exact, in the parameter's own width and sign where that says it, and with names.
#include "wording.h"

#include "kit.h"

static void expect(const char *abi, const char *call, struct look look, const char *wanted) {
    char text[512];
    struct text t;
    const enum abi_id id = abi_find(abi, strlen(abi));
    const struct clause c = {.looks = 1, .look = {look}};
    text_start(&t, text, sizeof text);
    wording_looks(id, call == NULL ? SYSCALL_NONE : syscalls_find(call, strlen(call)), &c, &t);
    text_end(&t);
    CHECK(strcmp(text, wanted) == 0, "%s on %s: \"%s\", not \"%s\"", call == NULL ? "a number" : call, abi, text,
          wanted);
}

#define LOW UINT64_C(0xffffffff)
#define HIGH (LOW << 32)

static void looks_in_words(void **unused) {
    (void)unused;
    static const struct {
        const char *abi, *call;
        struct look look;
        const char *text;
    } rows[] = {
        {"x86_64", "socket", {LOW, 2, 2, 0}, "family == AF_INET"},
        {"x86_64", "socket", {UINT64_MAX, 2, 2, 0}, "family:u64 == AF_INET"},
        {"x86_64", "socket", {LOW, 99, 99, 0}, "family == 99"},
        {"x86_64", "socket", {0xf, 1, 1, 1}, "type & 0xf == SOCK_STREAM"},
        {"x86_64", "socket", {LOW, 0x80002, 0x80002, 1}, "type == SOCK_DGRAM|SOCK_CLOEXEC"},
        // A signed parameter: ranges on one side of the sign are its own, others are those of the bits.
        {"x86_64", "socket", {LOW, 3, 10, 0}, "family >= 3 && family <= 10"},
        {"x86_64", "socket", {LOW, 0, 10, 0}, "family >= 0 && family <= 10"},
        {"x86_64", "kill", {LOW, 0x80000000, LOW, 0}, "pid <= -1"},
        {"x86_64", "kill", {LOW, LOW, LOW, 0}, "pid == -1"},
        {"x86_64", "kill", {LOW, 5, LOW, 0}, "pid & 0xffffffff >= 5"},
        {"x86_64", "openat", {LOW, 0xffffff9c, 0xffffff9c, 0}, "dfd == AT_FDCWD"},
        {"x86_64", "openat", {3, 2, 2, 2}, "flags & O_ACCMODE == O_RDWR"},
        // An unsigned one of 64 bits.
        {"x86_64", "write", {UINT64_MAX, 0x100000001, UINT64_MAX, 2}, "count >= 0x100000001"},
        {"x86_64", "write", {LOW, 0, 16, 2}, "count & 0xffffffff <= 0x10"},
        {"x86_64", "write", {HIGH, 0, 0, 2}, "count & 0xffffffff00000000 == 0"},
        {"x86", "write", {UINT64_MAX, 1, 5, 2}, "count:u64 >= 1 && count:u64 <= 5"},
        // Pointers are compared with 0 and nothing else.
        {"x86_64", "connect", {UINT64_MAX, 0, 0, 1}, "uservaddr == 0"},
        {"x86_64", "connect", {UINT64_MAX, 4096, 4096, 1}, "uservaddr:u64 == 0x1000"},
        // Registers that hold no parameter, parameters that count themselves, and numbers without a name.
        {"x86_64", "getpid", {UINT64_MAX, 7, 7, 3}, "arg3 == 7"},
        {"x86_64", "prctl", {UINT64_MAX, 7, 7, 2}, "arg2 == 7"},
        {"x86_64", NULL, {UINT64_MAX, 7, 7, 1}, "arg1 == 7"},
        {"x86_64",
         "clone",
         {0x10020000, 0x10000000, 0x10000000, 0},
         "clone_flags & CLONE_NEWNS|CLONE_NEWUSER == CLONE_NEWUSER"},
    };
    for (size_t i = 0; i < LENGTH(rows); i++)
        expect(rows[i].abi, rows[i].call, rows[i].look, rows[i].text);
}

static void values_for_people(void **unused) {
    (void)unused;
    static const struct {
        struct look look;
        const char *text;
    } rows[] = {
        {{LOW, 1, 2, 0}, "AF_UNIX, AF_INET"},
        {{LOW, 13, 18, 0}, "13 to 18"},
        {{UINT64_MAX, 46, UINT64_MAX, 0}, "46 or more"},
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        char text[128];
        struct text t;
        text_start(&t, text, sizeof text);
        wording_values(ABI_X86_64, syscalls_find("socket", 6), &rows[i].look, &t);
        text_end(&t);
        assert_string_equal(text, rows[i].text);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(looks_in_words), cmocka_unit_test(values_for_people)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
