// SPDX-License-Identifier: MIT
// What the process already holds and a filter cannot take back: io_uring rings, sockets, mappings, core limit.
#ifndef ABJURE_HOLDINGS_H
#define ABJURE_HOLDINGS_H

#include "filter.h"
#include "ruleset.h"

// -EBUSY where a ring is found (descriptor, mapping or kernel thread) and the filter denies io_uring and does not keep
// it; warnings go to the filter's notes: a listening or connected socket, a mapping that is writable and executable,
// a core limit, each only where the filter's rules deny what it stands for.
//   exec  the process executes a program next: only what survives that counts
int holdings_check(struct filter *f, const struct meaning *m, bool exec, struct error *e);

#endif
