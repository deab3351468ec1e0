// SPDX-License-Identifier: MIT
#include "cube.h"

#include <errno.h>
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#include "random.h"

#include "memory.h"

// How many cubes hold the arguments.
static size_t holding(const struct cubes *c, const uint64_t args[6]) {
    size_t found = 0;
    for (size_t i = 0; i < c->count; i++) {
        bool in = true;
        for (int a = 0; a < 6; a++)
            in = in && (args[a] & c->list[i].mask[a]) == c->list[i].value[a];
        found += in;
    }
    return found;
}

static struct test some_test(void) {
    struct test t = {.argument = (uint8_t)(draw() % 2), .wide = draw() % 2 == 0, .op = (enum comparison)(draw() % 6)};
    const uint64_t width = t.wide ? UINT64_MAX : UINT32_MAX;
    t.mask = draw() % 2 == 0 ? width : (draw() >> draw() % 64) & width;
    if (t.mask == 0) t.mask = 1;
    t.is_signed = t.mask == width && draw() % 2 == 0;
    t.value = (draw() >> draw() % 64) & t.mask;
    return t;
}

// A value near the border of a test, or anything.
static uint64_t near(const struct test *t) {
    const uint64_t steps[] = {0, 1, UINT64_MAX, UINT64_C(1) << 31, UINT64_C(1) << 32, UINT64_C(1) << 63};
    return draw() % 4 == 0 ? draw() : t->value + steps[draw() % 6] + (draw() % 2 ? draw() & ~t->mask : 0);
}

static void agree_with_tests(void **unused) {
    (void)unused;
    size_t compared = 0;
    seed("random tests");
    for (int round = 0; round < 400; round++) {
        struct test tests[3], less[2];
        struct cubes c = {0}, other = {0};
        for (int i = 0; i < 3; i++)
            tests[i] = some_test();
        for (int i = 0; i < 2; i++)
            less[i] = some_test();
        int r = cubes_make(&c, tests, 3);
        if (r == 0) {
            r = cubes_make(&other, less, 2);
            if (r == 0) r = cubes_subtract(&c, &other);
        }
        cubes_free(&other);
        assert_true(r == 0 || r == -E2BIG);
        for (int i = 0; i < 200 && r == 0; i++) {
            uint64_t args[6] = {draw(), draw()};
            const struct test *about = i % 5 < 3 ? &tests[i % 5] : &less[i % 5 - 3];
            args[about->argument] = near(about);
            bool in = test_holds(&tests[0], args) && test_holds(&tests[1], args) && test_holds(&tests[2], args) &&
                      !(test_holds(&less[0], args) && test_holds(&less[1], args));
            // Disjoint: no value is in two cubes.
            assert_int_equal(holding(&c, args), in);
            compared++;
        }
        cubes_free(&c);
    }
    assert_true(compared > 20000);
}

static void sizes(void **unused) {
    (void)unused;
    const struct test one = {.mask = UINT64_MAX, .wide = true, .op = COMPARE_EQ, .value = 7};
    const struct test other_than = {.mask = UINT32_MAX, .op = COMPARE_NE, .value = 1};
    const struct test never = {.mask = UINT32_MAX, .op = COMPARE_LT, .value = 0};
    const struct test always = {.mask = UINT32_MAX, .op = COMPARE_LE, .value = UINT32_MAX};
    struct cubes c;
    assert_int_equal(cubes_make(&c, &one, 1), 0);
    assert_int_equal(c.count, 1);
    cubes_free(&c);
    assert_int_equal(cubes_make(&c, &other_than, 1), 0);
    assert_int_equal(c.count, 32); // one for each bit that may differ
    cubes_free(&c);
    assert_int_equal(cubes_make(&c, &never, 1), 0);
    assert_int_equal(c.count, 0);
    cubes_free(&c);
    assert_int_equal(cubes_make(&c, &always, 1), 0);
    assert_int_equal(c.count, 1);
    cubes_free(&c);
}

static void limits(void **unused) {
    (void)unused;
    struct test tests[6];
    struct cubes c;
    for (uint8_t i = 0; i < 6; i++)
        tests[i] = (struct test){.argument = i, .mask = UINT64_MAX, .wide = true, .op = COMPARE_NE, .value = i};
    assert_int_equal(cubes_make(&c, tests, 6), -E2BIG); // 64^6
    assert_null(c.list);
    for (size_t n = 1; n < 40; n++) {
        memory_fail(n);
        int r = cubes_make(&c, tests, 2);
        memory_fail(0);
        cubes_free(&c);
        if (r == 0) return;
        assert_int_equal(r, -ENOMEM);
    }
    fail_msg("more than 40 allocations");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agree_with_tests),
        cmocka_unit_test(sizes),
        cmocka_unit_test(limits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
