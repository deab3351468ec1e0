// SPDX-License-Identifier: MIT
// Policy text: lines of `ACTION CALLS`, `default ACTION`, `abi NAME`, `set OPTION VALUE` and `#` comments.
// `on NAMES ACTION CALLS` is a rule for some ABIs only ("on x86_64,aarch64 deny open"). After a line `lenient`, rules
// that decide nothing are noted and no errors, until a line `strict`; profiles of OCI come out so.
#ifndef ABJURE_POLICY_H
#define ABJURE_POLICY_H

#include "filter.h"

// Adds what the text says to the filter. On an error the filter is as before, marked broken, and the message
// starts with "name:line:column: ". A line that ends in "\" or in "," goes on in the next.
int policy_read(struct filter *f, const char *text, size_t length, const char *name);
void policy_write(const struct filter *f, struct text *t);

#endif
