// SPDX-License-Identifier: MIT
// Decides, where a call of a traced thread ends or its thread dies, whether a filter denied it.
#ifndef ABJURE_REFUSE_H
#define ABJURE_REFUSE_H

#include "follow.h"

void refuse_result(struct follow *f, struct tracee *t, int64_t result, bool is_error); // at the call's end
void refuse_signal(struct follow *f, struct tracee *t); // where a SIGSYS is about to be delivered
void refuse_end(struct follow *f, struct tracee *t);    // at the thread's end, its memory is still there

#endif
