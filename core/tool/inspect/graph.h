// SPDX-License-Identifier: MIT
// The control flow of programs as a graph for Graphviz.
#ifndef ABJURE_GRAPH_H
#define ABJURE_GRAPH_H

// Prints the graph of what abjure_program_disassemble gave, which it changes. 0, or -1: out of memory.
int graph_print(char *disassembly);

#endif
