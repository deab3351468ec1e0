// SPDX-License-Identifier: MIT
#include "source.h"

#include <malloc.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>

struct start {
    struct source *source;
    const struct source_type *type;
    sem_t runs;
};

static void *run(void *context) {
    struct start *start = context;
    sem_post(&start->runs);
    start->type->read(start->source);
    atomic_store(&start->source->idle, true);
    // The end of a thread takes calls that the filter of this process does not have.
    for (;;)
        poll(NULL, 0, -1);
    return NULL;
}

bool source_start(struct source *s, const struct source_type *type) {
    static struct start start;
    pthread_t thread;
    sigset_t all, before;
    start = (struct start){.source = s, .type = type};
    if (!queue_start(&s->queue) || sem_init(&start.runs, 0, 0) < 0) return false;
    mallopt(M_ARENA_MAX, 1); // for a second one, glibc would ask how many processors there are
    // Signals are for the thread that shows records.
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    bool started = pthread_create(&thread, NULL, run, &start) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (!started) return false;
    pthread_detach(thread);
    // What glibc does at the start of a thread, the filter of this process will not let pass.
    while (sem_wait(&start.runs) < 0)
        continue;
    return true;
}
