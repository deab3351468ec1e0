// SPDX-License-Identifier: MIT
#include "log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "arguments.h"
#include "lines.h"
#include "output.h"

static void flush(void) {
    fflush(stdout);
}

void log_out_of_memory(struct log *l) {
    if (l->status != EXIT_FAILED) say("out of memory: some records are not counted");
    l->status = EXIT_FAILED;
}

static void take_damaged(struct log *l, const char *why, const struct log_line *line) {
    l->left.damaged++;
    l->take_damaged(l, why, line);
}

static void take_line(struct log *l, const struct log_line *line) {
    enum record_kind kind = record_parse(line->bytes, line->length, &l->event.record);
    if (kind == RECORD_DAMAGED) {
        take_damaged(l, l->event.record.why, line);
        return;
    }
    if (kind != RECORD_SECCOMP && kind != RECORD_ABEND) {
        l->left.others++;
        return;
    }
    event_start(&l->event, kind);
    if (deaths_repeat(&l->deaths, &l->event) && !l->keep_repeated)
        l->left.repeated++;
    else if (selection_has(&l->selection, &l->event))
        l->take(l, &l->event, line);
}

static void read_descriptor(struct log *l, int fd, const char *name) {
    struct lines lines;
    struct log_line line = {.file = name};
    if (!lines_start(&lines, fd)) {
        log_out_of_memory(l);
        return;
    }
    while (!ferror(stdout) && lines_next(&lines, flush, &line.bytes, &line.length)) {
        line.number++;
        if (lines.too_long)
            take_damaged(l, "longer than 1 MiB: this is no record", &line);
        else
            take_line(l, &line);
    }
    if (lines.error != 0) {
        say("%s: cannot be read: %s", name, strerror(lines.error));
        l->status = EXIT_FAILED;
    }
    lines_end(&lines);
}

static void read_path(struct log *l, const char *path) {
    if (strcmp(path, "-") == 0) {
        read_descriptor(l, STDIN_FILENO, "standard input");
        return;
    }
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        say("%s: cannot be read: %s", path, strerror(errno));
        if (l->status == EXIT_OK) l->status = EXIT_USAGE;
        return;
    }
    read_descriptor(l, fd, path);
    close(fd);
}

void log_read(struct log *l, struct arguments words, const char *verb) {
    enum argument kind;
    int files = 0;
    while ((kind = arguments_next(&words)) != ARGUMENT_END) {
        if (kind != ARGUMENT_WORD) continue;
        files++;
        read_path(l, words.value);
    }
    if (files > 0) return;
    if (isatty(STDIN_FILENO)) say("reading records from the terminal; or: dmesg | abjure %s", verb);
    read_path(l, "-");
}
