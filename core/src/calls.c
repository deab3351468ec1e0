// SPDX-License-Identifier: MIT
#include "calls.h"

#include "constants.h"
#include "newer.h"
#include "scan.h"

#include <errno.h>
#include <string.h>

enum {
    LONGEST_NEWER_NAME = 63
};

struct parser {
    struct scan in;
    const struct rule *call; // whose conditions are read; NULL where there is none
    struct rules *rules;
};

static bool is_letter(char c) {
    return scan_is_word(c) && !scan_is_digit(c);
}

// ---- Values --------------------------------------------------------------------------------------------------------

static bool is_parameter(const struct parser *p, struct scan_word w) {
    if (p->call == NULL || p->call->target != RULE_CALL) return false;
    for (int abi = 0; abi < ABI_COUNT; abi++) {
        const char *why = NULL;
        if (syscalls_number((enum abi_id)abi, p->call->call) < 0) continue;
        if (syscalls_parameter_find((enum abi_id)abi, p->call->call, w.text, w.length, &why) >= 0) return true;
    }
    return false;
}

static int unknown_constant(struct parser *p, struct scan_word w) {
    struct text_word name = scan_quote(w);
    if (scan_is(w, "NULL"))
        return error_set(scan_here(&p->in), ENOENT, "unknown constant \"NULL\"; compare a pointer with 0");
    if (is_parameter(p, w))
        return error_set(scan_here(&p->in), ENOENT,
                         "\"%s\" is a parameter of the call, not a constant; compare it with a value", name.text);
    if (syscalls_find(w.text, w.length) != SYSCALL_NONE)
        return error_set(scan_here(&p->in), ENOENT, "\"%s\" is a system call, not a constant", name.text);
    struct spelling s;
    spelling_start(&s, w.text, w.length);
    constants_spelling(&s);
    return error_set(scan_here(&p->in), ENOENT, "unknown constant \"%s\"%s", name.text,
                     s.best != NULL ? spelling_hint(&s).text : "; write its number");
}

static int parse_negative(struct parser *p, struct term *term) {
    static const uint64_t lowest = UINT64_C(1) << 63;
    size_t start = p->in.at++;
    scan_space(&p->in);
    if (!scan_is_digit(scan_peek(&p->in, 0)) || (scan_peek(&p->in, 0) == '0' && scan_is_word(scan_peek(&p->in, 1))))
        return error_set(scan_about(&p->in, start), EINVAL, "\"-\" must stand before a decimal number, not before %s",
                         scan_found(&p->in).text);
    int failed = scan_number(&p->in, &term->number);
    if (failed) return failed;
    if (term->number > lowest)
        return error_set(scan_about(&p->in, start), EINVAL, "negative number does not fit in 64 bits");
    term->negative = term->number > 0;
    return 0;
}

static int expected_value(struct parser *p) {
    if (scan_peek(&p->in, 0) == '(')
        return error_set(scan_here(&p->in), EINVAL,
                         "a value takes no parentheses; \"|\" binds closer than \"&\" and \"==\" here");
    if (scan_peek(&p->in, 0) == '~')
        return error_set(scan_here(&p->in), EINVAL, "\"~\" is not supported; write the value itself");
    if (scan_peek(&p->in, 0) == '"' || scan_peek(&p->in, 0) == '\'')
        return error_set(scan_here(&p->in), EINVAL, "a filter cannot read strings; it compares numbers and constants");
    return error_set(scan_here(&p->in), EINVAL, "expected a number or a constant, found %s", scan_found(&p->in).text);
}

static int parse_term(struct parser *p, struct term *term) {
    *term = (struct term){.kind = TERM_NUMBER};
    char c = scan_peek(&p->in, 0);
    if (c == '-') return parse_negative(p, term);
    if (scan_is_digit(c)) return scan_number(&p->in, &term->number);
    if (!is_letter(c)) return expected_value(p);
    struct scan_word w = scan_word(&p->in);
    if (scan_is(w, "self")) {
        term->kind = TERM_SELF;
    } else {
        term->kind = TERM_CONSTANT;
        term->constant = constants_find(w.text, w.length);
        if (term->constant < 0) return unknown_constant(p, w);
    }
    p->in.at += w.length;
    return 0;
}

// Terms joined by "|", appended to the store. Reading stops behind the last.
static int parse_value(struct parser *p, struct value *out) {
    *out = (struct value){.first = (uint32_t)p->rules->term_count};
    for (bool negative = false;;) {
        struct term term;
        size_t start = p->in.at;
        int failed = parse_term(p, &term);
        if (failed) return failed;
        negative |= term.negative;
        if (negative && out->count > 0)
            return error_set(scan_about(&p->in, start), EINVAL,
                             "a negative number cannot be joined with others by \"|\"");
        if (rules_add_term(p->rules, &term)) return error_memory(scan_here(&p->in));
        out->count++;
        size_t end = p->in.at;
        scan_space(&p->in);
        if (scan_peek(&p->in, 0) != '|' || scan_peek(&p->in, 1) == '|') {
            p->in.at = end;
            return 0;
        }
        p->in.at++;
        scan_space(&p->in);
    }
}

// ---- Conditions ----------------------------------------------------------------------------------------------------

// A value where a condition must stand: socket(AF_INET).
static int no_condition(struct parser *p, size_t start, struct scan_word w) {
    bool is_value =
        w.length == 0 || scan_is_digit(w.text[0]) || scan_is(w, "self") || constants_find(w.text, w.length) >= 0;
    const char *parameter = "arg0";
    if (p->call->target == RULE_CALL) {
        for (int abi = ABI_COUNT - 1; abi >= 0; abi--) {
            struct parameter first = {0};
            if (syscalls_number((enum abi_id)abi, p->call->call) >= 0)
                first = syscalls_parameter((enum abi_id)abi, p->call->call, 0);
            if (first.kind != PARAMETER_ABSENT && first.name != NULL) parameter = first.name;
        }
    }
    if (is_value)
        return error_set(scan_about(&p->in, start), EINVAL,
                         "\"%s\" is a value; a condition names the parameter too, as in \"%s == %s\"",
                         scan_quote(w).text, parameter, scan_quote(w).text);
    return error_set(scan_here(&p->in), EINVAL, "expected a comparison after \"%s\", as in \"%s == 0\"; found %s",
                     scan_quote(w).text, scan_quote(w).text, scan_found(&p->in).text);
}

// argN, the parameter's name, and ":u64" behind either.
static int parse_argument(struct parser *p, struct condition *c, struct scan_word *name) {
    size_t start = p->in.at;
    struct scan_word w = *name = scan_word(&p->in);
    if (w.length == 0) {
        if (scan_peek(&p->in, 0) == ')')
            return error_set(scan_here(&p->in), EINVAL,
                             "expected a condition; without one, write the call's name alone");
        return error_set(scan_here(&p->in), EINVAL, "expected a parameter's name or arg0 to arg5, found %s",
                         scan_found(&p->in).text);
    }
    p->in.at += w.length;
    if (scan_is_digit(w.text[0])) return no_condition(p, start, w);
    c->argument = -1;
    if (w.length >= 4 && memcmp(w.text, "arg", 3) == 0 && scan_is_digit(w.text[3])) {
        if (w.length > 4 || w.text[3] > '5')
            return error_set(scan_about(&p->in, start), EINVAL, "\"%s\": a system call has arg0 to arg5",
                             scan_quote(w).text);
        c->argument = (int8_t)(w.text[3] - '0');
    } else if (p->call->target == RULE_NEWER) {
        return error_set(scan_about(&p->in, start), ENOENT,
                         "the parameters of %s are not in the tables of %s; write arg0 to arg5 for \"%s\"",
                         p->rules->text + p->call->number, syscalls_version, scan_quote(w).text);
    }
    if (rules_text(p->rules, w.text, w.length, &c->name)) return error_memory(scan_about(&p->in, start));
    scan_space(&p->in);
    if (scan_peek(&p->in, 0) != ':') return 0;
    p->in.at++;
    scan_space(&p->in);
    if (!scan_is(scan_word(&p->in), "u64"))
        return error_set(scan_here(&p->in), EINVAL, "expected \"u64\" after \":\", found %s", scan_found(&p->in).text);
    p->in.at += strlen("u64");
    c->wide = true;
    return 0;
}

static int parse_comparison(struct parser *p, enum comparison *op) {
    static const struct {
        char text[3];
        enum comparison op;
    } operators[] = {{"==", COMPARE_EQ}, {"!=", COMPARE_NE}, {"<=", COMPARE_LE},
                     {">=", COMPARE_GE}, {"<", COMPARE_LT},  {">", COMPARE_GT}};
    for (size_t i = 0; i < sizeof operators / sizeof operators[0]; i++) {
        size_t length = strlen(operators[i].text);
        if (p->in.length - p->in.at < length || memcmp(p->in.text + p->in.at, operators[i].text, length) != 0) continue;
        *op = operators[i].op;
        p->in.at += length;
        return 0;
    }
    char c = scan_peek(&p->in, 0), next = scan_peek(&p->in, 1);
    if (c == '=' && (next == '<' || next == '>'))
        return error_set(scan_here(&p->in), EINVAL, "\"=%c\" is not a comparison; write \"%c=\"", next, next);
    if (c == '=') return error_set(scan_here(&p->in), EINVAL, "\"=\" is not a comparison; write \"==\"");
    if (c == '!') return error_set(scan_here(&p->in), EINVAL, "\"!\" is not a comparison; write \"!=\"");
    return error_set(scan_here(&p->in), EINVAL, "expected ==, !=, <, <=, > or >=, found %s", scan_found(&p->in).text);
}

static bool comparison_follows(const struct parser *p) {
    char c = scan_peek(&p->in, 0);
    return c == '=' || c == '!' || c == '<' || c == '>';
}

static int parse_condition(struct parser *p) {
    struct condition c = {0};
    struct scan_word name;
    size_t start = p->in.at;
    int failed = parse_argument(p, &c, &name);
    if (failed) return failed;
    scan_space(&p->in);
    if (scan_peek(&p->in, 0) == '&' && scan_peek(&p->in, 1) != '&') {
        p->in.at++;
        scan_space(&p->in);
        failed = parse_value(p, &c.mask);
        if (failed) return failed;
        struct scan_word masked = {p->in.text + start, p->in.at - start};
        scan_space(&p->in);
        if (!comparison_follows(p))
            return error_set(scan_here(&p->in), EINVAL, "a mask needs a comparison, as in \"%s != 0\"; found %s",
                             scan_quote(masked).text, scan_found(&p->in).text);
    } else if (!comparison_follows(p)) {
        return no_condition(p, start, name);
    }
    failed = parse_comparison(p, &c.op);
    if (failed) return failed;
    scan_space(&p->in);
    failed = parse_value(p, &c.value);
    if (failed) return failed;
    if (rules_text(p->rules, p->in.text + start, p->in.at - start, &c.text) || rules_add_condition(p->rules, &c))
        return error_memory(scan_about(&p->in, start));
    return 0;
}

// What is between two conditions, or ends them. *more is false after ")".
static int parse_joint(struct parser *p, bool *more) {
    scan_space(&p->in);
    char c = scan_peek(&p->in, 0), next = scan_peek(&p->in, 1);
    *more = c == '&' && next == '&';
    if (c == ')' || *more) {
        p->in.at += c == ')' ? 1 : 2;
        return 0;
    }
    if (scan_ended(&p->in))
        return error_set(scan_here(&p->in), EINVAL, "\")\" is missing at the end of the conditions");
    if (scan_is(scan_word(&p->in), "or") || (c == '|' && next == '|'))
        return error_set(scan_here(&p->in), EINVAL,
                         "conditions cannot be joined by %s; write a call for each, as in "
                         "\"socket(family == AF_INET), socket(family == AF_INET6)\"",
                         c == '|' ? "\"||\"" : "\"or\"");
    if (scan_is(scan_word(&p->in), "and") || c == ',' || c == '&')
        return error_set(scan_here(&p->in), EINVAL, "conditions are joined by \"&&\", not by %s",
                         scan_found(&p->in).text);
    if (c == '=' || c == '<' || c == '>')
        return error_set(scan_here(&p->in), EINVAL, "a condition has one comparison; join two by \"&&\"");
    return error_set(scan_here(&p->in), EINVAL, "expected \"&&\" or \")\" after the condition, found %s",
                     scan_found(&p->in).text);
}

static int parse_conditions(struct parser *p, struct rule *rule) {
    p->call = rule;
    p->in.at++; // "("
    for (bool more = true; more;) {
        scan_space(&p->in);
        if (rule->conditions > 0 && scan_peek(&p->in, 0) == ')')
            return error_set(scan_here(&p->in), EINVAL, "a condition must follow the last \"&&\"");
        int failed = parse_condition(p);
        if (!failed) failed = parse_joint(p, &more);
        if (failed) return failed;
        rule->conditions++;
    }
    return 0;
}

// ---- Calls ---------------------------------------------------------------------------------------------------------

static int unknown_call(struct parser *p, struct scan_word w) {
    // Letters that no name has belong to the word for whoever wrote it.
    while (p->in.at + w.length < p->in.length &&
           ((unsigned char)w.text[w.length] >= 0x80 || scan_is_word(w.text[w.length])))
        w.length++;
    struct text_word name = scan_quote(w);
    if (constants_find(w.text, w.length) >= 0)
        return error_set(scan_here(&p->in), ENOENT, "\"%s\" is a constant, not a system call", name.text);
    struct spelling s;
    spelling_start(&s, w.text, w.length);
    syscalls_spelling(&s);
    if (s.best != NULL)
        return error_set(scan_here(&p->in), ENOENT, "unknown system call \"%s\"%s", name.text, spelling_hint(&s).text);
    return error_set(scan_here(&p->in), ENOENT,
                     "unknown system call \"%s\"; the tables have those of %s, a newer one can be given by number",
                     name.text, syscalls_version);
}

static int parse_name(struct parser *p, struct rule *rule) {
    struct scan_word w = scan_word(&p->in);
    rule->call = syscalls_find(w.text, w.length);
    if (rule->call == SYSCALL_NONE) {
        char name[LONGEST_NEWER_NAME + 1];
        if (w.length > LONGEST_NEWER_NAME) return unknown_call(p, w);
        memcpy(name, w.text, w.length);
        name[w.length] = '\0';
        if (!newer_known(name)) return unknown_call(p, w);
        rule->target = RULE_NEWER;
        if (rules_text(p->rules, w.text, w.length, &rule->number)) return error_memory(scan_here(&p->in));
    }
    p->in.at += w.length;
    return 0;
}

static int parse_call_number(struct parser *p, struct rule *rule) {
    uint64_t number;
    size_t start = p->in.at;
    int failed = scan_number(&p->in, &number);
    if (failed) return failed;
    if (number > UINT32_MAX)
        return error_set(scan_about(&p->in, start), EINVAL, "system call number %llu does not fit in 32 bits",
                         (unsigned long long)number);
    rule->target = RULE_NUMBER;
    rule->call = SYSCALL_NONE;
    rule->number = (uint32_t)number;
    scan_space(&p->in);
    if (scan_peek(&p->in, 0) == '(')
        return error_set(scan_here(&p->in), EINVAL, "a number takes no conditions; only a call's name does");
    return 0;
}

static int parse_group(struct parser *p, struct call *out) {
    size_t start = p->in.at++;
    size_t end = p->in.at;
    while (end < p->in.length && (scan_is_word(p->in.text[end]) || p->in.text[end] == '-'))
        end++;
    out->kind = CALL_GROUP;
    out->group = p->in.text + p->in.at;
    out->group_length = end - p->in.at;
    if (out->group_length == 0)
        return error_set(scan_about(&p->in, start), EINVAL,
                         "\"@\" must be followed by a group's name, as in \"@exec\"");
    p->in.at = end;
    scan_space(&p->in);
    if (scan_peek(&p->in, 0) == '(')
        return error_set(scan_here(&p->in), EINVAL, "@%s is a group and takes no conditions",
                         text_quote(out->group, out->group_length).text);
    return 0;
}

static int expected_call(struct parser *p, bool is_first) {
    if (scan_ended(&p->in) && is_first)
        return error_set(scan_here(&p->in), EINVAL, "no calls are given; write \"execve, @listen\", for example");
    if (scan_ended(&p->in)) return error_set(scan_here(&p->in), EINVAL, "a call must follow the last \",\"");
    if (scan_peek(&p->in, 0) == ',') return error_set(scan_here(&p->in), EINVAL, "a call is missing before \",\"");
    if (scan_peek(&p->in, 0) == '-')
        return error_set(scan_here(&p->in), EINVAL, "a system call number is not negative");
    return error_set(scan_here(&p->in), EINVAL, "expected a system call, a number or a @group, found %s",
                     scan_found(&p->in).text);
}

// A call must end at a "," or at the end of the text.
static int check_end(struct parser *p) {
    scan_space(&p->in);
    char c = scan_peek(&p->in, 0);
    if (scan_ended(&p->in) || c == ',') return 0;
    if (c == '=' || c == '!' || c == '<' || c == '>' || c == '&')
        return error_set(scan_here(&p->in), EINVAL,
                         "conditions stand in parentheses behind the call, as in \"socket(family == AF_INET)\"");
    if (c == ')') return error_set(scan_here(&p->in), EINVAL, "\")\" without \"(\"");
    return error_set(scan_here(&p->in), EINVAL, "expected \",\" between calls, found %s", scan_found(&p->in).text);
}

static int parse_call(struct parser *p, struct call *out) {
    char c = scan_peek(&p->in, 0);
    out->kind = CALL_RULE;
    int failed;
    if (is_letter(c)) {
        failed = parse_name(p, &out->rule);
        out->length = p->in.at - out->start;
        scan_space(&p->in);
        if (failed || scan_peek(&p->in, 0) != '(') return failed;
        failed = parse_conditions(p, &out->rule);
        out->length = p->in.at - out->start;
        return failed;
    }
    if (c == '@') {
        failed = parse_group(p, out);
        out->length = out->group_length + 1;
        return failed;
    }
    if (!scan_is_digit(c)) return expected_call(p, false);
    out->length = scan_word(&p->in).length;
    return parse_call_number(p, &out->rule);
}

int calls_next(struct calls *c, struct rules *r, struct call *out, struct error *e) {
    bool is_first = c->at == 0;
    if (!is_first && c->at >= c->length) {
        out->kind = CALL_END;
        return 0;
    }
    // struct scan has another order than struct calls: else the compiler copies two fields at once, and a load that
    // spans two stores of the caller waits for both.
    struct parser p = {.in = {.text = c->text, .error = e, .length = c->length, .at = c->at}, .rules = r};
    const struct rules_mark mark = rules_mark(r);
    const uint32_t first_column = c->column > 0 ? c->column : 1;
    // The fields alone: clearing the whole with a string instruction costs as much as reading a name.
    out->group = NULL;
    out->group_length = 0;
    out->rule = (struct rule){.condition = (uint32_t)r->condition_count};
    scan_space(&p.in);
    if (!is_first) {
        p.in.at++; // "," as check_end saw
        scan_space(&p.in);
    }
    out->start = p.in.at;
    int failed = scan_ended(&p.in) ? expected_call(&p, is_first) : parse_call(&p, out);
    if (!failed) failed = check_end(&p);
    if (failed) {
        rules_reset(r, mark);
        out->column = first_column + (uint32_t)p.in.wrong;
        return failed;
    }
    out->column = first_column + (uint32_t)out->start;
    c->at = p.in.at;
    return 0;
}

// ---- Values on an ABI ----------------------------------------------------------------------------------------------

static int term_value(const struct term *term, enum abi_id abi, int64_t self, uint64_t *out, bool *negative,
                      struct error *e) {
    *negative = false;
    if (term->kind == TERM_NUMBER) {
        *negative = term->negative;
        *out = term->negative ? 0 - term->number : term->number;
        return 0;
    }
    if (term->kind == TERM_SELF) {
        if (self < 0)
            return error_set(
                e, EINVAL,
                "self is the process that loads the filter, and known only then: load the filter from that process, or "
                "write a number");
        *out = (uint64_t)self;
        return 0;
    }
    int64_t value;
    if (!constants_value(abi, term->constant, &value))
        return error_set(e, ENOTSUP, "constant %s does not exist on %s", constants_name(term->constant),
                         abis[abi].name);
    *negative = value < 0;
    *out = (uint64_t)value;
    return 0;
}

int calls_terms(const struct rules *r, struct value value, enum abi_id abi, int64_t self, uint64_t *out, bool *negative,
                struct error *e) {
    *out = 0;
    *negative = false;
    for (uint32_t i = 0; i < value.count; i++) {
        uint64_t bits = 0;
        bool below_zero = false;
        int failed = term_value(&r->terms[value.first + i], abi, self, &bits, &below_zero, e);
        if (failed) return failed;
        if (below_zero && value.count > 1)
            return error_set(e, EINVAL, "a negative value cannot be joined with others by \"|\"");
        *negative |= below_zero;
        *out |= bits;
    }
    return 0;
}

int calls_value(const char *text, size_t length, enum abi_id abi, int64_t self, uint64_t *out, bool *negative,
                struct error *e) {
    struct rules store = {0};
    struct parser p = {.in = {.text = text, .error = e, .length = length}, .rules = &store};
    struct value value;
    scan_space(&p.in);
    int failed = parse_value(&p, &value);
    scan_space(&p.in);
    if (!failed && !scan_ended(&p.in))
        failed = error_set(e, EINVAL, "expected \"|\" or the end of the value, found %s", scan_found(&p.in).text);
    if (!failed) failed = calls_terms(&store, value, abi, self, out, negative, e);
    rules_free(&store);
    return failed;
}
