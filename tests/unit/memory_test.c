// SPDX-License-Identifier: MIT
#include "memory.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void new_memory_is_zeroed(void **state) {
    (void)state;
    unsigned char *memory = memory_new(1000, 3);
    assert_non_null(memory);
    for (size_t i = 0; i < 3000; i++)
        assert_int_equal(memory[i], 0);
    memory_free(memory);
    memory_free(NULL);
}

static void sizes_that_overflow_are_refused(void **state) {
    (void)state;
    assert_null(memory_new(SIZE_MAX / 2, 3));
    assert_null(memory_copy("", SIZE_MAX));
    uint64_t *items = NULL;
    size_t room = 0;
    assert_int_equal(memory_grow(&items, &room, SIZE_MAX / 4, sizeof *items), -ENOMEM);
    assert_int_equal(memory_grow(&items, &room, SIZE_MAX, 1), -ENOMEM);
    assert_null(items);
    assert_int_equal(room, 0);
}

static void growing_keeps_items_and_doubles(void **state) {
    (void)state;
    uint32_t *items = NULL;
    size_t room = 0;
    memory_fail(0);
    for (uint32_t i = 0; i < 10000; i++) {
        assert_int_equal(memory_grow(&items, &room, i + 1, sizeof *items), 0);
        assert_true(room > i);
        items[i] = i;
    }
    for (uint32_t i = 0; i < 10000; i++)
        assert_int_equal(items[i], i);
    assert_true(memory_asked() < 20);
    memory_free(items);
}

static void growing_that_fails_changes_nothing(void **state) {
    (void)state;
    char *items = NULL;
    size_t room = 0;
    assert_int_equal(memory_grow(&items, &room, 4, 1), 0);
    memcpy(items, "abc", 4);
    const char *before = items;
    size_t before_room = room;
    memory_fail(1);
    assert_int_equal(memory_grow(&items, &room, 1000, 1), -ENOMEM);
    assert_ptr_equal(items, before);
    assert_int_equal(room, before_room);
    assert_string_equal(items, "abc");
    assert_int_equal(memory_grow(&items, &room, 1000, 1), 0); // only the one fails
    assert_string_equal(items, "abc");
    memory_fail(0);
    memory_free(items);
}

static void the_nth_allocation_fails(void **state) {
    (void)state;
    for (size_t n = 1; n <= 3; n++) {
        memory_fail(n);
        for (size_t i = 1; i <= 4; i++) {
            void *memory = memory_new(1, 1);
            assert_int_equal(memory == NULL, i == n);
            memory_free(memory);
        }
        assert_int_equal(memory_asked(), 4);
    }
    memory_fail(0);
}

static void a_copy_is_terminated(void **state) {
    (void)state;
    char *copy = memory_copy("execve, fork", 6);
    assert_string_equal(copy, "execve");
    memory_free(copy);
    copy = memory_copy(NULL, 0);
    assert_string_equal(copy, "");
    memory_free(copy);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(new_memory_is_zeroed),
        cmocka_unit_test(sizes_that_overflow_are_refused),
        cmocka_unit_test(growing_keeps_items_and_doubles),
        cmocka_unit_test(growing_that_fails_changes_nothing),
        cmocka_unit_test(the_nth_allocation_fails),
        cmocka_unit_test(a_copy_is_terminated),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
