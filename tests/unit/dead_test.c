// SPDX-License-Identifier: MIT
#include "dead.h"

#include "memory.h"
#include "text.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "random.h"

#define CHECK(condition, ...)                                                                                          \
    do {                                                                                                               \
        if (!(condition)) fail_msg(__VA_ARGS__);                                                                       \
    } while (0)

#define LENGTH(array) (sizeof(array) / sizeof *(array))

// ---- Filters as people write them ----------------------------------------------------------------------------------

// Lines "ACTION: CALLS"; a policy's lines, so the source is "policy:LINE:1". Returns what dead_find does.
static int find(struct filter *f, const char *abi, const char *const *lines, struct error *e) {
    if (abi) assert_int_equal(filter_set(f, "abi", abi), 0);
    for (uint32_t i = 0; lines[i]; i++) {
        const char *colon = strchr(lines[i], ':');
        const struct source source = {.name = "policy", .line = i + 1, .column = 1};
        if (filter_add(f, lines[i], (size_t)(colon - lines[i]), colon + 2, strlen(colon + 2), source) < 0)
            fail_msg("%s: %s", lines[i], f->error.message);
    }
    struct meaning m;
    if (meaning_make(f, -1, &m, e) < 0) fail_msg("%s", e->message);
    const int r = dead_find(f, &m, e);
    meaning_free(&m);
    return r;
}

#define LINES(...) ((const char *const[]){__VA_ARGS__, NULL})

static void expect(const char *message, const char *notes, const char *abi, const char *const *lines) {
    struct filter *f = filter_new();
    struct error e = {0};
    assert_non_null(f);
    const int r = find(f, abi, lines, &e);
    if (message) {
        CHECK(r == -EEXIST, "%s: %d", lines[0], r);
        assert_string_equal(e.message, message);
    } else {
        CHECK(r == 0, "%s", e.message);
    }
    assert_string_equal(f->notes ? f->notes : "", notes);
    filter_free(f);
}

static void messages(void **unused) {
    (void)unused;
    expect(
        "rule \"EACCES execve\" (policy:2:1) can never decide: \"EPERM execve\" (policy:1:1) before it matches all of "
        "its calls; put the later rule first, or remove it",
        "", "x86_64", LINES("EPERM: execve", "EACCES: execve"));
    expect(
        "rule \"EPERM ioctl(arg1 == 5)\" (policy:2:1) can never decide: \"allow ioctl\" (policy:1:1) before it matches "
        "all of its calls; put the later rule first, or remove it",
        "", "x86_64", LINES("allow: ioctl", "EPERM: ioctl(arg1 == 5)"));
    expect(
        "rule \"EPERM ioctl(arg1 == 5)\" (policy:3:1) can never decide: \"allow ioctl(arg1 < 6)\" (policy:1:1) before "
        "it matches all of its calls; put the later rule first, or remove it",
        "", "x86_64", LINES("allow: ioctl(arg1 < 6)", "allow: ioctl(arg1 > 6)", "EPERM: ioctl(arg1 == 5)"));
    expect("rule \"EPERM ioctl\" (policy:3:1) can never decide: \"allow ioctl(arg1 < 6)\" (policy:1:1) and other rules "
           "before it match all of its calls; put the later rule first, or remove it",
           "", "x86_64", LINES("allow: ioctl(arg1 < 6)", "allow: ioctl(arg1 >= 6)", "EPERM: ioctl"));
    expect(
        "rule \"EPERM ioctl(arg1 == 1 && arg1 == 2)\" (policy:1:1) can never decide: no call fulfils its conditions; "
        "correct them, or remove it",
        "", "x86_64", LINES("EPERM: ioctl(arg1 == 1 && arg1 == 2)"));
    expect(NULL,
           "rule \"EPERM execve\" (policy:2:1) decides nothing: \"EPERM execve\" (policy:1:1) before it matches all of "
           "its "
           "calls with the same action\n",
           "x86_64", LINES("EPERM: execve", "EPERM: execve", "EPERM: execveat"));
    expect(
        "rule \"EPERM uretprobe\" (policy:1:1) can never decide: the kernel itself issues this call, so it is always "
        "allowed; remove the rule",
        "", "x86_64", LINES("EPERM: uretprobe"));
}

// What decides something, however little, is fine.
static void alive(void **unused) {
    (void)unused;
    expect(NULL, "", "x86_64", LINES("EPERM: ioctl(arg1 == 5)", "allow: ioctl"));
    expect(NULL, "", "x86_64", LINES("allow: ioctl(arg1 < 6)", "allow: ioctl(arg1 > 6)", "EPERM: ioctl"));
    expect(NULL, "", "x86_64",
           LINES("allow: ioctl(arg1:u64 < 0x123456789)", "allow: ioctl(arg1:u64 > 0x123456789)", "EPERM: ioctl"));
    expect(NULL, "", "x86_64", LINES("allow: ioctl(arg1 & 0xf0 != 0x50)", "EPERM: ioctl(arg1 & 0xff == 0x57)"));
    // The call is absent here: skipped, and not dead.
    expect(NULL, "", "aarch64", LINES("EPERM: openat", "EACCES: open", "EPERM: open"));
    // Dead on one ABI, alive on the other.
    struct filter *f = filter_new();
    struct error e = {0};
    assert_int_equal(filter_set(f, "abi", "aarch64"), 0);
    assert_int_equal(find(f, "x86_64", LINES("EPERM: openat", "EACCES: open", "EACCES: openat, open"), &e), -EEXIST);
    filter_free(f);
}

static void many_equal_tests(void **unused) {
    (void)unused;
    for (int doubled = 0; doubled < 2; doubled++) {
        struct filter *f = filter_new();
        struct error e = {0};
        struct meaning m;
        struct timespec start, end;
        assert_int_equal(filter_set(f, "abi", "x86_64"), 0);
        for (unsigned i = 0; i < 800; i++) {
            char calls[64];
            const int length =
                snprintf(calls, sizeof calls, "ioctl(arg1 == %u)", 3 * (i * 7919 % (doubled ? 799 : 800)));
            const struct source source = {.name = ""};
            assert_int_equal(
                filter_add(f, i < 799 ? "EPERM" : "EACCES", i < 799 ? 5 : 6, calls, (size_t)length, source), 0);
        }
        assert_int_equal(meaning_make(f, -1, &m, &e), 0);
        clock_gettime(CLOCK_MONOTONIC, &start);
        const int r = dead_find(f, &m, &e);
        clock_gettime(CLOCK_MONOTONIC, &end);
        print_message("800 values: %.0f us\n",
                      (double)(end.tv_sec - start.tv_sec) * 1e6 + (double)(end.tv_nsec - start.tv_nsec) / 1e3);
        assert_int_equal(r, doubled ? -EEXIST : 0);
        meaning_free(&m);
        filter_free(f);
    }
}

// ---- Random rules against all inputs -------------------------------------------------------------------------------

enum {
    VALUES = 24, // of two arguments
    NUMBERS = 2,
    MOST_ITEMS = 24,
};

static struct test random_test(void) {
    struct test t = {.argument = (uint8_t)below(2), .wide = below(2) != 0, .op = (enum comparison)below(6)};
    t.mask = below(2) ? below(8) : t.wide ? UINT64_MAX : UINT32_MAX;
    t.value = below(8) & t.mask;
    return t;
}

static void add_item(struct filter *f, struct ruleset *s, size_t rulings) {
    char name[16];
    const uint32_t at = (uint32_t)f->rules.item_count;
    struct item item = {.action = {.kind = ACTION_ERRNO, .data = (uint16_t)(1 + below(2))}, .group = -1};
    item.rule = (uint32_t)f->rules.rule_count;
    item.rules = (uint32_t)rulings;
    const int length = snprintf(name, sizeof name, "item%u.", at);
    assert_int_equal(rules_text(&f->rules, name, (size_t)length, &item.text), 0);
    assert_int_equal(rules_add_item(&f->rules, &item), 0);
    for (size_t i = 0; i < rulings; i++) {
        const struct rule rule = {.action = item.action, .item = at};
        struct ruling r = {.number = 16 + below(NUMBERS), .verdict = action_verdict(item.action)};
        r.rule = (uint32_t)f->rules.rule_count;
        r.test = (uint32_t)s->test_count;
        r.tests = (uint16_t)below(4);
        assert_int_equal(rules_add_rule(&f->rules, &rule), 0);
        assert_int_equal(memory_grow(&s->tests, &s->test_room, s->test_count + r.tests, sizeof *s->tests), 0);
        assert_int_equal(memory_grow(&s->rulings, &s->ruling_room, s->ruling_count + 1, sizeof *s->rulings), 0);
        for (uint16_t t = 0; t < r.tests; t++)
            s->tests[s->test_count++] = random_test();
        s->rulings[s->ruling_count++] = r;
    }
}

struct fate {
    bool live, possible, differs;
};

static bool holds(const struct ruleset *s, const struct ruling *r, const uint64_t args[6]) {
    for (unsigned t = 0; t < r->tests; t++)
        if (!test_holds(&s->tests[r->test + t], args)) return false;
    return true;
}

// Tests look at the lower 3 bits, or at how a value below 8 compares with the low word or with both.
static uint64_t value_at(uint32_t i) {
    return i < 16 ? i : UINT64_C(1) << 32 | (i - 16);
}

static void decide_all(const struct filter *f, const struct ruleset *s, struct fate *fates) {
    for (uint32_t input = 0; input < NUMBERS * VALUES * VALUES; input++) {
        const uint64_t args[6] = {value_at(input % VALUES), value_at(input / VALUES % VALUES)};
        const struct ruling *first = NULL;
        for (size_t i = 0; i < s->ruling_count; i++) {
            const struct ruling *r = &s->rulings[i];
            if (r->number != 16 + input / VALUES / VALUES || !holds(s, r, args)) continue;
            struct fate *fate = &fates[f->rules.rules[r->rule].item];
            if (first == NULL) {
                first = r;
                fate->live = true;
            }
            fate->possible = true;
            if (first->verdict != r->verdict) fate->differs = true;
        }
    }
}

// Everything dead before the first error is in the notes, and nothing else is.
static void compare(const struct filter *f, const struct fate *fates, int r, const struct error *e, unsigned *dead) {
    bool failed = false;
    for (uint32_t i = 0; i < f->rules.item_count; i++) {
        char name[16];
        snprintf(name, sizeof name, "item%u.\"", i);
        char start[64];
        struct text t;
        text_start(&t, start, sizeof start);
        text_add(&t, "rule \"");
        rules_write_item(&f->rules, &f->rules.items[i], &t);
        text_add(&t, "\"");
        text_end(&t);
        const bool noted = f->notes && strstr(f->notes, start);
        const bool error = !fates[i].live && (!fates[i].possible || fates[i].differs);
        *dead += !fates[i].live;
        CHECK(noted == (!failed && !fates[i].live && !error), "%s is %snoted", start, noted ? "" : "not ");
        if (error && !failed) {
            failed = true;
            CHECK(r == -EEXIST, "%s is dead", start);
            CHECK(strncmp(e->message, start, strlen(start)) == 0, "%s is dead, and not: %s", start, e->message);
            CHECK((strstr(e->message, "no call fulfils") == NULL) == fates[i].possible, "%s", e->message);
        }
    }
    if (!failed) assert_int_equal(r, 0);
}

static void random_rules(void **unused) {
    (void)unused;
    seed("random rules");
    unsigned dead = 0, total = 0;
    for (int round = 0; round < 5000; round++) {
        struct filter *f = filter_new();
        struct meaning m = {.count = 1};
        struct fate fates[MOST_ITEMS] = {{0}};
        struct error e = {0};
        m.sets[0].abi = ABI_X86_64;
        const uint32_t items = 1 + below(round % 2 ? MOST_ITEMS : 6);
        for (uint32_t i = 0; i < items; i++)
            add_item(f, &m.sets[0], 1 + (below(4) ? 0 : below(3)));
        decide_all(f, &m.sets[0], fates);
        const int r = dead_find(f, &m, &e);
        compare(f, fates, r, &e, &dead);
        total += items;
        memory_free(m.sets[0].rulings);
        memory_free(m.sets[0].tests);
        filter_free(f);
    }
    print_message("%u of %u dead\n", dead, total);
    assert_in_range(dead, total / 50, total);
}

static void out_of_memory(void **unused) {
    (void)unused;
    struct filter *f = filter_new();
    struct error e = {0};
    const struct source source = {.name = ""};
    struct meaning m;
    const char calls[] = "ioctl(arg1 & 0xf0 != 0x50), ioctl(arg1 == 0x57), ioctl(arg1 == 0x57), execve, execve";
    assert_int_equal(filter_set(f, "abi", "x86_64"), 0);
    assert_int_equal(filter_add(f, "EPERM", 5, calls, strlen(calls), source), 0);
    assert_int_equal(meaning_make(f, -1, &m, &e), 0);
    for (size_t n = 1;; n++) {
        memory_fail(n);
        const int r = dead_find(f, &m, &e);
        if (memory_asked() < n) {
            assert_int_equal(r, 0);
            assert_true(n > 3);
            break;
        }
        assert_int_equal(r, -ENOMEM);
    }
    memory_fail(0);
    meaning_free(&m);
    filter_free(f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(messages),         cmocka_unit_test(alive),         cmocka_unit_test(random_rules),
        cmocka_unit_test(many_equal_tests), cmocka_unit_test(out_of_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
