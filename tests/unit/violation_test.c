// SPDX-License-Identifier: MIT
// The corpus has what records tell; here is what it cannot hold.
#include "violation.h"

#include "error.h"
#include "text.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

static int write(const char *line, size_t length, char *buffer, uint64_t size) {
    struct text t;
    struct error e;
    error_clear(&e);
    text_start(&t, buffer, size);
    int r = violation_write(line, length, &t, &e);
    text_end(&t);
    if (r < 0) assert_true(e.code == -r && e.message[0] != '\0');
    return r;
}

// Every day of 1970 to 2400, and the last second that eleven digits can write, as the C library has them.
static void dates_are_right(void **state) {
    (void)state;
    for (long long day = 0; day <= 157054; day++) {
        time_t seconds = day == 157054 ? 99999999999 : day * 86400 + day % 86400;
        char line[64], buffer[512], wanted[64];
        struct tm utc;
        int length = snprintf(line, sizeof line, "type=1326 audit(%lld.007:3): syscall=1", (long long)seconds);
        assert_int_equal(write(line, (size_t)length, buffer, sizeof buffer), 0);
        strftime(wanted, sizeof wanted, "time: %Y-%m-%dT%H:%M:%S.007Z\n", gmtime_r(&seconds, &utc));
        assert_memory_equal(buffer, wanted, strlen(wanted));
    }
}

static void zero_bytes_in_a_line(void **state) {
    (void)state;
    static const char line[] = "type=1326 audit(1.002:3): comm=\"a\0b\" syscall=1";
    char buffer[512];
    assert_int_equal(write(line, sizeof line - 1, buffer, sizeof buffer), 0);
    assert_non_null(strstr(buffer, "name: a\\x00b\n"));
    assert_int_equal(write("\0\0\0", 3, buffer, sizeof buffer), -EINVAL);
}

static void every_buffer_is_enough_to_count(void **state) {
    (void)state;
    static const char line[] = "type=1326 audit(1.002:3): comm=C3A4C3A4 exe=\"/\" syscall=1 code=0x0";
    char whole[512];
    write(line, sizeof line - 1, whole, sizeof whole);
    assert_non_null(strstr(whole, "\xc3\xa4\xc3\xa4"));
    for (size_t size = 1; size < sizeof whole; size++) {
        char buffer[512];
        memset(buffer, '~', sizeof buffer);
        write(line, sizeof line - 1, buffer, size);
        assert_memory_equal(buffer, whole, strlen(buffer));
        assert_true(strlen(buffer) < size);
        assert_true(size == sizeof buffer || buffer[size] == '~');
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dates_are_right),
        cmocka_unit_test(zero_bytes_in_a_line),
        cmocka_unit_test(every_buffer_is_enough_to_count),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
