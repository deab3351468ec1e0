// SPDX-License-Identifier: MIT
#include "source_choice.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "host.h"
#include "output.h"

enum {
    SMALL = 4 << 20 // bytes: a receive buffer that a busy machine may fill
};

static const struct source_type *const types[] = {&source_audit, &source_log, &source_kernel};

bool source_is_name(const char *name) {
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        if (strcmp(types[i]->name, name) == 0) return true;
    return false;
}

// A file that nobody writes to opens as well as any.
static bool open_type(const struct source_type *type, bool wanted, struct source *s, const struct audit_state *state,
                      char why[REASON]) {
    if (type == &source_log && !wanted && state->error == 0 && state->daemon == 0) {
        snprintf(why, REASON, "%s: no auditd is running, so nothing is written to it", s->path);
        return false;
    }
    return type->open(s, why);
}

const struct source_type *source_choose(struct source *s, const char *wanted, const struct audit_state *state) {
    char why[REASON];
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        if (wanted != NULL && strcmp(types[i]->name, wanted) != 0) continue;
        if (open_type(types[i], wanted != NULL, s, state, why)) {
            if (types[i] == &source_log)
                say("watching %s (%s)", types[i]->title, s->path);
            else
                say("watching %s", types[i]->title);
            return types[i];
        }
        say("%s cannot be watched: %s", types[i]->title, why);
    }
    return NULL;
}

// ---- Limits ----

static void tell_actions(void) {
    static const char *const actions[] = {"kill_process", "kill_thread", "trap", "errno", "user_notif", "trace", "log"};
    char line[256] = "", missing[256] = "";
    FILE *file = fopen("/proc/sys/kernel/seccomp/actions_logged", "re");
    bool read = file != NULL && fgets(line, sizeof line, file) != NULL;
    if (file != NULL) fclose(file);
    if (!read) return;
    for (size_t i = 0; i < sizeof actions / sizeof actions[0]; i++) {
        size_t length = strlen(actions[i]);
        const char *at = strstr(line, actions[i]);
        bool there = at != NULL && (at == line || at[-1] == ' ') && strchr(" \n", at[length]) != NULL;
        if (!there) snprintf(missing + strlen(missing), sizeof missing - strlen(missing), " %s", actions[i]);
    }
    if (missing[0] != '\0') say("the kernel is told not to log:%s; sysctl kernel.seccomp.actions_logged", missing);
}

static void tell_state(const struct source_type *type, const struct audit_state *state) {
    if (state->error == EPERM || state->error == EACCES)
        say("what the kernel itself loses is not known: that needs CAP_AUDIT_CONTROL, in the initial PID namespace");
    if (state->error != 0) return;
    if (state->rate_limit > 0)
        say("the kernel drops audit records above %u a second; auditctl -r 0 ends that", state->rate_limit);
    if (state->lost > 0) say("since its start the kernel has lost %u audit records", state->lost);
    if (type == &source_log && state->daemon == 0) say("no auditd is running, so nothing is written to the file");
    if (type == &source_kernel && state->daemon != 0)
        say("auditd (pid %u) takes the records, so the kernel's log has none", state->daemon);
    else if (type == &source_kernel && !state->enabled)
        say("audit is off (auditctl -e 1 turns it on): records go to the kernel's log only, and no more of them than "
            "kernel.printk_ratelimit lets through");
}

void source_tell_limits(const struct source *s, const struct source_type *type, const struct audit_state *state) {
    if (type == &source_audit && s->buffer < SMALL)
        say("the receive buffer is small (%llu KiB), so records may be lost; CAP_NET_ADMIN, or sysctl "
            "net.core.rmem_max, makes it larger",
            (unsigned long long)s->buffer >> 10);
    tell_state(type, state);
    if (type == &source_kernel && state->error != 0)
        say("the kernel's log has no more records than kernel.printk_ratelimit lets through, and none where auditd "
            "takes them");
    tell_actions();
    if (!host_has_initial_pids())
        say("this is a PID namespace: the process ids of records are those of the host, not those that ps shows here; "
            "--pid takes them as they are, and nothing is looked up");
}
