// SPDX-License-Identifier: MIT
// The kernel's log: it has audit records where no auditd takes them, at a limited rate.
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "source.h"

enum {
    RECORD = 16384, // the kernel's limit is half of that
    USER = 8        // priorities from here on are not the kernel's own messages
};

static bool open_kernel(struct source *s, char why[REASON]) {
    s->fd = open("/dev/kmsg", O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    int error = errno;
    if (s->fd >= 0 && lseek(s->fd, 0, SEEK_END) >= 0) return true;
    if (s->fd >= 0) {
        error = errno;
        close(s->fd);
    }
    if (error == EPERM || error == EACCES)
        snprintf(why, REASON,
                 "/dev/kmsg: it needs CAP_SYSLOG, since kernel.dmesg_restrict is 1 or the file has other "
                 "rights: run it as root");
    else
        snprintf(why, REASON, "/dev/kmsg: %s", strerror(error));
    return false;
}

static unsigned hex(char c) {
    return c >= '0' && c <= '9' ? (unsigned)(c - '0') : c >= 'a' && c <= 'f' ? (unsigned)(c - 'a') + 10 : 16;
}

// The kernel writes a backslash, and what is not printable, as \xNN. In place; the new length.
static size_t unescape(char *text, size_t length) {
    size_t to = 0;
    for (size_t i = 0; i < length; i++) {
        bool escaped =
            length - i >= 4 && text[i] == '\\' && text[i + 1] == 'x' && hex(text[i + 2]) < 16 && hex(text[i + 3]) < 16;
        char c = text[i];
        if (escaped) {
            c = (char)(hex(text[i + 2]) << 4 | hex(text[i + 3]));
            i += 3;
        }
        text[to++] = c;
    }
    return to;
}

static void count_suppressed(struct source *s, const char *text) {
    static const char function[] = "kauditd_printk_skb: ";
    if (strncmp(text, function, sizeof function - 1) != 0 || strstr(text, " callbacks suppressed") == NULL) return;
    atomic_fetch_add(&s->suppressed, strtoull(text + sizeof function - 1, NULL, 10));
}

// "PRIORITY,NUMBER,MICROSECONDS,FLAGS;TEXT" and lines with a blank before them.
static void take(struct source *s, char *record, size_t length) {
    static unsigned long long expected;
    char *rest;
    record[length] = '\0';
    unsigned long priority = strtoul(record, &rest, 10);
    unsigned long long number = *rest == ',' ? strtoull(rest + 1, NULL, 10) : 0;
    // Numbers follow each other: what lies between was overwritten before it could be read.
    if (expected != 0 && number > expected) atomic_fetch_add(&s->lost, number - expected);
    expected = number + 1;
    char *text = strchr(rest, ';');
    if (text == NULL || priority >= USER) return; // who may write to /dev/kmsg is no kernel
    text++;
    size_t size = unescape(text, strcspn(text, "\n"));
    text[size] = '\0';
    count_suppressed(s, text);
    if (strstr(text, "audit(") != NULL) queue_put(&s->queue, "", 0, text, size);
}

static void read_kernel(struct source *s) {
    static char record[RECORD + 1];
    for (;;) {
        ssize_t n = read(s->fd, record, RECORD);
        if (n > 0) take(s, record, (size_t)n);
        if (n > 0 || (n < 0 && (errno == EINTR || errno == EPIPE))) continue; // EPIPE: overwritten, and so counted
        if (n < 0 && errno == EAGAIN) {
            struct pollfd p = {.fd = s->fd, .events = POLLIN};
            atomic_store(&s->idle, true);
            poll(&p, 1, -1);
            atomic_store(&s->idle, false);
        } else {
            atomic_store(&s->error, n < 0 ? errno : ENODATA);
            return;
        }
    }
}

const struct source_type source_kernel = {"kernel", "the kernel's log", open_kernel, read_kernel, NULL};
