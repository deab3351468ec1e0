// SPDX-License-Identifier: MIT
#include "oci_words.h"

#include "kit.h"

static void actions(void **unused) {
    (void)unused;
    static const struct {
        const char *word;
        enum action_kind kind;
        bool written;
    } rows[] = {
        {"SCMP_ACT_ALLOW", ACTION_ALLOW, true},
        {"SCMP_ACT_LOG", ACTION_LOG, true},
        {"SCMP_ACT_ERRNO", ACTION_ERRNO, true},
        {"SCMP_ACT_TRAP", ACTION_TRAP, true},
        {"SCMP_ACT_NOTIFY", ACTION_NOTIFY, true},
        {"SCMP_ACT_TRACE", ACTION_TRACE, true},
        {"SCMP_ACT_KILL_THREAD", ACTION_KILL_THREAD, true},
        {"SCMP_ACT_KILL", ACTION_KILL_THREAD, false}, // libseccomp's old name
        {"SCMP_ACT_KILL_PROCESS", ACTION_KILL, true},
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        struct action action = {.data = 1, .plain = true};
        struct error e = {0};
        assert_int_equal(oci_action(rows[i].word, &action, &e), 0);
        assert_int_equal(action.kind, rows[i].kind);
        assert_int_equal(action.data, 0);
        assert_false(action.plain);
        if (rows[i].written) assert_string_equal(oci_action_word(rows[i].kind), rows[i].word);
    }
}

static void operators(void **unused) {
    (void)unused;
    static const struct {
        const char *word;
        enum comparison op;
        bool masked;
    } rows[] = {
        {"SCMP_CMP_EQ", COMPARE_EQ, false},       {"SCMP_CMP_NE", COMPARE_NE, false},
        {"SCMP_CMP_LT", COMPARE_LT, false},       {"SCMP_CMP_LE", COMPARE_LE, false},
        {"SCMP_CMP_GT", COMPARE_GT, false},       {"SCMP_CMP_GE", COMPARE_GE, false},
        {"SCMP_CMP_MASKED_EQ", COMPARE_EQ, true},
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        struct error e = {0};
        enum comparison op = COMPARE_GE;
        bool masked = !rows[i].masked;
        assert_int_equal(oci_operator(rows[i].word, &op, &masked, &e), 0);
        assert_int_equal(op, rows[i].op);
        assert_int_equal(masked, rows[i].masked);
        assert_string_equal(oci_operator_word(op, masked), rows[i].word);
    }
    // OCI has a mask with == only.
    for (enum comparison op = COMPARE_NE; op <= COMPARE_GE; op++)
        assert_null(oci_operator_word(op, true));
}

static void architectures(void **unused) {
    (void)unused;
    static const struct {
        enum abi_id abi;
        const char *word, *docker;
    } rows[] = {
        {ABI_X86_64, "SCMP_ARCH_X86_64", "amd64"},
        {ABI_X86, "SCMP_ARCH_X86", "386"},
        {ABI_X32, "SCMP_ARCH_X32", "x32"},
        {ABI_AARCH64, "SCMP_ARCH_AARCH64", "arm64"},
        {ABI_ARM, "SCMP_ARCH_ARM", "arm"},
        {ABI_RISCV64, "SCMP_ARCH_RISCV64", "riscv64"},
        {ABI_PPC64LE, "SCMP_ARCH_PPC64LE", "ppc64le"},
        {ABI_S390X, "SCMP_ARCH_S390X", "s390x"},
    };
    assert_int_equal(LENGTH(rows), ABI_COUNT);
    for (size_t i = 0; i < LENGTH(rows); i++) {
        struct error e = {0};
        abi_set set = 0;
        assert_int_equal(oci_architecture(rows[i].word, &set, &e), 0);
        assert_int_equal(set, ABI_SET(rows[i].abi));
        assert_int_equal(oci_architecture(rows[i].docker, &set, &e), 0);
        assert_int_equal(set, ABI_SET(rows[i].abi));
        assert_string_equal(oci_architecture_word(rows[i].abi), rows[i].word);
    }
}

// Known to OCI, unknown to the core: no error, and no ABI.
static void architectures_without_a_table(void **unused) {
    (void)unused;
    static const char *const words[] = {"SCMP_ARCH_MIPS64N32", "mips64le",        "SCMP_ARCH_LOONGARCH64",
                                        "SCMP_ARCH_S390",      "SCMP_ARCH_PPC64", "SCMP_ARCH_M68K",
                                        "SCMP_ARCH_SHEB"};
    for (size_t i = 0; i < LENGTH(words); i++) {
        struct error e = {0};
        abi_set set = ABI_SET_ALL;
        CHECK(oci_architecture(words[i], &set, &e) == 0, "%s: %s", words[i], e.message);
        assert_int_equal(set, 0);
    }
}

static void unknown_words(void **unused) {
    (void)unused;
    struct error e = {0};
    struct action action = {.data = 9};
    enum comparison op = COMPARE_LT;
    bool masked = true;
    abi_set set = 77;
    assert_int_equal(oci_action("SCMP_ACT_ALOW", &action, &e), -ENOENT);
    assert_string_equal(e.message, "unknown action \"SCMP_ACT_ALOW\"; did you mean \"SCMP_ACT_ALLOW\"?");
    assert_int_equal(oci_action("", &action, &e), -ENOENT);
    assert_string_equal(
        e.message,
        "unknown action \"\"; it is SCMP_ACT_ALLOW, SCMP_ACT_LOG, SCMP_ACT_ERRNO, SCMP_ACT_TRAP, SCMP_ACT_NOTIFY, "
        "SCMP_ACT_TRACE, SCMP_ACT_KILL_THREAD, SCMP_ACT_KILL, SCMP_ACT_KILL_PROCESS");
    assert_int_equal(oci_action("allow", &action, &e), -ENOENT);
    assert_int_equal(action.data, 9);
    assert_int_equal(oci_operator("SCMP_CMP_MASKED_QE", &op, &masked, &e), -ENOENT);
    assert_string_equal(e.message, "unknown operator \"SCMP_CMP_MASKED_QE\"; did you mean \"SCMP_CMP_MASKED_EQ\"?");
    assert_int_equal(oci_operator("==", &op, &masked, &e), -ENOENT);
    assert_string_equal(
        e.message, "unknown operator \"==\"; it is SCMP_CMP_EQ, SCMP_CMP_NE, SCMP_CMP_LT, SCMP_CMP_LE, SCMP_CMP_GT, "
                   "SCMP_CMP_GE, SCMP_CMP_MASKED_EQ");
    assert_true(op == COMPARE_LT && masked);
    assert_int_equal(oci_architecture("amd46", &set, &e), -ENOENT);
    assert_string_equal(e.message, "unknown architecture \"amd46\"; did you mean \"amd64\"?");
    assert_int_equal(oci_architecture("x86_64\x01", &set, &e), -ENOENT);
    assert_non_null(strstr(e.message, "unknown architecture \"x86_64\\x01\""));
    assert_int_equal(set, 77);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(actions),       cmocka_unit_test(operators),
        cmocka_unit_test(architectures), cmocka_unit_test(architectures_without_a_table),
        cmocka_unit_test(unknown_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
