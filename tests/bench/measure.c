// SPDX-License-Identifier: MIT
#include "measure.h"

#include <stdlib.h>
#include <time.h>

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static int compare(const void *a, const void *b) {
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

void measure(struct job *jobs, size_t count, unsigned rounds) {
    double *times = calloc(count * rounds, sizeof *times);
    if (times == NULL) abort();
    for (unsigned round = 0; round < rounds; round++)
        for (size_t i = 0; i < count; i++) {
            // Once untimed, so that each finds its own code and data in the caches.
            jobs[i].run(jobs[i].data);
            if (jobs[i].after != NULL) jobs[i].after(jobs[i].data);
            const double start = now();
            jobs[i].run(jobs[i].data);
            times[i * rounds + round] = now() - start;
            if (jobs[i].after != NULL) jobs[i].after(jobs[i].data);
        }
    for (size_t i = 0; i < count; i++) {
        qsort(times + i * rounds, rounds, sizeof *times, compare);
        jobs[i].median = times[i * rounds + rounds / 2];
    }
    free(times);
}
