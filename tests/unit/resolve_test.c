// SPDX-License-Identifier: MIT
// From rules to numbers and conditions on registers: every clause about values, on several ABIs.
#include "calls.h"
#include "error.h"
#include "filter.h"
#include "memory.h"
#include "resolve.h"
#include "text.h"

#include <errno.h>
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define LENGTH(array) (sizeof(array) / sizeof *(array))

enum {
    SELF = 4711
};

// "361: a1 == 0x5; 102: a0 == 0x2": what resolve makes of one call. A condition is aN (64 bits: AN), "s" where signed,
// with the mask where it is not all ones of 32 or 64 bits.
static void write_resolution(const struct tests *tests, const struct resolution *found, char *out, size_t size) {
    static const char *const operators[] = {"==", "!=", "<", "<=", ">", ">="};
    struct text t;
    text_start(&t, out, size);
    for (unsigned i = 0; i < found->count; i++) {
        text_add(&t, "%s%" PRIu32 ":", i > 0 ? "; " : "", found->at[i].number);
        for (unsigned n = 0; n < found->at[i].tests; n++) {
            const struct test *test = &tests->list[found->at[i].test + n];
            text_add(&t, "%s %c%u%s", n > 0 ? " &&" : "", test->wide ? 'A' : 'a', test->argument,
                     test->is_signed ? "s" : "");
            if (test->mask != (test->wide ? UINT64_MAX : UINT32_MAX)) text_add(&t, "&0x%" PRIx64, test->mask);
            text_add(&t, " %s 0x%" PRIx64, operators[test->op], test->value);
        }
    }
    text_end(&t);
}

// Resolves one call with an action; the resolution as text, or the message. Returns what resolve does.
static int run(enum abi_id abi, const char *action, const char *call, int64_t self, char *out, size_t size) {
    struct rules r = {0};
    struct tests tests = {0};
    struct resolution found;
    struct error e = {0};
    struct calls reader = {.text = call, .length = strlen(call), .column = 1};
    struct call one;
    struct item item = {.group = -1};
    assert_int_equal(action_parse(action, strlen(action), &item.action, &e), 0);
    assert_int_equal(rules_add_item(&r, &item), 0);
    if (calls_next(&reader, &r, &one, &e) != 0) fail_msg("%s: %s", call, e.message);
    one.rule.action = item.action;
    one.rule.abis = ABI_SET_ALL;
    one.rule.item = 0;
    assert_int_equal(rules_add_rule(&r, &one.rule), 0);
    int result = resolve(abi, &r, &r.rules[0], self, &tests, &found, &e);
    if (result < 0) {
        assert_int_equal(result, -e.code);
        assert_int_equal(tests.count, 0); // nothing is left behind
        snprintf(out, size, "%s", e.message);
    } else {
        write_resolution(&tests, &found, out, size);
        assert_int_equal(found.count == 0, resolve_absent(abi, &r, &r.rules[0]));
    }
    memory_free(tests.list);
    rules_free(&r);
    return result;
}

static void gives(enum abi_id abi, const char *call, const char *expected) {
    char out[1024];
    if (run(abi, "deny", call, SELF, out, sizeof out) != 0 || strcmp(out, expected) != 0)
        fail_msg("%s on %s: \"%s\", not \"%s\"", call, abis[abi].name, out, expected);
}

static void refused(enum abi_id abi, const char *call, int code, const char *message) {
    char out[1024];
    int result = run(abi, "deny", call, SELF, out, sizeof out);
    if (result != -code || strcmp(out, message) != 0)
        fail_msg("%s on %s: %d \"%s\", not \"%s\"", call, abis[abi].name, result, out, message);
}

// ---- Numbers -------------------------------------------------------------------------------------------------------

static void a_call_has_the_number_of_the_abi(void **state) {
    (void)state;
    static const int execve[ABI_COUNT] = {59, 11, 520, 221, 11, 221, 11, 11};
    for (int abi = 0; abi < ABI_COUNT; abi++) {
        char expected[32];
        snprintf(expected, sizeof expected, "%" PRIu32 ":", (uint32_t)execve[abi] + abis[abi].number_base);
        gives((enum abi_id)abi, "execve", expected);
    }
    gives(ABI_AARCH64, "open", ""); // absent
    gives(ABI_X86_64, "socketcall", "");
    gives(ABI_AARCH64, "open(flags == 1)", "");
}

static void bare_numbers_get_the_base(void **state) {
    (void)state;
    gives(ABI_X86_64, "59", "59:");
    gives(ABI_X86, "59", "59:");
    gives(ABI_X32, "59", "1073741883:");
    gives(ABI_X32, "0x4000003b", "1073741883:");
    gives(ABI_X32, "424", "1073742248:");
    for (int abi = 0; abi < ABI_COUNT; abi++)
        if (abi != ABI_X32) gives((enum abi_id)abi, "424", "424:");
    gives(ABI_ARM, "983045", "983045:");
}

// Of a filter; the numbers mean different calls on different ABIs up to 423.
static int add_number(const char *const *wanted, const char *number, char *message, size_t size) {
    struct filter *f = filter_new();
    assert_non_null(f);
    for (; *wanted != NULL; wanted++)
        assert_int_equal(filter_set(f, "abi", *wanted), 0);
    int result = filter_add(f, "deny", 4, number, strlen(number), (struct source){.name = ""});
    snprintf(message, size, "%s", f->error.message);
    filter_free(f);
    return result;
}

static void numbers_below_424_need_one_abi(void **state) {
    (void)state;
    static const char *const one[] = {"x86_64", NULL}, *const two[] = {"x86_64", "aarch64", NULL},
                             *const sharing[] = {"x86", "x32", "s390x", NULL};
    char message[1024];
    assert_int_equal(add_number(one, "423", message, sizeof message), 0);
    assert_int_equal(add_number(one, "59", message, sizeof message), 0);
    assert_int_equal(add_number(two, "424", message, sizeof message), 0);
    assert_int_equal(add_number(sharing, "451", message, sizeof message), 0);
    assert_int_equal(add_number(two, "423", message, sizeof message), -EINVAL);
    assert_string_equal(message, "number 423 means different calls on the ABIs of this filter; write the call's name");
    assert_int_equal(add_number(sharing, "59", message, sizeof message), -EINVAL);
}

static void rules_for_other_abis_resolve_to_nothing(void **state) {
    (void)state;
    struct rules r = {0};
    struct tests tests = {0};
    struct resolution found = {.count = 1};
    struct error e;
    const struct rule rule = {.target = RULE_CALL, .call = syscalls_find("execve", 6), .abis = ABI_SET(ABI_ARM)};
    assert_int_equal(resolve(ABI_X86_64, &r, &rule, SELF, &tests, &found, &e), 0);
    assert_int_equal(found.count, 0);
    assert_int_equal(resolve(ABI_ARM, &r, &rule, SELF, &tests, &found, &e), 0);
    assert_int_equal(found.count, 1);
}

// ---- Widths and signs ----------------------------------------------------------------------------------------------

static void thirty_two_bits_compare_on_the_low_word(void **state) {
    (void)state;
    gives(ABI_X86_64, "socket(family == AF_INET)", "41: a0 == 0x2");
    gives(ABI_AARCH64, "socket(domain == 2 && type & 0xf != SOCK_RAW)", "198: a0 == 0x2 && a1&0xf != 0x3");
    gives(ABI_X86_64, "mmap(prot & PROT_EXEC|PROT_WRITE == 6)", "9: a2&0x6 == 0x6");
    gives(ABI_X86_64, "clone(flags & CLONE_THREAD == 0)", "56: a0&0x10000 == 0x0");
    gives(ABI_S390X, "clone(flags & CLONE_THREAD == 0)", "120: a1&0x10000 == 0x0");
    gives(ABI_X86_64, "read(count == 5)", "0: A2 == 0x5");
    gives(ABI_X86, "read(count == 5)", "3: a2 == 0x5");
    gives(ABI_ARM, "read(count == 5)", "3: a2 == 0x5");
    gives(ABI_X86_64, "openat(mode == 0644)", "257: a3&0xffff == 0x1a4"); // umode_t
}

static void negative_values_are_of_the_width(void **state) {
    (void)state;
    gives(ABI_X86_64, "openat(dirfd == AT_FDCWD)", "257: a0 == 0xffffff9c");
    gives(ABI_ARM, "openat(dirfd == -100)", "322: a0 == 0xffffff9c");
    gives(ABI_X86_64, "read(fd == -1)", "0: a0 == 0xffffffff");
    gives(ABI_X86_64, "read(count == -1)", "0: A2 == 0xffffffffffffffff");
    gives(ABI_X86, "read(count == -1)", "3: a2 == 0xffffffff");
    gives(ABI_X86_64, "kill(pid == -2147483648)", "62: a0 == 0x80000000");
    gives(ABI_X86_64, "kill(pid == 4294967295)", "62: a0 == 0xffffffff");
    gives(ABI_X86_64, "openat(mode == -1)", "257: a3&0xffff == 0xffff");
}

static void values_must_fit(void **state) {
    (void)state;
    refused(ABI_X86_64, "socket(family == 0x100000002)", EINVAL,
            "family == 0x100000002: the value does not fit the 32 bits of this argument of socket");
    refused(ABI_S390X, "kill(pid == -2147483649)", EINVAL,
            "pid == -2147483649: the value does not fit the 32 bits of this argument of kill");
    refused(ABI_X86_64, "openat(mode == 0x10000)", EINVAL,
            "mode == 0x10000: the value does not fit the 16 bits of this argument of openat");
    refused(ABI_X86_64, "openat(mode == -32769)", EINVAL,
            "mode == -32769: the value does not fit the 16 bits of this argument of openat");
    gives(ABI_X86_64, "openat(mode == -32768)", "257: a3&0xffff == 0x8000");
    refused(ABI_X86_64, "socket(type & 0x1000000ff == 3)", EINVAL,
            "type & 0x1000000ff == 3: the mask does not fit the 32 bits of this argument of socket");
    gives(ABI_X86_64, "lseek(offset == 0xffffffffffffffff)", "8: A1 == 0xffffffffffffffff");
    gives(ABI_X86_64, "lseek(offset == -9223372036854775808)", "8: A1 == 0x8000000000000000");
    // Above 32 bits nothing matches where registers have 32.
    gives(ABI_X86_64, "read(count == 0x100000000)", "0: A2 == 0x100000000");
    refused(ABI_X86, "read(count == 0x100000000)", EINVAL,
            "count == 0x100000000: the value does not fit the 32 bits of this argument of read");
    refused(ABI_ARM, "getpid(arg5 == 0x100000000)", EINVAL,
            "arg5 == 0x100000000: the value does not fit the 32 bits of this argument of getpid");
}

static void values_must_be_within_the_mask(void **state) {
    (void)state;
    for (int abi = 0; abi < ABI_COUNT; abi++) {
        refused((enum abi_id)abi, "openat(flags & 3 == 4)", EINVAL,
                "flags & 3 == 4 can never hold or never fail: the value has bits outside the mask");
        refused((enum abi_id)abi, "openat(flags & 3 != 7)", EINVAL,
                "flags & 3 != 7 can never hold or never fail: the value has bits outside the mask");
        refused((enum abi_id)abi, "openat(flags & 3 == -1)", EINVAL,
                "flags & 3 == -1 can never hold or never fail: the value has bits outside the mask");
    }
    gives(ABI_X86_64, "openat(flags & -1 == -1)", "257: a2 == 0xffffffff");
    gives(ABI_X86_64, "openat(flags & -4 == 4)", "257: a2&0xfffffffc == 0x4");
    refused(ABI_X86_64, "openat(flags & 3 < 4)", EINVAL,
            "flags & 3 < 4 can never hold or never fail: the value has bits outside the mask");
}

static void order_follows_the_sign(void **state) {
    (void)state;
    static const char *const operators[] = {"<", "<=", ">", ">="};
    for (size_t i = 0; i < LENGTH(operators); i++) {
        char call[64], expected[64];
        snprintf(call, sizeof call, "kill(pid %s -1)", operators[i]);
        snprintf(expected, sizeof expected, "62: a0s %s 0xffffffff", operators[i]);
        gives(ABI_X86_64, call, expected); // pid_t
        snprintf(call, sizeof call, "read(fd %s 5)", operators[i]);
        snprintf(expected, sizeof expected, "0: a0 %s 0x5", operators[i]);
        gives(ABI_X86_64, call, expected); // unsigned int
        snprintf(call, sizeof call, "read(fd %s -5)", operators[i]);
        snprintf(expected, sizeof expected, "fd %s -5: this argument of read is unsigned and never below 0",
                 operators[i]);
        for (int abi = 0; abi < ABI_COUNT; abi++)
            refused((enum abi_id)abi, call, EINVAL, expected);
    }
    gives(ABI_X86_64, "lseek(offset < -1)", "8: A1s < 0xffffffffffffffff");
    gives(ABI_X86, "lseek(offset < -1)", "19: a1s < 0xffffffff"); // off_t has 32 bits there
    gives(ABI_X86_64, "kill(pid == -1)", "62: a0 == 0xffffffff"); // equality has no sign
    refused(ABI_X86_64, "kill(pid < 0x80000000)", EINVAL,
            "pid < 0x80000000: this argument of kill is signed and never above 2147483647");
    gives(ABI_X86_64, "kill(pid <= 0x7fffffff)", "62: a0s <= 0x7fffffff");
    refused(ABI_X86_64, "lseek(offset > 0x8000000000000000)", EINVAL,
            "offset > 0x8000000000000000: this argument of lseek is signed and never above 9223372036854775807");
}

static void masked_comparisons_are_unsigned(void **state) {
    (void)state;
    gives(ABI_X86_64, "kill(pid & 0xff000000 >= 0x80000000)", "62: a0&0xff000000 >= 0x80000000");
    gives(ABI_AARCH64, "kill(pid & 0xff > 5)", "129: a0&0xff > 0x5");
    refused(ABI_X86_64, "kill(pid & 0xffffffff < -5)", EINVAL,
            "pid & 0xffffffff < -5: this argument of kill is unsigned and never below 0");
}

// ":u64" asks for the whole register, whatever the parameter is.
static void all_64_bits_where_asked_for(void **state) {
    (void)state;
    gives(ABI_X86_64, "socket(family:u64 == 0x100000002)", "41: A0 == 0x100000002");
    gives(ABI_X86_64, "kill(arg0:u64 < 5)", "62: A0 < 0x5");
    refused(ABI_X86_64, "kill(arg0:u64 < -5)", EINVAL,
            "arg0:u64 < -5: this argument of kill is unsigned and never below 0");
}

// ---- Arguments -----------------------------------------------------------------------------------------------------

static void pointers_compare_with_0_only(void **state) {
    (void)state;
    static const char *const calls[] = {"connect(uservaddr == 5)", "connect(arg1 != -1)",    "connect(addr > 0)",
                                        "connect(addr < 0)",       "connect(addr & 7 == 0)", "connect(arg1 == 0|1)"};
    for (int abi = 0; abi < ABI_COUNT; abi++)
        for (size_t i = 0; i < LENGTH(calls); i++)
            refused((enum abi_id)abi, calls[i], EINVAL,
                    "argument 1 of connect is a pointer; a filter cannot read what it points to; compare it with 0, or "
                    "leave the condition out");
    gives(ABI_X86_64, "connect(addr == 0)", "42: A1 == 0x0");
    gives(ABI_AARCH64, "sendto(arg4 != 0)", "206: A4 != 0x0");
    gives(ABI_ARM, "sendto(addr != 0)", "290: a4 != 0x0");
}

static void arguments_beyond_the_parameters_are_legal(void **state) {
    (void)state;
    gives(ABI_X86_64, "execve(arg4 == 0xfedcba9876543210 && arg5 == 1)", "59: A4 == 0xfedcba9876543210 && A5 == 0x1");
    gives(ABI_X86, "execve(arg4 == 0xfedcba98)", "11: a4 == 0xfedcba98");
    gives(ABI_S390X, "getpid(arg0 == -1)", "20: A0 == 0xffffffffffffffff");
    gives(ABI_X86_64, "getpid(arg0 < 5)", "39: A0 < 0x5"); // no sign where nothing is known
    refused(ABI_X86_64, "getpid(arg0 > -1)", EINVAL,
            "arg0 > -1: this argument of getpid is unsigned and never below 0");
}

static void misspelt_parameters_get_a_suggestion(void **state) {
    (void)state;
    refused(ABI_X86_64, "socket(famliy == 2)", ENOENT, "socket has no parameter \"famliy\"; did you mean \"family\"?");
    refused(ABI_AARCH64, "openat(drifd == 2)", ENOENT, "openat has no parameter \"drifd\"; did you mean \"dirfd\"?");
    refused(ABI_X86_64, "getpid(pid == 2)", ENOENT, "getpid has no parameter \"pid\"; it has none");
}

static void split_values_say_so(void **state) {
    (void)state;
    gives(ABI_X86_64, "ftruncate(length == 0x100000000)", "77: A1 == 0x100000000");
    refused(
        ABI_X86, "ftruncate64(length == 1)", ENOTSUP,
        "argument 1 of ftruncate64 (length) cannot be tested: it is a 64-bit value over two registers on x86; leave "
        "the condition out");
    refused(
        ABI_ARM, "ftruncate64(length == 1)", ENOTSUP,
        "argument 2 of ftruncate64 (length) cannot be tested: it is a 64-bit value over two registers on arm; leave "
        "the condition out");
    refused(ABI_X86, "pread64(arg4 == 1)", ENOTSUP,
            "argument 4 of pread64 (pos) cannot be tested: it is a 64-bit value over two registers on x86; leave the "
            "condition out");
    gives(ABI_X86, "fanotify_mark(dfd == 5)", "339: a4 == 0x5"); // what comes after has moved
    gives(ABI_ARM, "pread64(arg3 == 1)", "180: a3 == 0x1");      // the register that aligns the pair
    gives(ABI_X86_64, "fanotify_mark(dfd == 5)", "301: a3 == 0x5");
}

static void what_hides_behind_a_pointer_says_so(void **state) {
    (void)state;
    refused(ABI_X86, "mmap(prot == 4)", ENOTSUP,
            "prot of mmap cannot be tested: it is behind a pointer on x86; leave the condition out");
    refused(ABI_S390X, "mmap(prot == 4)", ENOTSUP,
            "prot of mmap cannot be tested: it is behind a pointer on s390x; leave the condition out");
    gives(ABI_X86, "mmap2(prot == 4)", "192: a2 == 0x4");
    gives(ABI_PPC64LE, "mmap(prot == 4)", "90: a2 == 0x4");
}

// ---- Constants and self --------------------------------------------------------------------------------------------

static void constants_have_the_value_of_the_abi(void **state) {
    (void)state;
    gives(ABI_X86_64, "openat(flags & O_DIRECTORY == O_DIRECTORY)", "257: a2&0x10000 == 0x10000");
    gives(ABI_AARCH64, "openat(flags & O_DIRECTORY == O_DIRECTORY)", "56: a2&0x4000 == 0x4000");
    gives(ABI_PPC64LE, "ioctl(cmd == TIOCGWINSZ)", "54: a1 == 0x40087468");
    gives(ABI_X86, "ioctl(cmd == TIOCGWINSZ)", "54: a1 == 0x5413");
    gives(ABI_X86_64, "mmap(flags & MAP_32BIT != 0)", "9: a3&0x40 != 0x0");
    char out[1024];
    assert_int_equal(run(ABI_AARCH64, "deny", "mmap(flags & MAP_32BIT != 0)", SELF, out, sizeof out), -ENOTSUP);
    assert_non_null(strstr(out, "MAP_32BIT"));
    assert_non_null(strstr(out, "aarch64"));
}

static void self_is_the_pid_given(void **state) {
    (void)state;
    gives(ABI_X86_64, "kill(pid != self)", "62: a0 != 0x1267");
    char out[1024];
    assert_int_equal(run(ABI_X86_64, "deny", "kill(pid != self)", -1, out, sizeof out), -EINVAL);
    assert_non_null(strstr(out, "self"));
}

// ---- Multiplexers --------------------------------------------------------------------------------------------------

static void a_denial_covers_the_multiplexed_call(void **state) {
    (void)state;
    gives(ABI_X86, "bind", "361:; 102: a0 == 0x2");
    gives(ABI_S390X, "bind(addrlen != 12)", "361: a2 != 0xc; 102: a0 == 0x2"); // behind a pointer: all of it
    gives(ABI_PPC64LE, "bind", "327:; 102: a0 == 0x2");
    gives(ABI_X86, "accept", "102: a0 == 0x5"); // no number of its own
    gives(ABI_X86, "accept(fd == 3)", "102: a0 == 0x5");
    gives(ABI_X86, "shmat(shmflg & SHM_EXEC != 0)",
          "397: a2&0x8000 != 0x0; 117: a0&0xffff == 0x15 && a2&0x8000 != 0x0");
    gives(ABI_S390X, "msgget(msgflg == 5)", "399: a1 == 0x5; 117: a0&0xffff == 0xd && a2 == 0x5");
    gives(ABI_ARM, "bind(addrlen != 12)", "282: a2 != 0xc");
    gives(ABI_X86_64, "bind(addrlen != 12)", "49: a2 != 0xc");
}

static void an_exception_must_be_testable(void **state) {
    (void)state;
    char out[1024];
    assert_int_equal(run(ABI_X86, "allow", "bind(addrlen == 12)", SELF, out, sizeof out), -ENOTSUP);
    assert_string_equal(out, "on x86, bind is also reached through socketcall, which hides its arguments behind a "
                             "pointer: a rule that lets it through on a condition cannot be kept there; leave the "
                             "condition out, or deny socketcall first");
    assert_int_equal(run(ABI_X86, "log", "accept(fd == 12)", SELF, out, sizeof out), -ENOTSUP);
    assert_int_equal(run(ABI_X86, "allow", "bind", SELF, out, sizeof out), 0);
    assert_string_equal(out, "361:; 102: a0 == 0x2");
    assert_int_equal(run(ABI_PPC64LE, "allow", "shmget(size == 12)", SELF, out, sizeof out), 0);
    assert_string_equal(out, "395: A1 == 0xc; 117: a0&0xffff == 0x17 && A2 == 0xc");
    assert_int_equal(run(ABI_X86_64, "allow", "bind(addrlen == 12)", SELF, out, sizeof out), 0);
}

static void a_failed_allocation_changes_nothing(void **state) {
    (void)state;
    struct rules r = {0};
    struct calls reader = {.text = "bind(addrlen != 12)", .length = 19, .column = 1};
    struct call one;
    struct error e;
    assert_int_equal(rules_add_item(&r, &(struct item){.action = {.kind = ACTION_ERRNO, .data = EPERM}}), 0);
    assert_int_equal(calls_next(&reader, &r, &one, &e), 0);
    one.rule.abis = ABI_SET_ALL;
    struct tests tests = {0};
    struct resolution found = {.count = 9};
    memory_fail(1);
    assert_int_equal(resolve(ABI_X86, &r, &one.rule, SELF, &tests, &found, &e), -ENOMEM);
    memory_fail(0);
    assert_int_equal(found.count, 0);
    assert_int_equal(tests.count, 0);
    memory_free(tests.list);
    rules_free(&r);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_call_has_the_number_of_the_abi),
        cmocka_unit_test(bare_numbers_get_the_base),
        cmocka_unit_test(numbers_below_424_need_one_abi),
        cmocka_unit_test(rules_for_other_abis_resolve_to_nothing),
        cmocka_unit_test(thirty_two_bits_compare_on_the_low_word),
        cmocka_unit_test(negative_values_are_of_the_width),
        cmocka_unit_test(values_must_fit),
        cmocka_unit_test(values_must_be_within_the_mask),
        cmocka_unit_test(order_follows_the_sign),
        cmocka_unit_test(masked_comparisons_are_unsigned),
        cmocka_unit_test(all_64_bits_where_asked_for),
        cmocka_unit_test(pointers_compare_with_0_only),
        cmocka_unit_test(arguments_beyond_the_parameters_are_legal),
        cmocka_unit_test(misspelt_parameters_get_a_suggestion),
        cmocka_unit_test(split_values_say_so),
        cmocka_unit_test(what_hides_behind_a_pointer_says_so),
        cmocka_unit_test(constants_have_the_value_of_the_abi),
        cmocka_unit_test(self_is_the_pid_given),
        cmocka_unit_test(a_denial_covers_the_multiplexed_call),
        cmocka_unit_test(an_exception_must_be_testable),
        cmocka_unit_test(a_failed_allocation_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
