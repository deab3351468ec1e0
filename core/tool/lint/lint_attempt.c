// SPDX-License-Identifier: MIT
// Calls that are tried on the subject.
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "call.h"
#include "explanation.h"
#include "lint.h"

bool next_text(const char **list, char *buffer, size_t size) {
    const char *text = *list;
    if (text == NULL || text[0] == '\0') return false;
    size_t length = strcspn(text, ";");
    snprintf(buffer, size, "%.*s", (int)length, text);
    text += length;
    *list = text + strspn(text, "; ");
    return true;
}

// What the kernel makes of the registers.
static void add_meaning(struct attempt *a) {
    abjure_filter *own = abjure_filter_new();
    struct explanation e;
    if (own != NULL && explain(own, a->abi, a->name, a->arguments, &e) == 0) {
        snprintf(a->meaning, sizeof a->meaning, "%s", e.call);
        a->number = (uint32_t)strtoul(e.number, NULL, 10);
        explanation_free(&e);
    }
    abjure_filter_free(own);
}

bool attempt_text(struct lint *l, const char *abi, const char *text, struct attempt *out) {
    static const uint64_t none[ARGUMENTS];
    *out = (struct attempt){.abi = abi};
    snprintf(out->text, sizeof out->text, "%s", text);
    snprintf(out->name, sizeof out->name, "%.*s", (int)strcspn(text, "("), text);
    out->verdict = subject_verdict(&l->subject, abi, out->name, none);
    if (out->verdict.absent) return false;
    struct call call;
    if (call_read(text, abi, &call) < 0) return false;
    for (unsigned i = 0; i < ARGUMENTS; i++) {
        // AT_FDCWD and -1 are of 32 bits in every call of the table, and compilers leave the high word 0.
        bool negative = call.arguments[i] >> 31 == UINT64_MAX >> 31;
        out->arguments[i] = negative ? call.arguments[i] & UINT32_MAX : call.arguments[i];
    }
    out->verdict = subject_verdict(&l->subject, abi, out->name, out->arguments);
    add_meaning(out);
    return true;
}

bool attempt_arguments(struct lint *l, const char *abi, const char *name, const uint64_t arguments[ARGUMENTS],
                       struct attempt *out) {
    *out = (struct attempt){.abi = abi};
    snprintf(out->name, sizeof out->name, "%s", name);
    memcpy(out->arguments, arguments, sizeof out->arguments);
    out->verdict = subject_verdict(&l->subject, abi, name, arguments);
    if (out->verdict.absent) return false;
    unsigned shown = 0;
    for (unsigned i = 0; i < ARGUMENTS; i++)
        if (arguments[i] != 0) shown = i + 1;
    size_t at = (size_t)snprintf(out->text, sizeof out->text, "%s", name);
    for (unsigned i = 0; i < shown; i++)
        at +=
            (size_t)snprintf(out->text + at, sizeof out->text - at,
                             arguments[i] > 0xffff ? "%s0x%" PRIx64 : "%s%" PRIu64, i == 0 ? "(" : ", ", arguments[i]);
    if (shown > 0) snprintf(out->text + at, sizeof out->text - at, ")");
    add_meaning(out);
    return true;
}

// Adds the rule or the reason behind the verdict, where the subject is a policy.
static void attempt_reason(struct lint *l, struct attempt *a) {
    struct explanation e;
    if (l->subject.filter == NULL || a->by[0] != '\0') return;
    if (explain(l->subject.filter, a->abi, a->name, a->arguments, &e) < 0) {
        abjure_filter_clear(l->subject.filter);
        return;
    }
    explanation_reason(&e, a->by, sizeof a->by);
    explanation_free(&e);
}

const struct known_call *find_known(const struct subject_abi *abi, const char *name) {
    for (size_t i = 0; i < abi->call_count; i++)
        if (strcmp(abi->calls[i].name, name) == 0) return &abi->calls[i];
    return NULL;
}

bool denied_on_purpose(const struct subject_abi *abi, const struct attempt *a) {
    if (a->verdict.passes) return false;
    if (abi->default_passes) return true;
    const struct known_call *call = find_known(abi, a->name);
    return call != NULL && call->passes;
}

static bool same_calls(const struct finding *f, const struct flaw *flaw, const struct attempt *denied,
                       const struct attempt *call) {
    return f->flaw == flaw && strcmp(f->call.text, call->text) == 0 &&
           (denied == NULL || strcmp(f->denied.text, denied->text) == 0);
}

bool add_bypass(struct lint *l, const struct flaw *flaw, const struct attempt *denied, const struct attempt *call,
                const char *also) {
    for (size_t i = 0; i < l->findings.count; i++) {
        struct finding *f = &l->findings.list[i];
        if (!same_calls(f, flaw, denied, call)) continue;
        size_t at = strlen(f->abis);
        snprintf(f->abis + at, sizeof f->abis - at, ", %s", call->abi);
        return true;
    }
    struct finding *f = findings_add(&l->findings, flaw);
    if (f == NULL) return false;
    f->has_call = true;
    f->call = *call;
    attempt_reason(l, &f->call);
    if (denied != NULL) {
        f->has_denied = true;
        f->denied = *denied;
        attempt_reason(l, &f->denied);
    }
    snprintf(f->abis, sizeof f->abis, "%s", call->abi);
    if (also != NULL) snprintf(f->also, sizeof f->also, "%s", also);
    return true;
}
