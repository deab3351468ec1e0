// SPDX-License-Identifier: MIT
#include "outline_write.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <string.h>

#include "scan.h"

static const char *const formats[] = {[OUTLINE_TEXT] = "text", [OUTLINE_POLICY] = "policy", [OUTLINE_JSON] = "json"};
enum {
    FORMATS = sizeof formats / sizeof formats[0]
};

// ---- Requests ------------------------------------------------------------------------------------------------------

static int parse_format(const char *word, size_t length, struct outline_request *out, struct error *e) {
    for (int i = 0; i < FORMATS; i++) {
        if (strlen(formats[i]) != length || memcmp(formats[i], word, length) != 0) continue;
        out->format = (enum outline_format)i;
        return 0;
    }
    return error_set(e, EINVAL, "unknown format \"%s\" of an outline; there are \"policy\", \"json\" and \"text\"",
                     text_quote(word, length).text);
}

static int parse_call(const char *word, size_t length, struct outline_request *out, struct error *e) {
    out->one_call = true;
    out->call = syscalls_find(word, length);
    if (out->call != SYSCALL_NONE) return 0;
    if (length > 0 && scan_is_digit(word[0])) {
        struct scan s = {.text = word, .error = e, .length = length};
        uint64_t number;
        int r = scan_number(&s, &number);
        if (r < 0) return r;
        out->number = (uint32_t)number;
        if (number <= UINT32_MAX && scan_ended(&s)) return 0;
        return error_set(e, EINVAL, "%s is no number of a system call", text_quote(word, length).text);
    }
    struct spelling s;
    spelling_start(&s, word, length);
    syscalls_spelling(&s);
    return error_set(e, ENOENT, "unknown system call \"%s\"%s", text_quote(word, length).text, spelling_hint(&s).text);
}

static int parse_option(const char *word, size_t length, struct outline_request *out, struct error *e) {
    if (length > 4 && memcmp(word, "abi=", 4) == 0) {
        out->abi = abi_find(word + 4, length - 4);
        return out->abi == ABI_NONE ? abi_unknown(word + 4, length - 4, e) : 0;
    }
    if (length > 5 && memcmp(word, "call=", 5) == 0) return parse_call(word + 5, length - 5, out, e);
    return error_set(e, EINVAL, "unknown option \"%s\" of an outline; there are \"abi=NAME\" and \"call=NAME\"",
                     text_quote(word, length).text);
}

int outline_parse(const char *text, struct outline_request *out, struct error *e) {
    *out = (struct outline_request){.abi = ABI_NONE, .call = SYSCALL_NONE};
    for (bool first = true;; first = false) {
        text += strspn(text, " \t\n");
        size_t length = strcspn(text, ",");
        const char *end = text + length;
        while (length > 0 && scan_is_space(text[length - 1]))
            length--;
        int r = first ? parse_format(text, length, out, e) : parse_option(text, length, out, e);
        if (r < 0) return r;
        if (*end == '\0') break;
        text = end + 1;
    }
    if (out->format == OUTLINE_POLICY && (out->abi != ABI_NONE || out->one_call))
        return error_set(e, EINVAL, "a policy is about all calls; leave abi= and call= out, or ask for \"text\"");
    return 0;
}

// ---- Parts ---------------------------------------------------------------------------------------------------------

bool outline_shows(const struct outline *o, const struct outline_request *r, const struct outline_part *part) {
    if (part->abi == ABI_NONE) return false;
    if (r != NULL && r->abi != ABI_NONE) return part->abi == r->abi;
    if (part->apart) return true;
    for (size_t i = 0; i < o->part_count; i++)
        if (o->parts[i].apart) return false;
    if (o->one_foreign) return false;
    const bool big = o->programs->big_endian;
    const enum abi_id here = abi_native() != ABI_NONE && abis[abi_native()].big_endian == big
                                 ? abi_native()
                                 : (big ? ABI_S390X : ABI_X86_64);
    return part->abi == here;
}

struct action outline_action(uint32_t verdict, unsigned *data) {
    struct action action = action_of(verdict);
    *data = action.kind == ACTION_TRAP ? verdict & SECCOMP_RET_DATA : 0;
    return action;
}

// ---- Lines ---------------------------------------------------------------------------------------------------------

void lines_word(struct lines *l, const char *word) {
    const unsigned length = (unsigned)strlen(word);
    if (l->column > 0 && l->column + 1 + length > l->width) lines_end(l);
    if (l->column == 0) {
        text_add(l->t, "%*s", (int)l->indent, "");
        l->column = l->indent;
    } else {
        text_add(l->t, " ");
        l->column++;
    }
    text_bytes(l->t, word, length);
    l->column += length;
}

void lines_end(struct lines *l) {
    text_add(l->t, "\n");
    l->column = 0;
}
