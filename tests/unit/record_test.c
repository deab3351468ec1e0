// SPDX-License-Identifier: MIT
#include "record.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define WHOLE                                                                                                          \
    "type=SECCOMP msg=audit(1592235264.942:94): auid=1000 uid=1001 gid=1002 ses=4 subj==unconfined pid=6664 "          \
    "comm=\"nc\" exe=\"/usr/bin/nc\" sig=31 arch=c000003e syscall=49 compat=0 ip=0x7ffb85de7497 code=0x80000000"

// A copy of its own size, so that the sanitizers see a read behind the line.
static enum record_kind parse(const char *line, size_t length, struct record *r) {
    char *copy = malloc(length > 0 ? length : 1);
    assert_non_null(copy);
    memcpy(copy, line, length);
    enum record_kind kind = record_parse(copy, length, r);
    // What it points to is inside.
    for (int i = 0; i < RECORD_FIELDS - RECORD_NUMBERS && (kind == RECORD_SECCOMP || kind == RECORD_ABEND); i++) {
        const struct record_text *t = &r->texts[i];
        if (t->bytes != NULL) assert_true(t->bytes >= copy && t->bytes + t->length <= copy + length);
    }
    free(copy);
    return kind;
}

static void every_field_is_read(void **state) {
    (void)state;
    static const char line[] = WHOLE "\x1d"
                                     "AUID=\"a b\" UID=\"b\" GID=\"c\" ARCH=x86_64 SYSCALL=bind";
    struct record r;
    assert_int_equal(record_parse(line, sizeof line - 1, &r), RECORD_SECCOMP);
    assert_int_equal(r.seconds, 1592235264);
    assert_int_equal(r.milliseconds, 942);
    assert_int_equal(r.serial, 94);
    assert_int_equal(r.arch, 0xc000003e);
    assert_int_equal(r.number, 49);
    assert_int_equal(r.code, 0x80000000);
    static const uint64_t numbers[RECORD_NUMBERS] = {1000, 1001, 1002, 4, 6664, 31, 0xc000003e, 49, 0, 0x7ffb85de7497};
    for (int i = 0; i <= RECORD_IP; i++) {
        assert_true(record_has(&r, (enum record_field)i));
        assert_int_equal(r.numbers[i], numbers[i]);
    }
    assert_false(record_has(&r, RECORD_RES));
    static const char *const texts[] = {"=unconfined", "nc", "/usr/bin/nc", NULL, "a b", "b", "c", "SECCOMP"};
    for (int i = 0; i < RECORD_FIELDS - RECORD_NUMBERS; i++) {
        if (texts[i] == NULL) {
            assert_null(r.texts[i].bytes);
            continue;
        }
        assert_int_equal(r.texts[i].length, strlen(texts[i]));
        assert_memory_equal(r.texts[i].bytes, texts[i], r.texts[i].length);
    }
}

static void every_beginning_is_read_or_told(void **state) {
    (void)state;
    struct record r;
    size_t stamp = strlen("type=SECCOMP msg=audit("), call = (size_t)(strstr(WHOLE, "syscall=") - WHOLE) + 8;
    for (size_t length = 0; length < sizeof WHOLE; length++) {
        enum record_kind kind = parse(WHOLE, length, &r);
        if (length < stamp)
            assert_int_equal(kind, RECORD_NONE);
        else if (length <= call)
            assert_int_equal(kind, RECORD_DAMAGED);
        else if (strchr("=x", WHOLE[length - 1]) != NULL)
            assert_int_equal(kind, RECORD_DAMAGED); // "ip=" and "ip=0x"
        else
            assert_int_equal(kind, RECORD_SECCOMP);
        if (kind != RECORD_SECCOMP) assert_non_null(r.why);
    }
}

// 300,000 lines with one to four bytes of any value in the place of others.
static void changed_lines_do_no_harm(void **state) {
    (void)state;
    unsigned long long random = 42;
    int kinds[RECORD_DAMAGED + 1] = {0};
    for (int i = 0; i < 300000; i++) {
        char line[sizeof WHOLE];
        memcpy(line, WHOLE, sizeof line);
        random = random * 6364136223846793005u + 1442695040888963407u;
        for (unsigned n = 0; n <= (random >> 60) % 4; n++)
            line[(random >> (8 + 12 * n)) % (sizeof line - 1)] = (char)(random >> (20 + 9 * n));
        struct record r;
        kinds[parse(line, sizeof line - 1, &r)]++;
    }
    assert_true(kinds[RECORD_SECCOMP] > 1000 && kinds[RECORD_DAMAGED] > 1000 && kinds[RECORD_NONE] > 1000);
}

static void long_lines_and_zero_bytes(void **state) {
    (void)state;
    enum {
        SIZE = 1 << 16
    };
    char *line = malloc(SIZE);
    struct record r;
    assert_non_null(line);
    memset(line, '\0', SIZE);
    assert_int_equal(parse(line, SIZE, &r), RECORD_NONE);
    memset(line, 'A', SIZE);
    memcpy(line, WHOLE " exe=", sizeof WHOLE + 4);
    assert_int_equal(parse(line, SIZE, &r), RECORD_SECCOMP);
    // A name without end, which nothing but the line limits.
    static const char head[] = "type=1326 audit(1.002:3): syscall=1 comm=";
    memset(line, 'A', SIZE);
    memcpy(line, head, sizeof head - 1);
    assert_int_equal(record_parse(line, SIZE, &r), RECORD_SECCOMP);
    assert_int_equal(record_text(&r, RECORD_COMM)->length, SIZE - (sizeof head - 1));
    char name[16];
    memset(name, '~', sizeof name);
    assert_int_equal(record_decode(record_text(&r, RECORD_COMM), name, 8), 8);
    assert_int_equal(name[8], '~');
    free(line);
}

static size_t name_of(const char *value, char *name, size_t size) {
    char line[256] = "type=1326 audit(1.002:3): syscall=1 comm=";
    struct record r;
    strcat(line, value);
    assert_int_equal(record_parse(line, strlen(line), &r), RECORD_SECCOMP);
    return record_decode(record_text(&r, RECORD_COMM), name, size);
}

static void names_are_decoded(void **state) {
    (void)state;
    static const struct {
        const char *value, *name;
    } cases[] = {
        {"\"nc\"", "nc"}, {"6E63", "nc"},       {"6e63", "nc"},         {"6E6", "6E6"}, {"6G63", "6G63"},
        {"(null)", ""},   {"\"6E63\"", "6E63"}, {"226E6322", "\"nc\""}, {"\"\"", ""},   {"", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char name[32];
        size_t length = name_of(cases[i].value, name, sizeof name);
        assert_int_equal(length, strlen(cases[i].name));
        assert_memory_equal(name, cases[i].name, length);
    }
    char name[32];
    assert_int_equal(name_of("6E006300", name, sizeof name), 4);
    assert_memory_equal(name, "n\0c\0", 4);
}

// What journalctl -o cat prints of a record.
static void messages_without_a_head(void **state) {
    (void)state;
    static const struct {
        const char *line;
        enum record_kind kind;
    } cases[] = {
        {"SECCOMP auid=1000 uid=1000 pid=7 comm=\"nc\" sig=31 arch=c000003e syscall=49 code=0x0", RECORD_SECCOMP},
        {"ANOM_ABEND auid=1000 uid=1000 pid=7 comm=\"nc\" sig=31 res=1", RECORD_ABEND},
        {"ANOM_ABEND auid=1000 uid=1000 pid=7 comm=\"nc\" sig=11 res=1", RECORD_OTHER},
        {"SECCOMP auid=1000 uid=1000 pid=7", RECORD_DAMAGED},
        {"SECCOMP auid=", RECORD_NONE},
        {"SECCOMP is a word", RECORD_NONE},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct record r;
        assert_int_equal(parse(cases[i].line, strlen(cases[i].line), &r), cases[i].kind);
        if (cases[i].kind != RECORD_SECCOMP && cases[i].kind != RECORD_ABEND) continue;
        assert_int_equal(r.seconds, -1);
        assert_int_equal(r.numbers[RECORD_AUID], 1000);
        assert_int_equal(r.numbers[RECORD_PID], 7);
        assert_int_equal(record_text(&r, RECORD_TYPE)->length, cases[i].kind == RECORD_SECCOMP ? 7 : 10);
    }
}

static void unset_and_negative_numbers(void **state) {
    (void)state;
    static const char *const lines[] = {
        "type=1326 audit(1.002:3): auid=4294967295 ses=4294967295 syscall=-1",
        "type=1326 audit(1.002:3): auid=-1 ses=-1 syscall=-1",
        "type=1326 audit(1.002:3): auid=unset ses=unset syscall=-1",
    };
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        struct record r;
        assert_int_equal(record_parse(lines[i], strlen(lines[i]), &r), RECORD_SECCOMP);
        assert_int_equal(r.numbers[RECORD_AUID], RECORD_UNSET);
        assert_int_equal(r.numbers[RECORD_SES], RECORD_UNSET);
        assert_int_equal(r.number, UINT32_MAX);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_field_is_read),      cmocka_unit_test(every_beginning_is_read_or_told),
        cmocka_unit_test(changed_lines_do_no_harm), cmocka_unit_test(long_lines_and_zero_bytes),
        cmocka_unit_test(names_are_decoded),        cmocka_unit_test(unset_and_negative_numbers),
        cmocka_unit_test(messages_without_a_head),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
