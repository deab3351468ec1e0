// SPDX-License-Identifier: MIT
#include "ruleset.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "memory.h"
#include "text.h"

enum {
    X32_BIT = 0x40000000
};

// What the kernel issues itself (uretprobe 6.11, uprobe 6.18), whatever a filter says of the rest.
static const char *const kernel_calls[] = {"uretprobe", "uprobe"};
static const char *const guarded_calls[] = {"io_uring_setup", "io_uring_enter", "io_uring_register"};
static const char *const essential_calls[] = {"rt_sigreturn", "sigreturn", "restart_syscall", "exit", "exit_group"};
// Programs try these and fall back; each has ENOSYS for an answer that they expect.
static const char *const quiet_calls[] = {"clone3", "openat2", "io_uring_setup", "io_uring_enter", "io_uring_register"};

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

static int64_t number_of(enum abi_id abi, const char *name) {
    syscall_id id = syscalls_find(name, strlen(name));
    return id == SYSCALL_NONE ? -1 : syscalls_number(abi, id);
}

// The verdict of an action in this filter; `complain` denies nothing.
static uint32_t verdict_of(const struct filter *f, struct action action) {
    if (f->options.complain && action_denies(action)) action = (struct action){.kind = ACTION_LOG};
    return action_verdict(action);
}

static const struct action no_such_call = {.kind = ACTION_ERRNO, .data = ENOSYS};

static bool is_no_such_call(uint32_t verdict) {
    return verdict == action_verdict(no_such_call);
}

// ---- Building one set ----

static int add_ruling(struct ruleset *s, struct ruling ruling) {
    if (s->ruling_count == s->ruling_room &&
        memory_grow(&s->rulings, &s->ruling_room, s->ruling_count + 1, sizeof ruling) < 0)
        return -ENOMEM;
    s->rulings[s->ruling_count++] = ruling;
    return 0;
}

// An unconditional ruling on a call that the set's ABI may lack.
static int add_named(struct ruleset *s, const char *name, uint32_t verdict, enum origin origin) {
    int64_t number = number_of(s->abi, name);
    if (number < 0) return 0;
    return add_ruling(s, (struct ruling){.number = (uint32_t)number, .verdict = verdict, .origin = (uint8_t)origin});
}

static int add_resolved(struct ruleset *s, const struct rules *r, uint32_t rule, uint32_t verdict, int64_t self,
                        struct error *e) {
    struct tests tests = {.list = s->tests, .count = s->test_count, .room = s->test_room};
    struct resolution found;
    int result = resolve(s->abi, r, &r->rules[rule], self, &tests, &found, e);
    s->tests = tests.list;
    s->test_count = tests.count;
    s->test_room = tests.room;
    if (result < 0) return result;
    for (unsigned i = 0; i < found.count; i++) {
        struct ruling ruling = {.number = found.at[i].number,
                                .verdict = verdict,
                                .test = found.at[i].test,
                                .tests = found.at[i].tests,
                                .origin = ORIGIN_RULE,
                                .rule = rule};
        if (add_ruling(s, ruling) < 0) return error_memory(e);
    }
    return 0;
}

int ruleset_add(struct ruleset *s, const struct rules *r, uint32_t rule, int64_t self, struct error *e) {
    return add_resolved(s, r, rule, action_verdict(r->rules[rule].action), self, e);
}

// The rules of most filters: a name without conditions that has one number. False where it takes more than that.
static bool add_plain(struct ruleset *s, const struct rule *rule, uint32_t index, uint32_t verdict) {
    struct multiplexer m;
    if (rule->target != RULE_CALL || rule->conditions > 0 || (rule->abis & ABI_SET(s->abi)) == 0 ||
        s->ruling_count == s->ruling_room || syscalls_multiplexer(s->abi, rule->call, &m))
        return false;
    int64_t number = syscalls_number(s->abi, rule->call);
    if (number >= 0)
        s->rulings[s->ruling_count++] =
            (struct ruling){.number = (uint32_t)number, .verdict = verdict, .origin = ORIGIN_RULE, .rule = index};
    return true;
}

static void name_item(const struct rules *r, const struct item *item, struct error *e) {
    char name[256];
    struct text t;
    text_start(&t, name, sizeof name);
    rules_write_item(r, item, &t);
    text_end(&t);
    error_prefix(e, "rule \"%s\": ", name);
    if (item->line > 0) error_prefix(e, "%s:%u:%u: ", r->text + item->source, item->line, item->column);
}

static int add_rules(struct ruleset *s, const struct filter *f, int64_t self, struct error *e) {
    const struct rules *r = &f->rules;
    uint32_t verdict = 0;
    for (size_t i = 0; i < r->rule_count; i++) {
        struct action action = r->rules[i].action;
        struct action before = r->rules[i > 0 ? i - 1 : 0].action;
        if (i == 0 || action.kind != before.kind || action.data != before.data) verdict = verdict_of(f, action);
        if (add_plain(s, &r->rules[i], (uint32_t)i, verdict)) continue;
        int result = add_resolved(s, r, (uint32_t)i, verdict, self, e);
        if (result == 0) continue;
        if (result != -ENOMEM) name_item(r, &r->items[r->rules[i].item], e);
        return result;
    }
    return 0;
}

bool ruleset_preset(const char *call, bool default_denies) {
    for (size_t i = 0; i < COUNT(guarded_calls); i++) {
        if (!default_denies && strcmp(guarded_calls[i], call) == 0) return true;
    }
    for (size_t i = 0; i < COUNT(essential_calls); i++) {
        if (default_denies && strcmp(essential_calls[i], call) == 0) return true;
    }
    return syscalls_find(call, strlen(call)) == SYSCALL_NONE;
}

// What stands behind the user's rules.
static int add_guards(struct ruleset *s, const struct filter *f) {
    for (size_t i = 0; i < COUNT(guarded_calls); i++) {
        if (add_named(s, guarded_calls[i], verdict_of(f, no_such_call), ORIGIN_GUARD) < 0) return -ENOMEM;
    }
    return 0;
}

static int add_essentials(struct ruleset *s) {
    uint32_t allow = action_verdict((struct action){.kind = ACTION_ALLOW});
    for (size_t i = 0; i < COUNT(essential_calls); i++) {
        if (add_named(s, essential_calls[i], allow, ORIGIN_ESSENTIAL) < 0) return -ENOMEM;
    }
    return 0;
}

// Numbers that the table does not know and that conditional rulings name (libseccomp's newer calls, bare numbers) end
// in the verdict of unknown numbers.
static int close_unknown(struct ruleset *s) {
    size_t count = s->ruling_count;
    for (size_t i = 0; i < count && s->unknown_differs; i++) {
        struct ruling ruling = s->rulings[i];
        if (ruling.tests == 0 || syscalls_known(s->abi, ruling.number)) continue;
        ruling = (struct ruling){.number = ruling.number, .verdict = s->unknown_verdict, .origin = ORIGIN_UNKNOWN};
        if (add_ruling(s, ruling) < 0) return -ENOMEM;
    }
    return 0;
}

static void mark_quiet(struct ruleset *s) {
    int64_t quiet[COUNT(quiet_calls)];
    for (size_t i = 0; i < COUNT(quiet_calls); i++)
        quiet[i] = number_of(s->abi, quiet_calls[i]);
    for (size_t i = 0; i < s->ruling_count; i++) {
        struct ruling *ruling = &s->rulings[i];
        if (!is_no_such_call(ruling->verdict)) continue;
        ruling->quiet = ruling->origin == ORIGIN_UNKNOWN;
        for (size_t j = 0; j < COUNT(quiet); j++)
            ruling->quiet = ruling->quiet || quiet[j] == ruling->number;
    }
}

// Does any rule deny?
static bool rules_deny(const struct filter *f) {
    for (size_t i = 0; i < f->rules.rule_count; i++) {
        if (action_denies(f->rules.rules[i].action)) return true;
    }
    return false;
}

static int make_set(struct ruleset *s, const struct filter *f, int64_t self, bool deny, struct error *e) {
    bool strict = action_denies(f->default_action);
    // Room for all rules, each perhaps with a multiplexer's ruling on some, and for our own.
    size_t room = f->rules.rule_count + 16;
    if (memory_grow(&s->rulings, &s->ruling_room, room, sizeof *s->rulings) < 0) return error_memory(e);
    uint32_t allow = action_verdict((struct action){.kind = ACTION_ALLOW});
    s->default_verdict = verdict_of(f, f->default_action);
    s->unknown_verdict = deny ? verdict_of(f, f->options.unknown) : s->default_verdict;
    s->unknown_differs = s->unknown_verdict != s->default_verdict;
    for (size_t i = 0; i < COUNT(kernel_calls); i++) {
        if (deny && add_named(s, kernel_calls[i], allow, ORIGIN_KERNEL) < 0) return error_memory(e);
    }
    int result = add_rules(s, f, self, e);
    if (result < 0) return result;
    if (strict) result = add_essentials(s);
    if (!strict && deny) result = add_guards(s, f);
    if (result == 0) result = close_unknown(s);
    if (result < 0) return error_memory(e);
    mark_quiet(s);
    return 0;
}

// ---- All ABIs ----

// An allow list that allows nothing would kill the program at its first call.
static int check_empty(const struct filter *f, const struct meaning *m, struct error *e) {
    if (!action_denies(f->default_action)) return 0;
    for (size_t i = 0; i < m->count; i++) {
        const struct ruleset *s = &m->sets[i];
        for (size_t j = 0; j < s->ruling_count; j++) {
            const struct ruling *ruling = &s->rulings[j];
            if (ruling->origin == ORIGIN_RULE && !action_denies(f->rules.rules[ruling->rule].action)) return 0;
        }
    }
    error_set(e, EINVAL,
              "the default denies and no rule allows any call: an empty allow list; add what the program needs, or "
              "leave the default at allow");
    const struct filter_place *place = &f->default_place;
    if (place->line != 0)
        error_prefix(e, "%s:%" PRIu32 ":%" PRIu32 ": ", f->rules.text + place->source, place->line, place->column);
    return -EINVAL;
}

int meaning_make(const struct filter *f, int64_t self, struct meaning *out, struct error *e) {
    memset(out, 0, sizeof *out);
    abi_set set = filter_abis(f);
    if (set == 0)
        return error_set(e, ENOTSUP, "the core has no table for the ABI of this machine; name one with option abi");
    bool deny = action_denies(f->default_action) || rules_deny(f);
    out->foreign_verdict = verdict_of(f, f->options.foreign);
    out->x32_verdict = verdict_of(f, f->options.x32);
    int result = 0;
    for (int id = 0; id < ABI_COUNT && result == 0; id++) {
        if ((set & ABI_SET(id)) == 0) continue;
        struct ruleset *s = &out->sets[out->count++];
        s->abi = (enum abi_id)id;
        result = make_set(s, f, self, deny, e);
    }
    if (result == 0) result = check_empty(f, out, e);
    if (result < 0) meaning_free(out);
    return result;
}

void meaning_free(struct meaning *m) {
    for (size_t i = 0; i < m->count; i++) {
        memory_free(m->sets[i].rulings);
        memory_free(m->sets[i].tests);
    }
    memset(m, 0, sizeof *m);
}

// ---- The quiet half ----

static int copy_set(const struct ruleset *from, struct ruleset *to) {
    to->abi = from->abi;
    if (from->ruling_count > 0) {
        if (memory_grow(&to->rulings, &to->ruling_room, from->ruling_count, sizeof *to->rulings) < 0) return -ENOMEM;
        memcpy(to->rulings, from->rulings, from->ruling_count * sizeof *to->rulings);
        to->ruling_count = from->ruling_count;
    }
    if (from->test_count > 0) {
        if (memory_grow(&to->tests, &to->test_room, from->test_count, sizeof *to->tests) < 0) return -ENOMEM;
        memcpy(to->tests, from->tests, from->test_count * sizeof *to->tests);
        to->test_count = from->test_count;
    }
    return 0;
}

static const struct ruleset *set_of(const struct meaning *m, enum abi_id abi) {
    for (size_t i = 0; i < m->count; i++) {
        if (m->sets[i].abi == abi) return &m->sets[i];
    }
    return NULL;
}

// Is there no ruling before it that takes all of its calls, such as the user's before a guard?
static bool decides(const struct ruleset *s, size_t index) {
    for (size_t i = 0; i < index; i++) {
        if (s->rulings[i].number == s->rulings[index].number && s->rulings[i].tests == 0) return false;
    }
    return true;
}

// Everything but the quiet verdicts becomes allow.
static bool silence_set(const struct ruleset *from, struct ruleset *to, uint32_t allow) {
    bool any = from->unknown_differs && is_no_such_call(from->unknown_verdict);
    to->default_verdict = allow;
    to->unknown_verdict = any ? from->unknown_verdict : allow;
    to->unknown_differs = any;
    for (size_t i = 0; i < to->ruling_count; i++) {
        if (to->rulings[i].quiet)
            any = any || decides(from, i);
        else
            to->rulings[i].verdict = allow;
    }
    return any;
}

int meaning_quiet(const struct meaning *m, struct meaning *out, bool *any, struct error *e) {
    memset(out, 0, sizeof *out);
    uint32_t allow = action_verdict((struct action){.kind = ACTION_ALLOW});
    *any = false;
    out->foreign_verdict = allow;
    out->x32_verdict = allow;
    if (is_no_such_call(m->x32_verdict) && set_of(m, ABI_X86_64) != NULL && set_of(m, ABI_X32) == NULL) {
        out->x32_verdict = m->x32_verdict;
        *any = true;
    }
    for (size_t i = 0; i < m->count; i++) {
        out->count++;
        if (copy_set(&m->sets[i], &out->sets[i]) < 0) {
            meaning_free(out);
            return error_memory(e);
        }
        if (silence_set(&m->sets[i], &out->sets[i], allow)) *any = true;
    }
    return 0;
}

// ---- Deciding ----

bool test_holds(const struct test *t, const uint64_t args[6]) {
    uint64_t x = args[t->argument];
    uint64_t y = t->value;
    if (!t->wide) x &= UINT32_MAX;
    x &= t->mask;
    if (t->is_signed) {
        // Turns the signed order into the unsigned one.
        uint64_t sign = t->wide ? UINT64_C(1) << 63 : UINT64_C(1) << 31;
        x ^= sign;
        y ^= sign;
    }
    switch (t->op) {
    case COMPARE_EQ:
        return x == y;
    case COMPARE_NE:
        return x != y;
    case COMPARE_LT:
        return x < y;
    case COMPARE_LE:
        return x <= y;
    case COMPARE_GT:
        return x > y;
    case COMPARE_GE:
        return x >= y;
    }
    return false;
}

static bool ruling_holds(const struct ruleset *s, const struct ruling *ruling, const uint64_t args[6]) {
    for (uint16_t i = 0; i < ruling->tests; i++) {
        if (!test_holds(&s->tests[ruling->test + i], args)) return false;
    }
    return true;
}

static struct decision decide(const struct ruleset *s, uint32_t number, const uint64_t args[6]) {
    for (size_t i = 0; i < s->ruling_count; i++) {
        const struct ruling *ruling = &s->rulings[i];
        if (ruling->number != number || !ruling_holds(s, ruling, args)) continue;
        return (struct decision){.verdict = ruling->verdict,
                                 .origin = (enum origin)ruling->origin,
                                 .rule = ruling->rule,
                                 .quiet = ruling->quiet};
    }
    if (s->unknown_differs && !syscalls_known(s->abi, number))
        return (struct decision){
            .verdict = s->unknown_verdict, .origin = ORIGIN_UNKNOWN, .quiet = is_no_such_call(s->unknown_verdict)};
    return (struct decision){.verdict = s->default_verdict, .origin = ORIGIN_DEFAULT};
}

struct decision meaning_decide(const struct meaning *m, uint32_t arch, uint32_t number, const uint64_t args[6]) {
    if (arch == abis[ABI_X86_64].audit_arch) {
        const struct ruleset *s = set_of(m, (number & X32_BIT) != 0 ? ABI_X32 : ABI_X86_64);
        if (s != NULL) return decide(s, number, args);
        if ((number & X32_BIT) != 0 && set_of(m, ABI_X86_64) != NULL)
            return (struct decision){
                .verdict = m->x32_verdict, .origin = ORIGIN_X32, .quiet = is_no_such_call(m->x32_verdict)};
        return (struct decision){.verdict = m->foreign_verdict, .origin = ORIGIN_FOREIGN};
    }
    for (size_t i = 0; i < m->count; i++) {
        if (abis[m->sets[i].abi].audit_arch == arch) return decide(&m->sets[i], number, args);
    }
    return (struct decision){.verdict = m->foreign_verdict, .origin = ORIGIN_FOREIGN};
}
