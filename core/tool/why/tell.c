// SPDX-License-Identifier: MIT
#include "tell.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "arch.h"
#include "explanation.h"
#include "frames.h"
#include "remedy.h"

enum {
    TEXT = 1024,
};

// ---- One ------------------------------------------------------------------------------------------------------------

static void tell_frame(FILE *out, const struct frame *f) {
    if (f->module[0] == '\0')
        fprintf(out, "    at 0x%" PRIx64 ", in no file", f->address);
    else if (f->function[0] == '\0')
        fprintf(out, "    at 0x%" PRIx64 " in %s", f->place, f->module);
    else
        fprintf(out, "    at %s+0x%" PRIx64 " in %s", f->function, f->offset, f->module);
    if (f->file[0] != '\0') fprintf(out, ", %s:%d", f->file, f->line);
    if (f->guessed) fprintf(out, " (by the frame pointer, not certain)");
    fputc('\n', out);
}

static void tell_cause(FILE *out, const struct cause *c) {
    char text[TEXT];
    cause_text(c, text, sizeof text);
    fprintf(out, "    by %s\n", text);
    if (c->purpose[0] != '\0') fprintf(out, "       @%s is for: %s\n", c->group, c->purpose);
    if (c->expected != NULL) fprintf(out, "       expected: %s\n", c->expected);
}

// The ABI of this program, which goes without saying.
static const char *native(void) {
    static char name[16];
    static const uint64_t none[6];
    struct explanation e;
    abjure_filter *filter = name[0] == '\0' ? abjure_filter_new() : NULL;
    if (filter != NULL && explain(filter, NULL, "read", none, &e) == 0) {
        snprintf(name, sizeof name, "%s", e.abi);
        explanation_free(&e);
    }
    abjure_filter_free(filter);
    return name;
}

void tell_denial(FILE *out, const struct denial *d) {
    char call[TEXT * 2], effect[256];
    const char *abi = arch_abi(d->made.arch, d->made.number);
    call_text(&d->call, call, sizeof call);
    denial_effect(d, effect, sizeof effect);
    fprintf(out, "abjure: %s[%d]", d->name, (int)d->process);
    if (d->thread != d->process) fprintf(out, " in thread %d", (int)d->thread);
    fprintf(out, ": %s", call);
    if (abi == NULL)
        fprintf(out, " on the architecture 0x%x", d->made.arch);
    else if (strcmp(abi, native()) != 0)
        fprintf(out, " on %s", abi);
    fprintf(out, " %s\n", effect);
    tell_cause(out, &d->cause);
    if (d->doubt != NULL) fprintf(out, "    not certain: %s\n", d->doubt);
    for (int i = 0; i < d->frames.count; i++)
        tell_frame(out, &d->frames.list[i]);
    if (d->frames.missing != NULL) fprintf(out, "    (%s)\n", d->frames.missing);
}

// ---- All ------------------------------------------------------------------------------------------------------------

static void tell_end(FILE *out, const struct outcome *o) {
    fprintf(out, "abjure: ");
    if (o->status == -1)
        fprintf(out, "%s[%d] was lost: its end was not seen\n", o->program, (int)o->pid);
    else if (WIFEXITED(o->status))
        fprintf(out, "%s[%d] ended with status %d\n", o->program, (int)o->pid, WEXITSTATUS(o->status));
    else
        fprintf(out, "%s[%d] was killed by signal %d (SIG%s)\n", o->program, (int)o->pid, WTERMSIG(o->status),
                sigabbrev_np(WTERMSIG(o->status)) != NULL ? sigabbrev_np(WTERMSIG(o->status)) : "?");
    if (o->left > 0)
        fprintf(out,
                "abjure: %u process%s that it started go%s on, and %s not watched any more; --follow waits for them\n",
                o->left, o->left == 1 ? "" : "es", o->left == 1 ? "es" : "", o->left == 1 ? "is" : "are");
}

static void tell_remedy(FILE *out, const struct denials *all, const struct summed *s) {
    const struct denial *d = s->first;
    char text[TEXT];
    remedy_find(all->rules, d, s->varied, text, sizeof text);
    if (text[0] != '\0')
        fprintf(out, "        %s\n", text);
    else if (!d->cause.own && d->cause.loader_pid > 0 && d->cause.expected == NULL)
        fprintf(out, "        to let it pass, the filter that %s loads has to allow %s\n", d->cause.loader,
                d->call.name);
}

static void tell_sum(FILE *out, const struct denials *all, const struct summed *s, bool is_only) {
    char cause[TEXT], effect[256];
    cause_text(&s->first->cause, cause, sizeof cause);
    denial_effect(s->first, effect, sizeof effect);
    fprintf(out, "    %s %s, %" PRIu64 " time%s", s->first->call.name, effect, s->count, s->count == 1 ? "" : "s");
    if (s->places > 1) fprintf(out, " from %u places", s->places);
    if (s->fatal && s->first->kind == VERDICT_TRAP) fprintf(out, ", and ended the process");
    if (s->is_last && !is_only) fprintf(out, ", the last of all");
    fprintf(out, "\n        by %s\n", cause);
    if (s->first->cause.expected != NULL) fprintf(out, "        %s\n", s->first->cause.expected);
    tell_remedy(out, all, s);
}

static void tell_unseen(FILE *out, const struct denials *all) {
    uint64_t unseen = 0;
    for (const struct denial *d = all->first; d != NULL; d = d->next)
        unseen += d->unseen;
    if (unseen > 0)
        fprintf(out,
                "abjure: of %" PRIu64 " denials the stack was not looked at, since many from the same instruction had "
                "brought nothing new; --all looks at each\n",
                unseen);
    if (all->dropped > 0)
        fprintf(out, "abjure: %" PRIu64 " more were different from these and are not shown: there were too many\n",
                all->dropped);
}

static void tell_all_remedies(FILE *out, const struct denials *all, const struct summed *list, size_t count) {
    char text[TEXT * 4] = "";
    remedy_all(all->rules, list, count, text, sizeof text);
    if (text[0] != '\0') fprintf(out, "abjure: to let all of these pass: --allow '%s'\n", text);
}

void tell_outcome(FILE *out, const struct denials *all, const struct outcome *o) {
    size_t count = 0;
    tell_end(out, o);
    if (o->unknown_why != NULL)
        fprintf(out, "abjure: a filter of %s[%d] is not known, and what it denied may be missing here: %s\n",
                o->unknown_name, (int)o->unknown_process, o->unknown_why);
    struct summed *list = denials_sum(all, &count);
    if (count == 0 && all->refusals == 0)
        fprintf(out, "abjure: %s\n",
                o->unknown_why != NULL ? "no filter that is known denied a call"
                : o->filtered          ? "no filter denied a call"
                                       : "no filter was loaded, so none denied a call");
    for (size_t i = 0; i < count; i++) {
        bool expected = list[i].first->cause.expected != NULL;
        if (i == 0 && !expected) fprintf(out, "abjure: denied, what matters most first:\n");
        if (expected && (i == 0 || list[i - 1].first->cause.expected == NULL))
            fprintf(out, "abjure: denied as expected, programs do without:\n");
        tell_sum(out, all, &list[i], count == 1);
    }
    if (all->rules != NULL) tell_all_remedies(out, all, list, count);
    free(list);
    tell_unseen(out, all);
}
