// SPDX-License-Identifier: MIT
#include "support.h"

#include "kernel.h"
#include "kit.h"

enum {
    KERNEL_ENOTSUPP = 524 // where the JIT has no memory
};

// On this machine, which has seccomp(2): what each errno of a failed load means, and what is said of it.
static void what_errnos_mean(void **unused) {
    (void)unused;
    const int access = kernel_no_new_privs() == 1 ? -EPERM : -EACCES;
    const struct {
        int err;
        long filters;
        int code;
        const char *part; // of the message
    } rows[] = {
        {-ENOSYS, 0, -EINVAL, "the kernel refuses the program as invalid"},
        {-EINVAL, 0, -EINVAL, "the kernel refuses the program as invalid"},
        {-EACCES, 0, access,
         access == -EACCES ? "not permitted: no_new_privs is off and the process has no CAP_SYS_ADMIN; leave "
                             "no_new_privs on, or load as root"
                           : "an outer filter or sandbox denies loading filters (Permission denied)"},
        {-ENOMEM, 0, -ENOMEM, "the kernel has no memory for the filter: look at the limits of the cgroup"},
        {-ENOMEM, 2, -ENOMEM, "the kernel has no memory for the filter"},
        {-ENOMEM, 3, -E2BIG,
         "too many filters: this process has 3 filters already, and with the 100 instructions of this one they exceed "
         "the 32768 that the kernel allows in all; load one filter instead of many (the load option \"once\" skips one "
         "that is in force), or start the program afresh"},
        {-ENOMEM, -1, -ENOMEM, "the kernel has no memory"}, // this process has no filter
        {-KERNEL_ENOTSUPP, 0, -ENOBUFS,
         "the kernel's memory for compiled BPF programs is full (net.core.bpf_jit_limit"},
        {-EBUSY, 0, -EBUSY, "a filter with user notification is in force and the kernel takes only one"},
        {-ENOTSUP, 0, -ENOTSUP, "this kernel (before 3.17) can filter the calling thread only"},
        {-EPERM, 0, -EPERM, "an outer filter or sandbox denies loading filters (Operation not permitted)"},
        {-EFAULT, 0, -EPERM, "an outer filter or sandbox denies loading filters (Bad address)"},
        {-ENOENT, 0, -EPERM, "an outer filter or sandbox denies loading filters"},
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        struct error e = {0};
        CHECK(support_errno(rows[i].err, rows[i].filters) == rows[i].code, "row %zu", i);
        assert_int_equal(support_explain(rows[i].err, 100, rows[i].filters, &e), rows[i].code);
        assert_int_equal(e.code, -rows[i].code);
        CHECK(strstr(e.message, rows[i].part) == e.message, "%s", e.message);
    }
    // A blocking thread has its message from the loader, which knows it.
    assert_int_equal(support_errno(-ESRCH, 0), -ESRCH);
}

static bool is_name(const char *at, size_t length) {
    for (size_t i = 0; i < length; i++)
        if (!((at[i] >= 'a' && at[i] <= 'z') || at[i] == '_' || at[i] == '.')) return false;
    return length > 0;
}

// Lines "name: yes|no|VALUE", each name once; "no" and "unknown" come with a reason.
static void the_form_of_the_report(void **unused) {
    (void)unused;
    static char buffer[16384];
    struct text t;
    text_start(&t, buffer, sizeof buffer);
    support_write(&t);
    assert_true(text_end(&t) < (int64_t)sizeof buffer);
    static const char *const names[] = {"kernel",
                                        "abi",
                                        "emulator",
                                        "seccomp",
                                        "filter",
                                        "filters",
                                        "threads",
                                        "action.allow",
                                        "action.log",
                                        "action.errno",
                                        "action.trap",
                                        "action.notify",
                                        "action.trace",
                                        "action.kill_thread",
                                        "action.kill",
                                        "flag.all_threads",
                                        "flag.log",
                                        "flag.spec_allow",
                                        "flag.listener",
                                        "flag.tsync_esrch",
                                        "flag.wait_killable",
                                        "no_new_privs",
                                        "cap_sys_admin",
                                        "landlock",
                                        "io_uring",
                                        "audit",
                                        "audit.readable",
                                        "bpf_jit_enable",
                                        "bpf_jit_limit",
                                        "ptrace_scope",
                                        "container"};
    size_t index = 0;
    for (char *line = strtok(buffer, "\n"); line != NULL; line = strtok(NULL, "\n"), index++) {
        const char *colon = strstr(line, ": ");
        CHECK(colon != NULL && is_name(line, (size_t)(colon - line)), "%s", line);
        assert_true(index < LENGTH(names));
        CHECK(strlen(names[index]) == (size_t)(colon - line) && strncmp(line, names[index], strlen(names[index])) == 0,
              "%s, where %s was wanted", line, names[index]);
        const char *value = colon + 2;
        assert_true(value[0] != '\0');
        const bool bare = strcmp(names[index], "emulator") == 0 || strcmp(names[index], "container") == 0;
        if (!bare && (strncmp(value, "no", 3) == 0 || strcmp(value, "unknown") == 0)) fail_msg("no reason: %s", line);
        const char *reason = strstr(value, " - ");
        if (reason != NULL) CHECK(strlen(reason) > 8, "%s", line);
    }
    assert_int_equal(index, LENGTH(names));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_errnos_mean),
        cmocka_unit_test(the_form_of_the_report),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
