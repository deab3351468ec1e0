// SPDX-License-Identifier: MIT
#include "process_table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "output.h"
#include "tool.h"

enum {
    COLUMNS = 8,
    USER = 1,
    WHERE = 6,
    COMMAND = 7,
    TERMINAL_USER = 12, // on a terminal, how much of these is shown
    TERMINAL_WHERE = 24,
    SHORT_ID = 12, // of a container's id of 64 digits, as container tools show it
    LONG_ID = 64,
    INDENT = 2,
};

static const char *const titles[COLUMNS] = {"PID",          "USER",    "MODE",  "FILTERS",
                                            "NO_NEW_PRIVS", "THREADS", "WHERE", "COMMAND"};

struct row {
    const struct process *process;
    int depth;
};

struct table {
    const struct processes *all;
    struct row *rows;
    size_t count;
    int width; // of the terminal; 0: none
    int widths[COLUMNS];
};

// ---- Which rows -----------------------------------------------------------------------------------------------------

static int compare_pid(const void *key, const void *process) {
    long wanted = *(const long *)key, pid = ((const struct process *)process)->pid;
    return (wanted > pid) - (wanted < pid);
}

static const struct process *find(const struct processes *all, long pid) {
    return pid <= 0 ? NULL : bsearch(&pid, all->list, all->count, sizeof *all->list, compare_pid);
}

// For each process its nearest ancestor that is printed, or itself where there is none.
struct forest {
    size_t *above;
    size_t *first, *next; // the first child of each process, and the next of the same parent; the count: none
    size_t root;          // the first without a parent
};

static size_t ancestor(const struct processes *all, const bool *shown, size_t of) {
    const struct process *p = &all->list[of];
    for (size_t steps = 0; steps < all->count; steps++) {
        p = find(all, p->parent);
        if (p == NULL) return of;
        size_t index = (size_t)(p - all->list);
        if (shown[index]) return index;
    }
    return of;
}

// Processes are looked at one after another. Where a number was used again meanwhile, they may seem to descend from
// each other in a circle, which has no root; it is cut.
static void cut_circle(const struct forest *f, size_t count, size_t of) {
    size_t at = of;
    for (size_t steps = 0; steps < count && f->above[at] != at; steps++) {
        at = f->above[at];
        if (at == of) {
            f->above[of] = of;
            return;
        }
    }
}

// Backwards, so that the children of one parent are in the order of their numbers.
static void grow(const struct processes *all, const bool *shown, struct forest *f) {
    f->root = all->count;
    for (size_t i = 0; i < all->count; i++) {
        f->first[i] = f->next[i] = all->count;
        f->above[i] = shown[i] ? ancestor(all, shown, i) : i;
    }
    for (size_t i = 0; i < all->count; i++)
        cut_circle(f, all->count, i);
    for (size_t i = all->count; i-- > 0;) {
        if (!shown[i]) continue;
        size_t *list = f->above[i] != i ? &f->first[f->above[i]] : &f->root;
        f->next[i] = *list;
        *list = i;
    }
}

static void add_row(struct table *t, size_t index, int depth) {
    t->rows[t->count++] = (struct row){&t->all->list[index], depth};
}

// Depth first, without recursion: the depth of a tree is for others to choose.
static bool add_trees(struct table *t, const struct forest *f) {
    size_t none = t->all->count;
    size_t *path = malloc((none + 1) * sizeof *path);
    if (path == NULL) return false;
    size_t depth = 0;
    path[0] = f->root;
    for (;;) {
        size_t at = path[depth];
        if (at == none) {
            if (depth == 0) break;
            depth--;
            path[depth] = f->next[path[depth]];
            continue;
        }
        add_row(t, at, (int)depth);
        path[++depth] = f->first[at];
    }
    free(path);
    return true;
}

static bool make_tree(struct table *t, const bool *shown) {
    size_t count = t->all->count;
    size_t *places = calloc(count + 1, 3 * sizeof *places);
    if (places == NULL) return false;
    struct forest f = {.above = places, .first = places + count, .next = places + 2 * count};
    grow(t->all, shown, &f);
    bool made = add_trees(t, &f);
    free(places);
    return made;
}

static bool choose(struct table *t, bool each, bool tree) {
    bool *shown = calloc(t->all->count + 1, sizeof *shown);
    t->rows = calloc(t->all->count + 1, sizeof *t->rows);
    bool made = shown != NULL && t->rows != NULL;
    for (size_t i = 0; made && i < t->all->count; i++) {
        shown[i] = each || process_uses_seccomp(&t->all->list[i]);
        if (shown[i] && !tree) add_row(t, i, 0);
    }
    if (made && tree) made = make_tree(t, shown);
    free(shown);
    return made;
}

// ---- Cells ----------------------------------------------------------------------------------------------------------

struct cells {
    char text[COMMAND][256]; // all but the command
};

static void put(struct cells *c, int column, const char *text) {
    snprintf(c->text[column], sizeof c->text[column], "%s", text != NULL && text[0] != '\0' ? text : "-");
    make_printable(c->text[column]);
}

// Cuts a cell on a terminal.
static void limit(const struct table *t, char *text, size_t width) {
    if (t->width > 0 && strlen(text) > width) memcpy(text + width - 3, "...", sizeof "...");
}

static void put_place(const struct table *t, const struct process *p, struct cells *c) {
    put(c, WHERE, p->container != NULL ? p->container : p->unit);
    if (t->width > 0 && p->container != NULL && strlen(p->container) == LONG_ID) c->text[WHERE][SHORT_ID] = '\0';
    limit(t, c->text[WHERE], TERMINAL_WHERE);
}

static void fill(const struct table *t, const struct process *p, struct cells *c) {
    char number[64];
    size_t differing = 0;
    const char *rest = p->differing;
    for (struct difference d; process_difference(&rest, &d);)
        differing++;
    snprintf(number, sizeof number, "%ld", p->pid);
    put(c, 0, number);
    put(c, USER, process_user(p));
    limit(t, c->text[USER], TERMINAL_USER);
    put(c, 2, p->mode);
    put(c, 3, p->filters);
    put(c, 4, p->no_new_privs);
    snprintf(number, sizeof number, "%s, %zu differ", p->threads != NULL ? p->threads : "-", differing);
    put(c, 5, differing > 0 ? number : p->threads);
    put_place(t, p, c);
}

static void fill_thread(const struct process *p, const struct difference *d, struct cells *c) {
    char number[32];
    snprintf(number, sizeof number, "%ld", d->thread);
    put(c, 0, number);
    put(c, USER, "");
    put(c, 2, d->mode[0] != '\0' ? d->mode : p->mode);
    put(c, 3, d->filters[0] != '\0' ? d->filters : p->filters);
    put(c, 4, d->no_new_privs[0] != '\0' ? d->no_new_privs : p->no_new_privs);
    put(c, 5, "");
    put(c, WHERE, "");
}

static void measure(struct table *t, const struct cells *c) {
    for (int i = 0; i < COMMAND; i++) {
        int length = (int)strlen(c->text[i]);
        if (length > t->widths[i]) t->widths[i] = length;
    }
}

// ---- Printing -------------------------------------------------------------------------------------------------------

static void print_cut(const struct table *t, const char *line) {
    int length = (int)strlen(line);
    if (t->width == 0 || length <= t->width)
        printf("%s\n", line);
    else if (t->width > 3)
        printf("%.*s...\n", t->width - 3, line);
    else
        printf("%.*s\n", t->width, line);
}

static bool print_cells(const struct table *t, const struct cells *c, int depth, const char *command) {
    char cells[COMMAND * 260], *line;
    int at = 0;
    for (int i = 0; i < COMMAND; i++)
        at += snprintf(cells + at, sizeof cells - (size_t)at, i == 0 || i == 3 ? "%*s  " : "%-*s  ", t->widths[i],
                       c->text[i]);
    if (asprintf(&line, "%s%*s%s", cells, depth * INDENT, "", command) < 0) return false;
    print_cut(t, line);
    free(line);
    return true;
}

static bool print_row(const struct table *t, const struct row *row) {
    struct cells c;
    fill(t, row->process, &c);
    char *command = process_command(row->process, true);
    if (command == NULL) return false;
    bool printed = print_cells(t, &c, row->depth, command);
    free(command);
    char of[64];
    snprintf(of, sizeof of, "thread of %ld", row->process->pid);
    const char *rest = row->process->differing;
    for (struct difference d; printed && process_difference(&rest, &d);) {
        fill_thread(row->process, &d, &c);
        printed = print_cells(t, &c, row->depth + 1, of);
    }
    return printed;
}

static bool print_rows(struct table *t) {
    struct cells c;
    for (int i = 0; i < COMMAND; i++)
        put(&c, i, titles[i]);
    struct cells head = c;
    measure(t, &c);
    for (size_t i = 0; i < t->count; i++) {
        fill(t, t->rows[i].process, &c);
        measure(t, &c);
        const char *rest = t->rows[i].process->differing;
        for (struct difference d; process_difference(&rest, &d);) {
            fill_thread(t->rows[i].process, &d, &c);
            measure(t, &c);
        }
    }
    if (!print_cells(t, &head, 0, titles[COMMAND])) return false;
    for (size_t i = 0; i < t->count; i++)
        if (!print_row(t, &t->rows[i])) return false;
    return true;
}

static int terminal_width(void) {
    struct winsize size;
    if (!isatty(STDOUT_FILENO)) return 0;
    return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

int process_table(const struct processes *all, bool each, bool tree) {
    struct table t = {.all = all, .width = terminal_width()};
    bool made = choose(&t, each, tree) && print_rows(&t);
    free(t.rows);
    if (made) return EXIT_OK;
    say("out of memory");
    return EXIT_FAILED;
}
