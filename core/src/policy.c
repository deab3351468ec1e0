// SPDX-License-Identifier: MIT
#include "policy.h"

#include "calls.h"
#include "groups.h"
#include "memory.h"
#include "scan.h"

#include <errno.h>
#include <string.h>

struct span {
    size_t start, end;
};

// Reads a text line by line. Comments, "\" and line ends become spaces in `copy`, so that one logical line is one
// piece of it and offsets are those of the text.
struct reader {
    struct filter *filter;
    const char *text;
    size_t length;
    char *copy;
    size_t at;         // of the next line
    size_t line_start; // of the first physical line of the present logical one
    uint32_t line;     // its number; 1 is the first
    const char *name;  // for messages
    size_t wrong;      // offset of what the error is about
    bool lenient;      // see policy_write
    bool has_default;  // seen in this text
    struct action default_action;
    struct rules scratch; // what is parsed only to find where calls begin and end
};

// What an error must bring back.
struct snapshot {
    struct rules_mark mark;
    struct filter_options options;
    struct action default_action;
    struct filter_place default_place;
    abi_set abis;
    size_t notes_length;
    struct error broken;
};

static struct span trim(const char *text, struct span s) {
    while (s.start < s.end && scan_is_space(text[s.start]))
        s.start++;
    while (s.end > s.start && scan_is_space(text[s.end - 1]))
        s.end--;
    return s;
}

static bool is(const struct reader *r, struct span s, const char *word) {
    return s.end - s.start == strlen(word) && memcmp(r->copy + s.start, word, s.end - s.start) == 0;
}

static struct text_word quote(const struct reader *r, struct span s) {
    return text_quote(r->copy + s.start, s.end - s.start);
}

static struct error *about(struct reader *r, size_t offset) {
    r->wrong = offset;
    return &r->filter->error;
}

// ---- Lines ---------------------------------------------------------------------------------------------------------

// A lone carriage return looks like a line end in some editors and is none here: what follows a comment would be
// lost without a word. NUL would end the text for whoever reads it as a C string.
static int check_bytes(struct reader *r, struct span line) {
    for (size_t i = line.start; i < line.end; i++) {
        if (r->text[i] == '\0') return error_set(about(r, i), EINVAL, "NUL byte; a policy is text");
        if (r->text[i] == '\r' && i + 1 < line.end)
            return error_set(about(r, i), EINVAL, "carriage return without a line feed; lines end in LF or CR LF");
    }
    return 0;
}

// One physical line without its comment; moves on to the next.
static int physical_line(struct reader *r, struct span *out) {
    const char *start = r->copy + r->at;
    const char *end = memchr(start, '\n', r->length - r->at);
    *out = (struct span){r->at, end != NULL ? (size_t)(end - r->copy) : r->length};
    int failed = check_bytes(r, *out);
    if (failed) return failed;
    r->at = end != NULL ? out->end + 1 : r->length;
    if (end != NULL) r->copy[out->end] = ' ';
    char *comment = memchr(start, '#', out->end - out->start);
    if (comment != NULL) memset(comment, ' ', (size_t)(r->copy + out->end - comment));
    *out = trim(r->copy, *out);
    return 0;
}

// One logical line, which goes on where a physical one ends in "\" or ",". Empty where there is nothing in it.
static int logical_line(struct reader *r, struct span *out) {
    for (size_t i = r->line_start; i < r->at; i++)
        r->line += r->text[i] == '\n';
    r->line_start = r->at;
    *out = (struct span){r->at, r->at};
    for (bool more = true; more && r->at < r->length;) {
        struct span line;
        int failed = physical_line(r, &line);
        if (failed) return failed;
        bool escaped = line.end > line.start && r->copy[line.end - 1] == '\\';
        if (escaped) r->copy[--line.end] = ' ';
        if (line.end > line.start) out->end = line.end;
        *out = trim(r->copy, *out);
        more = escaped || (out->end > out->start && r->copy[out->end - 1] == ',');
    }
    return 0;
}

// The next word of the line, which ends at a space outside of parentheses. Takes it off the line.
static struct span take_word(const struct reader *r, struct span *line) {
    struct span word = {line->start, line->start};
    for (bool inside = false; word.end < line->end; word.end++) {
        char c = r->copy[word.end];
        if (scan_is_space(c) && !inside) break;
        if (c == '(') inside = true;
        if (c == ')') inside = false;
    }
    line->start = word.end;
    *line = trim(r->copy, *line);
    return word;
}

static void line_and_column(const struct reader *r, size_t offset, uint32_t *line, uint32_t *column) {
    size_t start = r->line_start;
    *line = r->line;
    for (size_t i = r->line_start; i < offset && i < r->length; i++) {
        if (r->text[i] != '\n') continue;
        ++*line;
        start = i + 1;
    }
    *column = (uint32_t)(offset - start) + 1;
}

// ---- What a line can be --------------------------------------------------------------------------------------------

static int read_default(struct reader *r, struct span rest) {
    struct filter *f = r->filter;
    if (rest.start == rest.end)
        return error_set(about(r, rest.start), EINVAL, "an action must follow \"default\", as in \"default deny\"");
    r->wrong = rest.start;
    int failed = filter_default(f, r->copy + rest.start, rest.end - rest.start);
    if (failed) return failed;
    if (r->has_default && !action_equal(r->default_action, f->default_action))
        return error_set(about(r, rest.start), EINVAL, "a second default, which differs from the first; remove one");
    r->has_default = true;
    r->default_action = f->default_action;
    uint32_t line, column;
    line_and_column(r, rest.start, &line, &column);
    return filter_default_place(f, r->name, line, column);
}

static bool is_option(const struct filter *f, const char *name) {
    struct filter_option option;
    for (size_t i = 0; filter_option(f, i, &option); i++)
        if (strcmp(option.name, name) == 0) return true;
    return strcmp(name, "abi") == 0;
}

// `set OPTION VALUE`, and `abi NAME`, which is the option of that name.
static int read_option(struct reader *r, struct span option, struct span value) {
    if (value.start == value.end)
        return error_set(about(r, option.start), EINVAL, "a value must follow \"%s\"", quote(r, option).text);
    // Both ends are spaces or ends of lines that were read: the text goes on to be parsed behind them.
    char *name = r->copy + option.start;
    char *text = r->copy + value.start;
    r->copy[option.end] = '\0';
    r->copy[value.end] = '\0';
    r->wrong = is_option(r->filter, name) ? value.start : option.start;
    return filter_set(r->filter, name, text);
}

// "x86_64,aarch64" at the start of the rest of an `on` line.
static int take_abis(struct reader *r, struct span *rest, abi_set *out) {
    *out = 0;
    for (bool more = true; more;) {
        struct span name = *rest;
        size_t end = name.start;
        while (end < rest->end && !scan_is_space(r->copy[end]) && r->copy[end] != ',')
            end++;
        name.end = end;
        enum abi_id abi = is(r, name, "native") ? abi_native() : abi_find(r->copy + name.start, name.end - name.start);
        if (name.start == name.end)
            return error_set(about(r, name.start), EINVAL,
                             "names of ABIs must follow \"on\", as in \"on x86_64,aarch64 deny open\"");
        if (abi == ABI_NONE) return abi_unknown(r->copy + name.start, name.end - name.start, about(r, name.start));
        *out |= ABI_SET(abi);
        rest->start = end;
        *rest = trim(r->copy, *rest);
        more = rest->start < rest->end && r->copy[rest->start] == ',';
        if (more) rest->start++;
        *rest = trim(r->copy, *rest);
    }
    return 0;
}

// Adds the calls one by one, each with its own place in the file.
static int read_calls(struct reader *r, struct span action, struct span text, abi_set only) {
    struct filter *f = r->filter;
    struct calls calls = {.text = r->copy + text.start, .length = text.end - text.start, .column = 1};
    for (;;) {
        rules_reset(&r->scratch, (struct rules_mark){0});
        struct call call;
        int failed = calls_next(&calls, &r->scratch, &call, &f->error);
        r->wrong = text.start + call.column - 1;
        if (failed == -ENOENT && call.column == calls.column + call.start)
            failed = groups_meant(calls.text + call.start, calls.length - call.start, &f->error);
        if (failed || call.kind == CALL_END) return failed;
        struct source source = {.name = r->name, .only = only, .gentle = r->lenient};
        line_and_column(r, r->wrong, &source.line, &source.column);
        const size_t first = f->rules.item_count;
        failed = filter_add(f, r->copy + action.start, action.end - action.start, calls.text + call.start, call.length,
                            source);
        if (failed) return failed;
        for (size_t i = first; i < f->rules.item_count; i++)
            f->rules.items[i].only = only;
    }
}

static int read_rule(struct reader *r, struct span line, abi_set only) {
    struct span rest = line;
    struct span word = take_word(r, &rest);
    struct action action;
    r->wrong = word.start;
    if (word.start == word.end)
        return error_set(about(r, word.start), EINVAL, "an action and calls must follow, as in \"deny execve\"");
    int failed = action_parse(r->copy + word.start, word.end - word.start, &action, &r->filter->error);
    bool is_call =
        r->copy[word.start] == '@' || syscalls_find(r->copy + word.start, word.end - word.start) != SYSCALL_NONE;
    if (failed && is_call)
        return error_set(about(r, word.start), EINVAL, "a line starts with an action, as in \"deny %s\"",
                         quote(r, word).text);
    if (failed) return failed;
    if (rest.start == rest.end)
        return error_set(about(r, word.end), EINVAL, "calls must follow \"%s\", as in \"deny execve, @listen\"",
                         quote(r, word).text);
    return read_calls(r, word, rest, only);
}

static int read_line(struct reader *r, struct span line) {
    struct span rest = line;
    struct span word = take_word(r, &rest);
    if (is(r, word, "default")) return read_default(r, rest);
    if (is(r, word, "abi")) return read_option(r, word, rest);
    if (is(r, word, "set")) {
        struct span option = take_word(r, &rest);
        if (option.start == option.end)
            return error_set(about(r, word.start), EINVAL,
                             "\"set\" takes an option and a value, as in \"set log off\"");
        return read_option(r, option, rest);
    }
    if (is(r, word, "lenient") || is(r, word, "strict")) {
        r->lenient = is(r, word, "lenient");
        if (rest.start == rest.end) return 0;
        return error_set(about(r, rest.start), EINVAL, "\"%s\" stands alone in its line", quote(r, word).text);
    }
    if (!is(r, word, "on")) return read_rule(r, line, 0);
    abi_set only = 0;
    int failed = take_abis(r, &rest, &only);
    return failed ? failed : read_rule(r, rest, only);
}

// ---- The whole text ------------------------------------------------------------------------------------------------

static int read_lines(struct reader *r) {
    static const char mark[] = "\xef\xbb\xbf"; // UTF-8's byte order mark
    if (r->length >= strlen(mark) && memcmp(r->text, mark, strlen(mark)) == 0) {
        r->text += strlen(mark);
        r->length -= strlen(mark);
    }
    r->copy = memory_copy(r->text, r->length);
    if (r->copy == NULL) return error_memory(about(r, 0));
    while (r->at < r->length) {
        struct span line;
        int failed = logical_line(r, &line);
        if (!failed && line.start < line.end) failed = read_line(r, line);
        if (failed) return failed;
    }
    return 0;
}

static struct snapshot snapshot_take(const struct filter *f) {
    return (struct snapshot){
        .mark = rules_mark(&f->rules),
        .options = f->options,
        .default_action = f->default_action,
        .default_place = f->default_place,
        .abis = f->abis,
        .notes_length = f->notes_length,
        .broken = f->broken,
    };
}

static void snapshot_restore(struct filter *f, const struct snapshot *s) {
    rules_reset(&f->rules, s->mark);
    f->options = s->options;
    f->default_action = s->default_action;
    f->default_place = s->default_place;
    f->abis = s->abis;
    f->notes_length = s->notes_length;
    if (f->notes != NULL && s->notes_length < f->notes_room) f->notes[s->notes_length] = '\0';
    f->broken = s->broken;
}

int policy_read(struct filter *f, const char *text, size_t length, const char *name) {
    struct reader r = {.filter = f, .text = text, .length = length, .line = 1};
    r.name = name != NULL && name[0] != '\0' ? name : "policy";
    const struct snapshot before = snapshot_take(f);
    int failed = read_lines(&r);
    if (failed) {
        snapshot_restore(f, &before);
        uint32_t line, column;
        line_and_column(&r, r.wrong, &line, &column);
        error_prefix(&f->error, "%s:%u:%u: ", r.name, line, column);
        failed = filter_fail(f);
    }
    memory_free(r.copy);
    rules_free(&r.scratch);
    return failed;
}

// ---- Writing -------------------------------------------------------------------------------------------------------

// Everything in a line of its own: a text that came by the API may have line ends.
static void write_spaced(const char *words, struct text *t) {
    for (const char *c = words; *c != '\0'; c++)
        text_bytes(t, scan_is_space(*c) ? " " : c, 1);
}

static void write_abis(abi_set set, const char *before, const char *between, struct text *t) {
    for (int abi = 0; abi < ABI_COUNT; abi++) {
        if ((set & ABI_SET(abi)) == 0) continue;
        text_add(t, "%s%s", before, abis[abi].name);
        before = between;
    }
}

// The ABIs that an item is for; 0: all. Rules of a group differ in that, and its name brings them back.
static abi_set item_only(const struct filter *f, const struct item *item) {
    if (item->only != 0 || item->group >= 0) return item->only;
    abi_set set = 0;
    for (uint32_t i = 0; i < item->rules; i++)
        set |= f->rules.rules[item->rule + i].abis;
    return (set & ABI_SET_ALL) == ABI_SET_ALL ? 0 : set;
}

static void write_item(const struct filter *f, const struct item *item, struct text *t) {
    abi_set only = item_only(f, item);
    if (only != 0) {
        write_abis(only, "on ", ",", t);
        text_add(t, " ");
    }
    action_write(item->action, t);
    text_add(t, " ");
    write_spaced(f->rules.text + item->text, t);
    text_add(t, "\n");
}

static void write_options(const struct filter *f, struct text *t) {
    struct filter_option option;
    for (size_t i = 0; filter_option(f, i, &option); i++)
        if (!option.is_default) text_add(t, "set %s %s\n", option.name, option.value);
}

// Rules of OCI profiles that decide nothing are not errors: `lenient` before them and `strict` behind keep that.
void policy_write(const struct filter *f, struct text *t) {
    text_add(t, "default ");
    action_write(f->default_action, t);
    text_add(t, "\n");
    write_abis(f->abis, "abi ", "\nabi ", t);
    if (f->abis != 0) text_add(t, "\n");
    write_options(f, t);
    bool lenient = false;
    for (size_t i = 0; i < f->rules.item_count; i++) {
        const struct item *item = &f->rules.items[i];
        if (item->group < 0 && item->rules == 0) continue;
        if (item->gentle != lenient) text_add(t, "%s\n", item->gentle ? "lenient" : "strict");
        lenient = item->gentle;
        write_item(f, item, t);
    }
}
