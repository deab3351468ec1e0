// SPDX-License-Identifier: MIT
#include "elf_symbol.h"

#include <elf.h>
#include <string.h>
#include <unistd.h>

enum {
    SECTIONS = 4096, // that are looked at
    SEGMENTS = 64,
    BATCH = 512,              // symbols that are read at a time
    SYMBOLS = 2 * 1000 * 1000 // that are looked at: of a larger program, the rest is left out
};

// Headers and symbols of both classes, as 64 bits hold them.
struct file {
    int fd;
    bool wide; // ELFCLASS64
    Elf64_Ehdr head;
};

struct best {
    uint64_t value, size;
    uint32_t name;
    bool found;
};

static bool read_at(int fd, uint64_t offset, void *bytes, size_t size) {
    return offset < INT64_MAX && pread(fd, bytes, size, (off_t)offset) == (ssize_t)size;
}

static bool read_head(struct file *f) {
    unsigned char ident[EI_NIDENT];
    const uint16_t one = 1;
    unsigned char order = *(const unsigned char *)&one == 1 ? ELFDATA2LSB : ELFDATA2MSB;
    if (!read_at(f->fd, 0, ident, sizeof ident) || memcmp(ident, ELFMAG, SELFMAG) != 0 || ident[EI_DATA] != order)
        return false;
    f->wide = ident[EI_CLASS] == ELFCLASS64;
    if (f->wide) return read_at(f->fd, 0, &f->head, sizeof f->head);
    Elf32_Ehdr h;
    if (ident[EI_CLASS] != ELFCLASS32 || !read_at(f->fd, 0, &h, sizeof h)) return false;
    f->head = (Elf64_Ehdr){.e_phoff = h.e_phoff, .e_phnum = h.e_phnum, .e_shoff = h.e_shoff, .e_shnum = h.e_shnum};
    return true;
}

static bool read_segment(const struct file *f, unsigned i, Elf64_Phdr *out) {
    if (f->wide) return read_at(f->fd, f->head.e_phoff + i * sizeof *out, out, sizeof *out);
    Elf32_Phdr h;
    if (!read_at(f->fd, f->head.e_phoff + i * sizeof h, &h, sizeof h)) return false;
    *out = (Elf64_Phdr){.p_type = h.p_type, .p_offset = h.p_offset, .p_vaddr = h.p_vaddr, .p_filesz = h.p_filesz};
    return true;
}

static bool read_section(const struct file *f, unsigned i, Elf64_Shdr *out) {
    if (f->wide) return read_at(f->fd, f->head.e_shoff + i * sizeof *out, out, sizeof *out);
    Elf32_Shdr h;
    if (!read_at(f->fd, f->head.e_shoff + i * sizeof h, &h, sizeof h)) return false;
    *out = (Elf64_Shdr){.sh_type = h.sh_type, .sh_offset = h.sh_offset, .sh_size = h.sh_size, .sh_link = h.sh_link};
    return true;
}

// Symbols have addresses as the file wants to be loaded.
static bool address_of(const struct file *f, uint64_t offset, uint64_t *out) {
    for (unsigned i = 0; i < f->head.e_phnum && i < SEGMENTS; i++) {
        Elf64_Phdr p;
        if (!read_segment(f, i, &p)) return false;
        if (p.p_type != PT_LOAD || offset < p.p_offset || offset - p.p_offset >= p.p_filesz) continue;
        *out = offset - p.p_offset + p.p_vaddr;
        return true;
    }
    return false;
}

static size_t read_symbols(const struct file *f, uint64_t offset, size_t count, Elf64_Sym out[BATCH]) {
    static Elf32_Sym narrow[BATCH];
    if (f->wide) return read_at(f->fd, offset, out, count * sizeof *out) ? count : 0;
    if (!read_at(f->fd, offset, narrow, count * sizeof *narrow)) return 0;
    for (size_t i = 0; i < count; i++)
        out[i] = (Elf64_Sym){.st_name = narrow[i].st_name,
                             .st_info = narrow[i].st_info,
                             .st_shndx = narrow[i].st_shndx,
                             .st_value = narrow[i].st_value,
                             .st_size = narrow[i].st_size};
    return count;
}

static bool read_name(const struct file *f, const Elf64_Shdr *strings, uint32_t name, char out[128]) {
    uint64_t left = strings->sh_size > name ? strings->sh_size - name : 0;
    size_t size = left < 127 ? (size_t)left : 127;
    memset(out, 0, 128);
    return size > 0 && strings->sh_offset < (uint64_t)INT64_MAX - name &&
           pread(f->fd, out, size, (off_t)(strings->sh_offset + name)) > 0 && out[0] != '\0';
}

static bool is_public(const char *name) {
    return name[0] != '_';
}

// One function often has several names: the one without underscores, of these the shortest.
static bool is_better(const struct file *f, const Elf64_Shdr *strings, uint32_t name, uint32_t than) {
    char a[128], b[128];
    if (!read_name(f, strings, name, a)) return false;
    if (!read_name(f, strings, than, b)) return true;
    if (is_public(a) != is_public(b)) return is_public(a);
    return strlen(a) < strlen(b);
}

static void consider(const struct file *f, const Elf64_Shdr *strings, const Elf64_Sym *s, uint64_t address,
                     struct best *best) {
    unsigned type = ELF64_ST_TYPE(s->st_info);
    if ((type != STT_FUNC && type != STT_GNU_IFUNC) || s->st_shndx == SHN_UNDEF || s->st_name == 0) return;
    // The address is that of the next instruction: behind a call that never returns, it is the end of the function.
    if (address < s->st_value || address - s->st_value > s->st_size) return;
    bool nearer = !best->found || s->st_value > best->value;
    if (!nearer && (s->st_value < best->value || !is_better(f, strings, s->st_name, best->name))) return;
    *best = (struct best){s->st_value, s->st_size, s->st_name, true};
}

static bool search(const struct file *f, const Elf64_Shdr *table, uint64_t address, struct elf_symbol *out) {
    static Elf64_Sym symbols[BATCH];
    Elf64_Shdr strings;
    struct best best = {.found = false};
    size_t size = f->wide ? sizeof(Elf64_Sym) : sizeof(Elf32_Sym);
    uint64_t count = table->sh_size / size;
    if (table->sh_link >= SECTIONS || !read_section(f, table->sh_link, &strings) ||
        table->sh_offset > (uint64_t)INT64_MAX / 2)
        return false;
    for (uint64_t i = 0; i < count && i < SYMBOLS; i += BATCH) {
        size_t n =
            read_symbols(f, table->sh_offset + i * size, count - i < BATCH ? (size_t)(count - i) : BATCH, symbols);
        if (n == 0) break;
        for (size_t j = 0; j < n; j++)
            consider(f, &strings, &symbols[j], address, &best);
    }
    out->distance = address - best.value;
    return best.found && read_name(f, &strings, best.name, out->name);
}

bool elf_symbol_find(int fd, uint64_t offset, struct elf_symbol *out) {
    static const uint32_t tables[] = {SHT_SYMTAB, SHT_DYNSYM}; // the first has more, where it was not stripped
    struct file f = {.fd = fd};
    uint64_t address;
    if (!read_head(&f) || !address_of(&f, offset, &address)) return false;
    for (size_t t = 0; t < sizeof tables / sizeof tables[0]; t++) {
        for (unsigned i = 0; i < f.head.e_shnum && i < SECTIONS; i++) {
            Elf64_Shdr s;
            if (!read_section(&f, i, &s)) break;
            if (s.sh_type == tables[t] && search(&f, &s, address, out)) return true;
        }
    }
    return false;
}
