// SPDX-License-Identifier: MIT
#include "audit_state.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/netlink.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "capability.h"
#include "guard.h"

enum {
    ANSWER_WITHIN_MS = 1000
};

static int audit_fd = -1;
static int open_error;

static bool prepare(int fd) {
    char calls[128];
    audit_fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_AUDIT);
    if (audit_fd < 0) open_error = errno;
    capabilities_keep(1ull << CAP_AUDIT_CONTROL);
    snprintf(calls, sizeof calls, "sendto(fd == %d), recvfrom(fd == %d), sendto(fd == %d), recvfrom(fd == %d)", fd, fd,
             audit_fd, audit_fd);
    return guard_load((const char *const[]){calls}, 1, "cannot filter the process that asks for the state of audit") ==
           0;
}

static bool await_message(void) {
    struct pollfd p = {.fd = audit_fd, .events = POLLIN};
    return poll(&p, 1, ANSWER_WITHIN_MS) > 0;
}

// An errno, or 0 and the state. Older kernels have fewer members.
static int get(struct audit_status *out) {
    static uint32_t serial;
    struct {
        struct nlmsghdr header;
        char bytes[512];
    } m = {.header = {NLMSG_HDRLEN, AUDIT_GET, NLM_F_REQUEST | NLM_F_ACK, ++serial, 0}};
    if (audit_fd < 0) return open_error;
    if (sendto(audit_fd, &m, NLMSG_HDRLEN, 0, NULL, 0) < 0) return errno;
    while (await_message()) {
        ssize_t n = recvfrom(audit_fd, &m, sizeof m, 0, NULL, NULL);
        if (n < NLMSG_HDRLEN || m.header.nlmsg_seq != serial) continue;
        size_t length = (size_t)n - NLMSG_HDRLEN;
        int error = 0;
        if (m.header.nlmsg_type == NLMSG_ERROR && length >= sizeof error) {
            memcpy(&error, m.bytes, sizeof error);
            if (error < 0) return -error;
        } else if (m.header.nlmsg_type == AUDIT_GET) {
            memset(out, 0, sizeof *out);
            memcpy(out, m.bytes, length < sizeof *out ? length : sizeof *out);
            return 0;
        }
    }
    return ETIMEDOUT;
}

static size_t answer(const void *question, size_t length, char *bytes) {
    (void)question;
    (void)length;
    struct audit_status status = {.mask = 0};
    struct audit_state s = {.error = get(&status)};
    s.enabled = status.enabled != 0;
    s.daemon = status.pid;
    s.rate_limit = status.rate_limit;
    s.backlog_limit = status.backlog_limit;
    s.lost = status.lost;
    memcpy(bytes, &s, sizeof s);
    return sizeof s;
}

bool audit_state_start(struct helper *h) {
    static const struct helper_work work = {prepare, answer};
    return helper_start(h, &work);
}

bool audit_state_ask(struct helper *h) {
    return helper_ask(h, "", 0);
}

bool audit_state_take(struct helper *h, struct audit_state *out, int milliseconds) {
    return helper_answer(h, out, sizeof *out, milliseconds) == (ssize_t)sizeof *out;
}
