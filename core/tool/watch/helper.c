// SPDX-License-Identifier: MIT
#include "helper.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    QUESTION = 256 // bytes at most
};

struct message {
    uint32_t number;
    char bytes[HELPER_ANSWER];
};

// A question or an answer. send(2) and recv(2) are other calls on some ABIs; a filter has to know which.
static struct message message;

static void serve(int fd, const struct helper_work *work) {
    char question[QUESTION];
    size_t head = offsetof(struct message, bytes);
    for (;;) {
        ssize_t n = recvfrom(fd, &message, head + QUESTION, 0, NULL, NULL);
        if (n < 0 && errno == EINTR) continue;
        if (n < (ssize_t)head) return;
        memcpy(question, message.bytes, (size_t)n - head);
        size_t length = work->answer(question, (size_t)n - head, message.bytes);
        if (sendto(fd, &message, head + length, MSG_NOSIGNAL, NULL, 0) < 0) return;
    }
}

static void become_helper(int fd, const struct helper_work *work) {
    // A signal to the group or to the service ends the process that asks, and with it this one.
    static const int ignored[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGPIPE, SIGTSTP};
    for (size_t i = 0; i < sizeof ignored / sizeof ignored[0]; i++)
        signal(ignored[i], SIG_IGN);
    // Whoever reads from this pipe must see its end when the other process ends.
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (null >= 0) {
        dup2(null, STDIN_FILENO);
        dup2(null, STDOUT_FILENO);
        if (null > STDERR_FILENO) close(null);
    }
    if (work->prepare(fd)) serve(fd, work);
    _exit(0);
}

bool helper_start(struct helper *h, const struct helper_work *work) {
    int ends[2];
    *h = (struct helper){.fd = -1};
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0) return false;
    pid_t pid = fork();
    if (pid == 0) {
        close(ends[0]);
        become_helper(ends[1], work);
    }
    close(ends[1]);
    if (pid > 0)
        h->fd = ends[0];
    else
        close(ends[0]);
    return pid > 0;
}

// Takes one answer, of whatever question: its length; -1: none is there; -2: none will come any more.
static ssize_t take(struct helper *h) {
    size_t head = offsetof(struct message, bytes);
    ssize_t n;
    do
        n = recvfrom(h->fd, &message, sizeof message, MSG_DONTWAIT, NULL, NULL);
    while (n < 0 && errno == EINTR);
    if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return -1;
    if (n < (ssize_t)head) {
        close(h->fd);
        h->fd = -1;
        return -2;
    }
    h->answered = message.number;
    return n - (ssize_t)head;
}

bool helper_ask(struct helper *h, const void *question, size_t length) {
    while (h->fd >= 0 && h->answered != h->asked)
        if (take(h) == -1) return false;
    if (h->fd < 0) return false;
    message.number = h->asked + 1;
    memcpy(message.bytes, question, length);
    size_t size = offsetof(struct message, bytes) + length;
    if (sendto(h->fd, &message, size, MSG_NOSIGNAL | MSG_DONTWAIT, NULL, 0) < 0) return false;
    h->asked++;
    return true;
}

ssize_t helper_answer(struct helper *h, void *answer, size_t size, int milliseconds) {
    if (h->fd < 0 || h->answered == h->asked) return -1;
    struct pollfd p = {.fd = h->fd, .events = POLLIN};
    if (poll(&p, 1, milliseconds) <= 0) return -1;
    ssize_t n = take(h);
    if (n < 0 || h->answered != h->asked) return -1;
    size_t length = (size_t)n < size ? (size_t)n : size;
    memcpy(answer, message.bytes, length);
    return (ssize_t)length;
}
