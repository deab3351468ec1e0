// SPDX-License-Identifier: MIT
#include "resolve.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "calls.h"
#include "error.h"
#include "memory.h"
#include "newer.h"
#include "text.h"

// What one condition is resolved for: the rule on one ABI, with the call's name or number for messages.
struct scene {
    enum abi_id abi;
    const struct rules *rules;
    const struct rule *rule;
    syscall_id id; // SYSCALL_NONE: its parameters are not known
    int64_t self;
    char call[72];
    struct error *e;
};

const char *resolve_name(const struct rules *r, const struct rule *rule) {
    if (rule->target == RULE_CALL) return syscalls_name(rule->call);
    return rule->target == RULE_NEWER ? r->text + rule->number : NULL;
}

// The number on this ABI; -1: none.
static int64_t direct_number(enum abi_id abi, const struct rules *r, const struct rule *rule) {
    if (rule->target == RULE_CALL) return syscalls_number(abi, rule->call);
    if (rule->target == RULE_NEWER) return newer_number(abi, r->text + rule->number);
    // Numbers from 424 on are shared, but x32 has its bit in all of them.
    return rule->number | (rule->number < abis[abi].number_base ? abis[abi].number_base : 0);
}

bool resolve_absent(enum abi_id abi, const struct rules *r, const struct rule *rule) {
    struct multiplexer m;
    if (direct_number(abi, r, rule) >= 0) return false;
    return rule->target != RULE_CALL || !syscalls_multiplexer(abi, rule->call, &m);
}

static uint64_t ones(unsigned width) {
    return width >= 64 ? UINT64_MAX : (UINT64_C(1) << width) - 1;
}

// -2^(width-1) to 2^width - 1.
static bool fits(uint64_t value, bool negative, unsigned width) {
    if (!negative) return (value & ~ones(width)) == 0;
    return (int64_t)value >= -(int64_t)(ones(width - 1)) - 1;
}

static bool ordered(enum comparison op) {
    return op != COMPARE_EQ && op != COMPARE_NE;
}

static const char *condition_text(const struct scene *s, const struct condition *c) {
    return s->rules->text + c->text;
}

// Which register the condition is about. 0 and *argument, or -errno.
static int find_argument(const struct scene *s, const struct condition *c, unsigned *argument) {
    const char *name = s->rules->text + c->name;
    if (c->argument >= 0) {
        *argument = (unsigned)c->argument;
        return 0;
    }
    if (s->id == SYSCALL_NONE)
        return error_set(s->e, ENOENT, "the parameters of %s are not known; write arg0 to arg5 instead of \"%s\"",
                         s->call, text_quote(name, strlen(name)).text);
    const char *why = NULL;
    int found = syscalls_parameter_find(s->abi, s->id, name, strlen(name), &why);
    if (found == SYSCALL_ARGUMENTS)
        return error_set(s->e, ENOTSUP, "%s of %s cannot be tested: it %s; leave the condition out", name, s->call,
                         why != NULL ? why : "is in no register of its own");
    if (found < 0) return syscalls_parameter_unknown(s->abi, s->id, name, strlen(name), s->e);
    *argument = (unsigned)found;
    return 0;
}

// What the register holds, as far as the condition may ask. 0, or -errno where a filter cannot test it.
static int find_parameter(const struct scene *s, const struct condition *c, unsigned argument, struct parameter *out) {
    unsigned bits = (unsigned)abis[s->abi].bits;
    struct parameter p = {.name = "", .kind = PARAMETER_ABSENT};
    if (s->id != SYSCALL_NONE && !c->wide) p = syscalls_parameter(s->abi, s->id, argument);
    if (p.kind == PARAMETER_HIDDEN)
        return error_set(s->e, ENOTSUP, "argument %u of %s (%s) cannot be tested: it %s; leave the condition out",
                         argument, s->call, p.name, p.hidden != NULL ? p.hidden : "is in no register of its own");
    if (p.kind != PARAMETER_VALUE) {
        p.width = (uint8_t)(c->wide ? 64 : bits);
        p.is_signed = false;
    }
    *out = p;
    return 0;
}

static int not_fitting(const struct scene *s, const struct condition *c, const char *what, unsigned width) {
    return error_set(s->e, EINVAL, "%s: the %s does not fit the %u bits of this argument of %s", condition_text(s, c),
                     what, width, s->call);
}

// The mask within the width; all ones where none is written.
static int find_mask(const struct scene *s, const struct condition *c, unsigned width, uint64_t *out) {
    *out = ones(width);
    if (c->mask.count == 0) return 0;
    uint64_t mask;
    bool negative = false;
    int r = calls_terms(s->rules, c->mask, s->abi, s->self, &mask, &negative, s->e);
    if (r < 0) return r;
    if (!fits(mask, negative, width)) return not_fitting(s, c, "mask", width);
    *out = mask & ones(width);
    return 0;
}

static int check_pointer(const struct scene *s, const struct condition *c, unsigned argument, uint64_t value) {
    if (c->mask.count == 0 && value == 0 && !ordered(c->op)) return 0;
    return error_set(s->e, EINVAL,
                     "argument %u of %s is a pointer; a filter cannot read what it points to; compare it with 0, or "
                     "leave the condition out",
                     argument, s->call);
}

// The value against width, mask and sign. `value` is two's complement of 64 bits.
static int check_value(const struct scene *s, const struct condition *c, const struct test *t, unsigned width,
                       uint64_t value, bool negative) {
    const char *text = condition_text(s, c);
    if (!fits(value, negative, width)) return not_fitting(s, c, "value", width);
    if ((value & ones(width) & ~t->mask) != 0)
        return error_set(s->e, EINVAL, "%s can never hold or never fail: the value has bits outside the mask", text);
    if (!ordered(c->op)) return 0;
    if (negative && !t->is_signed)
        return error_set(s->e, EINVAL, "%s: this argument of %s is unsigned and never below 0", text, s->call);
    if (t->is_signed && !negative && value > ones(width - 1))
        return error_set(s->e, EINVAL, "%s: this argument of %s is signed and never above %" PRIu64, text, s->call,
                         ones(width - 1));
    if (t->is_signed && width != 32 && width != 64)
        return error_set(s->e, ENOTSUP, "%s: a signed argument of %u bits can only be compared with == and !=", text,
                         width);
    return 0;
}

static int resolve_condition(const struct scene *s, const struct condition *c, struct test *out) {
    unsigned argument = 0;
    int r = find_argument(s, c, &argument);
    if (r < 0) return r;
    struct parameter p = {.name = ""};
    r = find_parameter(s, c, argument, &p);
    if (r < 0) return r;
    struct test t = {.argument = (uint8_t)argument, .wide = p.width == 64, .op = c->op};
    r = find_mask(s, c, p.width, &t.mask);
    if (r < 0) return r;
    t.is_signed = p.is_signed && ordered(c->op) && c->mask.count == 0; // masked comparisons are unsigned
    uint64_t value;
    bool negative = false;
    r = calls_terms(s->rules, c->value, s->abi, s->self, &value, &negative, s->e);
    if (r < 0) return r;
    if (p.kind == PARAMETER_POINTER) r = check_pointer(s, c, argument, value);
    if (r == 0) r = check_value(s, c, &t, p.width, value, negative);
    if (r < 0) return r;
    t.value = value & ones(p.width);
    *out = t;
    return 0;
}

static int add_test(struct tests *tests, struct test t) {
    if (tests->count == tests->room && memory_grow(&tests->list, &tests->room, tests->count + 1, sizeof t) < 0)
        return -ENOMEM;
    tests->list[tests->count++] = t;
    return 0;
}

// The call's own number, with all conditions. Absent calls with a multiplexer resolve their conditions all the same.
static int resolve_direct(const struct scene *s, struct tests *tests) {
    for (uint32_t i = 0; i < s->rule->conditions; i++) {
        struct test t = {0};
        int r = resolve_condition(s, &s->rules->conditions[s->rule->condition + i], &t);
        if (r < 0) return r;
        if (add_test(tests, t) < 0) return error_memory(s->e);
    }
    return 0;
}

// Does a rule before this one decide all calls of that number? Then it does not matter what this one would say of them.
static bool decided_before(const struct scene *s, uint32_t number) {
    for (const struct rule *r = s->rules->rules; r < s->rule; r++) {
        if (r->conditions == 0 && (r->abis & ABI_SET(s->abi)) != 0 && direct_number(s->abi, s->rules, r) == number)
            return true;
    }
    return false;
}

static int hidden_error(const struct scene *s, const struct multiplexer *m) {
    syscall_id id = syscalls_at(s->abi, m->number);
    return error_set(s->e, ENOTSUP,
                     "on %s, %s is also reached through %s, which hides its arguments behind a pointer: a rule that "
                     "lets it through on a condition cannot be kept there; leave the condition out, or deny %s first",
                     abis[s->abi].name, s->call, id != SYSCALL_NONE ? syscalls_name(id) : "a multiplexer",
                     id != SYSCALL_NONE ? syscalls_name(id) : "it");
}

// The same through socketcall or ipc, from the resolved conditions of the call itself. A denying rule drops those
// that hide behind a pointer, and so covers more; one that lets through must not.
static int resolve_multiplexed(const struct scene *s, const struct multiplexer *m, const struct resolution *direct,
                               struct tests *tests, struct resolution *out) {
    uint32_t first = (uint32_t)tests->count;
    struct test which = {.argument = 0, .op = COMPARE_EQ, .mask = m->mask, .value = m->value};
    if (add_test(tests, which) < 0) return error_memory(s->e);
    for (uint32_t i = 0; i < direct->at[0].tests; i++) {
        struct test t = tests->list[direct->at[0].test + i];
        if (m->argument[t.argument] < 0) {
            if (action_denies(s->rule->action)) continue;
            tests->count = first;
            // An OCI profile means the call by its name alone, as libseccomp's strict rules do.
            return s->rules->items[s->rule->item].gentle || decided_before(s, m->number) ? 0 : hidden_error(s, m);
        }
        t.argument = (uint8_t)m->argument[t.argument];
        if (add_test(tests, t) < 0) return error_memory(s->e);
    }
    out->at[out->count].number = m->number;
    out->at[out->count].test = first;
    out->at[out->count].tests = (uint16_t)(tests->count - first);
    out->count++;
    return 0;
}

static void set_scene(struct scene *s, enum abi_id abi, const struct rules *r, const struct rule *rule, int64_t number,
                      int64_t self, struct error *e) {
    *s = (struct scene){.abi = abi, .rules = r, .rule = rule, .id = SYSCALL_NONE, .self = self, .e = e};
    if (rule->target == RULE_CALL) s->id = rule->call;
    if (rule->target == RULE_NUMBER) s->id = syscalls_at(abi, (uint32_t)number);
    struct text t;
    text_start(&t, s->call, sizeof s->call);
    const char *name = resolve_name(r, rule);
    if (name != NULL)
        text_add(&t, "%s", name);
    else
        text_add(&t, "call %" PRIu32, rule->number);
    text_end(&t);
}

int resolve(enum abi_id abi, const struct rules *r, const struct rule *rule, int64_t self, struct tests *tests,
            struct resolution *out, struct error *e) {
    out->count = 0;
    if ((rule->abis & ABI_SET(abi)) == 0) return 0;
    int64_t number = direct_number(abi, r, rule);
    struct multiplexer m;
    bool multiplexed = rule->target == RULE_CALL && syscalls_multiplexer(abi, rule->call, &m);
    if (number < 0 && !multiplexed) return 0;
    if (rule->conditions > UINT16_MAX - 1) return error_set(e, EINVAL, "a rule with %u conditions", rule->conditions);

    struct resolution found = {0};
    found.at[0].number = (uint32_t)number;
    found.at[0].test = (uint32_t)tests->count;
    found.at[0].tests = (uint16_t)rule->conditions;
    found.count = number >= 0;
    size_t before = tests->count;
    int result = 0;
    if (rule->conditions > 0 || multiplexed) {
        struct scene s;
        set_scene(&s, abi, r, rule, number, self, e);
        result = resolve_direct(&s, tests);
        if (result == 0 && multiplexed) {
            struct resolution direct = found;
            result = resolve_multiplexed(&s, &m, &direct, tests, &found);
        }
    }
    if (result < 0)
        tests->count = before;
    else
        *out = found;
    return result;
}
