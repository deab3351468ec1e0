// SPDX-License-Identifier: MIT
// The programs that a task has loaded or inherited, newest first. Tasks share them as they do in the kernel.
#ifndef ABJURE_LAYERS_H
#define ABJURE_LAYERS_H

#include <linux/filter.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum {
    LAYER_INSTRUCTIONS = 4096, // BPF_MAXINSNS
};

// A call as a filter sees it.
struct made_call {
    uint32_t arch, number;
    uint64_t arguments[6];
    uint64_t ip;
};

// Who loaded a program.
struct loader {
    pid_t pid;
    char name[64];
    bool own; // it is of the rules of the command line
};

struct layer;

// A program on top of `below` (NULL: the first), of which it keeps a reference. NULL where the kernel would not take
// it, and where memory is out.
struct layer *layer_new(struct layer *below, const struct sock_filter *code, size_t count, const struct loader *by);
// `count` programs that could not be read, and why: a text that stays.
struct layer *layer_unknown(struct layer *below, unsigned count, const char *why, const struct loader *by);
struct layer *layer_keep(struct layer *layer); // another reference; NULL is fine
void layer_drop(struct layer *layer);

// Whether it is this very program.
bool layer_same(const struct layer *layer, const struct sock_filter *code, size_t count);
unsigned layer_depth(const struct layer *newest); // programs in all; 0 of NULL
unsigned layer_instructions(const struct layer *layer);
const struct loader *layer_loader(const struct layer *layer);
const char *layer_why(const struct layer *layer);              // of one that could not be read; else NULL
const struct layer *layer_find_unknown(const struct layer *l); // the newest that could not be read, or NULL
// Those that were the newest when there were `depth` of them; NULL where that is not known.
struct layer *layer_at(struct layer *newest, unsigned depth);
// Whether one of them may skip a call and say that it succeeded: errno(0).
bool layer_pretends(const struct layer *newest);

enum verdict_kind { // the strictest last; the kernel's order
    VERDICT_ALLOW,
    VERDICT_LOG,
    VERDICT_TRACE,
    VERDICT_NOTIFY,
    VERDICT_ERRNO,
    VERDICT_TRAP,
    VERDICT_KILL_THREAD,
    VERDICT_KILL,
};

struct verdict {
    enum verdict_kind kind;
    uint32_t word;          // SECCOMP_RET_*, as returned
    const struct layer *by; // whose it is: of those that agree the newest, as in the kernel; NULL: no program
};

// What the programs that are known say of the call.
struct verdict layers_decide(const struct layer *newest, const struct made_call *call);

unsigned verdict_errno(const struct verdict *v); // of VERDICT_ERRNO: what the kernel makes of it, 0 to 4095
// In abjure's words: "EPERM", "kill"; and an errno.
void verdict_write(const struct verdict *v, char *text, size_t size);
void errno_write(unsigned number, char *text, size_t size);

#endif
