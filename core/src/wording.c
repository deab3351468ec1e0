// SPDX-License-Identifier: MIT
#include "wording.h"

#include <inttypes.h>
#include <string.h>

#include "naming.h"
#include "text.h"

enum {
    LISTED = 3 // values in a row that are told one by one, since they may have names
};

// How a look is to be written.
struct manner {
    enum abi_id abi;
    syscall_id id;
    const struct look *look;
    struct parameter parameter;
    unsigned width; // of what is compared
    bool wide;      // ":u64": all 64 bits, unsigned
    bool masked;    // "& mask"
    bool is_signed;
};

static uint64_t ones(unsigned width) {
    return width >= 64 ? UINT64_MAX : (UINT64_C(1) << width) - 1;
}

static uint64_t sign_of(unsigned width) {
    return UINT64_C(1) << (width - 1);
}

static struct manner manner_of(enum abi_id abi, syscall_id id, const struct look *look) {
    struct manner m = {.abi = abi, .id = id, .look = look, .parameter = {.kind = PARAMETER_ABSENT}};
    if (look->argument == CLAUSE_POINTER) {
        m.wide = true;
        m.width = 64;
        m.masked = look->mask != UINT64_MAX;
        return m;
    }
    if (id != SYSCALL_NONE) m.parameter = syscalls_parameter(abi, id, look->argument);
    m.width = (unsigned)abis[abi].bits;
    if (m.parameter.kind == PARAMETER_VALUE) m.width = m.parameter.width;
    const bool ordered = look->first != look->last;
    const uint64_t all = ones(m.width);
    m.is_signed = m.parameter.kind == PARAMETER_VALUE && m.parameter.is_signed;
    m.masked = look->mask != all;
    m.wide = (look->mask & ~all) != 0 || m.parameter.kind == PARAMETER_HIDDEN ||
             (m.parameter.kind == PARAMETER_POINTER && (m.masked || ordered || look->first != 0));
    // Both ends on one side of the sign, or it is two ranges there. Orders of fewer bits are not signed.
    const bool crosses = ((look->first ^ look->last) & sign_of(m.width)) != 0;
    if (ordered && !m.masked && !m.wide && m.is_signed && (crosses || m.width < 32)) m.masked = true;
    if (ordered && m.masked && !m.wide && m.width < 32) m.wide = true;
    if (m.wide) {
        m.width = 64;
        m.is_signed = false;
        m.masked = look->mask != UINT64_MAX;
    }
    if (m.masked) m.is_signed = false;
    return m;
}

static void write_number(const struct manner *m, uint64_t value, struct text *t) {
    const uint64_t sign = sign_of(m->width);
    if (m->is_signed && (value & sign) != 0)
        text_add(t, "%" PRId64, (int64_t)(value | ~ones(m->width)));
    else if (value < 4096 && (!m->masked || value < 10))
        text_add(t, "%" PRIu64, value);
    else
        text_add(t, "0x%" PRIx64, value);
}

static void write_value(const struct manner *m, uint64_t value, struct text *t) {
    const struct look *look = m->look;
    if (look->first != look->last || !naming_value(m->abi, m->id, look->argument, m->width, look->mask, value, t))
        write_number(m, value, t);
}

// The kernel counts prctl's "arg2" and keyctl's from 1 on, and rules count registers from 0 on.
static bool counts(const char *name) {
    return strncmp(name, "arg", 3) == 0 && name[3] >= '0' && name[3] <= '9' && name[4] == '\0';
}

void wording_name(enum abi_id abi, syscall_id id, unsigned argument, struct text *t) {
    struct parameter p = {.kind = PARAMETER_ABSENT};
    if (argument == CLAUSE_POINTER) {
        text_add(t, "instruction_pointer");
        return;
    }
    if (id != SYSCALL_NONE) p = syscalls_parameter(abi, id, argument);
    if ((p.kind == PARAMETER_VALUE || p.kind == PARAMETER_POINTER) && !counts(p.name))
        text_add(t, "%s", p.name);
    else
        text_add(t, "arg%u", argument);
}

static void write_left(const struct manner *m, struct text *t) {
    const struct look *look = m->look;
    wording_name(m->abi, m->id, look->argument, t);
    if (m->wide && look->argument != CLAUSE_POINTER) text_add(t, ":u64");
    if (!m->masked) return;
    text_add(t, " & ");
    if (!naming_mask(m->abi, m->id, look->argument, look->mask, t)) text_add(t, "0x%" PRIx64, look->mask);
}

static void write_look(const struct manner *m, struct text *t) {
    const struct look *look = m->look;
    if (look->first == look->last) {
        write_left(m, t);
        text_add(t, " == ");
        write_value(m, look->first, t);
        return;
    }
    const uint64_t turn = m->is_signed ? sign_of(m->width) : 0; // makes the signed order an unsigned one
    const bool low = (look->first ^ turn) != 0, high = (look->last ^ turn) != (m->masked ? look->mask : ones(m->width));
    if (low) {
        write_left(m, t);
        text_add(t, " >= ");
        write_value(m, look->first, t);
    }
    if (high) {
        if (low) text_add(t, " && ");
        write_left(m, t);
        text_add(t, " <= ");
        write_value(m, look->last, t);
    }
}

void wording_looks(enum abi_id abi, syscall_id id, const struct clause *c, struct text *t) {
    for (unsigned i = 0; i < c->looks; i++) {
        const struct manner m = manner_of(abi, id, &c->look[i]);
        if (i > 0) text_add(t, " && ");
        write_look(&m, t);
    }
}

void wording_argument(enum abi_id abi, syscall_id id, const struct look *look, struct text *t) {
    const struct manner m = manner_of(abi, id, look);
    write_left(&m, t);
}

void wording_values(enum abi_id abi, syscall_id id, const struct look *look, struct text *t) {
    const struct manner m = manner_of(abi, id, look);
    if (look->last - look->first < LISTED) {
        for (uint64_t value = look->first;; value++) {
            const struct look one = {.mask = look->mask, .first = value, .last = value, .argument = look->argument};
            const struct manner single = manner_of(abi, id, &one);
            write_value(&single, value, t);
            if (value == look->last) return;
            text_add(t, ", ");
        }
    }
    write_value(&m, look->first, t);
    const uint64_t top = m.masked ? look->mask : ones(m.width);
    if (look->last == top && !m.is_signed) {
        text_add(t, " or more");
        return;
    }
    text_add(t, " to ");
    write_value(&m, look->last, t);
}
