// SPDX-License-Identifier: MIT
// What tests of written OCI profiles share: the text, and the proof that two filters mean the same.
#ifndef ABJURE_UNIT_OCI_KIT_H
#define ABJURE_UNIT_OCI_KIT_H

#include "kit.h"

#include "compile.h"
#include "oci.h"
#include "prove.h"

#include <inttypes.h>

static char written[1 << 22];

static inline int write_oci(const struct filter *f, struct error *e) {
    struct text t;
    error_clear(e);
    text_start(&t, written, sizeof written);
    int r = oci_write(f, &t, e);
    assert_true(text_end(&t) < (int64_t)sizeof written);
    return r;
}

// The program of `b`, compared with the rules of `a`: 0, or -EBADMSG with a witness. Rules that it was not made from, and
// that may stand for a thousand entries, take longer than what is loaded may.
static inline int compare(const struct filter *a, const struct program *b, struct witness *w, struct error *e) {
    struct meaning m;
    assert_int_equal(meaning_make(a, -1, &m, e), 0);
    int r = prove(b, &m, 20 * PROVE_STEPS, w, e);
    meaning_free(&m);
    return r;
}

// The number of instructions of the program of one filter, proven against the rules of the other. 0 where that takes
// more than a program holds.
static inline uint32_t same_meaning(const struct filter *a, const struct filter *b, const char *what) {
    struct meaning m;
    struct program *program = NULL;
    struct witness w = {0};
    struct error e = {0};
    assert_int_equal(meaning_make(b, -1, &m, &e), 0);
    int r = compile(&m, &program, &e);
    meaning_free(&m);
    if (r == -E2BIG) return 0;
    CHECK(r == 0, "%s", e.message);
    CHECK(compare(a, program, &w, &e) == 0, "%s\n%s: number %u, 0x%" PRIx64 " 0x%" PRIx64, what, e.message, w.number,
          w.args[0], w.args[1]);
    uint32_t count = program->count;
    program_free(program);
    return count;
}

#endif
