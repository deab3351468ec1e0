// SPDX-License-Identifier: MIT
#include "scan.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void letters_digits_and_underscore_are_words(void **state) {
    (void)state;
    for (int c = 0; c < 256; c++) {
        bool expected = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
        assert_int_equal(scan_is_word((char)c), expected);
    }
}

static void nothing_behind_the_end_is_seen(void **state) {
    (void)state;
    struct scan s = {.text = " \t\nab_1cd", .length = 7};
    scan_space(&s);
    assert_int_equal(s.at, 3);
    struct scan_word w = scan_word(&s);
    assert_int_equal(w.length, 4);
    assert_true(scan_is(w, "ab_1"));
    assert_false(scan_is(w, "ab_1c"));
    assert_int_equal(scan_peek(&s, 3), '1');
    assert_int_equal(scan_peek(&s, 4), '\0');
    s.at = 7;
    assert_true(scan_ended(&s));
    assert_int_equal(scan_word(&s).length, 0);
    assert_string_equal(scan_found(&s).text, "the end");
}

static void what_stands_here_is_quoted(void **state) {
    (void)state;
    struct scan s = {.text = "\xe2\x82\xac+\xff", .length = 5};
    assert_string_equal(scan_found(&s).text, "\"\xe2\x82\xac\"");
    s.at = 3;
    assert_string_equal(scan_found(&s).text, "\"+\"");
    s.at = 4;
    assert_string_equal(scan_found(&s).text, "\"\\xff\"");
}

static void numbers_have_three_bases(void **state) {
    (void)state;
    static const struct {
        const char *text;
        uint64_t value;
    } cases[] = {
        {"0", 0},
        {"7", 7},
        {"1234567890", 1234567890},
        {"0x1aF", 0x1af},
        {"0XFF", 0xff},
        {"0755", 0755},
        {"00", 0},
        {"18446744073709551615", UINT64_MAX},
        {"0xffffffffffffffff", UINT64_MAX},
        {"01777777777777777777777", UINT64_MAX},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct error e;
        struct scan s = {.text = cases[i].text, .length = strlen(cases[i].text), .error = &e};
        uint64_t value = 1;
        assert_int_equal(scan_number(&s, &value), 0);
        assert_int_equal(value, cases[i].value);
        assert_true(scan_ended(&s));
    }
}

static void wrong_numbers_are_refused(void **state) {
    (void)state;
    static const char *const cases[] = {"0x",
                                        "0xg",
                                        "08",
                                        "0789",
                                        "12a",
                                        "1_000",
                                        "10UL",
                                        "0b1",
                                        "0x0x1",
                                        "18446744073709551616",
                                        "0x10000000000000000",
                                        "02000000000000000000000",
                                        "99999999999999999999999999999999"};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct error e = {0};
        struct scan s = {.text = cases[i], .length = strlen(cases[i]), .error = &e};
        uint64_t value;
        assert_int_equal(scan_number(&s, &value), -EINVAL);
        assert_non_null(strstr(e.message, cases[i]));
        assert_int_equal(s.at, 0);
        assert_int_equal(s.wrong, 0);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(letters_digits_and_underscore_are_words),
        cmocka_unit_test(nothing_behind_the_end_is_seen),
        cmocka_unit_test(what_stands_here_is_quoted),
        cmocka_unit_test(numbers_have_three_bases),
        cmocka_unit_test(wrong_numbers_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
