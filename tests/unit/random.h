// SPDX-License-Identifier: MIT
// Random numbers for tests. Each test that draws prints its seed; ABJURE_SEED repeats a run.
#ifndef UNIT_RANDOM_H
#define UNIT_RANDOM_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

#include <setjmp.h>

#include <cmocka.h>

static uint64_t random_state = 1;

static inline uint64_t draw(void) { // xorshift64*
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return random_state * 0x2545f4914f6cdd1du;
}

static inline uint32_t below(uint64_t n) {
    return (uint32_t)((draw() >> 33) % n);
}

#define PICK(array) ((array)[below(sizeof(array) / sizeof *(array))])

static inline void seed(const char *test) {
    const char *given = getenv("ABJURE_SEED");
    random_state = given != NULL ? strtoull(given, NULL, 0) : (uint64_t)time(NULL) * 0x9e3779b97f4a7c15u;
    if (random_state == 0) random_state = 1;
    print_message("%s: seed %#llx\n", test, (unsigned long long)random_state);
}

#endif
