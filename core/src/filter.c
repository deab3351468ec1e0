// SPDX-License-Identifier: MIT
#include "filter.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "calls.h"
#include "groups.h"
#include "memory.h"
#include "resolve.h"
#include "text.h"

enum {
    CHECK_PID = 1
}; // what "self" stands for while rules are only checked

struct filter *filter_new(void) {
    struct filter *f = memory_new(1, sizeof *f);
    if (f == NULL) return NULL;
    f->default_action = (struct action){.kind = ACTION_ALLOW};
    options_start(&f->options);
    return f;
}

void filter_free(struct filter *f) {
    if (f == NULL) return;
    rules_free(&f->rules);
    memory_free(f->notes);
    memory_free(f->note_sums);
    memory_free(f);
}

int filter_fail(struct filter *f) {
    if (f->broken.code == 0) f->broken = f->error;
    return -f->error.code;
}

int filter_sound(struct filter *f) {
    if (f->broken.code == 0) return 0;
    f->error = f->broken;
    return -f->broken.code;
}

void filter_clear(struct filter *f) {
    error_clear(&f->broken);
    error_clear(&f->error);
}

abi_set filter_abis(const struct filter *f) {
    if (f->abis != 0) return f->abis;
    enum abi_id native = abi_native();
    if (native == ABI_NONE) return 0;
    return ABI_SET(native);
}

int filter_default(struct filter *f, const char *action, size_t length) {
    struct action parsed;
    if (action_parse(action, length, &parsed, &f->error) < 0) return filter_fail(f);
    f->default_action = parsed;
    f->default_place = (struct filter_place){0};
    return 0;
}

// ---- Checks ----

static bool several(abi_set set) {
    return (set & (set - 1)) != 0;
}

// Numbers below 424 differ between ABIs.
static int check_number(const struct rule *rule, abi_set set, struct error *e) {
    if (rule->target != RULE_NUMBER || rule->number >= RESOLVE_UNIFIED || !several(set & rule->abis)) return 0;
    return error_set(e, EINVAL,
                     "number %" PRIu32 " means different calls on the ABIs of this filter; write the call's name",
                     rule->number);
}

// A misspelt parameter of a call that no ABI of the filter has is misspelt all the same.
static int check_elsewhere(const struct rules *r, const struct rule *rule, struct tests *tests, struct error *e) {
    struct resolution ignored;
    for (int id = 0; id < ABI_COUNT; id++) {
        if ((rule->abis & ABI_SET(id)) == 0 || resolve_absent((enum abi_id)id, r, rule)) continue;
        int result = resolve((enum abi_id)id, r, rule, CHECK_PID, tests, &ignored, e);
        return result == -ENOENT || result == -ENOMEM ? result : 0;
    }
    return 0;
}

// Resolves the rule on each ABI of the set. `tests` is scratch.
static int check_rule(const struct rules *r, const struct rule *rule, abi_set set, struct tests *tests,
                      struct error *e) {
    int result = check_number(rule, set, e);
    // A plain name cannot fail: the parser found it.
    if (result < 0 || rule->conditions == 0) return result;
    bool found = false;
    for (int id = 0; id < ABI_COUNT; id++) {
        if ((set & rule->abis & ABI_SET(id)) == 0) continue;
        struct resolution ignored;
        tests->count = 0;
        result = resolve((enum abi_id)id, r, rule, CHECK_PID, tests, &ignored, e);
        if (result < 0) return result;
        found = found || ignored.count > 0;
    }
    tests->count = 0;
    return found ? 0 : check_elsewhere(r, rule, tests, e);
}

// The rules from `first` on. *failed is the one that failed.
static int check_rules(const struct rules *r, size_t first, abi_set set, size_t *failed, struct error *e) {
    struct tests tests = {0};
    int result = 0;
    for (size_t i = first; i < r->rule_count && result == 0; i++) {
        *failed = i;
        result = check_rule(r, &r->rules[i], set, &tests, e);
    }
    memory_free(tests.list);
    return result;
}

// Puts the item in front of a message about one of its rules, where that is not plain from the message.
static void name_item(const struct rules *r, const struct rule *rule, struct error *e) {
    const struct item *item = &r->items[rule->item];
    if (item->group >= 0) error_prefix(e, "%s: ", r->text + item->text);
}

// ---- Adding rules ----

// The offset of the file's name, shared with the item before.
static int source_text(struct rules *r, const char *name, uint32_t *offset) {
    if (name == NULL || name[0] == '\0') {
        *offset = 0;
        return 0;
    }
    if (r->item_count > 0 && strcmp(r->text + r->items[r->item_count - 1].source, name) == 0) {
        *offset = r->items[r->item_count - 1].source;
        return 0;
    }
    return rules_text(r, name, strlen(name), offset);
}

int filter_default_place(struct filter *f, const char *name, uint32_t line, uint32_t column) {
    struct filter_place place = {.line = line, .column = column};
    if (source_text(&f->rules, name, &place.source) < 0) return error_memory(&f->error);
    f->default_place = place;
    return 0;
}

// One call with its item and rules, unchecked.
static int append_call(struct filter *f, const struct action *action, const struct call *call, const char *text,
                       const struct source *source) {
    struct rules *r = &f->rules;
    struct item item = {.action = *action,
                        .group = -1,
                        .line = source->line,
                        .column = call->column,
                        .rule = (uint32_t)r->rule_count,
                        .gentle = source->gentle};
    if (rules_text(r, text + call->start, call->length, &item.text) < 0 ||
        source_text(r, source->name, &item.source) < 0)
        return error_memory(&f->error);
    if (call->kind == CALL_GROUP) {
        item.group = groups_find(call->group, call->group_length);
        if (item.group < 0) return groups_unknown(call->group, call->group_length, &f->error);
    }
    if (rules_add_item(r, &item) < 0) return error_memory(&f->error);
    uint32_t index = (uint32_t)r->item_count - 1;
    if (call->kind == CALL_GROUP) {
        abi_set set = filter_abis(f);
        if (source->only != 0) set &= source->only;
        int result = groups_add(r, item.group, *action, index, set, &f->error);
        if (result < 0) return result;
        for (size_t i = item.rule; source->only != 0 && i < r->rule_count; i++)
            r->rules[i].abis &= source->only;
    } else {
        struct rule rule = call->rule;
        rule.action = *action;
        rule.item = index;
        rule.abis = source->only != 0 ? source->only : ABI_SET_ALL;
        if (rules_add_rule(r, &rule) < 0) return error_memory(&f->error);
    }
    r->items[index].rules = (uint32_t)r->rule_count - item.rule;
    return 0;
}

// One call, appended and checked.
static int add_call(struct filter *f, const struct action *action, const struct call *call, const char *text,
                    const struct source *source) {
    struct rules *r = &f->rules;
    size_t first = r->rule_count;
    int result = append_call(f, action, call, text, source);
    if (result < 0) return result;
    // The common case, a plain name, needs no check.
    if (call->kind == CALL_RULE && call->rule.conditions == 0 && call->rule.target != RULE_NUMBER) return 0;
    size_t failed = 0;
    result = check_rules(r, first, filter_abis(f), &failed, &f->error);
    if (result < 0 && result != -ENOMEM) name_item(r, &r->rules[failed], &f->error);
    return result;
}

// Reads and adds all calls of the text. *column is that of the call that failed.
static int add_calls(struct filter *f, const struct action *action, const char *text, size_t length,
                     const struct source *source, uint32_t *column) {
    struct calls reader = {
        .text = text, .length = length, .line = source->line, .column = source->column > 0 ? source->column : 1};
    struct call call = {.column = 0};
    int result;
    while ((result = calls_next(&reader, &f->rules, &call, &f->error)) == 0 && call.kind != CALL_END) {
        result = add_call(f, action, &call, text, source);
        if (result < 0) break;
    }
    bool is_name = result == -ENOENT && call.column == reader.column + call.start;
    if (is_name) result = groups_meant(text + call.start, length - call.start, &f->error);
    *column = call.column;
    return result;
}

// A text that is one name of the table as it stands needs no parser: most texts of long allow lists.
static bool plain_call(const struct filter *f, const char *text, size_t length, const struct source *source,
                       struct call *out) {
    enum {
        LONGEST = 32
    }; // keeps the look-up of long texts cheap; longer names go through the parser
    syscall_id id = length <= LONGEST ? syscalls_find(text, length) : SYSCALL_NONE;
    if (id == SYSCALL_NONE) return false;
    *out = (struct call){.kind = CALL_RULE,
                         .length = length,
                         .column = source->column > 0 ? source->column : 1,
                         .rule = {.target = RULE_CALL, .call = id, .condition = (uint32_t)f->rules.condition_count}};
    return true;
}

int filter_add(struct filter *f, const char *action, size_t action_length, const char *calls, size_t calls_length,
               struct source source) {
    f->failed_column = 0;
    struct action parsed;
    if (action_parse(action, action_length, &parsed, &f->error) < 0) return filter_fail(f);
    struct rules_mark mark = rules_mark(&f->rules);
    struct call call;
    uint32_t column = 0;
    int result = plain_call(f, calls, calls_length, &source, &call)
                     ? append_call(f, &parsed, &call, calls, &source)
                     : add_calls(f, &parsed, calls, calls_length, &source, &column);
    if (result == 0) return 0;
    rules_reset(&f->rules, mark);
    f->failed_column = column;
    bool one = memchr(calls, ',', calls_length) == NULL;
    if (source.line == 0 && !one && result != -ENOMEM && column > 0)
        error_prefix(&f->error, "column %" PRIu32 ": ", column);
    return filter_fail(f);
}

// ---- Options ----

// Groups that were added before must be complete on the ABI as well.
static int check_groups(struct filter *f, abi_set set) {
    struct rules_mark mark = rules_mark(&f->rules);
    int result = 0;
    for (size_t i = 0; i < mark.item_count && result == 0; i++) {
        const struct item item = f->rules.items[i];
        if (item.group < 0) continue;
        result = groups_add(&f->rules, item.group, item.action, (uint32_t)i, set, &f->error);
        rules_reset(&f->rules, mark);
    }
    return result;
}

static int add_abi(struct filter *f, const char *value) {
    enum abi_id id = strcmp(value, "native") == 0 ? abi_native() : abi_find(value, strlen(value));
    if (id == ABI_NONE) return abi_unknown(value, strlen(value), &f->error);
    abi_set set = (abi_set)(f->abis | ABI_SET(id));
    if (set == f->abis) return 0;
    int result = check_groups(f, ABI_SET(id));
    size_t failed = 0;
    if (result == 0) {
        result = check_rules(&f->rules, 0, set, &failed, &f->error);
        if (result < 0 && result != -ENOMEM) name_item(&f->rules, &f->rules.rules[failed], &f->error);
    }
    if (result == 0) f->abis = set;
    return result;
}

int filter_set(struct filter *f, const char *option, const char *value) {
    int result = strcmp(option, "abi") == 0 ? add_abi(f, value) : options_set(&f->options, option, value, &f->error);
    return result < 0 ? filter_fail(f) : 0;
}

bool filter_option(const struct filter *f, size_t index, struct filter_option *out) {
    return options_get(&f->options, index, out);
}

// ---- Notes, and names that were skipped ----

// FNV-1a: a policy may have thousands of repeated rules, each with a note of 100 bytes.
static uint32_t sum_of(const char *line, size_t length) {
    uint32_t sum = 2166136261U;
    for (size_t i = 0; i < length; i++)
        sum = (sum ^ (uint8_t)line[i]) * 16777619U;
    return sum;
}

// Is the line there already? A load that is tried again finds the same.
static bool has_note(const struct filter *f, const char *line, size_t length, uint32_t sum) {
    bool maybe = false;
    for (size_t i = 0; i < f->note_sum_count && !maybe; i++)
        maybe = f->note_sums[i] == sum;
    if (!maybe) return false;
    for (size_t at = 0; at < f->notes_length;) {
        size_t end = at;
        while (f->notes[end] != '\n')
            end++;
        if (end - at == length && memcmp(f->notes + at, line, length) == 0) return true;
        at = end + 1;
    }
    return false;
}

int filter_note(struct filter *f, const char *line) {
    size_t length = strlen(line);
    const uint32_t sum = sum_of(line, length);
    if (has_note(f, line, length, sum)) return 0;
    if (memory_grow(&f->note_sums, &f->note_sum_room, f->note_sum_count + 1, sizeof sum) < 0) return -ENOMEM;
    if (memory_grow(&f->notes, &f->notes_room, f->notes_length + length + 2, 1) < 0) return -ENOMEM;
    memcpy(f->notes + f->notes_length, line, length);
    f->notes_length += length;
    f->notes[f->notes_length++] = '\n';
    f->notes[f->notes_length] = '\0';
    f->note_sums[f->note_sum_count++] = sum;
    return 0;
}

// The ABIs of the filter that the rule is meant for and that lack its call.
static abi_set absent_on(const struct filter *f, const struct rule *rule) {
    abi_set set = 0;
    for (int id = 0; id < ABI_COUNT; id++) {
        if ((filter_abis(f) & rule->abis & ABI_SET(id)) != 0 && resolve_absent((enum abi_id)id, &f->rules, rule))
            set |= ABI_SET(id);
    }
    return set;
}

// Did an earlier item name the same call, with at least the same ABIs lacking it?
static bool listed(const struct filter *f, size_t item, const char *name, abi_set set) {
    for (size_t i = 0; i < item; i++) {
        const struct item *other = &f->rules.items[i];
        if (other->group >= 0 || other->rules == 0) continue;
        const struct rule *rule = &f->rules.rules[other->rule];
        const char *its = resolve_name(&f->rules, rule);
        if (its != NULL && strcmp(its, name) == 0 && absent_on(f, rule) == set) return true;
    }
    return false;
}

void filter_skipped(const struct filter *f, struct text *t) {
    for (size_t i = 0; i < f->rules.item_count; i++) {
        const struct item *item = &f->rules.items[i];
        if (item->group >= 0 || item->rules == 0) continue;
        const struct rule *rule = &f->rules.rules[item->rule];
        abi_set set = absent_on(f, rule);
        const char *name = resolve_name(&f->rules, rule);
        if (set == 0 || name == NULL || listed(f, i, name, set)) continue;
        const char *separator = " ";
        text_add(t, "%s: absent on", name);
        for (int id = 0; id < ABI_COUNT; id++) {
            if ((set & ABI_SET(id)) == 0) continue;
            text_add(t, "%s%s", separator, abis[id].name);
            separator = ", ";
        }
        text_add(t, "\n");
    }
}
