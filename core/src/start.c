// SPDX-License-Identifier: MIT
#include "start.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    HEAD = 256
}; // bytes of a file that the kernel looks at (BINPRM_BUF_SIZE)

// ---- Words ----------------------------------------------------------------------------------------------------------

static const char *keep(struct start *s, const char *text, size_t length) {
    if (length >= START_TEXT - s->used) return NULL;
    char *copy = s->text + s->used;
    memcpy(copy, text, length);
    copy[length] = '\0';
    s->used += length + 1;
    return copy;
}

static int put_first(struct start_words *w, const char *word) {
    if (!word || w->first == 0) return -E2BIG;
    w->word[--w->first] = word;
    return 0;
}

// ---- Looking up -----------------------------------------------------------------------------------------------------

static int executable(const char *path) {
    struct stat status;
    if (stat(path, &status) != 0) return -errno;
    if (!S_ISREG(status.st_mode)) return -EACCES;
    return faccessat(AT_FDCWD, path, X_OK, AT_EACCESS) == 0 ? 0 : -errno;
}

static const char *search_path(char *const envp[]) {
    for (size_t i = 0; envp[i]; i++)
        if (strncmp(envp[i], "PATH=", 5) == 0) return envp[i] + 5;
    return "/bin:/usr/bin"; // as execvp
}

// As execvp: a name without "/" is looked for in PATH, and what may not be executed is skipped.
static int look_up(struct start *s, const char *name, char *const envp[], const char **out) {
    *out = name;
    s->culprit = name;
    if (name[0] == '\0') return -ENOENT;
    if (strchr(name, '/')) return executable(name);
    size_t length = strlen(name);
    if (length > NAME_MAX) return -ENAMETOOLONG;
    int result = -ENOENT;
    for (const char *at = search_path(envp);; at++) {
        size_t part = strcspn(at, ":");
        char candidate[PATH_MAX];
        if (part + length + 2 <= sizeof candidate) {
            memcpy(candidate, at, part);
            size_t slash = part > 0 ? 1 : 0; // an empty part is the current directory
            if (slash) candidate[part] = '/';
            memcpy(candidate + part + slash, name, length + 1);
            int r = executable(candidate);
            if (r == 0) {
                *out = keep(s, candidate, part + slash + length);
                return *out ? 0 : -E2BIG;
            }
            // In a folder that may not be searched it might be, which is no news: users have such folders in PATH.
            struct stat status;
            if (r == -EACCES && stat(candidate, &status) == 0) result = r;
        }
        at += part;
        if (*at == '\0') return result;
    }
}

// ---- #! -------------------------------------------------------------------------------------------------------------

// The first bytes of the file, terminated; their number or -errno.
static ssize_t read_head(const char *path, char head[HEAD + 1]) {
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0) return -errno;
    ssize_t length;
    do
        length = read(fd, head, HEAD);
    while (length < 0 && errno == EINTR);
    if (length < 0) length = -EIO;
    (void)close(fd);
    head[length < 0 ? 0 : length] = '\0';
    return length;
}

static bool is_blank(char c) {
    return c == ' ' || c == '\t';
}

// Cuts a `#!` line as the kernel does: the interpreter, and all that follows as one argument (NULL: none).
static int parse_line(char *head, char **interpreter, char **argument) {
    char *at = head + 2;
    char *end = strchr(at, '\n');
    bool whole = end != NULL;
    if (!whole) end = at + strlen(at);
    while (end > at && is_blank(end[-1]))
        end--;
    *end = '\0';
    while (is_blank(*at))
        at++;
    *interpreter = at;
    *argument = NULL;
    if (*at == '\0') return -ENOEXEC;
    size_t length = strcspn(at, " \t");
    if (at[length] == '\0') {
        // Without an end the name may be cut off, unless the file is shorter than what the kernel looks at.
        return whole || end - head < HEAD - 1 ? 0 : -ENOEXEC;
    }
    at[length] = '\0';
    at += length + 1;
    while (is_blank(*at))
        at++;
    *argument = at;
    return 0;
}

static bool is_env(const char *interpreter) {
    const char *slash = strrchr(interpreter, '/');
    return strcmp(slash ? slash + 1 : interpreter, "env") == 0;
}

// The words that `env` would execute: the argument, or what -S splits. 0 where that takes more than splitting.
static size_t env_words(char *argument, char *words[], size_t room) {
    if (strncmp(argument, "-S", 2) != 0) {
        if (argument[0] == '-' || strchr(argument, '=')) return 0;
        words[0] = argument;
        return 1;
    }
    if (strpbrk(argument, "\"'\\$#")) return 0;
    size_t count = 0;
    char *at = argument + 2;
    for (;;) {
        while (is_blank(*at))
            at++;
        if (*at == '\0') break;
        if (count == room) return 0;
        words[count++] = at;
        while (*at && !is_blank(*at))
            at++;
        if (*at) *at++ = '\0';
    }
    if (count > 0 && (words[0][0] == '-' || strchr(words[0], '='))) return 0;
    return count;
}

// A script: what is started becomes its interpreter, with the script's path in place of argv[0].
static int enter_script(struct start *s, char *head, char *const envp[]) {
    char *interpreter, *argument;
    struct start_words *w = &s->now;
    int r = parse_line(head, &interpreter, &argument);
    if (r < 0) return r;
    s->script = w->path;
    w->first++;
    r = put_first(w, w->path);
    if (r < 0) return r;
    char *words[START_WORDS];
    size_t count = argument && is_env(interpreter) ? env_words(argument, words, START_WORDS) : 0;
    if (count > 0) {
        for (size_t i = count; r == 0 && i-- > 0;)
            r = put_first(w, keep(s, words[i], strlen(words[i])));
        if (r == 0) r = look_up(s, w->word[w->first], envp, &w->path);
        if (r == 0) s->chosen = *w;
        return r;
    }
    if (argument) r = put_first(w, keep(s, argument, strlen(argument)));
    if (r == 0) r = put_first(w, keep(s, interpreter, strlen(interpreter)));
    if (r < 0) return r;
    w->path = w->word[w->first];
    s->culprit = w->path;
    return executable(w->path);
}

// What the kernel's loaders would not take, and is text: a script without `#!`, which shells run themselves.
static bool is_bare_script(const char *head, ssize_t length) {
    return length == 0 || memchr(head, '\0', (size_t)length) == NULL;
}

int start_find(struct start *s, const char *path, char *const argv[], char *const envp[]) {
    s->used = 0;
    s->script = NULL;
    s->rest = argv[0] ? argv + 1 : argv;
    s->now.first = START_WORDS;
    int r = look_up(s, path, envp, &s->now.path);
    if (r < 0) return r;
    (void)put_first(&s->now, argv[0] ? argv[0] : path);
    s->chosen = s->now;
    for (int level = 0;; level++) {
        char head[HEAD + 1] = "";
        ssize_t length = read_head(s->now.path, head);
        if (length < 0) break; // executable, not readable: the kernel may know more
        if (strncmp(head, "#!", 2) != 0) {
            s->culprit = s->now.path;
            if (is_bare_script(head, length)) return -ENOEXEC;
            break;
        }
        if (level == START_LEVELS) return -ELOOP;
        r = enter_script(s, head, envp);
        if (r < 0) return r;
    }
    // The kernel itself follows `#!` lines; only from the last `env` on is the start another one.
    s->path = s->chosen.path;
    return 0;
}

size_t start_count(const struct start *s) {
    size_t count = START_WORDS - s->chosen.first;
    for (size_t i = 0; s->rest[i]; i++)
        count++;
    return count;
}

void start_arguments(const struct start *s, const char **argv) {
    for (size_t i = s->chosen.first; i < START_WORDS; i++)
        *argv++ = s->chosen.word[i];
    for (size_t i = 0; s->rest[i]; i++)
        *argv++ = s->rest[i];
    *argv = NULL;
}
