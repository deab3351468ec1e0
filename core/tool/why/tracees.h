// SPDX-License-Identifier: MIT
// The threads that are traced.
#ifndef ABJURE_TRACEES_H
#define ABJURE_TRACEES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "layers.h"

struct tracee {
    struct tracee *next; // in its bucket
    pid_t id;
    pid_t process; // its thread group
    struct layer *filters;
    bool met;      // its first stop has come
    bool told;     // its parent's stop, which names it, has come: `filters` are known
    bool executed; // its process became another program since it was met
    bool strict;   // mode strict

    bool called;            // the four below are of its last call
    struct made_call call;  // as at its entry
    struct layer *at_entry; // the filters then
    struct layer *loading;  // what the call loads where it succeeds, on top of these; else NULL
    bool threads;           // and for all threads of the process
    bool parted;            // an event has told of a new task since the entry
    bool inside;            // the call has not ended
    bool signalled;         // got a SIGSYS that is no filter's
    void *refusal;          // what the observer made of the call that a filter answered with SIGSYS; else NULL
};

struct tracees {
    struct tracee **buckets;
    size_t room, count;
    unsigned loads; // calls on their way that load a filter for all threads of a process
};

struct tracee *tracees_find(const struct tracees *all, pid_t id);
struct tracee *tracees_add(struct tracees *all, pid_t id); // NULL: out of memory
void tracees_remove(struct tracees *all, struct tracee *t);
// Walks over all: starts with NULL, ends with NULL.
struct tracee *tracees_next(const struct tracees *all, const struct tracee *after);
void tracees_free(struct tracees *all);

void tracee_set_filters(struct tracee *t, struct layer *filters); // takes a reference of its own
// What its call is about to load; NULL ends that. Takes the reference over.
void tracee_set_loading(struct tracees *all, struct tracee *t, struct layer *loading, bool for_all_threads);

// What /proc says of a thread. False: it has gone.
struct task_status {
    pid_t process;
    long filters;  // -1: this kernel does not tell, which is one before 5.9
    bool filtered; // at all
    bool no_new_privs;
    bool capable; // has some capability
    uid_t effective;
};
bool task_status(pid_t id, struct task_status *out);
void task_name(pid_t id, char *name, size_t size); // what is not printable as ?; "?" where it has gone

#endif
