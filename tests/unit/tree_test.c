// SPDX-License-Identifier: MIT
#include "tree.h"

#include "memory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#include "random.h"

enum {
    MOST = 600
};

struct fixture {
    struct emit emit;
    struct tree tree;
    struct segment segments[MOST], used[MOST];
    size_t count;
};

static void start(struct fixture *f, unsigned chain) {
    assert_int_equal(emit_start(&f->emit), 0);
    f->tree = (struct tree){.emit = &f->emit, .chain = chain};
    f->count = 0;
}

static void end(struct fixture *f) {
    tree_end(&f->tree);
    emit_end(&f->emit);
}

static void add(struct fixture *f, uint32_t first, uint32_t verdict, uint32_t weight) {
    const label to = emit_return(&f->emit, verdict);
    if (f->count > 0 && f->segments[f->count - 1].to == to) return;
    f->segments[f->count++] = (struct segment){.first = first, .weight = weight, .to = to};
}

static uint32_t wanted(const struct fixture *f, uint32_t word) {
    size_t i = f->count - 1;
    while (f->segments[i].first > word)
        i--;
    return f->emit.nodes[f->segments[i].to].k;
}

// Builds, runs all edges and some words between, and gives the instructions without the load.
static size_t build_and_compare(struct fixture *f, uint32_t limit, unsigned *most) {
    struct sock_filter *code = NULL;
    size_t size = 0;
    for (size_t i = 0; i < f->count; i++)
        f->used[i] = f->segments[i];
    const label root = emit_load(&f->emit, 0, tree_build(&f->tree, f->used, f->count, limit));
    assert_int_equal(emit_layout(&f->emit, root, &code, &size), 0);
    const struct program p = {code, (uint32_t)size, false, NULL};
    *most = 0;
    for (size_t i = 0; i < f->count; i++)
        for (uint32_t beside = 0; beside < 4; beside++) {
            const uint32_t word = f->segments[i].first + (beside < 3 ? beside - 1 : below(UINT32_MAX));
            if (word > limit) continue;
            struct bpf_input input = {.word = {word}};
            unsigned executed;
            assert_int_equal(bpf_run(&p, &input, &executed), wanted(f, word));
            if (executed > *most) *most = executed;
        }
    memory_free(code);
    return size - 1;
}

static void any_segments(void **unused) {
    (void)unused;
    static struct fixture f;
    seed("random segments");
    for (int round = 0; round < 3000 / SLOWDOWN; round++) {
        start(&f, 1 + below(round % 7 == 0 ? TREE_CHAIN_LIMIT : 8));
        const uint32_t verdicts = 2 + below(5), step = 1 + below(round % 3 == 0 ? 3 : 100000);
        const size_t count = 1 + below(MOST);
        uint32_t first = 0;
        for (size_t i = 0; i < count; i++) {
            add(&f, first, below(verdicts), below(3) == 0 ? below(1000) : 1);
            first += 1 + below(step);
        }
        unsigned most;
        build_and_compare(&f, below(2) != 0 ? UINT32_MAX : first + below(10), &most);
        end(&f);
    }
}

// A value out of a range is one test, not two.
static void single_values_are_one_test(void **unused) {
    (void)unused;
    static struct fixture f;
    start(&f, 3);
    for (uint32_t i = 0; i < 100; i++) {
        add(&f, 10 * i, 1, 1);
        add(&f, 10 * i + 5, 2, 1);
        add(&f, 10 * i + 6, 1, 1);
    }
    unsigned most;
    // 100 values, three to a chain, 33 tests between the chains, two returns
    const size_t size = build_and_compare(&f, UINT32_MAX, &most);
    assert_in_range(size, 100, 100 + 33 + 2);
    assert_in_range(most, 1, 1 + 6 + 3 + 1);
    end(&f);
}

// What is called often, and what costs much, is found soon.
static void heavy_first(void **unused) {
    (void)unused;
    static struct fixture f;
    start(&f, 3);
    for (uint32_t i = 0; i < 256; i++)
        add(&f, 1000 * i, i, i == 77 ? 100000 : 1);
    unsigned most, executed;
    build_and_compare(&f, UINT32_MAX, &most);
    struct sock_filter *code = NULL;
    size_t size = 0;
    for (size_t i = 0; i < f.count; i++)
        f.used[i] = f.segments[i];
    const label root = emit_load(&f.emit, 0, tree_build(&f.tree, f.used, f.count, UINT32_MAX));
    assert_int_equal(emit_layout(&f.emit, root, &code, &size), 0);
    const struct program p = {code, (uint32_t)size, false, NULL};
    const struct bpf_input input = {.word = {77500}};
    assert_int_equal(bpf_run(&p, &input, &executed), 77);
    assert_in_range(executed, 3, 5);
    assert_in_range(most, 8, 16);
    memory_free(code);
    end(&f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_segments),
        cmocka_unit_test(single_values_are_one_test),
        cmocka_unit_test(heavy_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
