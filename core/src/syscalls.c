// SPDX-License-Identifier: MIT
#include "syscalls.h"

#include "error.h"
#include "generated/tables.h"
#include "text.h"

#include <errno.h>

_Static_assert((int)TABLE_ARGUMENTS == (int)SYSCALL_ARGUMENTS, "registers of a call");

size_t syscalls_count(void) {
    return table_syscalls.count;
}

syscall_id syscalls_find(const char *name, size_t length) {
    int id = table_find(&table_syscalls, name, length);
    return id < 0 ? SYSCALL_NONE : (syscall_id)id;
}

const char *syscalls_name(syscall_id id) {
    return table_name(&table_syscalls, id);
}

int64_t syscalls_number(enum abi_id abi, syscall_id id) {
    int32_t number = table_numbers[abi][id];
    return number < 0 ? -1 : (int64_t)number + abis[abi].number_base;
}

syscall_id syscalls_at(enum abi_id abi, uint32_t number) {
    const struct table_numbering *t = &table_numberings[abi];
    number -= abis[abi].number_base; // wraps to a high number where the base is missing
    if (number < t->low_count) return t->low[number];
    if (number - t->high_first < t->high_count) return t->high[number - t->high_first];
    return SYSCALL_NONE;
}

bool syscalls_known(enum abi_id abi, uint32_t number) {
    return syscalls_at(abi, number) != SYSCALL_NONE;
}

const struct syscall_range *syscalls_ranges(enum abi_id abi, size_t *count) {
    *count = table_numberings[abi].range_count;
    return table_numberings[abi].ranges;
}

void syscalls_spelling(struct spelling *s) {
    for (size_t i = 0; i < table_syscalls.count; i++)
        spelling_try(s, table_name(&table_syscalls, i));
}

static const struct table_shape *shape_of(enum abi_id abi, syscall_id id) {
    return &table_shapes[table_shape_of[abi][id]];
}

struct parameter syscalls_parameter(enum abi_id abi, syscall_id id, unsigned argument) {
    const struct table_register *r = &shape_of(abi, id)->registers[argument];
    return (struct parameter){.name = table_parameter_names + r->name,
                              .kind = (enum parameter_kind)r->kind,
                              .width = r->width,
                              .is_signed = r->is_signed,
                              .hidden = table_reasons[r->why]};
}

static bool same(uint16_t offset, const char *name, size_t length) {
    const char *known = table_parameter_names + offset;
    return strncmp(known, name, length) == 0 && known[length] == '\0';
}

int syscalls_parameter_find(enum abi_id abi, syscall_id id, const char *name, size_t length, const char **why) {
    const struct table_shape *shape = shape_of(abi, id);
    *why = NULL;
    if (length == 0 || memchr(name, '\0', length) != NULL) return -1;
    for (int i = 0; i < SYSCALL_ARGUMENTS; i++) {
        const struct table_register *r = &shape->registers[i];
        if (r->name == 0 || !same(r->name, name, length)) continue;
        *why = table_reasons[r->why];
        return i;
    }
    for (unsigned i = 0; i < shape->aliases; i++) {
        const struct table_alias *a = &table_aliases[shape->alias + i];
        if (!same(a->name, name, length)) continue;
        *why = table_reasons[a->why];
        return a->argument;
    }
    return -1;
}

// "; it has family, type and protocol"
static void list_parameters(const struct table_shape *shape, struct text *t) {
    const char *names[SYSCALL_ARGUMENTS];
    int count = 0;
    for (int i = 0; i < SYSCALL_ARGUMENTS; i++)
        if (shape->registers[i].name != 0) names[count++] = table_parameter_names + shape->registers[i].name;
    if (count == 0) text_add(t, "; it has none");
    for (int i = 0; i < count; i++)
        text_add(t, "%s%s", i == 0 ? "; it has " : i + 1 < count ? ", " : " and ", names[i]);
}

int syscalls_parameter_unknown(enum abi_id abi, syscall_id id, const char *name, size_t length, struct error *e) {
    const struct table_shape *shape = shape_of(abi, id);
    struct spelling s;
    spelling_start(&s, name, length);
    for (int i = 0; i < SYSCALL_ARGUMENTS; i++)
        if (shape->registers[i].name != 0) spelling_try(&s, table_parameter_names + shape->registers[i].name);
    for (unsigned i = 0; i < shape->aliases; i++)
        spelling_try(&s, table_parameter_names + table_aliases[shape->alias + i].name);
    char list[256] = "";
    struct text t;
    text_start(&t, list, sizeof list);
    if (s.best == NULL) list_parameters(shape, &t);
    text_end(&t);
    return error_set(e, ENOENT, "%s has no parameter \"%s\"%s%s", syscalls_name(id), text_quote(name, length).text,
                     spelling_hint(&s).text, list);
}

bool syscalls_multiplexer(enum abi_id abi, syscall_id id, struct multiplexer *out) {
    if ((table_multiplexer_abis & ABI_SET(abi)) == 0) return false;
    const struct table_multiplexed *row = NULL;
    for (unsigned i = table_multiplexed_first[id]; i != 0 && row == NULL; i = table_multiplexed[i].next)
        if (table_multiplexed[i].abis & ABI_SET(abi)) row = &table_multiplexed[i];
    if (row == NULL) return false;
    *out = (struct multiplexer){
        .number = (uint32_t)syscalls_number(abi, row->multiplexer), .mask = row->mask, .value = row->value};
    memcpy(out->argument, row->argument, sizeof out->argument);
    return true;
}
