// SPDX-License-Identifier: MIT
// Classic BPF as seccomp takes it: programs, validation, interpreter, disassembler.
#ifndef ABJURE_BPF_H
#define ABJURE_BPF_H

#include <linux/filter.h>

#include "abi.h"

struct error;
struct text;

enum {
    BPF_LIMIT = 4096
}; // instructions in one seccomp program (the kernel's BPF_MAXINSNS)

struct program {
    struct sock_filter *code;
    uint32_t count;
    bool big_endian;       // words of seccomp_data and, in bytes, of the instructions
    struct program *older; // loaded before this one, and asked as well; NULL: none
};

struct program *program_new(const struct sock_filter *code, size_t count, bool big_endian); // copies
void program_free(struct program *p);                                                       // with the older ones

// What the kernel's checker accepts for seccomp, and its reason where not. 0 or -EINVAL.
int bpf_validate(const struct sock_filter *code, size_t count, struct error *e);

// struct seccomp_data as words in the order in which a program of that byte order loads them.
struct bpf_input {
    uint32_t word[16];
};
struct bpf_input bpf_input(bool big_endian, uint32_t arch, uint32_t number, uint64_t ip, const uint64_t args[6]);

// The verdict of one program, without the older ones. The program must be valid. `executed` may be NULL.
uint32_t bpf_run(const struct program *p, const struct bpf_input *input, unsigned *executed);

// The verdict of all: each is asked, and the strictest action wins; of equal ones that of the newest program.
uint32_t bpf_decide(const struct program *p, const struct bpf_input *input);
// That of two verdicts which wins where `a` is the newer program's.
uint32_t bpf_stricter(uint32_t a, uint32_t b);

// "0004: jeq #59 (execve), 12, 5", a line each.
void bpf_disassemble(const struct program *p, struct text *t);

// struct sock_filter[] in the program's byte order: copies what fits and returns the full size in bytes;
// and back: bytes in either order, told apart by validity.
int64_t bpf_to_bytes(const struct program *p, void *buffer, uint64_t size);
int bpf_from_bytes(const void *bytes, uint64_t size, struct program **out, struct error *e);

// Offset in seccomp_data of the low or high word of an argument.
static inline uint32_t bpf_argument(bool big_endian, unsigned argument, bool high) {
    return 16 + 8 * argument + (high != big_endian ? 4 : 0);
}

#endif
