// SPDX-License-Identifier: MIT
#include "action.h"

#include "errnos.h"
#include "error.h"
#include "scan.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <string.h>

enum {
    LARGEST_ERRNO = 4095, // the kernel's MAX_ERRNO: it lowers anything above to this
    LARGEST_TRACE = 0xffff,
};

static const struct {
    const char *word;
    struct action action;
} words[] = {
    {"allow", {.kind = ACTION_ALLOW}},
    {"log", {.kind = ACTION_LOG}},
    {"deny", {.kind = ACTION_ERRNO, .data = EPERM, .plain = true}},
    {"trap", {.kind = ACTION_TRAP}},
    {"notify", {.kind = ACTION_NOTIFY}},
    {"kill_thread", {.kind = ACTION_KILL_THREAD}},
    {"kill", {.kind = ACTION_KILL}},
};
enum {
    WORDS = sizeof words / sizeof words[0]
};

// What people write who know other tools, and what it is called here.
static const struct {
    const char *word, *meant;
} aliases[] = {
    {"kill_process", "kill"},  {"block", "deny"},     {"drop", "deny"},
    {"errno", "errno(EPERM)"}, {"trace", "trace(N)"}, {"user_notif", "notify"},
};
enum {
    ALIASES = sizeof aliases / sizeof aliases[0]
};

// A part of the text that was given.
struct piece {
    const char *text;
    size_t length;
};

static struct piece trim(struct piece p) {
    while (p.length > 0 && scan_is_space(p.text[0])) {
        p.text++;
        p.length--;
    }
    while (p.length > 0 && scan_is_space(p.text[p.length - 1]))
        p.length--;
    return p;
}

static bool is(struct piece p, const char *word) {
    return p.length == strlen(word) && memcmp(p.text, word, p.length) == 0;
}

static bool is_digits(struct piece p) {
    for (size_t i = 0; i < p.length; i++)
        if (p.text[i] < '0' || p.text[i] > '9') return false;
    return p.length > 0;
}

// Names of errnos are capital letters and digits, the first an E.
static bool looks_like_errno(struct piece p) {
    return p.length >= 2 && p.text[0] == 'E' && (scan_is_digit(p.text[1]) || (p.text[1] >= 'A' && p.text[1] <= 'Z'));
}

static int unknown_action(struct piece p, struct error *e) {
    for (size_t i = 0; i < ALIASES; i++)
        if (is(p, aliases[i].word))
            return error_set(e, EINVAL, "unknown action \"%s\"; write \"%s\"", aliases[i].word, aliases[i].meant);
    struct spelling s;
    spelling_start(&s, p.text, p.length);
    for (size_t i = 0; i < WORDS; i++)
        spelling_try(&s, words[i].word);
    errnos_spelling(&s);
    if (s.best != NULL)
        return error_set(e, EINVAL, "unknown action \"%s\"%s", text_quote(p.text, p.length).text,
                         spelling_hint(&s).text);
    return error_set(e, EINVAL,
                     "unknown action \"%s\"; it must be allow, log, deny, an errno such as EPERM, trap, notify, "
                     "trace(N), kill_thread or kill",
                     text_quote(p.text, p.length).text);
}

static int unknown_errno(struct piece p, struct error *e) {
    struct spelling s;
    spelling_start(&s, p.text, p.length);
    errnos_spelling(&s);
    return error_set(e, ENOENT, "unknown errno \"%s\"%s", text_quote(p.text, p.length).text,
                     s.best != NULL ? spelling_hint(&s).text : "; write a name such as EPERM, or errno(N)");
}

// A decimal number of at most `largest`; -EINVAL where it is none.
static int parse_number(struct piece p, const char *what, unsigned largest, uint16_t *out, struct error *e) {
    if (!is_digits(p) || (p.length > 1 && p.text[0] == '0'))
        return error_set(e, EINVAL, "%s(%s): expected a decimal number from 0 to %u", what,
                         text_quote(p.text, p.length).text, largest);
    unsigned number = 0;
    for (size_t i = 0; i < p.length && number <= largest; i++)
        number = number * 10 + (unsigned)(p.text[i] - '0');
    if (number > largest)
        return error_set(e, EINVAL, "%s(%s) is out of range; the kernel takes 0 to %u", what,
                         text_quote(p.text, p.length).text, largest);
    *out = (uint16_t)number;
    return 0;
}

static int parse_errno(struct piece p, struct action *out, struct error *e) {
    *out = (struct action){.kind = ACTION_ERRNO};
    bool is_name = p.length > 0 && ((p.text[0] >= 'A' && p.text[0] <= 'Z') || (p.text[0] >= 'a' && p.text[0] <= 'z'));
    if (!is_name) return parse_number(p, "errno", LARGEST_ERRNO, &out->data, e);
    int number = errnos_find(p.text, p.length);
    if (number < 0) return unknown_errno(p, e);
    out->data = (uint16_t)number;
    return 0;
}

// WORD(ARGUMENT), where `open` is the offset of the parenthesis.
static int parse_function(struct piece p, size_t open, struct action *out, struct error *e) {
    struct piece word = trim((struct piece){p.text, open});
    bool is_errno = is(word, "errno");
    if (!is_errno && !is(word, "trace")) {
        for (size_t i = 0; i < WORDS; i++)
            if (is(word, words[i].word)) return error_set(e, EINVAL, "action \"%s\" takes no \"(…)\"", words[i].word);
        return unknown_action(word, e);
    }
    if (p.text[p.length - 1] != ')')
        return error_set(e, EINVAL, "\")\" is missing at the end of \"%s\"", text_quote(p.text, p.length).text);
    struct piece argument = trim((struct piece){p.text + open + 1, p.length - open - 2});
    if (is_errno) return parse_errno(argument, out, e);
    *out = (struct action){.kind = ACTION_TRACE};
    return parse_number(argument, "trace", LARGEST_TRACE, &out->data, e);
}

int action_parse(const char *text, size_t length, struct action *out, struct error *e) {
    struct piece p = trim((struct piece){text, length});
    if (p.length == 0) return error_set(e, EINVAL, "the action is empty; write \"deny\", for example");
    const char *open = memchr(p.text, '(', p.length);
    if (open != NULL) return parse_function(p, (size_t)(open - p.text), out, e);
    for (size_t i = 0; i < WORDS; i++) {
        if (!is(p, words[i].word)) continue;
        *out = words[i].action;
        return 0;
    }
    if (is(p, "0"))
        return error_set(e, EINVAL,
                         "\"0\" is no action; errno(0), which makes a denied call look successful, has to be "
                         "written in full");
    if (is_digits(p))
        return error_set(e, EINVAL, "\"%s\" is no action; write errno(%s)", text_quote(p.text, p.length).text,
                         text_quote(p.text, p.length).text);
    if (looks_like_errno(p)) return parse_errno(p, out, e);
    return unknown_action(p, e);
}

void action_write(struct action action, struct text *t) {
    if (action.kind == ACTION_TRACE) {
        text_add(t, "trace(%u)", (unsigned)action.data);
        return;
    }
    if (action.kind == ACTION_ERRNO && !action.plain) {
        const char *name = action.data > 0 ? errnos_name(action.data) : NULL;
        if (name != NULL)
            text_add(t, "%s", name);
        else
            text_add(t, "errno(%u)", (unsigned)action.data);
        return;
    }
    for (size_t i = 0; i < WORDS; i++)
        if (words[i].action.kind == action.kind) text_add(t, "%s", words[i].word);
}

bool action_equal(struct action a, struct action b) {
    return action_verdict(a) == action_verdict(b) && a.plain == b.plain;
}

bool action_denies(struct action action) {
    return action.kind != ACTION_ALLOW && action.kind != ACTION_LOG;
}

uint32_t action_verdict(struct action action) {
    switch (action.kind) {
    case ACTION_ALLOW:
        return SECCOMP_RET_ALLOW;
    case ACTION_LOG:
        return SECCOMP_RET_LOG;
    case ACTION_ERRNO:
        return SECCOMP_RET_ERRNO | action.data;
    case ACTION_TRAP:
        return SECCOMP_RET_TRAP;
    case ACTION_NOTIFY:
        return SECCOMP_RET_USER_NOTIF;
    case ACTION_TRACE:
        return SECCOMP_RET_TRACE | action.data;
    case ACTION_KILL_THREAD:
        return SECCOMP_RET_KILL_THREAD;
    case ACTION_KILL:
        break;
    }
    return SECCOMP_RET_KILL_PROCESS;
}

struct action action_of(uint32_t verdict) {
    uint16_t data = (uint16_t)(verdict & SECCOMP_RET_DATA);
    switch (verdict & SECCOMP_RET_ACTION_FULL) {
    case SECCOMP_RET_ALLOW:
        return (struct action){.kind = ACTION_ALLOW};
    case SECCOMP_RET_LOG:
        return (struct action){.kind = ACTION_LOG};
    case SECCOMP_RET_ERRNO:
        return (struct action){.kind = ACTION_ERRNO, .data = data < LARGEST_ERRNO ? data : LARGEST_ERRNO};
    case SECCOMP_RET_TRAP:
        return (struct action){.kind = ACTION_TRAP};
    case SECCOMP_RET_USER_NOTIF:
        return (struct action){.kind = ACTION_NOTIFY};
    case SECCOMP_RET_TRACE:
        return (struct action){.kind = ACTION_TRACE, .data = data};
    case SECCOMP_RET_KILL_THREAD:
        return (struct action){.kind = ACTION_KILL_THREAD};
    default:
        return (struct action){.kind = ACTION_KILL};
    }
}
