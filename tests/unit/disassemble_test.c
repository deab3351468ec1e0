// SPDX-License-Identifier: MIT
#include "bpf.h"

#include "compile.h"
#include "kit.h"

#include <linux/audit.h>
#include <linux/seccomp.h>

static char *text_of(const struct program *p) {
    struct text t;
    text_start(&t, NULL, 0);
    bpf_disassemble(p, &t);
    const size_t size = (size_t)text_end(&t) + 1;
    char *buffer = malloc(size);
    text_start(&t, buffer, size);
    bpf_disassemble(p, &t);
    assert_int_equal(text_end(&t), size - 1);
    return buffer;
}

static void expect(const struct sock_filter *code, size_t count, bool big_endian, const char *want) {
    const struct program p = {(struct sock_filter *)(uintptr_t)code, (uint32_t)count, big_endian, NULL};
    char *text = text_of(&p);
    assert_string_equal(text, want);
    free(text);
}

#define LOAD(offset) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offset)
#define RETURN(verdict) BPF_STMT(BPF_RET | BPF_K, verdict)
#define EQUAL(k, t, f) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, k, t, f)
#define CODE(...)                                                                                                      \
    ((const struct sock_filter[]){__VA_ARGS__}),                                                                       \
        sizeof((const struct sock_filter[]){__VA_ARGS__}) / sizeof(struct sock_filter)

static void every_word(void **unused) {
    (void)unused;
    expect(CODE(LOAD(0), LOAD(4), LOAD(8), LOAD(12), LOAD(16), LOAD(20), LOAD(56), LOAD(60), RETURN(0)), false,
           "0000: ld number\n0001: ld arch\n0002: ld instruction pointer (low)\n0003: ld instruction pointer (high)\n"
           "0004: ld arg0 (low)\n0005: ld arg0 (high)\n0006: ld arg5 (low)\n0007: ld arg5 (high)\n"
           "0008: ret kill_thread\n");
    expect(CODE(LOAD(0), LOAD(4), LOAD(8), LOAD(12), LOAD(16), LOAD(20), LOAD(56), LOAD(60), RETURN(0)), true,
           "0000: ld number\n0001: ld arch\n0002: ld instruction pointer (high)\n0003: ld instruction pointer (low)\n"
           "0004: ld arg0 (high)\n0005: ld arg0 (low)\n0006: ld arg5 (high)\n0007: ld arg5 (low)\n"
           "0008: ret kill_thread\n");
}

static void every_verdict(void **unused) {
    (void)unused;
    static const struct {
        uint32_t verdict;
        const char *words;
    } rows[] = {
        {SECCOMP_RET_ALLOW, "allow"},
        {SECCOMP_RET_LOG, "log"},
        {SECCOMP_RET_ERRNO | EACCES, "EACCES"},
        {SECCOMP_RET_ERRNO, "errno(0)"},
        {SECCOMP_RET_TRAP, "trap"},
        {SECCOMP_RET_USER_NOTIF, "notify"},
        {SECCOMP_RET_TRACE | 7, "trace(7)"},
        {SECCOMP_RET_KILL_THREAD, "kill_thread"},
        {SECCOMP_RET_KILL_PROCESS, "kill"},
        {0x12340000, "kill"}, // unknown actions kill
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        char want[64];
        snprintf(want, sizeof want, "0000: ret %s\n", rows[i].words);
        expect(CODE(RETURN(rows[i].verdict)), false, want);
    }
}

static void all_other_instructions(void **unused) {
    (void)unused;
    expect(CODE(BPF_STMT(BPF_ALU | BPF_ADD | BPF_K, 1), BPF_STMT(BPF_ALU | BPF_SUB | BPF_X, 0),
                BPF_STMT(BPF_ALU | BPF_MUL | BPF_K, 16), BPF_STMT(BPF_ALU | BPF_DIV | BPF_X, 0),
                BPF_STMT(BPF_ALU | BPF_OR | BPF_K, 255), BPF_STMT(BPF_ALU | BPF_AND | BPF_X, 0),
                BPF_STMT(BPF_ALU | BPF_LSH | BPF_K, 3), BPF_STMT(BPF_ALU | BPF_RSH | BPF_K, 3),
                BPF_STMT(BPF_ALU | BPF_NEG, 0), BPF_STMT(BPF_ALU | BPF_XOR | BPF_K, 0x80000000),
                BPF_STMT(BPF_LD | BPF_MEM, 15), BPF_STMT(BPF_LDX | BPF_W | BPF_LEN, 0), BPF_STMT(BPF_LDX | BPF_IMM, 10),
                BPF_STMT(BPF_ST, 1), BPF_STMT(BPF_STX, 2), BPF_STMT(BPF_MISC | BPF_TAX, 0),
                BPF_STMT(BPF_MISC | BPF_TXA, 0), BPF_JUMP(BPF_JMP | BPF_JSET | BPF_X, 0, 0, 1),
                BPF_STMT(BPF_RET | BPF_A, 0), RETURN(SECCOMP_RET_ALLOW)),
           false,
           "0000: add #0x1\n0001: sub x\n0002: mul #0x10\n0003: div x\n0004: or #0xff\n0005: and x\n0006: lsh #0x3\n"
           "0007: rsh #0x3\n0008: neg\n0009: xor #0x80000000\n0010: ld M[15]\n0011: ldx #64 (length)\n0012: ldx #0xa\n"
           "0013: st M[1]\n0014: stx M[2]\n0015: tax\n0016: txa\n0017: jset x, 18, 19\n0018: ret a\n0019: ret allow\n");
}

// A number has a name only where one architecture, and no other, is known on every way to it.
static void names_of_numbers(void **unused) {
    (void)unused;
    expect(CODE(LOAD(4), EQUAL(AUDIT_ARCH_I386, 0, 3), LOAD(0), EQUAL(11, 0, 1), RETURN(SECCOMP_RET_TRAP),
                EQUAL(AUDIT_ARCH_X86_64, 0, 5), LOAD(0), EQUAL(59, 2, 0), EQUAL(0x40000003, 1, 0), EQUAL(5000, 0, 0),
                RETURN(SECCOMP_RET_ALLOW), RETURN(SECCOMP_RET_KILL_PROCESS)),
           false,
           "0000: ld arch\n0001: jeq #0x40000003 (x86), 2, 5\n0002: ld number\n0003: jeq #11 (execve), 4, 5\n"
           "0004: ret trap\n"
           // Two ways lead here: with the number in A, and with the architecture.
           "0005: jeq #0xc000003e, 6, 11\n0006: ld number\n0007: jeq #59, 10, 8\n0008: jeq #0x40000003, 10, 9\n"
           "0009: jeq #5000, 10, 10\n0010: ret allow\n0011: ret kill\n");
    expect(CODE(LOAD(4), EQUAL(AUDIT_ARCH_X86_64, 0, 4), LOAD(0), EQUAL(59, 2, 0), EQUAL(0x40000003, 1, 0),
                EQUAL(5000, 0, 0), RETURN(SECCOMP_RET_ALLOW)),
           false,
           "0000: ld arch\n0001: jeq #0xc000003e (x86_64), 2, 6\n0002: ld number\n0003: jeq #59 (execve), 6, 4\n"
           "0004: jeq #0x40000003 (close), 6, 5\n0005: jeq #5000, 6, 6\n0006: ret allow\n");
    // After arithmetic A is no number any more; and a foreign architecture has no name.
    expect(CODE(LOAD(4), EQUAL(0x1234, 0, 5), LOAD(0), EQUAL(59, 3, 0), BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 0xff),
                EQUAL(59, 1, 0), BPF_STMT(BPF_MISC | BPF_TAX, 0), RETURN(SECCOMP_RET_ALLOW)),
           false,
           "0000: ld arch\n0001: jeq #0x1234, 2, 7\n0002: ld number\n0003: jeq #59, 7, 4\n0004: and #0xff\n"
           "0005: jeq #0x3b, 7, 6\n0006: tax\n0007: ret allow\n");
}

static void dead_instructions(void **unused) {
    (void)unused;
    expect(CODE(BPF_STMT(BPF_JMP | BPF_JA, 2), LOAD(0), EQUAL(59, 0, 1), RETURN(SECCOMP_RET_ALLOW), RETURN(0)), false,
           "0000: ja 3\n0001: ld number (never reached)\n0002: jeq #0x3b, 3, 4 (never reached)\n0003: ret allow\n"
           "0004: ret kill_thread (never reached)\n");
}

// The longest program, with the longest jumps.
static void the_longest_program(void **unused) {
    (void)unused;
    static struct sock_filter code[BPF_LIMIT];
    for (size_t i = 0; i < BPF_LIMIT - 1; i++)
        code[i] = (struct sock_filter)LOAD(0);
    code[0] = (struct sock_filter)BPF_STMT(BPF_JMP | BPF_JA, BPF_LIMIT - 2);
    code[BPF_LIMIT - 1] = (struct sock_filter)RETURN(SECCOMP_RET_ALLOW);
    const struct program p = {code, BPF_LIMIT, false, NULL};
    char *text = text_of(&p);
    assert_memory_equal(text, "0000: ja 4095\n0001: ld number (never reached)\n", 46);
    assert_string_equal(strstr(text, "4095: "), "4095: ret allow\n");
    size_t lines = 0;
    for (const char *at = text; (at = strchr(at, '\n')) != NULL; at++)
        lines++;
    assert_int_equal(lines, BPF_LIMIT);
    free(text);
}

// Of a compiled filter no instruction is dead, and the calls of its rules are named.
static void a_compiled_filter(void **unused) {
    (void)unused;
    struct filter *f = new_filter("x86_64");
    must_set(f, "abi", "aarch64");
    must_add(f, "EACCES", "execve, ptrace, socket(family == AF_INET)");
    struct meaning m = meaning_of(f);
    struct program *p = NULL;
    struct error e = {0};
    assert_int_equal(compile(&m, &p, &e), 0);
    char *text = text_of(p);
    assert_non_null(strstr(text, "(x86_64)"));
    assert_non_null(strstr(text, "(aarch64)"));
    assert_non_null(strstr(text, "ret EACCES\n"));
    assert_non_null(strstr(text, "ld arg0 (low)\n"));
    assert_null(strstr(text, "never reached"));
    free(text);
    program_free(p);
    meaning_free(&m);
    filter_free(f);
}

// Where the number can only be one, the argument has a name, and a constant of the low word too. A way that brings
// other numbers takes that away.
static void remarks(void **unused) {
    (void)unused;
    static const struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 4),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0xc000003e, 0, 10),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0),
        BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 42, 4, 0),
        BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 41, 0, 3),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 16),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 16, 5, 0),
        BPF_STMT(BPF_RET | BPF_K, 0x50001),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 16),
        BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 0x10000000),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0x10000000, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, 0x50001),
        BPF_STMT(BPF_RET | BPF_K, 0x7fff0000),
    };
    char text[2048];
    struct text t;
    text_start(&t, text, sizeof text);
    const struct program p = {.code = (struct sock_filter *)(uintptr_t)code, .count = LENGTH(code)};
    bpf_disassemble(&p, &t);
    text_end(&t);
    assert_non_null(strstr(text, "0005: ld arg0 (low)  ; family of socket\n"));
    assert_non_null(strstr(text, "0006: jeq #0x10, 12, 7  ; AF_NETLINK\n"));
    assert_non_null(strstr(text, "0008: ld arg0 (low)\n0009: and #0x10000000\n"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_word),
        cmocka_unit_test(every_verdict),
        cmocka_unit_test(all_other_instructions),
        cmocka_unit_test(names_of_numbers),
        cmocka_unit_test(dead_instructions),
        cmocka_unit_test(the_longest_program),
        cmocka_unit_test(a_compiled_filter),
        cmocka_unit_test(remarks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
