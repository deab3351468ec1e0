// SPDX-License-Identifier: MIT
#include "record.h"

#include <string.h>

enum {
    TYPE_SECCOMP = 1326, // AUDIT_SECCOMP and AUDIT_ANOM_ABEND of linux/audit.h
    TYPE_ABEND = 1701,
    SIGNAL_SIGSYS = 31, // on all ABIs of the core
};

struct cursor {
    const char *at, *end;
};

// Names of fields have at most 7 letters: they are read into a number, which costs less to compare than a text.
struct key {
    uint64_t letters;
    uint8_t field;
};

#define L(n, c) ((uint64_t)(n) << 8 | (c))
#define L2(a, b) L(a, b)
#define L3(a, b, c) L(L2(a, b), c)
#define L4(a, b, c, d) L(L3(a, b, c), d)
#define L6(a, b, c, d, e, f) L(L(L4(a, b, c, d), e), f)
#define L7(a, b, c, d, e, f, g) L(L6(a, b, c, d, e, f), g)

static const struct key keys[] = {
    {L2('i', 'p'), RECORD_IP},
    {L3('u', 'i', 'd'), RECORD_UID},
    {L3('g', 'i', 'd'), RECORD_GID},
    {L3('s', 'e', 's'), RECORD_SES},
    {L3('p', 'i', 'd'), RECORD_PID},
    {L3('s', 'i', 'g'), RECORD_SIG},
    {L3('e', 'x', 'e'), RECORD_EXE},
    {L3('U', 'I', 'D'), RECORD_UID_NAME},
    {L3('G', 'I', 'D'), RECORD_GID_NAME},
    {L3('r', 'e', 's'), RECORD_RES},
    {L4('a', 'u', 'i', 'd'), RECORD_AUID},
    {L4('s', 'u', 'b', 'j'), RECORD_SUBJ},
    {L4('c', 'o', 'm', 'm'), RECORD_COMM},
    {L4('a', 'r', 'c', 'h'), RECORD_ARCH},
    {L4('c', 'o', 'd', 'e'), RECORD_CODE},
    {L4('A', 'U', 'I', 'D'), RECORD_AUID_NAME},
    {L6('c', 'o', 'm', 'p', 'a', 't'), RECORD_COMPAT},
    {L7('s', 'y', 's', 'c', 'a', 'l', 'l'), RECORD_SYSCALL},
};
#undef L7
#undef L6
#undef L4
#undef L3
#undef L2
#undef L

// Where the keys of each length start and end in `keys`.
static const uint8_t first_key[9] = {0, 0, 0, 1, 10, 16, 16, 17, 18};

static int find_key(uint64_t letters, size_t length) {
    if (length < 2 || length > 7) return -1;
    for (unsigned i = first_key[length]; i < first_key[length + 1]; i++)
        if (keys[i].letters == letters) return keys[i].field;
    return -1;
}

// ---- Bytes and numbers ----

// What each byte is, looked at once: a decimal or hexadecimal digit (its value), or the end of a word.
enum {
    BYTE_BLANK = 0x40,
    BYTE_OTHER = 0x80
};

#define O BYTE_OTHER
#define B BYTE_BLANK
#define ROW O, O, O, O, O, O, O, O, O, O, O, O, O, O, O, O
static const uint8_t byte_class[256] = {
    O,   O,   O,   O,   O,   O,   O,   O,  O, B, B, B, B, B, O, O, // \t to \r
    O,   O,   O,   O,   O,   O,   O,   O,  O, O, O, O, O, B, O, O, // 0x1d stands before what auditd adds
    B,   O,   O,   O,   O,   O,   O,   O,  O, O, O, O, O, O, O, O, //
    0,   1,   2,   3,   4,   5,   6,   7,  8, 9, O, O, O, O, O, O, //
    O,   10,  11,  12,  13,  14,  15,  O,  O, O, O, O, O, O, O, O, //
    O,   O,   O,   O,   O,   O,   O,   O,  O, O, O, O, O, O, O, O, //
    O,   10,  11,  12,  13,  14,  15,  O,  O, O, O, O, O, O, O, O, //
    O,   O,   O,   O,   O,   O,   O,   O,  O, O, O, O, O, O, O, O, //
    ROW, ROW, ROW, ROW, ROW, ROW, ROW, ROW};
#undef ROW
#undef B
#undef O

static unsigned class_of(char c) {
    return byte_class[(unsigned char)c];
}

static bool is_blank(char c) {
    return class_of(c) == BYTE_BLANK;
}

// A number up to the end of the word, a negative one only where the base is 10. Moves on only where it is one.
static bool take_number(struct cursor *c, unsigned base, uint64_t *out) {
    const char *at = c->at;
    bool negative = base == 10 && at < c->end && *at == '-';
    if (negative) at++;
    if (base == 16 && c->end - at > 2 && at[0] == '0' && at[1] == 'x') at += 2;
    uint64_t value = 0;
    const char *start = at;
    for (; at < c->end && class_of(*at) < base; at++)
        value = value * base + class_of(*at);
    // 16 digits of base 16 and 19 of base 10 cannot overflow.
    if (at == start || at - start > (base == 16 ? 16 : 19) || (at < c->end && !is_blank(*at))) return false;
    *out = negative ? 0 - value : value;
    c->at = at;
    return true;
}

// The digits at the cursor, 1 to `most` of them; moves behind them.
static bool take_digits(struct cursor *c, unsigned most, uint64_t *out) {
    const char *start = c->at;
    uint64_t value = 0;
    while (c->at < c->end && *c->at >= '0' && *c->at <= '9') {
        if ((size_t)(c->at - start) == most) return false;
        value = value * 10 + (unsigned)(*c->at++ - '0');
    }
    *out = value;
    return c->at > start;
}

// ---- The head: type, time and serial ----

static bool take_byte(struct cursor *c, char byte) {
    if (c->at == c->end || *c->at != byte) return false;
    c->at++;
    return true;
}

// "1592235264.942:94)", behind "audit(".
static bool take_stamp(struct cursor *c, struct record *r) {
    uint64_t seconds, milliseconds, serial;
    // 11 digits of seconds reach to the year 5138.
    if (!take_digits(c, 11, &seconds) || !take_byte(c, '.') || !take_digits(c, 3, &milliseconds) ||
        !take_byte(c, ':') || !take_digits(c, 10, &serial) || !take_byte(c, ')') || serial > UINT32_MAX)
        return false;
    r->seconds = (int64_t)seconds;
    r->milliseconds = (uint32_t)milliseconds;
    r->serial = (uint32_t)serial;
    return true;
}

static const char *find(struct cursor c, const char *what, size_t length) {
    for (const char *at = c.at; at < c.end && (size_t)(c.end - at) >= length; at++) {
        at = memchr(at, what[0], (size_t)(c.end - at) - length + 1);
        if (at == NULL) return NULL;
        if (memcmp(at, what, length) == 0) return at;
    }
    return NULL;
}

static size_t word_length(struct cursor c) {
    const char *at = c.at;
    while (at < c.end && !is_blank(*at))
        at++;
    return (size_t)(at - c.at);
}

static bool is_word(const char *bytes, size_t length, const char *word) {
    return length == strlen(word) && memcmp(bytes, word, length) == 0;
}

static enum record_kind kind_of_type(const char *word, size_t length) {
    if (is_word(word, length, "1326") || is_word(word, length, "SECCOMP") || is_word(word, length, "UNKNOWN[1326]"))
        return RECORD_SECCOMP;
    if (is_word(word, length, "1701") || is_word(word, length, "ANOM_ABEND")) return RECORD_ABEND;
    return RECORD_OTHER;
}

// The value behind the last "KEY=" before `end`, at the start of a word.
static struct record_text value_before(struct cursor c, const char *key) {
    struct record_text found = {NULL, 0, false};
    size_t length = strlen(key);
    for (const char *at = c.at; (at = find((struct cursor){at, c.end}, key, length)) != NULL; at += length) {
        if (at > c.at && !is_blank(at[-1]) && at[-1] != ']') continue;
        found.bytes = at + length;
        found.length = (uint32_t)word_length((struct cursor){at + length, c.end});
    }
    return found;
}

// journald writes "audit[664]: SECCOMP auid=…", without time and serial, and leaves out what is before SECCOMP where
// one asks for the message only.
static enum record_kind take_journal(struct cursor *c, struct record *r) {
    static const char *const words[] = {": SECCOMP ", ": ANOM_ABEND "}, *const alone[] = {"SECCOMP auid=",
                                                                                          "ANOM_ABEND auid="};
    for (int i = 0; i < 2; i++) {
        size_t length = strlen(alone[i]);
        if ((size_t)(c->end - c->at) > length && memcmp(c->at, alone[i], length) == 0) {
            r->texts[RECORD_TYPE - RECORD_NUMBERS] = (struct record_text){c->at, (uint32_t)length - 6, false};
            c->at += length - 5;
            return i == 0 ? RECORD_SECCOMP : RECORD_ABEND;
        }
        const char *at = find(*c, words[i], strlen(words[i]));
        if (at == NULL || find((struct cursor){c->at, at}, "audit", 5) == NULL) continue;
        r->before = (struct record_text){c->at, (uint32_t)(at - c->at), false};
        r->texts[RECORD_TYPE - RECORD_NUMBERS] = (struct record_text){at + 2, (uint32_t)(strlen(words[i]) - 3), false};
        c->at = at + strlen(words[i]);
        return i == 0 ? RECORD_SECCOMP : RECORD_ABEND;
    }
    return RECORD_NONE;
}

static enum record_kind damaged(struct record *r, const char *why) {
    r->why = why;
    return RECORD_DAMAGED;
}

// A record from the netlink socket has no type: what only the kernel's records of seccomp have tells it.
static enum record_kind kind_of_fields(struct cursor c) {
    if (find(c, " syscall=", 9) != NULL && find(c, " code=", 6) != NULL && find(c, " sig=", 5) != NULL)
        return RECORD_SECCOMP;
    return find(c, " sig=", 5) != NULL && find(c, " res=", 5) != NULL ? RECORD_ABEND : RECORD_OTHER;
}

// auditd's line is nearly always "type=SECCOMP msg=audit(": no need to search for it.
static bool take_usual_head(struct cursor *c, struct record *r) {
    static const char usual[] = "type=SECCOMP msg=audit(";
    size_t length = sizeof usual - 1;
    if ((size_t)(c->end - c->at) < length || memcmp(c->at, usual, length) != 0) return false;
    r->texts[RECORD_TYPE - RECORD_NUMBERS] = (struct record_text){c->at + 5, 7, false};
    c->at += length;
    return true;
}

// Moves the cursor to the fields.
static enum record_kind take_head(struct cursor *c, struct record *r) {
    enum record_kind kind = RECORD_SECCOMP;
    bool typed = true;
    if (!take_usual_head(c, r)) {
        const char *stamp = find(*c, "audit(", 6);
        if (stamp == NULL) {
            kind = take_journal(c, r);
            if (kind == RECORD_NONE) r->why = "this is no audit record: it has no \"audit(TIME:SERIAL)\"";
            return kind;
        }
        struct cursor before = {c->at, stamp};
        r->before = (struct record_text){c->at, (uint32_t)(stamp - c->at), false};
        struct record_text type = value_before(before, "type=");
        r->texts[RECORD_NODE - RECORD_NUMBERS] = value_before(before, "node=");
        r->texts[RECORD_TYPE - RECORD_NUMBERS] = type;
        typed = type.bytes != NULL;
        c->at = stamp + 6;
        kind = typed ? kind_of_type(type.bytes, type.length) : kind_of_fields(*c);
    }
    if (kind == RECORD_OTHER) {
        r->why = "this is a record of another type: those of seccomp are SECCOMP (1326)";
        return kind;
    }
    if (take_stamp(c, r)) return kind;
    return typed ? damaged(r, "the time or the serial number in \"audit(TIME:SERIAL)\" is malformed; ausearch must "
                              "run without -i")
                 : RECORD_NONE;
}

// ---- Fields ----

static unsigned base_of(unsigned field) {
    return field == RECORD_ARCH || field == RECORD_IP || field == RECORD_CODE ? 16 : 10;
}

static const char *const bad_number[RECORD_NUMBERS] = {
    [RECORD_AUID] = "auid= holds no number",
    [RECORD_UID] = "uid= holds no number",
    [RECORD_GID] = "gid= holds no number",
    [RECORD_SES] = "ses= holds no number",
    [RECORD_PID] = "pid= holds no number",
    [RECORD_SIG] = "sig= holds no number",
    [RECORD_ARCH] = "arch= holds no hexadecimal number",
    [RECORD_SYSCALL] = "syscall= holds no number",
    [RECORD_COMPAT] = "compat= holds no number",
    [RECORD_IP] = "ip= holds no hexadecimal number",
    [RECORD_CODE] = "code= holds no hexadecimal number",
    [RECORD_RES] = "res= holds no number",
};

// Takes the value at the cursor; NULL, or what is wrong with it.
static const char *take_value(struct cursor *c, struct record_text *out) {
    *out = (struct record_text){.bytes = c->at};
    if (c->at < c->end && *c->at == '"') {
        out->bytes++;
        const char *close = memchr(c->at + 1, '"', (size_t)(c->end - c->at - 1));
        if (close == NULL) return "a quote is missing: the line is cut off";
        out->length = (uint32_t)(close - out->bytes);
        c->at = close + 1;
        return NULL;
    }
    const char *at = c->at;
    unsigned seen = 0;
    for (unsigned class; at < c->end && (class = class_of(*at)) != BYTE_BLANK; at++)
        seen |= class;
    out->length = (uint32_t)(at - c->at);
    out->hex = (seen & BYTE_OTHER) == 0 && out->length > 0 && out->length % 2 == 0;
    c->at = at;
    return NULL;
}

static const char *take_number_field(struct cursor *c, struct record *r, unsigned field) {
    if (take_number(c, base_of(field), &r->numbers[field])) return NULL;
    size_t length = word_length(*c);
    // auditd's tools write "unset" for the largest number.
    if (!is_word(c->at, length, "unset")) return bad_number[field];
    r->numbers[field] = RECORD_UNSET;
    c->at += length;
    return NULL;
}

static const char *take_text_field(struct cursor *c, struct record *r, unsigned field) {
    struct record_text value;
    const char *why = take_value(c, &value);
    if (why != NULL || is_word(value.bytes, value.length, "(null)")) return why;
    if (field != RECORD_COMM && field != RECORD_EXE) value.hex = false;
    r->texts[field - RECORD_NUMBERS] = value;
    return NULL;
}

static const char *take_field(struct cursor *c, struct record *r, int field) {
    struct record_text other;
    // The kernel writes a field once, and before any that something else adds.
    if (field < 0 || record_has(r, (enum record_field)field)) return take_value(c, &other);
    r->present |= 1u << field;
    return field < RECORD_NUMBERS ? take_number_field(c, r, (unsigned)field) : take_text_field(c, r, (unsigned)field);
}

static const char *take_fields(struct cursor *c, struct record *r) {
    for (;;) {
        while (c->at < c->end && is_blank(*c->at))
            c->at++;
        if (c->at == c->end) return NULL;
        const char *name = c->at;
        uint64_t letters = 0;
        for (; c->at < c->end && *c->at != '=' && !is_blank(*c->at); c->at++)
            letters = letters << 8 | (unsigned char)*c->at;
        if (c->at == c->end || *c->at != '=') continue; // a word without a value
        int field = find_key(letters, (size_t)(c->at - name));
        c->at++;
        const char *why = take_field(c, r, field);
        if (why != NULL) return why;
    }
}

static const char *check(struct record *r, enum record_kind kind) {
    r->arch = (uint32_t)r->numbers[RECORD_ARCH];
    r->number = (uint32_t)r->numbers[RECORD_SYSCALL];
    r->code = (uint32_t)r->numbers[RECORD_CODE];
    if (kind == RECORD_SECCOMP && !record_has(r, RECORD_SYSCALL)) return "syscall= is missing: the line is cut off";
    for (unsigned i = 0; i < RECORD_NUMBERS; i++) {
        uint64_t value = r->numbers[i];
        bool wide = i == RECORD_IP || (i == RECORD_SYSCALL && value >= (uint64_t)INT64_MIN) || i == RECORD_RES;
        if (!wide && value > UINT32_MAX && value != UINT64_MAX) return bad_number[i];
        if (!wide && value == UINT64_MAX) r->numbers[i] = RECORD_UNSET; // older kernels wrote -1
    }
    return NULL;
}

enum record_kind record_parse(const char *line, size_t length, struct record *out) {
    memset(out, 0, sizeof *out);
    out->seconds = -1;
    if (length > UINT32_MAX) return damaged(out, "the line is longer than 4 GiB");
    struct cursor c = {line, line + length};
    enum record_kind kind = take_head(&c, out);
    if (kind != RECORD_SECCOMP && kind != RECORD_ABEND) return kind;
    const char *why = take_fields(&c, out);
    // The type of records with other signals is no concern of seccomp, also where they are cut off.
    if (kind == RECORD_ABEND && out->numbers[RECORD_SIG] != SIGNAL_SIGSYS) {
        out->why = "this process died of another signal than SIGSYS, and so not by a filter";
        return RECORD_OTHER;
    }
    if (why == NULL) why = check(out, kind);
    return why != NULL ? damaged(out, why) : kind;
}

size_t record_decode(const struct record_text *t, char *bytes, size_t size) {
    size_t length = t->hex ? t->length / 2 : t->length;
    if (t->bytes == NULL || length == 0) return 0;
    if (length > size) length = size;
    if (!t->hex) {
        memcpy(bytes, t->bytes, length);
        return length;
    }
    for (size_t i = 0; i < length; i++)
        bytes[i] = (char)(class_of(t->bytes[2 * i]) << 4 | class_of(t->bytes[2 * i + 1]));
    return length;
}
