// SPDX-License-Identifier: MIT
// Ways to do what the groups deny, each tried on the running kernel, and what must go on working under them.
#ifndef ABJURE_TESTS_ATTEMPTS_H
#define ABJURE_TESTS_ATTEMPTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum {
    NEEDS_ROOT = 1, // fails for an ordinary user, without any filter
    MAYBE = 2,      // this kernel may lack it
};

struct attempt {
    const char *name;
    const char *groups;    // that stop it, "@exec @debug"; for what goes on: that may stop it
    bool (*run)(void);     // after the load: did it have its effect?
    void (*prepare)(void); // before the load; may be NULL
    unsigned flags;
};

// Each ends with an attempt without a name.
extern const struct attempt program_attempts[];   // start programs and processes
extern const struct attempt neighbour_attempts[]; // read, steer and signal others
extern const struct attempt network_attempts[];
extern const struct attempt file_attempts[];
extern const struct attempt memory_attempts[];
extern const struct attempt system_attempts[]; // mounts, namespaces, kernel
extern const struct attempt x86_attempts[];    // by int 0x80 and x32 numbers; none on other processors
extern const struct attempt going_on[];

// A process of the same user, made before the load, that only waits. Attempts change `neighbour->value`.
struct neighbour {
    pid_t pid;
    int pidfd;
    int descriptor; // of a pipe, open in the neighbour
    volatile int *value;
};
extern struct neighbour neighbour;
void make_neighbour(void);
bool neighbour_died(void); // within a quarter of a second

// A thread that is older than the load: runs what it is given.
void make_thread(void);
bool in_thread(bool (*run)(void));

// An empty directory and files in it: "file" with content, "folder", "link"; the working directory from then on.
void make_directory(void);
bool child_came(pid_t pid); // the caller is the parent of a process that ended with status 42; ends the child so

// A ring, and one operation submitted on it: the result, or -errno where there is no ring.
struct io_uring_sqe;
int ring_submit(const struct io_uring_sqe *entry);

#endif
