// SPDX-License-Identifier: MIT
#include "calls.h"
#include "constants.h"
#include "error.h"
#include "memory.h"
#include "text.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include <cmocka.h>

// Reads all calls and appends their rules. The number of calls, or a negative errno and *column.
static int read_all(const char *text, size_t length, struct rules *r, uint32_t *column, struct error *e) {
    struct calls c = {.text = text, .length = length, .column = 1};
    for (int count = 0;; count++) {
        struct call call;
        int failed = calls_next(&c, r, &call, e);
        *column = call.column;
        if (failed) return failed;
        if (call.kind == CALL_END) return count;
        assert_true(call.start + call.length <= length && call.length > 0);
        if (call.kind == CALL_RULE && rules_add_rule(r, &call.rule)) return -ENOMEM;
    }
}

static void names_groups_and_numbers_are_told_apart(void **state) {
    (void)state;
    static const char text[] = " execve,@listen ,\n\t424, socket ( family == AF_INET && type!=0 ) , 0x1ab,0650 ";
    static const char *const written[] = {"execve", "@listen", "424", "socket ( family == AF_INET && type!=0 )",
                                          "0x1ab",  "0650"};
    static const uint32_t columns[] = {2, 9, 20, 25, 67, 73};
    struct calls c = {.text = text, .length = strlen(text), .column = 1};
    struct rules r = {0};
    struct error e;
    for (size_t i = 0; i < 6; i++) {
        struct call call;
        assert_int_equal(calls_next(&c, &r, &call, &e), 0);
        assert_int_equal(call.kind, i == 1 ? CALL_GROUP : CALL_RULE);
        assert_int_equal(call.length, strlen(written[i]));
        assert_memory_equal(text + call.start, written[i], call.length);
        assert_int_equal(call.column, columns[i]);
        if (i == 0) assert_string_equal(syscalls_name(call.rule.call), "execve");
        if (i == 1) assert_memory_equal(call.group, "listen", 6);
        if (i == 1) assert_int_equal(call.group_length, 6);
        if (i == 2) assert_int_equal(call.rule.target, RULE_NUMBER);
        if (i == 2) assert_int_equal(call.rule.number, 424);
        if (i == 3) assert_int_equal(call.rule.conditions, 2);
        if (i == 4) assert_int_equal(call.rule.number, 0x1ab);
        if (i == 5) assert_int_equal(call.rule.number, 0650);
    }
    struct call last;
    assert_int_equal(calls_next(&c, &r, &last, &e), 0);
    assert_int_equal(last.kind, CALL_END);
    rules_free(&r);
}

static void conditions_are_stored_as_written(void **state) {
    (void)state;
    static const char text[] = "clone(arg0 & CLONE_THREAD|0x10 != -5 && flags:u64>=0x10 && arg5 : u64 < self)";
    struct rules r = {0};
    struct error e;
    uint32_t column;
    assert_int_equal(read_all(text, strlen(text), &r, &column, &e), 1);
    assert_int_equal(r.condition_count, 3);
    const struct condition *c = r.conditions;
    assert_int_equal(c[0].argument, 0);
    assert_false(c[0].wide);
    assert_int_equal(c[0].op, COMPARE_NE);
    assert_string_equal(r.text + c[0].name, "arg0");
    assert_string_equal(r.text + c[0].text, "arg0 & CLONE_THREAD|0x10 != -5");
    assert_int_equal(c[0].mask.count, 2);
    assert_string_equal(constants_name(r.terms[c[0].mask.first].constant), "CLONE_THREAD");
    assert_int_equal(r.terms[c[0].mask.first + 1].number, 0x10);
    assert_int_equal(c[0].value.count, 1);
    assert_true(r.terms[c[0].value.first].negative);
    assert_int_equal(r.terms[c[0].value.first].number, 5);
    assert_int_equal(c[1].argument, -1);
    assert_true(c[1].wide);
    assert_int_equal(c[1].op, COMPARE_GE);
    assert_string_equal(r.text + c[1].name, "flags");
    assert_int_equal(c[1].mask.count, 0);
    assert_int_equal(c[2].argument, 5);
    assert_true(c[2].wide);
    assert_int_equal(c[2].op, COMPARE_LT);
    assert_int_equal(r.terms[c[2].value.first].kind, TERM_SELF);
    rules_free(&r);
}

static void every_comparison_is_read(void **state) {
    (void)state;
    static const char *const operators[] = {"==", "!=", "<", "<=", ">", ">="};
    for (int i = 0; i < 6; i++) {
        char text[64];
        int length = snprintf(text, sizeof text, "ioctl(cmd%s1)", operators[i]);
        struct rules r = {0};
        struct error e;
        uint32_t column;
        assert_int_equal(read_all(text, (size_t)length, &r, &column, &e), 1);
        assert_int_equal(r.conditions[0].op, (enum comparison)i);
        rules_free(&r);
    }
}

static const struct {
    const char *text;
    int code;
    uint32_t column;
    const char *message;
} mistakes[] = {
    {"execev", ENOENT, 1, "unknown system call \"execev\"; did you mean \"execve\"?"},
    {"ex\xc3\xa9"
     "cve",
     ENOENT, 1,
     "unknown system call \"ex\xc3\xa9"
     "cve\"; did you mean \"execve\"?"},
    {"read, execev", ENOENT, 7, "unknown system call \"execev\"; did you mean \"execve\"?"},
    {"SYS_execve", ENOENT, 1, "did you mean \"execve\"?"},
    {"qqqqqqqqqq", ENOENT, 1, "a newer one can be given by number"},
    {"AF_INET", ENOENT, 1, "is a constant, not a system call"},
    {"", EINVAL, 1, "no calls are given"},
    {"  ", EINVAL, 3, "no calls are given"},
    {"read,", EINVAL, 6, "a call must follow the last \",\""},
    {"read, ", EINVAL, 7, "a call must follow the last \",\""},
    {"read,,write", EINVAL, 6, "a call is missing before \",\""},
    {",read", EINVAL, 1, "a call is missing before \",\""},
    {"read write", EINVAL, 6, "expected \",\" between calls, found \"write\""},
    {"read;write", EINVAL, 5, "found \";\""},
    {"read\xc3\xa4", EINVAL, 5, "found \"\xc3\xa4\""},
    {"read\\", EINVAL, 5, "found \"\\\""},
    {"read)", EINVAL, 5, "\")\" without \"(\""},
    {"-5", EINVAL, 1, "not negative"},
    {"4294967296", EINVAL, 1, "does not fit in 32 bits"},
    {"99999999999999999999", EINVAL, 1, "does not fit in 64 bits"},
    {"12ab", EINVAL, 1, "malformed number \"12ab\""},
    {"0x", EINVAL, 1, "malformed number \"0x\""},
    {"089", EINVAL, 1, "octal where they start with 0"},
    {"424(arg0 == 1)", EINVAL, 4, "a number takes no conditions"},
    {"@", EINVAL, 1, "must be followed by a group's name"},
    {"@ exec", EINVAL, 1, "must be followed by a group's name"},
    {"@exec(arg0 == 1)", EINVAL, 6, "@exec is a group and takes no conditions"},
    {"socket()", EINVAL, 8, "without one, write the call's name alone"},
    {"socket(AF_INET)", EINVAL, 8, "as in \"family == AF_INET\""},
    {"socket(2)", EINVAL, 8, "as in \"family == 2\""},
    {"socket(AF_INET, 1)", EINVAL, 8, "as in \"family == AF_INET\""},
    {"socket(family)", EINVAL, 14, "expected a comparison after \"family\""},
    {"socket(family = 2)", EINVAL, 15, "write \"==\""},
    {"socket(family ! 2)", EINVAL, 15, "write \"!=\""},
    {"socket(family => 2)", EINVAL, 15, "write \">=\""},
    {"socket(family === 2)", EINVAL, 17, "expected a number or a constant, found \"=\""},
    {"socket(family == )", EINVAL, 18, "expected a number or a constant, found \")\""},
    {"socket(family == 2", EINVAL, 19, "\")\" is missing"},
    {"socket(family ==", EINVAL, 17, "expected a number or a constant, found the end"},
    {"socket(", EINVAL, 8, "expected a parameter's name or arg0 to arg5, found the end"},
    {"socket(family == 2 && )", EINVAL, 23, "a condition must follow the last \"&&\""},
    {"socket(family == 2 and type == 1)", EINVAL, 20, "joined by \"&&\", not by \"and\""},
    {"socket(family == 2, type == 1)", EINVAL, 19, "joined by \"&&\", not by \",\""},
    {"socket(family == 2 & type == 1)", EINVAL, 20, "joined by \"&&\", not by \"&\""},
    {"socket(family == 2 || family == 3)", EINVAL, 20, "write a call for each"},
    {"socket(family == 2 or family == 3)", EINVAL, 20, "write a call for each"},
    {"socket(1 < family < 3)", EINVAL, 8, "\"1\" is a value"},
    {"socket(family < 3 < 4)", EINVAL, 19, "a condition has one comparison"},
    {"socket(family == AF_INTE)", ENOENT, 18, "unknown constant \"AF_INTE\"; did you mean"},
    {"socket(family == af_inet)", ENOENT, 18, "did you mean \"AF_INET\"?"},
    {"socket(family == type)", ENOENT, 18, "\"type\" is a parameter of the call"},
    {"socket(family == execve)", ENOENT, 18, "\"execve\" is a system call, not a constant"},
    {"connect(arg1 != NULL)", ENOENT, 17, "compare a pointer with 0"},
    {"socket(family == (1|2))", EINVAL, 18, "takes no parentheses"},
    {"socket(family & ~1 == 2)", EINVAL, 17, "\"~\" is not supported"},
    {"openat(arg1 == \"/etc\")", EINVAL, 16, "cannot read strings"},
    {"socket(family & 3)", EINVAL, 18, "as in \"family & 3 != 0\""},
    {"socket(family == -0x5)", EINVAL, 18, "\"-\" must stand before a decimal number"},
    {"socket(family == -AF_INET)", EINVAL, 18, "\"-\" must stand before a decimal number"},
    {"socket(family == -9223372036854775809)", EINVAL, 18, "does not fit in 64 bits"},
    {"socket(family == 18446744073709551616)", EINVAL, 18, "does not fit in 64 bits"},
    {"socket(family == 0x1ffffffffffffffff)", EINVAL, 18, "does not fit in 64 bits"},
    {"socket(family == 1|-1)", EINVAL, 20, "cannot be joined"},
    {"socket(family == -1|1)", EINVAL, 21, "cannot be joined"},
    {"socket(family == 1|)", EINVAL, 20, "expected a number or a constant, found \")\""},
    {"socket(arg6 == 1)", EINVAL, 8, "a system call has arg0 to arg5"},
    {"socket(arg0:u32 == 1)", EINVAL, 13, "expected \"u64\""},
    {"socket(arg0 == 1) == 1", EINVAL, 19, "conditions stand in parentheses"},
    {"socket(arg0 == 1)(arg1 == 1)", EINVAL, 18, "expected \",\" between calls, found \"(\""},
};

static void mistakes_name_place_and_remedy(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof mistakes / sizeof mistakes[0]; i++) {
        struct rules r = {0};
        struct error e = {0};
        uint32_t column;
        int result = read_all(mistakes[i].text, strlen(mistakes[i].text), &r, &column, &e);
        if (result != -mistakes[i].code || column != mistakes[i].column ||
            strstr(e.message, mistakes[i].message) == NULL)
            fail_msg("\"%s\": %d, column %u, \"%s\"", mistakes[i].text, result, column, e.message);
        assert_int_equal(r.condition_count + r.term_count, 0);
        rules_free(&r);
    }
}

static void a_nul_byte_is_no_end(void **state) {
    (void)state;
    struct rules r = {0};
    struct error e;
    uint32_t column;
    assert_int_equal(read_all("read\0,write", 11, &r, &column, &e), -EINVAL);
    assert_int_equal(column, 5);
    assert_non_null(strstr(e.message, "\\x00"));
    rules_free(&r);
}

static void values_are_those_of_the_abi(void **state) {
    (void)state;
    static const struct {
        const char *text;
        enum abi_id abi;
        uint64_t value;
        bool negative;
    } cases[] = {
        {"5", ABI_X86_64, 5, false},
        {" 0x10 | 010 ", ABI_X86_64, 0x18, false},
        {"0", ABI_X86_64, 0, false},
        {"-0", ABI_X86_64, 0, false},
        {"-100", ABI_X86_64, (uint64_t)-100, true},
        {"- 9223372036854775808", ABI_X86_64, UINT64_C(1) << 63, true},
        {"18446744073709551615", ABI_X86_64, UINT64_MAX, false},
        {"0xffffffffffffffff", ABI_X86_64, UINT64_MAX, false},
        {"AF_INET", ABI_X86_64, AF_INET, false},
        {"O_RDWR|O_CREAT|0x800", ABI_X86_64, O_RDWR | O_CREAT | 0x800, false},
        {"AT_FDCWD", ABI_X86_64, (uint64_t)-100, true},
        {"O_DIRECTORY", ABI_X86_64, 0200000, false},
        {"O_DIRECTORY", ABI_AARCH64, 040000, false},
        {"self", ABI_X86_64, 4321, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint64_t value;
        bool negative;
        struct error e;
        if (calls_value(cases[i].text, strlen(cases[i].text), cases[i].abi, 4321, &value, &negative, &e))
            fail_msg("%s: %s", cases[i].text, e.message);
        assert_int_equal(value, cases[i].value);
        assert_int_equal(negative, cases[i].negative);
    }
}

static void values_that_cannot_be_are_refused(void **state) {
    (void)state;
    static const struct {
        const char *text;
        enum abi_id abi;
        int code;
        const char *message;
    } cases[] = {
        {"", ABI_X86_64, EINVAL, "expected a number or a constant, found the end"},
        {"1 2", ABI_X86_64, EINVAL, "expected \"|\" or the end"},
        {"1||2", ABI_X86_64, EINVAL, "expected \"|\" or the end"},
        {"AT_FDCWD|1", ABI_X86_64, EINVAL, "negative value cannot be joined"},
        {"self", ABI_X86_64, EINVAL, "known only then"},
        {"AF_INTE", ABI_X86_64, ENOENT, "unknown constant"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint64_t value;
        bool negative;
        struct error e;
        int result = calls_value(cases[i].text, strlen(cases[i].text), cases[i].abi, -1, &value, &negative, &e);
        if (result != -cases[i].code || strstr(e.message, cases[i].message) == NULL)
            fail_msg("\"%s\": %d \"%s\"", cases[i].text, result, e.message);
    }
}

// Some constant is missing on some ABI; which, depends on the headers that the table was made from.
static const char *const missing_somewhere[] = {"MAP_32BIT", "PROT_BTI", "PROT_SAO", "O_LARGEFILE", "TIOCSTI"};

static void a_constant_that_the_abi_lacks_is_refused(void **state) {
    (void)state;
    int refused = 0;
    for (size_t i = 0; i < sizeof missing_somewhere / sizeof missing_somewhere[0]; i++) {
        const char *name = missing_somewhere[i];
        int constant = constants_find(name, strlen(name));
        for (int abi = 0; constant >= 0 && abi < ABI_COUNT; abi++) {
            int64_t known;
            uint64_t value;
            bool negative;
            struct error e;
            char message[100];
            snprintf(message, sizeof message, "constant %s does not exist on %s", name, abis[abi].name);
            int result = calls_value(name, strlen(name), (enum abi_id)abi, -1, &value, &negative, &e);
            if (constants_value((enum abi_id)abi, constant, &known)) {
                assert_int_equal(result, 0);
                continue;
            }
            assert_int_equal(result, -ENOTSUP);
            assert_string_equal(e.message, message);
            refused++;
        }
    }
    assert_true(refused > 0);
}

static void each_failed_allocation_leaves_the_store_as_it_was(void **state) {
    (void)state;
    static const char text[] = "clone(arg0 & CLONE_THREAD|0x10 != -5 && flags:u64 >= 0x10)";
    size_t n = 1;
    for (;; n++) {
        struct rules r = {0};
        struct error e = {0};
        struct calls c = {.text = text, .length = strlen(text), .column = 1};
        struct call call;
        memory_fail(n);
        int result = calls_next(&c, &r, &call, &e);
        bool all = memory_asked() < n;
        memory_fail(0);
        if (all) {
            assert_int_equal(result, 0);
        } else {
            assert_int_equal(result, -ENOMEM);
            assert_string_equal(e.message, "out of memory");
            assert_int_equal(r.condition_count + r.term_count + r.text_length, 0);
            assert_int_equal(c.at, 0);
            assert_int_equal(calls_next(&c, &r, &call, &e), 0);
            assert_int_equal(r.condition_count, 2);
        }
        rules_free(&r);
        if (all) break;
    }
    assert_true(n > 3);
}

static uint64_t random_state;

static uint32_t random_below(uint32_t limit) {
    random_state = random_state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(random_state >> 33) % limit;
}

static const char *const soup[] = {"execve",
                                   "socket",
                                   "clone",
                                   "@exec",
                                   "@",
                                   "(",
                                   ")",
                                   "&&",
                                   "&",
                                   "|",
                                   "||",
                                   "==",
                                   "=",
                                   "!=",
                                   "<",
                                   "<=",
                                   ">",
                                   ">=",
                                   ",",
                                   "-",
                                   "arg0",
                                   "arg9",
                                   "family",
                                   "flags",
                                   "AF_INET",
                                   "CLONE_THREAD",
                                   "self",
                                   ":u64",
                                   ":",
                                   "0x",
                                   "0x10",
                                   "017",
                                   "4294967296",
                                   "18446744073709551616",
                                   "12",
                                   " ",
                                   "\n",
                                   "\t",
                                   "\xc3",
                                   "\xff",
                                   "\\",
                                   "#",
                                   "socket(family ==",
                                   "ioctl(cmd == TIOCSTI)",
                                   "u64",
                                   "and",
                                   "~"};

// Whatever the text is: no crash, a store that is whole, and a message where it is refused.
static void random_words_never_crash(void **state) {
    (void)state;
    const char *wanted = getenv("ABJURE_SEED");
    uint64_t seed = wanted != NULL ? strtoull(wanted, NULL, 0) : (uint64_t)time(NULL);
    print_message("ABJURE_SEED=%llu\n", (unsigned long long)seed);
    random_state = seed;
    int accepted = 0;
    for (int round = 0; round < 30000 / SLOWDOWN; round++) {
        char *text = malloc(2048); // of its exact length, so that reading behind it is seen
        size_t length = 0;
        for (uint32_t i = random_below(12); i > 0; i--) {
            const char *word = soup[random_below(sizeof soup / sizeof soup[0])];
            memcpy(text + length, word, strlen(word));
            length += strlen(word);
            if (random_below(40) == 0) text[length++] = '\0';
        }
        char *exact = realloc(text, length > 0 ? length : 1);
        struct rules r = {0};
        struct error e = {0};
        uint32_t column = 0;
        int result = read_all(exact, length, &r, &column, &e);
        accepted += result > 0;
        if (result < 0) {
            assert_int_equal(e.code, -result);
            assert_true(e.message[0] != '\0');
            assert_in_range(column, 1, length + 1);
        }
        uint64_t value;
        bool negative;
        (void)calls_value(exact, length, ABI_X86_64, 1, &value, &negative, &e);
        rules_free(&r);
        free(exact);
    }
    assert_true(accepted > 100 / SLOWDOWN);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_groups_and_numbers_are_told_apart),
        cmocka_unit_test(conditions_are_stored_as_written),
        cmocka_unit_test(every_comparison_is_read),
        cmocka_unit_test(mistakes_name_place_and_remedy),
        cmocka_unit_test(a_nul_byte_is_no_end),
        cmocka_unit_test(values_are_those_of_the_abi),
        cmocka_unit_test(values_that_cannot_be_are_refused),
        cmocka_unit_test(a_constant_that_the_abi_lacks_is_refused),
        cmocka_unit_test(each_failed_allocation_leaves_the_store_as_it_was),
        cmocka_unit_test(random_words_never_crash),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
