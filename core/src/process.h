// SPDX-License-Identifier: MIT
// Reads the programs of another process. What comes back is untrusted input; bpf_validate decides.
#ifndef ABJURE_PROCESS_H
#define ABJURE_PROCESS_H

#include "bpf.h"

// Program number `index` of the process, 0 being the newest. 0, or -errno with a message of its own for each reason.
int process_program(int pid, uint64_t index, struct program **out, struct error *e);
// All of them as one, the newest first.
int process_programs(int pid, struct program **out, struct error *e);

#endif
