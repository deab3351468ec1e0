// SPDX-License-Identifier: MIT
// Shape of the generated tables; only the generated files and the sources that read them include this.
#ifndef ABJURE_GENERATED_TABLES_H
#define ABJURE_GENERATED_TABLES_H

#include <string.h>

#include "abi.h"

enum {
    TABLE_ARGUMENTS = 6
};

// Sorted names in one pool, and a perfect hash over them: every name has a slot of its own.
struct table_names {
    const char *pool;             // terminated names, one after the other
    const uint32_t *offset;       // of each name in the pool, and the pool's end
    const uint16_t *displacement; // by the hash's low bits
    const uint16_t *slot;         // index of the name
    uint32_t count;
    uint32_t displacement_mask, slot_mask;
};

// Little endian on every host, so that the generated tables serve all.
static inline uint64_t table_word(const char *p, unsigned size) {
    uint64_t word = 0;
    memcpy(&word, p, size);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    word = __builtin_bswap64(word);
#endif
    return word;
}

static inline uint64_t table_mix(uint64_t hash, uint64_t word) {
    hash = (hash ^ word) * UINT64_C(0x9e3779b97f4a7c15);
    return hash ^ (hash >> 29);
}

// generate.py computes the same. Reads nothing beyond `length`.
static inline uint64_t table_hash(const char *name, size_t length) {
    uint64_t hash = length;
    size_t at = 0;
    for (; at + 8 <= length; at += 8)
        hash = table_mix(hash, table_word(name + at, 8));
    if (length & 4) {
        hash = table_mix(hash, table_word(name + at, 4));
        at += 4;
    }
    for (; at < length; at++)
        hash = table_mix(hash, (unsigned char)name[at]);
    return hash ^ (hash >> 32);
}

// The index of the name, or -1.
static inline int table_find(const struct table_names *t, const char *name, size_t length) {
    uint64_t hash = table_hash(name, length);
    uint64_t step = hash >> 40 | 1; // differs between names of one displacement
    uint64_t slot = (hash >> 16) + step * t->displacement[hash & t->displacement_mask];
    uint32_t index = t->slot[slot & t->slot_mask];
    if (index >= t->count) return -1;
    uint32_t start = t->offset[index];
    if (t->offset[index + 1] - start - 1 != length) return -1;
    return memcmp(t->pool + start, name, length) == 0 ? (int)index : -1;
}

static inline const char *table_name(const struct table_names *t, size_t index) {
    return t->pool + t->offset[index];
}

// ---- syscall_table.c -----------------------------------------------------------------------------------------------

extern const char *const syscalls_version; // "linux-7.2"
extern const struct table_names table_syscalls;

// Numbers without the ABI's base; -1: absent.
extern const int32_t *const table_numbers[ABI_COUNT];

struct syscall_range;

struct table_numbering {
    const uint16_t *low; // call by number, 0xffff: none
    uint32_t low_count;
    const uint16_t *high; // the same for numbers from high_first: arm's private calls
    uint32_t high_first, high_count;
    const struct syscall_range *ranges;
    uint32_t range_count;
};
extern const struct table_numbering table_numberings[ABI_COUNT];

struct table_multiplexed {
    uint16_t multiplexer; // the call that it goes through
    abi_set abis;
    uint32_t mask, value;
    int8_t argument[TABLE_ARGUMENTS];
    uint8_t next; // row of the same call for other ABIs; 0: none
};
extern const abi_set table_multiplexer_abis; // ABIs that have one
extern const struct table_multiplexed table_multiplexed[];
extern const uint8_t table_multiplexed_first[]; // by call: row; 0: none

// ---- parameter_table.c ---------------------------------------------------------------------------------------------

struct table_register {
    uint16_t name; // offset in table_parameter_names; 0: ""
    uint8_t kind;  // enum parameter_kind
    uint8_t width;
    uint8_t is_signed;
    uint8_t why; // of table_reasons; 0: none
};

// A further name of a register, or a parameter that has none (argument == TABLE_ARGUMENTS).
struct table_alias {
    uint16_t name;
    uint8_t argument;
    uint8_t why;
};

struct table_shape {
    struct table_register registers[TABLE_ARGUMENTS];
    uint16_t alias; // first of table_aliases
    uint16_t aliases;
};

extern const char table_parameter_names[];
extern const char *const table_reasons[];
extern const struct table_alias table_aliases[];
extern const struct table_shape table_shapes[];
extern const uint16_t *const table_shape_of[ABI_COUNT]; // by call; shape 0 has no parameters

// ---- constant_table.c ----------------------------------------------------------------------------------------------

extern const struct table_names table_constants;

// Constants that have the value `value` on the ABIs of `abis`, and, where `next` is not 0, other values on others.
struct table_value {
    int64_t value;
    abi_set abis;
    uint16_t next; // of table_values
};
extern const struct table_value table_values[];
extern const uint16_t table_value_of[]; // by constant: first of table_values

#endif
