// SPDX-License-Identifier: MIT
#include "records.h"

#include <ctype.h>
#include <linux/audit.h>
#include <linux/netlink.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "host.h"
#include "output.h"

enum {
    RECORD_LIMIT = 8970 // the kernel's AUDIT_MESSAGE_TEXT_MAX with room to spare
};

// Under an outer filter a call that the records need may be death: bind, under `abjure run --kill bind`.
static bool is_filtered(void) {
    char line[256];
    bool filtered = false;
    FILE *file = fopen("/proc/self/status", "re");
    while (file != NULL && !filtered && fgets(line, sizeof line, file) != NULL)
        filtered = strncmp(line, "Seccomp:", 8) == 0 && strtol(line + 8, NULL, 10) != 0;
    if (file != NULL) fclose(file);
    return filtered;
}

int records_open(const char **why) {
    *why = "this is a PID namespace, and audit records have other process ids";
    if (!host_has_initial_pids()) return -1;
    *why = "this process is under a filter itself, and reads no audit records";
    if (is_filtered()) return -1;
    *why = "this kernel has no audit";
    int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_AUDIT);
    if (fd < 0) return -1;
    *why = "the audit records need CAP_AUDIT_READ";
    struct sockaddr_nl address = {.nl_family = AF_NETLINK, .nl_groups = 1u << (AUDIT_NLGRP_READLOG - 1)};
    if (bind(fd, (struct sockaddr *)&address, sizeof address) == 0) return fd;
    close(fd);
    return -1;
}

// The text after " key=", or NULL.
static const char *value_of(const char *text, const char *key) {
    size_t length = strlen(key);
    for (const char *at = strstr(text, key); at != NULL; at = strstr(at + 1, key))
        if (at > text && at[-1] == ' ' && at[length] == '=') return at + length + 1;
    return NULL;
}

static bool number_of(const char *text, const char *key, int base, unsigned long *out) {
    const char *value = value_of(text, key);
    if (value == NULL || !isxdigit((unsigned char)value[0])) return false;
    *out = strtoul(value, NULL, base);
    return true;
}

// comm="nc", or in hexadecimal without quotes where it holds a blank or worse.
static void name_of(const char *text, char name[64]) {
    const char *value = value_of(text, "comm");
    size_t length = 0;
    if (value != NULL && value[0] == '"') {
        for (value++; value[length] != '"' && value[length] != '\0' && length < 63; length++)
            name[length] = value[length];
    } else if (value != NULL) {
        for (; length < 63 && isxdigit((unsigned char)value[0]) && isxdigit((unsigned char)value[1]); value += 2) {
            const char byte[] = {value[0], value[1], '\0'};
            name[length++] = (char)strtoul(byte, NULL, 16);
        }
    }
    name[length] = '\0';
    make_printable(name);
}

static bool take(const char *text, struct record *out) {
    unsigned long pid, signal, arch, number;
    if (!number_of(text, "pid", 10, &pid) || !number_of(text, "sig", 10, &signal) || signal != SIGSYS ||
        !number_of(text, "arch", 16, &arch) || !number_of(text, "syscall", 10, &number))
        return false;
    *out = (struct record){.pid = (int)pid, .arch = (uint32_t)arch, .number = (uint32_t)number};
    name_of(text, out->name);
    return true;
}

int64_t records_now(void) {
    struct timespec now = {0};
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

// Whether a message comes before `until`.
static bool await_message(int fd, int64_t until) {
    struct pollfd p = {.fd = fd, .events = POLLIN};
    int64_t left = until - records_now();
    return fd >= 0 && poll(&p, 1, left > 0 ? (int)left : 0) > 0;
}

bool records_next(int fd, int64_t until, struct record *out) {
    static union {
        struct nlmsghdr header;
        char bytes[sizeof(struct nlmsghdr) + RECORD_LIMIT + 1];
    } message;
    while (await_message(fd, until)) {
        struct sockaddr_nl from = {.nl_pid = 0};
        socklen_t size = sizeof from;
        ssize_t n = recvfrom(fd, &message, sizeof message - 1, 0, (struct sockaddr *)&from, &size);
        if (n < 0) return false;
        // Only the kernel has port 0. nlmsg_len of audit counts the text without the header in some versions.
        if (from.nl_pid != 0 || n < (ssize_t)sizeof message.header) continue;
        message.bytes[n] = '\0';
        if (message.header.nlmsg_type == AUDIT_SECCOMP && take(message.bytes + sizeof message.header, out)) return true;
    }
    return false;
}
