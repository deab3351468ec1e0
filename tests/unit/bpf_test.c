// SPDX-License-Identifier: MIT
#include "bpf.h"

#include "action.h"
#include "error.h"
#include "text.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "programs.h"

enum {
    NUMBER_UNUSED = 499, // of no ABI yet; the filter answers before the kernel would look
    MOST_CODE = 40,
};

static void print(FILE *out, const struct sock_filter *code, size_t count) {
    for (size_t i = 0; i < count; i++)
        fprintf(out, "%4zu: code %#06x jt %u jf %u k %#x\n", i, code[i].code, code[i].jt, code[i].jf, code[i].k);
}

// ---- The checker against the kernel's ------------------------------------------------------------------------------

static int load(const struct sock_filter *code, size_t count, unsigned flags) {
    const struct sock_fprog program = {(unsigned short)count, (struct sock_filter *)(uintptr_t)code};
    const long r = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program);
    return r < 0 ? -errno : (int)r;
}

// In a process that has a listener, a second load with a listener comes to nothing: -EBUSY where the program is valid,
// since the kernel checks it first, and -EINVAL where it is not.
static int ask_kernel(const struct sock_filter *code, size_t count) {
    return load(code, count, SECCOMP_FILTER_FLAG_NEW_LISTENER);
}

static const uint32_t constants[] = {0,  1,  2,  3,  4,  8,  15, 16,         17,         31,
                                     32, 33, 60, 61, 63, 64, 68, 0x7fffffff, 0xfffff000, 0xffffffff};

// Mostly valid: jumps near the end, cells 0 to 2.
static size_t random_code(struct sock_filter *code) {
    const size_t count = 1 + below(MOST_CODE);
    for (size_t i = 0; i < count; i++) {
        const uint32_t left = (uint32_t)(count - i - 1);
        code[i] = (struct sock_filter){PICK(any_code), 0, 0, below(3)};
        if (BPF_CLASS(code[i].code) == BPF_JMP) {
            code[i].jt = (uint8_t)below(left + 1);
            code[i].jf = (uint8_t)below(left + 1);
            if (BPF_OP(code[i].code) == BPF_JA) code[i].k = below(left + 1);
        } else if (code[i].code == (BPF_LD | BPF_W | BPF_ABS)) {
            code[i].k = 4 * below(16);
        } else if (code[i].code == (BPF_ALU | BPF_DIV | BPF_K)) {
            code[i].k = 1 + below(3);
        }
    }
    code[count - 1].code = below(2) != 0 ? BPF_RET | BPF_K : BPF_RET | BPF_A;
    // Written cells make reads valid.
    for (size_t i = 0; i < 3 && i + 1 < count; i++)
        if (below(4) != 0) code[i] = (struct sock_filter){below(2) != 0 ? BPF_ST : BPF_STX, 0, 0, (uint32_t)i};
    return count;
}

static void mutate(struct sock_filter *code, size_t count) {
    struct sock_filter *i = &code[below((uint32_t)count)];
    switch (below(5)) {
    case 0:
        i->code = PICK(any_code);
        break;
    case 1:
        i->code = (uint16_t)(below(2) != 0 ? below(0x200) : draw());
        break;
    case 2:
        i->jt = (uint8_t)below(MOST_CODE + 4);
        break;
    case 3:
        i->jf = (uint8_t)below(MOST_CODE + 4);
        break;
    default:
        i->k = PICK(constants);
    }
}

static int disagree(const struct sock_filter *code, size_t count, size_t verdicts[2]) {
    struct error e = {0};
    const int ours = bpf_validate(code, count, &e), theirs = ask_kernel(code, count);
    if (theirs != (ours == 0 ? -EBUSY : -EINVAL)) {
        fprintf(stderr, "we say %d (%s), the kernel says %d\n", ours, e.message, theirs);
        print(stderr, code, count);
        return 1;
    }
    if (ours < 0 && e.message[0] == '\0') return 1;
    verdicts[ours == 0]++;
    return 0;
}

// Every code with several constants, at the beginning, where a jump can be right, and last.
static int sweep_codes(size_t verdicts[2]) {
    int bad = 0;
    for (unsigned n = 0; n < 0x200 + 2000 && bad == 0; n++) {
        const uint16_t c = (uint16_t)(n < 0x200 ? n : draw());
        for (size_t k = 0; k < sizeof constants / sizeof *constants && bad == 0; k++) {
            const struct sock_filter code[] = {
                {c, 0, 0, constants[k]}, {BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW}, {BPF_RET | BPF_A, 0, 0, 0}};
            bad |= disagree(code, 3, verdicts) | disagree(code, 1, verdicts);
        }
    }
    return bad;
}

static int check_against_kernel(void) {
    const struct sock_filter allow[] = {{BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW}};
    struct sock_filter code[MOST_CODE];
    size_t verdicts[2] = {0};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || ask_kernel(allow, 1) < 0) return 77;
    if (ask_kernel(allow, 1) != -EBUSY) return 77;
    if (sweep_codes(verdicts) != 0) return 1;
    for (int round = 0; round < 20000; round++) {
        const size_t count = random_code(code);
        for (uint32_t m = below(3); m > 0; m--)
            mutate(code, count);
        if (disagree(code, count, verdicts) != 0) return 1;
    }
    fprintf(stderr, "agreed on %zu valid and %zu invalid programs\n", verdicts[1], verdicts[0]);
    return verdicts[0] > 5000 && verdicts[1] > 5000 ? 0 : 1;
}

static int in_child(int (*body)(void)) {
    const pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) _exit(body());
    int status = 0;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static void checker_agrees_with_the_kernel(void **unused) {
    (void)unused;
    seed("checker");
    const int r = in_child(check_against_kernel);
    if (r == 77) {
        print_message("this kernel, or an outer filter, gives no listener: nothing to compare with\n");
        skip();
    }
    assert_int_equal(r, 0);
}

// The sizes at the limit, which a mutation hardly finds.
static void sizes(void **unused) {
    (void)unused;
    static struct sock_filter code[BPF_LIMIT + 1];
    struct error e = {0};
    for (size_t i = 0; i <= BPF_LIMIT; i++)
        code[i] = (struct sock_filter){BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW};
    assert_int_equal(bpf_validate(code, 0, &e), -EINVAL);
    assert_int_equal(bpf_validate(code, BPF_LIMIT, &e), 0);
    assert_int_equal(bpf_validate(code, BPF_LIMIT + 1, &e), -EINVAL);
    assert_string_equal(e.message, "the program has 4097 instructions, the kernel's limit is 4096");
}

// ---- The interpreter against the kernel's --------------------------------------------------------------------------

// A random body that computes A, run for one number only, its result given as an errno.
static size_t runnable_program(struct sock_filter *code) {
    static const uint16_t loads[] = {BPF_LD | BPF_IMM, BPF_LDX | BPF_IMM, BPF_MISC | BPF_TAX, BPF_MISC | BPF_TXA};
    struct sock_filter body[MOST_CODE];
    const size_t count = random_code(body);
    size_t n = 0;
    code[n++] = (struct sock_filter){BPF_LD | BPF_W | BPF_ABS, 0, 0, 0};
    code[n++] = (struct sock_filter){BPF_JMP | BPF_JEQ | BPF_K, 1, 0, NUMBER_UNUSED};
    code[n++] = (struct sock_filter){BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW};
    for (uint32_t i = 0; i < BPF_MEMWORDS; i++)
        code[n++] = (struct sock_filter){BPF_STX, 0, 0, i};
    for (size_t i = 0; i < count; i++) {
        struct sock_filter b = body[i];
        // No returns, no instruction pointer (which only the kernel knows), richer constants.
        if (BPF_CLASS(b.code) == BPF_RET) b = (struct sock_filter){PICK(loads), 0, 0, (uint32_t)draw()};
        if (b.code == (BPF_LD | BPF_W | BPF_ABS) && (b.k == 8 || b.k == 12)) b.k = 16;
        if (BPF_CLASS(b.code) == BPF_ALU && BPF_OP(b.code) != BPF_LSH && BPF_OP(b.code) != BPF_RSH && below(2) != 0)
            b.k = (uint32_t)draw() | 1;
        if (BPF_CLASS(b.code) == BPF_JMP && BPF_OP(b.code) != BPF_JA && below(2) != 0) b.k = PICK(constants);
        code[n++] = b;
    }
    code[n++] = (struct sock_filter){BPF_ALU | BPF_AND | BPF_K, 0, 0, 0xfff};
    code[n++] = (struct sock_filter){BPF_ALU | BPF_OR | BPF_K, 0, 0, SECCOMP_RET_ERRNO};
    code[n++] = (struct sock_filter){BPF_RET | BPF_A, 0, 0, 0};
    return n;
}

#if defined(__x86_64__)
enum {
    NATIVE = AUDIT_ARCH_X86_64
};
#elif defined(__aarch64__)
enum {
    NATIVE = (int)AUDIT_ARCH_AARCH64
};
#else
enum {
    NATIVE = 0
};
#endif

static int run_against_kernel(void) {
    struct sock_filter code[MOST_CODE + BPF_MEMWORDS + 8];
    struct error e = {0};
    size_t count;
    do
        count = runnable_program(code);
    while (bpf_validate(code, count, &e) < 0);
    const struct program p = {code, (uint32_t)count, false, NULL};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || load(code, count, 0) < 0) return 77;
    for (int input = 0; input < 40; input++) {
        uint64_t args[6];
        for (int a = 0; a < 6; a++)
            args[a] = below(2) != 0 ? PICK(constants) : draw() >> below(64);
        const struct bpf_input words = bpf_input(false, (uint32_t)NATIVE, NUMBER_UNUSED, 0, args);
        const uint32_t verdict = bpf_run(&p, &words, NULL);
        if (verdict == 0) continue; // division by zero: it would kill us, see below
        errno = 0;
        const long r = syscall(NUMBER_UNUSED, args[0], args[1], args[2], args[3], args[4], args[5]);
        const uint32_t got = r == 0 ? 0 : (uint32_t)errno;
        if (got == (verdict & SECCOMP_RET_DATA)) continue;
        fprintf(stderr, "we say %#x, the kernel gives errno %u\n", verdict, got);
        print(stderr, code, count);
        return 1;
    }
    return 0;
}

static void interpreter_agrees_with_the_kernel(void **unused) {
    (void)unused;
    if (NATIVE == 0) skip();
    seed("interpreter");
    for (int round = 0; round < 300; round++) {
        (void)draw();
        const int r = in_child(run_against_kernel);
        if (r == 77) skip();
        assert_int_equal(r, 0);
    }
}

static const struct sock_filter divide[] = {{BPF_LD | BPF_W | BPF_ABS, 0, 0, 0},
                                            {BPF_JMP | BPF_JEQ | BPF_K, 1, 0, NUMBER_UNUSED},
                                            {BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW},
                                            {BPF_ALU | BPF_DIV | BPF_X, 0, 0, 0},
                                            {BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW}};

static int divide_by_zero(void) {
    const struct rlimit none = {0, 0};
    setrlimit(RLIMIT_CORE, &none);
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || load(divide, 5, 0) < 0) return 77;
    syscall(NUMBER_UNUSED);
    return 0;
}

// Division by zero ends the program with 0, which kills.
static void division_by_zero_kills(void **unused) {
    (void)unused;
    const struct program p = {(struct sock_filter *)(uintptr_t)divide, 5, false, NULL};
    const uint64_t args[6] = {0};
    unsigned steps = 0;
    struct bpf_input input = bpf_input(false, AUDIT_ARCH_X86_64, NUMBER_UNUSED, 0, args);
    assert_int_equal(bpf_run(&p, &input, &steps), SECCOMP_RET_KILL_THREAD);
    assert_int_equal(steps, 3); // ld, jeq, div
    input = bpf_input(false, AUDIT_ARCH_X86_64, 1, 0, args);
    assert_int_equal(bpf_run(&p, &input, &steps), SECCOMP_RET_ALLOW);
    assert_int_equal(steps, 3);
    const int r = in_child(divide_by_zero);
    if (r == 77) skip();
    assert_int_equal(r, 128 + SIGSYS);
}

// ---- Words and bytes -----------------------------------------------------------------------------------------------

static void input_words(void **unused) {
    (void)unused;
    const uint64_t args[6] = {0x1111111122222222, 1, 2, 3, 4, 0xaaaaaaaabbbbbbbb};
    const struct bpf_input little = bpf_input(false, 7, 8, 0x300000004, args),
                           big = bpf_input(true, 7, 8, 0x300000004, args);
    assert_int_equal(little.word[0], 8);
    assert_int_equal(little.word[1], 7);
    assert_int_equal(little.word[2], 4);
    assert_int_equal(big.word[2], 3);
    assert_int_equal(little.word[bpf_argument(false, 0, true) / 4], 0x11111111);
    assert_int_equal(big.word[bpf_argument(true, 0, true) / 4], 0x11111111);
    assert_int_equal(bpf_argument(false, 5, false), 56);
    assert_int_equal(bpf_argument(true, 5, false), 60);
    assert_int_equal(little.word[14], 0xbbbbbbbb);
    assert_int_equal(big.word[14], 0xaaaaaaaa);
    // The kernel's own structure has the same words.
    struct seccomp_data data = {.nr = 8, .arch = 7, .instruction_pointer = 0x300000004};
    for (int i = 0; i < 6; i++)
        data.args[i] = args[i];
    const uint32_t one = 1;
    assert_memory_equal(*(const char *)&one == 1 ? &little : &big, &data, sizeof data);
}

static void bytes_and_back(void **unused) {
    (void)unused;
    seed("bytes");
    struct error e = {0};
    for (int round = 0; round < 2000; round++) {
        struct sock_filter code[MOST_CODE];
        size_t count;
        do
            count = random_code(code);
        while (bpf_validate(code, count, &e) < 0);
        struct program *p = program_new(code, count, below(2) != 0), *q = NULL;
        unsigned char bytes[8 * MOST_CODE], part[8 * MOST_CODE];
        assert_int_equal(bpf_to_bytes(p, NULL, 0), 8 * count);
        assert_int_equal(bpf_to_bytes(p, bytes, sizeof bytes), 8 * count);
        if (!p->big_endian) assert_memory_equal(bytes, code, 8 * count);
        memset(part, 0x5a, sizeof part);
        bpf_to_bytes(p, part, 8 * (count - 1) + 3);
        assert_memory_equal(part, bytes, 8 * (count - 1));
        assert_int_equal(part[8 * (count - 1)], 0x5a);
        assert_int_equal(bpf_from_bytes(bytes, 8 * count, &q, &e), 0);
        assert_int_equal(q->big_endian, p->big_endian);
        assert_int_equal(q->count, count);
        assert_memory_equal(q->code, code, 8 * count);
        program_free(p);
        program_free(q);
    }
}

static void bad_bytes(void **unused) {
    (void)unused;
    static unsigned char bytes[8 * (BPF_LIMIT + 1)];
    struct program *p = NULL;
    struct error e = {0};
    assert_int_equal(bpf_from_bytes(bytes, 0, &p, &e), -EINVAL);
    assert_string_equal(e.message, "the program is empty");
    assert_int_equal(bpf_from_bytes(bytes, 12, &p, &e), -EINVAL);
    assert_string_equal(e.message, "a program is a multiple of 8 bytes long, not 12");
    assert_int_equal(bpf_from_bytes(bytes, sizeof bytes, &p, &e), -EINVAL);
    assert_string_equal(e.message, "the program has 4097 instructions, the kernel's limit is 4096");
    assert_int_equal(bpf_from_bytes(bytes, UINT64_MAX - 7, &p, &e), -EINVAL);
    assert_int_equal(bpf_from_bytes(bytes, 16, &p, &e), -EINVAL); // ld #0 twice, no return
    bytes[0] = 0x20;
    bytes[4] = 64;
    bytes[8] = 0x06;
    assert_int_equal(bpf_from_bytes(bytes, 16, &p, &e), -EINVAL);
    assert_string_equal(e.message, "instruction 0 (code 0x20, jt 0, jf 0, k 0x40) loads from beyond the 64 bytes of "
                                   "seccomp_data");
    assert_null(p);
}

static void random_bytes_do_no_harm(void **unused) {
    (void)unused;
    seed("random bytes");
    struct error e = {0};
    for (int round = 0; round < 20000; round++) {
        unsigned char bytes[64];
        struct program *p = NULL;
        const size_t size = below(sizeof bytes + 1);
        for (size_t i = 0; i < size; i++)
            bytes[i] = (unsigned char)(below(3) != 0 ? 0 : draw());
        if (bpf_from_bytes(bytes, size, &p, &e) == 0) program_free(p);
    }
}

// ---- The disassembler ----------------------------------------------------------------------------------------------

static void assert_disassembly(const struct program *p, const char *want) {
    char text[4096];
    struct text t;
    text_start(&t, text, sizeof text);
    bpf_disassemble(p, &t);
    assert_true(text_end(&t) < (int64_t)sizeof text);
    assert_string_equal(text, want);
}

static void disassembly(void **unused) {
    (void)unused;
    struct sock_filter code[] = {
        {BPF_LD | BPF_W | BPF_ABS, 0, 0, 4},
        {BPF_JMP | BPF_JEQ | BPF_K, 0, 7, AUDIT_ARCH_X86_64},
        {BPF_LD | BPF_W | BPF_ABS, 0, 0, 0},
        {BPF_JMP | BPF_JEQ | BPF_K, 0, 4, 59},
        {BPF_LD | BPF_W | BPF_ABS, 0, 0, 28},
        {BPF_JMP | BPF_JSET | BPF_K, 0, 1, 0x10},
        {BPF_JMP | BPF_JA, 0, 0, 1},
        {BPF_RET | BPF_K, 0, 0, SECCOMP_RET_TRAP},
        {BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW},
        {BPF_RET | BPF_K, 0, 0, SECCOMP_RET_KILL_PROCESS},
        {BPF_RET | BPF_A, 0, 0, 0},
    };
    const struct program p = {code, sizeof code / sizeof *code, false, NULL};
    assert_disassembly(&p, "0000: ld arch\n"
                           "0001: jeq #0xc000003e (x86_64), 2, 9\n"
                           "0002: ld number\n"
                           "0003: jeq #59 (execve), 4, 8\n"
                           "0004: ld arg1 (high)  ; argv of execve\n"
                           "0005: jset #0x10, 6, 7\n"
                           "0006: ja 8\n"
                           "0007: ret trap\n"
                           "0008: ret allow\n"
                           "0009: ret kill\n"
                           "0010: ret a (never reached)\n");
}

// Without a comparison of the architecture, on every way, a number has no name.
static void disassembly_of_other_instructions(void **unused) {
    (void)unused;
    struct sock_filter code[] = {
        {BPF_LD | BPF_W | BPF_ABS, 0, 0, 0},  {BPF_JMP | BPF_JGT | BPF_K, 0, 0, 59},
        {BPF_LD | BPF_W | BPF_ABS, 0, 0, 16}, {BPF_ALU | BPF_AND | BPF_K, 0, 0, 0xff},
        {BPF_MISC | BPF_TAX, 0, 0, 0},        {BPF_ALU | BPF_NEG, 0, 0, 0},
        {BPF_ALU | BPF_LSH | BPF_X, 0, 0, 0}, {BPF_ST, 0, 0, 3},
        {BPF_LDX | BPF_MEM, 0, 0, 3},         {BPF_LD | BPF_W | BPF_LEN, 0, 0, 0},
        {BPF_JMP | BPF_JGE | BPF_X, 0, 0, 0}, {BPF_LD | BPF_IMM, 0, 0, 7},
        {BPF_LD | BPF_W | BPF_ABS, 0, 0, 8},  {BPF_RET | BPF_A, 0, 0, 0},
    };
    const struct program p = {code, sizeof code / sizeof *code, true, .older = NULL};
    assert_disassembly(&p, "0000: ld number\n"
                           "0001: jgt #59, 2, 2\n"
                           "0002: ld arg0 (high)\n"
                           "0003: and #0xff\n"
                           "0004: tax\n"
                           "0005: neg\n"
                           "0006: lsh x\n"
                           "0007: st M[3]\n"
                           "0008: ldx M[3]\n"
                           "0009: ld #64 (length)\n"
                           "0010: jge x, 11, 11\n"
                           "0011: ld #0x7\n"
                           "0012: ld instruction pointer (high)\n"
                           "0013: ret a\n");
}

// The kernel's order of actions, the strictest first; an unknown one kills, and stands where its number does.
static void several_programs(void **unused) {
    (void)unused;
    static const uint32_t order[] = {SECCOMP_RET_KILL_PROCESS, 0xffff0000,
                                     SECCOMP_RET_KILL_THREAD,  SECCOMP_RET_TRAP,
                                     SECCOMP_RET_ERRNO | 1,    SECCOMP_RET_USER_NOTIF,
                                     SECCOMP_RET_TRACE | 1,    0x7ff10000,
                                     SECCOMP_RET_LOG,          SECCOMP_RET_ALLOW};
    const size_t count = sizeof order / sizeof *order;
    const struct bpf_input input = {{0}};
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < count; j++) {
            struct sock_filter newer_code = {BPF_RET | BPF_K, 0, 0, order[i]};
            struct sock_filter older_code = {BPF_RET | BPF_K, 0, 0, order[j]};
            struct program older = {.code = &older_code, .count = 1};
            const struct program newer = {.code = &newer_code, .count = 1, .older = &older};
            assert_int_equal(bpf_decide(&newer, &input), order[i < j ? i : j]);
        }
    }
    // Of equal actions the newest program's data counts.
    struct sock_filter code[] = {{BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ERRNO | 7},
                                 {BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ERRNO | 3},
                                 {BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW}};
    struct program oldest = {.code = &code[1], .count = 1}, middle = {.code = &code[0], .count = 1, .older = &oldest};
    const struct program newest = {.code = &code[2], .count = 1, .older = &middle};
    assert_int_equal(bpf_decide(&newest, &input), SECCOMP_RET_ERRNO | 7);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(checker_agrees_with_the_kernel),
        cmocka_unit_test(sizes),
        cmocka_unit_test(interpreter_agrees_with_the_kernel),
        cmocka_unit_test(division_by_zero_kills),
        cmocka_unit_test(several_programs),
        cmocka_unit_test(input_words),
        cmocka_unit_test(bytes_and_back),
        cmocka_unit_test(bad_bytes),
        cmocka_unit_test(random_bytes_do_no_harm),
        cmocka_unit_test(disassembly),
        cmocka_unit_test(disassembly_of_other_instructions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
