// SPDX-License-Identifier: MIT
#include "tell.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "arch.h"
#include "frames.h"
#include "output.h"
#include "remedy.h"

static void put(FILE *out, json_t *document) {
    if (document != NULL) json_dumpf(document, out, JSON_COMPACT | JSON_ENSURE_ASCII);
    json_decref(document);
    fputc('\n', out);
}

// A file may have a name that is no UTF-8.
static json_t *write_text(const char *text) {
    json_t *string = json_string(text);
    if (string != NULL) return string;
    char copy[1024];
    snprintf(copy, sizeof copy, "%s", text);
    make_printable(copy);
    return json_string(copy);
}

// null where there is none.
static json_t *text_or_null(const char *text) {
    return text != NULL && text[0] != '\0' ? write_text(text) : json_null();
}

static json_t *hexadecimal(uint64_t number) {
    char text[32];
    snprintf(text, sizeof text, "0x%" PRIx64, number);
    return json_string(text);
}

static json_t *write_frames(const struct frames *frames) {
    json_t *list = json_array();
    for (int i = 0; i < frames->count; i++) {
        const struct frame *f = &frames->list[i];
        json_array_append_new(list, json_pack("{so so so so so so sb}", "function", text_or_null(f->function), "module",
                                              text_or_null(f->module), "offset",
                                              hexadecimal(f->function[0] != '\0' ? f->offset : f->place), "address",
                                              hexadecimal(f->address), "file", text_or_null(f->file), "line",
                                              f->file[0] != '\0' ? json_integer(f->line) : json_null(), "guessed",
                                              f->guessed));
    }
    return list;
}

static json_t *write_call(const struct denial *d) {
    json_t *arguments = json_array();
    for (int i = 0; i < d->call.count; i++)
        json_array_append_new(arguments, json_pack("{so so so}", "name", text_or_null(d->call.arguments[i].name),
                                                   "value", json_string(d->call.arguments[i].value), "register",
                                                   hexadecimal(d->made.arguments[i])));
    return json_pack("{ss so sI so}", "name", d->call.name, "abi", text_or_null(arch_abi(d->made.arch, d->made.number)),
                     "number", (json_int_t)d->made.number, "arguments", arguments);
}

static json_t *number_or_null(json_int_t number) {
    return number > 0 ? json_integer(number) : json_null();
}

static json_t *write_cause(const struct cause *c) {
    char text[1024];
    cause_text(c, text, sizeof text);
    return json_pack("{so sb so so so so so so so so}", "text", write_text(text), "own", c->own, "rule",
                     text_or_null(c->rule), "source", text_or_null(c->source), "group", text_or_null(c->group),
                     "filter", number_or_null(c->number), "filters", number_or_null(c->of), "instructions",
                     number_or_null(c->instructions), "loader", text_or_null(c->loader), "loader_pid",
                     number_or_null(c->loader_pid));
}

static json_t *write_denial(const char *event, const struct denial *d) {
    char effect[256];
    denial_effect(d, effect, sizeof effect);
    return json_pack("{ss ss sI sI so ss so ss so so so}", "event", event, "process", d->name, "pid",
                     (json_int_t)d->process, "thread", (json_int_t)d->thread, "call", write_call(d), "verdict",
                     d->verdict, "errno", text_or_null(d->result), "effect", effect, "cause", write_cause(&d->cause),
                     "expected", text_or_null(d->cause.expected), "doubt", text_or_null(d->doubt));
}

void tell_denial_json(FILE *out, const struct denial *d) {
    json_t *document = write_denial("denial", d);
    json_object_set_new(document, "stack", write_frames(&d->frames));
    json_object_set_new(document, "stack_missing", text_or_null(d->frames.missing));
    put(out, document);
}

static json_t *write_sum(const struct denials *all, const struct summed *s) {
    char remedy[1024];
    json_t *document = write_denial("sum", s->first);
    json_object_del(document, "event");
    json_object_del(document, "process");
    json_object_del(document, "pid");
    json_object_del(document, "thread");
    json_object_set_new(document, "count", json_integer((json_int_t)s->count));
    json_object_set_new(document, "places", json_integer(s->places));
    json_object_set_new(document, "fatal", json_boolean(s->fatal));
    json_object_set_new(document, "last", json_boolean(s->is_last));
    remedy_find(all->rules, s->first, s->varied, remedy, sizeof remedy);
    json_object_set_new(document, "remedy", text_or_null(remedy));
    return document;
}

void tell_outcome_json(FILE *out, const struct denials *all, const struct outcome *o) {
    size_t count = 0;
    struct summed *list = denials_sum(all, &count);
    json_t *sums = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(sums, write_sum(all, &list[i]));
    free(list);
    bool exited = o->status != -1 && WIFEXITED(o->status), signaled = o->status != -1 && WIFSIGNALED(o->status);
    put(out, json_pack("{ss ss sI so so sI sI sb so so}", "event", "end", "program", o->program, "pid",
                       (json_int_t)o->pid, "status", exited ? json_integer(WEXITSTATUS(o->status)) : json_null(),
                       "signal", signaled ? json_integer(WTERMSIG(o->status)) : json_null(), "left",
                       (json_int_t)o->left, "denials", (json_int_t)all->refusals, "filtered", o->filtered,
                       "unknown_filter", text_or_null(o->unknown_why), "sums", sums));
}

void tell_note_json(FILE *out, const char *text) {
    put(out, json_pack("{ss ss}", "event", "note", "text", text));
}
