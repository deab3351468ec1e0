// SPDX-License-Identifier: MIT
#include "oci.h"

#include "kit.h"
#include "policy.h"

#include <linux/seccomp.h>

static int read_text(struct filter *f, const char *text) {
    return oci_read(f, text, strlen(text), "p.json");
}

static void must_read(struct filter *f, const char *text) {
    if (read_text(f, text) < 0) fail_msg("%s\n%s", f->error.message, text);
}

// What the profile becomes, as policy text, on one ABI.
static void expect_policy(const char *abi, const char *text, const char *want) {
    char buffer[4096];
    struct filter *f = new_filter(abi);
    must_read(f, text);
    struct text t;
    text_start(&t, buffer, sizeof buffer);
    policy_write(f, &t);
    assert_true(text_end(&t) < (int64_t)sizeof buffer);
    CHECK(strcmp(buffer, want) == 0, "%s\nbecame\n%snot\n%s", text, buffer, want);
    filter_free(f);
}

#define ENTRY(body) "{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":[{" body "}]}"
#define RULES(body) "{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"syscalls\":[" body "]}"

// ---- Actions --------------------------------------------------------------------------------------------------------

static struct action action_of_entry(const char *entry) {
    char text[512];
    snprintf(text, sizeof text, "{\"defaultAction\":\"SCMP_ACT_KILL\",\"syscalls\":[{\"names\":[\"read\"],%s}]}",
             entry);
    struct filter *f = new_filter("x86_64");
    must_read(f, text);
    assert_int_equal(f->rules.item_count, 1);
    const struct action action = f->rules.rules[0].action;
    assert_int_equal(f->default_action.kind, ACTION_KILL_THREAD);
    filter_free(f);
    return action;
}

static void actions(void **unused) {
    (void)unused;
    static const struct {
        const char *entry;
        struct action action;
    } rows[] = {
        {"\"action\":\"SCMP_ACT_ALLOW\"", {ACTION_ALLOW, 0, false}},
        {"\"action\":\"SCMP_ACT_ERRNO\"", {ACTION_ERRNO, EPERM, false}},
        {"\"action\":\"SCMP_ACT_ERRNO\",\"errnoRet\":38", {ACTION_ERRNO, ENOSYS, false}},
        {"\"action\":\"SCMP_ACT_ERRNO\",\"errnoRet\":0", {ACTION_ERRNO, 0, false}},
        {"\"action\":\"SCMP_ACT_ERRNO\",\"errnoRet\":4095", {ACTION_ERRNO, 4095, false}},
        {"\"action\":\"SCMP_ACT_ERRNO\",\"errnoRet\":null", {ACTION_ERRNO, EPERM, false}},
        {"\"action\":\"SCMP_ACT_TRACE\"", {ACTION_TRACE, EPERM, false}},
        {"\"action\":\"SCMP_ACT_TRACE\",\"errnoRet\":65535", {ACTION_TRACE, 65535, false}},
        {"\"action\":\"SCMP_ACT_TRAP\"", {ACTION_TRAP, 0, false}},
        {"\"action\":\"SCMP_ACT_NOTIFY\"", {ACTION_NOTIFY, 0, false}},
        {"\"action\":\"SCMP_ACT_LOG\"", {ACTION_LOG, 0, false}},
        {"\"action\":\"SCMP_ACT_KILL_PROCESS\"", {ACTION_KILL, 0, false}},
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        const struct action got = action_of_entry(rows[i].entry);
        CHECK(action_equal(got, rows[i].action), "%s: kind %d, data %d", rows[i].entry, got.kind, got.data);
    }
}

static void the_default(void **unused) {
    (void)unused;
    expect_policy("x86_64", "{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"defaultErrnoRet\":38}",
                  "default ENOSYS\nabi x86_64\n");
    expect_policy("x86_64", "{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":null}", "default allow\nabi x86_64\n");
    // An entry whose action is the default says nothing; it is no exception to those after it.
    struct filter *f = new_filter("x86_64");
    must_read(f, RULES("{\"names\":[\"read\"],\"action\":\"SCMP_ACT_ERRNO\",\"errnoRet\":1},"
                       "{\"names\":[\"read\",\"write\"],\"action\":\"SCMP_ACT_ALLOW\"}"));
    assert_int_equal(f->rules.item_count, 2);
    assert_string_equal(f->notes, "p.json:1:47: syscalls[0]: action \"SCMP_ACT_ERRNO\" is the default; the entry says "
                                  "nothing, unless it names what is always allowed\n");
    filter_free(f);
}

// ---- Names ----------------------------------------------------------------------------------------------------------

static void names(void **unused) {
    (void)unused;
    expect_policy("x86_64", ENTRY("\"name\":\"read\",\"action\":\"SCMP_ACT_TRAP\""),
                  "default allow\nabi x86_64\nlenient\ntrap read\n");
    expect_policy("x86_64", ENTRY("\"name\":\"\",\"names\":[\"read\",\"write\"],\"action\":\"SCMP_ACT_TRAP\""),
                  "default allow\nabi x86_64\nlenient\ntrap read\ntrap write\n");
    // What is denied must be known; what is allowed need not.
    struct filter *f = new_filter("x86_64");
    assert_int_equal(read_text(f, ENTRY("\"names\":[\"read\",\"wriite\"],\"action\":\"SCMP_ACT_ERRNO\"")), -ENOENT);
    assert_string_equal(f->error.message,
                        "p.json:1:47: syscalls[0]: unknown system call \"wriite\"; did you mean \"write\"?");
    assert_int_equal(f->rules.item_count, 0);
    filter_free(f);
    f = new_filter("x86_64");
    must_read(f, RULES("{\"names\":[\"read\",\"wriite\",\"nothing_like_it_at_all\"],\"action\":\"SCMP_ACT_ALLOW\"}"));
    assert_int_equal(f->rules.item_count, 1);
    assert_string_equal(
        f->notes, "p.json:1:47: syscalls[0]: system call \"wriite\" is in no table and skipped; did you mean "
                  "\"write\"?\n"
                  "p.json:1:47: syscalls[0]: system call \"nothing_like_it_at_all\" is in no table and skipped\n");
    filter_free(f);
    // Absent here: skipped, and listed.
    f = new_filter("aarch64");
    must_read(f, RULES("{\"names\":[\"open\",\"openat\"],\"action\":\"SCMP_ACT_ALLOW\"}"));
    char buffer[128];
    struct text t;
    text_start(&t, buffer, sizeof buffer);
    filter_skipped(f, &t);
    text_end(&t);
    assert_string_equal(buffer, "open: absent on aarch64\n");
    filter_free(f);
}

// ---- Conditions -----------------------------------------------------------------------------------------------------

#define WITH(args) ENTRY("\"names\":[\"personality\"],\"action\":\"SCMP_ACT_TRAP\",\"args\":[" args "]")

static void conditions_are_unsigned_and_of_64_bits(void **unused) {
    (void)unused;
    static const char *const operators[][2] = {{"EQ", "=="}, {"NE", "!="}, {"LT", "<"},
                                               {"LE", "<="}, {"GT", ">"},  {"GE", ">="}};
    for (size_t i = 0; i < LENGTH(operators); i++) {
        char text[512], want[160];
        snprintf(text, sizeof text, WITH("{\"index\":5,\"value\":7,\"op\":\"SCMP_CMP_%s\"}"), operators[i][0]);
        snprintf(want, sizeof want, "default allow\nabi x86_64\nlenient\ntrap personality(arg5:u64 %s 0x7)\n",
                 operators[i][1]);
        expect_policy("x86_64", text, want);
    }
    // With a mask, `value` is the mask, and of `valueTwo` only its bits count.
    expect_policy("x86_64", WITH("{\"index\":0,\"value\":2114060288,\"valueTwo\":1,\"op\":\"SCMP_CMP_MASKED_EQ\"}"),
                  "default allow\nabi x86_64\nlenient\ntrap personality(arg0:u64 & 0x7e020000 == 0x0)\n");
    expect_policy("x86_64", WITH("{\"index\":0,\"value\":18446744073709551615,\"op\":\"SCMP_CMP_EQ\"}"),
                  "default allow\nabi x86_64\nlenient\ntrap personality(arg0:u64 == 0xffffffffffffffff)\n");
    expect_policy(
        "x86_64",
        WITH("{\"index\":0,\"value\":9223372036854775808,\"valueTwo\":9223372036854775809,"
             "\"op\":\"SCMP_CMP_MASKED_EQ\"}"),
        "default allow\nabi x86_64\nlenient\ntrap personality(arg0:u64 & 0x8000000000000000 == 0x8000000000000000)\n");
    // An int is compared on 64 bits all the same: that is what the profile says.
    struct filter *f = new_filter("x86_64");
    must_read(f, ENTRY("\"names\":[\"socket\"],\"action\":\"SCMP_ACT_TRAP\",\"args\":"
                       "[{\"index\":0,\"value\":40,\"op\":\"SCMP_CMP_EQ\"}]"));
    struct meaning m = meaning_of(f);
    const uint32_t arch = abis[ABI_X86_64].audit_arch;
    assert_int_equal(meaning_decide(&m, arch, 41, (const uint64_t[6]){40}).verdict, SECCOMP_RET_TRAP);
    assert_int_equal(meaning_decide(&m, arch, 41, (const uint64_t[6]){UINT64_C(0x100000028)}).verdict,
                     SECCOMP_RET_ALLOW);
    meaning_free(&m);
    filter_free(f);
}

// Different arguments: all hold. The same argument twice: any holds, each condition of the entry being a rule.
static void several_conditions(void **unused) {
    (void)unused;
    expect_policy("x86_64",
                  WITH("{\"index\":0,\"value\":1,\"op\":\"SCMP_CMP_GT\"},"
                       "{\"index\":1,\"value\":2,\"op\":\"SCMP_CMP_EQ\"}"),
                  "default allow\nabi x86_64\nlenient\ntrap personality(arg0:u64 > 0x1 && arg1:u64 == 0x2)\n");
    expect_policy(
        "x86_64",
        WITH("{\"index\":0,\"value\":1,\"op\":\"SCMP_CMP_EQ\"},"
             "{\"index\":0,\"value\":8,\"op\":\"SCMP_CMP_EQ\"}"),
        "default allow\nabi x86_64\nlenient\ntrap personality(arg0:u64 == 0x1)\ntrap personality(arg0:u64 == 0x8)\n");
    expect_policy(
        "x86_64",
        WITH("{\"index\":0,\"value\":1,\"op\":\"SCMP_CMP_EQ\"},"
             "{\"index\":1,\"value\":2,\"op\":\"SCMP_CMP_EQ\"},"
             "{\"index\":0,\"value\":8,\"op\":\"SCMP_CMP_EQ\"}"),
        "default allow\nabi x86_64\nlenient\ntrap personality(arg0:u64 == 0x1)\ntrap personality(arg1:u64 == 0x2)\n"
        "trap personality(arg0:u64 == 0x8)\n");
    // Six, the longest that a rule can have.
    expect_policy(
        "x86_64",
        WITH("{\"index\":0,\"value\":18446744073709551615,\"valueTwo\":18446744073709551615,\"op\":"
             "\"SCMP_CMP_MASKED_EQ\"},{\"index\":1,\"value\":1,\"op\":\"SCMP_CMP_NE\"},"
             "{\"index\":2,\"value\":1,\"op\":\"SCMP_CMP_NE\"},{\"index\":3,\"value\":1,\"op\":\"SCMP_CMP_NE\"},"
             "{\"index\":4,\"value\":1,\"op\":\"SCMP_CMP_NE\"},{\"index\":5,\"value\":1,\"op\":\"SCMP_CMP_NE\"}"),
        "default allow\nabi x86_64\nlenient\ntrap personality(arg0:u64 & 0xffffffffffffffff == 0xffffffffffffffff && "
        "arg1:u64 "
        "!= 0x1 && arg2:u64 != 0x1 && arg3:u64 != 0x1 && arg4:u64 != 0x1 && arg5:u64 != 0x1)\n");
}

// ---- includes and excludes ------------------------------------------------------------------------------------------

// Is the rule there, on an ABI, with what capabilities, for what kernel?
static bool applies(const char *abi, const char *caps, const char *kernel, const char *conditions) {
    char text[512];
    struct filter *f = new_filter(abi);
    if (caps != NULL) must_set(f, "capabilities", caps);
    if (kernel != NULL) must_set(f, "kernel", kernel);
    snprintf(text, sizeof text, ENTRY("\"names\":[\"bpf\"],\"action\":\"SCMP_ACT_TRAP\",%s"), conditions);
    must_read(f, text);
    bool any = false;
    struct meaning m = meaning_of(f);
    for (size_t i = 0; i < m.sets[0].ruling_count; i++)
        any = any || m.sets[0].rulings[i].origin == ORIGIN_RULE;
    meaning_free(&m);
    filter_free(f);
    return any;
}

static void includes_and_excludes(void **unused) {
    (void)unused;
    static const struct {
        const char *abi, *caps, *kernel, *conditions;
        bool applies;
    } rows[] = {
        {"x86_64", NULL, NULL, "\"includes\":{},\"excludes\":{}", true},
        {"x86_64", NULL, NULL, "\"includes\":null,\"excludes\":null", true},
        {"x86_64", NULL, NULL, "\"includes\":{\"arches\":[],\"caps\":null,\"minKernel\":\"\"}", true},
        {"x86_64", NULL, NULL, "\"includes\":{\"arches\":[\"amd64\",\"x32\"]}", true},
        {"aarch64", NULL, NULL, "\"includes\":{\"arches\":[\"amd64\",\"x32\"]}", false},
        {"aarch64", NULL, NULL, "\"includes\":{\"arches\":[\"mips\"]}", false},
        {"x86_64", NULL, NULL, "\"excludes\":{\"arches\":[\"amd64\"]}", false},
        {"aarch64", NULL, NULL, "\"excludes\":{\"arches\":[\"amd64\"]}", true},
        {"x86_64", NULL, NULL, "\"excludes\":{\"arches\":[\"s390\"]}", true},
        // Capabilities: all of `includes`, none of `excludes`; Docker's 14, whatever this process has.
        {"x86_64", NULL, NULL, "\"includes\":{\"caps\":[\"CAP_SYS_ADMIN\"]}", false},
        {"x86_64", NULL, NULL, "\"includes\":{\"caps\":[\"CAP_SYS_CHROOT\"]}", true},
        {"x86_64", "CAP_SYS_ADMIN", NULL, "\"includes\":{\"caps\":[\"CAP_SYS_ADMIN\"]}", true},
        {"x86_64", "CAP_SYS_ADMIN", NULL, "\"includes\":{\"caps\":[\"CAP_SYS_ADMIN\",\"CAP_BPF\"]}", false},
        {"x86_64", "CAP_BPF,CAP_SYS_ADMIN", NULL, "\"includes\":{\"caps\":[\"CAP_SYS_ADMIN\",\"CAP_BPF\"]}", true},
        {"x86_64", NULL, NULL, "\"excludes\":{\"caps\":[\"CAP_SYS_ADMIN\"]}", true},
        {"x86_64", "CAP_BPF", NULL, "\"excludes\":{\"caps\":[\"CAP_SYS_ADMIN\",\"CAP_BPF\"]}", false},
        {"x86_64", "none", NULL, "\"excludes\":{\"caps\":[\"CAP_CHOWN\"]}", true},
        // minKernel: any kernel is new enough, unless the filter names one.
        {"x86_64", NULL, NULL, "\"includes\":{\"minKernel\":\"99.0\"}", true},
        {"x86_64", NULL, "4.8", "\"includes\":{\"minKernel\":\"4.8\"}", true},
        {"x86_64", NULL, "4.7", "\"includes\":{\"minKernel\":\"4.8\"}", false},
        {"x86_64", NULL, "4.10", "\"includes\":{\"minKernel\":\"4.8\"}", true}, // by numbers, not letters
        {"x86_64", NULL, "4.7", "\"excludes\":{\"minKernel\":\"4.8\"}", true},
        {"x86_64", NULL, "5.0", "\"excludes\":{\"minKernel\":\"4.8\"}", false},
        // All of them together.
        {"x86_64", NULL, "5.0", "\"includes\":{\"minKernel\":\"4.8\",\"arches\":[\"arm64\"]}", false},
        {"aarch64", NULL, "5.0", "\"includes\":{\"minKernel\":\"4.8\",\"arches\":[\"arm64\"]}", true},
        {"aarch64", NULL, "5.0", "\"includes\":{\"arches\":[\"arm64\"]},\"excludes\":{\"caps\":[\"CAP_KILL\"]}", false},
    };
    for (size_t i = 0; i < LENGTH(rows); i++)
        CHECK(applies(rows[i].abi, rows[i].caps, rows[i].kernel, rows[i].conditions) == rows[i].applies, "row %zu: %s",
              i, rows[i].conditions);
}

// Of a filter with several ABIs, the entry is for those that it names.
static void an_entry_for_some_abis(void **unused) {
    (void)unused;
    struct filter *f = new_filter("x86_64");
    must_set(f, "abi", "aarch64");
    must_read(f, ENTRY("\"names\":[\"bpf\"],\"action\":\"SCMP_ACT_TRAP\",\"includes\":{\"arches\":[\"arm64\"]}"));
    struct meaning m = meaning_of(f);
    const uint64_t args[6] = {0};
    assert_int_equal(meaning_decide(&m, abis[ABI_X86_64].audit_arch, number_of_call(ABI_X86_64, "bpf"), args).verdict,
                     SECCOMP_RET_ALLOW);
    assert_int_equal(meaning_decide(&m, abis[ABI_AARCH64].audit_arch, number_of_call(ABI_AARCH64, "bpf"), args).verdict,
                     SECCOMP_RET_TRAP);
    meaning_free(&m);
    filter_free(f);
}

// Sub-architectures add no ABI; an ABI of the filter that is not listed is noted.
static void architectures(void **unused) {
    (void)unused;
    struct filter *f = new_filter("x86_64");
    must_set(f, "abi", "aarch64");
    must_read(f, "{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"archMap\":[{\"architecture\":\"SCMP_ARCH_X86_64\","
                 "\"subArchitectures\":[\"SCMP_ARCH_X86\",\"SCMP_ARCH_X32\"]},{\"architecture\":\"SCMP_ARCH_MIPS\","
                 "\"subArchitectures\":null}]}");
    assert_int_equal(f->abis, ABI_SET(ABI_X86_64) | ABI_SET(ABI_AARCH64));
    assert_non_null(f->notes);
    assert_non_null(
        strstr(f->notes, "architecture \"aarch64\" is not listed; the profile's rules hold for it all the same"));
    filter_free(f);
    f = new_filter("x86");
    must_read(f, "{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"architectures\":[\"SCMP_ARCH_X86_64\",\"SCMP_ARCH_X86\"]}");
    assert_null(f->notes);
    filter_free(f);
}

// ---- The rest of a profile ------------------------------------------------------------------------------------------

static void flags(void **unused) {
    (void)unused;
    struct filter *f = new_filter("x86_64");
    must_read(f, "{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"flags\":[]}");
    assert_false(f->options.log);
    assert_true(f->options.mitigate);
    filter_free(f);
    f = new_filter("x86_64");
    must_read(f, "{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"flags\":[\"SECCOMP_FILTER_FLAG_LOG\","
                 "\"SECCOMP_FILTER_FLAG_SPEC_ALLOW\",\"SECCOMP_FILTER_FLAG_TSYNC\","
                 "\"SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV\"]}");
    assert_true(f->options.log);
    assert_false(f->options.mitigate);
    assert_non_null(strstr(f->notes, "flag \"SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV\" is ignored"));
    filter_free(f);
    // Without the list, the options stay as they are.
    f = new_filter("x86_64");
    must_read(f, "{\"defaultAction\":\"SCMP_ACT_ALLOW\"}");
    assert_true(f->options.log);
    assert_false(f->options.mitigate);
    filter_free(f);
}

static void what_is_ignored_is_noted(void **unused) {
    (void)unused;
    struct filter *f = new_filter("x86_64");
    must_read(f, "{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"listenerPath\":\"/x\",\"lost\":1,\n"
                 " \"syscalls\":[{\"names\":[\"read\"],\"action\":\"SCMP_ACT_TRAP\",\"errnoRet\":5,\"comment\":\"c\","
                 "\"action2\":0,\"includes\":{\"arch\":[]},\"args\":[{\"index\":0,\"value\":0,\"op\":\"SCMP_CMP_EQ\","
                 "\"value2\":3}]}]}");
    static const char *const parts[] = {
        "p.json:1:1: field \"lost\" is unknown and ignored\n",
        "field \"listenerPath\" is ignored: a filter of this library has no listener\n",
        "p.json:2:14: syscalls[0]: field \"action2\" is unknown and ignored\n",
        "p.json:2:14: syscalls[0]: field \"errnoRet\" means nothing with this action and is ignored\n",
        "p.json:2:14: syscalls[0]: field \"arch\" is unknown and ignored\n",
        "p.json:2:14: syscalls[0]: field \"value2\" is unknown and ignored\n",
    };
    for (size_t i = 0; i < LENGTH(parts); i++)
        CHECK(strstr(f->notes, parts[i]) != NULL, "no \"%s\" in\n%s", parts[i], f->notes);
    filter_free(f);
}

// Items know where they come from, and their being dead is no error.
static void sources(void **unused) {
    (void)unused;
    struct filter *f = new_filter("x86_64");
    must_read(f, "{\"defaultAction\":\"SCMP_ACT_ALLOW\",\n\"syscalls\":[\n  {\"names\":[\"read\"],\"action\":"
                 "\"SCMP_ACT_TRAP\"},\n\n {\"names\":[\"read\",\"write\"],\"action\":\"SCMP_ACT_LOG\"}]}");
    assert_int_equal(f->rules.item_count, 3);
    static const uint32_t places[][2] = {{3, 3}, {5, 2}, {5, 2}};
    for (size_t i = 0; i < 3; i++) {
        const struct item *item = &f->rules.items[i];
        assert_string_equal(f->rules.text + item->source, "p.json");
        assert_int_equal(item->line, places[i][0]);
        assert_int_equal(item->column, places[i][1]);
        assert_true(item->gentle);
    }
    filter_free(f);
}

// ---- Errors ---------------------------------------------------------------------------------------------------------

static const struct {
    const char *text;
    int code;
    const char *message;
} wrong_profiles[] = {
    {"", EINVAL, "p.json:1:"},
    {"{", EINVAL, "p.json:1:"},
    {"{\"defaultAction\":\"SCMP_ACT_ALLOW\",\n \"syscalls\":[}", EINVAL, "p.json:2:"},
    {"[]", EINVAL, "p.json:1:1: a seccomp profile is a JSON object"},
    {"{}", EINVAL, "p.json:1:1: \"defaultAction\" is missing; it is a string"},
    {"{\"defaultAction\":7}", EINVAL, "p.json:1:2: \"defaultAction\" is not a string"},
    {"{\"defaultAction\":\"SCMP_ACT_ALOW\"}", ENOENT,
     "p.json:1:2: unknown action \"SCMP_ACT_ALOW\"; did you mean \"SCMP_ACT_ALLOW\"?"},
    {"{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"defaultErrnoRet\":4096}", EINVAL,
     "p.json:1:2: \"defaultErrnoRet\" is above 4095"},
    {"{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"defaultErrnoRet\":-1}", EINVAL,
     "p.json:1:2: \"defaultErrnoRet\" is not an integer of 0 or more"},
    {"{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"defaultAction\":\"SCMP_ACT_ALLOW\"}", EINVAL, "p.json:1:"},
    {"{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":{}}", EINVAL, "\"syscalls\" is not a list"},
    {"{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":[7]}", EINVAL,
     "syscalls[0]: \"syscalls\" is not a list of objects"},
    {"{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"architectures\":[\"SCMP_ARCH_X86_46\"]}", ENOENT,
     "unknown architecture \"SCMP_ARCH_X86_46\"; did you mean \"SCMP_ARCH_X86_64\"?"},
    {"{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"architectures\":[\"amd64\"],\"archMap\":[{\"architecture\":\"x86\"}]"
     "}",
     EINVAL, "both \"architectures\" and \"archMap\"; use one"},
    {"{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"flags\":[\"SECCOMP_FILTER_FLAG_LGO\"]}", ENOENT,
     "unknown flag \"SECCOMP_FILTER_FLAG_LGO\"; did you mean \"SECCOMP_FILTER_FLAG_LOG\"?"},
    {ENTRY("\"names\":[\"read\"]"), EINVAL, "p.json:1:47: syscalls[0]: \"action\" is missing; it is a string"},
    {ENTRY("\"names\":[],\"action\":\"SCMP_ACT_TRAP\""), EINVAL, "\"names\" is not a list of system calls"},
    {ENTRY("\"action\":\"SCMP_ACT_TRAP\""), EINVAL, "\"names\" is missing; it is a list of system calls"},
    {ENTRY("\"names\":[3],\"action\":\"SCMP_ACT_TRAP\""), EINVAL, "\"names\" is not a string"},
    {ENTRY("\"name\":\"read\",\"names\":[\"write\"],\"action\":\"SCMP_ACT_TRAP\""), EINVAL,
     "both \"name\" and \"names\"; use one"},
    {WITH("{\"index\":6,\"value\":0,\"op\":\"SCMP_CMP_EQ\"}"), EINVAL, "\"index\" is above 5"},
    {WITH("{\"value\":0,\"op\":\"SCMP_CMP_EQ\"}"), EINVAL, "\"index\" is missing; it is an integer of 0 or more"},
    {WITH("{\"index\":0,\"op\":\"SCMP_CMP_EQ\"}"), EINVAL, "\"value\" is missing"},
    {WITH("{\"index\":0,\"value\":1}"), EINVAL, "\"op\" is missing"},
    {WITH("{\"index\":0,\"value\":-1,\"op\":\"SCMP_CMP_EQ\"}"), EINVAL, "\"value\" is not an integer of 0 or more"},
    {WITH("{\"index\":0,\"value\":18446744073709551616,\"op\":\"SCMP_CMP_EQ\"}"), EINVAL, "p.json:1:"},
    {WITH("{\"index\":0,\"value\":\"9223372036854775808\",\"op\":\"SCMP_CMP_EQ\"}"), EINVAL,
     "\"value\" is not an integer of 0 or more"},
    {WITH("{\"index\":0,\"value\":1,\"op\":\"SCMP_CMP_EQL\"}"), ENOENT,
     "unknown operator \"SCMP_CMP_EQL\"; did you mean \"SCMP_CMP_EQ\"?"},
    {WITH("7"), EINVAL, "\"args\" is not a list of objects"},
    {ENTRY("\"names\":[\"read\"],\"action\":\"SCMP_ACT_TRAP\",\"args\":{}"), EINVAL, "\"args\" is not a list"},
    {ENTRY("\"names\":[\"read\"],\"action\":\"SCMP_ACT_TRAP\",\"includes\":[]"), EINVAL,
     "\"includes\" is not an object"},
    {ENTRY("\"names\":[\"read\"],\"action\":\"SCMP_ACT_TRAP\",\"excludes\":7"), EINVAL,
     "\"excludes\" is not an object"},
    {ENTRY("\"names\":[\"read\"],\"action\":\"SCMP_ACT_TRAP\",\"includes\":{\"caps\":[\"CAP_SYS_ADMN\"]}"), ENOENT,
     "unknown capability \"CAP_SYS_ADMN\"; did you mean \"CAP_SYS_ADMIN\"?"},
    {ENTRY("\"names\":[\"read\"],\"action\":\"SCMP_ACT_TRAP\",\"includes\":{\"minKernel\":\"4\"}"), EINVAL,
     "\"minKernel\" is \"4\", not a version such as \"4.8\""},
    {ENTRY("\"names\":[\"read\"],\"action\":\"SCMP_ACT_TRAP\",\"includes\":{\"arches\":[\"amd46\"]}"), ENOENT,
     "unknown architecture \"amd46\"; did you mean \"amd64\"?"},
};

static void errors(void **unused) {
    (void)unused;
    for (size_t i = 0; i < LENGTH(wrong_profiles); i++) {
        struct filter *f = new_filter("x86_64");
        must_add(f, "deny", "ptrace");
        const int r = read_text(f, wrong_profiles[i].text);
        CHECK(r == -wrong_profiles[i].code, "%s: %d, %s", wrong_profiles[i].text, r, f->error.message);
        CHECK(strncmp(f->error.message, "p.json:", 7) == 0 &&
                  strstr(f->error.message, wrong_profiles[i].message) != NULL,
              "%s: \"%s\"", wrong_profiles[i].text, f->error.message);
        assert_int_equal(f->rules.item_count, 1);
        assert_int_equal(f->default_action.kind, ACTION_ALLOW);
        assert_int_equal(filter_sound(f), -wrong_profiles[i].code);
        filter_free(f);
    }
}

// An error far into the profile takes back all before it, options and default too.
static void errors_change_nothing(void **unused) {
    (void)unused;
    struct filter *f = new_filter("x86_64");
    must_add(f, "deny", "ptrace");
    const struct rules_mark before = rules_mark(&f->rules);
    const struct filter_options options = f->options;
    assert_int_equal(read_text(f,
                               "{\"defaultAction\":\"SCMP_ACT_KILL\",\"flags\":[],\"syscalls\":[{\"names\":[\"read\"],"
                               "\"action\":\"SCMP_ACT_ALLOW\"},{\"names\":[\"read\"],\"action\":\"no\"}]}"),
                     -ENOENT);
    const struct rules_mark after = rules_mark(&f->rules);
    assert_memory_equal(&before, &after, sizeof after);
    assert_memory_equal(&options, &f->options, sizeof options);
    assert_int_equal(f->default_action.kind, ACTION_ALLOW);
    assert_non_null(strstr(f->error.message, "syscalls[1]: "));
    filter_clear(f);
    must_read(f, "{\"defaultAction\":\"SCMP_ACT_ALLOW\"}");
    filter_free(f);
}

// ---- Failing allocations --------------------------------------------------------------------------------------------

static const char profile[] =
    "{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"unknown\":1,\"architectures\":[\"amd64\"],\"syscalls\":["
    "{\"names\":[\"read\",\"nonsense\"],\"action\":\"SCMP_ACT_ALLOW\"},"
    "{\"names\":[\"clone\"],\"action\":\"SCMP_ACT_ALLOW\",\"excludes\":{\"caps\":[\"CAP_SYS_ADMIN\"]},"
    "\"args\":[{\"index\":0,\"value\":18446744073709551615,\"valueTwo\":0,\"op\":\"SCMP_CMP_MASKED_EQ\"},"
    "{\"index\":0,\"value\":18446744073709551615,\"op\":\"SCMP_CMP_EQ\"}]}]}";

static void expect_untouched(struct filter *f, int r) {
    assert_int_equal(f->rules.item_count, 1);
    assert_int_equal(f->default_action.kind, ACTION_ALLOW);
    assert_int_equal(f->error.code, -r);
    assert_int_equal(filter_sound(f), r);
}

// Of the core's own allocations; jansson 2.14 does not survive that its own fail.
static void out_of_memory(void **unused) {
    (void)unused;
    size_t n = 1;
    for (bool reached = true; reached; n++) {
        struct filter *f = new_filter("x86_64");
        must_add(f, "deny", "ptrace");
        memory_fail(n);
        const int r = read_text(f, profile);
        reached = memory_asked() >= n;
        memory_fail(0);
        CHECK(r == (reached ? -ENOMEM : 0), "allocation %zu: %d, %s", n, r, f->error.message);
        if (reached) expect_untouched(f, r);
        filter_free(f);
    }
    assert_true(n > 5);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(actions),
        cmocka_unit_test(the_default),
        cmocka_unit_test(names),
        cmocka_unit_test(conditions_are_unsigned_and_of_64_bits),
        cmocka_unit_test(several_conditions),
        cmocka_unit_test(includes_and_excludes),
        cmocka_unit_test(an_entry_for_some_abis),
        cmocka_unit_test(architectures),
        cmocka_unit_test(flags),
        cmocka_unit_test(what_is_ignored_is_noted),
        cmocka_unit_test(sources),
        cmocka_unit_test(errors),
        cmocka_unit_test(errors_change_nothing),
        cmocka_unit_test(out_of_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
