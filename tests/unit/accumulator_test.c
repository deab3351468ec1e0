// SPDX-License-Identifier: MIT
#include "accumulator.h"

#include "kit.h"

#include <linux/seccomp.h>

static void words_of_both_byte_orders(void **unused) {
    (void)unused;
    for (int big = 0; big < 2; big++) {
        const struct program p = {.big_endian = big};
        assert_int_equal(accumulator_word(&p, 0), BOX_NUMBER);
        assert_int_equal(accumulator_word(&p, 4), BOX_ARCH);
        assert_int_equal(accumulator_word(&p, 8), BOX_IP);
        assert_int_equal(accumulator_word(&p, 12), BOX_IP + 1);
        for (unsigned a = 0; a < 6; a++) {
            assert_int_equal(accumulator_word(&p, bpf_argument(big, a, false)), BOX_LOW(a));
            assert_int_equal(accumulator_word(&p, bpf_argument(big, a, true)), BOX_HIGH(a));
        }
        static const uint32_t none[] = {1, 2, 3, 17, 63, 64, 68, UINT32_MAX, UINT32_MAX - 3};
        for (size_t i = 0; i < LENGTH(none); i++)
            assert_int_equal(accumulator_word(&p, none[i]), BOX_WORDS);
    }
}

static uint32_t compute(uint16_t op, uint32_t a, uint32_t k) {
    switch (op) {
    case BPF_AND:
        return a & k;
    case BPF_OR:
        return a | k;
    case BPF_XOR:
        return a ^ k;
    case BPF_ADD:
        return a + k;
    default:
        return a - k;
    }
}

// Whatever it follows is what the machine computes.
static void arithmetic(void **unused) {
    (void)unused;
    seed("arithmetic");
    static const uint16_t ops[] = {BPF_AND, BPF_OR, BPF_XOR, BPF_ADD, BPF_SUB};
    for (int round = 0; round < 20000; round++) {
        struct accumulator a = {BOX_LOW(0), UINT32_MAX, 0};
        const uint32_t x = (uint32_t)draw();
        uint32_t value = x;
        for (int i = 0; i < 6; i++) {
            const uint16_t op = PICK(ops);
            const bool adds = op == BPF_ADD || op == BPF_SUB;
            const uint32_t k = adds ? UINT32_C(1) << 31 : (uint32_t)draw();
            const struct sock_filter code = BPF_STMT((uint16_t)(BPF_ALU | op | BPF_K), k);
            assert_true(accumulator_compute(&a, &code));
            value = compute(op, value, k);
            assert_int_equal((x & a.mask) ^ a.flip, value);
        }
    }
}

static void arithmetic_without_such_a_form(void **unused) {
    (void)unused;
    const struct sock_filter odd[] = {
        BPF_STMT(BPF_ALU | BPF_ADD | BPF_K, 1), BPF_STMT(BPF_ALU | BPF_SUB | BPF_K, 0x40000000),
        BPF_STMT(BPF_ALU | BPF_MUL | BPF_K, 2), BPF_STMT(BPF_ALU | BPF_DIV | BPF_K, 2),
        BPF_STMT(BPF_ALU | BPF_LSH | BPF_K, 1), BPF_STMT(BPF_ALU | BPF_RSH | BPF_K, 1),
        BPF_STMT(BPF_ALU | BPF_NEG, 0),         BPF_STMT(BPF_ALU | BPF_MOD | BPF_K, 3),
    };
    for (size_t i = 0; i < LENGTH(odd); i++) {
        struct accumulator a = {BOX_LOW(0), UINT32_MAX, 0};
        CHECK(!accumulator_compute(&a, &odd[i]), "instruction %zu", i);
    }
}

static bool jumps(uint16_t op, uint32_t a, uint32_t k) {
    return op == BPF_JEQ ? a == k : op == BPF_JGT ? a > k : op == BPF_JGE ? a >= k : (a & k) != 0;
}

static void comparisons(void **unused) {
    (void)unused;
    seed("comparisons");
    static const uint16_t ops[] = {BPF_JEQ, BPF_JGT, BPF_JGE, BPF_JSET};
    static const uint32_t values[] = {0, 1, 2, 0x7fffffff, 0x80000000, 0x80000001, UINT32_MAX};
    for (int round = 0; round < 20000; round++) {
        const struct accumulator a = {BOX_LOW(0), below(2) ? (uint32_t)draw() : UINT32_MAX,
                                      below(2) ? PICK(values) : 0};
        const uint32_t x = below(2) ? PICK(values) : (uint32_t)draw();
        const struct sock_filter code =
            BPF_JUMP((uint16_t)(BPF_JMP | BPF_K | PICK(ops)), below(2) ? PICK(values) : (uint32_t)draw(), 1, 2);
        unsigned accept = 0;
        const struct measure m = accumulator_compare(&a, &code, &accept);
        const struct word w = word_range(x, x);
        const unsigned outcome = word_compare(&w, &m);
        assert_true(outcome == OUTCOME_LESS || outcome == OUTCOME_EQUAL || outcome == OUTCOME_GREATER);
        assert_int_equal((outcome & accept) != 0, jumps(BPF_OP(code.code), (x & a.mask) ^ a.flip, code.k));
    }
}

#define LOAD(offset) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offset)
#define RETURN(verdict) BPF_STMT(BPF_RET | BPF_K, verdict)

static struct box single(const struct bpf_input *input) {
    struct box b;
    for (unsigned w = 0; w < BOX_WORDS; w++)
        b.word[w] = word_range(input->word[w], input->word[w]);
    return b;
}

// The way of an input ends where the interpreter does, and leaves its mark on each instruction of it.
static void the_way_of_one_input(void **unused) {
    (void)unused;
    seed("ways");
    const struct sock_filter code[] = {
        LOAD(4),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 3, 0, 7),
        LOAD(16),
        BPF_STMT(BPF_ALU | BPF_XOR | BPF_K, 0x80000000),
        BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 0x80000002, 2, 0),
        BPF_STMT(BPF_JMP | BPF_JA, 2),
        RETURN(9),
        BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 3),
        BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, 1, 1, 0),
        RETURN(10),
        RETURN(11),
    };
    const struct program p = {.code = (struct sock_filter *)(uintptr_t)code, .count = LENGTH(code)};
    for (int round = 0; round < 2000; round++) {
        struct bpf_input input = {{0}};
        for (unsigned w = 0; w < BOX_WORDS; w++)
            input.word[w] = below(4) ? (uint32_t)below(6) : (uint32_t)draw();
        const struct box b = single(&input);
        struct path path = {.input = &b};
        uint32_t least[LENGTH(code)];
        for (size_t i = 0; i < LENGTH(least); i++)
            least[i] = (uint32_t)i % 2 ? 3 : 9;
        unsigned executed = 0;
        const uint32_t verdict = bpf_run(&p, &input, &executed);
        const uint64_t steps = program_follow(&p, &path, 5, least);
        assert_int_equal(path.verdict, verdict);
        assert_int_equal(steps, executed);
        assert_int_equal(code[path.pc].code, BPF_RET | BPF_K);
        size_t marked = 0;
        for (size_t i = 0; i < LENGTH(least); i++) {
            if (i % 2) assert_int_equal(least[i], 3); // only lowered
            marked += least[i] == 5;
        }
        assert_true(marked >= 1 && marked <= executed);
        assert_int_equal(least[0], 5);
        struct path again = {.input = &b};
        assert_int_equal(program_follow(&p, &again, 5, NULL), executed);
    }
}

// Where it cannot tell, the verdict is 0; it never leaves the program.
static void ways_that_end_nowhere(void **unused) {
    (void)unused;
    const struct sock_filter odd[] = {
        BPF_STMT(BPF_MISC | BPF_TAX, 0),
        BPF_STMT(BPF_ST, 0),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 64),
        BPF_STMT(BPF_LD | BPF_IMM, 5),
        BPF_STMT(BPF_LDX | BPF_IMM, 5),
        BPF_STMT(BPF_ALU | BPF_RSH | BPF_K, 1),
        BPF_STMT(BPF_JMP | BPF_JA, 50),
        BPF_STMT(BPF_JMP | BPF_JA, UINT32_MAX),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 200, 200),
    };
    struct box b;
    box_all(&b);
    for (size_t i = 0; i < LENGTH(odd); i++) {
        const struct sock_filter code[] = {odd[i], RETURN(7)};
        const struct program p = {.code = (struct sock_filter *)(uintptr_t)code, .count = LENGTH(code)};
        struct path path = {.input = &b, .verdict = 1};
        uint32_t least[2] = {9, 9};
        assert_int_equal(program_follow(&p, &path, 1, least), 1);
        assert_int_equal(path.verdict, 0);
        assert_int_equal(least[1], 9);
        path = (struct path){.pc = 2, .input = &b, .verdict = 1};
        assert_int_equal(program_follow(&p, &path, 1, least), 0);
        assert_int_equal(path.verdict, 0);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_of_both_byte_orders),      cmocka_unit_test(arithmetic),
        cmocka_unit_test(arithmetic_without_such_a_form), cmocka_unit_test(comparisons),
        cmocka_unit_test(the_way_of_one_input),           cmocka_unit_test(ways_that_end_nowhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
