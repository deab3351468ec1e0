// SPDX-License-Identifier: MIT
#include "abjure.h"

#include "kernel.h"
#include "kit.h"

#include <linux/audit.h>
#include <linux/seccomp.h>

// The errnos that abjure.h lists.
static void expect_listed(int64_t result) {
    static const int all[] = {EINVAL, ENOENT, EEXIST, ENOTSUP, E2BIG,   EBADMSG, ETIMEDOUT, EBUSY,
                              ESRCH,  EACCES, EPERM,  ENOSYS,  ENOBUFS, ENOMEM,  EIO};
    for (size_t i = 0; i < LENGTH(all); i++)
        if (result == -all[i]) return;
    fail_msg("%lld is not in the documented set", (long long)result);
}

static abjure_filter *filter_with(const char *action, const char *calls) {
    abjure_filter *f = abjure_filter_new();
    assert_non_null(f);
    assert_int_equal(abjure_filter_set(f, "abi", "x86_64"), 0);
    if (abjure_filter_add(f, action, calls) < 0) {
        char message[512];
        abjure_filter_message(f, message, sizeof message);
        fail_msg("%s", message);
    }
    return f;
}

static void expect_message(const abjure_filter *f, int code, const char *want) {
    char message[1024];
    assert_int_equal(abjure_filter_error(f), -code);
    assert_int_equal(abjure_filter_message(f, message, sizeof message), strlen(want));
    assert_string_equal(message, want);
}

// ---- NULL -----------------------------------------------------------------------------------------------------------

static void without_a_handle(void **unused) {
    (void)unused;
    char b[16] = "before", *const argv[] = {b, NULL};
    abjure_filter_free(NULL);
    abjure_filter_clear(NULL);
    abjure_program_free(NULL);
    assert_int_equal(abjure_filter_add(NULL, "deny", "read"), -EINVAL);
    assert_int_equal(abjure_filter_default(NULL, "deny"), -EINVAL);
    assert_int_equal(abjure_filter_read(NULL, "deny read", "x"), -EINVAL);
    assert_int_equal(abjure_filter_set(NULL, "log", "on"), -EINVAL);
    assert_int_equal(abjure_filter_error(NULL), -EINVAL);
    assert_int_equal(abjure_filter_message(NULL, b, sizeof b), -EINVAL);
    assert_int_equal(abjure_filter_skipped(NULL, b, sizeof b), -EINVAL);
    assert_int_equal(abjure_filter_notes(NULL, b, sizeof b), -EINVAL);
    assert_int_equal(abjure_filter_write(NULL, "policy", b, sizeof b), -EINVAL);
    assert_int_equal(abjure_filter_explain(NULL, NULL, "read", 0, 0, 0, 0, 0, 0, b, sizeof b), -EINVAL);
    assert_int_equal(abjure_filter_load(NULL, NULL), -EINVAL);
    assert_int_equal(abjure_filter_blocking_thread(NULL), -EINVAL);
    assert_int_equal(abjure_filter_exec(NULL, "/bin/true", argv, NULL), -EINVAL);
    errno = 0;
    assert_null(abjure_filter_compile(NULL));
    assert_int_equal(errno, EINVAL);
    assert_int_equal(abjure_program_bytes(NULL, b, sizeof b), -EINVAL);
    assert_int_equal(abjure_program_load(NULL, NULL), -EINVAL);
    assert_int_equal(abjure_program_exec(NULL, "/bin/true", argv, NULL), -EINVAL);
    assert_int_equal(abjure_program_eval(NULL, NULL, "read", 0, 0, 0, 0, 0, 0, b, sizeof b), -EINVAL);
    assert_int_equal(abjure_program_disassemble(NULL, b, sizeof b), -EINVAL);
    assert_int_equal(abjure_program_outline(NULL, "text", b, sizeof b), -EINVAL);
    assert_string_equal(b, "before");
}

static void without_a_text(void **unused) {
    (void)unused;
    abjure_filter *f = abjure_filter_new();
    static const struct {
        int which;
        const char *message;
    } rows[] = {{0, "no action given"}, {1, "no calls given"},  {2, "no action given"},
                {3, "no text given"},   {4, "no option given"}, {5, "no value given"}};
    for (size_t i = 0; i < LENGTH(rows); i++) {
        const int r = rows[i].which == 0   ? abjure_filter_add(f, NULL, "read")
                      : rows[i].which == 1 ? abjure_filter_add(f, "deny", NULL)
                      : rows[i].which == 2 ? abjure_filter_default(f, NULL)
                      : rows[i].which == 3 ? abjure_filter_read(f, NULL, "name")
                      : rows[i].which == 4 ? abjure_filter_set(f, NULL, "on")
                                           : abjure_filter_set(f, "log", NULL);
        assert_int_equal(r, -EINVAL);
        expect_message(f, EINVAL, rows[i].message);
        errno = 0;
        assert_null(abjure_filter_compile(f)); // each breaks the filter
        assert_int_equal(errno, EINVAL);
        abjure_filter_clear(f);
    }
    assert_int_equal(abjure_filter_explain(f, NULL, NULL, 0, 0, 0, 0, 0, 0, NULL, 0), -EINVAL);
    assert_int_equal(abjure_filter_write(f, NULL, NULL, 0), -EINVAL);
    expect_message(f, EINVAL, "unknown format \"\"; there are \"policy\" and \"oci\"");
    char *const argv[] = {NULL};
    assert_int_equal(abjure_filter_exec(f, NULL, argv, NULL), -EINVAL);
    assert_int_equal(abjure_filter_exec(f, "/bin/true", NULL, NULL), -EINVAL);
    assert_int_equal(abjure_filter_exec(f, "/bin/true", argv, NULL), -EINVAL);
    expect_message(f, EINVAL, "no program given, or no argv[0]");
    // These ask, and break nothing.
    abjure_program *p = abjure_filter_compile(f);
    assert_non_null(p);
    assert_int_equal(abjure_program_exec(p, NULL, argv, NULL), -EINVAL);
    assert_int_equal(abjure_program_exec(p, "/bin/true", NULL, NULL), -EINVAL);
    assert_int_equal(abjure_program_exec(p, "/bin/true", argv, NULL), -EINVAL);
    assert_int_equal(abjure_program_eval(p, NULL, NULL, 0, 0, 0, 0, 0, 0, NULL, 0), -EINVAL);
    abjure_program_free(p);
    abjure_filter_free(f);
    assert_int_equal(abjure_group(NULL, NULL, NULL, 0), -EINVAL);
    assert_int_equal(abjure_deny(NULL, 0, NULL, 0), -EINVAL);
    uint64_t value;
    assert_int_equal(abjure_value(NULL, NULL, &value, NULL, 0), -EINVAL);
    assert_int_equal(abjure_value(NULL, "1", NULL, NULL, 0), -EINVAL);
    assert_int_equal(abjure_argument(NULL, NULL, "fd", NULL, 0), -EINVAL);
    assert_int_equal(abjure_argument(NULL, "read", NULL, NULL, 0), -EINVAL);
    errno = 0;
    assert_null(abjure_program_from_bytes(NULL, 8, NULL, 0));
    assert_int_equal(errno, EINVAL);
}

// ---- Buffers --------------------------------------------------------------------------------------------------------

static abjure_filter *subject;
static abjure_program *program;

// Every function that writes a text.
static int64_t texts(size_t which, char *buffer, uint64_t size) {
    switch (which) {
    case 0:
        return abjure_filter_message(subject, buffer, size);
    case 1:
        return abjure_filter_skipped(subject, buffer, size);
    case 2:
        return abjure_filter_notes(subject, buffer, size);
    case 3:
        return abjure_filter_write(subject, "policy", buffer, size);
    case 4:
        return abjure_filter_explain(subject, "", "socket", 2, 1, 0, 0, 0, 0, buffer, size);
    case 5:
        return abjure_program_eval(program, "x86_64", "execve", 0, 0, 0, 0, 0, 0, buffer, size);
    case 6:
        return abjure_program_disassemble(program, buffer, size);
    case 7:
        return abjure_supported(buffer, size);
    case 8:
        return abjure_groups(buffer, size);
    default:
        return abjure_group("@listen", "x86_64", buffer, size);
    }
}

enum {
    TEXTS = 10
};

static bool is_utf8(const char *text) {
    for (size_t i = 0; text[i] != '\0'; i++) {
        const unsigned char c = (unsigned char)text[i];
        size_t more = c < 0x80 ? 0 : c >= 0xf0 ? 3 : c >= 0xe0 ? 2 : c >= 0xc2 ? 1 : 9;
        if (more == 9) return false;
        for (; more > 0; more--)
            if ((text[++i] & 0xc0) != 0x80) return false;
    }
    return true;
}

static void check_text(size_t which) {
    const int64_t length = texts(which, NULL, 0);
    CHECK(length > 0, "text %zu: %lld", which, (long long)length);
    char *whole = malloc((size_t)length + 1), *cut = malloc((size_t)length + 2);
    assert_int_equal(texts(which, whole, (uint64_t)length + 1), length);
    assert_int_equal(strlen(whole), length);
    assert_true(is_utf8(whole));
    const int64_t step = length > 400 ? length / 200 : 1;
    for (int64_t size = 1; size <= length + 1; size += size < 40 || size > length - 20 ? 1 : step) {
        memset(cut, '#', (size_t)length + 2);
        assert_int_equal(texts(which, cut, (uint64_t)size), length);
        const size_t got = strlen(cut);
        assert_true(got < (size_t)size && (int64_t)got >= (size - 1 < length ? size - 4 : length));
        assert_memory_equal(cut, whole, got);
        assert_true(is_utf8(cut));
        assert_true(cut[size] == '#'); // nothing behind the buffer
    }
    memset(cut, '#', 2);
    assert_int_equal(texts(which, cut, 0), length); // of no size: untouched
    assert_true(cut[0] == '#');
    assert_int_equal(texts(which, NULL, 5), -EINVAL);
    free(whole);
    free(cut);
}

static void texts_are_cut_between_characters(void **unused) {
    (void)unused;
    subject = filter_with("deny", "socket(family == AF_INET), creat, @exec, getrandom, getrandom");
    assert_int_equal(abjure_filter_set(subject, "abi", "aarch64"), 0);
    assert_int_equal(abjure_filter_read(subject, "deny reboot", "p\xc3\xb6licy-\xe2\x82\xac-\xf0\x9f\x94\x92"), 0);
    program = abjure_filter_compile(subject); // leaves a note about getrandom
    assert_non_null(program);
    for (size_t which = 1; which < TEXTS; which++)
        check_text(which);
    assert_true(abjure_filter_add(subject, "deny", "\xc3\xa9x\xc3\xa8-\xe2\x82\xac\xf0\x9f\x94\x92") < 0);
    check_text(0);
    abjure_program_free(program);
    abjure_filter_free(subject);
}

static void bytes_are_whole_instructions(void **unused) {
    (void)unused;
    abjure_filter *f = filter_with("deny", "execve");
    abjure_program *p = abjure_filter_compile(f);
    const int64_t size = abjure_program_bytes(p, NULL, 0);
    assert_true(size > 0 && size % 8 == 0);
    unsigned char whole[1024], part[1024];
    assert_true(size < (int64_t)sizeof whole);
    assert_int_equal(abjure_program_bytes(p, whole, sizeof whole), size);
    for (uint64_t room = 0; room <= (uint64_t)size; room++) {
        memset(part, 0x5a, sizeof part);
        assert_int_equal(abjure_program_bytes(p, part, room), size);
        const size_t fits = (size_t)room / 8 * 8; // whole instructions only
        assert_memory_equal(part, whole, fits);
        assert_int_equal(part[fits], 0x5a);
    }
    assert_int_equal(abjure_program_bytes(p, NULL, 8), -EINVAL);
    // And back: the same program, which decides the same.
    abjure_program *again = abjure_program_from_bytes(whole, (uint64_t)size, NULL, 0);
    assert_non_null(again);
    assert_int_equal(abjure_program_bytes(again, part, sizeof part), size);
    assert_memory_equal(part, whole, (size_t)size);
    abjure_program_free(again);
    abjure_program_free(p);
    abjure_filter_free(f);
}

static void reasons_are_cut_too(void **unused) {
    (void)unused;
    char whole[512];
    uint64_t value = 0;
    assert_int_equal(abjure_value("x86_64", "AF_INTE", &value, whole, sizeof whole), -ENOENT);
    const size_t length = strlen(whole);
    assert_true(length > 20);
    for (size_t size = 1; size <= length + 1; size++) {
        char why[512];
        memset(why, '#', sizeof why);
        assert_int_equal(abjure_value("x86_64", "AF_INTE", &value, why, size), -ENOENT);
        assert_int_equal(strlen(why), size - 1 < length ? size - 1 : length);
        assert_memory_equal(why, whole, strlen(why));
        assert_true(why[size] == '#');
    }
    assert_int_equal(abjure_value("x86_64", "AF_INTE", &value, NULL, 0), -ENOENT);
    assert_int_equal(abjure_value("x86_64", "AF_INTE", &value, NULL, 100), -ENOENT);
    // After a success it is empty.
    assert_int_equal(abjure_value("x86_64", "AF_INET", &value, whole, sizeof whole), 0);
    assert_string_equal(whole, "");
    assert_int_equal(value, 2);
}

// ---- Broken filters -------------------------------------------------------------------------------------------------

static void a_broken_filter_does_nothing(void **unused) {
    (void)unused;
    static const char message[] = "unknown system call \"execvee\"; did you mean \"execve\"?";
    char buffer[64] = "before", *const argv[] = {buffer, NULL};
    abjure_filter *f = filter_with("deny", "ptrace");
    assert_int_equal(abjure_filter_add(f, "deny", "execvee"), -ENOENT);
    assert_int_equal(abjure_filter_add(f, "deny", "execve"), 0);
    assert_int_equal(abjure_filter_error(f), -ENOENT); // a later success does not hide it
    errno = 0;
    assert_null(abjure_filter_compile(f));
    assert_int_equal(errno, ENOENT);
    expect_message(f, ENOENT, message);
    assert_int_equal(abjure_filter_load(f, NULL), -ENOENT);
    assert_int_equal(abjure_filter_load(f, "nonsense"), -ENOENT);
    expect_message(f, ENOENT, message);
    assert_int_equal(abjure_filter_exec(f, "/bin/true", argv, NULL), -ENOENT);
    assert_int_equal(abjure_filter_write(f, "policy", buffer, sizeof buffer), -ENOENT);
    assert_int_equal(abjure_filter_write(f, "nonsense", buffer, sizeof buffer), -ENOENT);
    assert_int_equal(abjure_filter_explain(f, NULL, "read", 0, 0, 0, 0, 0, 0, buffer, sizeof buffer), -ENOENT);
    assert_string_equal(buffer, "before");
    struct kernel_task task;
    assert_int_equal(kernel_task(0, NULL, &task), 0);
    assert_int_equal(task.mode, 0);
    abjure_filter_clear(f);
    assert_int_equal(abjure_filter_error(f), 0);
    assert_int_equal(abjure_filter_message(f, buffer, sizeof buffer), 0);
    assert_string_equal(buffer, "");
    abjure_program *p = abjure_filter_compile(f);
    assert_non_null(p);
    assert_int_equal(abjure_program_eval(p, "x86_64", "execve", 0, 0, 0, 0, 0, 0, buffer, sizeof buffer), 5);
    assert_string_equal(buffer, "EPERM");
    abjure_program_free(p);
    abjure_filter_free(f);
}

// ---- Each function's own -------------------------------------------------------------------------------------------

static void reading_tells_json_from_policies(void **unused) {
    (void)unused;
    abjure_filter *f = abjure_filter_new();
    assert_int_equal(abjure_filter_read(f, " \t\r\n{\"defaultAction\":\"SCMP_ACT_ALLOW\"}", "x"), 0);
    assert_int_equal(abjure_filter_read(f, "", "x"), 0);
    assert_int_equal(abjure_filter_read(f, "deny execvee", NULL), -ENOENT);
    expect_message(f, ENOENT, "policy:1:6: unknown system call \"execvee\"; did you mean \"execve\"?");
    abjure_filter_clear(f);
    assert_int_equal(abjure_filter_read(f, "{\"defaultAction\":\"no\"}", ""), -ENOENT);
    expect_message(
        f, ENOENT,
        "policy:1:2: unknown action \"no\"; it is SCMP_ACT_ALLOW, SCMP_ACT_LOG, SCMP_ACT_ERRNO, SCMP_ACT_TRAP, "
        "SCMP_ACT_NOTIFY, SCMP_ACT_TRACE, SCMP_ACT_KILL_THREAD, SCMP_ACT_KILL, SCMP_ACT_KILL_PROCESS");
    abjure_filter_free(f);
}

static void explaining(void **unused) {
    (void)unused;
    char b[512];
    abjure_filter *f = filter_with("EACCES", "socket(family == AF_INET)");
    assert_true(abjure_filter_explain(f, NULL, "socket", 2, 1, 0, 0, 0, 0, b, sizeof b) > 0);
    assert_string_equal(b, "action: EACCES\norigin: rule\nrule: EACCES socket(family == AF_INET)\n"
                           "call: socket(family=2, type=1, protocol=0)\nnumber: 41\nabi: x86_64\n");
    assert_true(abjure_filter_explain(f, "x86_64", "0x29", 2, 1, 0, 0, 0, 0, b, sizeof b) > 0);
    assert_non_null(strstr(b, "action: EACCES\n"));
    static const struct {
        const char *abi, *call;
        int code;
        const char *part;
    } rows[] = {
        {"x86-64", "read", ENOENT, "unknown ABI \"x86-64\"; did you mean \"x86_64\"?"},
        {"", "raed", ENOENT, "unknown system call \"raed\"; did you mean \"read\"?"},
        {"aarch64", "open", ENOTSUP, "aarch64 has no system call open, so that no program can make it there"},
        {"", "4294967296", EINVAL, "4294967296 is no number of a system call: it exceeds 32 bits"},
        {"", "1x", EINVAL, ""},
        {"", "", ENOENT, "unknown system call \"\""},
        {"", "-1", ENOENT, "unknown system call \"-1\""},
        {"", "@exec", ENOENT, "unknown system call \"@exec\""},
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        strcpy(b, "before");
        const int64_t r = abjure_filter_explain(f, rows[i].abi, rows[i].call, 0, 0, 0, 0, 0, 0, b, sizeof b);
        CHECK(r == -rows[i].code, "%s: %lld", rows[i].call, (long long)r);
        char message[512];
        abjure_filter_message(f, message, sizeof message);
        CHECK(strstr(message, rows[i].part) == message, "%s: %s", rows[i].call, message);
    }
    // A question that is wrong does not break the filter.
    abjure_program *p = abjure_filter_compile(f);
    assert_non_null(p);
    for (size_t i = 0; i < LENGTH(rows); i++) {
        const char *abi = rows[i].abi[0] != '\0' ? rows[i].abi : "x86_64";
        assert_int_equal(abjure_program_eval(p, abi, rows[i].call, 0, 0, 0, 0, 0, 0, b, sizeof b), -rows[i].code);
    }
    assert_true(abjure_program_eval(p, "x86_64", "socket", 2, 0, 0, 0, 0, 0, b, sizeof b) > 0);
    assert_string_equal(b, "EACCES");
    assert_true(abjure_program_eval(p, "aarch64", "read", 0, 0, 0, 0, 0, 0, b, sizeof b) > 0);
    assert_string_equal(b, "kill");
    abjure_program_free(p);
    // With several ABIs, "" is this program's own.
    assert_int_equal(abjure_filter_set(f, "abi", "s390x"), 0);
    assert_true(abjure_filter_explain(f, "", "read", 0, 0, 0, 0, 0, 0, b, sizeof b) > 0);
    char own[32];
    snprintf(own, sizeof own, "abi: %s\n", abis[abi_native()].name);
    assert_non_null(strstr(b, own));
    abjure_filter_free(f);
}

static void values_and_arguments(void **unused) {
    (void)unused;
    static const struct {
        const char *abi, *text;
        int result;
        uint64_t value;
        const char *part;
    } values[] = {
        {"x86_64", "AF_INET", 0, 2, ""},
        {"x86_64", "0x10", 0, 16, ""},
        {"x86_64", "O_RDWR|O_CREAT", 0, 0102, ""},
        {"x86_64", "-100", 0, (uint64_t)-100, ""},
        {"x86_64", "18446744073709551615", 0, UINT64_MAX, ""},
        {"x86_64", "self", 0, 0, ""},
        {"x86_64", "", -EINVAL, 0, ""},
        {"x86_64", "1|", -EINVAL, 0, ""},
        {"x86_64", "18446744073709551616", -EINVAL, 0, ""},
        {"x86_64", "O_RDRW", -ENOENT, 0, "unknown constant \"O_RDRW\"; did you mean \"O_RDWR\"?"},
        {"x68", "1", -ENOENT, 0, "unknown ABI \"x68\""},
    };
    for (size_t i = 0; i < LENGTH(values); i++) {
        uint64_t value = 0;
        char why[256] = "?";
        CHECK(abjure_value(values[i].abi, values[i].text, &value, why, sizeof why) == values[i].result, "%s: %s",
              values[i].text, why);
        if (strcmp(values[i].text, "self") == 0)
            assert_int_equal(value, kernel_pid());
        else if (values[i].result == 0)
            assert_true(value == values[i].value);
        CHECK(strstr(why, values[i].part) == why ||
                  (values[i].part[0] == '\0' && (values[i].result == 0) == (why[0] == '\0')),
              "%s", why);
    }
    static const struct {
        const char *abi, *call, *name;
        int result;
        const char *part;
    } arguments[] = {
        {"x86_64", "socket", "family", 0, ""},
        {"x86_64", "socket", "domain", 0, ""}, // the man page's name
        {"x86_64", "ioctl", "cmd", 1, ""},
        {"x86_64", "read", "arg5", 5, ""},
        {"x86_64", "41", "family", 0, ""},
        {"x86_64", "read", "arg6", -ENOENT, "read has no parameter \"arg6\"; it has fd, buf and count"},
        {"x86_64", "socket", "famly", -ENOENT, "socket has no parameter \"famly\"; did you mean \"family\"?"},
        {"x86_64", "sokcet", "family", -ENOENT, "unknown system call \"sokcet\"; did you mean \"socket\"?"},
        {"x86_64", "5000", "fd", -ENOENT, "the parameters of 5000 are not known; write arg0 to arg5 instead of \"fd\""},
        {"arm", "pread64", "pos", -ENOTSUP,
         "pos of pread64 is in no register of its own: it is a 64-bit value over two"},
        {"x86", "mmap", "prot", -ENOTSUP, "prot of mmap is in no register of its own: it is behind a pointer on x86"},
        {"nope", "read", "fd", -ENOENT, "unknown ABI \"nope\""},
    };
    for (size_t i = 0; i < LENGTH(arguments); i++) {
        char why[256] = "?";
        const int r = abjure_argument(arguments[i].abi, arguments[i].call, arguments[i].name, why, sizeof why);
        CHECK(r == arguments[i].result, "%s of %s: %d, %s", arguments[i].name, arguments[i].call, r, why);
        CHECK(r >= 0 ? why[0] == '\0' : strstr(why, arguments[i].part) == why, "%s", why);
    }
}

static void groups(void **unused) {
    (void)unused;
    char names[1024], one[8192], again[8192];
    assert_true(abjure_groups(names, sizeof names) < (int64_t)sizeof names);
    assert_string_equal(names,
                        "@exec\n@spawn\n@listen\n@accept\n@connect\n@network\n@open\n@write\n@wx\n@code\n@debug\n"
                        "@signal\n@mount\n@namespace\n@kernel\n");
    for (char *line = strtok(names, "\n"); line != NULL; line = strtok(NULL, "\n")) {
        assert_true(line[0] == '@');
        assert_true(abjure_group(line, "x86_64", one, sizeof one) > 0);
        assert_true(abjure_group(line + 1, "x86_64", again, sizeof again) > 0); // with or without "@"
        assert_string_equal(one, again);
        assert_true(abjure_group(line, NULL, NULL, 0) > 0);
    }
    assert_int_equal(abjure_group("@nope", NULL, NULL, 0), -ENOENT);
    assert_int_equal(abjure_group("", NULL, NULL, 0), -ENOENT);
    assert_int_equal(abjure_group("@@exec", NULL, NULL, 0), -ENOENT);
    assert_int_equal(abjure_group("@exec", "x86-64", NULL, 0), -ENOENT);
}

static void deny_refuses(void **unused) {
    (void)unused;
    static const struct {
        const char *calls;
        int err, code;
        const char *message;
    } rows[] = {
        {"execve", -1, EINVAL, "-1 is no errno: 1 to 4095, or 0 for the one that suits each call"},
        {"execve", 4096, EINVAL, "4096 is no errno: 1 to 4095, or 0 for the one that suits each call"},
        {"", 0, EINVAL, NULL},
        {"execvee", 0, ENOENT, "unknown system call \"execvee\"; did you mean \"execve\"?"},
        {"@exce", 1, ENOENT, "unknown group \"@exce\"; did you mean \"@exec\"?"},
        {"socket(family == 1 && family == 2)", 0, EEXIST, NULL},
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        char why[512] = "?";
        CHECK(abjure_deny(rows[i].calls, rows[i].err, why, sizeof why) == -rows[i].code, "%s: %s", rows[i].calls, why);
        if (rows[i].message != NULL) assert_string_equal(why, rows[i].message);
        assert_true(why[0] != '\0' && why[0] != '?');
    }
    assert_int_equal(abjure_deny(NULL, 0, NULL, 0), -EINVAL);
    struct kernel_task task;
    assert_int_equal(kernel_task(0, NULL, &task), 0);
    assert_int_equal(task.mode, 0);
    assert_int_equal(kernel_no_new_privs(), 0);
}

static void bad_bytes(void **unused) {
    (void)unused;
    const struct sock_filter fine[] = {BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
    const struct sock_filter wrong[] = {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 64), BPF_STMT(BPF_RET | BPF_K, 0)};
    for (uint64_t size = 0; size < 8; size++) {
        char why[256] = "";
        errno = 0;
        assert_null(abjure_program_from_bytes(fine, size, why, sizeof why));
        assert_int_equal(errno, EINVAL);
        assert_true(why[0] != '\0');
    }
    char why[256] = "";
    assert_null(abjure_program_from_bytes(wrong, sizeof wrong, why, sizeof why));
    assert_true(why[0] != '\0');
    assert_null(abjure_program_from_bytes(fine, UINT64_MAX - 7, why, sizeof why));
    assert_null(abjure_program_from_process(0, 0, why, sizeof why));
    assert_int_equal(errno, EINVAL);
    assert_string_equal(why, "0 is no process id");
    assert_null(abjure_program_effective(-3, why, sizeof why));
    assert_int_equal(errno, EINVAL);
    assert_string_equal(why, "-3 is no process id");
    abjure_program *p = abjure_program_from_bytes(fine, sizeof fine, why, sizeof why);
    assert_non_null(p);
    assert_string_equal(why, "");
    assert_int_equal(abjure_program_load(p, "this_thred"), -ENOENT);
    assert_int_equal(abjure_program_load(p, "this_thread,"), -EINVAL);
    assert_int_equal(abjure_program_load(p, "log=maybe"), -ENOENT);
    abjure_program_free(p);
}

// Whatever goes wrong, the errno is one of those that abjure.h lists, and there is a message.
static void the_errnos_are_a_closed_set(void **unused) {
    (void)unused;
    static const char *const actions[] = {"deny", "errno(5000)", "EFOO", "trace()", "", "kill kill", "notify"};
    static const char *const calls[] = {"",
                                        "read",
                                        "raed",
                                        "@none",
                                        "connect(uservaddr == 7)",
                                        "socket(family == AF_NOPE)",
                                        "socket(family == 0x1ffffffff)",
                                        "socket(family & 3 == 8)",
                                        "ioctl(cmd == self)",
                                        "read(",
                                        "read)",
                                        "read(fd == 1) read",
                                        "4294967296",
                                        "\xff\xfe",
                                        "socket(family == 1 && family == 2)"};
    for (size_t a = 0; a < LENGTH(actions); a++)
        for (size_t c = 0; c < LENGTH(calls); c++) {
            char message[512];
            abjure_filter *f = abjure_filter_new();
            int r = abjure_filter_add(f, actions[a], calls[c]);
            if (r == 0) {
                abjure_program *p = abjure_filter_compile(f);
                r = p != NULL ? 0 : -errno;
                abjure_program_free(p);
            }
            if (r < 0) {
                expect_listed(r);
                assert_int_equal(abjure_filter_error(f), r);
                assert_true(abjure_filter_message(f, message, sizeof message) > 0);
                assert_true(is_utf8(message));
            }
            abjure_filter_free(f);
        }
}

static void versions(void **unused) {
    (void)unused;
    unsigned a, b, c;
    char rest;
    assert_int_equal(sscanf(abjure_version(), "%u.%u.%u%c", &a, &b, &c, &rest), 3);
    assert_int_equal(sscanf(abjure_tables_version(), "linux-%u.%u%c", &a, &b, &rest), 2);
    abjure_filter *f = filter_with("deny", "read");
    assert_int_equal(abjure_filter_blocking_thread(f), 0);
    abjure_filter_free(f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_a_handle),
        cmocka_unit_test(without_a_text),
        cmocka_unit_test(texts_are_cut_between_characters),
        cmocka_unit_test(bytes_are_whole_instructions),
        cmocka_unit_test(reasons_are_cut_too),
        cmocka_unit_test(a_broken_filter_does_nothing),
        cmocka_unit_test(reading_tells_json_from_policies),
        cmocka_unit_test(explaining),
        cmocka_unit_test(values_and_arguments),
        cmocka_unit_test(groups),
        cmocka_unit_test(deny_refuses),
        cmocka_unit_test(bad_bytes),
        cmocka_unit_test(the_errnos_are_a_closed_set),
        cmocka_unit_test(versions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
