// SPDX-License-Identifier: MIT
#include "errnos.h"
#include "text.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static int find(const char *name) {
    return errnos_find(name, strlen(name));
}

// The C library's names are the oracle: every number that it names is named alike here, and no other.
static void every_number_has_the_name_of_the_c_library(void **state) {
    (void)state;
    int named = 0;
    for (int number = 1; number < 4096; number++) {
        const char *theirs = strerrorname_np(number), *ours = errnos_name(number);
        if (theirs == NULL) {
            assert_null(ours);
            continue;
        }
        named++;
        if (ours == NULL) fail_msg("%s has no name", theirs);
        // EAGAIN and EWOULDBLOCK, EOPNOTSUPP and ENOTSUP are one number: the library may show the other name.
        assert_int_equal(find(theirs), number);
        assert_int_equal(find(ours), number);
        if (number != EAGAIN && number != EOPNOTSUPP && number != EDEADLK) assert_string_equal(ours, theirs);
    }
    assert_true(named > 130);
}

static void second_names_are_read_and_not_written(void **state) {
    (void)state;
    assert_int_equal(find("EWOULDBLOCK"), EAGAIN);
    assert_int_equal(find("ENOTSUP"), EOPNOTSUPP);
    assert_int_equal(find("EDEADLOCK"), EDEADLK);
    assert_string_equal(errnos_name(EAGAIN), "EAGAIN");
    assert_string_equal(errnos_name(EOPNOTSUPP), "EOPNOTSUPP");
    assert_string_equal(errnos_name(EDEADLK), "EDEADLK");
}

static void other_words_are_none(void **state) {
    (void)state;
    static const char *const words[] = {"",       "E",   "EPER", "EPERMS",           "eperm",
                                        "EPERM ", "ZZZ", "A",    "ENOTRECOVERABLEX", "ENOTRECOVERABLE0123456789"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        assert_int_equal(find(words[i]), -1);
    assert_int_equal(errnos_find("EPERM!", 5), EPERM); // the length counts
    assert_int_equal(errnos_find("EPERM\0", 6), -1);
    assert_null(errnos_name(0));
    assert_null(errnos_name(-1));
    assert_null(errnos_name(4095));
}

static void misspelt_names_get_a_suggestion(void **state) {
    (void)state;
    struct spelling s;
    spelling_start(&s, "EACCESS", 7);
    errnos_spelling(&s);
    assert_non_null(s.best);
    assert_string_equal(s.best, "EACCES");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_number_has_the_name_of_the_c_library),
        cmocka_unit_test(second_names_are_read_and_not_written),
        cmocka_unit_test(other_words_are_none),
        cmocka_unit_test(misspelt_names_get_a_suggestion),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
