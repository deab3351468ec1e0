// SPDX-License-Identifier: MIT
#include "plan.h"

#include "kernel.h"
#include "kit.h"
#include "prove.h"

#include <linux/seccomp.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static const struct load_options defaults = {.log = true, .no_new_privs = true};

// ---- Only the programs ----------------------------------------------------------------------------------------------

static int compile_filter(struct filter *f, struct program **main, struct program **quiet, struct error *e) {
    *main = (struct program *)&defaults; // must be set, also on failure
    return plan_compile(f, -1, main, quiet, e);
}

static void the_main_and_the_quiet_program(void **unused) {
    (void)unused;
    struct filter *f = new_filter("x86_64");
    struct program *main = NULL, *quiet = NULL;
    struct error e = {0};
    must_add(f, "deny", "@spawn, ptrace");
    assert_int_equal(compile_filter(f, &main, &quiet, &e), 0);
    assert_non_null(quiet);
    struct meaning m = meaning_of(f), silent;
    bool any;
    assert_int_equal(prove(main, &m, PROVE_STEPS, NULL, &e), 0);
    assert_int_equal(meaning_quiet(&m, &silent, &any, &e), 0);
    assert_int_equal(prove(quiet, &silent, PROVE_STEPS, NULL, &e), 0);
    meaning_free(&silent);
    meaning_free(&m);
    program_free(main);
    program_free(quiet);
    assert_int_equal(compile_filter(f, &main, NULL, &e), 0);
    program_free(main);
    filter_free(f);
    // No refusal is quiet: no second program.
    f = new_filter("aarch64");
    must_set(f, "unknown", "EPERM");
    must_add(f, "allow", "io_uring_setup, io_uring_enter, io_uring_register");
    must_add(f, "EPERM", "execve");
    assert_int_equal(compile_filter(f, &main, &quiet, &e), 0);
    assert_null(quiet);
    program_free(main);
    filter_free(f);
}

static void what_keeps_a_filter_from_being_compiled(void **unused) {
    (void)unused;
    struct program *main, *quiet = NULL;
    struct error e = {0};
    struct filter *f = new_filter("x86_64");
    must_add(f, "allow", "execve");
    must_add(f, "deny", "execve"); // dead
    assert_int_equal(compile_filter(f, &main, &quiet, &e), -EEXIST);
    assert_null(main);
    assert_null(quiet);
    filter_free(f);

    f = new_filter("x86_64");
    must_add(f, "allow", "kill(pid == self)");
    must_add(f, "deny", "kill");
    assert_int_equal(compile_filter(f, &main, &quiet, &e), -EINVAL);
    assert_non_null(strstr(e.message, "self"));
    assert_int_equal(plan_compile(f, 4711, &main, &quiet, &e), 0);
    program_free(main);
    program_free(quiet);
    filter_free(f);

    f = new_filter("x86_64");
    must_set(f, "abi", "s390x");
    must_add(f, "deny", "execve");
    assert_int_equal(compile_filter(f, &main, &quiet, &e), -ENOTSUP); // two byte orders
    assert_null(main);
    filter_free(f);

    f = new_filter("x86_64");
    char calls[64];
    for (int i = 0; i < 5000; i++) {
        snprintf(calls, sizeof calls, "ioctl(arg1 == %d && arg2 == %d)", 2 * i, i);
        must_add(f, "deny", calls);
    }
    assert_int_equal(compile_filter(f, &main, &quiet, &e), -E2BIG);
    assert_non_null(strstr(e.message, "ioctl"));
    assert_null(main);
    filter_free(f);
}

static void both_byte_orders(void **unused) {
    (void)unused;
    static const char *const abis_of[] = {"x86_64", "s390x"};
    for (int big = 0; big < 2; big++) {
        struct filter *f = new_filter(abis_of[big]);
        struct program *main;
        struct error e = {0};
        must_add(f, "deny", "execve");
        assert_int_equal(compile_filter(f, &main, NULL, &e), 0);
        assert_int_equal(plan_is_native(main), (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__) == (big == 1));
        program_free(main);
        filter_free(f);
    }
}

// ---- The whole plan -------------------------------------------------------------------------------------------------

static void options_of_load_and_filter_together(void **unused) {
    (void)unused;
    struct load_plan plan;
    struct error e = {0};
    struct filter *f = new_filter(NULL);
    must_add(f, "deny", "@spawn");
    CHECK(plan_make(f, &defaults, false, &plan, &e) == 0, "%s", e.message);
    assert_true(plan.options.log && plan.options.no_new_privs);
    assert_false(plan.options.mitigate || plan.options.this_thread || plan.is_loaded || plan.privs_set);
    assert_non_null(plan.main);
    assert_non_null(plan.quiet);
    assert_non_null(plan.entry);
    assert_int_equal(plan.filters, 0);
    plan_free(&plan);
    assert_null(plan.main);
    // Either can turn the log off; without a log nothing needs to be quiet.
    struct load_options options = defaults;
    options.log = false;
    options.this_thread = true;
    assert_int_equal(plan_make(f, &options, true, &plan, &e), 0);
    assert_false(plan.options.log);
    assert_true(plan.options.this_thread);
    assert_null(plan.quiet);
    assert_null(plan.entry); // a program that is executed does not remember
    plan_free(&plan);
    must_set(f, "log", "off");
    must_set(f, "speculation", "mitigate");
    must_set(f, "no_new_privs", "off");
    assert_int_equal(plan_make(f, &defaults, false, &plan, &e), 0);
    assert_false(plan.options.log || plan.options.no_new_privs);
    assert_true(plan.options.mitigate);
    assert_null(plan.quiet);
    plan_free(&plan);
    must_set(f, "log", "on");
    must_set(f, "complain", "on");
    assert_int_equal(plan_make(f, &defaults, false, &plan, &e), 0);
    assert_null(plan.quiet);
    plan_free(&plan);
    filter_free(f);
}

static void expect_no_plan(struct filter *f, int code, const char *part) {
    struct load_plan plan;
    struct error e = {0};
    f->blocking_thread = 99;
    const int r = plan_make(f, &defaults, false, &plan, &e);
    CHECK(r == -code && strstr(e.message, part) != NULL, "%d: %s", r, e.message);
    assert_int_equal(f->blocking_thread, 0);
    filter_free(f);
}

static void what_keeps_a_filter_from_being_loaded(void **unused) {
    (void)unused;
    const enum abi_id native = abi_native();
    const char *other = native == ABI_AARCH64 ? "x86_64" : "aarch64";
    struct filter *f = new_filter(NULL);
    must_add(f, "notify", "execve");
    expect_no_plan(f, ENOTSUP, "the action notify needs a program that listens");
    f = new_filter(NULL);
    must_add(f, "deny", "execve");
    must_set(f, "foreign", "notify");
    expect_no_plan(f, ENOTSUP, "the action notify needs");
    f = new_filter(NULL);
    must_add(f, "deny", "execve");
    must_set(f, "unknown", "notify");
    expect_no_plan(f, ENOTSUP, "the action notify needs");
    f = new_filter(other);
    must_add(f, "deny", "execve");
    char message[64];
    snprintf(message, sizeof message, "the filter has no rules for %s", abis[native].name);
    expect_no_plan(f, ENOTSUP, message);
    f = new_filter(abis[native].big_endian ? "x86_64" : "s390x");
    must_add(f, "deny", "execve");
    expect_no_plan(f, ENOTSUP, "another byte order");
    f = new_filter(NULL);
    must_add(f, "allow", "execve");
    must_add(f, "deny", "execve");
    expect_no_plan(f, EEXIST, "can never decide");
    // What a foreign ABI may do is no danger to this program.
    f = new_filter(other);
    must_add(f, "deny", "execve");
    must_set(f, "foreign", "allow");
    struct load_plan plan;
    struct error e = {0};
    CHECK(plan_make(f, &defaults, false, &plan, &e) == 0, "%s", e.message);
    plan_free(&plan);
    filter_free(f);
}

static void what_the_process_holds_is_noted(void **unused) {
    (void)unused;
    struct load_plan plan;
    struct error e = {0};
    struct filter *f = new_filter(NULL);
    must_add(f, "deny", "@wx");
    void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_true(page != MAP_FAILED);
    assert_int_equal(plan_make(f, &defaults, false, &plan, &e), 0);
    assert_non_null(f->notes);
    plan_free(&plan);
    const size_t length = f->notes_length;
    assert_int_equal(plan_make(f, &defaults, false, &plan, &e), 0);
    assert_int_equal(f->notes_length, length); // told once
    plan_free(&plan);
    assert_int_equal(munmap(page, 4096), 0);
    filter_free(f);
}

// ---- Once -----------------------------------------------------------------------------------------------------------

static struct load_options once(void) {
    struct load_options o = defaults;
    o.once = true;
    return o;
}

static bool is_loaded(struct filter *f) {
    struct load_plan plan;
    struct error e = {0};
    const struct load_options o = once();
    CHECK(plan_make(f, &o, false, &plan, &e) == 0, "%s", e.message);
    const bool loaded = plan.is_loaded;
    plan_free(&plan);
    return loaded;
}

// What a child finds: its exit status 0 or 1, 2 where it is a grandchild.
static int in_child(struct filter *f, int generations) {
    fflush(NULL);
    const pid_t pid = fork();
    if (pid == 0) _exit(generations > 1 ? in_child(f, generations - 1) : is_loaded(f));
    int status = -1;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void a_load_is_remembered(void **unused) {
    (void)unused;
    struct filter *f = new_filter(NULL), *other = new_filter(NULL);
    must_add(f, "deny", "execve");
    must_add(other, "deny", "execveat");
    assert_false(is_loaded(f));
    struct load_plan plan;
    struct error e = {0};
    assert_int_equal(plan_make(f, &defaults, false, &plan, &e), 0);
    plan_remember(&plan);
    plan_remember(&plan); // has nothing left to remember
    plan_free(&plan);
    assert_true(is_loaded(f));
    assert_false(is_loaded(other));
    // The same rules in another filter are the same program.
    struct filter *same = new_filter(NULL);
    must_add(same, "deny", "execve");
    assert_true(is_loaded(same));
    must_set(same, "landlock", "on"); // of which the load knew nothing
    same->options.landlock = true;
    struct load_options o = once();
    if (plan_make(same, &o, false, &plan, &e) == 0) {
        assert_false(plan.is_loaded);
        plan_free(&plan);
    }
    // A child of fork has its parent's filters, and what a process further down did not load is not believed.
    assert_int_equal(in_child(f, 1), 1);
    assert_int_equal(in_child(f, 2), 0);
    // Only where asked for.
    assert_int_equal(plan_make(f, &defaults, false, &plan, &e), 0);
    assert_false(plan.is_loaded);
    plan_free(&plan);
    filter_free(f);
    filter_free(other);
    filter_free(same);
}

// Fewer filters than after the load: this thread is none of those that the load filtered.
static void a_thread_with_fewer_filters(void **unused) {
    (void)unused;
    struct filter *f = new_filter(NULL);
    must_add(f, "deny", "reboot");
    struct load_plan plan;
    struct error e = {0};
    assert_int_equal(plan_make(f, &defaults, false, &plan, &e), 0);
    plan.filters = 1;
    plan_remember(&plan);
    plan_free(&plan);
    assert_false(is_loaded(f));
    filter_free(f);
}

// ---- Failing allocations --------------------------------------------------------------------------------------------

static void out_of_memory(void **unused) {
    (void)unused;
    size_t n = 1, survived = 0;
    for (;; n++) {
        struct filter *f = new_filter(NULL);
        must_add(f, "deny", "@spawn, @listen, socket(family == AF_INET)");
        struct load_plan plan;
        struct error e = {0};
        memory_fail(n);
        const int r = plan_make(f, &defaults, false, &plan, &e);
        const bool reached = memory_asked() >= n;
        memory_fail(0);
        CHECK(r == 0 || r == -ENOMEM, "allocation %zu: %d, %s", n, r, e.message);
        if (r == 0 && reached) survived++; // to remember the load, or for a note
        if (r == 0) {
            assert_non_null(plan.main);
            assert_non_null(plan.quiet);
            plan_free(&plan);
        }
        filter_free(f);
        if (!reached) break;
    }
    print_message("%zu allocations, %zu of them not needed\n", n - 1, survived);
    assert_true(n > 20 && survived <= 2);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_main_and_the_quiet_program),
        cmocka_unit_test(what_keeps_a_filter_from_being_compiled),
        cmocka_unit_test(both_byte_orders),
        cmocka_unit_test(options_of_load_and_filter_together),
        cmocka_unit_test(what_keeps_a_filter_from_being_loaded),
        cmocka_unit_test(what_the_process_holds_is_noted),
        cmocka_unit_test(a_load_is_remembered),
        cmocka_unit_test(a_thread_with_fewer_filters),
        cmocka_unit_test(out_of_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
