// SPDX-License-Identifier: MIT
#include "sort.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

enum {
    MOST = 3000
};

static uint64_t state;

static uint64_t draw(void) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state * 0x2545f4914f6cdd1du;
}

static void sorted_and_stable(void **unused) {
    (void)unused;
    static struct sort_key keys[MOST], scratch[MOST];
    state = (uint64_t)time(NULL) * 0x9e3779b97f4a7c15u | 1;
    print_message("seed %#llx\n", (unsigned long long)state);
    for (int round = 0; round < 500; round++) {
        const size_t count = (size_t)(draw() >> 40) % (MOST + 1);
        const int bits = (int)(draw() >> 40) % 64, shift = (int)(draw() >> 40) % 64;
        uint64_t sum = 0;
        for (size_t i = 0; i < count; i++) {
            keys[i] = (struct sort_key){(draw() >> bits) << (shift % (bits + 1)), (uint32_t)i};
            sum += keys[i].value * (i + 1);
        }
        sort_keys(keys, scratch, count);
        for (size_t i = 0; i < count; i++)
            sum -= keys[i].value * ((uint64_t)keys[i].index + 1);
        assert_true(sum == 0); // each value still has its index
        for (size_t i = 1; i < count; i++)
            assert_true(keys[i - 1].value < keys[i].value ||
                        (keys[i - 1].value == keys[i].value && keys[i - 1].index < keys[i].index));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(sorted_and_stable)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
