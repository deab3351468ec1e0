// SPDX-License-Identifier: MIT
// The only file that exports: checks arguments, delegates, translates.
#include "abjure.h"

#include <errno.h>
#include <string.h>

#include "calls.h"
#include "compile.h"
#include "constants.h"
#include "explain.h"
#include "groups.h"
#include "kernel.h"
#include "launch.h"
#include "memory.h"
#include "newer.h"
#include "oci.h"
#include "outline_write.h"
#include "policy.h"
#include "process.h"
#include "status.h"
#include "support.h"
#include "text.h"
#include "violation.h"

// The handles are the core's own objects under a name of their own.
static struct filter *of_filter(abjure_filter *handle) {
    return (struct filter *)handle;
}

static const struct filter *of_const_filter(const abjure_filter *handle) {
    return (const struct filter *)handle;
}

static const struct program *of_program(const abjure_program *handle) {
    return (const struct program *)handle;
}

// The message of `e` into the caller's buffer, if there is one; gives `result` back.
static int say(const struct error *e, int result, char *why, uint64_t why_size) {
    if (why == NULL || why_size == 0) return result;
    struct text t;
    text_start(&t, why, why_size);
    text_add(&t, "%s", result < 0 ? e->message : "");
    text_end(&t);
    return result;
}

// Functions that return a handle leave the positive errno behind.
static void *no_handle(const struct error *e, int result, char *why, uint64_t why_size) {
    say(e, result, why, why_size);
    errno = -result;
    return NULL;
}

static bool bad_buffer(const void *buffer, uint64_t size) {
    return buffer == NULL && size > 0;
}

static int64_t copy(const char *from, char *buffer, uint64_t size) {
    if (bad_buffer(buffer, size)) return -EINVAL;
    struct text t;
    text_start(&t, buffer, size);
    text_add(&t, "%s", from == NULL ? "" : from);
    return text_end(&t);
}

// ---- ABIs and calls by name ----

static int find_abi(const char *name, enum abi_id fallback, enum abi_id *out, struct error *e) {
    *out = name == NULL || name[0] == '\0' ? fallback : abi_find(name, strlen(name));
    if (*out != ABI_NONE) return 0;
    if (name == NULL || name[0] == '\0') return error_set(e, ENOTSUP, "this program's own ABI has no table; name one");
    return abi_unknown(name, strlen(name), e);
}

static int absent_call(enum abi_id abi, syscall_id id, const char *call, struct error *e) {
    struct multiplexer m;
    if (id != SYSCALL_NONE && syscalls_multiplexer(abi, id, &m))
        return error_set(e, ENOTSUP, "%s has no number for %s; programs there reach it through %s: ask about that",
                         abis[abi].name, call, syscalls_name(syscalls_at(abi, m.number)));
    return error_set(e, ENOTSUP, "%s has no system call %s, so that no program can make it there", abis[abi].name,
                     call);
}

// A name or a number; also of a call that only libseccomp knows.
static int find_call(enum abi_id abi, const char *call, uint32_t *number, struct error *e) {
    size_t length = strlen(call);
    syscall_id id = syscalls_find(call, length);
    if (id != SYSCALL_NONE || newer_known(call)) {
        int64_t found = id != SYSCALL_NONE ? syscalls_number(abi, id) : newer_number(abi, call);
        if (found < 0) return absent_call(abi, id, call, e);
        *number = (uint32_t)found;
        return 0;
    }
    if (call[0] >= '0' && call[0] <= '9') {
        uint64_t value;
        bool negative;
        int r = calls_value(call, length, abi, -1, &value, &negative, e);
        if (r < 0) return r;
        if (value > UINT32_MAX)
            return error_set(e, EINVAL, "%s is no number of a system call: it exceeds 32 bits", call);
        *number = (uint32_t)value;
        return 0;
    }
    struct spelling s;
    spelling_start(&s, call, length);
    syscalls_spelling(&s);
    return error_set(e, ENOENT, "unknown system call \"%s\"%s", text_quote(call, length).text, spelling_hint(&s).text);
}

static enum abi_id only_abi(const struct filter *f) {
    abi_set set = filter_abis(f);
    for (int i = 0; i < ABI_COUNT; i++)
        if (set == ABI_SET(i)) return (enum abi_id)i;
    return abi_native();
}

int abjure_value(const char *abi, const char *text, uint64_t *value, char *why, uint64_t why_size) {
    struct error e;
    error_clear(&e);
    if (text == NULL || value == NULL) return say(&e, error_set(&e, EINVAL, "no value given"), why, why_size);
    enum abi_id id;
    bool negative;
    int r = find_abi(abi, abi_native(), &id, &e);
    if (r == 0) r = calls_value(text, strlen(text), id, kernel_pid(), value, &negative, &e);
    return say(&e, r, why, why_size);
}

// The call whose parameters are meant; also one that is a part of socketcall or ipc. SYSCALL_NONE: it has a number only.
static int find_parameters(enum abi_id abi, const char *call, syscall_id *id, struct error *e) {
    struct multiplexer m;
    *id = syscalls_find(call, strlen(call));
    if (*id != SYSCALL_NONE && syscalls_multiplexer(abi, *id, &m)) return 0;
    uint32_t number = 0;
    int r = find_call(abi, call, &number, e);
    if (r == 0) *id = syscalls_at(abi, number);
    return r;
}

static int find_argument(enum abi_id abi, const char *call, const char *name, struct error *e) {
    syscall_id id = SYSCALL_NONE;
    int r = find_parameters(abi, call, &id, e);
    if (r < 0) return r;
    if (strlen(name) == 4 && memcmp(name, "arg", 3) == 0 && name[3] >= '0' && name[3] < '0' + SYSCALL_ARGUMENTS)
        return name[3] - '0';
    const char *why = NULL;
    int found = id == SYSCALL_NONE ? -1 : syscalls_parameter_find(abi, id, name, strlen(name), &why);
    struct parameter p = {.kind = PARAMETER_VALUE};
    if (found >= 0 && found < SYSCALL_ARGUMENTS) p = syscalls_parameter(abi, id, (unsigned)found);
    if (p.kind == PARAMETER_HIDDEN) why = p.hidden;
    if (found == SYSCALL_ARGUMENTS || p.kind == PARAMETER_HIDDEN)
        return error_set(e, ENOTSUP, "%s of %s is in no register of its own: it %s", name, call, why);
    if (found >= 0) return found;
    if (id != SYSCALL_NONE) return syscalls_parameter_unknown(abi, id, name, strlen(name), e);
    return error_set(e, ENOENT, "the parameters of %s are not known; write arg0 to arg5 instead of \"%s\"", call,
                     text_quote(name, strlen(name)).text);
}

int abjure_argument(const char *abi, const char *call, const char *name, char *why, uint64_t why_size) {
    struct error e;
    error_clear(&e);
    if (call == NULL || name == NULL) return say(&e, error_set(&e, EINVAL, "no call or no name given"), why, why_size);
    enum abi_id id;
    int r = find_abi(abi, abi_native(), &id, &e);
    if (r == 0) r = find_argument(id, call, name, &e);
    return say(&e, r, why, why_size);
}

// ---- One line ----

int abjure_deny(const char *calls, int err, char *why, uint64_t why_size) {
    struct error e;
    error_clear(&e);
    if (calls == NULL)
        return say(&e, error_set(&e, EINVAL, "no calls given; for example \"@exec, @listen\""), why, why_size);
    if (err < 0 || err > 4095)
        return say(&e, error_set(&e, EINVAL, "%d is no errno: 1 to 4095, or 0 for the one that suits each call", err),
                   why, why_size);
    struct text t;
    char action[32];
    text_start(&t, action, sizeof action);
    action_write((struct action){.kind = ACTION_ERRNO, .data = (uint16_t)(err == 0 ? EPERM : err), .plain = err == 0},
                 &t);
    text_end(&t);
    abjure_filter *f = abjure_filter_new();
    if (f == NULL) return say(&e, error_memory(&e), why, why_size);
    int r = abjure_filter_add(f, action, calls);
    if (r == 0) r = abjure_filter_load(f, NULL);
    say(&of_filter(f)->error, r, why, why_size);
    abjure_filter_free(f);
    return r;
}

// ---- A filter ----

abjure_filter *abjure_filter_new(void) {
    return (abjure_filter *)filter_new();
}

void abjure_filter_free(abjure_filter *filter) {
    filter_free(of_filter(filter));
}

// Marks the filter broken: the caller passed NULL for a text.
static int missing(abjure_filter *filter, const char *what) {
    error_set(&of_filter(filter)->error, EINVAL, "no %s given", what);
    return filter_fail(of_filter(filter));
}

int abjure_filter_add(abjure_filter *filter, const char *action, const char *calls) {
    if (filter == NULL) return -EINVAL;
    if (action == NULL) return missing(filter, "action");
    if (calls == NULL) return missing(filter, "calls");
    return filter_add(of_filter(filter), action, strlen(action), calls, strlen(calls), (struct source){.name = ""});
}

int abjure_filter_default(abjure_filter *filter, const char *action) {
    if (filter == NULL) return -EINVAL;
    if (action == NULL) return missing(filter, "action");
    return filter_default(of_filter(filter), action, strlen(action));
}

int abjure_filter_read(abjure_filter *filter, const char *text, const char *name) {
    if (filter == NULL) return -EINVAL;
    if (text == NULL) return missing(filter, "text");
    const char *from = name == NULL || name[0] == '\0' ? "policy" : name;
    static const char mark[] = "\xef\xbb\xbf"; // UTF-8's byte order mark, which policy_read takes off by itself
    const char *json = text + (strncmp(text, mark, strlen(mark)) == 0 ? strlen(mark) : 0);
    // No line of a policy starts with a brace, and JSON profiles are objects.
    return json[strspn(json, " \t\r\n")] == '{' ? oci_read(of_filter(filter), json, strlen(json), from)
                                                : policy_read(of_filter(filter), text, strlen(text), from);
}

int abjure_filter_set(abjure_filter *filter, const char *option, const char *value) {
    if (filter == NULL) return -EINVAL;
    if (option == NULL) return missing(filter, "option");
    if (value == NULL) return missing(filter, "value");
    return filter_set(of_filter(filter), option, value);
}

int abjure_filter_error(const abjure_filter *filter) {
    return filter == NULL ? -EINVAL : -of_const_filter(filter)->error.code;
}

int64_t abjure_filter_message(const abjure_filter *filter, char *buffer, uint64_t size) {
    return filter == NULL ? -EINVAL : copy(of_const_filter(filter)->error.message, buffer, size);
}

void abjure_filter_clear(abjure_filter *filter) {
    if (filter != NULL) filter_clear(of_filter(filter));
}

int64_t abjure_filter_skipped(const abjure_filter *filter, char *buffer, uint64_t size) {
    if (filter == NULL || bad_buffer(buffer, size)) return -EINVAL;
    struct text t;
    text_start(&t, buffer, size);
    filter_skipped(of_const_filter(filter), &t);
    return text_end(&t);
}

int64_t abjure_filter_notes(const abjure_filter *filter, char *buffer, uint64_t size) {
    return filter == NULL ? -EINVAL : copy(of_const_filter(filter)->notes, buffer, size);
}

int64_t abjure_filter_write(abjure_filter *filter, const char *format, char *buffer, uint64_t size) {
    if (filter == NULL || bad_buffer(buffer, size)) return -EINVAL;
    struct filter *f = of_filter(filter);
    int r = filter_sound(f);
    if (r < 0) return r;
    struct text t;
    text_start(&t, buffer, size);
    if (format != NULL && strcmp(format, "policy") == 0)
        policy_write(f, &t);
    else if (format != NULL && strcmp(format, "oci") == 0)
        r = oci_write(f, &t, &f->error);
    else
        r = error_set(&f->error, EINVAL, "unknown format \"%s\"; there are \"policy\" and \"oci\"",
                      format == NULL ? "" : text_quote(format, strlen(format)).text);
    return r < 0 ? r : text_end(&t);
}

static int explain(struct filter *f, const char *abi, const char *call, const uint64_t args[SYSCALL_ARGUMENTS],
                   struct text *t) {
    enum abi_id id;
    uint32_t number = 0;
    struct meaning m;
    int r = find_abi(abi, only_abi(f), &id, &f->error);
    if (r == 0) r = find_call(id, call, &number, &f->error);
    if (r == 0) r = meaning_make(f, kernel_pid(), &m, &f->error);
    if (r < 0) return r;
    explain_write(f, &m, id, number, args, t);
    meaning_free(&m);
    return 0;
}

int64_t abjure_filter_explain(abjure_filter *filter, const char *abi, const char *call, uint64_t a0, uint64_t a1,
                              uint64_t a2, uint64_t a3, uint64_t a4, uint64_t a5, char *buffer, uint64_t size) {
    if (filter == NULL || bad_buffer(buffer, size)) return -EINVAL;
    struct filter *f = of_filter(filter);
    int r = filter_sound(f);
    if (r < 0) return r;
    if (call == NULL) return error_set(&f->error, EINVAL, "no call given");
    struct text t;
    text_start(&t, buffer, size);
    r = explain(f, abi, call, (uint64_t[]){a0, a1, a2, a3, a4, a5}, &t);
    return r < 0 ? r : text_end(&t);
}

int abjure_filter_load(abjure_filter *filter, const char *options) {
    if (filter == NULL) return -EINVAL;
    struct filter *f = of_filter(filter);
    int r = filter_sound(f);
    struct load_options parsed;
    if (r == 0) r = load_parse(options, &parsed, &f->error);
    if (r == 0) r = load_filter(f, &parsed, &f->error);
    return r;
}

int abjure_filter_blocking_thread(const abjure_filter *filter) {
    return filter == NULL ? -EINVAL : of_const_filter(filter)->blocking_thread;
}

int abjure_filter_exec(abjure_filter *filter, const char *path, char *const argv[], char *const envp[]) {
    if (filter == NULL) return -EINVAL;
    struct filter *f = of_filter(filter);
    int r = filter_sound(f);
    if (r < 0) return r;
    if (path == NULL || argv == NULL || argv[0] == NULL)
        return error_set(&f->error, EINVAL, "no program given, or no argv[0]");
    return launch_filter(f, path, argv, envp, &f->error);
}

abjure_program *abjure_filter_compile(abjure_filter *filter) {
    if (filter == NULL) {
        errno = EINVAL;
        return NULL;
    }
    struct filter *f = of_filter(filter);
    struct program *p = NULL;
    int r = filter_sound(f);
    if (r == 0) r = load_compile(f, -1, &p, NULL, &f->error);
    if (r < 0) errno = -r;
    return r < 0 ? NULL : (abjure_program *)p;
}

// ---- A program ----

abjure_program *abjure_program_from_bytes(const void *bytes, uint64_t size, char *why, uint64_t why_size) {
    struct error e;
    struct program *p = NULL;
    error_clear(&e);
    int r = bytes == NULL ? error_set(&e, EINVAL, "no bytes given") : bpf_from_bytes(bytes, size, &p, &e);
    if (r < 0) return no_handle(&e, r, why, why_size);
    say(&e, 0, why, why_size);
    return (abjure_program *)p;
}

abjure_program *abjure_program_from_process(int pid, uint64_t index, char *why, uint64_t why_size) {
    struct error e;
    struct program *p = NULL;
    error_clear(&e);
    int r = process_program(pid, index, &p, &e);
    if (r < 0) return no_handle(&e, r, why, why_size);
    say(&e, 0, why, why_size);
    return (abjure_program *)p;
}

abjure_program *abjure_program_effective(int pid, char *why, uint64_t why_size) {
    struct error e;
    struct program *p = NULL;
    error_clear(&e);
    int r = process_programs(pid, &p, &e);
    if (r < 0) return no_handle(&e, r, why, why_size);
    say(&e, 0, why, why_size);
    return (abjure_program *)p;
}

void abjure_program_free(abjure_program *program) {
    program_free((struct program *)program);
}

int64_t abjure_program_bytes(const abjure_program *program, void *buffer, uint64_t size) {
    if (program == NULL || bad_buffer(buffer, size)) return -EINVAL;
    return of_program(program)->older != NULL ? -ENOTSUP : bpf_to_bytes(of_program(program), buffer, size);
}

int abjure_program_load(const abjure_program *program, const char *options) {
    if (program == NULL) return -EINVAL;
    if (of_program(program)->older != NULL) return -ENOTSUP;
    struct load_options parsed;
    pid_t thread;
    int r = load_parse(options, &parsed, NULL);
    return r < 0 ? r : load_raw(of_program(program), &parsed, &thread);
}

int abjure_program_exec(const abjure_program *program, const char *path, char *const argv[], char *const envp[]) {
    if (program == NULL || path == NULL || argv == NULL || argv[0] == NULL) return -EINVAL;
    if (of_program(program)->older != NULL) return -ENOTSUP;
    struct load_options options;
    pid_t thread;
    int r = load_parse(NULL, &options, NULL);
    return r < 0 ? r : launch_raw(of_program(program), NULL, &options, path, argv, envp, &thread);
}

int64_t abjure_program_eval(const abjure_program *program, const char *abi, const char *call, uint64_t a0, uint64_t a1,
                            uint64_t a2, uint64_t a3, uint64_t a4, uint64_t a5, char *buffer, uint64_t size) {
    if (program == NULL || call == NULL || bad_buffer(buffer, size)) return -EINVAL;
    struct error e;
    error_clear(&e);
    enum abi_id id;
    uint32_t number = 0;
    int r = find_abi(abi, abi_native(), &id, &e);
    if (r == 0) r = find_call(id, call, &number, &e);
    if (r < 0) return say(&e, r, buffer, size);
    const struct program *p = of_program(program);
    struct bpf_input input =
        bpf_input(p->big_endian, abis[id].audit_arch, number, 0, (uint64_t[]){a0, a1, a2, a3, a4, a5});
    struct text t;
    text_start(&t, buffer, size);
    action_write(action_of(bpf_decide(p, &input)), &t);
    return text_end(&t);
}

int64_t abjure_program_disassemble(const abjure_program *program, char *buffer, uint64_t size) {
    if (program == NULL || bad_buffer(buffer, size)) return -EINVAL;
    struct text t;
    text_start(&t, buffer, size);
    bpf_disassemble(of_program(program), &t);
    return text_end(&t);
}

static int write_outline(const struct outline_request *r, const struct program *p, struct text *t, struct error *e) {
    struct outline o;
    if (outline_make(p, &o) < 0) return error_memory(e);
    int result = 0;
    switch (r->format) {
    case OUTLINE_TEXT:
        result = outline_text(&o, r, t, e);
        break;
    case OUTLINE_POLICY:
        result = outline_policy(&o, t, e);
        break;
    case OUTLINE_JSON:
        result = outline_json(&o, r, t, e);
        break;
    }
    outline_free(&o);
    return result;
}

int64_t abjure_program_outline(const abjure_program *program, const char *format, char *buffer, uint64_t size) {
    if (program == NULL || bad_buffer(buffer, size)) return -EINVAL;
    struct error e;
    error_clear(&e);
    struct outline_request request;
    struct text t;
    int r = outline_parse(format == NULL ? "" : format, &request, &e);
    text_start(&t, buffer, size);
    if (r == 0) r = write_outline(&request, of_program(program), &t, &e);
    return r < 0 ? say(&e, r, buffer, size) : text_end(&t);
}

// ---- Other processes ----

int64_t abjure_status(int pid, char *buffer, uint64_t size) {
    if (bad_buffer(buffer, size)) return -EINVAL;
    struct error e;
    error_clear(&e);
    struct text t;
    text_start(&t, buffer, size);
    int r = status_write(pid, &t, &e);
    return r < 0 ? say(&e, r, buffer, size) : text_end(&t);
}

// ---- About this place ----

int64_t abjure_supported(char *buffer, uint64_t size) {
    if (bad_buffer(buffer, size)) return -EINVAL;
    struct text t;
    text_start(&t, buffer, size);
    support_write(&t);
    return text_end(&t);
}

int64_t abjure_groups(char *buffer, uint64_t size) {
    if (bad_buffer(buffer, size)) return -EINVAL;
    struct text t;
    text_start(&t, buffer, size);
    for (int i = 0; i < groups_count(); i++)
        text_add(&t, "@%s\n", groups_name(i));
    return text_end(&t);
}

static int find_group(const char *group, int *out, struct error *e) {
    const char *name = group[0] == '@' ? group + 1 : group;
    size_t length = strlen(name);
    *out = groups_find(name, length);
    if (*out >= 0) return 0;
    return groups_unknown(name, length, e);
}

int64_t abjure_group(const char *group, const char *abi, char *buffer, uint64_t size) {
    if (group == NULL || bad_buffer(buffer, size)) return -EINVAL;
    struct error e;
    error_clear(&e);
    enum abi_id id;
    int found = -1;
    int r = find_abi(abi, abi_native(), &id, &e);
    if (r == 0) r = find_group(group, &found, &e);
    if (r < 0) return say(&e, r, buffer, size);
    struct text t;
    text_start(&t, buffer, size);
    r = groups_write(found, id, &t, &e);
    return r < 0 ? say(&e, r, buffer, size) : text_end(&t);
}

int64_t abjure_explain(const char *line, char *buffer, uint64_t size) {
    if (bad_buffer(buffer, size)) return -EINVAL;
    struct error e;
    error_clear(&e);
    if (line == NULL) return say(&e, error_set(&e, EINVAL, "no line given"), buffer, size);
    struct text t;
    text_start(&t, buffer, size);
    int r = violation_write(line, strlen(line), &t, &e);
    return r < 0 ? say(&e, r, buffer, size) : text_end(&t);
}

const char *abjure_version(void) {
    return ABJURE_VERSION;
}

const char *abjure_tables_version(void) {
    return syscalls_version;
}
