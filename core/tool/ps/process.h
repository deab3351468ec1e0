// SPDX-License-Identifier: MIT
// Processes and how they use seccomp: what abjure_status says, taken apart.
#ifndef ABJURE_PROCESS_H
#define ABJURE_PROCESS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct process {
    char *text; // holds what the others point to; NULL where a value is not known
    const char *name, *mode, *filters, *no_new_privs, *speculation, *threads, *differing;
    const char *exe, *cgroup, *unit, *container;
    long pid, parent, uid; // -1: not known
};

// One thread of `differing`; NULL where it has what the main thread has.
struct difference {
    long thread;
    char mode[16], filters[24], no_new_privs[8]; // "": as the main thread has it
};

struct processes {
    struct process *list; // by pid
    size_t count, room;
    size_t hidden; // those that may not be read
};

// Reads one into `out`. 0, or what abjure_status returned; *why then has the reason and is the caller's to free.
int process_read(int pid, struct process *out, char **why);
void process_free(struct process *p);

// Reads all that there are. EXIT_OK, or an exit status and it has been said why.
int processes_read(struct processes *all);
// Appends one, which it takes over. False: out of memory.
bool processes_add(struct processes *all, const struct process *p);
void processes_free(struct processes *all);

// Any of its threads has a filter or strict mode. False of one that has ended.
bool process_uses_seccomp(const struct process *p);

// Walks `differing`: *rest starts as that; false behind the last.
bool process_difference(const char **rest, struct difference *out);

// Its user's name, or the number; "-" where it is not known. Valid until the next call.
const char *process_user(const struct process *p);

// The command line, its words separated by spaces, or "[name]" where there is none; for the caller to free. Bytes that
// are no printable ASCII become \xNN where `printable`. NULL: out of memory.
char *process_command(const struct process *p, bool printable);

json_t *process_json(const struct process *p);

#endif
