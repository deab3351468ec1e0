// SPDX-License-Identifier: MIT
#include "error.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void set_returns_the_negative_code(void **state) {
    (void)state;
    struct error e;
    assert_int_equal(error_set(&e, EINVAL, "line %d: %s", 3, "bad"), -EINVAL);
    assert_int_equal(e.code, EINVAL);
    assert_string_equal(e.message, "line 3: bad");
    assert_int_equal(error_memory(&e), -ENOMEM);
    assert_string_equal(e.message, "out of memory");
    error_clear(&e);
    assert_int_equal(e.code, 0);
    assert_string_equal(e.message, "");
}

static void the_message_may_be_its_own_argument(void **state) {
    (void)state;
    struct error e;
    error_set(&e, ENOENT, "inner");
    error_set(&e, EINVAL, "outer: %s", e.message);
    assert_string_equal(e.message, "outer: inner");
    error_prefix(&e, "policy:%d:%d: ", 3, 7);
    assert_string_equal(e.message, "policy:3:7: outer: inner");
    assert_int_equal(e.code, EINVAL);
}

// "é" has two bytes, so one of two neighbouring lengths would cut it.
static void long_messages_are_cut_between_characters(void **state) {
    (void)state;
    for (size_t ahead = 0; ahead < 2; ahead++) {
        char text[3000] = "x";
        for (size_t i = ahead; i + 2 < sizeof text; i += 2)
            memcpy(text + i, "\xc3\xa9", 3);
        struct error e;
        error_set(&e, EINVAL, "%s", text);
        size_t expected = (ERROR_MESSAGE_SIZE - 1 - ahead) / 2 * 2 + ahead;
        assert_int_equal(strlen(e.message), expected);
        assert_memory_equal(e.message, text, expected);
        error_prefix(&e, "%s", "p");
        assert_int_equal(e.message[0], 'p');
        expected = (ERROR_MESSAGE_SIZE - 2 - ahead) / 2 * 2 + ahead + 1;
        assert_int_equal(strlen(e.message), expected);
        error_prefix(&e, "%s", text); // leaves no room
        assert_true(strlen(e.message) < ERROR_MESSAGE_SIZE);
        assert_memory_equal(e.message, text, strlen(e.message));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(set_returns_the_negative_code),
        cmocka_unit_test(the_message_may_be_its_own_argument),
        cmocka_unit_test(long_messages_are_cut_between_characters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
