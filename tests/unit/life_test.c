// SPDX-License-Identifier: MIT
// Whole lives of filters, in which one allocation after the other fails: no crash, no leak (the sanitizer sees it), and
// for a caller who ignores every result no filter weaker than the one that was meant.
#include "abjure.h"

#include "kernel.h"
#include "kit.h"

#include <linux/seccomp.h>

static const char policy[] = "default allow\n"
                             "deny socket(family == AF_INET6), @mount\n"
                             "EACCES getrandom, kill(pid < -1)\n"
                             "set unknown EPERM\n";
static const char oci[] =
    "{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":[{\"names\":[\"reboot\",\"bpf\"],\"action\":"
    "\"SCMP_ACT_ERRNO\",\"errnoRet\":38},{\"names\":[\"personality\"],\"action\":\"SCMP_ACT_ERRNO\","
    "\"args\":[{\"index\":0,\"value\":18446744073709551615,\"op\":\"SCMP_CMP_NE\"}]}]}";

struct life {
    bool born, compiled;
    int64_t size;
    unsigned char bytes[8 * BPF_LIMIT];
    int error;
    int64_t explained, written, skipped, noted, eval;
    char explanation[1024], text[4096], notes[4096], verdict[64], message[1024];
};

// Ignores every result, as a careless binding would.
static void live(struct life *l) {
    *l = (struct life){.size = 0};
    abjure_filter *f = abjure_filter_new();
    l->born = f != NULL;
    (void)abjure_filter_set(f, "abi", "x86_64");
    (void)abjure_filter_add(f, "deny", "@exec, @listen, execveat, 1000");
    (void)abjure_filter_read(f, policy, "a.policy");
    (void)abjure_filter_read(f, oci, "b.json");
    (void)abjure_filter_set(f, "abi", "aarch64");
    (void)abjure_filter_default(f, "allow");
    abjure_program *p = abjure_filter_compile(f);
    l->compiled = p != NULL;
    l->error = abjure_filter_error(f);
    (void)abjure_filter_message(f, l->message, sizeof l->message);
    if (p != NULL) l->size = abjure_program_bytes(p, l->bytes, sizeof l->bytes);
    l->eval = abjure_program_eval(p, "x86_64", "execve", 0, 0, 0, 0, 0, 0, l->verdict, sizeof l->verdict);
    l->explained =
        abjure_filter_explain(f, "x86_64", "socket", 10, 1, 0, 0, 0, 0, l->explanation, sizeof l->explanation);
    l->written = abjure_filter_write(f, "policy", l->text, sizeof l->text);
    l->skipped = abjure_filter_skipped(f, NULL, 0);
    l->noted = abjure_filter_notes(f, l->notes, sizeof l->notes);
    abjure_program_free(p);
    abjure_filter_free(f);
}

static void careless_lives(void **unused) {
    (void)unused;
    static struct life whole, l;
    memory_fail(0);
    live(&whole);
    const size_t asked = memory_asked();
    CHECK(whole.compiled, "%s", whole.message);
    assert_true(whole.size > 0 && whole.explained > 0 && whole.written > 0 && whole.eval > 0);
    assert_int_equal(whole.error, 0);
    assert_string_equal(whole.verdict, "EPERM");
    size_t refused = 0;
    for (size_t n = 1; n <= asked; n++) {
        memory_fail(n);
        live(&l);
        memory_fail(0);
        if (!l.compiled) {
            refused++;
            CHECK(l.error == (l.born ? -ENOMEM : -EINVAL), "allocation %zu: %d", n, l.error);
            assert_int_equal(l.size, 0);
        } else {
            // The very program that was meant.
            CHECK(l.size == whole.size && memcmp(l.bytes, whole.bytes, (size_t)whole.size) == 0, "allocation %zu", n);
        }
        // Each text is whole, or an error.
        if (l.explained >= 0)
            assert_string_equal(l.explanation, whole.explanation);
        else
            assert_true(l.explained == -ENOMEM || (!l.born && l.explained == -EINVAL));
        if (l.written >= 0)
            assert_string_equal(l.text, whole.text);
        else
            assert_true(l.written == -ENOMEM || (!l.born && l.written == -EINVAL));
    }
    print_message("%zu allocations, %zu of them in the way of the program\n", asked, refused);
    assert_true(asked > 50 && refused > 40);
}

// What was written is read again, whichever allocation fails, or the error is told.
static void policies_that_are_read_again(void **unused) {
    (void)unused;
    static char text[8192], again[8192];
    abjure_filter *f = abjure_filter_new();
    assert_int_equal(abjure_filter_read(f, policy, "a"), 0);
    assert_true(abjure_filter_write(f, "policy", text, sizeof text) < (int64_t)sizeof text);
    abjure_filter_free(f);
    size_t n = 1;
    for (bool reached = true; reached; n++) {
        memory_fail(n);
        f = abjure_filter_new();
        const int r = abjure_filter_read(f, text, "b");
        reached = memory_asked() >= n;
        memory_fail(0);
        if (reached) {
            CHECK(r == (f == NULL ? -EINVAL : -ENOMEM), "allocation %zu: %d", n, r);
            abjure_filter_clear(f);
            if (f != NULL) assert_int_equal(abjure_filter_read(f, text, "b"), 0);
        }
        if (f != NULL) {
            assert_true(abjure_filter_write(f, "policy", again, sizeof again) > 0);
            assert_string_equal(again, text);
        }
        abjure_filter_free(f);
    }
    assert_true(n > 10);
}

// Programs from bytes, and their texts.
static void programs(void **unused) {
    (void)unused;
    const struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 59, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EACCES), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
    size_t n = 1;
    for (;; n++) {
        char why[128] = "?";
        memory_fail(n);
        errno = 0;
        abjure_program *p = abjure_program_from_bytes(code, sizeof code, why, sizeof why);
        const bool reached = memory_asked() >= n;
        memory_fail(0);
        if (reached) {
            assert_null(p);
            assert_int_equal(errno, ENOMEM);
            assert_string_equal(why, "out of memory");
            continue;
        }
        assert_non_null(p);
        assert_string_equal(why, "");
        abjure_program_free(p);
        break;
    }
    assert_true(n > 2);
}

// One line: nothing is loaded where memory runs out.
static void one_line(void **unused) {
    (void)unused;
    for (size_t n = 1; n < 60; n++) {
        char why[256] = "?";
        struct kernel_task task;
        memory_fail(n);
        // Refused in any case: the rule is dead.
        const int r = abjure_deny("@exec, @listen, socket(family == 1 && family == 2)", EACCES, why, sizeof why);
        const bool reached = memory_asked() >= n;
        memory_fail(0);
        CHECK(r == (reached ? -ENOMEM : -EEXIST), "allocation %zu: %d, %s", n, r, why);
        assert_true(why[0] != '\0' && why[0] != '?');
        assert_int_equal(kernel_task(0, NULL, &task), 0);
        assert_true(task.filters <= 0 && task.mode <= 0);
        if (!reached) break;
    }
    assert_int_equal(kernel_no_new_privs(), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(careless_lives),
        cmocka_unit_test(policies_that_are_read_again),
        cmocka_unit_test(programs),
        cmocka_unit_test(one_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
