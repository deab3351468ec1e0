// SPDX-License-Identifier: MIT
// Times of several ways to do one thing, taken in turns so that what else the machine does falls on all alike.
#ifndef BENCH_MEASURE_H
#define BENCH_MEASURE_H

#include <stddef.h>

struct job {
    void (*run)(void *data);   // timed
    void (*after)(void *data); // not timed; may be NULL
    void *data;
    double median; // microseconds
};

void measure(struct job *jobs, size_t count, unsigned rounds);

#endif
