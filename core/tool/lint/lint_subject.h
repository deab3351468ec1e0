// SPDX-License-Identifier: MIT
// What lint judges: a policy, a program or the programs of a process, as one verdict for each call.
#ifndef ABJURE_LINT_SUBJECT_H
#define ABJURE_LINT_SUBJECT_H

#include "abjure.h"
#include "lint_walk.h"

enum {
    ABIS = 8,
    ARGUMENTS = 6
};

struct abi_facts {
    const char *name;
    uint32_t arch;          // the kernel's AUDIT_ARCH_...
    uint32_t base;          // of its numbers
    bool wide;              // registers of 64 bits
    const char *neighbours; // other ABIs that a process on the same machine can call through
};

struct verdict {
    char text[48];
    bool absent; // the ABI has no such call
    bool passes; // allow or log
    int strictness;
};

struct known_call {
    char name[56];
    uint32_t number;
    // What was found by trying it with many arguments; see lint_census.h.
    bool tested;                                    // a program looks at its arguments
    bool passes, is_denied;                         // with some arguments
    unsigned answers;                               // bits, by strictness
    uint64_t passing[ARGUMENTS], denied[ARGUMENTS]; // the arguments
};

// One ABI that the filter is for.
struct subject_abi {
    const struct abi_facts *facts;
    struct known_call *calls; // of the tables, by number
    size_t call_count;
    uint32_t unknown;    // the first number above those of the tables
    bool default_passes; // what no rule names is allowed
};

struct subject_program {
    abjure_program *program;
    struct sock_filter *code;
    size_t count;
    bool big_endian;
    struct walk walk;
};

struct subject {
    const char *name;      // as the user wrote it
    abjure_filter *filter; // of a policy; else NULL
    const char *abi;       // that the user named, or NULL
    int pid;               // 0: no process
    struct subject_program *programs;
    size_t program_count;
    struct subject_abi abis[ABIS];
    size_t abi_count;
    uint64_t combinations; // of arguments that are tried on one call
    bool cut;              // there were more
};

// Exit status: EXIT_OK, or why there is nothing to judge has been said.
int subject_add_program(struct subject *s, abjure_program *program); // which it then owns
// Finds out which ABIs the filter is for, and what it does by default.
int subject_complete(struct subject *s);
void subject_end(struct subject *s);

const struct abi_facts *abi_facts(const char *name); // NULL: this program's own

// What all programs together answer: the strictest, as in the kernel.
struct verdict subject_verdict(struct subject *s, const char *abi, const char *call,
                               const uint64_t arguments[ARGUMENTS]);
// Of an answer such as "errno(0)": 0 for allow to 7 for kill.
int strictness_of(const char *text);
bool verdict_is(const struct verdict *v, const char *text);

// Runs each program for one call, whose arguments are open. False: out of memory.
bool subject_walk(struct subject *s, const struct abi_facts *abi, uint32_t number);

// Whether some program looks at the ABI.
bool subject_loads_arch(const struct subject *s);

#endif
