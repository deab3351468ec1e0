// SPDX-License-Identifier: MIT
#include "oci_rulings.h"

#include <errno.h>
#include <string.h>

#include "memory.h"
#include "text.h"

enum {
    RULE_SIZE = 256,
    CALL_RULINGS = 1024 // of one call; more are refused
};

int oci_cannot_say(const struct rules *rules, uint32_t rule, const char *why, struct error *e) {
    char text[RULE_SIZE];
    struct text t;
    const struct item *item = &rules->items[rules->rules[rule].item];
    text_start(&t, text, sizeof text);
    text_add(&t, "\"");
    rules_write_item(rules, item, &t);
    text_add(&t, "\"");
    rules_write_source(rules, item, &t);
    text_end(&t);
    return error_set(e, ENOTSUP, "OCI cannot say %s: %s", text, why);
}

void oci_rulings_free(struct ruleset *out) {
    memory_free(out->rulings);
    memory_free(out->tests);
    memset(out, 0, sizeof *out);
}

// ---- Gathering ----

// Does the ruling come from a rule on a call that has another number, or none, and is reached through this one too?
static bool is_through(const struct ruleset *s, const struct rules *rules, const struct ruling *r) {
    if (r->origin != ORIGIN_RULE) return false;
    const struct rule *rule = &rules->rules[r->rule];
    return rule->target == RULE_CALL && syscalls_number(s->abi, rule->call) != r->number;
}

static bool is_on(const struct rules *rules, const struct ruling *r, syscall_id id) {
    return r->origin == ORIGIN_RULE && rules->rules[r->rule].target == RULE_CALL && rules->rules[r->rule].call == id;
}

// Adds a ruling with its tests from `skip` on; `registers` says which register has which argument, NULL: their own.
static int add(struct ruleset *out, const struct ruleset *s, const struct ruling *r, uint16_t skip,
               const int8_t *registers) {
    struct ruling ruling = *r;
    ruling.test = (uint32_t)out->test_count;
    ruling.tests = (uint16_t)(r->tests - skip);
    if (out->ruling_count == out->ruling_room &&
        memory_grow(&out->rulings, &out->ruling_room, out->ruling_count + 1, sizeof ruling) < 0)
        return -ENOMEM;
    if (out->test_count + ruling.tests > out->test_room &&
        memory_grow(&out->tests, &out->test_room, out->test_count + ruling.tests, sizeof *out->tests) < 0)
        return -ENOMEM;
    for (uint16_t i = skip; i < r->tests; i++) {
        struct test t = s->tests[r->test + i];
        for (uint8_t a = 0; registers != NULL && a < SYSCALL_ARGUMENTS; a++) {
            if (registers[a] < 0 || (uint8_t)registers[a] != t.argument) continue;
            t.argument = a;
            break;
        }
        out->tests[out->test_count++] = t;
    }
    out->rulings[out->ruling_count++] = ruling;
    return 0;
}

// The order of rules that reach one number by different names is lost; it does not matter where they agree.
static int check_shared(const struct ruleset *s, const struct rules *rules, uint32_t number, struct error *e) {
    const struct ruling *direct = NULL, *through = NULL;
    bool differ = false;
    for (size_t i = 0; i < s->ruling_count; i++) {
        const struct ruling *r = &s->rulings[i];
        if (r->number != number || r->origin != ORIGIN_RULE) continue;
        const struct ruling *first = direct != NULL ? direct : through;
        differ = differ || (first != NULL && first->verdict != r->verdict);
        if (is_through(s, rules, r))
            through = r;
        else
            direct = r;
    }
    if (through == NULL || direct == NULL || !differ) return 0;
    return oci_cannot_say(rules, direct->rule,
                          "other rules reach the same multiplexer; name the calls behind it instead", e);
}

int oci_rulings(const struct ruleset *s, const struct rules *rules, syscall_id id, int64_t number, struct ruleset *out,
                struct error *e) {
    struct multiplexer m;
    const bool behind = number < 0 && id != SYSCALL_NONE && syscalls_multiplexer(s->abi, id, &m);
    out->abi = s->abi;
    out->default_verdict = s->default_verdict;
    out->ruling_count = out->test_count = 0;
    if (number < 0 && !behind) return 0;
    int result = behind ? 0 : check_shared(s, rules, (uint32_t)number, e);
    for (size_t i = 0; i < s->ruling_count && result == 0; i++) {
        const struct ruling *r = &s->rulings[i];
        if (r->number != (behind ? m.number : (uint32_t)number)) continue;
        if (behind ? !is_on(rules, r, id) : is_through(s, rules, r)) continue;
        if (out->ruling_count == CALL_RULINGS)
            return oci_cannot_say(rules, r->rule, "the call has more than 1024 rules", e);
        // The first test of a call behind a multiplexer is which call it is.
        if (add(out, s, r, behind, behind ? m.argument : NULL) < 0) result = error_memory(e);
    }
    return result < 0 ? result : 1;
}

// ---- Comparing ----

// Do the tests come to the same, `b` on an ABI whose registers may have 32 bits?
static bool tests_agree(const struct test *a, const struct test *b, bool narrow) {
    if (a->argument != b->argument || a->op != b->op || a->is_signed != b->is_signed) return false;
    if (a->wide == b->wide) return a->mask == b->mask && a->value == b->value;
    // A value of 32 bits in a register of 32 bits, whose high word a filter sees as 0.
    return narrow && !a->is_signed && (uint32_t)a->mask == (uint32_t)b->mask && a->value == b->value;
}

bool oci_rulings_agree(const struct ruleset *a, const struct ruleset *b) {
    const bool narrow = abis[b->abi].bits == 32;
    if (a->ruling_count != b->ruling_count) return false;
    for (size_t i = 0; i < a->ruling_count; i++) {
        const struct ruling *x = &a->rulings[i], *y = &b->rulings[i];
        if (x->verdict != y->verdict || x->tests != y->tests) return false;
        for (uint16_t j = 0; j < x->tests; j++)
            if (!tests_agree(&a->tests[x->test + j], &b->tests[y->test + j], narrow)) return false;
    }
    return true;
}

// ---- Behind a multiplexer ----

static bool any_hides(const struct ruleset *direct, const int8_t *registers) {
    for (size_t i = 0; i < direct->test_count; i++)
        if (registers[direct->tests[i].argument] < 0) return true;
    return false;
}

bool oci_behind(const struct ruleset *s, const struct rules *rules, syscall_id id, const struct ruleset *direct,
                struct behind *out) {
    struct multiplexer m;
    if (!syscalls_multiplexer(s->abi, id, &m) || !any_hides(direct, m.argument)) return false;
    *out = (struct behind){.alone = true, .rule = direct->rulings[0].rule};
    for (size_t i = 0; i < s->ruling_count; i++) {
        const struct ruling *r = &s->rulings[i];
        if (r->number != m.number) continue;
        out->alone = out->alone && is_through(s, rules, r);
        if (out->decided || !is_on(rules, r, id)) continue;
        out->decided = true;
        out->verdict = r->verdict;
        out->rule = r->rule;
    }
    return true;
}
