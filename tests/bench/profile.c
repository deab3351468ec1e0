// SPDX-License-Identifier: MIT
#include "profile.h"

#include "syscalls.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// Docker gives these to a container that asks for nothing.
static const char *const capabilities[] = {"CAP_CHOWN",   "CAP_DAC_OVERRIDE", "CAP_FSETID",           "CAP_FOWNER",
                                           "CAP_MKNOD",   "CAP_NET_RAW",      "CAP_SETGID",           "CAP_SETUID",
                                           "CAP_SETFCAP", "CAP_SETPCAP",      "CAP_NET_BIND_SERVICE", "CAP_SYS_CHROOT",
                                           "CAP_KILL",    "CAP_AUDIT_WRITE"};

static const struct {
    const char *oci, *text;
    enum scmp_compare op;
} operators[] = {{"SCMP_CMP_EQ", "==", SCMP_CMP_EQ},
                 {"SCMP_CMP_NE", "!=", SCMP_CMP_NE},
                 {"SCMP_CMP_LT", "<", SCMP_CMP_LT},
                 {"SCMP_CMP_LE", "<=", SCMP_CMP_LE},
                 {"SCMP_CMP_GT", ">", SCMP_CMP_GT},
                 {"SCMP_CMP_GE", ">=", SCMP_CMP_GE},
                 {"SCMP_CMP_MASKED_EQ", "==", SCMP_CMP_MASKED_EQ}};

static struct bench_rule *append(struct bench_rules *list, const char *name) {
    struct bench_rule *rules = realloc(list->rules, (list->count + 1) * sizeof *rules);
    if (rules == NULL) abort();
    list->rules = rules;
    struct bench_rule *r = &rules[list->count++];
    memset(r, 0, sizeof *r);
    snprintf(r->name, sizeof r->name, "%s", name);
    snprintf(r->text, sizeof r->text, "%s", name);
    return r;
}

static void add_condition(struct bench_rule *r, unsigned index, size_t op, uint64_t value, uint64_t second) {
    const bool masked = operators[op].op == SCMP_CMP_MASKED_EQ;
    const size_t length = r->conditions == 0 ? strlen(r->text) : strlen(r->text) - 1; // without ")"
    char mask[32] = "";
    if (masked) snprintf(mask, sizeof mask, " & %#" PRIx64, value);
    snprintf(r->text + length, sizeof r->text - length, "%sarg%u:u64%s %s %" PRIu64 ")",
             r->conditions == 0 ? "(" : " && ", index, mask, operators[op].text, masked ? second : value);
    r->condition[r->conditions++] = (struct scmp_arg_cmp){index, operators[op].op, value, second};
}

// ---- Docker --------------------------------------------------------------------------------------------------------

static bool has(json_t *list, const char *word) {
    for (size_t i = 0; i < json_array_size(list); i++)
        if (strcmp(json_string_value(json_array_get(list, i)), word) == 0) return true;
    return false;
}

static size_t count_ours(json_t *list) {
    size_t count = 0;
    for (size_t i = 0; i < sizeof capabilities / sizeof *capabilities; i++)
        count += has(list, capabilities[i]);
    return count;
}

static bool applies(json_t *entry) {
    json_t *in = json_object_get(entry, "includes"), *out = json_object_get(entry, "excludes");
    json_t *arches = json_object_get(in, "arches"), *caps = json_object_get(in, "caps");
    if (json_array_size(arches) > 0 && !has(arches, "amd64")) return false;
    if (has(json_object_get(out, "arches"), "amd64")) return false;
    return count_ours(caps) == json_array_size(caps) && count_ours(json_object_get(out, "caps")) == 0;
}

static int add_entry(struct bench_rules *list, json_t *entry) {
    const char *action = json_string_value(json_object_get(entry, "action"));
    json_t *names = json_object_get(entry, "names"), *args = json_object_get(entry, "args");
    const bool allow = strcmp(action, "SCMP_ACT_ALLOW") == 0;
    const uint32_t err = (uint32_t)json_integer_value(json_object_get(entry, "errnoRet"));
    if ((!allow && strcmp(action, "SCMP_ACT_ERRNO") != 0) || json_array_size(args) > 1) return -1;
    for (size_t i = 0; i < json_array_size(names); i++) {
        const char *name = json_string_value(json_array_get(names, i));
        const syscall_id id = syscalls_find(name, strlen(name));
        if (id == SYSCALL_NONE || syscalls_number(ABI_X86_64, id) < 0) continue;
        struct bench_rule *r = append(list, name);
        r->verdict = allow ? SCMP_ACT_ALLOW : SCMP_ACT_ERRNO(err);
        snprintf(r->action, sizeof r->action, allow ? "allow" : "errno(%u)", err);
        json_t *arg = json_array_get(args, 0);
        for (size_t op = 0; arg != NULL && op < sizeof operators / sizeof *operators; op++)
            if (strcmp(operators[op].oci, json_string_value(json_object_get(arg, "op"))) == 0)
                add_condition(r, (unsigned)json_integer_value(json_object_get(arg, "index")), op,
                              (uint64_t)json_integer_value(json_object_get(arg, "value")),
                              (uint64_t)json_integer_value(json_object_get(arg, "valueTwo")));
    }
    return 0;
}

static int read_whole(const char *path, struct bench_rules *out) {
    FILE *file = fopen(path, "rb");
    if (file == NULL) return -1;
    out->json = calloc(1, 1 << 20);
    if (out->json == NULL) abort();
    out->length = fread(out->json, 1, (1 << 20) - 1, file);
    fclose(file);
    return out->length > 0 ? 0 : -1;
}

int profile_read(const char *path, struct bench_rules *out) {
    *out = (struct bench_rules){.action = "errno(EPERM)", .verdict = SCMP_ACT_ERRNO(EPERM)};
    if (read_whole(path, out) < 0) {
        perror(path);
        return -1;
    }
    json_error_t error;
    json_t *root = json_loads(out->json, 0, &error);
    json_t *entries = json_object_get(root, "syscalls");
    int r = json_array_size(entries) > 0 ? 0 : -1;
    for (size_t i = 0; r == 0 && i < json_array_size(entries); i++)
        if (applies(json_array_get(entries, i))) r = add_entry(out, json_array_get(entries, i));
    json_decref(root);
    if (r < 0) fprintf(stderr, "%s: not a profile that this program understands\n", path);
    return r;
}

// ---- Made up -------------------------------------------------------------------------------------------------------

static void deny(struct bench_rule *r) {
    r->verdict = SCMP_ACT_ERRNO(EPERM);
    snprintf(r->action, sizeof r->action, "errno(EPERM)");
}

void profile_values(size_t count, struct bench_rules *out) {
    *out = (struct bench_rules){.action = "allow", .verdict = SCMP_ACT_ALLOW};
    for (size_t i = 0; i < count; i++) {
        struct bench_rule *r = append(out, "ioctl");
        deny(r);
        // In no order, with gaps; 3000 and 7919 have no common factor.
        add_condition(r, 1, 0, 0x5400 + 3 * (i * 7919 % count), 0);
    }
}

void profile_calls(size_t count, struct bench_rules *out) {
    *out = (struct bench_rules){.action = "allow", .verdict = SCMP_ACT_ALLOW};
    for (uint32_t number = 0; out->count < count; number++) {
        const syscall_id id = syscalls_at(ABI_X86_64, number);
        // Registers that the call does not use are no pointers.
        if (id == SYSCALL_NONE || syscalls_parameter(ABI_X86_64, id, 3).kind != PARAMETER_ABSENT) continue;
        const uint64_t seed = (number + 1) * UINT64_C(0x9e3779b97f4a7c15);
        struct bench_rule *r = append(out, syscalls_name(id));
        deny(r);
        add_condition(r, 3, 3, seed, 0);
        add_condition(r, 4, 5, seed >> 7, 0);
        add_condition(r, 5, 0, seed >> 3, 0);
    }
}

void profile_free(struct bench_rules *rules) {
    free(rules->rules);
    free(rules->json);
    *rules = (struct bench_rules){0};
}
