// SPDX-License-Identifier: MIT
// Numbers and parameters as the kernel has them, and the multiplexers. tests/tables compares the whole table with the
// kernel's headers, trace formats and libseccomp; here are the facts that differ between ABIs, by known values.
#include "syscalls.h"

#include <errno.h>

#include "error.h"
#include "text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define LENGTH(array) (sizeof(array) / sizeof *(array))

static syscall_id find(const char *name) {
    syscall_id id = syscalls_find(name, strlen(name));
    if (id == SYSCALL_NONE) fail_msg("no call %s", name);
    return id;
}

static const char *called(enum abi_id abi, uint32_t number) {
    syscall_id id = syscalls_at(abi, number);
    return id == SYSCALL_NONE ? "" : syscalls_name(id);
}

// ---- Names and numbers ---------------------------------------------------------------------------------------------

static void names_are_sorted_and_found(void **state) {
    (void)state;
    assert_true(syscalls_count() > 490);
    for (size_t i = 0; i < syscalls_count(); i++) {
        const char *name = syscalls_name((syscall_id)i);
        if (i > 0) assert_true(strcmp(syscalls_name((syscall_id)(i - 1)), name) < 0);
        assert_int_equal(find(name), i);
    }
    static const char *const others[] = {"", "rea", "readd", "READ", "read ", "__NR_read", "0", "\xff"};
    for (size_t i = 0; i < LENGTH(others); i++)
        assert_int_equal(syscalls_find(others[i], strlen(others[i])), SYSCALL_NONE);
    assert_int_equal(syscalls_find("readv", 4), find("read"));
    assert_int_equal(syscalls_find("read\0", 5), SYSCALL_NONE);
}

static void misspelt_names_get_a_suggestion(void **state) {
    (void)state;
    struct spelling s;
    spelling_start(&s, "execev", 6);
    syscalls_spelling(&s);
    assert_string_equal(s.best, "execve");
    struct error e;
    assert_int_equal(syscalls_parameter_unknown(ABI_X86_64, find("socket"), "famly", 5, &e), -ENOENT);
    assert_string_equal(e.message, "socket has no parameter \"famly\"; did you mean \"family\"?");
    assert_int_equal(syscalls_parameter_unknown(ABI_X86_64, find("socket"), "domian", 6, &e), -ENOENT);
    assert_string_equal(e.message, "socket has no parameter \"domian\"; did you mean \"domain\"?"); // the man page's
    assert_int_equal(syscalls_parameter_unknown(ABI_X86_64, find("socket"), "colour", 6, &e), -ENOENT);
    assert_string_equal(e.message, "socket has no parameter \"colour\"; it has family, type and protocol");
}

// Number to name and back, and the ranges of known numbers, say the same over all numbers that may matter.
static void numbers_names_and_ranges_agree(void **state) {
    (void)state;
    for (int a = 0; a < ABI_COUNT; a++) {
        enum abi_id abi = (enum abi_id)a;
        size_t count, range = 0, known = 0, named = 0;
        const struct syscall_range *ranges = syscalls_ranges(abi, &count);
        assert_true(count > 0);
        for (size_t i = 0; i < count; i++) {
            assert_true(ranges[i].first <= ranges[i].last);
            if (i > 0) assert_true(ranges[i].first > ranges[i - 1].last + 1); // neither overlap nor touch
            named += ranges[i].last - ranges[i].first + 1;
        }
        uint32_t base = abis[abi].number_base;
        for (uint32_t number = base; number < base + 0x100000; number++) {
            while (range < count && ranges[range].last < number)
                range++;
            bool inside = range < count && ranges[range].first <= number;
            syscall_id id = syscalls_at(abi, number);
            if (inside != (id != SYSCALL_NONE) || syscalls_known(abi, number) != inside)
                fail_msg("%u on %s", number, abis[abi].name);
            if (id != SYSCALL_NONE) assert_int_equal(syscalls_number(abi, id), number);
            known += inside;
        }
        assert_int_equal(known, named); // and nothing beyond
        assert_false(syscalls_known(abi, UINT32_MAX));
        assert_false(syscalls_known(abi, INT32_MAX));
    }
}

static void bases_and_private_numbers(void **state) {
    (void)state;
    assert_int_equal(syscalls_number(ABI_X32, find("read")), 0x40000000);
    assert_int_equal(syscalls_number(ABI_X32, find("execve")), 0x40000000 + 520);
    assert_int_equal(syscalls_at(ABI_X32, 0), SYSCALL_NONE);
    assert_int_equal(syscalls_at(ABI_X86_64, 0x40000000), SYSCALL_NONE);
    assert_int_equal(syscalls_at(ABI_X86_64, 520), SYSCALL_NONE); // x32's, without its bit
    assert_string_equal(called(ABI_ARM, 983042), "cacheflush");
    assert_string_equal(called(ABI_ARM, 983045), "set_tls");
    assert_string_equal(called(ABI_ARM, 983040), "");
    assert_string_equal(called(ABI_ARM, 983047), "");
    assert_string_equal(called(ABI_X86, 983045), "");
    assert_string_equal(called(ABI_X86_64, 335), "uretprobe");
    assert_string_equal(called(ABI_X86_64, 336), "uprobe");
    assert_string_equal(called(ABI_X86_64, 337), ""); // a hole
    // Linux 6.18's newest, the same everywhere.
    for (int abi = 0; abi < ABI_COUNT; abi++) {
        assert_int_equal(syscalls_number((enum abi_id)abi, find("file_setattr")), abis[abi].number_base + 469u);
        assert_int_equal(syscalls_number((enum abi_id)abi, find("mseal")), abis[abi].number_base + 462u);
    }
    assert_int_equal(syscalls_number(ABI_AARCH64, find("open")), -1);
    assert_int_equal(strncmp(syscalls_version, "linux-", 6), 0);
}

// ---- Multiplexers --------------------------------------------------------------------------------------------------

// Of every call of socketcall(2) and ipc(2): its direct numbers in the order of enum abi_id (x86_64, x86, x32 without
// its bit, aarch64, arm, riscv64, ppc64le, s390x; -1: none), and its number at the multiplexer.
static const struct multiplexed {
    const char *name;
    int direct[ABI_COUNT];
    uint32_t sub;
    bool is_ipc;
    const char *held; // register of the multiplexer for each argument; "-": behind a pointer
} multiplexed[] = {
    {"socket", {41, 359, 41, 198, 281, 198, 326, 359}, 1, false, "---"},
    {"bind", {49, 361, 49, 200, 282, 200, 327, 361}, 2, false, "---"},
    {"connect", {42, 362, 42, 203, 283, 203, 328, 362}, 3, false, "---"},
    {"listen", {50, 363, 50, 201, 284, 201, 329, 363}, 4, false, "--"},
    {"accept", {43, -1, 43, 202, 285, 202, 330, -1}, 5, false, "---"},
    {"getsockname", {51, 367, 51, 204, 286, 204, 331, 367}, 6, false, "---"},
    {"getpeername", {52, 368, 52, 205, 287, 205, 332, 368}, 7, false, "---"},
    {"socketpair", {53, 360, 53, 199, 288, 199, 333, 360}, 8, false, "----"},
    {"send", {-1, -1, -1, -1, 289, -1, 334, -1}, 9, false, "----"},
    {"recv", {-1, -1, -1, -1, 291, -1, 336, -1}, 10, false, "----"},
    {"sendto", {44, 369, 44, 206, 290, 206, 335, 369}, 11, false, "------"},
    {"recvfrom", {45, 371, 517, 207, 292, 207, 337, 371}, 12, false, "------"},
    {"shutdown", {48, 373, 48, 210, 293, 210, 338, 373}, 13, false, "--"},
    {"setsockopt", {54, 366, 541, 208, 294, 208, 339, 366}, 14, false, "-----"},
    {"getsockopt", {55, 365, 542, 209, 295, 209, 340, 365}, 15, false, "-----"},
    {"sendmsg", {46, 370, 518, 211, 296, 211, 341, 370}, 16, false, "---"},
    {"recvmsg", {47, 372, 519, 212, 297, 212, 342, 372}, 17, false, "---"},
    {"accept4", {288, 364, 288, 242, 366, 242, 344, 364}, 18, false, "----"},
    {"recvmmsg", {299, 337, 537, 243, 365, 243, 343, 357}, 19, false, "-----"},
    {"sendmmsg", {307, 345, 538, 269, 374, 269, 349, 358}, 20, false, "----"},
    {"semop", {65, -1, 65, 193, 298, 193, -1, -1}, 1, true, "142"},
    {"semget", {64, 393, 64, 190, 299, 190, 393, 393}, 2, true, "123"},
    {"semctl", {66, 394, 66, 191, 300, 191, 394, 394}, 3, true, "123-"},
    {"semtimedop", {220, -1, 220, 192, 312, 192, 392, 392}, 4, true, "1425"},
    {"msgsnd", {69, 400, 69, 189, 301, 189, 400, 400}, 11, true, "1423"},
    {"msgrcv", {70, 401, 70, 188, 302, 188, 401, 401}, 12, true, "1-2-3"},
    {"msgget", {68, 399, 68, 186, 303, 186, 399, 399}, 13, true, "12"},
    {"msgctl", {71, 402, 71, 187, 304, 187, 402, 402}, 14, true, "124"},
    {"shmat", {30, 397, 30, 196, 305, 196, 397, 397}, 21, true, "142"},
    {"shmdt", {67, 398, 67, 197, 306, 197, 398, 398}, 22, true, "4"},
    {"shmget", {29, 395, 29, 194, 307, 194, 395, 395}, 23, true, "123"},
    {"shmctl", {31, 396, 31, 195, 308, 195, 396, 396}, 24, true, "124"},
};

static bool has_multiplexers(enum abi_id abi) {
    return abi == ABI_X86 || abi == ABI_PPC64LE || abi == ABI_S390X;
}

static void direct_numbers(void **state) {
    (void)state;
    for (size_t i = 0; i < LENGTH(multiplexed); i++) {
        for (int abi = 0; abi < ABI_COUNT; abi++) {
            int64_t number = multiplexed[i].direct[abi];
            if (number >= 0) number += abis[abi].number_base;
            int64_t held = syscalls_number((enum abi_id)abi, find(multiplexed[i].name));
            if (held != number) fail_msg("%s on %s: %d", multiplexed[i].name, abis[abi].name, (int)held);
        }
    }
}

static void check_multiplexer(enum abi_id abi, const struct multiplexed *row) {
    struct multiplexer m;
    bool through = syscalls_multiplexer(abi, find(row->name), &m);
    if (through != has_multiplexers(abi)) fail_msg("%s on %s", row->name, abis[abi].name);
    if (!through) return;
    assert_int_equal(m.number, row->is_ipc ? 117 : 102); // the same on all three
    assert_int_equal(m.value, row->sub);
    assert_int_equal(m.mask, row->is_ipc ? 0xffff : 0xffffffff); // ipc's version is in the high half
    const char *held = row->held;
    // s390's ipc takes one register less: the timeout comes in the third.
    if (abi == ABI_S390X && strcmp(row->name, "semtimedop") == 0) held = "1423";
    for (size_t i = 0; i < SYSCALL_ARGUMENTS; i++)
        assert_int_equal(m.argument[i], i < strlen(held) && held[i] != '-' ? held[i] - '0' : -1);
}

static void multiplexed_numbers(void **state) {
    (void)state;
    for (size_t i = 0; i < LENGTH(multiplexed); i++)
        for (int abi = 0; abi < ABI_COUNT; abi++)
            check_multiplexer((enum abi_id)abi, &multiplexed[i]);
}

static void nothing_else_is_multiplexed(void **state) {
    (void)state;
    struct multiplexer m;
    for (int abi = 0; abi < ABI_COUNT; abi++) {
        size_t count = 0;
        for (size_t id = 0; id < syscalls_count(); id++)
            count += syscalls_multiplexer((enum abi_id)abi, (syscall_id)id, &m);
        assert_int_equal(count, has_multiplexers((enum abi_id)abi) ? LENGTH(multiplexed) : 0);
        bool there = has_multiplexers((enum abi_id)abi);
        assert_int_equal(syscalls_number((enum abi_id)abi, find("socketcall")), there ? 102 : -1);
        assert_int_equal(syscalls_number((enum abi_id)abi, find("ipc")), there ? 117 : -1);
    }
}

// ---- Parameters ----------------------------------------------------------------------------------------------------

// "clone_flags:u32 newsp:u64 parent_tidptr:*": names with width and sign; "?": hidden; "_": no parameter in between.
static void write_parameters(enum abi_id abi, const char *call, char *buffer, size_t size) {
    struct text t;
    text_start(&t, buffer, size);
    int last = -1;
    for (unsigned i = 0; i < SYSCALL_ARGUMENTS; i++)
        if (syscalls_parameter(abi, find(call), i).kind != PARAMETER_ABSENT) last = (int)i;
    for (int i = 0; i <= last; i++) {
        struct parameter p = syscalls_parameter(abi, find(call), (unsigned)i);
        text_add(&t, "%s", i > 0 ? " " : "");
        if (p.kind == PARAMETER_ABSENT) text_add(&t, "_");
        if (p.kind == PARAMETER_HIDDEN) text_add(&t, "%s:?", p.name);
        if (p.kind == PARAMETER_POINTER) text_add(&t, "%s:*", p.name);
        if (p.kind == PARAMETER_VALUE) text_add(&t, "%s:%c%u", p.name, p.is_signed ? 's' : 'u', p.width);
    }
    text_end(&t);
}

static void parameters_are_those_of_the_abi(void **state) {
    (void)state;
    static const struct {
        const char *call;
        abi_set abis;
        const char *parameters;
    } cases[] = {
        {"clone", ABI_SET(ABI_X86_64) | ABI_SET(ABI_X32),
         "clone_flags:u32 newsp:u64 parent_tidptr:* child_tidptr:* tls:u64"},
        {"clone", ABI_SET(ABI_AARCH64) | ABI_SET(ABI_RISCV64) | ABI_SET(ABI_PPC64LE),
         "clone_flags:u32 newsp:u64 parent_tidptr:* tls:u64 child_tidptr:*"},
        {"clone", ABI_SET(ABI_X86) | ABI_SET(ABI_ARM),
         "clone_flags:u32 newsp:u32 parent_tidptr:* tls:u32 child_tidptr:*"},
        {"clone", ABI_SET(ABI_S390X), "newsp:u64 clone_flags:u32 parent_tidptr:* child_tidptr:* tls:u64"},
        {"socket", ABI_SET_ALL, "family:s32 type:s32 protocol:s32"},
        {"openat", ABI_SET_ALL, "dfd:s32 filename:* flags:s32 mode:u16"},
        {"ioctl", ABI_SET_ALL & (abi_set) ~(ABI_SET(ABI_X86) | ABI_SET(ABI_ARM) | ABI_SET(ABI_X32)),
         "fd:u32 cmd:u32 arg:u64"},
        {"ioctl", ABI_SET(ABI_X86) | ABI_SET(ABI_ARM) | ABI_SET(ABI_X32), "fd:u32 cmd:u32 arg:u32"},
        {"mmap", ABI_SET(ABI_PPC64LE), "addr:u64 len:u64 prot:u32 flags:u32 fd:s32 offset:s64"},
        {"mmap", ABI_SET(ABI_X86_64) | ABI_SET(ABI_X32), "addr:u64 len:u64 prot:u32 flags:u32 fd:s32 off:u64"},
        {"mmap", ABI_SET(ABI_X86) | ABI_SET(ABI_S390X), "arg:*"},
        {"mmap2", ABI_SET(ABI_X86) | ABI_SET(ABI_ARM), "addr:u32 len:u32 prot:u32 flags:u32 fd:s32 pgoff:u32"},
        {"select", ABI_SET(ABI_X86), "arg:*"},
        {"_newselect", ABI_SET(ABI_X86), "n:s32 inp:* outp:* exp:* tvp:*"},
        {"ptrace", ABI_SET(ABI_X86_64) | ABI_SET(ABI_AARCH64), "request:s64 pid:s32 addr:u64 data:u64"},
        {"readv", ABI_SET(ABI_X86_64) | ABI_SET(ABI_S390X), "fd:s32 vec:* vlen:u64"},
        {"fcntl", ABI_SET(ABI_X86_64) | ABI_SET(ABI_AARCH64), "fd:u32 cmd:u32 arg:s32"},
        {"kill", ABI_SET_ALL, "pid:s32 sig:s32"},
        {"prctl", ABI_SET(ABI_X86_64) | ABI_SET(ABI_RISCV64), "option:s32 arg2:u64 arg3:u64 arg4:u64 arg5:u64"},
        {"truncate64", ABI_SET(ABI_X86), "path:* length:? length:?"},
        {"truncate64", ABI_SET(ABI_ARM), "path:* _ length:? length:?"},
        {"pread64", ABI_SET(ABI_X86), "fd:u32 buf:* count:u32 pos:? pos:?"},
        {"pread64", ABI_SET(ABI_ARM), "fd:u32 buf:* count:u32 _ pos:? pos:?"},
        {"pread64", ABI_SET(ABI_X86_64) | ABI_SET(ABI_PPC64LE), "fd:u32 buf:* count:u64 pos:s64"},
        {"fallocate", ABI_SET(ABI_X86) | ABI_SET(ABI_ARM), "fd:s32 mode:s32 offset:? offset:? len:? len:?"},
        {"readahead", ABI_SET(ABI_X86), "fd:s32 offset:? offset:? count:u32"},
        {"readahead", ABI_SET(ABI_ARM), "fd:s32 _ offset:? offset:? count:u32"},
        {"fanotify_mark", ABI_SET(ABI_X86) | ABI_SET(ABI_ARM),
         "fanotify_fd:s32 flags:u32 mask:? mask:? dfd:s32 pathname:*"},
        {"sync_file_range", ABI_SET(ABI_X86), "fd:s32 offset:? offset:? nbytes:? nbytes:? flags:u32"},
        {"arm_fadvise64_64", ABI_SET(ABI_ARM), "fd:s32 advice:s32 offset:? offset:? len:? len:?"},
        {"fadvise64_64", ABI_SET(ABI_X86), "fd:s32 offset:? offset:? len:? len:? advice:s32"},
        {"getpid", ABI_SET_ALL, ""},
        {"socketcall", ABI_SET(ABI_X86) | ABI_SET(ABI_PPC64LE) | ABI_SET(ABI_S390X), "call:s32 args:*"},
    };
    for (size_t i = 0; i < LENGTH(cases); i++) {
        for (int abi = 0; abi < ABI_COUNT; abi++) {
            if ((cases[i].abis & ABI_SET(abi)) == 0) continue;
            char held[256];
            write_parameters((enum abi_id)abi, cases[i].call, held, sizeof held);
            if (strcmp(held, cases[i].parameters) != 0)
                fail_msg("%s on %s: %s, not %s", cases[i].call, abis[abi].name, held, cases[i].parameters);
        }
    }
}

static void widths_are_within_the_registers(void **state) {
    (void)state;
    for (int abi = 0; abi < ABI_COUNT; abi++) {
        for (size_t id = 0; id < syscalls_count(); id++) {
            for (unsigned i = 0; i < SYSCALL_ARGUMENTS; i++) {
                struct parameter p = syscalls_parameter((enum abi_id)abi, (syscall_id)id, i);
                if (p.kind == PARAMETER_ABSENT) continue;
                const char *why;
                assert_true(p.width == 8 || p.width == 16 || p.width == 32 || p.width == 64);
                assert_true(p.width <= abis[abi].bits);
                assert_int_equal(p.hidden != NULL, p.kind == PARAMETER_HIDDEN);
                int found = syscalls_parameter_find((enum abi_id)abi, (syscall_id)id, p.name, strlen(p.name), &why);
                // The first of the two registers of a split value.
                assert_true(found == (int)i || (p.kind == PARAMETER_HIDDEN && found == (int)i - 1));
            }
        }
    }
}

static int find_parameter(enum abi_id abi, const char *call, const char *name, const char **why) {
    return syscalls_parameter_find(abi, find(call), name, strlen(name), why);
}

static void parameters_have_the_names_of_kernel_and_man_page(void **state) {
    (void)state;
    static const struct {
        enum abi_id abi;
        const char *call, *name;
        int argument;
    } cases[] = {
        {ABI_X86_64, "socket", "family", 0},   {ABI_X86_64, "socket", "domain", 0},
        {ABI_X86_64, "openat", "dirfd", 0},    {ABI_X86_64, "openat", "pathname", 1},
        {ABI_X86_64, "ioctl", "cmd", 1},       {ABI_X86_64, "ioctl", "request", 1},
        {ABI_X86_64, "ioctl", "op", 1},        {ABI_X86_64, "clone", "flags", 0},
        {ABI_S390X, "clone", "flags", 1},      {ABI_S390X, "clone", "stack", 0},
        {ABI_X86_64, "clone", "tls", 4},       {ABI_AARCH64, "clone", "tls", 3},
        {ABI_X86_64, "clone", "child_tid", 3}, {ABI_AARCH64, "clone", "child_tid", 4},
        {ABI_X86_64, "bind", "addrlen", 2},    {ABI_ARM, "mmap2", "prot", 2},
        {ABI_X86_64, "kill", "nosuch", -1},    {ABI_X86_64, "kill", "", -1},
        {ABI_X86_64, "kill", "pi", -1},        {ABI_X86_64, "kill", "pids", -1},
        {ABI_X86_64, "getpid", "pid", -1},
    };
    for (size_t i = 0; i < LENGTH(cases); i++) {
        const char *why = "";
        int found = find_parameter(cases[i].abi, cases[i].call, cases[i].name, &why);
        if (found != cases[i].argument)
            fail_msg("%s of %s on %s: %d", cases[i].name, cases[i].call, abis[cases[i].abi].name, found);
        assert_null(why);
    }
}

static void hidden_parameters_say_why(void **state) {
    (void)state;
    const char *why;
    assert_int_equal(find_parameter(ABI_X86, "truncate64", "length", &why), 1);
    assert_string_equal(why, "is a 64-bit value over two registers on x86");
    assert_int_equal(find_parameter(ABI_ARM, "truncate64", "length", &why), 2);
    assert_string_equal(why, "is a 64-bit value over two registers on arm");
    assert_int_equal(find_parameter(ABI_X86, "mmap", "prot", &why), SYSCALL_ARGUMENTS);
    assert_string_equal(why, "is behind a pointer on x86");
    assert_int_equal(find_parameter(ABI_S390X, "mmap", "fd", &why), SYSCALL_ARGUMENTS);
    assert_string_equal(why, "is behind a pointer on s390x");
    assert_int_equal(find_parameter(ABI_X86_64, "mmap", "prot", &why), 2);
    assert_null(why);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_sorted_and_found),
        cmocka_unit_test(misspelt_names_get_a_suggestion),
        cmocka_unit_test(numbers_names_and_ranges_agree),
        cmocka_unit_test(bases_and_private_numbers),
        cmocka_unit_test(direct_numbers),
        cmocka_unit_test(multiplexed_numbers),
        cmocka_unit_test(nothing_else_is_multiplexed),
        cmocka_unit_test(parameters_are_those_of_the_abi),
        cmocka_unit_test(widths_are_within_the_registers),
        cmocka_unit_test(parameters_have_the_names_of_kernel_and_man_page),
        cmocka_unit_test(hidden_parameters_say_why),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
