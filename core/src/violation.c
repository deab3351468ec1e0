// SPDX-License-Identifier: MIT
#include "violation.h"

#include "action.h"
#include "error.h"
#include "record.h"
#include "syscalls.h"
#include "text.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <string.h>

enum {
    SIGNAL_SIGKILL = 9, // strict mode; the same on all ABIs of the core, as is SIGSYS
    SIGNAL_SIGSYS = 31,
    NAME_LIMIT = 4096, // bytes; the kernel's PATH_MAX. More is no path
};

// x32 shares its AUDIT_ARCH with x86_64; a bit of the number tells them apart.
static enum abi_id abi_of(uint32_t arch, uint32_t number) {
    enum abi_id found = ABI_NONE;
    for (int i = 0; i < ABI_COUNT; i++)
        if (abis[i].audit_arch == arch && (abis[i].number_base == 0 || (number & abis[i].number_base) != 0))
            if (found == ABI_NONE || abis[i].number_base != 0) found = (enum abi_id)i;
    // -1, which tracers use to skip a call, has all bits.
    return found == ABI_X32 && number == UINT32_MAX ? ABI_X86_64 : found;
}

static void write_abi(const struct record *r, struct text *t) {
    enum abi_id abi = abi_of(r->arch, r->number);
    if (abi != ABI_NONE)
        text_add(t, "%s", abis[abi].name);
    else
        text_add(t, "0x%x", (unsigned)r->arch);
}

static void write_call(const struct record *r, const char *before_number, struct text *t) {
    enum abi_id abi = record_has(r, RECORD_ARCH) ? abi_of(r->arch, r->number) : ABI_NONE;
    syscall_id id = abi == ABI_NONE ? SYSCALL_NONE : syscalls_at(abi, r->number);
    if (id != SYSCALL_NONE)
        text_add(t, "%s", syscalls_name(id));
    else if (r->number == UINT32_MAX)
        text_add(t, "%s-1", before_number);
    else
        text_add(t, "%s%u", before_number, (unsigned)r->number);
}

// The kernel masks the data of the action, so an errno is rarely there: 0x50000 says that there was one, not which.
static bool lacks_data(uint32_t code) {
    uint32_t kind = code & SECCOMP_RET_ACTION_FULL;
    return (code & SECCOMP_RET_DATA) == 0 && (kind == SECCOMP_RET_ERRNO || kind == SECCOMP_RET_TRACE);
}

static void write_action(uint32_t code, struct text *t) {
    if (lacks_data(code))
        text_add(t, "%s", (code & SECCOMP_RET_ACTION_FULL) == SECCOMP_RET_ERRNO ? "deny" : "trace");
    else
        action_write(action_of(code), t);
}

static const char *signal_name(uint64_t number) {
    return number == SIGNAL_SIGSYS ? "SIGSYS" : number == SIGNAL_SIGKILL ? "SIGKILL" : NULL;
}

// ---- Lines ----

// The C library's gmtime reads files. Years start in March here, so that a leap day ends one; 719468 days lie between
// the first of March of year 0 and 1970, and 146097 in 400 years.
static void write_date(uint64_t days, struct text *t) {
    uint64_t since = days + 719468, era = since / 146097, day_of_era = since % 146097;
    uint64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    uint64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    uint64_t march = (5 * day_of_year + 2) / 153; // months since March
    unsigned day = (unsigned)(day_of_year - (153 * march + 2) / 5 + 1);
    unsigned month = (unsigned)(march < 10 ? march + 3 : march - 9);
    unsigned year = (unsigned)(year_of_era + era * 400 + (month <= 2));
    text_add(t, "%04u-%02u-%02u", year, month, day);
}

static void write_time(const struct record *r, struct text *t) {
    if (r->seconds < 0) return;
    unsigned second = (unsigned)(r->seconds % 86400);
    text_add(t, "time: ");
    write_date((uint64_t)r->seconds / 86400, t);
    text_add(t, "T%02u:%02u:%02u.%03uZ\nserial: %u\n", second / 3600, second / 60 % 60, second % 60,
             (unsigned)r->milliseconds, (unsigned)r->serial);
}

static void write_number(const struct record *r, enum record_field field, const char *key, struct text *t) {
    if (!record_has(r, field)) return;
    bool may_be_unset = field == RECORD_AUID || field == RECORD_SES;
    if (may_be_unset && r->numbers[field] == RECORD_UNSET)
        text_add(t, "%s: unset\n", key);
    else
        text_add(t, "%s: %llu\n", key, (unsigned long long)r->numbers[field]);
}

static void write_name(const struct record_text *name, struct text *t) {
    char bytes[NAME_LIMIT];
    text_clean(t, bytes, record_decode(name, bytes, sizeof bytes));
}

static void write_text(const struct record *r, enum record_field field, const char *key, struct text *t) {
    const struct record_text *value = record_text(r, field);
    if (value->bytes == NULL) return;
    text_add(t, "%s: ", key);
    write_name(value, t);
    text_add(t, "\n");
}

static void write_signal(const struct record *r, struct text *t) {
    uint64_t number = r->numbers[RECORD_SIG];
    if (number == 0) return;
    if (signal_name(number) != NULL)
        text_add(t, "signal: %s\n", signal_name(number));
    else
        text_add(t, "signal: %llu\n", (unsigned long long)number);
}

static void write_decision(const struct record *r, struct text *t) {
    if (record_has(r, RECORD_SYSCALL)) {
        text_add(t, "call: ");
        write_call(r, "", t);
        text_add(t, "\n");
    }
    if (record_has(r, RECORD_ARCH)) {
        text_add(t, "abi: ");
        write_abi(r, t);
        text_add(t, "\n");
    }
    if (record_has(r, RECORD_CODE)) {
        text_add(t, "action: ");
        write_action(r->code, t);
        text_add(t, "\n");
    }
    write_signal(r, t);
    if ((r->code & SECCOMP_RET_ACTION_FULL) != SECCOMP_RET_ERRNO || lacks_data(r->code)) return;
    text_add(t, "errno: ");
    write_action(r->code, t);
    text_add(t, "\n");
}

// ---- The sentence ----

static void write_outcome(const struct record *r, struct text *t) {
    if (!record_has(r, RECORD_CODE)) {
        const char *name = signal_name(r->numbers[RECORD_SIG]);
        text_add(t, name != NULL ? "got %s" : "the record does not say what became of it", name);
        return;
    }
    switch (action_of(r->code).kind) {
    case ACTION_KILL_THREAD:
    case ACTION_KILL:
        text_add(t, r->numbers[RECORD_SIG] == SIGNAL_SIGKILL ? "was killed (SIGKILL, strict mode)"
                                                             : "was killed (SIGSYS)");
        break;
    case ACTION_TRAP:
        text_add(t, "got SIGSYS (trap)");
        break;
    case ACTION_ERRNO:
        text_add(t, "was denied it (");
        if (lacks_data(r->code))
            text_add(t, "an errno");
        else
            write_action(r->code, t);
        text_add(t, ")");
        break;
    case ACTION_LOG:
        text_add(t, "went on (log)");
        break;
    case ACTION_ALLOW:
        text_add(t, "went on (allow)");
        break;
    case ACTION_NOTIFY:
        text_add(t, "a supervisor decided (notify)");
        break;
    case ACTION_TRACE:
        text_add(t, "a tracer decided (trace)");
        break;
    }
}

static void write_summary(const struct record *r, enum record_kind kind, struct text *t) {
    const struct record_text *name = record_text(r, RECORD_COMM), *exe = record_text(r, RECORD_EXE);
    text_add(t, "summary: ");
    if (name->bytes != NULL)
        write_name(name, t);
    else
        text_add(t, "a program");
    if (record_has(r, RECORD_PID)) text_add(t, " (pid %llu)", (unsigned long long)r->numbers[RECORD_PID]);
    if (kind == RECORD_SECCOMP) {
        text_add(t, " called ");
        write_call(r, "system call ", t);
        text_add(t, " and ");
        write_outcome(r, t);
    } else {
        text_add(t, " died of SIGSYS");
    }
    if (record_has(r, RECORD_UID)) text_add(t, ", as uid %llu", (unsigned long long)r->numbers[RECORD_UID]);
    if (exe->bytes != NULL) {
        text_add(t, ", ");
        write_name(exe, t);
    }
    if (record_has(r, RECORD_ARCH)) {
        text_add(t, ", ");
        write_abi(r, t);
    }
    text_add(t, "\n");
}

int violation_write(const char *line, size_t length, struct text *t, struct error *e) {
    struct record r;
    enum record_kind kind = record_parse(line, length, &r);
    if (kind == RECORD_OTHER) return error_set(e, ENOENT, "%s", r.why);
    if (kind != RECORD_SECCOMP && kind != RECORD_ABEND) return error_set(e, EINVAL, "%s", r.why);
    write_time(&r, t);
    write_decision(&r, t);
    write_number(&r, RECORD_PID, "pid", t);
    write_number(&r, RECORD_UID, "uid", t);
    write_number(&r, RECORD_AUID, "auid", t);
    write_number(&r, RECORD_GID, "gid", t);
    write_number(&r, RECORD_SES, "session", t);
    write_text(&r, RECORD_COMM, "name", t);
    write_text(&r, RECORD_EXE, "exe", t);
    if (record_has(&r, RECORD_IP)) text_add(t, "ip: 0x%llx\n", (unsigned long long)r.numbers[RECORD_IP]);
    write_text(&r, RECORD_SUBJ, "subject", t);
    write_number(&r, RECORD_COMPAT, "compat", t);
    write_summary(&r, kind, t);
    return 0;
}
