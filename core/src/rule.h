// SPDX-License-Identifier: MIT
// What the user said, parsed: rules with actions and conditions, independent of any ABI.
#ifndef ABJURE_RULE_H
#define ABJURE_RULE_H

#include "action.h"
#include "syscalls.h"

// One operand of a value; terms are joined by bitwise or.
enum term_kind {
    TERM_NUMBER,
    TERM_CONSTANT,
    TERM_SELF
};

struct term {
    enum term_kind kind;
    int constant;    // TERM_CONSTANT: of constants.h; its value depends on the ABI
    bool negative;   // TERM_NUMBER written with "-": the value is -number
    uint64_t number; // TERM_NUMBER
};

struct value {
    uint32_t first; // of rules.terms
    uint32_t count; // 0: not given
};

enum comparison {
    COMPARE_EQ,
    COMPARE_NE,
    COMPARE_LT,
    COMPARE_LE,
    COMPARE_GT,
    COMPARE_GE
};

struct condition {
    int8_t argument; // 0 to 5 where written argN, -1 where named
    bool wide;       // written ":u64": all 64 bits, unsigned, whatever the parameter is
    enum comparison op;
    uint32_t name; // offset in rules.text of the argument's name as written, terminated
    struct value mask;
    struct value value;
    uint32_t text; // offset in rules.text of the whole condition as written, terminated
};

enum rule_target {
    RULE_CALL,   // a name of our table
    RULE_NUMBER, // a bare number
    RULE_NEWER,  // a name that only libseccomp knows
};

// The conditions of a rule must all hold. Rules stand in the order in which they decide.
struct rule {
    struct action action; // with the group's own errno put in
    enum rule_target target;
    syscall_id call;     // RULE_CALL
    uint32_t number;     // RULE_NUMBER: the number; RULE_NEWER: offset of the name in rules.text
    uint32_t condition;  // first of rules.conditions
    uint32_t conditions; // count
    uint32_t item;       // of rules.items: what the user wrote
    abi_set abis;        // that the rule is meant for: all but for some rules of groups and of OCI profiles
};

// One call or @group as the user wrote it; messages name it.
struct item {
    struct action action; // as written
    int group;            // of groups.h, or -1
    uint32_t text;        // offset in rules.text: "socket(family == AF_INET)", "@listen"; terminated
    uint32_t source;      // offset in rules.text of the file's name, terminated; "" where it came by a call
    uint32_t line;        // 1 for the first, 0 where there is no file
    uint32_t column;
    uint32_t rule, rules; // its rules: first and count; none where a group has none on this ABI
    abi_set only;         // the ABIs that it was written for ("on x86_64,x86 deny …"); 0: all
    bool gentle;          // OCI: being dead is a warning, not an error
};

struct rules {
    struct item *items;
    struct rule *rules;
    struct condition *conditions;
    struct term *terms;
    char *text; // text[0] is "" once anything is there
    size_t item_count, rule_count, condition_count, term_count, text_length;
    size_t item_room, rule_room, condition_room, term_room, text_room;
};

void rules_free(struct rules *r); // what is inside, not `r`

// Appends; 0 or -ENOMEM. rules_text gives the offset of a terminated copy.
int rules_text(struct rules *r, const char *text, size_t length, uint32_t *offset);
int rules_add_item(struct rules *r, const struct item *item);
int rules_add_rule(struct rules *r, const struct rule *rule);
int rules_add_condition(struct rules *r, const struct condition *condition);
int rules_add_term(struct rules *r, const struct term *term);

// Takes back all that was added since the mark.
struct rules_mark {
    size_t item_count, rule_count, condition_count, term_count, text_length;
};
struct rules_mark rules_mark(const struct rules *r);
void rules_reset(struct rules *r, struct rules_mark mark);

// "deny socket(family == AF_INET)" as written, for messages.
struct text;
void rules_write_item(const struct rules *r, const struct item *item, struct text *t);
// " (policy:3:7)" or "" where there is no source.
void rules_write_source(const struct rules *r, const struct item *item, struct text *t);

#endif
