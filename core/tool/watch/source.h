// SPDX-License-Identifier: MIT
// Where audit records come from. A thread reads them into a queue; it prints nothing, but leaves counts and errors
// here.
#ifndef ABJURE_SOURCE_H
#define ABJURE_SOURCE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "queue.h"

enum {
    REASON = 512 // bytes of a reason why a source cannot be used
};

struct source {
    const char *path; // of a file
    int fd;
    uint64_t buffer; // bytes of the socket's receive buffer, as the kernel counts them
    struct queue queue;

    // What the thread leaves.
    atomic_ullong lost;       // records, or lines of the kernel's log, that came too fast
    atomic_ullong suppressed; // records that the kernel itself left out of its log (printk_ratelimit)
    atomic_ullong damaged;    // lines longer than 1 MiB
    atomic_ullong turns;      // of the file: rotations and truncations
    atomic_ullong most_bytes; // that waited in the receive buffer
    atomic_bool idle;         // all that was there is in the queue
    atomic_int error;         // a positive errno: the thread has ended
};

struct source_type {
    const char *name;  // as --source takes it
    const char *title; // as messages call it
    // False, and why not.
    bool (*open)(struct source *s, char why[REASON]);
    // Of the thread: returns where the source has ended, with s->error.
    void (*read)(struct source *s);
    const char *calls; // that the thread needs beside reads of `fd`; NULL: none
};

extern const struct source_type source_audit, source_log, source_kernel;

bool source_start(struct source *s, const struct source_type *type);

#endif
