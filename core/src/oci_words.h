// SPDX-License-Identifier: MIT
// The words of OCI profiles: actions, operators, architectures.
#ifndef ABJURE_OCI_WORDS_H
#define ABJURE_OCI_WORDS_H

#include "filter.h"

// Each gives 0, or -ENOENT with a message that names the nearest word.
int oci_action(const char *word, struct action *out, struct error *e);
int oci_operator(const char *word, enum comparison *op, bool *masked, struct error *e);
// The ABI; none for an architecture that the core has no table for.
int oci_architecture(const char *word, abi_set *out, struct error *e);

const char *oci_action_word(enum action_kind kind);
const char *oci_operator_word(enum comparison op, bool masked);
const char *oci_architecture_word(enum abi_id abi);

#endif
