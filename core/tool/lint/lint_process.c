// SPDX-License-Identifier: MIT
// A process beside its filters: threads, no_new_privs, and who answers for it.
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lint.h"
#include "output.h"
#include "tool.h"

// ---- Reading --------------------------------------------------------------------------------------------------------

static int refused(int err, const char *why) {
    say("%s", why);
    return err == ESRCH || err == ENOENT || err == EINVAL ? EXIT_NO : EXIT_FAILED;
}

// All programs of the main thread. A process that loads a filter meanwhile is told with what it had.
static int read_programs(struct subject *s, int pid) {
    char why[512];
    for (uint64_t index = 0;; index++) {
        abjure_program *program = abjure_program_from_process(pid, index, why, sizeof why);
        if (program == NULL) return errno == ENOENT && index > 0 ? EXIT_OK : refused(errno, why);
        int status = subject_add_program(s, program);
        if (status != EXIT_OK) return status;
    }
}

int lint_read_process(struct lint *l, int pid) {
    char *why = NULL;
    int r = process_read(pid, &l->process, &why);
    int status = EXIT_OK;
    if (r < 0) status = refused(-r, why != NULL ? why : "out of memory");
    free(why);
    l->subject.pid = pid;
    if (status != EXIT_OK) return status;
    const char *mode = l->process.mode;
    // One of its threads may have what the main thread lacks; this is a flaw to tell.
    if (mode != NULL && strcmp(mode, "disabled") == 0 && process_uses_seccomp(&l->process)) return EXIT_OK;
    return read_programs(&l->subject, pid);
}

// ---- Searches -------------------------------------------------------------------------------------------------------

static bool lacks_filter(const char *mode) {
    return strcmp(mode, "disabled") == 0;
}

// Whether some thread has no filter at all, of those that differ or the main thread itself.
static bool any_without(const struct process *p) {
    const char *rest = p->differing;
    if (p->mode != NULL && lacks_filter(p->mode)) return true;
    for (struct difference d; process_difference(&rest, &d);)
        if (lacks_filter(d.mode)) return true;
    return false;
}

bool search_threads(struct lint *l, const struct flaw *flaw) {
    const struct process *p = &l->process;
    if (p->differing == NULL) return true;
    struct finding *f = findings_add(&l->findings, flaw);
    if (f == NULL) return false;
    if (!any_without(p)) f->severity = SEVERITY_WARNING;
    snprintf(f->detail, sizeof f->detail, "The main thread has mode %s, filters %s; thread %s.",
             p->mode != NULL ? p->mode : "unknown", p->filters != NULL ? p->filters : "unknown", p->differing);
    return true;
}

bool search_no_new_privs(struct lint *l, const struct flaw *flaw) {
    if (l->process.no_new_privs == NULL || strcmp(l->process.no_new_privs, "no") != 0) return true;
    return findings_add(&l->findings, flaw) != NULL;
}

// Whether a process that can be looked at holds a listener. *all is false where some cannot.
static bool any_listener(const char *pid, bool *all) {
    char path[320], target[64];
    snprintf(path, sizeof path, "/proc/%.20s/fd", pid);
    DIR *folder = opendir(path);
    if (folder == NULL) {
        if (errno == EACCES || errno == EPERM) *all = false;
        return false;
    }
    bool found = false;
    for (struct dirent *entry; !found && (entry = readdir(folder)) != NULL;) {
        snprintf(path, sizeof path, "/proc/%.20s/fd/%.255s", pid, entry->d_name);
        ssize_t length = readlink(path, target, sizeof target - 1);
        target[length > 0 ? length : 0] = '\0';
        found = strcmp(target, "anon_inode:seccomp notify") == 0;
    }
    closedir(folder);
    return found;
}

static bool listener_exists(void) {
    DIR *proc = opendir("/proc");
    if (proc == NULL) return true;
    bool found = false, all = true;
    for (struct dirent *entry; !found && (entry = readdir(proc)) != NULL;)
        if (isdigit((unsigned char)entry->d_name[0])) found = any_listener(entry->d_name, &all);
    closedir(proc);
    return found || !all;
}

bool search_listener(struct lint *l, const struct flaw *flaw) {
    if (l->subject.pid == 0 || listener_exists()) return true;
    return search_verdict(l, flaw);
}

static bool is_traced(int pid) {
    char path[64], line[256];
    bool traced = true;
    snprintf(path, sizeof path, "/proc/%d/status", pid);
    FILE *file = fopen(path, "re");
    if (file == NULL) return true;
    while (fgets(line, sizeof line, file) != NULL)
        if (strncmp(line, "TracerPid:", 10) == 0) traced = strtol(line + 10, NULL, 10) != 0;
    fclose(file);
    return traced;
}

bool search_tracer(struct lint *l, const struct flaw *flaw) {
    if (l->subject.pid == 0 || is_traced(l->subject.pid)) return true;
    return search_verdict(l, flaw);
}
