// SPDX-License-Identifier: MIT
// How a process uses seccomp, as /proc tells it.
#ifndef ABJURE_STATUS_H
#define ABJURE_STATUS_H

#include "error.h"
#include "text.h"

// Lines "key: value" for abjure_status; pid 0: this process. 0, or -errno with a message. Allocates nothing.
int status_write(int pid, struct text *t, struct error *e);

#endif
