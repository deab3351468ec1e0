// SPDX-License-Identifier: MIT
// What a report shows, as the JSON that its page reads.
#ifndef ABJURE_REPORT_DATA_H
#define ABJURE_REPORT_DATA_H

#include "log.h"
#include "violations.h"

enum {
    REPORT_VIOLATIONS = 1000, // more are folded
    REPORT_DAMAGED = 50,      // damaged lines that are shown
    REPORT_FILES = 50
};

struct damaged_line {
    const char *file, *why; // neither is a copy
    uint64_t number;
    char text[200]; // its beginning
    size_t length;
    bool is_cut;
};

struct report {
    struct log log; // first, so that its functions find the rest
    struct violations violations;
    struct damaged_line damaged[REPORT_DAMAGED];
    const char *files[REPORT_FILES];
    size_t file_count; // may be more than there is room for
    bool is_selected;  // options narrow it
};

// Writes the document to standard output so that it can stand in HTML: without "<", ">" and "&". False: out of memory.
bool report_data(const struct report *r);

#endif
