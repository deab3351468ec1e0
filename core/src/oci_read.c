// SPDX-License-Identifier: MIT
#include "oci.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "newer.h"
#include "oci_place.h"
#include "oci_words.h"
#include "ruleset.h"
#include "text.h"

enum {
    NOTE_SIZE = 512
};

// A profile while it is read.
struct profile {
    struct filter *f;
    struct error *e;
    const char *name; // of the file
    struct place_walk places;
    struct place place;     // of what is being read
    struct action fallback; // the default action
    char what[64];          // "syscalls[3]: " or ""
    struct late *late;
    size_t late_count, late_room;
};

// What one entry of `syscalls` says of all its names.
struct entry {
    struct action action;
    abi_set only;
    const json_t *args;
    bool apart;      // an argument is tested twice: each condition is a rule of its own, as runc has it
    bool is_default; // the action is the default: only what it says against a guard or an essential call counts
};

// An entry that is added behind all others.
struct late {
    struct entry entry;
    const json_t *object;
    struct place place;
    size_t index;
};

static int fail(struct profile *p, int code, const char *what) {
    return error_set(p->e, code, "%s", what);
}

static int note(struct profile *p, const char *what, const char *word, const char *rest) {
    char line[NOTE_SIZE];
    struct text t;
    text_start(&t, line, sizeof line);
    text_add(&t, "%s:%" PRIu32 ":%" PRIu32 ": %s%s \"%s\" %s", p->name, p->place.line, p->place.column, p->what, what,
             text_quote(word, strlen(word)).text, rest);
    text_end(&t);
    return filter_note(p->f, line) < 0 ? error_memory(p->e) : 0;
}

// ---- Values of JSON ----

static int want(struct profile *p, const json_t *value, bool right, const char *key, const char *kind) {
    if (right) return 0;
    return error_set(p->e, EINVAL, value == NULL ? "\"%s\" is missing; it is %s" : "\"%s\" is not %s", key, kind);
}

static int read_string(struct profile *p, const json_t *value, const char *key, const char **out) {
    *out = json_string_value(value);
    return want(p, value, *out != NULL, key, "a string");
}

// An absent or null list is empty.
static int check_list(struct profile *p, const json_t *value, const char *key) {
    return want(p, value, value == NULL || json_is_null(value) || json_is_array(value), key, "a list");
}

// Integers up to 2^64 - 1; see place_big_integers.
static int read_integer(struct profile *p, const json_t *object, const char *key, uint64_t limit, uint64_t *out) {
    const json_t *value = json_object_get(object, key);
    const char *big = json_string_value(value);
    if (big != NULL && big[0] == '\1') {
        *out = strtoull(big + 1, NULL, 10);
    } else {
        int r =
            want(p, value, json_is_integer(value) && json_integer_value(value) >= 0, key, "an integer of 0 or more");
        if (r < 0) return r;
        *out = (uint64_t)json_integer_value(value);
    }
    if (*out <= limit) return 0;
    return error_set(p->e, EINVAL, "\"%s\" is above %" PRIu64, key, limit);
}

// Notes the keys that are not in the list, which ends in NULL.
static int note_unknown(struct profile *p, const json_t *object, const char *const *known) {
    const char *key;
    json_t *value;
    json_object_foreach ((json_t *)(uintptr_t)object, key, value) {
        size_t i = 0;
        while (known[i] != NULL && strcmp(known[i], key) != 0)
            i++;
        int r = known[i] == NULL ? note(p, "field", key, "is unknown and ignored") : 0;
        if (r < 0) return r;
    }
    return 0;
}

// ---- Actions ----

// The action word under `action`, with the errno under `number` (EPERM where there is none).
static int read_action(struct profile *p, const json_t *object, const char *action, const char *number,
                       struct action *out) {
    const char *word;
    int r = read_string(p, json_object_get(object, action), action, &word);
    if (r == 0) r = oci_action(word, out, p->e);
    if (r < 0) return r;
    bool uses = out->kind == ACTION_ERRNO || out->kind == ACTION_TRACE;
    const json_t *value = json_object_get(object, number);
    if (uses) out->data = EPERM;
    if (value == NULL || json_is_null(value)) return 0;
    uint64_t data;
    r = read_integer(p, object, number, out->kind == ACTION_TRACE ? UINT16_MAX : 4095, &data);
    if (r < 0) return r;
    if (!uses) return note(p, "field", number, "means nothing with this action and is ignored");
    out->data = (uint16_t)data;
    return 0;
}

// ---- includes and excludes ----

static int read_arches(struct profile *p, const json_t *list, abi_set *out) {
    int r = check_list(p, list, "arches");
    size_t i;
    json_t *value;
    *out = 0;
    if (r < 0) return r;
    json_array_foreach (list, i, value) {
        const char *word;
        abi_set set = 0;
        r = read_string(p, value, "arches", &word);
        if (r == 0) r = oci_architecture(word, &set, p->e);
        if (r < 0) return r;
        *out |= set;
    }
    return 0;
}

// How many of the capabilities the filter's list has, of how many.
static int read_caps(struct profile *p, const json_t *list, size_t *have, size_t *count) {
    int r = check_list(p, list, "caps");
    size_t i;
    json_t *value;
    *have = *count = 0;
    if (r < 0) return r;
    json_array_foreach (list, i, value) {
        const char *word;
        r = read_string(p, value, "caps", &word);
        if (r < 0) return r;
        int capability = options_capability(word, strlen(word));
        struct spelling near;
        spelling_start(&near, word, strlen(word));
        options_capability_spelling(&near);
        if (capability < 0)
            return error_set(p->e, ENOENT, "unknown capability \"%s\"%s", text_quote(word, strlen(word)).text,
                             spelling_hint(&near).text);
        *have += p->f->options.capabilities >> capability & 1;
        ++*count;
    }
    return 0;
}

// Is the filter's kernel at least this? Any kernel is.
static int read_kernel(struct profile *p, const json_t *value, bool *given, bool *reached) {
    *given = value != NULL && !json_is_null(value);
    *reached = true;
    if (!*given) return 0;
    const char *word;
    uint32_t kernel = 0;
    int r = read_string(p, value, "minKernel", &word);
    if (r < 0) return r;
    *given = word[0] != '\0';
    if (*given && options_kernel(word, &kernel) < 0)
        return error_set(p->e, EINVAL, "\"minKernel\" is \"%s\", not a version such as \"4.8\"",
                         text_quote(word, strlen(word)).text);
    *reached = p->f->options.kernel == 0 || p->f->options.kernel >= kernel;
    return 0;
}

// Takes out of *only the ABIs on which the entry is not meant to be.
static int read_conditions(struct profile *p, const json_t *object, bool includes, abi_set *only) {
    static const char *const known[] = {"arches", "caps", "minKernel", NULL};
    if (object == NULL || json_is_null(object)) return 0;
    int r = want(p, object, json_is_object(object), includes ? "includes" : "excludes", "an object");
    abi_set arches = 0;
    size_t have = 0, count = 0;
    bool given = false, reached = true;
    if (r == 0) r = note_unknown(p, object, known);
    if (r == 0) r = read_arches(p, json_object_get(object, "arches"), &arches);
    if (r == 0) r = read_caps(p, json_object_get(object, "caps"), &have, &count);
    if (r == 0) r = read_kernel(p, json_object_get(object, "minKernel"), &given, &reached);
    if (r < 0) return r;
    bool some_arches = json_array_size(json_object_get(object, "arches")) > 0;
    if (includes) {
        if (some_arches) *only &= arches;
        if (have < count || !reached) *only = 0;
    } else {
        *only &= (abi_set)~arches;
        if (have > 0 || (given && reached)) *only = 0;
    }
    return 0;
}

// ---- Conditions on arguments ----

// "arg0:u64 & 0x7e020000 == 0x0"
static int write_condition(struct profile *p, const json_t *arg, struct text *t) {
    static const char *const known[] = {"index", "value", "valueTwo", "op", NULL};
    static const char *const operators[] = {"==", "!=", "<", "<=", ">", ">="};
    uint64_t index = 0, value = 0, two = 0;
    const char *word = NULL;
    enum comparison op = COMPARE_EQ;
    bool masked = false;
    int r = want(p, arg, json_is_object(arg), "args", "a list of objects");
    if (r == 0) r = note_unknown(p, arg, known);
    if (r == 0) r = read_integer(p, arg, "index", SYSCALL_ARGUMENTS - 1, &index);
    if (r == 0) r = read_integer(p, arg, "value", UINT64_MAX, &value);
    if (r == 0 && json_object_get(arg, "valueTwo") != NULL) r = read_integer(p, arg, "valueTwo", UINT64_MAX, &two);
    if (r == 0) r = read_string(p, json_object_get(arg, "op"), "op", &word);
    if (r == 0) r = oci_operator(word, &op, &masked, p->e);
    if (r < 0) return r;
    // With a mask, `value` is the mask and `valueTwo` the value, of which only the masked bits count.
    text_add(t, "arg%" PRIu64 ":u64 ", index);
    if (masked) text_add(t, "& 0x%" PRIx64 " ", value);
    text_add(t, "%s 0x%" PRIx64, operators[op], masked ? value & two : value);
    return 0;
}

static int find_apart(struct profile *p, struct entry *entry) {
    int r = check_list(p, entry->args, "args");
    size_t i;
    json_t *arg;
    unsigned seen = 0;
    if (r < 0) return r;
    json_array_foreach (entry->args, i, arg) {
        uint64_t index = 0;
        r = want(p, arg, json_is_object(arg), "args", "a list of objects");
        if (r == 0) r = read_integer(p, arg, "index", SYSCALL_ARGUMENTS - 1, &index);
        if (r < 0) return r;
        entry->apart = entry->apart || (seen >> index & 1) != 0;
        seen |= 1u << index;
    }
    return 0;
}

// ---- Rules ----

static int add_text(struct profile *p, const struct entry *entry, const char *calls, size_t length) {
    char action[32];
    struct text t;
    text_start(&t, action, sizeof action);
    action_write(entry->action, &t);
    text_end(&t);
    struct source source = {
        .name = p->name, .line = p->place.line, .column = p->place.column, .only = entry->only, .gentle = true};
    return filter_add(p->f, action, strlen(action), calls, length, source);
}

// The name with the conditions from `first` on, `count` of them, as one rule.
static int add_rule(struct profile *p, const struct entry *entry, const char *name, size_t first, size_t count) {
    char calls[1024]; // a name of the tables and at most six conditions of 64 bytes
    struct text t;
    text_start(&t, calls, sizeof calls);
    text_add(&t, "%s", name);
    for (size_t i = first; i < first + count; i++) {
        text_add(&t, i == first ? "(" : " && ");
        int r = write_condition(p, json_array_get(entry->args, i), &t);
        if (r < 0) return r;
    }
    if (count > 0) text_add(&t, ")");
    int64_t length = text_end(&t);
    if (length >= (int64_t)sizeof calls) return fail(p, EINVAL, "too many conditions");
    return add_text(p, entry, calls, (size_t)length);
}

static int unknown_name(struct profile *p, const struct entry *entry, const char *name) {
    struct spelling near;
    spelling_start(&near, name, strlen(name));
    syscalls_spelling(&near);
    // A call that is not allowed is no harm; one that was to be denied is.
    if (action_denies(entry->action))
        return error_set(p->e, ENOENT, "unknown system call \"%s\"%s", text_quote(name, strlen(name)).text,
                         spelling_hint(&near).text);
    char rest[NOTE_SIZE];
    struct text t;
    text_start(&t, rest, sizeof rest);
    text_add(&t, "is in no table and skipped%s", spelling_hint(&near).text);
    text_end(&t);
    return note(p, "system call", name, rest);
}

static int add_name(struct profile *p, const struct entry *entry, const json_t *value) {
    const char *name;
    int r = read_string(p, value, "names", &name);
    if (r < 0) return r;
    if (syscalls_find(name, strlen(name)) == SYSCALL_NONE && !newer_known(name)) return unknown_name(p, entry, name);
    if (entry->is_default && !ruleset_preset(name, action_denies(entry->action))) return 0;
    size_t count = json_array_size(entry->args);
    if (!entry->apart) return add_rule(p, entry, name, 0, count);
    for (size_t i = 0; i < count && r == 0; i++)
        r = add_rule(p, entry, name, i, 1);
    return r;
}

static int add_names(struct profile *p, const struct entry *entry, const json_t *object) {
    const json_t *one = json_object_get(object, "name");
    const json_t *names = json_object_get(object, "names");
    bool has_one = one != NULL && !json_is_null(one) && !(json_is_string(one) && json_string_length(one) == 0);
    if (has_one && json_array_size(names) > 0) return fail(p, EINVAL, "both \"name\" and \"names\"; use one");
    if (has_one) return add_name(p, entry, one);
    int r = want(p, names, json_is_array(names) && json_array_size(names) > 0, "names", "a list of system calls");
    size_t i;
    json_t *value;
    if (r < 0) return r;
    json_array_foreach (names, i, value) {
        r = add_name(p, entry, value);
        if (r < 0) return r;
    }
    return 0;
}

static void set_what(struct profile *p, size_t index) {
    struct text t;
    text_start(&t, p->what, sizeof p->what);
    text_add(&t, "syscalls[%zu]: ", index);
    text_end(&t);
}

// runc adds no rule whose action is the default: it is no exception to rules after it. Behind them all it is one to
// what the filter decides by itself.
static int put_off(struct profile *p, const struct entry *entry, const json_t *object, size_t index) {
    if (p->late_count == p->late_room && memory_grow(&p->late, &p->late_room, p->late_count + 1, sizeof *p->late) < 0)
        return error_memory(p->e);
    p->late[p->late_count++] = (struct late){.entry = *entry, .object = object, .place = p->place, .index = index};
    return note(p, "action", json_string_value(json_object_get(object, "action")),
                action_denies(entry->action)
                    ? "is the default; the entry says nothing, unless it names what is always allowed"
                    : "is the default; the entry says nothing, unless it names io_uring");
}

static int add_late(struct profile *p) {
    int r = 0;
    for (size_t i = 0; i < p->late_count && r == 0; i++) {
        p->place = p->late[i].place;
        set_what(p, p->late[i].index);
        r = add_names(p, &p->late[i].entry, p->late[i].object);
    }
    return r;
}

static int read_entry(struct profile *p, const json_t *object, size_t index) {
    static const char *const known[] = {"names",   "name",     "action",   "errnoRet", "args",
                                        "comment", "includes", "excludes", NULL};
    struct entry entry = {.only = ABI_SET_ALL, .args = json_object_get(object, "args")};
    int r = want(p, object, json_is_object(object), "syscalls", "a list of objects");
    if (r == 0) r = note_unknown(p, object, known);
    if (r == 0) r = read_action(p, object, "action", "errnoRet", &entry.action);
    if (r == 0) r = read_conditions(p, json_object_get(object, "includes"), true, &entry.only);
    if (r == 0) r = read_conditions(p, json_object_get(object, "excludes"), false, &entry.only);
    if (r == 0) r = find_apart(p, &entry);
    if (r < 0 || entry.only == 0) return r;
    entry.is_default = action_equal(entry.action, p->fallback);
    return entry.is_default ? put_off(p, &entry, object, index) : add_names(p, &entry, object);
}

static int read_entries(struct profile *p, const json_t *list) {
    int r = check_list(p, list, "syscalls");
    size_t i;
    json_t *value;
    if (r < 0 || json_array_size(list) == 0 || !place_key(&p->places, "syscalls")) return r;
    json_array_foreach (list, i, value) {
        if (place_element(&p->places)) p->place = p->places.place;
        set_what(p, i);
        r = read_entry(p, value, i);
        if (r < 0) return r;
    }
    return add_late(p);
}

// ---- The rest of a profile ----

static int read_flags(struct profile *p, const json_t *list) {
    static const char *const flags[] = {"SECCOMP_FILTER_FLAG_LOG", "SECCOMP_FILTER_FLAG_SPEC_ALLOW",
                                        "SECCOMP_FILTER_FLAG_TSYNC", "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV"};
    int r = check_list(p, list, "flags");
    if (r < 0 || !json_is_array(list)) return r;
    size_t i;
    json_t *value;
    bool has[4] = {false};
    json_array_foreach (list, i, value) {
        const char *word;
        r = read_string(p, value, "flags", &word);
        if (r < 0) return r;
        struct spelling near;
        spelling_start(&near, word, strlen(word));
        size_t flag = 0;
        for (; flag < 4 && strcmp(flags[flag], word) != 0; flag++)
            spelling_try(&near, flags[flag]);
        if (flag == 4)
            return error_set(p->e, ENOENT, "unknown flag \"%s\"%s", text_quote(word, strlen(word)).text,
                             spelling_hint(&near).text);
        has[flag] = true;
    }
    p->f->options.log = has[0];
    p->f->options.mitigate = !has[1];
    return has[3] ? note(p, "flag", flags[3], "is ignored") : 0;
}

// The ABIs that the profile lists, sub-architectures among them. They add none to the filter.
static int read_architectures(struct profile *p, const json_t *root, abi_set *listed) {
    const json_t *plain = json_object_get(root, "architectures");
    const json_t *map = json_object_get(root, "archMap");
    int r = read_arches(p, plain, listed);
    if (r == 0) r = check_list(p, map, "archMap");
    if (r < 0) return r;
    if (json_array_size(plain) > 0 && json_array_size(map) > 0)
        return fail(p, EINVAL, "both \"architectures\" and \"archMap\"; use one");
    size_t i;
    json_t *value;
    json_array_foreach (map, i, value) {
        const char *word;
        abi_set set = 0, sub = 0;
        r = read_string(p, json_object_get(value, "architecture"), "architecture", &word);
        if (r == 0) r = oci_architecture(word, &set, p->e);
        if (r == 0) r = read_arches(p, json_object_get(value, "subArchitectures"), &sub);
        if (r < 0) return r;
        *listed |= set | sub;
    }
    return 0;
}

static int note_architectures(struct profile *p, const json_t *root) {
    abi_set listed = 0;
    int r = read_architectures(p, root, &listed);
    for (int id = 0; id < ABI_COUNT && r == 0 && listed != 0; id++) {
        if ((filter_abis(p->f) & ABI_SET(id) & ~listed) != 0)
            r = note(p, "architecture", abis[id].name, "is not listed; the profile's rules hold for it all the same");
    }
    return r;
}

static int read_profile(struct profile *p, const json_t *root) {
    static const char *const known[] = {"defaultAction",    "defaultErrnoRet", "archMap",
                                        "architectures",    "flags",           "listenerPath",
                                        "listenerMetadata", "syscalls",        NULL};
    p->place = (struct place){.line = 1, .column = 1};
    if (!json_is_object(root)) return fail(p, EINVAL, "a seccomp profile is a JSON object");
    int r = note_unknown(p, root, known);
    struct place_walk walk = p->places;
    if (place_key(&walk, "defaultAction")) p->place = walk.place;
    const struct place at = p->place;
    if (r == 0) r = read_action(p, root, "defaultAction", "defaultErrnoRet", &p->fallback);
    if (r == 0) r = note_architectures(p, root);
    if (r == 0) r = read_flags(p, json_object_get(root, "flags"));
    if (r == 0 && json_object_get(root, "listenerPath") != NULL)
        r = note(p, "field", "listenerPath", "is ignored: a filter of this library has no listener");
    if (r == 0) p->f->default_action = p->fallback;
    if (r == 0) r = filter_default_place(p->f, p->name, at.line, at.column);
    return r < 0 ? r : read_entries(p, json_object_get(root, "syscalls"));
}

static int parse(struct profile *p, const char *text, size_t length, json_t **root) {
    char *copy = place_big_integers(text, &length);
    if (copy == NULL) return error_memory(p->e);
    json_error_t error;
    *root = json_loadb(copy, length, JSON_REJECT_DUPLICATES, &error);
    memory_free(copy);
    if (*root != NULL) return 0;
    // Where memory is out, jansson as a rule fails without a word.
    if (json_error_code(&error) == json_error_out_of_memory || error.text[0] == '\0') return error_memory(p->e);
    p->place.line = error.line > 0 ? (uint32_t)error.line : 1;
    p->place.column = error.column > 0 ? (uint32_t)error.column : 1;
    return error_set(p->e, EINVAL, "broken JSON: %s", error.text);
}

int oci_read(struct filter *f, const char *text, size_t length, const char *name) {
    const struct rules_mark mark = rules_mark(&f->rules);
    const struct filter_options options = f->options;
    const struct action before = f->default_action;
    const struct filter_place place = f->default_place;
    const struct error broken = f->broken;
    struct profile p = {.f = f, .e = &f->error, .name = name};
    place_start(&p.places, text, length);
    json_t *root = NULL;
    int r = parse(&p, text, length, &root);
    if (r == 0) r = read_profile(&p, root);
    json_decref(root);
    memory_free(p.late);
    if (r == 0) return 0;
    rules_reset(&f->rules, mark);
    f->options = options;
    f->default_action = before;
    f->default_place = place;
    f->broken = broken; // filter_add may have set it without the place
    if (r != -ENOMEM)
        error_prefix(&f->error, "%s:%" PRIu32 ":%" PRIu32 ": %s", name, p.place.line, p.place.column, p.what);
    return filter_fail(f);
}
