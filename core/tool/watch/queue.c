// SPDX-License-Identifier: MIT
#include "queue.h"

#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum {
    CHUNK_SIZE = (1 << 20) + (1 << 16), // bytes; the longest line, 1 MiB, fits
    CHUNKS = 192                        // about 200 MiB, or 600,000 records
};

struct chunk {
    struct chunk *next;
    size_t end, at;
    uint64_t lines;
    char bytes[CHUNK_SIZE];
};

bool queue_start(struct queue *q) {
    *q = (struct queue){.wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
    return q->wake_fd >= 0 && pthread_mutex_init(&q->lock, NULL) == 0;
}

void queue_end(struct queue *q) {
    for (struct chunk *c = q->first, *next; c != NULL; c = next) {
        next = c->next;
        free(c);
    }
    free(q->spare);
    close(q->wake_fd);
    pthread_mutex_destroy(&q->lock);
}

static struct chunk *add_chunk(struct queue *q) {
    if (q->chunks == CHUNKS) return NULL;
    struct chunk *c = q->spare != NULL ? q->spare : malloc(sizeof *c);
    q->spare = NULL;
    if (c == NULL) return NULL;
    c->next = NULL;
    c->end = c->at = 0;
    c->lines = 0;
    if (q->last != NULL)
        q->last->next = c;
    else
        q->first = c;
    q->last = c;
    q->chunks++;
    return c;
}

static bool put(struct queue *q, const char *head, size_t head_length, const char *line, size_t length) {
    uint32_t both = (uint32_t)(head_length + length);
    if (sizeof both + both > CHUNK_SIZE) return false;
    struct chunk *c = q->last;
    if (c == NULL || CHUNK_SIZE - c->end < sizeof both + both) c = add_chunk(q);
    if (c == NULL) return false;
    memcpy(c->bytes + c->end, &both, sizeof both);
    memcpy(c->bytes + c->end + sizeof both, head, head_length);
    memcpy(c->bytes + c->end + sizeof both + head_length, line, length);
    c->end += sizeof both + both;
    c->lines++;
    return true;
}

void queue_put(struct queue *q, const char *head, size_t head_length, const char *line, size_t length) {
    bool wake = false;
    pthread_mutex_lock(&q->lock);
    if (put(q, head, head_length, line, length)) {
        q->waiting++;
        if (q->waiting > q->most) q->most = q->waiting;
        wake = q->asleep;
        q->asleep = false;
    } else {
        q->dropped++;
    }
    pthread_mutex_unlock(&q->lock);
    uint64_t one = 1;
    ssize_t n = wake ? write(q->wake_fd, &one, sizeof one) : 0;
    (void)n; // full, the counter wakes as well
}

// Waiting are the lines of `done` until it is given back: they may still have to be shown.
static void give_back(struct queue *q, struct chunk *done) {
    q->waiting -= done->lines;
    q->chunks--;
    if (q->spare == NULL)
        q->spare = done;
    else
        free(done);
}

struct chunk *queue_take(struct queue *q, struct chunk *done) {
    pthread_mutex_lock(&q->lock);
    if (done != NULL) give_back(q, done);
    struct chunk *c = q->first;
    if (c != NULL) {
        q->first = c->next;
        if (q->first == NULL) q->last = NULL;
    }
    pthread_mutex_unlock(&q->lock);
    return c;
}

const char *chunk_next(struct chunk *c, size_t *length) {
    uint32_t both;
    if (c->at == c->end) return NULL;
    memcpy(&both, c->bytes + c->at, sizeof both);
    const char *line = c->bytes + c->at + sizeof both;
    c->at += sizeof both + both;
    *length = both;
    return line;
}

bool queue_sleep(struct queue *q) {
    pthread_mutex_lock(&q->lock);
    bool any = q->first != NULL;
    q->asleep = !any;
    pthread_mutex_unlock(&q->lock);
    return any;
}

void queue_awake(struct queue *q) {
    uint64_t count;
    pthread_mutex_lock(&q->lock);
    q->asleep = false;
    pthread_mutex_unlock(&q->lock);
    ssize_t n = read(q->wake_fd, &count, sizeof count);
    (void)n; // nothing there is no error: the wait may have ended for another reason
}

struct queue_state queue_state(struct queue *q) {
    pthread_mutex_lock(&q->lock);
    struct queue_state s = {q->waiting, q->most, q->dropped};
    pthread_mutex_unlock(&q->lock);
    return s;
}
