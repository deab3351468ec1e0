// SPDX-License-Identifier: MIT
#include "rule.h"

#include "memory.h"
#include "text.h"

#include <errno.h>
#include <string.h>

void rules_free(struct rules *r) {
    memory_free(r->items);
    memory_free(r->rules);
    memory_free(r->conditions);
    memory_free(r->terms);
    memory_free(r->text);
    *r = (struct rules){0};
}

int rules_text(struct rules *r, const char *text, size_t length, uint32_t *offset) {
    size_t start = r->text_length > 0 ? r->text_length : 1; // text[0] is ""
    // Offsets have 32 bits.
    if (length >= UINT32_MAX || start >= UINT32_MAX - length) return -ENOMEM;
    int failed = memory_grow(&r->text, &r->text_room, start + length + 1, 1);
    if (failed) return failed;
    r->text[0] = '\0';
    if (length > 0) memcpy(r->text + start, text, length);
    r->text[start + length] = '\0';
    r->text_length = start + length + 1;
    *offset = (uint32_t)start;
    return 0;
}

// Makes room for one more; indices have 32 bits.
static int room(void *items, size_t *capacity, size_t count, size_t size) {
    if (count < *capacity) return 0;
    return count >= UINT32_MAX ? -ENOMEM : memory_grow(items, capacity, count + 1, size);
}

int rules_add_item(struct rules *r, const struct item *item) {
    struct item added = *item; // it may stand in the array that moves
    int failed = room(&r->items, &r->item_room, r->item_count, sizeof added);
    if (!failed) r->items[r->item_count++] = added;
    return failed;
}

int rules_add_rule(struct rules *r, const struct rule *rule) {
    struct rule added = *rule;
    int failed = room(&r->rules, &r->rule_room, r->rule_count, sizeof added);
    if (!failed) r->rules[r->rule_count++] = added;
    return failed;
}

int rules_add_condition(struct rules *r, const struct condition *condition) {
    struct condition added = *condition;
    int failed = room(&r->conditions, &r->condition_room, r->condition_count, sizeof added);
    if (!failed) r->conditions[r->condition_count++] = added;
    return failed;
}

int rules_add_term(struct rules *r, const struct term *term) {
    struct term added = *term;
    int failed = room(&r->terms, &r->term_room, r->term_count, sizeof added);
    if (!failed) r->terms[r->term_count++] = added;
    return failed;
}

struct rules_mark rules_mark(const struct rules *r) {
    return (struct rules_mark){
        .item_count = r->item_count,
        .rule_count = r->rule_count,
        .condition_count = r->condition_count,
        .term_count = r->term_count,
        .text_length = r->text_length,
    };
}

void rules_reset(struct rules *r, struct rules_mark mark) {
    r->item_count = mark.item_count;
    r->rule_count = mark.rule_count;
    r->condition_count = mark.condition_count;
    r->term_count = mark.term_count;
    r->text_length = mark.text_length;
}

void rules_write_item(const struct rules *r, const struct item *item, struct text *t) {
    action_write(item->action, t);
    text_add(t, " %s", r->text + item->text);
}

void rules_write_source(const struct rules *r, const struct item *item, struct text *t) {
    if (item->line == 0) return;
    text_add(t, " (%s:%u:%u)", r->text + item->source, item->line, item->column);
}
