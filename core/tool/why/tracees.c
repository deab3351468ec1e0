// SPDX-License-Identifier: MIT
#include "tracees.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "output.h"

enum {
    FIRST_ROOM = 64,     // a power of two
    STATUS_SIZE = 32768, // a process may be in thousands of groups, which stand before what is read here
};

static size_t bucket_of(const struct tracees *all, pid_t id) {
    return (size_t)id & (all->room - 1);
}

static bool grow(struct tracees *all) {
    size_t room = all->room > 0 ? all->room * 2 : FIRST_ROOM;
    struct tracee **buckets = calloc(room, sizeof(struct tracee *));
    if (buckets == NULL) return false;
    struct tracees larger = {buckets, room, all->count, all->loads};
    for (size_t i = 0; i < all->room; i++) {
        for (struct tracee *t = all->buckets[i], *next; t != NULL; t = next) {
            next = t->next;
            struct tracee **head = &buckets[bucket_of(&larger, t->id)];
            t->next = *head;
            *head = t;
        }
    }
    free(all->buckets);
    *all = larger;
    return true;
}

struct tracee *tracees_find(const struct tracees *all, pid_t id) {
    if (all->room == 0) return NULL;
    struct tracee *t = all->buckets[bucket_of(all, id)];
    while (t != NULL && t->id != id)
        t = t->next;
    return t;
}

struct tracee *tracees_add(struct tracees *all, pid_t id) {
    if (all->count >= all->room && !grow(all)) return NULL;
    struct tracee *t = calloc(1, sizeof *t);
    if (t == NULL) return NULL;
    struct tracee **head = &all->buckets[bucket_of(all, id)];
    t->id = t->process = id;
    t->next = *head;
    *head = t;
    all->count++;
    return t;
}

void tracees_remove(struct tracees *all, struct tracee *t) {
    struct tracee **at = &all->buckets[bucket_of(all, t->id)];
    while (*at != t)
        at = &(*at)->next;
    *at = t->next;
    all->count--;
    tracee_set_loading(all, t, NULL, false);
    layer_drop(t->at_entry);
    layer_drop(t->filters);
    free(t);
}

struct tracee *tracees_next(const struct tracees *all, const struct tracee *after) {
    if (after != NULL && after->next != NULL) return after->next;
    for (size_t i = after != NULL ? bucket_of(all, after->id) + 1 : 0; i < all->room; i++)
        if (all->buckets[i] != NULL) return all->buckets[i];
    return NULL;
}

void tracees_free(struct tracees *all) {
    for (struct tracee *t; (t = tracees_next(all, NULL)) != NULL;)
        tracees_remove(all, t);
    free(all->buckets);
    *all = (struct tracees){.count = 0};
}

void tracee_set_filters(struct tracee *t, struct layer *filters) {
    struct layer *old = t->filters;
    t->filters = layer_keep(filters);
    layer_drop(old);
}

void tracee_set_loading(struct tracees *all, struct tracee *t, struct layer *loading, bool for_all_threads) {
    if (t->loading != NULL && t->threads) all->loads--;
    layer_drop(t->loading);
    t->loading = loading;
    t->threads = for_all_threads;
    if (loading != NULL && for_all_threads) all->loads++;
}

// ---- /proc ----------------------------------------------------------------------------------------------------------

static ssize_t read_file(pid_t id, const char *name, char *text, size_t size) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/%s", (int)id, name);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return -1;
    ssize_t n = read(fd, text, size - 1);
    close(fd);
    text[n > 0 ? n : 0] = '\0';
    return n;
}

// The number behind "\nkey:\t", the `index`th of them; -1: none.
static long number(const char *text, const char *key, int index) {
    char line[32];
    snprintf(line, sizeof line, "\n%s:", key);
    const char *at = strstr(text, line);
    if (at == NULL) return -1;
    at += strlen(line);
    long value = -1;
    for (int i = 0; i <= index; i++) {
        char *end;
        value = strtol(at, &end, 10);
        if (end == at) return -1;
        at = end;
    }
    return value;
}

bool task_status(pid_t id, struct task_status *out) {
    char text[STATUS_SIZE];
    // The name, which the process chooses, is in the first line and has no line feed in it.
    if (read_file(id, "status", text, sizeof text) <= 0) return false;
    out->process = (pid_t)number(text, "Tgid", 0);
    out->filters = number(text, "Seccomp_filters", 0);
    out->filtered = number(text, "Seccomp", 0) > 0;
    out->no_new_privs = number(text, "NoNewPrivs", 0) > 0;
    const char *capabilities = strstr(text, "\nCapPrm:");
    out->capable = capabilities != NULL && strtoull(capabilities + strlen("\nCapPrm:"), NULL, 16) != 0;
    out->effective = (uid_t)number(text, "Uid", 1);
    return out->process > 0;
}

void task_name(pid_t id, char *name, size_t size) {
    ssize_t n = read_file(id, "comm", name, size);
    if (n > 0 && name[n - 1] == '\n') name[n - 1] = '\0';
    if (name[0] == '\0' || n <= 0) snprintf(name, size, "?");
    make_printable(name);
}
