// SPDX-License-Identifier: MIT
// A process beside this one that answers questions: it keeps what this one has given up, and if it hangs, this one
// goes on without the answer.
#ifndef ABJURE_HELPER_H
#define ABJURE_HELPER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum {
    HELPER_ANSWER = 16384 // bytes at most
};

struct helper {
    int fd; // -1: there is none
    uint32_t asked, answered;
};

struct helper_work {
    // In the new process, to give up what it does not need; its questions come through `fd`. False: it ends.
    bool (*prepare)(int fd);
    // The length of the answer, of at most HELPER_ANSWER bytes.
    size_t (*answer)(const void *question, size_t length, char *answer);
};

// Before threads are started. The other process ends when this one does.
bool helper_start(struct helper *h, const struct helper_work *work);

// False: it has ended, or is still at the question before.
bool helper_ask(struct helper *h, const void *question, size_t length);
// The length of the answer to the last question; -1: none, within these milliseconds.
ssize_t helper_answer(struct helper *h, void *answer, size_t size, int milliseconds);

#endif
