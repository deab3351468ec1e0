// SPDX-License-Identifier: MIT
#include "layers.h"

#include <linux/seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../src/bpf.h"
#include "abjure.h"

#ifndef SECCOMP_RET_ACTION_FULL
#define SECCOMP_RET_ACTION_FULL 0xffff0000U // 4.14
#endif

enum {
    ERRNO_LIMIT = 4095,
};

struct layer {
    struct layer *below;
    unsigned references;
    unsigned depth; // with those below
    bool pretends;  // or one below does
    const char *why;
    struct loader loader;
    struct program *program; // NULL: not known
};

// ---- What programs are
// -------------------------------------------------------------------------------------------------

static bool may_pretend(const struct sock_filter *code, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (code[i].code == (BPF_RET | BPF_A)) return true;
        if (code[i].code == (BPF_RET | BPF_K) && (code[i].k & SECCOMP_RET_ACTION_FULL) == SECCOMP_RET_ERRNO &&
            (code[i].k & SECCOMP_RET_DATA) == 0)
            return true;
    }
    return false;
}

// ---- Layers
// ------------------------------------------------------------------------------------------------------------

static struct layer *make(struct layer *below, const struct loader *by, unsigned count) {
    struct layer *l = calloc(1, sizeof *l);
    if (l == NULL) return NULL;
    l->below = layer_keep(below);
    l->references = 1;
    l->loader = *by;
    l->depth = layer_depth(below) + count;
    l->pretends = layer_pretends(below);
    return l;
}

struct layer *layer_new(struct layer *below, const struct sock_filter *code, size_t count, const struct loader *by) {
    abjure_program *valid = abjure_program_from_bytes(code, count * sizeof *code, NULL, 0);
    abjure_program_free(valid);
    struct layer *l = valid != NULL ? make(below, by, 1) : NULL;
    if (l == NULL) return NULL;
    l->program = program_new(code, count, __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__);
    l->pretends |= may_pretend(code, count);
    if (l->program != NULL) return l;
    layer_drop(l);
    return NULL;
}

struct layer *layer_unknown(struct layer *below, unsigned count, const char *why, const struct loader *by) {
    struct layer *l = make(below, by, count);
    if (l != NULL) l->why = why;
    return l;
}

struct layer *layer_keep(struct layer *layer) {
    if (layer != NULL) layer->references++;
    return layer;
}

void layer_drop(struct layer *layer) {
    while (layer != NULL && --layer->references == 0) {
        struct layer *below = layer->below;
        program_free(layer->program);
        free(layer);
        layer = below;
    }
}

bool layer_same(const struct layer *layer, const struct sock_filter *code, size_t count) {
    const struct program *p = layer->program;
    return p != NULL && p->count == count && memcmp(p->code, code, count * sizeof *code) == 0;
}

unsigned layer_depth(const struct layer *newest) {
    return newest != NULL ? newest->depth : 0;
}

unsigned layer_instructions(const struct layer *layer) {
    return layer->program != NULL ? layer->program->count : 0;
}

const struct loader *layer_loader(const struct layer *layer) {
    return &layer->loader;
}

const char *layer_why(const struct layer *layer) {
    return layer->program == NULL ? layer->why : NULL;
}

const struct layer *layer_find_unknown(const struct layer *l) {
    while (l != NULL && l->program != NULL)
        l = l->below;
    return l;
}

struct layer *layer_at(struct layer *newest, unsigned depth) {
    while (newest != NULL && newest->depth > depth)
        newest = newest->below;
    return layer_depth(newest) == depth ? newest : NULL;
}

bool layer_pretends(const struct layer *newest) {
    return newest != NULL && newest->pretends;
}

// ---- Verdicts
// ----------------------------------------------------------------------------------------------------------

static enum verdict_kind kind_of(uint32_t word) {
    switch (word & SECCOMP_RET_ACTION_FULL) {
    case SECCOMP_RET_ALLOW:
        return VERDICT_ALLOW;
    case SECCOMP_RET_LOG:
        return VERDICT_LOG;
    case SECCOMP_RET_TRACE:
        return VERDICT_TRACE;
    case SECCOMP_RET_USER_NOTIF:
        return VERDICT_NOTIFY;
    case SECCOMP_RET_ERRNO:
        return VERDICT_ERRNO;
    case SECCOMP_RET_TRAP:
        return VERDICT_TRAP;
    case SECCOMP_RET_KILL_THREAD:
        return VERDICT_KILL_THREAD;
    default: // also of a word that the kernel does not know
        return VERDICT_KILL;
    }
}

// The kernel compares the words without their data as signed numbers; the lowest wins, of those that are equal the one
// of the newest program.
static bool is_stricter(uint32_t word, uint32_t than) {
    return (int32_t)(word & SECCOMP_RET_ACTION_FULL) < (int32_t)(than & SECCOMP_RET_ACTION_FULL);
}

struct verdict layers_decide(const struct layer *newest, const struct made_call *call) {
    struct verdict v = {.word = SECCOMP_RET_ALLOW};
    for (const struct layer *l = newest; l != NULL; l = l->below) {
        if (l->program == NULL) continue;
        struct bpf_input input = bpf_input(l->program->big_endian, call->arch, call->number, call->ip, call->arguments);
        uint32_t word = bpf_run(l->program, &input, NULL);
        if (!is_stricter(word, v.word)) continue;
        v.word = word;
        v.by = l;
    }
    v.kind = kind_of(v.word);
    return v;
}

unsigned verdict_errno(const struct verdict *v) {
    unsigned number = v->word & SECCOMP_RET_DATA;
    return number < ERRNO_LIMIT ? number : ERRNO_LIMIT;
}

// A program that returns the word is asked, so that abjure's own words come out.
static void write_word(uint32_t word, char *text, size_t size) {
    const struct sock_filter code = {BPF_RET | BPF_K, 0, 0, word};
    abjure_program *program = abjure_program_from_bytes(&code, sizeof code, NULL, 0);
    int64_t length = program != NULL ? abjure_program_eval(program, "x86_64", "0", 0, 0, 0, 0, 0, 0, text, size) : -1;
    abjure_program_free(program);
    if (length < 0) snprintf(text, size, "0x%x", word);
}

void verdict_write(const struct verdict *v, char *text, size_t size) {
    write_word(v->word, text, size);
}

void errno_write(unsigned number, char *text, size_t size) {
    if (number <= ERRNO_LIMIT)
        write_word(SECCOMP_RET_ERRNO | number, text, size);
    else
        snprintf(text, size, "errno(%u)", number);
}
