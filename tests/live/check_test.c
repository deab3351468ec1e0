// SPDX-License-Identifier: MIT
// `abjure check` agrees with the kernel: each call of calls.txt under each policy of policies.txt.
// Arguments: the folder of these files and the command.
#include <abjure.h>
#include <jansson.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "action.h"
#include "ask.h"

enum {
    CALLS = 400,
    POLICIES = 200,
    LINE = 256
};

static const char *folder, *command;

struct call {
    char text[LINE]; // without the ABI
    const char *abi; // NULL: the native one
    char name[64];
    struct ask_case ask;
    int self; // has SELF among its arguments
};

struct policy {
    char name[LINE];
    char text[4096];
};

static struct call calls[CALLS];
static struct policy policies[POLICIES];
static size_t call_count, policy_count;

static FILE *open_data(const char *name) {
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    return file;
}

static void read_argument(struct call *c, size_t index, const char *text) {
    uint64_t value = 0;
    char why[512] = "";
    if (strcmp(text, "SELF") == 0) {
        value = ASK_SELF;
        c->self = 1;
    } else if (abjure_value(c->abi, text, &value, why, sizeof why) < 0) {
        fail_msg("%s: %s", c->text, why);
    }
    assert_true(index < 6);
    c->ask.args[index] = value;
}

static void number_of(struct call *c) {
    abjure_filter *f = abjure_filter_new();
    char text[1024];
    if (c->abi != NULL) assert_int_equal(abjure_filter_set(f, "abi", c->abi), 0);
    assert_true(abjure_filter_explain(f, c->abi, c->name, 0, 0, 0, 0, 0, 0, text, sizeof text) > 0);
    c->ask.number = (uint32_t)strtoull(strstr(text, "\nnumber: ") + 9, NULL, 10);
    abjure_filter_free(f);
}

// OTHER becomes a pid that is neither of this process nor of the one that asks the kernel.
static void name_other(const char *line, char out[LINE]) {
    static const char word[] = "OTHER";
    size_t at = 0;
    while (*line != '\0') {
        bool here = strncmp(line, word, sizeof word - 1) == 0;
        int n = here ? snprintf(out + at, LINE - at, "%d", (int)getppid()) : snprintf(out + at, LINE - at, "%c", *line);
        at += (size_t)n;
        assert_true(at < LINE);
        line += here ? sizeof word - 1 : 1;
    }
    out[at] = '\0';
}

static void read_call(const char *written) {
    struct call *c = &calls[call_count++];
    char named[LINE];
    const char *line = named;
    assert_true(call_count <= CALLS);
    name_other(written, named);
    if (strncmp(line, "x86:", 4) == 0) {
        c->abi = "x86";
        c->ask.compat = 1;
        line += 4;
    }
    snprintf(c->text, sizeof c->text, "%s", line);
    char copy[LINE];
    snprintf(copy, sizeof copy, "%s", line);
    char *arguments = strchr(copy, '(');
    if (arguments != NULL) *arguments++ = '\0';
    snprintf(c->name, sizeof c->name, "%.63s", copy);
    number_of(c);
    size_t index = 0;
    for (char *word = arguments == NULL ? NULL : strtok(arguments, ", )"); word != NULL; word = strtok(NULL, ", )"))
        read_argument(c, index++, word);
}

static int read_data(void **state) {
    (void)state;
    char line[LINE];
    FILE *file = open_data("calls.txt");
    while (fgets(line, sizeof line, file) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        if (line[0] != '#' && line[0] != '\0') read_call(line);
    }
    fclose(file);
    file = open_data("policies.txt");
    while (fgets(line, sizeof line, file) != NULL) {
        if (strncmp(line, "== ", 3) == 0)
            snprintf(policies[policy_count++].name, LINE, "%.*s", (int)strcspn(line + 3, "\n"), line + 3);
        else if (policy_count > 0)
            strcat(policies[policy_count - 1].text, line);
    }
    fclose(file);
    return 0;
}

static abjure_filter *filter_of(const struct policy *p) {
    abjure_filter *f = abjure_filter_new();
    if (abjure_filter_read(f, p->text, p->name) < 0 || abjure_filter_set(f, "log", "off") < 0) {
        char why[512];
        abjure_filter_message(f, why, sizeof why);
        fail_msg("%s", why);
    }
    return f;
}

static int load(void *context) {
    abjure_filter *f = filter_of(context);
    int r = abjure_filter_load(f, NULL);
    if (r < 0) {
        char why[512];
        abjure_filter_message(f, why, sizeof why);
        fprintf(stderr, "%s\n", why);
    }
    return r;
}

// What lets the call through counts as allow: the kernel's log action cannot be told from it.
static uint32_t through(uint32_t verdict) {
    return verdict == SECCOMP_RET_LOG ? SECCOMP_RET_ALLOW : verdict;
}

static uint32_t verdict_of(const char *action) {
    struct action parsed;
    assert_int_equal(action_parse(action, strlen(action), &parsed, NULL), 0);
    return through(action_verdict(parsed));
}

static uint32_t explained(abjure_filter *f, const struct call *c) {
    uint64_t a[6];
    for (int i = 0; i < 6; i++)
        a[i] = c->ask.args[i] == ASK_SELF ? (uint64_t)getpid() : c->ask.args[i];
    char text[2048];
    const char *abi = c->abi != NULL ? c->abi : "x86_64";
    assert_true(abjure_filter_explain(f, abi, c->name, a[0], a[1], a[2], a[3], a[4], a[5], text, sizeof text) > 0);
    text[strcspn(text, "\n")] = '\0';
    return verdict_of(text + strlen("action: "));
}

// Asks the command about all calls of one ABI at once.
static json_t *checked(const struct policy *p, const char *abi) {
    char path[] = "/tmp/abjure-check-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    // The policy is for this machine also where the question is about a foreign ABI.
    dprintf(fd, "%s%s", strstr(p->text, "abi ") == NULL ? "abi x86_64\n" : "", p->text);
    close(fd);
    static char line[1 << 16];
    int at = snprintf(line, sizeof line, "%s check --json --abi %s %s", command, abi == NULL ? "x86_64" : abi, path);
    for (size_t i = 0; i < call_count; i++)
        if (!calls[i].self && calls[i].abi == abi)
            at += snprintf(line + at, sizeof line - (size_t)at, " '%s'", calls[i].text);
    FILE *pipe = popen(line, "r");
    assert_non_null(pipe);
    json_error_t error;
    json_t *answer = json_loadf(pipe, 0, &error);
    if (answer == NULL) fail_msg("%s: %s", p->name, error.text);
    pclose(pipe);
    unlink(path);
    return answer;
}

static void same(const struct policy *p, const struct call *c, const char *who, uint32_t verdict) {
    if (verdict == c->ask.verdict) return;
    fail_msg("policy \"%s\", call %s%s%s: %s says %#x, the kernel %#x", p->name, c->abi == NULL ? "" : c->abi,
             c->abi == NULL ? "" : ":", c->text, who, verdict, c->ask.verdict);
}

static void compare(const struct policy *p) {
    static struct ask_case cases[CALLS];
    json_t *answers[2] = {checked(p, NULL), checked(p, "x86")};
    size_t at[2] = {0, 0};
    abjure_filter *f = filter_of(p);
    for (size_t i = 0; i < call_count; i++)
        cases[i] = calls[i].ask;
    assert_int_equal(ask_kernel(load, (void *)(uintptr_t)p, cases, call_count), 0);
    for (size_t i = 0; i < call_count; i++) {
        struct call *c = &calls[i];
        c->ask.verdict = cases[i].verdict;
        same(p, c, "the library", explained(f, c));
        if (c->self) continue;
        int which = c->abi == NULL ? 0 : 1;
        json_t *answer = json_array_get(answers[which], at[which]++);
        assert_non_null(answer);
        same(p, c, "abjure check", verdict_of(json_string_value(json_object_get(answer, "action"))));
    }
    abjure_filter_free(f);
    json_decref(answers[0]);
    json_decref(answers[1]);
}

static void check_agrees_with_the_kernel(void **state) {
    (void)state;
    assert_true(policy_count >= 40 && call_count >= 200);
    for (size_t i = 0; i < policy_count; i++)
        compare(&policies[i]);
    print_message("%zu policies, %zu calls each\n", policy_count, call_count);
}

int main(int argc, char **argv) {
    if (argc != 3) return 2;
    folder = argv[1];
    command = argv[2];
    const struct CMUnitTest tests[] = {cmocka_unit_test(check_agrees_with_the_kernel)};
    return cmocka_run_group_tests(tests, read_data, NULL);
}
