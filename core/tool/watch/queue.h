// SPDX-License-Identifier: MIT
// Lines on their way from the thread that reads them to the one that shows them. Grows with what waits in it, up to a
// limit: what does not fit then is counted.
#ifndef ABJURE_QUEUE_H
#define ABJURE_QUEUE_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct chunk;

struct queue {
    pthread_mutex_t lock;
    struct chunk *first, *last; // that wait
    struct chunk *spare;        // one, for the next
    size_t chunks;
    uint64_t waiting, most; // lines; `most` is the highest that `waiting` was
    uint64_t dropped;
    bool asleep; // the taker waits for wake_fd
    int wake_fd; // an eventfd
};

bool queue_start(struct queue *q);
void queue_end(struct queue *q); // with all that waits in it

// Copies a line in, in two parts. For one thread.
void queue_put(struct queue *q, const char *head, size_t head_length, const char *line, size_t length);

// Lines as they came, for the other thread, without a lock: NULL where none is there. `done` is what it gave last.
struct chunk *queue_take(struct queue *q, struct chunk *done);
// The next line of a chunk, until it is given back; NULL: no more.
const char *chunk_next(struct chunk *c, size_t *length);

// Before it waits for wake_fd: true where there is something to take, and no need to wait.
bool queue_sleep(struct queue *q);
void queue_awake(struct queue *q);

struct queue_state {
    uint64_t waiting, most, dropped;
};
struct queue_state queue_state(struct queue *q);

#endif
