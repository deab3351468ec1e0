// SPDX-License-Identifier: MIT
#include <stdlib.h>
#include <string.h>

#include "tell.h"

void denial_effect(const struct denial *d, char *text, size_t size) {
    bool is_thread = d->kind == VERDICT_KILL_THREAD;
    switch (d->kind) {
    case VERDICT_KILL_THREAD:
    case VERDICT_KILL:
        snprintf(text, size, "killed the %s (%s)", is_thread ? "thread" : "process",
                 d->cause.of == 0 && is_thread ? "SIGKILL" : "SIGSYS");
        break;
    case VERDICT_TRAP:
        snprintf(text, size, "brought SIGSYS (trap)");
        break;
    case VERDICT_NOTIFY:
        snprintf(text, size, "failed with %s, as the filter's supervisor said or let the kernel decide (notify)",
                 d->result);
        break;
    case VERDICT_TRACE:
        snprintf(text, size, "failed with %s, for want of the tracer that the filter asks (%s)", d->result, d->verdict);
        break;
    default:
        if (d->result[0] == '\0')
            snprintf(text, size, "was not made, and seemed to succeed (%s)", d->verdict);
        else
            snprintf(text, size, "was denied: %s", d->result);
    }
}

static bool alike(const struct denial *a, const struct denial *b) {
    return strcmp(a->call.name, b->call.name) == 0 && a->made.arch == b->made.arch && a->kind == b->kind &&
           strcmp(a->verdict, b->verdict) == 0 && strcmp(a->result, b->result) == 0 &&
           (a->doubt == NULL) == (b->doubt == NULL) && a->cause.number == b->cause.number &&
           a->cause.of == b->cause.of && strcmp(a->cause.rule, b->cause.rule) == 0 &&
           strcmp(a->cause.source, b->cause.source) == 0 && strcmp(a->cause.words, b->cause.words) == 0 &&
           strcmp(a->cause.loader, b->cause.loader) == 0;
}

// The lower the more it matters.
static int rank(const struct summed *s) {
    if (s->first->cause.expected != NULL) return 3;
    if (s->fatal) return 0;
    return s->first->kind >= VERDICT_TRAP ? 1 : 2;
}

static int compare(const void *a, const void *b) {
    const struct summed *x = a, *y = b;
    if (rank(x) != rank(y)) return rank(x) - rank(y);
    return x->last > y->last ? -1 : x->last < y->last; // what came last is nearest to the failure
}

struct summed *denials_sum(const struct denials *all, size_t *count) {
    struct summed *list = calloc(all->distinct > 0 ? all->distinct : 1, sizeof *list);
    *count = 0;
    if (list == NULL) return NULL;
    for (const struct denial *d = all->first; d != NULL; d = d->next) {
        size_t i = 0;
        while (i < *count && !alike(list[i].first, d))
            i++;
        if (i == *count) list[(*count)++].first = d;
        list[i].count += d->count + d->unseen;
        list[i].places++;
        list[i].varied |= d->varied;
        for (unsigned a = 0; a < 6; a++)
            if (d->made.arguments[a] != list[i].first->made.arguments[a]) list[i].varied |= 1u << a;
        list[i].fatal |= d->fatal;
        if (list[i].last < d->last) list[i].last = d->last;
    }
    struct summed *last = NULL;
    for (size_t i = 0; i < *count; i++)
        if (list[i].first->cause.expected == NULL && (last == NULL || last->last < list[i].last)) last = &list[i];
    if (last != NULL) last->is_last = true;
    qsort(list, *count, sizeof *list, compare);
    return list;
}
