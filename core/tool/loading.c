// SPDX-License-Identifier: MIT
#include "loading.h"

#include <linux/seccomp.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/uio.h>

#include "arch.h"
#include "known.h"

#ifndef PTRACE_SECCOMP_GET_FILTER
#define PTRACE_SECCOMP_GET_FILTER 0x420c // 4.4
#endif
#ifndef SECCOMP_FILTER_FLAG_NEW_LISTENER
#define SECCOMP_FILTER_FLAG_NEW_LISTENER (1UL << 3) // 5.0
#endif

static const char changed[] = "it was changed in memory while it was being loaded";
static const char unreadable[] = "it was there before, or came from a thread at the same time, and could not be read";

enum {
    MODE_NARROW_SIZE = 8, // struct sock_fprog of 32 bits: a length, and a pointer at 4
};

struct code {
    struct sock_filter at[LAYER_INSTRUCTIONS];
    size_t count;
};

static bool peek(pid_t id, uint64_t address, void *to, size_t size) {
    struct iovec here = {to, size}, there = {(void *)(uintptr_t)address, size};
    return process_vm_readv(id, &here, 1, &there, 1, 0) == (ssize_t)size;
}

// struct sock_fprog, as the caller's ABI lays it out, and what it points to.
static bool read_memory(const struct tracee *t, struct code *out) {
    unsigned char program[16] = {0};
    bool narrow = arch_is_narrow(t->call.arch, t->call.number);
    uint16_t count;
    uint64_t address;
    if (!peek(t->id, t->call.arguments[2], program, narrow ? MODE_NARROW_SIZE : sizeof program)) return false;
    memcpy(&count, program, sizeof count);
    if (narrow) {
        uint32_t pointer;
        memcpy(&pointer, program + 4, sizeof pointer);
        address = pointer;
    } else {
        memcpy(&address, program + 8, sizeof address);
    }
    out->count = count;
    return count > 0 && count <= LAYER_INSTRUCTIONS && peek(t->id, address, out->at, count * sizeof out->at[0]);
}

// Program number `index` in the order in which they were loaded. Takes CAP_SYS_ADMIN, and that we have no filter.
static bool read_kernel(pid_t id, unsigned index, struct code *out) {
    long count = ptrace(PTRACE_SECCOMP_GET_FILTER, id, (void *)(uintptr_t)index, NULL);
    if (count <= 0 || count > LAYER_INSTRUCTIONS) return false;
    out->count = (size_t)count;
    return ptrace(PTRACE_SECCOMP_GET_FILTER, id, (void *)(uintptr_t)index, out->at) == count;
}

static struct loader loader_of(const struct tracee *t, bool own) {
    struct loader by = {.pid = t->process, .own = own};
    task_name(t->id, by.name, sizeof by.name);
    return by;
}

// ---- A call that loads ----------------------------------------------------------------------------------------------

static bool loads_filter(const struct made_call *call) {
    const uint64_t *a = call->arguments;
    enum known which = known_call(call);
    if (which == KNOWN_SECCOMP) return (uint32_t)a[0] == SECCOMP_SET_MODE_FILTER;
    return which == KNOWN_PRCTL && (uint32_t)a[0] == PR_SET_SECCOMP && a[1] == SECCOMP_MODE_FILTER;
}

static bool sets_strict(const struct made_call *call) {
    const uint64_t *a = call->arguments;
    enum known which = known_call(call);
    if (which == KNOWN_SECCOMP) return (uint32_t)a[0] == SECCOMP_SET_MODE_STRICT && (uint32_t)a[1] == 0 && a[2] == 0;
    return which == KNOWN_PRCTL && (uint32_t)a[0] == PR_SET_SECCOMP && a[1] == SECCOMP_MODE_STRICT;
}

static uint32_t flags_of(const struct made_call *call) {
    return known_call(call) == KNOWN_SECCOMP ? (uint32_t)call->arguments[1] : 0;
}

void loading_enter(struct tracee *t, bool own) {
    struct code code;
    tracee_end_call(t);
    if (!loads_filter(&t->call)) return;
    struct loader by = loader_of(t, own);
    t->threads = (flags_of(&t->call) & SECCOMP_FILTER_FLAG_TSYNC) != 0;
    if (read_memory(t, &code)) t->loading = layer_new(t->filters, code.at, code.count, &by);
    // What cannot be read, or is no program, the kernel refuses; unless another thread repairs it in time.
    if (t->loading == NULL) t->loading = layer_unknown(t->filters, 1, changed, &by);
}

static bool succeeded(const struct made_call *call, int64_t result) {
    // A positive result is the id of a thread that is in the way, but with this flag it is a descriptor.
    bool listener = (flags_of(call) & SECCOMP_FILTER_FLAG_NEW_LISTENER) != 0;
    return result == 0 || (listener && result > 0);
}

static bool take_from_kernel(struct tracee *t, unsigned count);

// The filters now: by the kernel's own word, or with what was and still is in memory. The caller's reference.
static struct layer *settle(struct tracee *t) {
    struct code code;
    struct task_status s;
    const struct loader *by = layer_loader(t->loading);
    unsigned index = layer_depth(t->filters);
    if (task_status(t->id, &s) && s.filters >= 0 && (unsigned)s.filters != index + 1) {
        // Another thread loaded one for all threads at the same time, and its own stop is still to come.
        if (take_from_kernel(t, (unsigned)s.filters)) return layer_keep(t->filters);
        return layer_unknown(NULL, (unsigned)s.filters, unreadable, by);
    }
    bool known =
        read_kernel(t->id, index, &code) || (read_memory(t, &code) && layer_same(t->loading, code.at, code.count));
    struct layer *now = known ? layer_new(t->filters, code.at, code.count, by) : NULL;
    return now != NULL ? now : layer_unknown(t->filters, 1, changed, by);
}

void loading_leave(struct tracees *all, struct tracee *t, int64_t result) {
    if (result == 0 && sets_strict(&t->call)) t->strict = true;
    if (t->loading == NULL) return;
    struct verdict v = layers_decide(t->at_entry, &t->call);
    bool made = v.kind <= VERDICT_LOG; // else a filter answered, maybe with errno(0)
    if (made && succeeded(&t->call, result)) {
        struct layer *now = settle(t);
        for (struct tracee *other = NULL; t->threads && (other = tracees_next(all, other)) != NULL;)
            if (other->process == t->process) tracee_set_filters(other, now);
        tracee_set_filters(t, now);
        layer_drop(now);
    }
    tracee_end_call(t);
}

// ---- A thread whose filters one has to learn ------------------------------------------------------------------------

static bool take_from_kernel(struct tracee *t, unsigned count) {
    struct code code;
    struct loader by = loader_of(t, false);
    struct layer *filters = NULL;
    snprintf(by.name, sizeof by.name, "?");
    by.pid = 0;
    for (unsigned i = 0; i < count; i++) {
        struct layer *next = read_kernel(t->id, i, &code) ? layer_new(filters, code.at, code.count, &by) : NULL;
        layer_drop(filters);
        filters = next;
        if (filters == NULL) return false;
    }
    tracee_set_filters(t, filters);
    layer_drop(filters);
    return true;
}

void loading_check(const struct tracees *all, struct tracee *t) {
    struct task_status s;
    if (!task_status(t->id, &s)) return;
    t->process = s.process;
    unsigned count = s.filters >= 0 ? (unsigned)s.filters : s.filtered;
    if (s.filters < 0 && s.filtered == (t->filters != NULL)) return;
    if (layer_depth(t->filters) == count) return;
    // Made while another thread of its parent loaded for all: it has what its siblings have by now.
    for (struct tracee *other = NULL; (other = tracees_next(all, other)) != NULL;) {
        if (other == t || other->process != t->process || layer_depth(other->filters) != count) continue;
        tracee_set_filters(t, other->filters);
        return;
    }
    if (take_from_kernel(t, count)) return;
    struct loader by = {.name = "?"};
    struct layer *unknown = layer_unknown(NULL, count, unreadable, &by);
    tracee_set_filters(t, unknown);
    layer_drop(unknown);
}
