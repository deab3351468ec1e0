// SPDX-License-Identifier: MIT
// Seccomp profiles of Docker and of the OCI runtime specification, as JSON.
#ifndef ABJURE_OCI_H
#define ABJURE_OCI_H

#include "filter.h"

// Adds what the profile says to the filter, for the ABIs, capabilities and kernel version of the filter.
int oci_read(struct filter *f, const char *text, size_t length, const char *name);
// 0, -ENOMEM, or -ENOTSUP with a message that names the rule that OCI cannot say.
int oci_write(const struct filter *f, struct text *t, struct error *e);

#endif
