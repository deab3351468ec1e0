// SPDX-License-Identifier: MIT
#include "support.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "child.h"
#include "kernel.h"
#include "landlock.h"
#include "text.h"

static char report[8192];

static void make_report(void) {
    struct text t;
    text_start(&t, report, sizeof report);
    support_write(&t);
    must(text_end(&t) < (int64_t)sizeof report);
}

// What stands behind "name: "; NULL where the line is missing.
static const char *value_of(const char *name) {
    static char value[256];
    size_t length = strlen(name);
    for (const char *line = report; *line; line += strcspn(line, "\n") + 1)
        if (strncmp(line, name, length) == 0 && strncmp(line + length, ": ", 2) == 0) {
            snprintf(value, sizeof value, "%.*s", (int)strcspn(line + length + 2, "\n"), line + length + 2);
            return value;
        }
    return NULL;
}

static bool is(const char *name, const char *wanted) {
    const char *value = value_of(name);
    if (value && strncmp(value, wanted, strlen(wanted)) == 0) return true;
    fprintf(stderr, "%s: %s, not %s\n", name, value ? value : "missing", wanted);
    return false;
}

// Every line is "name: value", every "no" says why.
static void well_formed(void) {
    for (const char *line = report; *line; line += strcspn(line, "\n") + 1) {
        size_t length = strcspn(line, "\n");
        must(line[length] == '\n');
        const char *colon = strstr(line, ": ");
        must(colon != NULL && colon < line + length && colon > line);
        must(strcspn(line, " \n") == (size_t)(colon - line) + 1);
        if (strncmp(colon, ": no - ", 7) == 0) must(length > (size_t)(colon - line) + 12);
    }
}

static void here(void) {
    make_report();
    well_formed();
    struct utsname name;
    must(uname(&name) == 0);
    must(is("kernel", name.release));
    must(is("abi", abis[abi_native()].name));
    must(is("seccomp", "yes"));
    must(is("filter", "yes"));
    must(is("threads", "1"));
    must(is("action.errno", "yes") && is("action.kill", "yes") && is("action.log", "yes"));
    must(is("flag.all_threads", "yes"));
    must(is("no_new_privs", "no - "));
    must(is("cap_sys_admin", geteuid() == 0 ? "yes" : "no - "));
    must(value_of("landlock") && value_of("io_uring") && value_of("audit") && value_of("audit.readable"));
    must(value_of("bpf_jit_limit") && value_of("ptrace_scope") && value_of("container") && value_of("emulator"));
    child_apply("EACCES getppid\nlog = off");
    make_report();
    must(is("filters", "1"));
    must(is("no_new_privs", "yes"));
}

static void test_here(void **state) {
    (void)state;
    assert_children(here);
}

// A filter that denies nearly everything that the report asks is reported as that, and nothing breaks.
static void under_denials(void) {
    child_apply("EPERM seccomp, openat, open, access, faccessat, faccessat2, readlink, readlinkat, "
                "landlock_create_ruleset, prctl, uname\nlog = off");
    make_report();
    well_formed();
    must(is("filter", "no - an outer filter"));
    must(is("action.log", "unknown - an outer filter"));
    must(is("flag.log", "unknown - an outer filter"));
    must(is("no_new_privs", "unknown - an outer filter"));
    must(is("cap_sys_admin", "unknown - /proc"));
    must(is("landlock", "no - an outer filter"));
}

static void under_enosys(void) {
    child_apply("ENOSYS seccomp, landlock_create_ruleset\nEINVAL prctl\nlog = off");
    make_report();
    well_formed();
    must(is("filter", "no - no seccomp(2)"));
    must(is("landlock", "no - Linux 5.13"));
}

// What prctl cannot tell is read from /proc.
static void under_denied_prctl(void) {
    child_apply("EPERM prctl, seccomp\nlog = off");
    make_report();
    must(is("no_new_privs", "yes"));
    must(is("cap_sys_admin", geteuid() == 0 ? "yes" : "no - "));
}

static void test_under_filters(void **state) {
    (void)state;
    assert_children(under_denied_prctl);
    assert_children(under_denials);
    assert_children(under_enosys);
}

static void test_errnos(void **state) {
    (void)state;
    struct error e;
    assert_int_equal(support_explain(-ENOMEM, 5, 0, &e), -ENOMEM);
    assert_int_equal(support_explain(-ENOMEM, 5, 40, &e), -E2BIG);
    assert_non_null(strstr(e.message, "40 filters"));
    assert_non_null(strstr(e.message, "5 instructions"));
    assert_int_equal(support_explain(-524, 5, 0, &e), -ENOBUFS);
    assert_int_equal(support_explain(-EBUSY, 5, 0, &e), -EBUSY);
    assert_int_equal(support_explain(-EPERM, 5, 0, &e), -EPERM);
    assert_int_equal(support_explain(-EINVAL, 5, 0, &e), -EINVAL);
    assert_int_equal(support_explain(-EHOSTDOWN, 5, 0, &e), -EPERM);
    assert_non_null(strstr(e.message, strerror(EHOSTDOWN)));
}

// ---- Under qemu-user ------------------------------------------------------------------------------------------------

static const char emulated[] = "--emulated";

// Runs in an emulated process: prints what a load says there.
static int in_emulation(void) {
    struct error e;
    make_report();
    int r = child_load(child_filter("EACCES getppid"), NULL, &e);
    printf("%s|%d|%s\n", value_of("emulator") ? value_of("emulator") : "", r, e.message);
    printf("%s\n", value_of("filter") ? value_of("filter") : "");
    return 0;
}

static void test_emulation(void **state) {
    (void)state;
#ifdef __SANITIZE_ADDRESS__
    print_message("skipped: a sanitized program does not run under qemu-user\n");
    skip();
#endif
    char command[600], self[400], output[2048];
    ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);
    assert_true(length > 0);
    self[length] = '\0';
    const char *native = abis[abi_native()].name;
    snprintf(command, sizeof command, "command -v qemu-%s >/dev/null && exec qemu-%s %s %s", native, native, self,
             emulated);
    FILE *pipe = popen(command, "r");
    assert_non_null(pipe);
    size_t got = fread(output, 1, sizeof output - 1, pipe);
    output[got] = '\0';
    if (pclose(pipe) != 0) {
        print_message("skipped: no qemu-%s\n", native);
        skip();
    }
    char wanted[32];
    snprintf(wanted, sizeof wanted, "qemu-user|%d|", -ENOSYS);
    assert_non_null(strstr(output, wanted));
    assert_non_null(strstr(output, "runs under qemu-user"));
    assert_non_null(strstr(output, "no - the emulator has none"));
}

int main(int argc, char **argv) {
    if (argc > 1 && strcmp(argv[1], emulated) == 0) return in_emulation();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_here),
        cmocka_unit_test(test_under_filters),
        cmocka_unit_test(test_errnos),
        cmocka_unit_test(test_emulation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
