// SPDX-License-Identifier: MIT
// The function at an offset of an ELF file, by the symbols in it. The file is not trusted.
#ifndef ABJURE_ELF_SYMBOL_H
#define ABJURE_ELF_SYMBOL_H

#include <stdbool.h>
#include <stdint.h>

struct elf_symbol {
    char name[128];
    uint64_t distance; // from the function's start
};

bool elf_symbol_find(int fd, uint64_t offset, struct elf_symbol *out);

#endif
