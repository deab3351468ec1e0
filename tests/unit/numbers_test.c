// SPDX-License-Identifier: MIT
#include "numbers.h"

#include "kit.h"

#include <linux/seccomp.h>

static struct numbers must_make(const struct meaning *m) {
    struct numbers n;
    assert_int_equal(numbers_make(m, &n), 0);
    return n;
}

static const struct region *region_of(const struct numbers *n, uint32_t arch) {
    for (size_t i = 0; i < n->region_count; i++)
        if (n->regions[i].first <= arch && arch <= n->regions[i].last) return &n->regions[i];
    fail_msg("no region has %#x", arch);
    return NULL;
}

static uint32_t look_up(const struct numbers *n, uint32_t arch, uint32_t number, const uint64_t args[6]) {
    const struct region *r = region_of(n, arch);
    const struct stretch *s = &n->stretches[numbers_find(n, r, number)];
    CHECK(s->first <= number && number <= s->last, "stretch %#x..%#x for %#x", s->first, s->last, number);
    for (uint32_t e = s->entry; e < s->entry + s->entries; e++) {
        bool holds = true;
        for (uint32_t t = 0; t < n->entries[e].count; t++)
            holds = holds && test_holds(&n->entries[e].tests[t], args);
        if (holds) return n->entries[e].verdict;
    }
    return s->verdict;
}

// Regions and stretches are sorted, without gaps, cover all 32 bits, and plain neighbours differ.
static void check_form(const struct numbers *n) {
    uint64_t arch = 0;
    for (size_t i = 0; i < n->region_count; i++) {
        const struct region *r = &n->regions[i];
        assert_int_equal(r->first, arch);
        assert_true(r->first <= r->last && r->stretches > 0);
        arch = (uint64_t)r->last + 1;
        uint64_t number = 0;
        for (uint32_t k = r->stretch; k < r->stretch + r->stretches; k++) {
            const struct stretch *s = &n->stretches[k];
            assert_int_equal(s->first, number);
            assert_true(s->first <= s->last);
            if (s->entries > 0) assert_int_equal(s->first, s->last);
            if (k > r->stretch && s->entries == 0 && s[-1].entries == 0)
                assert_int_not_equal(s->verdict, s[-1].verdict);
            for (uint32_t e = s->entry; e < s->entry + s->entries; e++)
                assert_true(n->entries[e].count > 0);
            number = (uint64_t)s->last + 1;
        }
        assert_true(number == UINT64_C(1) << 32);
    }
    assert_true(arch == UINT64_C(1) << 32);
}

// The same verdicts as the reference, at and beside every place where something changes.
static void check_verdicts(const struct numbers *n, const struct meaning *m) {
    for (size_t i = 0; i < n->region_count; i++) {
        const uint32_t arches[] = {n->regions[i].first, n->regions[i].last};
        for (uint32_t k = n->regions[i].stretch; k < n->regions[i].stretch + n->regions[i].stretches; k++) {
            const uint32_t numbers[] = {n->stretches[k].first, n->stretches[k].last,
                                        n->stretches[k].first + (n->stretches[k].last - n->stretches[k].first) / 2};
            for (size_t a = 0; a < LENGTH(arches); a++)
                for (size_t j = 0; j < LENGTH(numbers); j++)
                    for (int round = 0; round < 4; round++) {
                        uint64_t args[6];
                        for (int w = 0; w < 6; w++)
                            args[w] = below(3) == 0 ? draw() : below(8);
                        const uint32_t want = meaning_decide(m, arches[a], numbers[j], args).verdict;
                        const uint32_t got = look_up(n, arches[a], numbers[j], args);
                        CHECK(want == got, "arch %#x, number %#x: %#x, not %#x", arches[a], numbers[j], got, want);
                    }
        }
    }
}

static void filters_of_all_kinds(void **unused) {
    (void)unused;
    seed("filters");
    static const char *const sets[][4] = {
        {"x86_64"}, {"x86_64", "x86", "x32"}, {"x32"},          {"x32", "x86"}, {"aarch64", "arm"},
        {"s390x"},  {"riscv64", "ppc64le"},   {"x86_64", "x32"}};
    static const char *const rules[][2] = {
        {"deny", "@exec, @listen"},
        {"allow", "read, write, close, openat, futex"},
        {"EACCES", "socket(family == AF_INET), socket(family != 3 && type & 0xf == 2), kill(sig > 5)"},
        {"EPERM", "socket(family == 7)"},
        {"trap", "socket"},
        {"log", "socket"}, // never reached
        {"ENOSYS", "424, 1000, 1001, 4294967295, 0x3fffffff, 0x40000000, 0xbfffffff"},
    };
    for (size_t s = 0; s < LENGTH(sets); s++)
        for (int strict = 0; strict < 2; strict++)
            for (int round = 0; round < 4; round++) {
                struct filter *f = filter_new();
                for (size_t i = 0; i < 3 && sets[s][i] != NULL; i++)
                    must_set(f, "abi", sets[s][i]);
                if (strict) must_default(f, "kill_thread");
                if (round == 3) must_set(f, "unknown", strict ? "kill_thread" : "allow");
                must_add(f, "allow", "getpid");
                for (size_t i = 0; i < LENGTH(rules); i++)
                    if (round == 0 || below(2)) must_add(f, rules[i][0], rules[i][1]);
                struct meaning m = meaning_of(f);
                struct numbers n = must_make(&m);
                check_form(&n);
                check_verdicts(&n, &m);
                numbers_free(&n);
                assert_null(n.regions);
                meaning_free(&m);
                filter_free(f);
            }
}

static void sorting_is_stable(void **unused) {
    (void)unused;
    seed("sorting");
    static const uint32_t ranges[] = {1, 3, 400, 2048, 5000, 1 << 22, 0x40000200, UINT32_MAX};
    for (size_t round = 0; round < 40; round++) {
        enum {
            MOST = 3000
        };
        static struct ruling rulings[MOST];
        static uint32_t order[MOST], scratch[MOST];
        struct ruleset s = {.rulings = rulings, .ruling_count = round < 2 ? round : below(MOST)};
        for (size_t i = 0; i < s.ruling_count; i++)
            rulings[i].number = (uint32_t)(draw() % ranges[round % LENGTH(ranges)]) + (round % 3 ? 0 : 0x40000000);
        numbers_sort(&s, order, scratch);
        static bool seen[MOST];
        memset(seen, 0, sizeof seen);
        for (size_t i = 0; i < s.ruling_count; i++) {
            assert_true(order[i] < s.ruling_count && !seen[order[i]]);
            seen[order[i]] = true;
            if (i == 0) continue;
            const uint32_t a = rulings[order[i - 1]].number, b = rulings[order[i]].number;
            assert_true(a < b || (a == b && order[i - 1] < order[i]));
        }
    }
}

static void out_of_memory(void **unused) {
    (void)unused;
    struct filter *f = new_filter("x86_64");
    must_set(f, "abi", "x86");
    must_add(f, "deny", "@exec, @listen, socket(family == AF_INET)");
    struct meaning m = meaning_of(f);
    for (size_t n = 1;; n++) {
        struct numbers numbers;
        memory_fail(n);
        const int r = numbers_make(&m, &numbers);
        const bool reached = memory_asked() >= n;
        memory_fail(0);
        if (!reached) {
            assert_true(n > 4);
            numbers_free(&numbers);
            break;
        }
        assert_int_equal(r, -ENOMEM);
        assert_null(numbers.stretches);
    }
    meaning_free(&m);
    filter_free(f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(filters_of_all_kinds),
        cmocka_unit_test(sorting_is_stable),
        cmocka_unit_test(out_of_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
