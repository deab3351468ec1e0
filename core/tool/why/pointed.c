// SPDX-License-Identifier: MIT
#include "pointed.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>

enum {
    PATH_SHOWN = 100, // bytes; a longer path is cut
    PAGE = 4096,      // the least of all ABIs
};

// As many bytes as can be read, up to `size`: a text may end right before a page that is not there.
static size_t peek(pid_t id, uint64_t address, void *to, size_t size) {
    size_t first = PAGE - address % PAGE;
    if (first > size) first = size;
    struct iovec here = {to, size};
    struct iovec there[2] = {{(void *)(uintptr_t)address, first}, {(void *)(uintptr_t)(address + first), size - first}};
    ssize_t n = process_vm_readv(id, &here, 1, there, size > first ? 2 : 1, 0);
    return n > 0 ? (size_t)n : 0;
}

// In double quotes, what is not printable as \xNN.
static void quote(const char *bytes, size_t length, char *text, size_t size) {
    size_t at = 0;
    text[at++] = '"';
    for (size_t i = 0; i < length && at + 8 < size; i++) {
        unsigned char c = (unsigned char)bytes[i];
        bool plain = c >= ' ' && c < 0x7f && c != '"' && c != '\\';
        at += (size_t)snprintf(text + at, size - at, plain ? "%c" : "\\x%02x", c);
    }
    snprintf(text + at, size - at, "\"");
}

static void write_path(pid_t thread, uint64_t address, struct written_argument *a) {
    char path[PATH_SHOWN + 1];
    size_t read = peek(thread, address, path, sizeof path);
    size_t length = strnlen(path, read);
    if (read == 0 || (length == read && read < sizeof path)) return; // no text ends there
    bool whole = length < sizeof path;
    quote(path, whole ? length : PATH_SHOWN, a->value, sizeof a->value - 4);
    if (!whole) strcat(a->value, "..."); // NOLINT(clang-analyzer-security.insecureAPI.strcpy): the room is there
}

static void write_address(pid_t thread, uint64_t address, uint64_t length, struct written_argument *a) {
    union {
        sa_family_t family;
        struct sockaddr_in in;
        struct sockaddr_in6 in6;
        struct sockaddr_un un;
    } s;
    char host[INET6_ADDRSTRLEN], path[ARGUMENT_VALUE - 16];
    memset(&s, 0, sizeof s);
    size_t read = peek(thread, address, &s, length < sizeof s ? length : sizeof s);
    if (read < sizeof s.family) return;
    if (s.family == AF_INET && read >= sizeof s.in) {
        inet_ntop(AF_INET, &s.in.sin_addr, host, sizeof host);
        snprintf(a->value, sizeof a->value, "%s:%u", host, ntohs(s.in.sin_port));
    } else if (s.family == AF_INET6 && read >= offsetof(struct sockaddr_in6, sin6_scope_id)) {
        inet_ntop(AF_INET6, &s.in6.sin6_addr, host, sizeof host);
        snprintf(a->value, sizeof a->value, "[%s]:%u", host, ntohs(s.in6.sin6_port));
    } else if (s.family == AF_UNIX && read > offsetof(struct sockaddr_un, sun_path)) {
        size_t room = read - offsetof(struct sockaddr_un, sun_path);
        bool abstract = s.un.sun_path[0] == '\0';
        quote(s.un.sun_path, abstract ? room : strnlen(s.un.sun_path, room), path, sizeof path);
        snprintf(a->value, sizeof a->value, "unix %s", path);
    }
}

void pointed_write(pid_t thread, const struct made_call *made, struct written_call *call) {
    static const char *const paths[] = {"filename", "pathname", "path", "oldname", "newname", "dev_name", "dir_name"};
    bool is_socket = strcmp(call->name, "bind") == 0 || strcmp(call->name, "connect") == 0;
    for (int i = 0; i < call->count; i++) {
        struct written_argument *a = &call->arguments[i];
        uint64_t address = made->arguments[i];
        if (a->named || address == 0 || strncmp(a->value, "0x", 2) != 0) continue;
        for (size_t n = 0; n < sizeof paths / sizeof paths[0]; n++)
            if (strcmp(a->name, paths[n]) == 0) write_path(thread, address, a);
        if (is_socket && i == 1) write_address(thread, address, made->arguments[2], a);
    }
}
