// SPDX-License-Identifier: MIT
#include "oci_place.h"

#include "kit.h"

static struct place_walk walk(const char *text) {
    struct place_walk w;
    place_start(&w, text, strlen(text));
    return w;
}

static void expect_token(struct place_walk *w, char token, uint32_t line, uint32_t column, int depth) {
    const char got = place_token(w);
    CHECK(got == token, "got '%c' (%d), wanted '%c'", got, got, token);
    if (token == 0) return;
    assert_int_equal(w->place.line, line);
    assert_int_equal(w->place.column, column);
    assert_int_equal(w->depth, depth);
}

static void tokens(void **unused) {
    (void)unused;
    struct place_walk w = walk("{ \"a\\\"b\": [1,\r\n\t-2.5e3, true],\n\n  \"\xc3\xa9\":null}");
    expect_token(&w, '{', 1, 1, 1);
    expect_token(&w, '"', 1, 3, 1); // the escaped quote does not end it
    expect_token(&w, ':', 1, 9, 1);
    expect_token(&w, '[', 1, 11, 2);
    expect_token(&w, 'v', 1, 12, 2);
    expect_token(&w, ',', 1, 13, 2);
    expect_token(&w, 'v', 2, 2, 2);
    expect_token(&w, ',', 2, 8, 2);
    expect_token(&w, 'v', 2, 10, 2);
    expect_token(&w, ']', 2, 14, 1);
    expect_token(&w, ',', 2, 15, 1);
    expect_token(&w, '"', 4, 3, 1);
    expect_token(&w, ':', 4, 7, 1); // columns count bytes
    expect_token(&w, 'v', 4, 8, 1);
    expect_token(&w, '}', 4, 12, 0);
    expect_token(&w, 0, 0, 0, 0);
    expect_token(&w, 0, 0, 0, 0);
}

// The walk is for valid JSON, but the text has not been parsed yet when big integers are looked for: whatever it is,
// the walk ends and reads nothing outside. Each text is in memory of its own size for the sanitizer.
static void broken_texts_end(void **unused) {
    (void)unused;
    static const char *const texts[] = {"",     "\"", "\"\\", "\"abc\\\"", "{\"a", "[[[[",
                                        "]]]]", "\\", "1",    "\"a\"\"",   ",,:"};
    for (size_t i = 0; i < LENGTH(texts); i++) {
        const size_t length = strlen(texts[i]);
        char *text = malloc(length > 0 ? length : 1);
        memcpy(text, texts[i], length);
        struct place_walk w;
        place_start(&w, text, length);
        size_t count = 0;
        while (place_token(&w) != 0)
            count++;
        assert_true(count <= length);
        assert_true(w.at <= length);
        place_start(&w, text, length);
        assert_false(place_key(&w, "b"));
        place_start(&w, text, length);
        while (place_element(&w))
            assert_true(w.at <= length);
        size_t copied = length;
        char *copy = place_big_integers(text, &copied);
        assert_non_null(copy);
        assert_int_equal(copied, length);
        assert_memory_equal(copy, text, length);
        memory_free(copy);
        free(text);
    }
}

static void keys(void **unused) {
    (void)unused;
    const char *text = "{\"inner\": {\"syscalls\": [1]},\n \"name\": \"syscalls\",\n  \"syscalls\" : [] }";
    struct place_walk w = walk(text);
    assert_true(place_key(&w, "syscalls")); // not the inner one, and not the value
    assert_int_equal(w.place.line, 3);
    assert_int_equal(w.place.column, 3);
    w = walk(text);
    assert_false(place_key(&w, "syscall"));
    w = walk(text);
    assert_false(place_key(&w, "syscallss"));
    w = walk("[\"syscalls\", 1]");
    assert_false(place_key(&w, "syscalls"));
}

static void elements(void **unused) {
    (void)unused;
    struct place_walk w = walk("{\"syscalls\": [ {\"a\": [1, 2], \"b\": {}},\n {},\n\n   7, [3, [4]]\n], \"x\": [9]}");
    static const struct place want[] = {{1, 16}, {2, 2}, {4, 4}, {4, 7}};
    assert_true(place_key(&w, "syscalls"));
    for (size_t i = 0; i < LENGTH(want); i++) {
        assert_true(place_element(&w));
        assert_int_equal(w.place.line, want[i].line);
        assert_int_equal(w.place.column, want[i].column);
    }
    assert_false(place_element(&w));
    w = walk("{\"syscalls\": []}");
    assert_true(place_key(&w, "syscalls"));
    assert_false(place_element(&w));
    w = walk("{\"syscalls\": [{}]}");
    assert_true(place_key(&w, "syscalls"));
    assert_true(place_element(&w));
    assert_false(place_element(&w));
}

static void expect_big(const char *text, const char *want) {
    size_t length = strlen(text);
    char *copy = place_big_integers(text, &length);
    assert_non_null(copy);
    assert_int_equal(length, strlen(want));
    CHECK(memcmp(copy, want, length) == 0, "%.*s", (int)length, copy);
    memory_free(copy);
}

static void big_integers_become_strings(void **unused) {
    (void)unused;
    expect_big("[9223372036854775807]", "[9223372036854775807]"); // 2^63 - 1 is jansson's own
    expect_big("[9223372036854775808]", "[\"\\u00019223372036854775808\"]");
    expect_big("[18446744073709551615,1]", "[\"\\u000118446744073709551615\",1]");
    expect_big("[18446744073709551616]", "[18446744073709551616]"); // more than 64 bits: jansson says so
    expect_big("[99999999999999999999]", "[99999999999999999999]");
    expect_big("[-9223372036854775809]", "[-9223372036854775809]");
    expect_big("[9223372036854775808.0]", "[9223372036854775808.0]");
    expect_big("[\"9223372036854775808\"]", "[\"9223372036854775808\"]");
    expect_big("{\"a\":10000000000000000000, \"b\":[12345678901234567890]}",
               "{\"a\":\"\\u000110000000000000000000\", \"b\":[\"\\u000112345678901234567890\"]}");
    expect_big("18446744073709551615", "\"\\u000118446744073709551615\"");
}

static void no_memory(void **unused) {
    (void)unused;
    size_t length = 2;
    memory_fail(1);
    assert_null(place_big_integers("[]", &length));
    memory_fail(0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tokens),
        cmocka_unit_test(broken_texts_end),
        cmocka_unit_test(keys),
        cmocka_unit_test(elements),
        cmocka_unit_test(big_integers_become_strings),
        cmocka_unit_test(no_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
