// SPDX-License-Identifier: MIT
#include "status.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "kernel.h"

enum {
    NAME_ROOM = 128, // a kernel worker's name has up to 64 bytes, each of which may be escaped as two
    VALUE_ROOM = 64,
    PATH_ROOM = 4096, // the kernel writes at most a page
    ID_LENGTH = 64,   // hexadecimal digits of what Docker, Podman and containerd call containers
    WALKS = 3,        // over the threads, where a load changes them meanwhile
};

// ---- The process itself ---------------------------------------------------------------------------------------------

// What stands in /proc/PID/status; -1 where the line is missing.
struct process_status {
    struct kernel_task task;
    long pid, process, parent, uid, threads;
    char name[NAME_ROOM];
    size_t name_length;
    char speculation[VALUE_ROOM];
};

// The value behind "Name:" and white space, or NULL.
static const char *value_of(const char *line, const char *name) {
    size_t length = strlen(name);
    if (strncmp(line, name, length) != 0) return NULL;
    return line + length + strspn(line + length, " \t");
}

// The kernel escapes line feeds and backslashes, and nothing else.
static void take_name(const char *value, struct process_status *s) {
    s->name_length = 0;
    while (*value != '\0' && s->name_length < NAME_ROOM) {
        char c = *value++;
        if (c == '\\' && *value != '\0') c = *value++ == 'n' ? '\n' : '\\';
        s->name[s->name_length++] = c;
    }
}

static int take_line(const char *line, void *context) {
    struct process_status *s = context;
    const char *value;
    char *end;
    kernel_task_line(line, &s->task);
    if ((value = value_of(line, "Name:"))) take_name(value, s);
    if ((value = value_of(line, "Tgid:"))) s->process = strtol(value, NULL, 10);
    if ((value = value_of(line, "Pid:"))) s->pid = strtol(value, NULL, 10);
    if ((value = value_of(line, "PPid:"))) s->parent = strtol(value, NULL, 10);
    if ((value = value_of(line, "Threads:"))) s->threads = strtol(value, NULL, 10);
    // "Uid: REAL EFFECTIVE SAVED FILESYSTEM"
    if ((value = value_of(line, "Uid:")) && strtol(value, &end, 10) >= 0) s->uid = strtol(end, NULL, 10);
    if ((value = value_of(line, "Speculation_Store_Bypass:")) && strlen(value) < VALUE_ROOM)
        memcpy(s->speculation, value, strlen(value) + 1);
    return value_of(line, "Cpus_allowed:") != NULL; // nothing of interest comes behind
}

static int read_status(int folder, const char *path, struct process_status *s) {
    *s = (struct process_status){.task = kernel_task_unknown, .parent = -1, .uid = -1};
    int r = kernel_lines_in(folder, path, take_line, s);
    if (r < 0) return r;
    return s->pid > 0 ? 0 : -ESRCH; // the file of a process that ended meanwhile is empty
}

static const char *mode_name(int mode) {
    // "dead" is a task that seccomp is killing (5.16).
    static const char *const names[] = {"disabled", "strict", "filter", "dead"};
    return mode >= 0 && (size_t)mode < sizeof names / sizeof names[0] ? names[mode] : NULL;
}

static void write_process(const struct process_status *s, struct text *t) {
    text_add(t, "pid: %ld\nname: ", s->pid);
    text_value(t, s->name, s->name_length);
    text_add(t, "\n");
    if (s->parent >= 0) text_add(t, "parent: %ld\n", s->parent);
    if (s->uid >= 0) text_add(t, "uid: %ld\n", s->uid);
    if (mode_name(s->task.mode)) text_add(t, "mode: %s\n", mode_name(s->task.mode));
    if (s->task.filters >= 0) text_add(t, "filters: %ld\n", s->task.filters);
    if (s->task.no_new_privs >= 0) text_add(t, "no_new_privs: %s\n", s->task.no_new_privs ? "yes" : "no");
    if (s->speculation[0]) {
        text_add(t, "speculation: ");
        text_value(t, s->speculation, strlen(s->speculation));
        text_add(t, "\n");
    }
    // The kernel counts a main thread that has ended as long as the process is there.
    if (s->threads > 0) text_add(t, "threads: %ld\n", s->threads - (s->task.dead ? 1 : 0));
}

// ---- Its threads ----------------------------------------------------------------------------------------------------

struct walk {
    int folder;
    const struct process_status *main;
    struct text *t;
    bool differs;
};

static bool same_task(const struct kernel_task *a, const struct kernel_task *b) {
    return a->mode == b->mode && a->filters == b->filters && a->no_new_privs == b->no_new_privs;
}

static void write_difference(const struct kernel_task *main, const struct kernel_task *task, struct text *t) {
    const char *comma = " ";
    if (task->mode != main->mode && mode_name(task->mode)) {
        text_add(t, "%smode %s", comma, mode_name(task->mode));
        comma = ", ";
    }
    if (task->filters != main->filters && task->filters >= 0) {
        text_add(t, "%sfilters %ld", comma, task->filters);
        comma = ", ";
    }
    if (task->no_new_privs != main->no_new_privs && task->no_new_privs >= 0)
        text_add(t, "%sno_new_privs %s", comma, task->no_new_privs ? "yes" : "no");
}

static int compare_thread(const char *name, void *context) {
    struct walk *w = context;
    struct process_status s;
    char path[64];
    struct text p;
    text_start(&p, path, sizeof path);
    text_add(&p, "task/%s/status", name);
    (void)text_end(&p);
    if (strtol(name, NULL, 10) == w->main->pid || read_status(w->folder, path, &s) < 0) return 0; // ended meanwhile
    if (s.task.dead || same_task(&s.task, &w->main->task)) return 0;
    text_add(w->t, "%s%ld", w->differs ? "; " : "differing: ", s.pid);
    write_difference(&w->main->task, &s.task, w->t);
    w->differs = true;
    return 0;
}

// A load for all threads may happen while they are looked at: then those looked at before it seem to differ. In that
// case the main thread has changed as well, and all is written anew.
static void write_all(int folder, struct process_status *s, struct text *t) {
    struct text start = *t;
    for (int i = 0; i < WALKS; i++) {
        *t = start;
        write_process(s, t);
        struct walk w = {.folder = folder, .main = s, .t = t};
        if (s->threads > 1) (void)kernel_names_in(folder, "task", compare_thread, &w);
        if (!w.differs) return;
        text_add(t, "\n");
        struct process_status now;
        if (read_status(folder, "status", &now) < 0 || same_task(&now.task, &s->task)) return;
        *s = now;
    }
}

// ---- Where it runs --------------------------------------------------------------------------------------------------

static void write_value(const char *key, const char *value, size_t length, struct text *t) {
    if (length == 0) return;
    text_add(t, "%s: ", key);
    text_value(t, value, length);
    text_add(t, "\n");
}

struct cgroup {
    char path[PATH_ROOM];
    int rank; // of the hierarchy that it comes from; 0: none yet
};

// "ID:CONTROLLERS:PATH". Version 2 has no controllers; of version 1, systemd's own hierarchy names the units, and any
// other serves where those have the root only.
static int take_cgroup(const char *line, void *context) {
    struct cgroup *c = context;
    const char *controllers = strchr(line, ':');
    const char *path = controllers ? strchr(controllers + 1, ':') : NULL;
    if (!path) return 0;
    int rank = path == controllers + 1 ? 3 : strncmp(controllers, ":name=systemd:", 14) == 0 ? 2 : 1;
    if (strcmp(path + 1, "/") != 0) rank += 3;
    if (rank <= c->rank || strlen(path + 1) >= PATH_ROOM) return 0;
    c->rank = rank;
    memcpy(c->path, path + 1, strlen(path + 1) + 1);
    return 0;
}

static bool ends_in(const char *name, size_t length, const char *end) {
    size_t size = strlen(end);
    return length > size && memcmp(name + length - size, end, size) == 0;
}

static bool starts_with(const char *name, size_t length, const char *start, size_t *rest) {
    *rest = strlen(start);
    return length > *rest && memcmp(name, start, *rest) == 0;
}

static bool is_unit(const char *name, size_t length) {
    static const char *const kinds[] = {".service", ".scope", ".socket", ".mount", ".swap"};
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (ends_in(name, length, kinds[i])) return true;
    return false;
}

// The container that one part of the path names: "docker-ID.scope", "ID", "lxc.payload.NAME",
// "systemd-nspawn@NAME.service". The monitor of a container ("libpod-conmon-ID.scope") runs outside of it.
static size_t container_in(const char *name, size_t length, const char **start) {
    size_t rest;
    if (starts_with(name, length, "lxc.payload.", &rest)) {
        *start = name + rest;
        return length - rest;
    }
    if (starts_with(name, length, "systemd-nspawn@", &rest) && ends_in(name, length, ".service")) {
        *start = name + rest;
        return length - rest - strlen(".service");
    }
    if (memmem(name, length, "conmon-", 7)) return 0;
    for (size_t at = 0; at < length;) {
        size_t run = 0;
        while (at + run < length && strchr("0123456789abcdef", name[at + run]) && name[at + run])
            run++;
        *start = name + at;
        if (run == ID_LENGTH) return run;
        at += run + 1;
    }
    return 0;
}

// The innermost unit and container: containers run in units of the host, and may have units of their own.
static void write_places(const char *path, struct text *t) {
    const char *unit = NULL, *container = NULL, *found;
    size_t unit_length = 0, container_length = 0;
    size_t end = strlen(path);
    if (ends_in(path, end, " (deleted)")) end -= strlen(" (deleted)");
    while (end > 0) {
        size_t start = end;
        while (start > 0 && path[start - 1] != '/')
            start--;
        const char *name = path + start;
        size_t length = end - start, size = container_in(name, length, &found);
        if (!unit && is_unit(name, length)) {
            // systemd puts "_" before names that a controller has too.
            unit = name[0] == '_' ? name + 1 : name;
            unit_length = length - (name[0] == '_' ? 1 : 0);
        }
        if (!container && size > 0) {
            container = found;
            container_length = size;
        }
        end = start > 0 ? start - 1 : 0;
    }
    write_value("unit", unit, unit_length, t);
    write_value("container", container, container_length, t);
}

static void write_exe(int folder, struct text *t) {
    char path[PATH_ROOM];
    int length = kernel_link_in(folder, "exe", path, sizeof path);
    if (length > 0) write_value("exe", path, (size_t)length, t); // none of a kernel thread, nor of another user
}

static void write_cgroup(int folder, struct text *t) {
    struct cgroup c;
    c.rank = 0;
    if (kernel_lines_in(folder, "cgroup", take_cgroup, &c) < 0 || c.rank == 0) return;
    write_value("cgroup", c.path, strlen(c.path), t);
    write_places(c.path, t);
}

// ---- What goes wrong ------------------------------------------------------------------------------------------------

// "DEVICE /proc proc OPTIONS": since 3.3 the option hides processes of other users, 1 their files and 2 all of them.
static int find_hidden(const char *line, void *context) {
    (void)context;
    return strstr(line, " /proc proc ") != NULL && strstr(line, "hidepid=") != NULL &&
           strstr(line, "hidepid=off") == NULL && strstr(line, "hidepid=0") == NULL;
}

static int absent(int pid, struct error *e) {
    int self = kernel_folder("/proc/self");
    if (self < 0) return error_set(e, ENOTSUP, "there is no /proc here to read from; mount it");
    kernel_folder_close(self);
    if (kernel_lines("/proc/self/mounts", NULL, find_hidden, NULL) == 1)
        return error_set(e, ESRCH,
                         "there is no process %d, or it belongs to another user and /proc hides it (hidepid); run as "
                         "root to see those",
                         pid);
    return error_set(e, ESRCH, "there is no process %d", pid);
}

static int unreadable(int pid, int err, struct error *e) {
    switch (err) {
    case ENOENT:
    case ESRCH:
        return absent(pid, e);
    case EMFILE:
    case ENFILE:
    case ENOMEM:
        return error_set(e, ENOMEM, "no memory, or no file descriptor is left, to read /proc with");
    default:
        return error_set(e, EACCES,
                         "process %d cannot be read: it belongs to another user and /proc hides it (hidepid), or a "
                         "filter or sandbox closes /proc; run as root, outside of it",
                         pid);
    }
}

// ---- All of it ------------------------------------------------------------------------------------------------------

static int write_folder(int pid, int folder, struct text *t, struct error *e) {
    struct process_status s;
    int r = read_status(folder, "status", &s);
    if (r < 0) return unreadable(pid, -r, e);
    if (s.process != s.pid) return error_set(e, ESRCH, "%d is a thread of process %ld; ask about that", pid, s.process);
    write_all(folder, &s, t);
    write_exe(folder, t);
    write_cgroup(folder, t);
    return 0;
}

int status_write(int pid, struct text *t, struct error *e) {
    if (pid < 0) return error_set(e, EINVAL, "%d is no process id", pid);
    char path[32] = "/proc/self";
    struct text p;
    text_start(&p, path, sizeof path);
    if (pid > 0)
        text_add(&p, "/proc/%d", pid);
    else
        text_add(&p, "/proc/self");
    (void)text_end(&p);
    int folder = kernel_folder(path);
    if (folder < 0) return unreadable(pid, -folder, e);
    int r = write_folder(pid, folder, t, e);
    kernel_folder_close(folder);
    return r;
}
