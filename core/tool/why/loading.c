// SPDX-License-Identifier: MIT
#include "loading.h"

#include <errno.h>
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

// Why a program is not known.
static const char before[] = "it was there before abjure why, which has to be started outside of what loads it";
static const char changed[] = "it was changed in memory while it was being loaded";
static const char closed[] = "the process keeps its memory from others (it is not dumpable); run abjure why as root";
static const char together[] = "threads loaded filters at the same moment; run abjure why as root";

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

// The kernel reads the memory of a process that is not dumpable for no tracer but a privileged one.
static bool is_closed(pid_t id) {
    char byte;
    struct iovec here = {&byte, 1}, there = {&byte, 1}; // anywhere: permission is looked at first
    return process_vm_readv(id, &here, 1, &there, 1, 0) < 0 && (errno == EPERM || errno == EACCES);
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

void loading_enter(struct tracees *all, struct tracee *t, bool own) {
    struct code code;
    struct layer *loading = NULL;
    tracee_set_loading(all, t, NULL, false);
    if (!loads_filter(&t->call)) return;
    struct loader by = loader_of(t, own);
    if (read_memory(t, &code)) loading = layer_new(t->filters, code.at, code.count, &by);
    // What cannot be read, or is no program, the kernel refuses; unless another thread repairs it in time.
    if (loading == NULL) loading = layer_unknown(t->filters, 1, is_closed(t->id) ? closed : changed, &by);
    tracee_set_loading(all, t, loading, (flags_of(&t->call) & SECCOMP_FILTER_FLAG_TSYNC) != 0);
}

static bool succeeded(const struct made_call *call, int64_t result) {
    // A positive result is the id of a thread that is in the way, but with this flag it is a descriptor.
    bool listener = (flags_of(call) & SECCOMP_FILTER_FLAG_NEW_LISTENER) != 0;
    return result == 0 || (listener && result > 0);
}

// Those on top of the ones that are known, of which there are `count` in all. The caller's reference; unknown ones where
// the kernel does not show them.
static struct layer *read_rest(const struct tracee *t, unsigned count, const struct loader *by, const char *why) {
    struct code code;
    unsigned depth = layer_depth(t->filters);
    struct layer *filters = layer_keep(t->filters);
    for (unsigned i = depth; i < count && (i == depth || filters != NULL); i++) {
        struct layer *next = read_kernel(t->id, i, &code) ? layer_new(filters, code.at, code.count, by) : NULL;
        layer_drop(filters);
        filters = next;
    }
    return filters != NULL ? filters : layer_unknown(t->filters, count - depth, why, by);
}

// The filters now: by the kernel's own word, or with what was and still is in memory. The caller's reference.
static struct layer *settle(struct tracee *t) {
    struct code code;
    struct task_status s;
    const struct loader *by = layer_loader(t->loading);
    unsigned depth = layer_depth(t->filters);
    // With more than one, another thread has loaded for all threads at the same time, and its stop is still to come. With
    // none, this one's has been seen already, by loading_check.
    if (task_status(t->id, &s) && s.filters >= 0 && (unsigned)s.filters != depth + 1)
        return (unsigned)s.filters > depth ? read_rest(t, (unsigned)s.filters, by, together) : layer_keep(t->filters);
    bool known =
        read_kernel(t->id, depth, &code) || (read_memory(t, &code) && layer_same(t->loading, code.at, code.count));
    struct layer *now = known ? layer_new(t->filters, code.at, code.count, by) : NULL;
    const char *why = layer_why(t->loading);
    return now != NULL ? now : layer_unknown(t->filters, 1, why != NULL ? why : changed, by);
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
    tracee_set_loading(all, t, NULL, false);
}

// ---- A thread whose filters one has to learn ------------------------------------------------------------------------

// The loading call of a sibling that has come to pass: the only one on its way, on top of what this thread has.
static struct layer *loaded_by_sibling(const struct tracees *all, const struct tracee *t, unsigned count) {
    if (all->loads != 1) return NULL;
    for (struct tracee *other = NULL; (other = tracees_next(all, other)) != NULL;)
        if (other->process == t->process && other->loading != NULL && other->threads &&
            layer_depth(other->loading) == count && other->filters == t->filters)
            return other->loading;
    return NULL;
}

// Made while another thread of its parent loaded for all: it has what its siblings have by now.
static struct layer *had_by_sibling(const struct tracees *all, const struct tracee *t, unsigned count) {
    for (struct tracee *other = NULL; (other = tracees_next(all, other)) != NULL;)
        if (other != t && other->process == t->process && layer_depth(other->filters) == count) return other->filters;
    return NULL;
}

void loading_check(const struct tracees *all, struct tracee *t) {
    struct task_status s;
    if (!task_status(t->id, &s)) return;
    t->process = s.process;
    unsigned count = s.filters >= 0 ? (unsigned)s.filters : s.filtered;
    if (s.filters < 0 && s.filtered == (t->filters != NULL)) return;
    if (layer_depth(t->filters) == count) return;
    unsigned depth = layer_depth(t->filters);
    struct layer *filters = layer_keep(had_by_sibling(all, t, count));
    if (filters == NULL) filters = layer_keep(loaded_by_sibling(all, t, count));
    if (filters == NULL && depth < count) {
        struct loader by = {.name = "?"};
        if (all->loads > 0) by = loader_of(t, false);
        filters = read_rest(t, count, &by, all->count == 1 ? before : together);
    }
    // It was made before its parent had them all.
    if (filters == NULL && depth > count) filters = layer_keep(layer_at(t->filters, count));
    if (filters == NULL && count > 0) return; // out of memory, or parts of it are not known
    tracee_set_filters(t, filters);
    layer_drop(filters);
}
