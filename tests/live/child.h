// SPDX-License-Identifier: MIT
// Runs a piece of a test in a child, since a filter cannot be taken back.
#ifndef ABJURE_TESTS_CHILD_H
#define ABJURE_TESTS_CHILD_H

#include <pthread.h>
#include <semaphore.h>
#include <stdbool.h>
#include <stdint.h>

#include "error.h"
#include "filter.h"
#include "load.h"

enum child_user {
    CHILD_AS_IS,
    CHILD_NOBODY
}; // uid and gid 65534, without capabilities; as it is where not root

// The exit status as wait gives it. The child ends with 0 where `run` returns.
int child_status(void (*run)(void), enum child_user user);
void child_drop_privileges(void);

// In a child: ends it with a message where the condition does not hold.
#define must(condition)                                                                                                \
    do {                                                                                                               \
        if (!(condition)) child_fail(__FILE__, __LINE__, #condition, NULL);                                            \
    } while (0)
// The same, about the message of a failed function.
#define must_say(e, part)                                                                                              \
    do {                                                                                                               \
        if (!child_says((e), (part))) child_fail(__FILE__, __LINE__, (part), (e)->message);                            \
    } while (0)
_Noreturn void child_fail(const char *file, int line, const char *what, const char *message);
bool child_says(const struct error *e, const char *part);

#define assert_child(run) assert_int_equal(child_status((run), CHILD_AS_IS), 0)
// As it is, and as an ordinary user.
#define assert_children(run)                                                                                           \
    do {                                                                                                               \
        assert_int_equal(child_status((run), CHILD_AS_IS), 0);                                                         \
        assert_int_equal(child_status((run), CHILD_NOBODY), 0);                                                        \
    } while (0)

// A filter of lines "ACTION CALLS" or "OPTION = VALUE", and its load. Ends the child where the text is wrong.
struct filter *child_filter(const char *lines);
int child_load(struct filter *f, const char *options, struct error *e);
// Both, and the result must be 0.
void child_apply(const char *lines);
long child_filters(void); // Seccomp_filters of this thread

// A thread that does something on request.
struct child_thread {
    pthread_t thread;
    sem_t go, done;
    void (*work)(void);
    pid_t tid;
};
void child_thread_start(struct child_thread *o);
void child_thread_do(struct child_thread *o, void (*work)(void));

struct program child_large_program(void); // as many instructions as the kernel takes; allows everything

#endif
