// SPDX-License-Identifier: MIT
// What this kernel, process and sandbox allow, found with harmless probes.
#ifndef ABJURE_SUPPORT_H
#define ABJURE_SUPPORT_H

#include <stdint.h>

struct error;
struct text;

// Lines "name: yes|no|VALUE", with " - reason" where something is missing.
void support_write(struct text *t);

// What runs the system calls, where it is not Linux itself: "qemu-user", "gVisor", "WSL1" ...; NULL: Linux.
const char *support_emulator(void);

// What of the closed set the negative errno of a failed load means. Async-signal-safe.
//   filters  that the thread had before the load; -1: unknown
int support_errno(int err, long filters);

// Turns the negative errno of a failed load into one of the closed set, and says cause and remedy.
//   instructions  of the program that did not load
int support_explain(int err, uint32_t instructions, long filters, struct error *e);

#endif
