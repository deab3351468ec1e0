// SPDX-License-Identifier: MIT
#include "process.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "abjure.h"
#include "output.h"
#include "tool.h"

enum {
    STATUS_SIZE = 8192,   // fits nearly every process, so that it is looked at once
    COMMAND_SIZE = 65536, // of a longer command line, the rest is left out
};

// ---- One process ----------------------------------------------------------------------------------------------------

static void take(struct process *p, char *line) {
    const struct {
        const char *key;
        const char **into;
    } texts[] = {
        {"name", &p->name},
        {"mode", &p->mode},
        {"filters", &p->filters},
        {"no_new_privs", &p->no_new_privs},
        {"threads", &p->threads},
        {"speculation", &p->speculation},
        {"exe", &p->exe},
        {"differing", &p->differing},
        {"cgroup", &p->cgroup},
        {"unit", &p->unit},
        {"container", &p->container},
    };
    char *value = strstr(line, ": ");
    if (value == NULL) return;
    *value = '\0';
    value += 2;
    if (strcmp(line, "pid") == 0) p->pid = strtol(value, NULL, 10);
    if (strcmp(line, "parent") == 0) p->parent = strtol(value, NULL, 10);
    if (strcmp(line, "uid") == 0) p->uid = strtol(value, NULL, 10);
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        if (strcmp(line, texts[i].key) == 0) *texts[i].into = value;
}

int process_read(int pid, struct process *out, char **why) {
    *out = (struct process){.pid = pid, .parent = -1, .uid = -1};
    *why = NULL;
    int64_t length = STATUS_SIZE - 1;
    char *text = NULL;
    do { // a process changes from one look to the next
        free(text);
        size_t size = (size_t)length + 1;
        text = malloc(size);
        if (text == NULL) return -ENOMEM;
        length = abjure_status(pid, text, size);
        if (length < (int64_t)size) break;
    } while (true);
    if (length < 0) {
        *why = text;
        return (int)length;
    }
    char *smaller = realloc(text, (size_t)length + 1);
    out->text = smaller != NULL ? smaller : text;
    char *rest = out->text;
    for (char *line = next_line(&rest); line != NULL; line = next_line(&rest))
        take(out, line);
    return 0;
}

void process_free(struct process *p) {
    free(p->text);
    p->text = NULL;
}

bool process_difference(const char **rest, struct difference *out) {
    if (*rest == NULL || **rest == '\0') return false;
    char entry[128];
    size_t length = strcspn(*rest, ";");
    snprintf(entry, sizeof entry, "%.*s", (int)length, *rest);
    *rest += length;
    *rest += strspn(*rest, "; ");
    char *at;
    *out = (struct difference){.thread = strtol(entry, &at, 10)};
    // "mode disabled, filters 0, no_new_privs no", in any part
    for (char *word = strtok_r(at, " ,", &at); word != NULL; word = strtok_r(NULL, " ,", &at)) {
        char *value = strtok_r(NULL, " ,", &at);
        if (value == NULL) break;
        if (strcmp(word, "mode") == 0) snprintf(out->mode, sizeof out->mode, "%s", value);
        if (strcmp(word, "filters") == 0) snprintf(out->filters, sizeof out->filters, "%s", value);
        if (strcmp(word, "no_new_privs") == 0) snprintf(out->no_new_privs, sizeof out->no_new_privs, "%s", value);
    }
    return true;
}

static bool is_mode(const char *mode) {
    return strcmp(mode, "filter") == 0 || strcmp(mode, "strict") == 0;
}

bool process_uses_seccomp(const struct process *p) {
    if (p->threads != NULL && strcmp(p->threads, "0") == 0) return false;
    if (p->mode != NULL && is_mode(p->mode)) return true;
    const char *rest = p->differing;
    struct difference d;
    while (process_difference(&rest, &d))
        if (is_mode(d.mode)) return true;
    return false;
}

const char *process_user(const struct process *p) {
    static long last = -1; // most processes have the user of the one before, and a lookup may ask a server
    static char name[256];
    if (p->uid < 0) return "-";
    if (p->uid == last) return name;
    const struct passwd *entry = getpwuid((uid_t)p->uid);
    last = p->uid;
    if (entry != NULL)
        snprintf(name, sizeof name, "%s", entry->pw_name);
    else
        snprintf(name, sizeof name, "%ld", p->uid);
    make_printable(name);
    return name;
}

// ---- What it runs ---------------------------------------------------------------------------------------------------

static ssize_t read_command(long pid, char *buffer, size_t size) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%ld/cmdline", pid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return 0;
    size_t have = 0;
    while (have < size) {
        ssize_t got = read(fd, buffer + have, size - have);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) break;
        have += (size_t)got;
    }
    close(fd);
    return (ssize_t)have;
}

// The words end in NUL, but of a program that has overwritten them there may be several NULs, or none.
static size_t join_words(char *words, size_t length) {
    while (length > 0 && (words[length - 1] == '\0' || words[length - 1] == ' '))
        length--;
    for (size_t i = 0; i < length; i++)
        if (words[i] == '\0') words[i] = ' ';
    return length;
}

// What is printable already may hold escapes, which keep their backslash.
static char *escaped(const char *bytes, size_t length, bool whole) {
    char *text = malloc(length * 4 + 1), *to = text;
    if (text == NULL) return NULL;
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)bytes[i];
        if (c < ' ' || c >= 0x7f)
            to += sprintf(to, "\\x%02x", c);
        else if (c == '\\' && whole)
            to += sprintf(to, "\\\\");
        else
            *to++ = (char)c;
    }
    *to = '\0';
    return text;
}

char *process_command(const struct process *p, bool printable) {
    static char words[COMMAND_SIZE];
    size_t length = join_words(words, (size_t)read_command(p->pid, words, sizeof words - 1));
    if (length > 0) {
        words[length] = '\0';
        return printable ? escaped(words, length, true) : strdup(words);
    }
    char name[512];
    snprintf(name, sizeof name, "[%s]", p->name != NULL ? p->name : "");
    return printable ? escaped(name, strlen(name), false) : strdup(name);
}

// ---- All of them ----------------------------------------------------------------------------------------------------

bool processes_add(struct processes *all, const struct process *p) {
    if (all->count == all->room) {
        size_t room = all->room > 0 ? all->room * 2 : 256;
        struct process *larger = realloc(all->list, room * sizeof *larger);
        if (larger == NULL) return false;
        all->list = larger;
        all->room = room;
    }
    all->list[all->count++] = *p;
    return true;
}

static int by_pid(const void *a, const void *b) {
    long x = ((const struct process *)a)->pid, y = ((const struct process *)b)->pid;
    return (x > y) - (x < y);
}

static int add_pid(struct processes *all, int pid) {
    struct process p;
    char *why;
    int r = process_read(pid, &p, &why);
    if (r == 0 && !processes_add(all, &p)) {
        process_free(&p);
        r = -ENOMEM;
    }
    if (r == -EACCES) all->hidden++;
    int status = r == 0 || r == -ESRCH || r == -EACCES ? EXIT_OK : EXIT_FAILED; // one that ends meanwhile is no error
    if (status != EXIT_OK) say("%s", why != NULL ? why : "out of memory");
    free(why);
    return status;
}

int processes_read(struct processes *all) {
    DIR *folder = opendir("/proc");
    if (folder == NULL) {
        say("/proc cannot be read: %s", strerror(errno));
        return EXIT_FAILED;
    }
    int status = EXIT_OK;
    const struct dirent *entry;
    while (status == EXIT_OK && (entry = readdir(folder)) != NULL)
        if (isdigit((unsigned char)entry->d_name[0])) status = add_pid(all, (int)strtol(entry->d_name, NULL, 10));
    closedir(folder);
    if (all->count > 0) qsort(all->list, all->count, sizeof *all->list, by_pid);
    if (status == EXIT_OK && all->count == 0 && all->hidden == 0) { // this process at least would be there
        say("there is no /proc here to read from; mount it");
        status = EXIT_FAILED;
    }
    return status;
}

void processes_free(struct processes *all) {
    for (size_t i = 0; i < all->count; i++)
        process_free(&all->list[i]);
    free(all->list);
    *all = (struct processes){.list = NULL};
}

// ---- JSON -----------------------------------------------------------------------------------------------------------

static json_t *number_json(const char *text) {
    return text != NULL && text[0] != '\0' ? json_integer(strtoll(text, NULL, 10)) : NULL;
}

static json_t *switch_json(const char *text) {
    return text != NULL && text[0] != '\0' ? json_boolean(strcmp(text, "yes") == 0) : NULL;
}

static json_t *text_json(const char *text) {
    return text != NULL && text[0] != '\0' ? json_string(text) : NULL;
}

static json_t *differing_json(const char *rest) {
    json_t *array = json_array();
    struct difference d;
    while (process_difference(&rest, &d))
        json_array_append_new(array, json_pack("{s:I, s:o*, s:o*, s:o*}", "thread", (json_int_t)d.thread, "mode",
                                               text_json(d.mode), "filters", number_json(d.filters), "no_new_privs",
                                               switch_json(d.no_new_privs)));
    return array;
}

json_t *process_json(const struct process *p) {
    char *command = process_command(p, false);
    json_t *words = command != NULL ? json_string(command) : NULL;
    free(command);
    if (words == NULL) { // the command line is not UTF-8
        command = process_command(p, true);
        words = command != NULL ? json_string(command) : NULL;
        free(command);
    }
    return json_pack("{s:I, s:I, s:I, s:s, s:s?, s:o?, s:o?, s:o?, s:s?, s:o?, s:o, s:s?, s:s?, s:s?, s:s?, s:o?}",
                     "pid", (json_int_t)p->pid, "parent", (json_int_t)p->parent, "uid", (json_int_t)p->uid, "user",
                     process_user(p), "mode", p->mode, "filters", number_json(p->filters), "no_new_privs",
                     switch_json(p->no_new_privs), "threads", number_json(p->threads), "speculation", p->speculation,
                     "name", text_json(p->name), "differing", differing_json(p->differing), "unit", p->unit,
                     "container", p->container, "exe", p->exe, "cgroup", p->cgroup, "command", words);
}
