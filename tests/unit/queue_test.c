// SPDX-License-Identifier: MIT
#include "queue.h"

#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum {
    LINES = 1000000 / SLOWDOWN
};

static void *put_numbers(void *context) {
    struct queue *q = context;
    char text[32];
    for (int i = 0; i < LINES; i++) {
        int length = snprintf(text, sizeof text, "%d", i);
        queue_put(q, "n", 1, text, (size_t)length);
    }
    return NULL;
}

static void in_order_from_one_thread_to_the_other(void **unused) {
    (void)unused;
    struct queue q;
    pthread_t thread;
    assert_true(queue_start(&q));
    assert_int_equal(pthread_create(&thread, NULL, put_numbers, &q), 0);
    struct chunk *chunk = NULL;
    for (int next = 0; next < LINES;) {
        chunk = queue_take(&q, chunk);
        if (chunk == NULL && !queue_sleep(&q)) {
            struct pollfd p = {.fd = q.wake_fd, .events = POLLIN};
            assert_int_equal(poll(&p, 1, 60 * 1000), 1);
            queue_awake(&q);
        }
        const char *line;
        size_t length;
        while (chunk != NULL && (line = chunk_next(chunk, &length)) != NULL) {
            char text[32];
            int wanted = snprintf(text, sizeof text, "n%d", next++);
            assert_int_equal(length, wanted);
            assert_memory_equal(line, text, length);
        }
    }
    pthread_join(thread, NULL);
    assert_null(queue_take(&q, chunk));
    assert_int_equal(queue_state(&q).waiting, 0);
    assert_int_equal(queue_state(&q).dropped, 0);
    queue_end(&q);
}

// What does not fit is counted; what was there before stays, and there is room again once it is taken.
static void full(void **unused) {
    (void)unused;
    static char line[1 << 20];
    struct queue q;
    memset(line, 'x', sizeof line);
    assert_true(queue_start(&q));
    for (int i = 0; i < 300; i++)
        queue_put(&q, "", 0, line, sizeof line);
    struct queue_state s = queue_state(&q);
    assert_true(s.waiting > 100 && s.dropped > 50);
    assert_int_equal(s.waiting + s.dropped, 300);
    assert_int_equal(s.most, s.waiting);
    struct chunk *chunk = NULL;
    uint64_t taken = 0;
    while ((chunk = queue_take(&q, chunk)) != NULL) {
        size_t length;
        while (chunk_next(chunk, &length) != NULL) {
            assert_int_equal(length, sizeof line);
            taken++;
        }
    }
    assert_int_equal(taken, s.waiting);
    queue_put(&q, "a", 1, "b", 1);
    assert_int_equal(queue_state(&q).waiting, 1);
    assert_int_equal(queue_state(&q).dropped, s.dropped);
    // Longer than any room.
    char *endless = calloc(1, 2 << 20);
    queue_put(&q, "", 0, endless, 2 << 20);
    free(endless);
    assert_int_equal(queue_state(&q).dropped, s.dropped + 1);
    assert_int_equal(queue_state(&q).waiting, 1);
    queue_end(&q);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(in_order_from_one_thread_to_the_other),
        cmocka_unit_test(full),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
