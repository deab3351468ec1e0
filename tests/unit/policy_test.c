// SPDX-License-Identifier: MIT
#include "memory.h"
#include "policy.h"
#include "text.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

static int read_text(struct filter *f, const char *text) {
    return policy_read(f, text, strlen(text), "test.policy");
}

// Read, or the message fails the test.
static struct filter *filter_of(const char *text) {
    struct filter *f = filter_new();
    assert_non_null(f);
    if (read_text(f, text)) fail_msg("%s", f->error.message);
    return f;
}

static char *written(const struct filter *f) {
    struct text t;
    text_start(&t, NULL, 0);
    policy_write(f, &t);
    size_t size = (size_t)text_end(&t) + 1;
    char *buffer = malloc(size);
    text_start(&t, buffer, size);
    policy_write(f, &t);
    assert_int_equal(text_end(&t), size - 1);
    return buffer;
}

static void assert_writes(const char *text, const char *expected) {
    struct filter *f = filter_of(text);
    char *out = written(f);
    assert_string_equal(out, expected);
    free(out);
    filter_free(f);
}

static void lines_become_items_with_their_source(void **state) {
    (void)state;
    struct filter *f = filter_of("\xef\xbb\xbf# what a server needs\r\n"
                                 "default log\r\n"
                                 "\r\n"
                                 "  allow read, \\\r\n"
                                 "\twrite   # both\r\n"
                                 "errno( EACCES ) socket(arg0 == 2),  # trailing comma: goes on\n"
                                 "  # in between\n"
                                 "\n"
                                 "     socket(arg0 ==\\\n"
                                 "10), @listen\n"
                                 "kill ptrace");
    static const struct {
        const char *action, *text;
        uint32_t line, column;
    } expected[] = {
        {"allow", "read", 4, 9}, {"allow", "write", 5, 2},     {"EACCES", "socket(arg0 == 2)", 6, 17},
        {"EACCES", NULL, 9, 6},  {"EACCES", "@listen", 10, 6}, {"kill", "ptrace", 11, 6},
    };
    assert_int_equal(f->default_action.kind, ACTION_LOG);
    assert_int_equal(f->rules.item_count, 6);
    for (size_t i = 0; i < 6; i++) {
        const struct item *item = &f->rules.items[i];
        char action[32];
        struct text t;
        text_start(&t, action, sizeof action);
        action_write(item->action, &t);
        text_end(&t);
        assert_string_equal(action, expected[i].action);
        if (expected[i].text != NULL) assert_string_equal(f->rules.text + item->text, expected[i].text);
        assert_string_equal(f->rules.text + item->source, "test.policy");
        assert_int_equal(item->line, expected[i].line);
        assert_int_equal(item->column, expected[i].column);
    }
    assert_int_equal(f->broken.code, 0);
    filter_free(f);
}

static void everything_is_written_and_read_again(void **state) {
    (void)state;
    static const char *const texts[] = {
        "default allow\n",
        "default kill\nallow read\n",
        "default allow\nabi x86_64\nabi aarch64\non x86_64 deny open\non x86_64,aarch64 EACCES openat(arg2 & 3 != 0)\n",
        ("default errno(0)\nset unknown EPERM\nset foreign allow\nset log off\nset complain on\nset landlock on\n"
         "set io_uring keep\nset no_new_privs off\nset speculation mitigate\nset proof off\n"
         "set capabilities none\nset kernel 6.1\ndeny execve\n"),
        "default allow\nset capabilities CAP_CHOWN,CAP_SYS_ADMIN\ndeny @exec\nEACCES @listen\n",
        ("default deny\nallow socket(arg0:u64 == 0x100000002)\ntrap 424\nnotify open\ntrace(7) close\n"
         "kill_thread ptrace(arg0 == 0 && arg1 != self)\nlog read\n"),
        "default allow\nlenient\nallow read\nallow read\nstrict\ndeny write\nlenient\non x86_64 deny close\n",
        "default allow\non x86_64 deny @exec\n",
        // As an OCI profile has it: behind socketcall the rule lets nothing through.
        "default deny\nabi x86\nlenient\nallow socket(arg0:u64 == 0x1)\n",
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        assert_writes(texts[i], texts[i]);
        struct filter *f = filter_of(texts[i]);
        struct filter *again = filter_of(texts[i]);
        char *out = written(f);
        filter_free(again);
        again = filter_of(out);
        assert_int_equal(f->abis, again->abis);
        assert_true(action_equal(f->default_action, again->default_action));
        assert_int_equal(f->rules.rule_count, again->rules.rule_count);
        for (size_t k = 0; k < f->rules.rule_count; k++) {
            assert_int_equal(f->rules.rules[k].abis, again->rules.rules[k].abis);
            assert_int_equal(f->rules.rules[k].target, again->rules.rules[k].target);
            assert_int_equal(f->rules.rules[k].conditions, again->rules.rules[k].conditions);
            assert_true(action_equal(f->rules.rules[k].action, again->rules.rules[k].action));
        }
        for (size_t k = 0; k < f->rules.item_count; k++) {
            assert_int_equal(f->rules.items[k].gentle, again->rules.items[k].gentle);
            assert_int_equal(f->rules.items[k].only, again->rules.items[k].only);
        }
        free(out);
        filter_free(f);
        filter_free(again);
    }
}

static void other_spellings_are_written_in_one_form(void **state) {
    (void)state;
    assert_writes("", "default allow\n");
    assert_writes("# nothing\n\n", "default allow\n");
    assert_writes("set   log\toff\ndeny read,write", "default allow\nset log off\ndeny read\ndeny write\n");
    assert_writes("errno(13) read", "default allow\nEACCES read\n");
    assert_writes("on x86_64 , x86 deny read", "default allow\non x86_64,x86 deny read\n");
    assert_writes("deny read \\", "default allow\ndeny read\n");
}

static void calls_with_line_ends_are_written_in_one_line(void **state) {
    (void)state;
    static const char calls[] = "socket(arg0\n== 2)";
    struct filter *f = filter_new();
    assert_int_equal(filter_add(f, "deny", 4, calls, strlen(calls), (struct source){.name = ""}), 0);
    char *out = written(f);
    assert_string_equal(out, "default allow\ndeny socket(arg0 == 2)\n");
    free(out);
    filter_free(f);
}

static const struct {
    const char *text, *message;
} mistakes[] = {
    {"denny read", "test.policy:1:1: unknown action \"denny\"; did you mean \"deny\"?"},
    {"allow read\n deny execev", "test.policy:2:7: unknown system call \"execev\"; did you mean \"execve\"?"},
    {"deny read,\n  write,\n  execev\n", "test.policy:3:3: unknown system call \"execev\""},
    {"deny read, \\\n # why\n", "test.policy:1:11: a call must follow the last \",\""},
    {"deny socket(arg0 == \\\n  AF_INTE)", "test.policy:2:3: unknown constant \"AF_INTE\""},
    {"deny @exek", "test.policy:1:6: unknown group \"@exek\"; did you mean \"@exec\"?"},
    {"deny @something", "test.policy:1:6: unknown group \"@something\"; the groups are @exec, @spawn, "},
    {"deny socket(filename == 0)",
     "test.policy:1:6: socket has no parameter \"filename\"; it has family, type and protocol"},
    {"deny read, spawn", "test.policy:1:12: unknown system call \"spawn\"; the group of that name is written"},
    {"deny socket(famly == 1)", "test.policy:1:6: socket has no parameter \"famly\"; did you mean \"family\"?"},
    {"deny socket(colour == 1)", "test.policy:1:6: socket has no parameter \"colour\"; it has family, type and"},
    {"deny getpid(colour == 1)", "test.policy:1:6: getpid has no parameter \"colour\"; it has none"},
    {"deny @exek", "test.policy:1:6: unknown group \"@exek\"; did you mean"},
    {"deny", "test.policy:1:5: calls must follow \"deny\""},
    {"execve", "test.policy:1:1: a line starts with an action, as in \"deny execve\""},
    {"@exec", "test.policy:1:1: a line starts with an action, as in \"deny @exec\""},
    {"deny: read", "test.policy:1:1: unknown action \"deny:\"; did you mean \"deny\"?"},
    {"EPREM read", "test.policy:1:1: unknown errno \"EPREM\"; did you mean \"EPERM\"?"},
    {"errno(EPERM read", "test.policy:1:1: \")\" is missing"},
    {"default", "test.policy:1:8: an action must follow \"default\""},
    {"default denny", "test.policy:1:9: unknown action \"denny\""},
    {"default deny\ndefault kill", "test.policy:2:9: a second default"},
    {"abi", "test.policy:1:1: a value must follow \"abi\""},
    {"abi x86_46", "test.policy:1:5: unknown ABI \"x86_46\"; did you mean \"x86_64\"?"},
    {"set", "test.policy:1:1: \"set\" takes an option and a value"},
    {"set log", "test.policy:1:5: a value must follow \"log\""},
    {"set log maybe", "test.policy:1:9: option log is \"off\" or \"on\""},
    {"abi amd64", "test.policy:1:5: unknown ABI \"amd64\"; did you mean \"x86_64\"?"},
    {"abi itanium", "test.policy:1:5: unknown ABI \"itanium\"; the ABIs are x86_64, x86, x32, "},
    {"set frobnicate on", "test.policy:1:5: unknown option \"frobnicate\"; the options are abi, unknown, "},
    {"set lgo on", "test.policy:1:5: unknown option \"lgo\"; did you mean \"log\"?"},
    {"set colour on", "test.policy:1:5: unknown option \"colour\"; the options are abi, "},
    {"abi pdp11", "test.policy:1:5: unknown ABI \"pdp11\"; the ABIs are x86_64, x86, "},
    {"set capabilities CAP_CHWON", "test.policy:1:18: unknown capability \"CAP_CHWON\"; did you mean \"CAP_CHOWN\"?"},
    {"on", "test.policy:1:3: names of ABIs must follow \"on\""},
    {"on x86_46 deny read", "test.policy:1:4: unknown ABI \"x86_46\"; did you mean \"x86_64\"?"},
    {"on x86_64, deny read", "test.policy:1:12: unknown ABI \"deny\""},
    {"on x86_64", "test.policy:1:10: an action and calls must follow"},
    {"abi x86\nallow socket(family == AF_UNIX)\n",
     "test.policy:2:7: on x86, socket is also reached through socketcall"},
    {"abi x86\nallow socket(family == AF_UNIX)\ndeny socketcall\n", "test.policy:2:7: on x86, socket is also"},
    {"lenient deny read", "test.policy:1:9: \"lenient\" stands alone in its line"},
    {"allow read\rdeny write\n", "test.policy:1:11: carriage return without a line feed"},
    {"# comment\rdeny write\n", "test.policy:1:10: carriage return without a line feed"},
    {"\xef\xbb\xbf"
     "denny read",
     "test.policy:1:1: unknown action"},
    {"deny read\\ write", "test.policy:1:10: expected \",\" between calls, found \"\\\""},
};

static void mistakes_name_line_and_column(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof mistakes / sizeof mistakes[0]; i++) {
        struct filter *f = filter_new();
        int result = read_text(f, mistakes[i].text);
        if (result >= 0 || strncmp(f->error.message, mistakes[i].message, strlen(mistakes[i].message)) != 0)
            fail_msg("\"%s\": %d \"%s\"", mistakes[i].text, result, f->error.message);
        assert_int_equal(f->error.code, -result);
        filter_free(f);
    }
}

// What the message about socketcall advises.
static void a_multiplexer_that_is_denied_first_hides_nothing(void **state) {
    (void)state;
    filter_free(filter_of("abi x86\ndeny socketcall\nallow socket(family == AF_UNIX)\ndeny socket\n"));
    filter_free(filter_of("abi x86\ndeny 102\nallow socket(family == AF_UNIX)\ndeny socket\n"));
}

static void a_mistake_leaves_the_filter_as_it_was_but_broken(void **state) {
    (void)state;
    static const char base[] = "default log\nabi x86_64\nset log off\nset capabilities CAP_CHOWN\ndeny read\n";
    static const char ahead[] =
        "default kill\nabi x86\nset log on\nset capabilities none\nset kernel 5.4\nallow @listen, write(arg0 == 1)\n";
    for (size_t i = 0; i < sizeof mistakes / sizeof mistakes[0]; i++) {
        struct filter *f = filter_of(base);
        assert_int_equal(filter_note(f, "kept"), 0);
        char *before = written(f), text[1024];
        snprintf(text, sizeof text, "%s%s", ahead,
                 strncmp(mistakes[i].text, "\xef\xbb\xbf", 3) ? mistakes[i].text : "x");
        assert_true(read_text(f, text) < 0);
        char *after = written(f);
        assert_string_equal(after, before);
        assert_string_equal(f->notes, "kept\n");
        assert_memory_equal(f->error.message, "test.policy:", 12);
        assert_true(filter_sound(f) < 0);
        assert_string_equal(f->broken.message, f->error.message);
        assert_true(read_text(f, "nonsense") < 0);
        assert_null(strstr(f->broken.message, "nonsense")); // the first one stays
        free(before);
        free(after);
        filter_free(f);
    }
}

static void a_nul_byte_is_refused_with_its_place(void **state) {
    (void)state;
    static const char text[] = "deny read\n# a\0b\n";
    struct filter *f = filter_new();
    assert_int_equal(policy_read(f, text, sizeof text - 1, NULL), -EINVAL);
    assert_string_equal(f->error.message, "policy:2:4: NUL byte; a policy is text");
    filter_free(f);
}

static void each_failed_allocation_leaves_the_filter_as_it_was(void **state) {
    (void)state;
    static const char text[] = "default kill\nset log off\nallow socket(arg0 == 2), write\ndeny @listen\n";
    size_t n = 1;
    for (bool all = false; !all; n++) {
        struct filter *f = filter_of("deny read\n");
        char *before = written(f);
        memory_fail(n);
        int result = read_text(f, text);
        all = memory_asked() < n;
        memory_fail(0);
        char *after = written(f);
        assert_int_equal(result, all ? 0 : -ENOMEM);
        if (!all) {
            assert_string_equal(after, before);
            assert_int_equal(filter_sound(f), -ENOMEM);
        }
        free(before);
        free(after);
        filter_free(f);
    }
    assert_true(n > 4);
}

static uint64_t random_state;

static uint32_t random_below(uint32_t limit) {
    random_state = random_state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(random_state >> 33) % limit;
}

static const char *const soup[] = {"deny",
                                   "allow",
                                   "EPERM",
                                   "errno(",
                                   ")",
                                   "default",
                                   "abi",
                                   "set",
                                   "log",
                                   "off",
                                   "on",
                                   "x86_64",
                                   "aarch64",
                                   "lenient",
                                   "strict",
                                   "read",
                                   "execve",
                                   "@listen",
                                   ",",
                                   "\\",
                                   "#",
                                   "\n",
                                   "\r\n",
                                   "\r",
                                   " ",
                                   " ",
                                   " ",
                                   "\t",
                                   "socket(arg0 == 2)",
                                   "(",
                                   "kill",
                                   "trace(1)",
                                   "\xff",
                                   "42",
                                   "proof"};

// What is accepted reads and writes as the same filter; what is refused changes nothing.
static void random_lines_never_crash(void **state) {
    (void)state;
    const char *wanted = getenv("ABJURE_SEED");
    random_state = wanted != NULL ? strtoull(wanted, NULL, 0) : (uint64_t)time(NULL);
    print_message("ABJURE_SEED=%llu\n", (unsigned long long)random_state);
    int accepted = 0;
    for (int round = 0; round < 20000; round++) {
        char *text = malloc(1024);
        size_t length = 0;
        for (uint32_t i = random_below(14); i > 0; i--) {
            const char *word = soup[random_below(sizeof soup / sizeof soup[0])];
            memcpy(text + length, word, strlen(word));
            length += strlen(word);
            text[length++] = ' ';
        }
        text = realloc(text, length > 0 ? length : 1); // so that reading behind it is seen
        struct filter *f = filter_new();
        int result = policy_read(f, text, length, "p");
        char *out = written(f);
        if (result < 0) {
            assert_memory_equal(f->error.message, "p:", 2);
            assert_string_equal(out, "default allow\n");
        } else {
            struct filter *again = filter_of(out);
            char *twice = written(again);
            assert_string_equal(twice, out);
            accepted += f->rules.item_count > 0;
            free(twice);
            filter_free(again);
        }
        free(out);
        filter_free(f);
        free(text);
    }
    assert_true(accepted > 20);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_become_items_with_their_source),
        cmocka_unit_test(everything_is_written_and_read_again),
        cmocka_unit_test(other_spellings_are_written_in_one_form),
        cmocka_unit_test(calls_with_line_ends_are_written_in_one_line),
        cmocka_unit_test(mistakes_name_line_and_column),
        cmocka_unit_test(a_multiplexer_that_is_denied_first_hides_nothing),
        cmocka_unit_test(a_mistake_leaves_the_filter_as_it_was_but_broken),
        cmocka_unit_test(a_nul_byte_is_refused_with_its_place),
        cmocka_unit_test(each_failed_allocation_leaves_the_filter_as_it_was),
        cmocka_unit_test(random_lines_never_crash),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
