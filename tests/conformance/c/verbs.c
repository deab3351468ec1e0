// SPDX-License-Identifier: MIT
#include "verbs.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    BYTES_SIZE = 4096 * 8
};

struct call {
    struct state *state;
    const struct step *step;
    struct outcome *out;
};

typedef int64_t verb(struct call *c);

static const char *word(const struct call *c, int i) {
    return case_word(c->step, i);
}

// The text of the outcome, for functions that fill a buffer.
#define BUFFER c->out->text, OUTCOME_SIZE

static int64_t number(struct call *c, int64_t result) {
    if (result >= 0) snprintf(BUFFER, "%lld", (long long)result);
    return result;
}

// Functions that return a handle leave the positive errno behind.
static int64_t handle(struct call *c, abjure_program *made) {
    if (made == NULL) return -errno;
    abjure_program_free(c->state->program);
    c->state->program = made;
    return 0;
}

// The arguments of a call, from word `first` on; a text is a value of the ABI.
static int64_t arguments(struct call *c, int first, uint64_t args[6]) {
    for (int i = 0; i < 6; i++) {
        const char *text = word(c, first + i);
        args[i] = strtoull(text, NULL, 0);
        if (text[0] < 'A') continue;
        int r = abjure_value(word(c, 1), text, &args[i], BUFFER);
        if (r < 0) return r;
    }
    return 0;
}

static int64_t filter_new(struct call *c) {
    abjure_filter_free(c->state->filter);
    c->state->filter = abjure_filter_new();
    return c->state->filter == NULL ? -ENOMEM : 0;
}
static int64_t filter_free(struct call *c) {
    abjure_filter_free(c->state->filter);
    c->state->filter = NULL;
    return 0;
}
static int64_t filter_add(struct call *c) {
    return abjure_filter_add(c->state->filter, word(c, 1), word(c, 2));
}
static int64_t filter_default(struct call *c) {
    return abjure_filter_default(c->state->filter, word(c, 1));
}
static int64_t filter_set(struct call *c) {
    return abjure_filter_set(c->state->filter, word(c, 1), word(c, 2));
}
static int64_t filter_read(struct call *c) {
    return abjure_filter_read(c->state->filter, word(c, 1), word(c, 2));
}
static int64_t filter_error(struct call *c) {
    snprintf(BUFFER, "%d", abjure_filter_error(c->state->filter));
    return 0;
}
static int64_t filter_message(struct call *c) {
    return abjure_filter_message(c->state->filter, BUFFER);
}
static int64_t filter_clear(struct call *c) {
    abjure_filter_clear(c->state->filter);
    return 0;
}
static int64_t filter_skipped(struct call *c) {
    return abjure_filter_skipped(c->state->filter, BUFFER);
}
static int64_t filter_notes(struct call *c) {
    return abjure_filter_notes(c->state->filter, BUFFER);
}
static int64_t filter_write(struct call *c) {
    return abjure_filter_write(c->state->filter, word(c, 1), BUFFER);
}
static int64_t filter_explain(struct call *c) {
    uint64_t a[6];
    int64_t r = arguments(c, 3, a);
    if (r < 0) return r;
    return abjure_filter_explain(c->state->filter, word(c, 1), word(c, 2), a[0], a[1], a[2], a[3], a[4], a[5], BUFFER);
}
static int64_t filter_load(struct call *c) {
    return abjure_filter_load(c->state->filter, word(c, 1));
}
static int64_t filter_blocking_thread(struct call *c) {
    return number(c, abjure_filter_blocking_thread(c->state->filter));
}
static int64_t filter_exec(struct call *c) {
    return abjure_filter_exec(c->state->filter, word(c, 1), c->step->words + 2, NULL);
}
static int64_t filter_compile(struct call *c) {
    return handle(c, abjure_filter_compile(c->state->filter));
}
static int64_t program_from_bytes(struct call *c) {
    static unsigned char bytes[BYTES_SIZE * 2];
    const char *hex = word(c, 1);
    size_t size = strlen(hex) / 2;
    for (size_t i = 0; i < size; i++)
        sscanf(hex + 2 * i, "%2hhx", &bytes[i]);
    return handle(c, abjure_program_from_bytes(bytes, size, BUFFER));
}
static int64_t program_from_process(struct call *c) {
    return handle(c, abjure_program_from_process(atoi(word(c, 1)), strtoull(word(c, 2), NULL, 0), BUFFER));
}
static int64_t program_effective(struct call *c) {
    return handle(c, abjure_program_effective(atoi(word(c, 1)), BUFFER));
}
static int64_t program_free(struct call *c) {
    abjure_program_free(c->state->program);
    c->state->program = NULL;
    return 0;
}
static int64_t program_bytes(struct call *c) {
    static unsigned char bytes[BYTES_SIZE];
    int64_t size = abjure_program_bytes(c->state->program, bytes, sizeof bytes);
    for (int64_t i = 0; i < size; i++)
        sprintf(c->out->text + 2 * i, "%02x", bytes[i]);
    return size;
}
static int64_t program_load(struct call *c) {
    return abjure_program_load(c->state->program, word(c, 1));
}
static int64_t program_exec(struct call *c) {
    return abjure_program_exec(c->state->program, word(c, 1), c->step->words + 2, NULL);
}
static int64_t program_eval(struct call *c) {
    uint64_t a[6];
    int64_t r = arguments(c, 3, a);
    if (r < 0) return r;
    return abjure_program_eval(c->state->program, word(c, 1), word(c, 2), a[0], a[1], a[2], a[3], a[4], a[5], BUFFER);
}
static int64_t program_disassemble(struct call *c) {
    return abjure_program_disassemble(c->state->program, BUFFER);
}
static int64_t program_outline(struct call *c) {
    return abjure_program_outline(c->state->program, word(c, 1), BUFFER);
}
static int64_t supported(struct call *c) {
    return abjure_supported(BUFFER);
}
static int64_t status(struct call *c) {
    return abjure_status(atoi(word(c, 1)), BUFFER);
}
static int64_t groups(struct call *c) {
    return abjure_groups(BUFFER);
}
static int64_t group(struct call *c) {
    return abjure_group(word(c, 1), word(c, 2), BUFFER);
}
static int64_t value(struct call *c) {
    uint64_t found = 0;
    int r = abjure_value(word(c, 1), word(c, 2), &found, BUFFER);
    if (r == 0) snprintf(BUFFER, "%llu", (unsigned long long)found);
    return r;
}
static int64_t argument(struct call *c) {
    return number(c, abjure_argument(word(c, 1), word(c, 2), word(c, 3), BUFFER));
}
static int64_t deny(struct call *c) {
    return abjure_deny(word(c, 1), atoi(word(c, 2)), BUFFER);
}
static int64_t explain(struct call *c) {
    return abjure_explain(word(c, 1), BUFFER);
}
static int64_t version(struct call *c) {
    return snprintf(BUFFER, "%s", abjure_version());
}
static int64_t tables_version(struct call *c) {
    return snprintf(BUFFER, "%s", abjure_tables_version());
}

#define VERB(name)                                                                                                     \
    { #name, name }
static const struct {
    const char *name;
    verb *run;
} verbs[] = {
    VERB(argument),
    VERB(deny),
    VERB(filter_add),
    VERB(filter_blocking_thread),
    VERB(filter_clear),
    VERB(filter_compile),
    VERB(filter_default),
    VERB(filter_error),
    VERB(filter_exec),
    VERB(filter_explain),
    VERB(filter_free),
    VERB(filter_load),
    VERB(filter_message),
    VERB(filter_new),
    VERB(filter_notes),
    VERB(filter_read),
    VERB(filter_set),
    VERB(filter_skipped),
    VERB(filter_write),
    VERB(group),
    VERB(groups),
    VERB(program_bytes),
    VERB(program_disassemble),
    VERB(program_effective),
    VERB(program_eval),
    VERB(program_exec),
    VERB(program_free),
    VERB(program_from_bytes),
    VERB(program_from_process),
    VERB(program_load),
    VERB(program_outline),
    VERB(status),
    VERB(supported),
    VERB(tables_version),
    VERB(value),
    VERB(version),
    VERB(explain),
};

int verbs_run(struct state *state, const struct step *step, struct outcome *out) {
    out->text[0] = '\0';
    out->error = 0;
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++) {
        if (strcmp(verbs[i].name, step->words[0]) != 0) continue;
        struct call c = {.state = state, .step = step, .out = out};
        int64_t result = verbs[i].run(&c);
        out->error = result < 0 ? (int)-result : 0;
        // Functions of a filter keep their message; the others wrote it where their text would be.
        if (result < 0 && strncmp(step->words[0], "filter_", 7) == 0 && out->text[0] == '\0')
            abjure_filter_message(state->filter, out->text, sizeof out->text);
        return true;
    }
    return false;
}

void verbs_end(struct state *state) {
    abjure_filter_free(state->filter);
    abjure_program_free(state->program);
    *state = (struct state){0};
}
