// SPDX-License-Identifier: MIT
#include "graph.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "output.h"

// One line "NNNN: WORDS", "NNNN: WORDS, YES, NO" or "NNNN: ja TO", with "  ; " and a remark behind it.
struct step {
    const char *text;
    long to[2];  // where it jumps; -1: nowhere
    bool ends;   // a return
    bool starts; // a block: something jumps here, or the step before jumps
    bool reached;
};

struct graph {
    struct step *steps;
    long count, room;
    int program;
};

// ---- Reading -------------------------------------------------------------------------------------------------------

// The number behind the last comma before `end`, and the end before that comma; -1: there is none.
static long last_number(const char *text, const char **end) {
    const char *comma = *end;
    while (comma > text && *comma != ',')
        comma--;
    if (*comma != ',') return -1;
    *end = comma;
    return strtol(comma + 1, NULL, 10);
}

static void read_targets(struct step *s) {
    const char *words = strchr(s->text, ' ');
    const char *end = strstr(s->text, "  ; ");
    if (words == NULL) return;
    words++;
    if (end == NULL) end = s->text + strlen(s->text);
    s->ends = strncmp(words, "ret ", 4) == 0;
    if (strncmp(words, "ja ", 3) == 0) {
        s->to[0] = strtol(words + 3, NULL, 10);
    } else if (words[0] == 'j') {
        end--;
        s->to[1] = last_number(words, &end);
        end--;
        s->to[0] = last_number(words, &end);
    }
}

static int add_step(struct graph *g, const char *line) {
    if (g->count == g->room) {
        const long room = g->room == 0 ? 256 : 2 * g->room;
        struct step *larger = realloc(g->steps, (size_t)room * sizeof *larger);
        if (larger == NULL) return -1;
        g->steps = larger;
        g->room = room;
    }
    struct step *s = &g->steps[g->count++];
    *s = (struct step){.text = line, .to = {-1, -1}, .reached = strstr(line, "(never reached)") == NULL};
    read_targets(s);
    return 0;
}

static void find_blocks(struct graph *g) {
    for (long i = 0; i < g->count; i++) {
        const struct step *s = &g->steps[i];
        if (i == 0) g->steps[i].starts = true;
        for (int way = 0; way < 2; way++)
            if (s->to[way] >= 0 && s->to[way] < g->count) g->steps[s->to[way]].starts = true;
        if ((s->to[0] >= 0 || s->ends) && i + 1 < g->count) g->steps[i + 1].starts = true;
    }
}

// ---- Writing -------------------------------------------------------------------------------------------------------

static void print_escaped(const char *text) {
    for (; *text != '\0'; text++) {
        if (*text == '"' || *text == '\\') putchar('\\');
        putchar(*text);
    }
}

// What a return does, as a colour that is read in light and dark alike.
static const char *colour(const char *text) {
    if (strstr(text, "ret allow") != NULL || strstr(text, "ret log") != NULL) return "#4caf50";
    if (strstr(text, "ret kill") != NULL) return "#e53935";
    return "#fb8c00";
}

static bool is_return(const struct graph *g, long at) {
    return at < g->count && g->steps[at].ends && (at == 0 || g->steps[at].starts);
}

// A return is drawn once for each way to it: hundreds of lines that end in one place hide everything, and Graphviz
// takes minutes for them.
static void print_edge(const struct graph *g, long from, long to, const char *label) {
    if (is_return(g, to)) {
        printf("    p%d_%ld_%ld [label=\"", g->program, from, to);
        print_escaped(g->steps[to].text);
        printf("\", color=\"%s\", penwidth=2];\n    p%d_%ld -> p%d_%ld_%ld", colour(g->steps[to].text), g->program,
               from, g->program, from, to);
    } else {
        printf("    p%d_%ld -> p%d_%ld", g->program, from, g->program, to);
    }
    if (label != NULL) printf(" [label=\"%s\"]", label);
    printf(";\n");
}

static void print_block(const struct graph *g, long first) {
    long last = first;
    while (last + 1 < g->count && !g->steps[last + 1].starts)
        last++;
    printf("    p%d_%ld [label=\"", g->program, first);
    for (long i = first; i <= last; i++) {
        print_escaped(g->steps[i].text);
        printf("\\l");
    }
    printf("\"");
    const struct step *end = &g->steps[last];
    if (end->ends) printf(", color=\"%s\", penwidth=2", colour(end->text));
    printf("];\n");
    if (end->to[1] >= 0) {
        print_edge(g, first, end->to[0], "yes");
        if (end->to[1] != end->to[0]) print_edge(g, first, end->to[1], "no");
    } else if (end->to[0] >= 0) {
        print_edge(g, first, end->to[0], NULL);
    } else if (!end->ends && last + 1 < g->count) {
        print_edge(g, first, last + 1, NULL);
    }
}

static void print_program(struct graph *g) {
    find_blocks(g);
    printf("  subgraph cluster_%d {\n    label=\"program %d\";\n", g->program, g->program);
    for (long i = 0; i < g->count; i++)
        if (g->steps[i].starts && g->steps[i].reached && (i == 0 || !is_return(g, i))) print_block(g, i);
    printf("  }\n");
    g->count = 0;
    g->program++;
}

int graph_print(char *disassembly) {
    struct graph g = {0};
    int r = 0;
    char *rest = disassembly;
    printf("digraph filter {\n  node [shape=box, fontname=\"monospace\"];\n  edge [fontname=\"monospace\"];\n");
    for (char *line = next_line(&rest); line != NULL && r == 0; line = next_line(&rest)) {
        if (strncmp(line, "program ", 8) != 0)
            r = add_step(&g, line);
        else if (g.count > 0)
            print_program(&g);
    }
    if (r == 0 && g.count > 0) print_program(&g);
    printf("}\n");
    free(g.steps);
    return r;
}
