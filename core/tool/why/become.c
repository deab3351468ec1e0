// SPDX-License-Identifier: MIT
#include "become.h"

#include <errno.h>
#include <stdio.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "known.h"
#include "output.h"

enum {
    ATTACH = 16,
    SEIZE = 0x4206,
};

// What the file gives to whom executes it, and this process did not get; NULL: nothing.
static const char *lost_right(const char *path, const struct task_status *s) {
    struct stat file;
    if (stat(path, &file) < 0) return NULL;
    if ((file.st_mode & S_ISUID) != 0 && s->effective != file.st_uid) return "is set-user-id";
    if (!s->capable && getxattr(path, "security.capability", NULL, 0) > 0) return "has capabilities";
    return NULL;
}

// A traced program gets the rights of its file only from a tracer that has CAP_SYS_PTRACE.
void become_program(struct follow *f, const struct tracee *t) {
    char path[64], name[64], target[256] = "", text[640];
    struct task_status s;
    snprintf(path, sizeof path, "/proc/%d/exe", (int)t->id);
    const char *right = task_status(t->id, &s) ? lost_right(path, &s) : NULL;
    if (right == NULL) return;
    ssize_t n = readlink(path, target, sizeof target - 1);
    target[n > 0 ? n : 0] = '\0';
    make_printable(target);
    task_name(t->id, name, sizeof name);
    snprintf(text, sizeof text, "%s[%d]: %s %s and runs without that right: %s", name, (int)t->id, target, right,
             s.no_new_privs ? "no_new_privs, which a filter sets, takes it away, also without abjure why"
                            : "a traced program does not get it; run abjure why as root");
    f->said(f->context, text);
}

static void tell_tracer(struct follow *f, const struct tracee *t) {
    char name[64], text[320];
    const uint64_t *a = t->call.arguments;
    uint32_t request = (uint32_t)a[0];
    bool ours = request == PTRACE_TRACEME ||
                ((request == ATTACH || request == SEIZE) && tracees_find(&f->all, (pid_t)a[1]) != NULL);
    if (!ours || f->told_tracer) return;
    f->told_tracer = true;
    task_name(t->id, name, sizeof name);
    snprintf(
        text, sizeof text,
        "%s[%d] cannot trace: a process has one tracer, and abjure why is it already. Leave strace or the debugger "
        "out of the command; what filters deny is shown here",
        name, (int)t->process);
    f->said(f->context, text);
}

void become_tell(struct follow *f, const struct tracee *t, int64_t result) {
    enum known which = known_call(&t->call);
    bool clones = (which == KNOWN_CLONE || which == KNOWN_CLONE3) && result > 0 && !t->parted;
    bool traces = which == KNOWN_PTRACE && result == -EPERM;
    if ((!clones && !traces) || layers_decide(t->at_entry, &t->call).kind > VERDICT_LOG) return;
    if (traces) {
        tell_tracer(f, t);
        return;
    }
    char name[64], text[256];
    task_name(t->id, name, sizeof name);
    snprintf(text, sizeof text,
             "%s[%d] made the process %lld so that nobody may trace it (CLONE_UNTRACED): what is denied to that one is "
             "not seen",
             name, (int)t->process, (long long)result);
    f->said(f->context, text);
}
