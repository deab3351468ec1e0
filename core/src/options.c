// SPDX-License-Identifier: MIT
#include "options.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "text.h"

// By number, as in linux/capability.h.
static const char *const capability_names[] = {
    "CAP_CHOWN",
    "CAP_DAC_OVERRIDE",
    "CAP_DAC_READ_SEARCH",
    "CAP_FOWNER",
    "CAP_FSETID",
    "CAP_KILL",
    "CAP_SETGID",
    "CAP_SETUID",
    "CAP_SETPCAP",
    "CAP_LINUX_IMMUTABLE",
    "CAP_NET_BIND_SERVICE",
    "CAP_NET_BROADCAST",
    "CAP_NET_ADMIN",
    "CAP_NET_RAW",
    "CAP_IPC_LOCK",
    "CAP_IPC_OWNER",
    "CAP_SYS_MODULE",
    "CAP_SYS_RAWIO",
    "CAP_SYS_CHROOT",
    "CAP_SYS_PTRACE",
    "CAP_SYS_PACCT",
    "CAP_SYS_ADMIN",
    "CAP_SYS_BOOT",
    "CAP_SYS_NICE",
    "CAP_SYS_RESOURCE",
    "CAP_SYS_TIME",
    "CAP_SYS_TTY_CONFIG",
    "CAP_MKNOD",
    "CAP_LEASE",
    "CAP_AUDIT_WRITE",
    "CAP_AUDIT_CONTROL",
    "CAP_SETFCAP",
    "CAP_MAC_OVERRIDE",
    "CAP_MAC_ADMIN",
    "CAP_SYSLOG",
    "CAP_WAKE_ALARM",
    "CAP_BLOCK_SUSPEND",
    "CAP_AUDIT_READ",
    "CAP_PERFMON",
    "CAP_BPF",
    "CAP_CHECKPOINT_RESTORE",
};
enum {
    CAPABILITIES = sizeof capability_names / sizeof capability_names[0]
};

// What Docker gives a container: CHOWN, DAC_OVERRIDE, FOWNER, FSETID, KILL, SETGID, SETUID, SETPCAP,
// NET_BIND_SERVICE, NET_RAW, SYS_CHROOT, MKNOD, AUDIT_WRITE, SETFCAP.
static const uint64_t docker_capabilities = UINT64_C(0xa80425fb);

void options_start(struct filter_options *o) {
    *o = (struct filter_options){
        .unknown = {.kind = ACTION_ERRNO, .data = ENOSYS},
        .foreign = {.kind = ACTION_KILL},
        .x32 = {.kind = ACTION_ERRNO, .data = ENOSYS},
        .log = true,
        .no_new_privs = true,
        .proof = true,
        .capabilities = docker_capabilities,
    };
}

int options_capability(const char *name, size_t length) {
    for (int i = 0; i < CAPABILITIES; i++) {
        if (strlen(capability_names[i]) == length && memcmp(capability_names[i], name, length) == 0) return i;
    }
    return -1;
}

void options_capability_spelling(struct spelling *s) {
    for (int i = 0; i < CAPABILITIES; i++)
        spelling_try(s, capability_names[i]);
}

// Up to three digits; NULL where there are none.
static const char *read_number(const char *text, uint32_t *out) {
    const char *end = text;
    *out = 0;
    while (isdigit((unsigned char)*end) && end - text < 3)
        *out = *out * 10 + (uint32_t)(*end++ - '0');
    return end == text ? NULL : end;
}

int options_kernel(const char *text, uint32_t *out) {
    uint32_t version = 0, patchlevel = 0;
    const char *end = read_number(text, &version);
    if (end == NULL || *end != '.') return -EINVAL;
    end = read_number(end + 1, &patchlevel);
    if (end == NULL || *end != '\0' || (version == 0 && patchlevel == 0)) return -EINVAL;
    *out = version << 16 | patchlevel;
    return 0;
}

// ---- One kind of value each: read, and write ----

struct option {
    const char *name;
    int (*set)(const struct option *option, void *field, const char *value, struct error *e);
    void (*write)(const struct option *option, const void *field, struct text *t);
    size_t offset;        // of the field in struct filter_options
    const char *words[2]; // of a bool: false, true
};

static int set_bool(const struct option *option, void *field, const char *value, struct error *e) {
    for (int i = 0; i < 2; i++) {
        if (strcmp(value, option->words[i]) != 0) continue;
        *(bool *)field = i == 1;
        return 0;
    }
    return error_set(e, EINVAL, "option %s is \"%s\" or \"%s\", not \"%s\"", option->name, option->words[0],
                     option->words[1], text_quote(value, strlen(value)).text);
}

static void write_bool(const struct option *option, const void *field, struct text *t) {
    text_add(t, "%s", option->words[*(const bool *)field ? 1 : 0]);
}

static int set_action(const struct option *option, void *field, const char *value, struct error *e) {
    struct action action;
    int r = action_parse(value, strlen(value), &action, e);
    if (r < 0) {
        error_prefix(e, "option %s: ", option->name);
        return r;
    }
    *(struct action *)field = action;
    return 0;
}

static void write_action(const struct option *option, const void *field, struct text *t) {
    (void)option;
    action_write(*(const struct action *)field, t);
}

static int set_kernel(const struct option *option, void *field, const char *value, struct error *e) {
    uint32_t kernel = 0;
    if (strcmp(value, "any") != 0 && options_kernel(value, &kernel) < 0)
        return error_set(e, EINVAL, "option %s is \"any\" or a version such as \"6.1\", not \"%s\"", option->name,
                         text_quote(value, strlen(value)).text);
    *(uint32_t *)field = kernel;
    return 0;
}

static void write_kernel(const struct option *option, const void *field, struct text *t) {
    (void)option;
    uint32_t kernel = *(const uint32_t *)field;
    if (kernel == 0)
        text_add(t, "any");
    else
        text_add(t, "%u.%u", kernel >> 16, kernel & 0xffff);
}

static int unknown_capability(const char *name, size_t length, struct error *e) {
    struct spelling near;
    spelling_start(&near, name, length);
    options_capability_spelling(&near);
    return error_set(e, ENOENT, "unknown capability \"%s\"%s", text_quote(name, length).text,
                     spelling_hint(&near).text);
}

static int set_capabilities(const struct option *option, void *field, const char *value, struct error *e) {
    uint64_t set = 0;
    bool none = strcmp(value, "none") == 0;
    const char *at = none ? "" : value;
    do {
        at += strspn(at, " \t");
        size_t whole = strcspn(at, ",");
        size_t length = whole;
        while (length > 0 && (at[length - 1] == ' ' || at[length - 1] == '\t'))
            length--;
        if (length == 0 && !none)
            return error_set(e, EINVAL, "option %s is a list of names such as CAP_CHOWN with commas, or \"none\"",
                             option->name);
        int capability = length > 0 ? options_capability(at, length) : -1;
        if (length > 0 && capability < 0) return unknown_capability(at, length, e);
        if (capability >= 0) set |= UINT64_C(1) << capability;
        at += whole;
    } while (*at++ == ',');
    *(uint64_t *)field = set;
    return 0;
}

static void write_capabilities(const struct option *option, const void *field, struct text *t) {
    (void)option;
    uint64_t set = *(const uint64_t *)field;
    const char *separator = "";
    if (set == 0) text_add(t, "none");
    for (int i = 0; i < CAPABILITIES; i++) {
        if ((set >> i & 1) == 0) continue;
        text_add(t, "%s%s", separator, capability_names[i]);
        separator = ",";
    }
}

#define FIELD(field) .offset = offsetof(struct filter_options, field)
static const struct option table[] = {
    {"unknown", set_action, write_action, FIELD(unknown), {0}},
    {"foreign", set_action, write_action, FIELD(foreign), {0}},
    {"x32", set_action, write_action, FIELD(x32), {0}},
    {"log", set_bool, write_bool, FIELD(log), {"off", "on"}},
    {"complain", set_bool, write_bool, FIELD(complain), {"off", "on"}},
    {"landlock", set_bool, write_bool, FIELD(landlock), {"off", "on"}},
    {"io_uring", set_bool, write_bool, FIELD(keep_io_uring), {"refuse", "keep"}},
    {"no_new_privs", set_bool, write_bool, FIELD(no_new_privs), {"off", "on"}},
    {"speculation", set_bool, write_bool, FIELD(mitigate), {"allow", "mitigate"}},
    {"proof", set_bool, write_bool, FIELD(proof), {"off", "on"}},
    {"capabilities", set_capabilities, write_capabilities, FIELD(capabilities), {0}},
    {"kernel", set_kernel, write_kernel, FIELD(kernel), {0}},
};
#undef FIELD
enum {
    OPTIONS = sizeof table / sizeof table[0]
};

int options_set(struct filter_options *o, const char *option, const char *value, struct error *e) {
    struct spelling near;
    spelling_start(&near, option, strlen(option));
    for (size_t i = 0; i < OPTIONS; i++) {
        if (strcmp(table[i].name, option) == 0) return table[i].set(&table[i], (char *)o + table[i].offset, value, e);
        spelling_try(&near, table[i].name);
    }
    spelling_try(&near, "abi");
    struct text_word word = text_quote(option, strlen(option));
    error_set(e, ENOENT, "unknown option \"%s\"%s", word.text,
              near.best != NULL ? spelling_hint(&near).text : "; the options are abi");
    for (size_t i = 0; near.best == NULL && i < OPTIONS; i++)
        error_add(e, "%s%s", i + 1 < OPTIONS ? ", " : " and ", table[i].name);
    return -ENOENT;
}

static void write_value(const struct filter_options *o, size_t index, char *value, size_t size) {
    struct text t;
    text_start(&t, value, size);
    table[index].write(&table[index], (const char *)o + table[index].offset, &t);
    text_end(&t);
}

bool options_get(const struct filter_options *o, size_t index, struct filter_option *out) {
    if (index >= OPTIONS) return false;
    struct filter_options defaults;
    char value[sizeof out->value];
    options_start(&defaults);
    write_value(&defaults, index, value, sizeof value);
    out->name = table[index].name;
    write_value(o, index, out->value, sizeof out->value);
    out->is_default = strcmp(out->value, value) == 0;
    return true;
}
