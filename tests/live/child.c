// SPDX-License-Identifier: MIT
#include "child.h"

#include <grp.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kernel.h"

enum {
    NOBODY = 65534
};

void child_drop_privileges(void) {
    if (geteuid() != 0) return;
    must(setgroups(0, NULL) == 0);
    must(setgid(NOBODY) == 0);
    must(setuid(NOBODY) == 0);
    must(prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) == 0); // as after an execve; else /proc/PID belongs to root
}

int child_status(void (*run)(void), enum child_user user) {
    fflush(NULL);
    pid_t pid = fork();
    if (pid < 0) abort();
    if (pid == 0) {
        if (user == CHILD_NOBODY) child_drop_privileges();
        run();
        _exit(0);
    }
    int status;
    while (waitpid(pid, &status, 0) != pid) {
    }
    if (status != 0) fprintf(stderr, "child %d ended with status 0x%x\n", (int)pid, (unsigned)status);
    return status;
}

_Noreturn void child_fail(const char *file, int line, const char *what, const char *message) {
    char text[2048];
    int length = snprintf(text, sizeof text, "%s:%d: not so: %s%s%s\n", file, line, what,
                          message ? "\n  message: " : "", message ? message : "");
    if (write(2, text, (size_t)length) < 0) _exit(2);
    _exit(1);
}

bool child_says(const struct error *e, const char *part) {
    return strstr(e->message, part) != NULL;
}

static void add_line(struct filter *f, const char *line, size_t length) {
    char copy[512];
    must(length < sizeof copy);
    memcpy(copy, line, length);
    copy[length] = '\0';
    char *equals = strstr(copy, " = ");
    if (equals) {
        *equals = '\0';
        if (filter_set(f, copy, equals + 3) < 0) child_fail(__FILE__, __LINE__, copy, f->error.message);
        return;
    }
    char *space = strchr(copy, ' ');
    must(space != NULL);
    *space = '\0';
    const char *calls = space + 1;
    int r = strcmp(copy, "default") == 0
                ? filter_default(f, calls, strlen(calls))
                : filter_add(f, copy, strlen(copy), calls, strlen(calls), (struct source){.name = ""});
    if (r < 0) child_fail(__FILE__, __LINE__, calls, f->error.message);
}

struct filter *child_filter(const char *lines) {
    struct filter *f = filter_new();
    must(f != NULL);
    for (const char *at = lines; *at;) {
        size_t length = strcspn(at, "\n");
        if (length > 0) add_line(f, at, length);
        at += length + (at[length] == '\n');
    }
    return f;
}

int child_load(struct filter *f, const char *options, struct error *e) {
    struct load_options parsed;
    error_clear(e);
    must(load_parse(options, &parsed, e) == 0);
    return load_filter(f, &parsed, e);
}

void child_apply(const char *lines) {
    struct error e;
    struct filter *f = child_filter(lines);
    int r = child_load(f, NULL, &e);
    if (r < 0) child_fail(__FILE__, __LINE__, lines, e.message);
    filter_free(f);
}

long child_filters(void) {
    struct kernel_task task;
    must(kernel_task(0, NULL, &task) == 0);
    return task.filters;
}

static void *thread_main(void *context) {
    struct child_thread *o = context;
    o->tid = kernel_tid();
    prctl(PR_SET_NAME, "other \"one\"");
    sem_post(&o->done);
    for (;;) {
        while (sem_wait(&o->go) != 0) {
        }
        o->work();
        sem_post(&o->done);
    }
    return NULL;
}

void child_thread_do(struct child_thread *o, void (*work)(void)) {
    o->work = work;
    sem_post(&o->go);
    while (sem_wait(&o->done) != 0) {
    }
}

void child_thread_start(struct child_thread *o) {
    sem_init(&o->go, 0, 0);
    sem_init(&o->done, 0, 0);
    must(pthread_create(&o->thread, NULL, thread_main, o) == 0);
    while (sem_wait(&o->done) != 0) {
    }
}

struct program child_large_program(void) {
    static struct sock_filter code[BPF_LIMIT];
    for (int i = 0; i < BPF_LIMIT - 1; i++)
        code[i] = (struct sock_filter){0x20, 0, 0, 4};
    code[BPF_LIMIT - 1] = (struct sock_filter){0x06, 0, 0, SECCOMP_RET_ALLOW};
    return (struct program){.code = code, .count = BPF_LIMIT, .big_endian = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__};
}
