// SPDX-License-Identifier: MIT
#include "text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void every_size_is_cut_between_characters(void **state) {
    (void)state;
    static const char whole[] = "a\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80z";
    static const size_t boundaries[] = {0, 1, 3, 6, 10, 11};
    for (size_t size = 0; size <= sizeof whole + 2; size++) {
        char buffer[32];
        memset(buffer, '~', sizeof buffer);
        struct text t;
        text_start(&t, size > 0 ? buffer : NULL, size);
        text_add(&t, "%c", 'a');
        text_bytes(&t, whole + 1, sizeof whole - 2);
        assert_int_equal(text_end(&t), (int64_t)(sizeof whole - 1));
        assert_int_equal(buffer[size], '~');
        if (size == 0) continue;
        size_t kept = 0;
        for (size_t i = 0; i < sizeof boundaries / sizeof boundaries[0]; i++)
            if (boundaries[i] <= size - 1) kept = boundaries[i];
        assert_int_equal(strlen(buffer), kept);
        assert_memory_equal(buffer, whole, kept);
    }
}

static void counting_goes_on_after_the_buffer_is_full(void **state) {
    (void)state;
    char buffer[4];
    struct text t;
    text_start(&t, buffer, sizeof buffer);
    text_add(&t, "%s", "abcdef");
    text_add(&t, "%d", 12345);
    text_bytes(&t, "xyz", 3);
    text_bytes(&t, NULL, 0);
    assert_int_equal(text_end(&t), 14);
    assert_string_equal(buffer, "abc");
}

static void invalid_sequences_are_not_cut(void **state) {
    (void)state;
    assert_int_equal(text_boundary("ab\x80\x80\x80\x80\x80", 7), 7);
    assert_int_equal(text_boundary("ab\xff", 3), 3);
    assert_int_equal(text_boundary("ab\xe2\x82", 4), 2);
    assert_int_equal(text_boundary("\xe2", 1), 0);
    assert_int_equal(text_boundary("", 0), 0);
}

static void words_are_safe_to_print(void **state) {
    (void)state;
    static const struct {
        const char *bytes, *shown;
    } cases[] = {
        {"execve", "execve"},
        {"a\x1b[31mb", "a\\x1b[31mb"},
        {"\xc3\xa4\xe2\x82\xac", "\xc3\xa4\xe2\x82\xac"},
        {"\xc3", "\\xc3"},
        {"\xc0\x80", "\\xc0\\x80"},                   // overlong
        {"\xe0\x80\x80", "\\xe0\\x80\\x80"},          // overlong
        {"\xed\xa0\x80", "\\xed\\xa0\\x80"},          // a surrogate
        {"\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80"}, // above U+10FFFF
        {"\xc2\x9b", "\\xc2\\x9b"},                   // the C1 control that starts a terminal's sequences
        {"\xe2\x80\xae", "\\xe2\\x80\\xae"},          // right to left
        {"\x7f\n", "\\x7f\\x0a"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_string_equal(text_quote(cases[i].bytes, strlen(cases[i].bytes)).text, cases[i].shown);
    assert_string_equal(text_quote("a\0b", 3).text, "a\\x00b");
}

static void long_words_are_cut(void **state) {
    (void)state;
    char bytes[200], shown[300] = "";
    memset(bytes, 1, sizeof bytes);
    for (int i = 0; i < 64; i++)
        strcat(shown, "\\x01");
    assert_string_equal(text_quote(bytes, 64).text, shown);
    strcat(shown, "\xe2\x80\xa6");
    assert_string_equal(text_quote(bytes, 65).text, shown);
    memset(bytes, 'a', sizeof bytes);
    memcpy(bytes + 62, "\xe2\x82\xac", 3); // ends at 65: is left out whole
    assert_int_equal(strlen(text_quote(bytes, 200).text), 62 + 3);
}

static const char *valued(const char *bytes, size_t length) {
    static char shown[256];
    struct text t;
    text_start(&t, shown, sizeof shown);
    text_value(&t, bytes, length);
    text_end(&t);
    return shown;
}

static void values_stay_on_their_line(void **state) {
    (void)state;
    assert_string_equal(valued("nginx: worker", 13), "nginx: worker");
    assert_string_equal(valued("caf\xc3\xa9", 5), "caf\xc3\xa9");
    assert_string_equal(valued("", 0), "\"\"");
    assert_string_equal(valued(" x", 2), "\" x\"");
    assert_string_equal(valued("x ", 2), "\"x \"");
    assert_string_equal(valued("a\nmode: filter", 14), "\"a\\nmode: filter\"");
    assert_string_equal(valued("\x1b[2J\"\\", 6), "\"\\x1b[2J\\\"\\\\\"");
    assert_string_equal(valued("\xe2\x80\xaez\xff", 5), "\"\\xe2\\x80\\xaez\\xff\""); // right to left
    assert_string_equal(valued("\xe2\x82", 2), "\"\\xe2\\x82\"");
    assert_string_equal(valued("a\0b", 3), "\"a\\x00b\"");
}

static const char *best(const char *word, const char *const *candidates) {
    struct spelling s;
    spelling_start(&s, word, strlen(word));
    for (; *candidates != NULL; candidates++)
        spelling_try(&s, *candidates);
    return s.best != NULL ? s.best : "";
}

static void the_nearest_spelling_wins(void **state) {
    (void)state;
    static const char *const calls[] = {"exit", "execveat", "execve", "getpid", "getppid", "kill", "read", NULL};
    assert_string_equal(best("execev", calls), "execve"); // a swap counts one
    assert_string_equal(best("execv", calls), "execve");
    assert_string_equal(best("exxecve", calls), "execve");
    assert_string_equal(best("exekve", calls), "execve");
    assert_string_equal(best("execveta", calls), "execveat");
    assert_string_equal(best("EXECVE", calls), "execve");
    assert_string_equal(best("SYS_getppid", calls), "getppid");
    assert_string_equal(best("__NR_kill", calls), "kill");
    assert_string_equal(best("sys_kil", calls), "");
    assert_string_equal(best("reda", calls), "read");
    assert_string_equal(best("ead", calls), "read");
    assert_string_equal(best("fork", calls), "");
    assert_string_equal(best("", calls), "");
    assert_string_equal(best("x", calls), "");
    char lengthy[200];
    memset(lengthy, 'e', sizeof lengthy - 1);
    lengthy[sizeof lengthy - 1] = '\0';
    assert_string_equal(best(lengthy, calls), "");
}

static void the_hint_names_it(void **state) {
    (void)state;
    struct spelling s;
    spelling_start(&s, "execev", 6);
    assert_string_equal(spelling_hint(&s).text, "");
    spelling_try(&s, "execve");
    assert_string_equal(spelling_hint(&s).text, "; did you mean \"execve\"?");
    assert_int_equal(s.distance, 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_size_is_cut_between_characters),
        cmocka_unit_test(counting_goes_on_after_the_buffer_is_full),
        cmocka_unit_test(invalid_sequences_are_not_cut),
        cmocka_unit_test(words_are_safe_to_print),
        cmocka_unit_test(long_words_are_cut),
        cmocka_unit_test(values_stay_on_their_line),
        cmocka_unit_test(the_nearest_spelling_wins),
        cmocka_unit_test(the_hint_names_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
