// SPDX-License-Identifier: MIT
#include "explain.h"

#include <inttypes.h>

#include "text.h"

static const char *const origins[] = {
    [ORIGIN_RULE] = "rule",           [ORIGIN_KERNEL] = "kernel",   [ORIGIN_GUARD] = "guard",
    [ORIGIN_ESSENTIAL] = "essential", [ORIGIN_UNKNOWN] = "unknown", [ORIGIN_X32] = "x32",
    [ORIGIN_FOREIGN] = "foreign",     [ORIGIN_DEFAULT] = "default",
};

// What the kernel makes of the register: the low bits of the parameter's width, signed where it is.
static void write_argument(struct parameter p, uint64_t value, struct text *t) {
    unsigned unused = p.width < 64 ? 64u - p.width : 0;
    uint64_t used = value << unused >> unused;
    int64_t number = p.is_signed ? (int64_t)(value << unused) >> unused : (int64_t)used;
    text_add(t, "%s=", p.name);
    if (p.kind != PARAMETER_VALUE || (!p.is_signed && used > 0xffff))
        text_add(t, "0x%" PRIx64, used);
    else
        text_add(t, "%" PRId64, number);
}

void explain_call(enum abi_id abi, uint32_t number, const uint64_t args[SYSCALL_ARGUMENTS], struct text *t) {
    syscall_id id = syscalls_at(abi, number);
    if (id == SYSCALL_NONE) {
        text_add(
            t, "%" PRIu32 "(0x%" PRIx64 ", 0x%" PRIx64 ", 0x%" PRIx64 ", 0x%" PRIx64 ", 0x%" PRIx64 ", 0x%" PRIx64 ")",
            number, args[0], args[1], args[2], args[3], args[4], args[5]);
        return;
    }
    text_add(t, "%s(", syscalls_name(id));
    for (unsigned i = 0; i < SYSCALL_ARGUMENTS; i++) {
        struct parameter p = syscalls_parameter(abi, id, i);
        if (p.kind == PARAMETER_ABSENT) break;
        if (i > 0) text_add(t, ", ");
        write_argument(p, args[i], t);
    }
    text_add(t, ")");
}

void explain_write(const struct filter *f, const struct meaning *m, enum abi_id abi, uint32_t number,
                   const uint64_t args[SYSCALL_ARGUMENTS], struct text *t) {
    struct decision d = meaning_decide(m, abis[abi].audit_arch, number, args);
    text_add(t, "action: ");
    action_write(action_of(d.verdict), t);
    text_add(t, "\norigin: %s\n", origins[d.origin]);
    if (d.origin == ORIGIN_RULE) {
        const struct item *item = &f->rules.items[f->rules.rules[d.rule].item];
        text_add(t, "rule: ");
        rules_write_item(&f->rules, item, t);
        if (item->line > 0)
            text_add(t, "\nsource: %s:%" PRIu32 ":%" PRIu32, f->rules.text + item->source, item->line, item->column);
        text_add(t, "\n");
    }
    text_add(t, "call: ");
    explain_call(abi, number, args, t);
    text_add(t, "\nnumber: %" PRIu32 "\nabi: %s\n", number, abis[abi].name);
}
