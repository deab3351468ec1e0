// SPDX-License-Identifier: MIT
#include "emit.h"

#include "error.h"
#include "memory.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "random.h"

enum {
    GRAPH = 1500,
};

static struct program *lay_out(const struct emit *e, label root) {
    struct sock_filter *code = NULL;
    size_t count = 0;
    struct error error = {0};
    assert_int_equal(emit_layout(e, root, &code, &count), 0);
    if (count <= BPF_LIMIT && bpf_validate(code, count, &error) < 0) fail_msg("%s", error.message);
    struct program *p = program_new(code, count, false);
    memory_free(code);
    assert_non_null(p);
    return p;
}

// The verdict of the graph itself, without a layout.
static uint32_t follow(const struct emit *e, label at, const struct bpf_input *input) {
    uint32_t a = 0;
    for (;;) {
        const struct emit_node *n = &e->nodes[at];
        bool holds = true;
        switch (n->code) {
        case BPF_RET | BPF_K:
            return n->k;
        case BPF_LD | BPF_W | BPF_ABS:
            a = input->word[n->k / 4];
            break;
        case BPF_ALU | BPF_AND | BPF_K:
            a &= n->k;
            break;
        case BPF_JMP | BPF_JEQ | BPF_K:
            holds = a == n->k;
            break;
        case BPF_JMP | BPF_JGE | BPF_K:
            holds = a >= n->k;
            break;
        case BPF_JMP | BPF_JGT | BPF_K:
            holds = a > n->k;
            break;
        case BPF_JMP | BPF_JSET | BPF_K:
            holds = (a & n->k) != 0;
            break;
        default:
            fail_msg("a node with code %#x", n->code);
        }
        at = holds ? n->yes : n->no;
    }
}

// Any graph: targets anywhere below, so that most jumps of the program are too long for 8 bits.
static label random_graph(struct emit *e, size_t nodes, bool deep) {
    static const uint16_t jumps[] = {BPF_JEQ, BPF_JGE, BPF_JGT, BPF_JSET};
    label *all = memory_new(nodes + 8, sizeof *all), last = 0;
    assert_non_null(all);
    uint32_t count = 0;
    while (count < 8) {
        all[count] = emit_return(e, SECCOMP_RET_ERRNO | count);
        count++;
    }
    while (count < nodes) {
        const label near = all[count - 1], far = all[below(count)];
        const label yes = deep || below(2) != 0 ? near : far;
        if (below(6) == 0)
            last = emit_load(e, 4 * below(16), yes);
        else if (below(12) == 0)
            last = emit_and(e, (uint32_t)draw(), yes);
        else
            last = emit_test(e, jumps[below(4)], below(2) != 0 ? below(9) : (uint32_t)draw(), yes, far);
        all[count++] = last;
    }
    memory_free(all);
    return last;
}

static void random_input(struct bpf_input *input) {
    for (int i = 0; i < 16; i++)
        input->word[i] = below(2) != 0 ? below(9) : (uint32_t)draw();
}

static void layouts_do_what_the_graph_says(void **unused) {
    (void)unused;
    seed("layouts");
    size_t jumps = 0, large = 0;
    for (int round = 0; round < 300; round++) {
        struct emit e;
        assert_int_equal(emit_start(&e), 0);
        const label root = random_graph(&e, 10 + below(GRAPH), round % 2 != 0);
        struct program *p = lay_out(&e, root);
        for (uint32_t i = 0; i < p->count; i++)
            jumps += p->code[i].code == (BPF_JMP | BPF_JA);
        large += p->count > 256;
        for (int i = 0; i < 500; i++) {
            struct bpf_input input;
            random_input(&input);
            assert_int_equal(bpf_run(p, &input, NULL), follow(&e, root, &input));
        }
        program_free(p);
        emit_end(&e);
    }
    assert_true(large > 50 && jumps > 1000); // or nothing was tried
}

static void equal_instructions_are_one(void **unused) {
    (void)unused;
    struct emit e;
    assert_int_equal(emit_start(&e), 0);
    const label yes = emit_return(&e, SECCOMP_RET_ALLOW), no = emit_return(&e, SECCOMP_RET_TRAP);
    const label test = emit_test(&e, BPF_JEQ, 7, yes, no);
    assert_int_equal(emit_return(&e, SECCOMP_RET_ALLOW), yes);
    assert_int_equal(emit_test(&e, BPF_JEQ, 7, yes, no), test);
    assert_int_not_equal(emit_test(&e, BPF_JEQ, 7, no, yes), test);
    assert_int_not_equal(emit_test(&e, BPF_JGE, 7, yes, no), test);
    assert_int_equal(emit_test(&e, BPF_JEQ, 8, yes, yes), yes); // nothing to test
    assert_int_equal(emit_load(&e, 0, test), emit_load(&e, 0, test));
    assert_int_equal(emit_cost(&e, emit_load(&e, 0, test)), 3);
    emit_end(&e);
}

static void what_is_held_is_not_loaded(void **unused) {
    (void)unused;
    struct emit e;
    assert_int_equal(emit_start(&e), 0);
    const label yes = emit_return(&e, SECCOMP_RET_ALLOW), no = emit_return(&e, SECCOMP_RET_TRAP);
    const label test = emit_test(&e, BPF_JEQ, 7, yes, no), masked = emit_and(&e, 0xff, test);
    const label load = emit_load(&e, 16, test), load_masked = emit_load(&e, 16, masked);
    assert_int_equal(emit_held(&e, load, 16, UINT32_MAX), test);
    assert_int_equal(emit_held(&e, load_masked, 16, UINT32_MAX), masked);
    assert_int_equal(emit_held(&e, load_masked, 16, 0xff), test);
    assert_int_equal(emit_held(&e, load, 20, UINT32_MAX), load);
    assert_int_equal(emit_held(&e, load, 16, 0xff), load);
    assert_int_equal(emit_held(&e, load_masked, 16, 0xf), load_masked);
    assert_int_equal(emit_held(&e, yes, 16, UINT32_MAX), yes);
    emit_end(&e);
}

// The distances at which 8 bits just reach, and just do not.
static void the_edge_of_a_jump(void **unused) {
    (void)unused;
    for (uint32_t gap = 250; gap < 262; gap++) {
        struct emit e;
        assert_int_equal(emit_start(&e), 0);
        // A load that two ways lead to, `gap` instructions apart; each test has its own constant.
        const label end = emit_load(&e, 16, emit_test(&e, BPF_JEQ, 1, emit_return(&e, 1), emit_return(&e, 2)));
        label at = end;
        for (uint32_t i = 0; i < gap; i++)
            at = emit_test(&e, BPF_JEQ, 1000 + i, emit_return(&e, 3), at);
        at = emit_load(&e, 0, emit_test(&e, BPF_JEQ, 5, end, at));
        struct program *p = lay_out(&e, at);
        for (uint32_t word = 0; word < 1300; word++)
            for (uint32_t argument = 0; argument < 2; argument++) {
                struct bpf_input input = {.word = {word, 0, 0, 0, argument}};
                assert_int_equal(bpf_run(p, &input, NULL), follow(&e, at, &input));
            }
        program_free(p);
        emit_end(&e);
    }
}

static void out_of_memory(void **unused) {
    (void)unused;
    size_t n = 1;
    for (;; n++) {
        struct emit e;
        struct sock_filter *code = NULL;
        size_t count = 0;
        memory_fail(n);
        int r = emit_start(&e);
        label at = 0;
        if (r == 0) {
            at = emit_return(&e, 1);
            for (uint32_t i = 0; i < 3000; i++)
                at = emit_test(&e, BPF_JEQ, i, emit_return(&e, 2), at);
            r = emit_layout(&e, at, &code, &count);
            emit_end(&e);
        }
        memory_fail(0);
        memory_free(code);
        if (r == 0) break;
        assert_int_equal(r, -ENOMEM);
    }
    assert_true(n > 5);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(layouts_do_what_the_graph_says),
        cmocka_unit_test(equal_instructions_are_one),
        cmocka_unit_test(what_is_held_is_not_loaded),
        cmocka_unit_test(the_edge_of_a_jump),
        cmocka_unit_test(out_of_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
