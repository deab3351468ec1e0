// SPDX-License-Identifier: MIT
// The kernel's multicast of audit records (Linux 3.16). It also has them where audit is off and no auditd runs.
#include <errno.h>
#include <linux/audit.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "source.h"

enum {
    MESSAGE = 9216,       // the kernel's MAX_AUDIT_MESSAGE_LENGTH of 8970 with room to spare
    BATCH = 64,           // messages at a time
    BUFFER = 128 << 20,   // bytes at most; the kernel takes memory only for what waits, about 2.3 KiB a record
    MEMORY_PART = 16,     // of the machine's memory, at most
    HEADER = NLMSG_HDRLEN // before the text
};

// The kernel sends to its first network namespace only. In the others the socket opens, and stays silent. They lack the
// settings that hold for the whole machine, and have somaxconn of their own.
static bool in_other_network(void) {
    return access("/proc/sys/net/core/somaxconn", F_OK) == 0 &&
           access("/proc/sys/net/core/netdev_max_backlog", F_OK) < 0 && errno == ENOENT;
}

static bool in_initial_users(void) {
    struct stat s;
    return stat("/proc/self/ns/user", &s) < 0 || s.st_ino == (ino_t)0xEFFFFFFDu; // PROC_USER_INIT_INO
}

static void set_buffer(struct source *s) {
    int got = 0;
    long page = sysconf(_SC_PAGESIZE), pages = sysconf(_SC_PHYS_PAGES);
    int64_t part = page > 0 && pages > 0 ? (int64_t)page * pages / MEMORY_PART : BUFFER;
    int size = part < BUFFER ? (int)part : BUFFER;
    socklen_t length = sizeof got;
    // Past net.core.rmem_max with CAP_NET_ADMIN; without, the kernel cuts it to that.
    if (setsockopt(s->fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size) < 0)
        setsockopt(s->fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
    if (getsockopt(s->fd, SOL_SOCKET, SO_RCVBUF, &got, &length) == 0) s->buffer = (uint64_t)got;
}

static void socket_reason(int error, char why[REASON]) {
    if (error == EPROTONOSUPPORT || error == EAFNOSUPPORT)
        snprintf(why, REASON, "this kernel has no audit (CONFIG_AUDIT), or was started with audit=0");
    else
        snprintf(why, REASON, "its socket cannot be made: %s%s", strerror(error),
                 error == EPERM || error == EACCES ? "; is this process under a filter itself?" : "");
}

static void bind_reason(int error, char why[REASON]) {
    if (error != EPERM && error != EACCES)
        snprintf(why, REASON, "its group cannot be joined: %s", strerror(error));
    else if (!in_initial_users())
        snprintf(why, REASON,
                 "it needs CAP_AUDIT_READ of the initial user namespace, and this is another: run it "
                 "outside of the container");
    else
        snprintf(why, REASON, "it needs CAP_AUDIT_READ: run it as root, or in a container with that capability added");
}

static bool open_audit(struct source *s, char why[REASON]) {
    struct sockaddr_nl address = {.nl_family = AF_NETLINK, .nl_groups = 1u << (AUDIT_NLGRP_READLOG - 1)};
    if (in_other_network()) {
        snprintf(why, REASON,
                 "it reaches the first network namespace only, and this is another: run it with the "
                 "network of the host");
        return false;
    }
    s->fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_AUDIT);
    if (s->fd < 0) {
        socket_reason(errno, why);
        return false;
    }
    set_buffer(s);
    if (bind(s->fd, (struct sockaddr *)&address, sizeof address) == 0) return true;
    bind_reason(errno, why);
    close(s->fd);
    return false;
}

static void take(struct source *s, const char *bytes, size_t length, const struct sockaddr_nl *from) {
    struct nlmsghdr header;
    // Only the kernel has port 0. nlmsg_len of audit counts the text without the header in some versions.
    if (length <= HEADER || from->nl_pid != 0) return;
    memcpy(&header, bytes, sizeof header);
    if (header.nlmsg_type != AUDIT_SECCOMP && header.nlmsg_type != AUDIT_ANOM_ABEND) return;
    const char *type = header.nlmsg_type == AUDIT_SECCOMP ? "type=1326 " : "type=1701 ";
    queue_put(&s->queue, type, strlen(type), bytes + HEADER, strnlen(bytes + HEADER, length - HEADER));
}

static bool socket_memory(const struct source *s, uint32_t info[SK_MEMINFO_VARS]) {
    socklen_t size = SK_MEMINFO_VARS * sizeof info[0];
    memset(info, 0, size);
    return getsockopt(s->fd, SOL_SOCKET, SO_MEMINFO, info, &size) == 0 && size > SK_MEMINFO_DROPS * sizeof info[0];
}

static void look_at_buffer(struct source *s) {
    uint32_t info[SK_MEMINFO_VARS];
    if (socket_memory(s, info) && info[SK_MEMINFO_RMEM_ALLOC] > atomic_load(&s->most_bytes))
        atomic_store(&s->most_bytes, info[SK_MEMINFO_RMEM_ALLOC]);
}

// How many messages found the buffer full: of any type, for the kernel does not say which.
static void count_lost(struct source *s) {
    uint32_t info[SK_MEMINFO_VARS];
    if (socket_memory(s, info) && info[SK_MEMINFO_DROPS] > 0)
        atomic_store(&s->lost, info[SK_MEMINFO_DROPS]);
    else
        atomic_fetch_add(&s->lost, 1); // before Linux 4.12: at least one
}

static void read_audit(struct source *s) {
    static char bytes[BATCH][MESSAGE];
    static struct sockaddr_nl from[BATCH];
    static struct iovec parts[BATCH];
    static struct mmsghdr messages[BATCH];
    bool overrun = false;
    for (;;) {
        for (int i = 0; i < BATCH; i++) {
            parts[i] = (struct iovec){bytes[i], MESSAGE};
            messages[i].msg_hdr = (struct msghdr){
                .msg_name = &from[i], .msg_namelen = sizeof from[i], .msg_iov = &parts[i], .msg_iovlen = 1};
        }
        int n = recvmmsg(s->fd, messages, BATCH, MSG_DONTWAIT, NULL);
        if (n == BATCH) look_at_buffer(s);
        for (int i = 0; i < n; i++)
            take(s, bytes[i], messages[i].msg_len, &from[i]);
        if (n >= 0) continue;
        if (errno == ENOBUFS) {
            overrun = true;
        } else if (errno == EAGAIN) {
            // Once full, the socket takes nothing before it is empty: now the count is complete.
            if (overrun) count_lost(s);
            overrun = false;
            struct pollfd p = {.fd = s->fd, .events = POLLIN};
            atomic_store(&s->idle, true);
            poll(&p, 1, -1);
            atomic_store(&s->idle, false);
        } else if (errno != EINTR) {
            atomic_store(&s->error, errno);
            return;
        }
    }
}

const struct source_type source_audit = {"audit", "the kernel's audit socket", open_audit, read_audit,
                                         "getsockopt(level == SOL_SOCKET), recvmmsg, recvmmsg_time64"};
