// SPDX-License-Identifier: MIT
// Reads one audit record of seccomp, in each form in which logs have it. Nothing is copied and nothing is allocated:
// a record points into its line. It needs no other file of the core, so that the command is built with it too.
#ifndef ABJURE_RECORD_H
#define ABJURE_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum record_kind {
    RECORD_SECCOMP, // type 1326: a filter decided a call
    RECORD_ABEND,   // type 1701 with signal 31: a process died of SIGSYS
    RECORD_OTHER,   // a record of another type
    RECORD_NONE,    // no audit record
    RECORD_DAMAGED, // claims to be a record of seccomp and cannot be read; `why` says what is wrong
};

enum record_field {
    RECORD_AUID,
    RECORD_UID,
    RECORD_GID,
    RECORD_SES,
    RECORD_PID,
    RECORD_SIG,
    RECORD_ARCH,
    RECORD_SYSCALL,
    RECORD_COMPAT,
    RECORD_IP,
    RECORD_CODE,
    RECORD_RES,
    RECORD_NUMBERS, // the fields above hold a number, those below a text
    RECORD_SUBJ = RECORD_NUMBERS,
    RECORD_COMM,
    RECORD_EXE,
    RECORD_NODE,
    RECORD_AUID_NAME, // what auditd adds with log_format = ENRICHED
    RECORD_UID_NAME,
    RECORD_GID_NAME,
    RECORD_TYPE, // as written: 1326 or SECCOMP
    RECORD_FIELDS
};

enum {
    RECORD_UNSET = 0xffffffff // auid and ses of a process that never logged in
};

// What a field holds, without quotes.
struct record_text {
    const char *bytes; // NULL: there is no such field, or it is (null)
    uint32_t length;
    bool hex; // two digits a byte: the kernel writes names so that hold a blank, a quote or worse
};

struct record {
    int64_t seconds; // since 1970; -1 where the line has no time
    uint32_t milliseconds;
    uint32_t serial;
    uint32_t present; // 1 << enum record_field
    uint32_t arch;    // AUDIT_ARCH_*
    uint32_t number;  // of the call
    uint32_t code;    // SECCOMP_RET_*; the kernel leaves out its data, such as an errno
    uint64_t numbers[RECORD_NUMBERS];
    struct record_text texts[RECORD_FIELDS - RECORD_NUMBERS];
    struct record_text before; // what a log puts before the record
    const char *why;           // of RECORD_NONE, RECORD_OTHER and RECORD_DAMAGED
};

// A line without its line feed; any bytes do. What it says of a record that it does not give as SECCOMP or ABEND is
// not meant for use, but for `why`.
enum record_kind record_parse(const char *line, size_t length, struct record *out);

static inline bool record_has(const struct record *r, enum record_field field) {
    return (r->present >> field & 1u) != 0;
}

static inline const struct record_text *record_text(const struct record *r, enum record_field field) {
    return &r->texts[field - RECORD_NUMBERS];
}

// The bytes of a field, decoded; at most `size` of them, not terminated. Their number.
size_t record_decode(const struct record_text *t, char *bytes, size_t size);

#endif
