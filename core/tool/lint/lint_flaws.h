// SPDX-License-Identifier: MIT
// The flaws that lint knows: one table.
#ifndef ABJURE_LINT_FLAWS_H
#define ABJURE_LINT_FLAWS_H

#include <stdbool.h>
#include <stddef.h>

enum severity {
    SEVERITY_NOTE,    // worth knowing
    SEVERITY_WARNING, // programs break, or a way around needs more than one call
    SEVERITY_ERROR,   // what the filter denies can be done all the same
    SEVERITIES
};

extern const char *const severity_names[SEVERITIES];

struct lint;
struct flaw;

// Adds what it finds to the findings. False: out of memory.
typedef bool (*flaw_search)(struct lint *l, const struct flaw *flaw);

struct flaw {
    const char *id; // stable
    enum severity severity;
    const char *title, *reason, *remedy;
    flaw_search search;
    // What the search works with. Lists of calls as in `abjure check`, with "; " between.
    const char *denied; // that the filter denies one of these shows what it is for
    const char *open;   // and that it allows these, where the ABI has them
    const char *tried;  // what then must not pass
    const char *unless; // the id of a flaw that, where found, tells the same better
    bool by_default;    // a call that a list of allowed calls leaves out counts as denied on purpose
};

extern const struct flaw flaws[];
extern const size_t flaw_count;

// ---- The searches ----

// lint_around.c: ways around a denied call
bool search_around(struct lint *l, const struct flaw *flaw);
bool search_fallback(struct lint *l, const struct flaw *flaw);
bool search_needed(struct lint *l, const struct flaw *flaw);
bool search_multiplexer(struct lint *l, const struct flaw *flaw);
// lint_abi.c: other ABIs and numbers
bool search_no_abi_check(struct lint *l, const struct flaw *flaw);
bool search_foreign_abi(struct lint *l, const struct flaw *flaw);
bool search_x32(struct lint *l, const struct flaw *flaw);
bool search_foreign_answer(struct lint *l, const struct flaw *flaw);
bool search_unknown(struct lint *l, const struct flaw *flaw);
// lint_width.c: arguments compared on the wrong width
bool search_high_bits(struct lint *l, const struct flaw *flaw);
bool search_flags(struct lint *l, const struct flaw *flaw);
bool search_low_word(struct lint *l, const struct flaw *flaw);
// lint_verdicts.c: what the filter answers
bool search_verdict(struct lint *l, const struct flaw *flaw);
bool search_return(struct lint *l, const struct flaw *flaw);
bool search_no_effect(struct lint *l, const struct flaw *flaw);
bool search_all_denied(struct lint *l, const struct flaw *flaw);
bool search_absent(struct lint *l, const struct flaw *flaw);
bool search_cut(struct lint *l, const struct flaw *flaw);
// lint_reach.c: instructions that no call reaches
bool search_unreachable(struct lint *l, const struct flaw *flaw);
bool search_lost_denial(struct lint *l, const struct flaw *flaw);
// lint_process.c: the process beside its filter
bool search_threads(struct lint *l, const struct flaw *flaw);
bool search_no_new_privs(struct lint *l, const struct flaw *flaw);
bool search_listener(struct lint *l, const struct flaw *flaw);
bool search_tracer(struct lint *l, const struct flaw *flaw);

#endif
