// SPDX-License-Identifier: MIT
#include "filter.h"

#include "kit.h"

static void a_new_filter(void **unused) {
    (void)unused;
    struct filter *f = filter_new();
    assert_non_null(f);
    assert_int_equal(f->default_action.kind, ACTION_ALLOW);
    assert_int_equal(f->abis, 0);
    assert_int_equal(filter_abis(f), ABI_SET(abi_native()));
    assert_int_equal(filter_sound(f), 0);
    assert_int_equal(f->error.code, 0);
    assert_string_equal(f->error.message, "");
    assert_null(f->notes);
    filter_free(f);
    filter_free(NULL);
    memory_fail(1);
    assert_null(filter_new());
    memory_fail(0);
}

// ---- Atomic changes, broken filters ---------------------------------------------------------------------------------

// All that a failed change must leave alone.
struct state {
    struct rules_mark mark;
    struct action fallback;
    abi_set abis;
    struct filter_options options;
};

static struct state state_of(const struct filter *f) {
    return (struct state){rules_mark(&f->rules), f->default_action, f->abis, f->options};
}

static void expect_state(const struct filter *f, const struct state *s) {
    const struct rules_mark now = rules_mark(&f->rules);
    assert_memory_equal(&now, &s->mark, sizeof now);
    assert_true(action_equal(f->default_action, s->fallback));
    assert_int_equal(f->abis, s->abis);
    assert_memory_equal(&f->options, &s->options, sizeof f->options);
}

static void failures_change_nothing_but_break_the_filter(void **unused) {
    (void)unused;
    static const struct {
        const char *action, *calls;
        int code;
        uint32_t column;
        const char *message;
    } rows[] = {
        {"deny", "execvee", ENOENT, 1, "unknown system call \"execvee\"; did you mean \"execve\"?"},
        {"deny", "read, write, execvee", ENOENT, 14,
         "column 14: unknown system call \"execvee\"; did you mean \"execve\"?"},
        {"deny", "@listen, @lisen, read", ENOENT, 10, "column 10: unknown group \"@lisen\"; did you mean \"@listen\"?"},
        {"deny", "@exce", ENOENT, 1, "unknown group \"@exce\"; did you mean \"@exec\"?"},
        {"dney", "read", EINVAL, 0, "unknown action \"dney\"; did you mean \"deny\"?"},
        {"errno(4096)", "read", EINVAL, 0, NULL},
        {"deny", "", EINVAL, 1, NULL},
        {"deny", "read,", EINVAL, 6, NULL},
        {"deny", "read,,write", EINVAL, 6, NULL},
        {"deny", "socket(famly == 2)", ENOENT, 8, NULL},
        {"deny", "connect(uservaddr == 5)", EINVAL, 1, NULL},
        {"deny", "read, socket(family == 0x100000000)", EINVAL, 7, NULL},
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        struct filter *f = new_filter("x86_64");
        must_add(f, "deny", "execve, @debug");
        const struct state before = state_of(f);
        CHECK(add(f, rows[i].action, rows[i].calls) == -rows[i].code, "%s %s: %s", rows[i].action, rows[i].calls,
              f->error.message);
        expect_state(f, &before);
        CHECK(f->failed_column == rows[i].column || rows[i].message == NULL, "%s: column %u", rows[i].calls,
              f->failed_column);
        assert_int_equal(f->error.code, rows[i].code);
        assert_true(f->error.message[0] != '\0');
        if (rows[i].message != NULL) assert_string_equal(f->error.message, rows[i].message);
        assert_int_equal(filter_sound(f), -rows[i].code);
        filter_clear(f);
        assert_int_equal(filter_sound(f), 0);
        must_add(f, "deny", "ptrace");
        filter_free(f);
    }
}

static void the_first_error_stays(void **unused) {
    (void)unused;
    struct filter *f = new_filter("x86_64");
    assert_int_equal(add(f, "deny", "execvee"), -ENOENT);
    assert_int_equal(filter_set(f, "log", "maybe"), -EINVAL);
    assert_non_null(strstr(f->error.message, "option log"));
    must_add(f, "deny", "read"); // works, and does not mend the filter
    assert_int_equal(filter_sound(f), -ENOENT);
    assert_string_equal(f->error.message, "unknown system call \"execvee\"; did you mean \"execve\"?");
    assert_int_equal(filter_default(f, "deni", 4), -EINVAL);
    assert_int_equal(filter_sound(f), -ENOENT);
    assert_non_null(strstr(f->error.message, "execvee"));
    filter_clear(f);
    assert_int_equal(filter_sound(f), 0);
    assert_int_equal(f->error.code, 0);
    assert_string_equal(f->error.message, "");
    assert_int_equal(filter_default(f, "kill", 4), 0);
    assert_int_equal(f->default_action.kind, ACTION_KILL);
    assert_int_equal(filter_default(f, "", 0), -EINVAL);
    assert_int_equal(f->default_action.kind, ACTION_KILL);
    filter_free(f);
}

// ---- What is added --------------------------------------------------------------------------------------------------

static void a_plain_name_is_read_as_the_parser_reads_it(void **unused) {
    (void)unused;
    struct filter *fast = new_filter("x86_64"), *slow = new_filter("x86_64");
    must_add(fast, "EACCES", "openat");
    must_add(slow, "EACCES", "openat\n");
    assert_memory_equal(&fast->rules.rules[0], &slow->rules.rules[0], sizeof(struct rule));
    assert_string_equal(fast->rules.text + fast->rules.items[0].text, "openat");
    assert_string_equal(slow->rules.text + slow->rules.items[0].text, "openat");
    assert_int_equal(fast->rules.items[0].column, 1);
    assert_int_equal(fast->rules.items[0].rules, 1);
    assert_int_equal(fast->rules.rules[0].action.data, EACCES);
    assert_int_equal(fast->rules.rules[0].abis, ABI_SET_ALL);
    filter_free(fast);
    filter_free(slow);
}

static void sources(void **unused) {
    (void)unused;
    struct filter *f = new_filter("x86_64");
    struct source source = {.name = "server.policy", .line = 3, .column = 6};
    assert_int_equal(filter_add(f, "deny", 4, "execve, ptrace", 14, source), 0);
    source =
        (struct source){.name = "server.policy", .line = 4, .column = 20, .only = ABI_SET(ABI_X86), .gentle = true};
    assert_int_equal(filter_add(f, "deny", 4, "@listen", 7, source), 0);
    const struct rules *r = &f->rules;
    assert_int_equal(r->item_count, 3);
    assert_string_equal(r->text + r->items[1].source, "server.policy");
    assert_int_equal(r->items[0].source, r->items[2].source); // one copy of the name
    assert_int_equal(r->items[0].line, 3);
    assert_int_equal(r->items[0].column, 6);
    assert_int_equal(r->items[1].column, 14);
    assert_false(r->items[1].gentle);
    assert_true(r->items[2].gentle);
    assert_int_equal(r->items[2].column, 20);
    assert_true(r->items[2].group >= 0);
    for (size_t i = r->items[2].rule; i < r->rule_count; i++)
        assert_int_equal(r->rules[i].abis & ~ABI_SET(ABI_X86), 0);
    // With a line, the front end puts the position in front.
    assert_int_equal(filter_add(f, "deny", 4, "read, wriite", 12, source), -ENOENT);
    assert_int_equal(f->failed_column, 26);
    assert_string_equal(f->error.message, "unknown system call \"wriite\"; did you mean \"write\"?");
    filter_free(f);
}

// ---- Checks on all ABIs ---------------------------------------------------------------------------------------------

static void bare_numbers_need_one_abi(void **unused) {
    (void)unused;
    static const char message[] = "number 59 means different calls on the ABIs of this filter; write the call's name";
    struct filter *f = new_filter("x86_64");
    must_set(f, "abi", "x86");
    assert_int_equal(add(f, "deny", "59"), -EINVAL);
    assert_string_equal(f->error.message, message);
    filter_clear(f);
    must_add(f, "deny", "424, 0x1b3"); // numbers of all ABIs since Linux 5.1
    assert_int_equal(add(f, "deny", "423"), -EINVAL);
    filter_free(f);

    f = new_filter("x86_64");
    must_add(f, "deny", "59");
    const struct state before = state_of(f);
    assert_int_equal(filter_set(f, "abi", "aarch64"), -EINVAL); // a second ABI comes too late
    assert_string_equal(f->error.message, message);
    expect_state(f, &before);
    assert_int_equal(filter_sound(f), -EINVAL);
    filter_clear(f);
    must_set(f, "abi", "x86_64"); // the same again is none
    assert_int_equal(filter_sound(f), 0);
    filter_free(f);
}

static void conditions_are_checked_on_each_abi(void **unused) {
    (void)unused;
    // The 64-bit offset is split over two registers on 32-bit ABIs.
    struct filter *f = new_filter("x86_64");
    must_add(f, "deny", "pread64(pos == 5)");
    const struct state before = state_of(f);
    assert_int_equal(filter_set(f, "abi", "arm"), -ENOTSUP);
    assert_non_null(strstr(f->error.message, "pread64"));
    assert_non_null(strstr(f->error.message, "arm"));
    expect_state(f, &before);
    filter_free(f);

    f = new_filter("x86_64");
    must_set(f, "abi", "arm");
    assert_int_equal(add(f, "deny", "pread64(pos == 5)"), -ENOTSUP);
    filter_free(f);

    // A misspelt parameter of a call that the filter's ABI lacks is misspelt all the same; a right one is skipped.
    f = new_filter("aarch64");
    assert_int_equal(add(f, "deny", "open(flgs == 1)"), -ENOENT);
    filter_clear(f);
    must_add(f, "deny", "open(flags == 1)");
    filter_free(f);
}

static void abis_by_name(void **unused) {
    (void)unused;
    struct filter *f = filter_new();
    for (int id = 0; id < ABI_COUNT; id++)
        must_set(f, "abi", abis[id].name);
    assert_int_equal(f->abis, ABI_SET_ALL);
    assert_int_equal(filter_abis(f), ABI_SET_ALL);
    assert_int_equal(filter_set(f, "abi", "x86-64"), -ENOENT);
    assert_string_equal(f->error.message, "unknown ABI \"x86-64\"; did you mean \"x86_64\"?");
    assert_int_equal(filter_set(f, "abi", ""), -ENOENT);
    assert_string_equal(f->error.message, "unknown ABI \"\"; the ABIs are x86_64, x86, x32, aarch64, arm, riscv64, "
                                          "ppc64le and s390x");
    filter_free(f);
    f = new_filter("native");
    assert_int_equal(f->abis, ABI_SET(abi_native()));
    filter_free(f);
}

static void self_is_checked_like_a_pid(void **unused) {
    (void)unused;
    struct filter *f = new_filter("x86_64");
    must_add(f, "allow", "kill(pid == self), tgkill(tgid == self)");
    must_add(f, "deny", "kill, tgkill");
    filter_free(f);
}

// ---- Notes and skipped names ----------------------------------------------------------------------------------------

static void notes_are_lines_told_once(void **unused) {
    (void)unused;
    struct filter *f = new_filter(NULL);
    assert_int_equal(filter_note(f, "first"), 0);
    assert_int_equal(filter_note(f, "firs"), 0);
    assert_int_equal(filter_note(f, "first"), 0);
    assert_int_equal(filter_note(f, "irst"), 0);
    assert_string_equal(f->notes, "first\nfirs\nirst\n");
    char line[64];
    for (int round = 0; round < 2; round++)
        for (int i = 0; i < 200; i++) {
            snprintf(line, sizeof line, "note number %d", i);
            assert_int_equal(filter_note(f, line), 0);
        }
    size_t lines = 0;
    for (size_t i = 0; i < f->notes_length; i++)
        lines += f->notes[i] == '\n';
    assert_int_equal(lines, 203);
    assert_int_equal(strlen(f->notes), f->notes_length);
    const size_t length = f->notes_length;
    while (f->notes_room > f->notes_length + 40)
        assert_int_equal(filter_note(f, (snprintf(line, sizeof line, "fill %zu", f->notes_length), line)), 0);
    const size_t full = f->notes_length;
    assert_true(full >= length);
    memory_fail(1);
    assert_int_equal(filter_note(f, "one line more than there is room for in what is left of it"), -ENOMEM);
    memory_fail(0);
    assert_int_equal(f->notes_length, full);
    filter_free(f);
}

static void expect_skipped(const struct filter *f, const char *want) {
    char buffer[1024];
    struct text t;
    text_start(&t, buffer, sizeof buffer);
    filter_skipped(f, &t);
    text_end(&t);
    assert_string_equal(buffer, want);
}

static void skipped_names(void **unused) {
    (void)unused;
    struct filter *f = new_filter("aarch64");
    must_add(f, "deny", "openat, creat, @exec, open(flags == 1), creat, 1000");
    expect_skipped(f, "creat: absent on aarch64\nopen: absent on aarch64\n");
    filter_free(f);

    f = new_filter("x86_64");
    must_set(f, "abi", "aarch64");
    must_set(f, "abi", "riscv64");
    must_add(f, "deny", "creat");
    must_add(f, "deny", "socketcall"); // of old 32-bit ABIs
    expect_skipped(f, "creat: absent on aarch64, riscv64\nsocketcall: absent on x86_64, aarch64, riscv64\n");
    filter_free(f);

    // A rule that is not meant for the ABI is not missed there.
    f = new_filter("x86_64");
    must_set(f, "abi", "aarch64");
    const struct source source = {.name = "", .only = ABI_SET(ABI_X86_64)};
    assert_int_equal(filter_add(f, "deny", 4, "creat", 5, source), 0);
    expect_skipped(f, "");
    // On x86, s390x and ppc64le the multiplexer reaches what has no number.
    filter_free(f);
    f = new_filter("x86");
    must_add(f, "deny", "semop, accept");
    expect_skipped(f, "");
    filter_free(f);
}

static void options_are_the_tables(void **unused) {
    (void)unused;
    struct filter *f = new_filter(NULL);
    struct filter_option option, direct;
    must_set(f, "proof", "off");
    size_t i = 0;
    for (; filter_option(f, i, &option); i++) {
        assert_true(options_get(&f->options, i, &direct));
        assert_string_equal(option.name, direct.name);
        assert_string_equal(option.value, direct.value);
        assert_int_equal(option.is_default, strcmp(option.name, "proof") != 0);
    }
    assert_false(options_get(&f->options, i, &direct));
    filter_free(f);
}

// ---- Failing allocations --------------------------------------------------------------------------------------------

static int change(struct filter *f, size_t which) {
    static const char *const calls =
        "socket(family == AF_INET && type & 0xf == 1|2), @exec, fork, 1000, ioctl(arg1 > 3)";
    switch (which) {
    case 0:
        return add(f, "deny", calls);
    case 1:
        return add(f, "EACCES", "@listen");
    case 2:
        return add(f, "allow", "read");
    default:
        return filter_set(f, "abi", "aarch64");
    }
}

static void an_allocation_that_fails_changes_nothing(void **unused) {
    (void)unused;
    for (size_t which = 0; which < 4; which++) {
        size_t n = 1;
        for (;; n++) {
            struct filter *f = new_filter("x86_64");
            if (which == 3) must_add(f, "deny", "@exec, openat(flags == O_RDWR)");
            const struct state before = state_of(f);
            memory_fail(n);
            const int r = change(f, which);
            const bool reached = memory_asked() >= n;
            memory_fail(0);
            if (!reached) {
                assert_int_equal(r, 0);
                filter_free(f);
                break;
            }
            CHECK(r == -ENOMEM, "change %zu, allocation %zu: %d, %s", which, n, r, f->error.message);
            assert_string_equal(f->error.message, "out of memory");
            expect_state(f, &before);
            assert_int_equal(filter_sound(f), -ENOMEM);
            filter_clear(f);
            assert_int_equal(change(f, which), 0);
            filter_free(f);
        }
        CHECK(n > 1, "change %zu allocates nothing", which);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_new_filter),
        cmocka_unit_test(failures_change_nothing_but_break_the_filter),
        cmocka_unit_test(the_first_error_stays),
        cmocka_unit_test(a_plain_name_is_read_as_the_parser_reads_it),
        cmocka_unit_test(sources),
        cmocka_unit_test(bare_numbers_need_one_abi),
        cmocka_unit_test(conditions_are_checked_on_each_abi),
        cmocka_unit_test(abis_by_name),
        cmocka_unit_test(self_is_checked_like_a_pid),
        cmocka_unit_test(notes_are_lines_told_once),
        cmocka_unit_test(skipped_names),
        cmocka_unit_test(options_are_the_tables),
        cmocka_unit_test(an_allocation_that_fails_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
