// SPDX-License-Identifier: MIT
#include "error.h"
#include "memory.h"
#include "rule.h"
#include "text.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void texts_are_kept_terminated(void **state) {
    (void)state;
    struct rules r = {0};
    uint32_t first, second, empty;
    assert_int_equal(rules_text(&r, "execve, fork", 6, &first), 0);
    assert_int_equal(rules_text(&r, "", 0, &empty), 0);
    assert_int_equal(rules_text(&r, "socket", 6, &second), 0);
    assert_string_equal(r.text, "");
    assert_string_equal(r.text + first, "execve");
    assert_string_equal(r.text + empty, "");
    assert_string_equal(r.text + second, "socket");
    rules_free(&r);
    assert_null(r.text);
}

static void an_item_may_be_added_from_the_store_itself(void **state) {
    (void)state;
    struct rules r = {0};
    struct rule rule = {.number = 42};
    assert_int_equal(rules_add_rule(&r, &rule), 0);
    for (int i = 0; i < 1000; i++)
        assert_int_equal(rules_add_rule(&r, &r.rules[0]), 0);
    for (size_t i = 0; i < r.rule_count; i++)
        assert_int_equal(r.rules[i].number, 42);
    rules_free(&r);
}

static void a_mark_takes_back_what_came_later(void **state) {
    (void)state;
    struct rules r = {0};
    uint32_t offset;
    assert_int_equal(rules_text(&r, "first", 5, &offset), 0);
    assert_int_equal(rules_add_item(&r, &(struct item){.line = 1}), 0);
    struct rules_mark mark = rules_mark(&r);
    for (uint32_t i = 0; i < 100; i++) {
        assert_int_equal(rules_text(&r, "later", 5, &offset), 0);
        assert_int_equal(rules_add_item(&r, &(struct item){.line = i}), 0);
        assert_int_equal(rules_add_rule(&r, &(struct rule){.number = i}), 0);
        assert_int_equal(rules_add_condition(&r, &(struct condition){.argument = 1}), 0);
        assert_int_equal(rules_add_term(&r, &(struct term){.number = i}), 0);
    }
    rules_reset(&r, mark);
    assert_int_equal(r.item_count, 1);
    assert_int_equal(r.rule_count + r.condition_count + r.term_count, 0);
    assert_int_equal(r.text_length, mark.text_length);
    assert_string_equal(r.text + 1, "first");
    rules_free(&r);
}

static void a_failed_allocation_changes_nothing(void **state) {
    (void)state;
    struct rules r = {0};
    uint32_t offset = 7;
    memory_fail(1);
    assert_int_equal(rules_text(&r, "x", 1, &offset), -ENOMEM);
    memory_fail(1);
    assert_int_equal(rules_add_item(&r, &(struct item){0}), -ENOMEM);
    memory_fail(1);
    assert_int_equal(rules_add_rule(&r, &(struct rule){0}), -ENOMEM);
    memory_fail(1);
    assert_int_equal(rules_add_condition(&r, &(struct condition){0}), -ENOMEM);
    memory_fail(1);
    assert_int_equal(rules_add_term(&r, &(struct term){0}), -ENOMEM);
    memory_fail(0);
    assert_int_equal(offset, 7);
    assert_int_equal(r.item_count + r.rule_count + r.condition_count + r.term_count + r.text_length, 0);
    rules_free(&r);
}

static void items_are_written_with_their_source(void **state) {
    (void)state;
    struct rules r = {0};
    struct item item = {.action = {.kind = ACTION_ERRNO, .data = EACCES}, .line = 3, .column = 7};
    assert_int_equal(rules_text(&r, "socket(family == AF_INET)", 25, &item.text), 0);
    assert_int_equal(rules_text(&r, "web.policy", 10, &item.source), 0);
    char buffer[128];
    struct text t;
    text_start(&t, buffer, sizeof buffer);
    rules_write_item(&r, &item, &t);
    rules_write_source(&r, &item, &t);
    text_end(&t);
    assert_string_equal(buffer, "EACCES socket(family == AF_INET) (web.policy:3:7)");
    item.line = 0;
    text_start(&t, buffer, sizeof buffer);
    rules_write_source(&r, &item, &t);
    assert_int_equal(text_end(&t), 0);
    rules_free(&r);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_are_kept_terminated),
        cmocka_unit_test(an_item_may_be_added_from_the_store_itself),
        cmocka_unit_test(a_mark_takes_back_what_came_later),
        cmocka_unit_test(a_failed_allocation_changes_nothing),
        cmocka_unit_test(items_are_written_with_their_source),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
