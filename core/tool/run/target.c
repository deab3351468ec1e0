// SPDX-License-Identifier: MIT
#include "target.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "output.h"
#include "tool.h"

// Under the new filter the child may not be able to write a message: it leaves it in shared memory.
struct failure {
    int error; // negative; 0: none
    char message[2048];
};

// 0, or the errno that an execve would give.
static int executable(const char *path) {
    struct stat s;
    if (stat(path, &s) < 0) return errno;
    if (S_ISDIR(s.st_mode)) return EISDIR;
    return access(path, X_OK) == 0 ? 0 : errno;
}

static int look_up_in(const char *list, const char *program) {
    int result = ENOENT;
    char path[4096];
    for (const char *at = list; result != 0;) {
        size_t length = strcspn(at, ":");
        int n = snprintf(path, sizeof path, "%.*s%s%s", (int)length, at, length > 0 ? "/" : "", program);
        int error = n > 0 && (size_t)n < sizeof path ? executable(path) : ENAMETOOLONG;
        // In a folder that may not be searched it might be, which is no news: users have such folders in PATH.
        struct stat s;
        if (error == 0 || (error == EACCES && stat(path, &s) == 0)) result = error;
        if (at[length] == '\0') break;
        at += length + 1;
    }
    return result;
}

int target_look_up(const char *program) {
    const char *list = getenv("PATH");
    bool is_path = strchr(program, '/') != NULL;
    int error = is_path ? executable(program) : look_up_in(list != NULL ? list : "/bin:/usr/bin", program);
    if (program[0] == '\0') error = ENOENT;
    if (error == 0) return EXIT_OK;
    if (error == ENOENT || error == ENOTDIR) {
        if (is_path)
            say("cannot run %s: %s", program, strerror(error));
        else
            say("cannot run \"%s\": it is in no directory of PATH", program);
        return EXIT_NOT_FOUND;
    }
    say("cannot run %s: %s%s", program, strerror(error), error == EACCES ? "; is it executable?" : "");
    return EXIT_CANNOT_EXECUTE;
}

static bool starts_with(const char *text, const char *words) {
    return strncmp(text, words, strlen(words)) == 0;
}

// The rules were sound when they were added, so these errnos are about the program, but for two reasons of a load.
static int status_of_failure(int error, const char *message) {
    if (error == -ENOENT) return EXIT_NOT_FOUND;
    if (error == -ENOEXEC || starts_with(message, "cannot start ")) return EXIT_CANNOT_EXECUTE;
    if (error == -EACCES && !starts_with(message, "not permitted")) return EXIT_CANNOT_EXECUTE;
    return status_of_error(error);
}

static void note_failure(struct target *t, int error) {
    if (abjure_filter_message(t->filter, t->failure->message, sizeof t->failure->message) <= 0)
        snprintf(t->failure->message, sizeof t->failure->message, "%s", strerror(-error));
    t->failure->error = error;
}

static int start(const struct target *t) {
    if (t->filter != NULL) return abjure_filter_exec(t->filter, t->argv[0], t->argv, NULL);
    execvp(t->argv[0], t->argv);
    return -errno;
}

static void child(struct target *t, int gate) {
    char byte;
    ssize_t n;
    do
        n = read(gate, &byte, 1);
    while (n < 0 && errno == EINTR);
    close(gate);
    // Without the byte the parent is gone or gave up: nothing is started that nobody waits for.
    if (n == 1) note_failure(t, start(t));
    _exit(EXIT_FAILED);
}

int target_fork(struct target *t) {
    int gate[2];
    void *shared = mmap(NULL, sizeof *t->failure, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED || pipe2(gate, O_CLOEXEC) < 0) {
        say("cannot start a process: %s", strerror(errno));
        return EXIT_FAILED;
    }
    t->failure = shared;
    fflush(stdout);
    t->pid = fork();
    if (t->pid == 0) {
        close(gate[1]);
        child(t, gate[0]);
    }
    int error = errno;
    close(gate[0]);
    t->gate = gate[1];
    errno = error;
    return EXIT_OK;
}

void target_release(struct target *t) {
    ssize_t n = write(t->gate, "", 1); // fails only where the child is dead, which waiting shows
    (void)n;
    close(t->gate);
}

int target_execute(struct target *t) {
    static struct failure failure;
    t->failure = &failure;
    note_failure(t, start(t));
    return target_failure(t);
}

void target_name(const struct target *t, char *name, size_t size) {
    const char *slash = strrchr(t->argv[0], '/');
    snprintf(name, size, "%s", slash != NULL ? slash + 1 : t->argv[0]);
    make_printable(name);
}

bool target_started(const struct target *t) {
    return t->failure->error == 0;
}

int target_failure(const struct target *t) {
    if (t->failure->error == 0) return -1;
    size_t length = strlen(t->argv[0]);
    bool named = strncmp(t->failure->message, t->argv[0], length) == 0 && t->failure->message[length] == ':';
    if (named)
        say("%s", t->failure->message);
    else
        say("%s: %s", t->argv[0], t->failure->message);
    return status_of_failure(t->failure->error, t->failure->message);
}
