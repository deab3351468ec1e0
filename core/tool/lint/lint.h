// SPDX-License-Identifier: MIT
// What the searches of lint share.
#ifndef ABJURE_LINT_H
#define ABJURE_LINT_H

#include "lint_findings.h"
#include "process.h"

struct lint {
    struct subject subject;
    struct findings findings;
    struct process process; // where the subject is one
};

// Reads a call as `abjure check` has it, and evaluates it. False: the ABI lacks the call.
bool attempt_text(struct lint *l, const char *abi, const char *text, struct attempt *out);
// The same from a name and arguments, of which the text then shows the first `shown`.
bool attempt_arguments(struct lint *l, const char *abi, const char *name, const uint64_t arguments[ARGUMENTS],
                       struct attempt *out);

// The next of a list with "; " between, cut out into the buffer; false: no more.
bool next_text(const char **list, char *buffer, size_t size);

// Whether the filter denies this call on purpose: its default is to allow, or it allows the call with other arguments.
bool denied_on_purpose(const struct subject_abi *abi, const struct attempt *a);

// Adds a finding about two calls, or, where that flaw was found with the same calls, the ABI to it.
bool add_bypass(struct lint *l, const struct flaw *flaw, const struct attempt *denied, const struct attempt *call,
                const char *also);

// Reads the process and its programs into the subject. The exit status, and what is wrong has been said.
int lint_read_process(struct lint *l, int pid);

// The call of a name; NULL: the ABI lacks it.
const struct known_call *find_known(const struct subject_abi *abi, const char *name);

#endif
