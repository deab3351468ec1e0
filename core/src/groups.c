// SPDX-License-Identifier: MIT
#include "groups.h"

#include "calls.h"
#include "errnos.h"
#include "error.h"
#include "scan.h"
#include "text.h"

#include <errno.h>
#include <string.h>

extern const char groups_data[]; // core/data/groups, which explains its format

struct span {
    const char *text;
    size_t length;
};

// One line of the data, read.
enum line_kind {
    LINE_END, // of the group, or of the data
    LINE_TEXT,
    LINE_RULE,
    LINE_INCLUDE,
    LINE_REFUSE,
};

struct line {
    enum line_kind kind;
    struct span word; // LINE_TEXT: "for", "breaks", "open"
    struct span rest; // text, calls, or the name of a group
    abi_set abis;     // LINE_RULE, LINE_REFUSE
    int err;          // LINE_RULE
    bool fixed;
    uint32_t number; // 1 is the first of the data
};

struct reader {
    const char *at; // of the next line
    uint32_t number;
};

// ---- Lines ---------------------------------------------------------------------------------------------------------

static bool span_is(struct span s, const char *text) {
    return s.length == strlen(text) && memcmp(s.text, text, s.length) == 0;
}

// Takes the first word off a line.
static struct span take_word(struct span *line) {
    while (line->length > 0 && *line->text == ' ')
        line->text++, line->length--;
    struct span word = {line->text, 0};
    while (line->length > 0 && *line->text != ' ')
        line->text++, line->length--, word.length++;
    while (line->length > 0 && *line->text == ' ')
        line->text++, line->length--;
    return word;
}

static bool next_text(struct reader *r, struct span *line) {
    if (*r->at == '\0') return false;
    const char *end = strchr(r->at, '\n');
    line->text = r->at;
    line->length = end != NULL ? (size_t)(end - r->at) : strlen(r->at);
    r->at += line->length + (end != NULL ? 1 : 0);
    r->number++;
    return true;
}

static int bad_line(const struct line *line, const char *what, struct span word, struct error *e) {
    return error_set(e, EINVAL, "core/data/groups:%u: %s \"%s\"", line->number, what,
                     text_quote(word.text, word.length).text);
}

// "x86_64,aarch64"
static int read_abis(struct line *line, struct span list, struct error *e) {
    line->abis = 0;
    for (size_t start = 0; start <= list.length;) {
        const char *comma = memchr(list.text + start, ',', list.length - start);
        size_t end = comma != NULL ? (size_t)(comma - list.text) : list.length;
        enum abi_id abi = abi_find(list.text + start, end - start);
        if (abi == ABI_NONE) return bad_line(line, "unknown ABIs", list, e);
        line->abis |= ABI_SET(abi);
        start = end + 1;
    }
    return 0;
}

// [on ABIS | except ABIS] [fixed] ERRNO CALLS
static int read_rule(struct line *line, struct span text, struct error *e) {
    line->kind = LINE_RULE;
    line->abis = ABI_SET_ALL;
    struct span word = take_word(&text);
    bool except = span_is(word, "except");
    if (except || span_is(word, "on")) {
        int failed = read_abis(line, take_word(&text), e);
        if (failed) return failed;
        if (except) line->abis = ABI_SET_ALL & (abi_set)~line->abis;
        word = take_word(&text);
    }
    line->fixed = span_is(word, "fixed");
    if (line->fixed) word = take_word(&text);
    line->err = errnos_find(word.text, word.length);
    if (line->err <= 0) return bad_line(line, "unknown errno or word", word, e);
    line->rest = text;
    return 0;
}

static int read_line(struct line *line, struct span text, struct error *e) {
    struct span all = text, word = take_word(&text);
    line->word = word;
    line->rest = text;
    if (span_is(word, "for") || span_is(word, "breaks") || span_is(word, "open")) {
        line->kind = LINE_TEXT;
        return 0;
    }
    if (span_is(word, "include") && text.length > 1 && text.text[0] == '@') {
        line->kind = LINE_INCLUDE;
        line->rest = (struct span){text.text + 1, text.length - 1};
        return 0;
    }
    if (span_is(word, "refuse")) {
        line->kind = LINE_REFUSE;
        int failed = read_abis(line, take_word(&text), e);
        line->rest = text;
        return failed;
    }
    return read_rule(line, all, e);
}

// The next line of the group that says something.
static int next_line(struct reader *r, struct line *line, struct error *e) {
    struct span text;
    *line = (struct line){.kind = LINE_END};
    while (next_text(r, &text)) {
        if (text.length == 0 || *text.text == '#') continue;
        if (text.length > 6 && memcmp(text.text, "group ", 6) == 0) return 0;
        line->number = r->number;
        return read_line(line, text, e);
    }
    return 0;
}

// ---- The list of groups --------------------------------------------------------------------------------------------

// The data's names, terminated, in its order: callers get them without a copy. A test compares the two.
static const char *const names[] = {
    "exec", "spawn", "listen", "accept", "connect", "network",   "open",   "write",
    "wx",   "code",  "debug",  "signal", "mount",   "namespace", "kernel",
};

enum {
    GROUPS = sizeof names / sizeof names[0]
};

int groups_count(void) {
    return GROUPS;
}

int groups_find(const char *name, size_t length) {
    for (int i = 0; i < GROUPS; i++)
        if (span_is((struct span){name, length}, names[i])) return i;
    return -1;
}

const char *groups_name(int group) {
    return names[group];
}

void groups_spelling(struct spelling *s) {
    s->sigil = "@";
    for (int i = 0; i < GROUPS; i++)
        spelling_try(s, names[i]);
}

int groups_unknown(const char *name, size_t length, struct error *e) {
    struct spelling s;
    spelling_start(&s, name, length);
    groups_spelling(&s);
    error_set(e, ENOENT, "unknown group \"@%s\"; ", text_quote(name, length).text);
    if (s.best != NULL) error_add(e, "did you mean \"@%s\"?", s.best);
    for (int i = 0; s.best == NULL && i < GROUPS; i++)
        error_add(e, "%s@%s", i == 0 ? "the groups are " : i + 1 < GROUPS ? ", " : " and ", names[i]);
    return -ENOENT;
}

int groups_meant(const char *text, size_t length, struct error *e) {
    size_t end = 0;
    while (end < length && scan_is_word(text[end]))
        end++;
    if (groups_find(text, end) < 0 || syscalls_find(text, end) != SYSCALL_NONE) return -e->code;
    return error_set(e, ENOENT, "unknown system call \"%s\"; the group of that name is written \"@%s\"",
                     text_quote(text, end).text, text_quote(text, end).text);
}

// Starts reading the lines of the group.
static int open_group(struct reader *r, int group, struct error *e) {
    char head[32];
    struct text t;
    text_start(&t, head, sizeof head);
    text_add(&t, "group @%s", names[group]);
    text_end(&t);
    *r = (struct reader){.at = groups_data};
    struct span line;
    while (next_text(r, &line))
        if (span_is(line, head)) return 0;
    return error_set(e, EINVAL, "core/data/groups: no \"%s\"", head);
}

// ---- Rules ---------------------------------------------------------------------------------------------------------

// What one groups_add does.
struct addition {
    struct rules *rules;
    struct action action;
    uint32_t item;
    abi_set abis;      // that must have complete groups
    uint32_t included; // groups so far, a bit each
    struct error *error;
};

static int refuse(const struct addition *a, int group, const struct line *line) {
    for (int abi = 0; abi < ABI_COUNT; abi++)
        if (line->abis & a->abis & ABI_SET(abi))
            return error_set(a->error, ENOTSUP, "@%s cannot be complete on %s: %.*s", names[group], abis[abi].name,
                             (int)line->rest.length, line->rest.text);
    return 0;
}

// The ABIs that have the call, by a number of its own or through a multiplexer.
static abi_set having(const struct rule *rule) {
    abi_set set = 0;
    struct multiplexer m;
    for (int abi = 0; abi < ABI_COUNT; abi++)
        if (rule->target != RULE_CALL || syscalls_number((enum abi_id)abi, rule->call) >= 0 ||
            syscalls_multiplexer((enum abi_id)abi, rule->call, &m))
            set |= ABI_SET(abi);
    return set;
}

static struct action action_for(const struct addition *a, const struct line *line) {
    bool own = a->action.kind == ACTION_ERRNO && (a->action.plain || line->fixed);
    return own ? (struct action){.kind = ACTION_ERRNO, .data = (uint16_t)line->err} : a->action;
}

// The next call of a rule's line; CALL_END after the last.
static int next_call(struct calls *calls, struct rules *r, const struct line *line, struct call *call,
                     struct error *e) {
    int failed = calls_next(calls, r, call, e);
    if (!failed && call->kind == CALL_GROUP) return bad_line(line, "a group among the calls", line->rest, e);
    if (failed && failed != -ENOMEM) error_prefix(e, "core/data/groups:%u: ", line->number);
    return failed;
}

static struct calls calls_of(const struct line *line) {
    return (struct calls){.text = line->rest.text, .length = line->rest.length, .column = 1};
}

static int add_calls(const struct addition *a, const struct line *line) {
    struct calls calls = calls_of(line);
    struct call call;
    for (;;) {
        int failed = next_call(&calls, a->rules, line, &call, a->error);
        if (failed || call.kind == CALL_END) return failed;
        call.rule.action = action_for(a, line);
        call.rule.item = a->item;
        call.rule.abis = line->abis & having(&call.rule);
        if (rules_add_rule(a->rules, &call.rule)) return error_memory(a->error);
    }
}

// Recursion ends: each group is added once.
static int add_group(struct addition *a, int group) {
    _Static_assert(GROUPS <= 32, "a bit for each group");
    if (a->included & 1u << group) return 0;
    a->included |= 1u << group;
    struct reader r;
    int failed = open_group(&r, group, a->error);
    for (struct line line; !failed;) {
        failed = next_line(&r, &line, a->error);
        if (failed || line.kind == LINE_END) return failed;
        if (line.kind == LINE_REFUSE) failed = refuse(a, group, &line);
        if (line.kind == LINE_RULE) failed = add_calls(a, &line);
        if (line.kind == LINE_INCLUDE) {
            int other = groups_find(line.rest.text, line.rest.length);
            failed = other < 0 ? bad_line(&line, "unknown group", line.rest, a->error) : add_group(a, other);
        }
    }
    return failed;
}

int groups_add(struct rules *r, int group, struct action action, uint32_t item, abi_set set, struct error *e) {
    struct addition a = {.rules = r, .action = action, .item = item, .abis = set, .error = e};
    struct rules_mark mark = rules_mark(r);
    int failed = add_group(&a, group);
    if (failed) rules_reset(r, mark);
    return failed;
}

// ---- Text for people -----------------------------------------------------------------------------------------------

// A paragraph of all lines of that word: "For: ...".
static int write_texts(int group, const char *word, const char *title, struct text *t, struct error *e) {
    struct reader r;
    struct line line;
    int failed = open_group(&r, group, e);
    bool any = false;
    while (!failed) {
        failed = next_line(&r, &line, e);
        if (failed || line.kind == LINE_END) return failed;
        if (line.kind != LINE_TEXT || !span_is(line.word, word)) continue;
        if (!any) text_add(t, "\n%s\n", title);
        text_add(t, "  %.*s\n", (int)line.rest.length, line.rest.text);
        any = true;
    }
    return failed;
}

static int write_calls(const struct line *line, enum abi_id abi, struct text *t, struct error *e) {
    struct rules scratch = {0};
    struct calls calls = calls_of(line);
    struct call call;
    int failed;
    for (;;) {
        failed = next_call(&calls, &scratch, line, &call, e);
        if (failed || call.kind == CALL_END) break;
        if (!(line->abis & having(&call.rule) & ABI_SET(abi))) continue;
        text_add(t, "  %-12s %.*s\n", errnos_name(line->err), (int)call.length, line->rest.text + call.start);
    }
    rules_free(&scratch);
    return failed;
}

static int write_rules(int group, enum abi_id abi, uint32_t *included, struct text *t, struct error *e) {
    if (*included & 1u << group) return 0;
    if (*included) text_add(t, "\n  of @%s:\n", names[group]);
    *included |= 1u << group;
    struct reader r;
    int failed = open_group(&r, group, e);
    for (struct line line; !failed;) {
        failed = next_line(&r, &line, e);
        if (failed || line.kind == LINE_END) return failed;
        if (line.kind == LINE_REFUSE && line.abis & ABI_SET(abi))
            text_add(t, "  refused: %.*s\n", (int)line.rest.length, line.rest.text);
        if (line.kind == LINE_RULE) failed = write_calls(&line, abi, t, e);
        if (line.kind == LINE_INCLUDE) {
            int other = groups_find(line.rest.text, line.rest.length);
            failed =
                other < 0 ? bad_line(&line, "unknown group", line.rest, e) : write_rules(other, abi, included, t, e);
        }
    }
    return failed;
}

int groups_write(int group, enum abi_id abi, struct text *t, struct error *e) {
    uint32_t included = 0;
    text_add(t, "@%s\n", names[group]);
    int failed = write_texts(group, "for", "For", t, e);
    if (!failed) text_add(t, "\nRules on %s, with the errno that \"deny\" gives\n", abis[abi].name);
    if (!failed) failed = write_rules(group, abi, &included, t, e);
    if (!failed) failed = write_texts(group, "breaks", "Breaks", t, e);
    return failed ? failed : write_texts(group, "open", "Leaves open", t, e);
}
