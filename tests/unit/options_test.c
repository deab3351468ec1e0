// SPDX-License-Identifier: MIT
#include "options.h"

#include "kit.h"

#include <linux/capability.h>

static const struct {
    const char *name, *value;
} defaults[] = {
    {"unknown", "ENOSYS"},
    {"foreign", "kill"},
    {"x32", "ENOSYS"},
    {"log", "on"},
    {"complain", "off"},
    {"landlock", "off"},
    {"io_uring", "refuse"},
    {"no_new_privs", "on"},
    {"speculation", "allow"},
    {"proof", "on"},
    {"capabilities", "CAP_CHOWN,CAP_DAC_OVERRIDE,CAP_FOWNER,CAP_FSETID,CAP_KILL,CAP_SETGID,CAP_SETUID,CAP_SETPCAP,"
                     "CAP_NET_BIND_SERVICE,CAP_NET_RAW,CAP_SYS_CHROOT,CAP_MKNOD,CAP_AUDIT_WRITE,CAP_SETFCAP"},
    {"kernel", "any"},
};

static void the_defaults_in_order(void **unused) {
    (void)unused;
    struct filter_options o;
    struct filter_option got;
    options_start(&o);
    for (size_t i = 0; i < LENGTH(defaults); i++) {
        assert_true(options_get(&o, i, &got));
        assert_string_equal(got.name, defaults[i].name);
        assert_string_equal(got.value, defaults[i].value);
        assert_true(got.is_default);
    }
    assert_false(options_get(&o, LENGTH(defaults), &got));
    assert_false(options_get(&o, SIZE_MAX, &got));
    assert_true(o.log && o.no_new_privs && o.proof);
    assert_false(o.complain || o.mitigate || o.landlock || o.keep_io_uring);
}

static struct filter_option get(const struct filter_options *o, const char *name) {
    struct filter_option got;
    for (size_t i = 0; options_get(o, i, &got); i++)
        if (strcmp(got.name, name) == 0) return got;
    fail_msg("no option %s", name);
    return got;
}

// Every value is read, comes back as `written`, and can be set from that again.
static void every_value_comes_back(void **unused) {
    (void)unused;
    static const struct {
        const char *name, *value, *written;
    } rows[] = {
        {"unknown", "kill", "kill"},
        {"unknown", "errno( EACCES )", "EACCES"},
        {"unknown", "deny", "deny"},
        {"unknown", "allow", "allow"},
        {"foreign", "errno(0)", "errno(0)"},
        {"foreign", "trace(7)", "trace(7)"},
        {"x32", "kill", "kill"},
        {"log", "off", "off"},
        {"complain", "on", "on"},
        {"landlock", "on", "on"},
        {"io_uring", "keep", "keep"},
        {"no_new_privs", "off", "off"},
        {"speculation", "mitigate", "mitigate"},
        {"proof", "off", "off"},
        {"capabilities", "none", "none"},
        {"capabilities", "CAP_BPF", "CAP_BPF"},
        {"capabilities", " CAP_SYS_ADMIN ,\tCAP_CHOWN,CAP_CHOWN ", "CAP_CHOWN,CAP_SYS_ADMIN"},
        {"kernel", "6.1", "6.1"},
        {"kernel", "4.08", "4.8"},
        {"kernel", "999.999", "999.999"},
        {"kernel", "0.1", "0.1"},
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        struct filter_options o;
        struct error e = {0};
        options_start(&o);
        CHECK(options_set(&o, rows[i].name, rows[i].value, &e) == 0, "%s: %s", rows[i].value, e.message);
        const struct filter_option got = get(&o, rows[i].name);
        assert_string_equal(got.value, rows[i].written);
        assert_false(got.is_default);
        struct filter_options again;
        options_start(&again);
        assert_int_equal(options_set(&again, got.name, got.value, &e), 0);
        assert_string_equal(get(&again, rows[i].name).value, rows[i].written);
        // The others stay at their defaults.
        for (size_t d = 0; d < LENGTH(defaults); d++)
            if (strcmp(defaults[d].name, rows[i].name) != 0) assert_true(get(&o, defaults[d].name).is_default);
        // And back again.
        for (size_t d = 0; d < LENGTH(defaults); d++)
            if (strcmp(defaults[d].name, rows[i].name) == 0)
                assert_int_equal(options_set(&o, rows[i].name, defaults[d].value, &e), 0);
        assert_true(get(&o, rows[i].name).is_default);
    }
}

static void errors_say_what_is_allowed_and_change_nothing(void **unused) {
    (void)unused;
    static const struct {
        const char *name, *value;
        int code;
        const char *message;
    } rows[] = {
        {"log", "yes", EINVAL, "option log is \"off\" or \"on\", not \"yes\""},
        {"log", "", EINVAL, "option log is \"off\" or \"on\", not \"\""},
        {"log", "ON", EINVAL, "option log is \"off\" or \"on\", not \"ON\""},
        {"io_uring", "on", EINVAL, "option io_uring is \"refuse\" or \"keep\", not \"on\""},
        {"speculation", "off", EINVAL, "option speculation is \"allow\" or \"mitigate\", not \"off\""},
        {"proof", "o\n", EINVAL, "option proof is \"off\" or \"on\", not \"o\\x0a\""},
        {"kernel", "6", EINVAL, "option kernel is \"any\" or a version such as \"6.1\", not \"6\""},
        {"capabilities", "", EINVAL,
         "option capabilities is a list of names such as CAP_CHOWN with commas, or \"none\""},
        {"capabilities", "CAP_CHOWN,", EINVAL,
         "option capabilities is a list of names such as CAP_CHOWN with commas, or \"none\""},
        {"capabilities", "CAP_CHOWN, ,CAP_BPF", EINVAL,
         "option capabilities is a list of names such as CAP_CHOWN with commas, or \"none\""},
        {"capabilities", "CAP_BPF,CAP_SYS_ADMEN", ENOENT,
         "unknown capability \"CAP_SYS_ADMEN\"; did you mean \"CAP_SYS_ADMIN\"?"},
        {"capabilities", "none,CAP_BPF", ENOENT, "unknown capability \"none\""},
        {"lgo", "on", ENOENT, "unknown option \"lgo\"; did you mean \"log\"?"},
        {"ab", "x86", ENOENT, "unknown option \"ab\"; did you mean \"abi\"?"},
        {"abbi", "x86", ENOENT, "unknown option \"abbi\"; did you mean \"abi\"?"},
        {"", "on", ENOENT,
         "unknown option \"\"; the options are abi, unknown, foreign, x32, log, complain, landlock, io_uring, "
         "no_new_privs, "
         "speculation, proof, capabilities and kernel"},
        {"quite another", "on", ENOENT,
         "unknown option \"quite another\"; the options are abi, unknown, foreign, x32, log, complain, landlock, "
         "io_uring, "
         "no_new_privs, speculation, proof, capabilities and kernel"},
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        struct filter_options o, before;
        struct error e = {0};
        memset(&o, 0, sizeof o);
        options_start(&o);
        memcpy(&before, &o, sizeof o);
        CHECK(options_set(&o, rows[i].name, rows[i].value, &e) == -rows[i].code, "%s = %s: %s", rows[i].name,
              rows[i].value, e.message);
        assert_int_equal(e.code, rows[i].code);
        assert_string_equal(e.message, rows[i].message);
        assert_memory_equal(&o, &before, sizeof o);
    }
}

static void errors_of_actions_name_the_option(void **unused) {
    (void)unused;
    static const char *const values[] = {"", "dney", "errno(5000)", "ENOSIS", "trace", "kill it"};
    for (size_t i = 0; i < LENGTH(values); i++) {
        struct filter_options o;
        struct error e = {0}, plain = {0};
        struct action ignored;
        options_start(&o);
        const int code = action_parse(values[i], strlen(values[i]), &ignored, &plain);
        assert_true(code < 0);
        assert_int_equal(options_set(&o, "unknown", values[i], &e), code);
        char want[ERROR_MESSAGE_SIZE + 32];
        snprintf(want, sizeof want, "option unknown: %s", plain.message);
        assert_string_equal(e.message, want);
        assert_int_equal(o.unknown.data, ENOSYS);
    }
}

#define CAPABILITY(name)                                                                                               \
    { #name, name }

static const struct {
    const char *name;
    int number;
} capabilities[] = {
    CAPABILITY(CAP_CHOWN),
    CAPABILITY(CAP_DAC_OVERRIDE),
    CAPABILITY(CAP_DAC_READ_SEARCH),
    CAPABILITY(CAP_FOWNER),
    CAPABILITY(CAP_FSETID),
    CAPABILITY(CAP_KILL),
    CAPABILITY(CAP_SETGID),
    CAPABILITY(CAP_SETUID),
    CAPABILITY(CAP_SETPCAP),
    CAPABILITY(CAP_LINUX_IMMUTABLE),
    CAPABILITY(CAP_NET_BIND_SERVICE),
    CAPABILITY(CAP_NET_BROADCAST),
    CAPABILITY(CAP_NET_ADMIN),
    CAPABILITY(CAP_NET_RAW),
    CAPABILITY(CAP_IPC_LOCK),
    CAPABILITY(CAP_IPC_OWNER),
    CAPABILITY(CAP_SYS_MODULE),
    CAPABILITY(CAP_SYS_RAWIO),
    CAPABILITY(CAP_SYS_CHROOT),
    CAPABILITY(CAP_SYS_PTRACE),
    CAPABILITY(CAP_SYS_PACCT),
    CAPABILITY(CAP_SYS_ADMIN),
    CAPABILITY(CAP_SYS_BOOT),
    CAPABILITY(CAP_SYS_NICE),
    CAPABILITY(CAP_SYS_RESOURCE),
    CAPABILITY(CAP_SYS_TIME),
    CAPABILITY(CAP_SYS_TTY_CONFIG),
    CAPABILITY(CAP_MKNOD),
    CAPABILITY(CAP_LEASE),
    CAPABILITY(CAP_AUDIT_WRITE),
    CAPABILITY(CAP_AUDIT_CONTROL),
    CAPABILITY(CAP_SETFCAP),
    CAPABILITY(CAP_MAC_OVERRIDE),
    CAPABILITY(CAP_MAC_ADMIN),
    CAPABILITY(CAP_SYSLOG),
    CAPABILITY(CAP_WAKE_ALARM),
    CAPABILITY(CAP_BLOCK_SUSPEND),
    CAPABILITY(CAP_AUDIT_READ),
    CAPABILITY(CAP_PERFMON),
    CAPABILITY(CAP_BPF),
    CAPABILITY(CAP_CHECKPOINT_RESTORE),
};

static void capabilities_have_the_kernels_numbers(void **unused) {
    (void)unused;
    assert_int_equal(LENGTH(capabilities), CAP_LAST_CAP + 1);
    char list[2048] = "";
    for (size_t i = 0; i < LENGTH(capabilities); i++) {
        assert_int_equal(options_capability(capabilities[i].name, strlen(capabilities[i].name)),
                         capabilities[i].number);
        assert_int_equal(options_capability(capabilities[i].name, strlen(capabilities[i].name) - 1), -1);
        snprintf(list + strlen(list), sizeof list - strlen(list), "%s%s", i > 0 ? "," : "", capabilities[i].name);
    }
    assert_int_equal(options_capability("CAP_CHOWN", 8), -1);
    assert_int_equal(options_capability("cap_chown", 9), -1);
    assert_int_equal(options_capability("", 0), -1);
    // All of them together fit into the text of the option.
    struct filter_options o;
    struct error e = {0};
    options_start(&o);
    assert_int_equal(options_set(&o, "capabilities", list, &e), 0);
    assert_true(o.capabilities == (UINT64_C(1) << (CAP_LAST_CAP + 1)) - 1);
    assert_string_equal(get(&o, "capabilities").value, list);
}

static void versions_of_kernels(void **unused) {
    (void)unused;
    uint32_t version = 7;
    static const char *const wrong[] = {"",    "6",   ".1",     "6.",     "6.1.2", " 6.1", "6.1 ",
                                        "6,1", "0.0", "1000.1", "6.1000", "a.b",   "-6.1", "6.1-rc1"};
    for (size_t i = 0; i < LENGTH(wrong); i++) {
        CHECK(options_kernel(wrong[i], &version) == -EINVAL, "%s", wrong[i]);
        assert_int_equal(version, 7);
    }
    assert_int_equal(options_kernel("4.8", &version), 0);
    assert_int_equal(version, 4u << 16 | 8);
    assert_int_equal(options_kernel("6.18", &version), 0);
    assert_int_equal(version, 6u << 16 | 18);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_defaults_in_order),
        cmocka_unit_test(every_value_comes_back),
        cmocka_unit_test(errors_say_what_is_allowed_and_change_nothing),
        cmocka_unit_test(errors_of_actions_name_the_option),
        cmocka_unit_test(capabilities_have_the_kernels_numbers),
        cmocka_unit_test(versions_of_kernels),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
