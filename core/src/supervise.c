// SPDX-License-Identifier: MIT
#include "supervise.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <sched.h>
#include <stdatomic.h>
#include <stddef.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kernel.h"

#ifndef SECCOMP_USER_NOTIF_FLAG_CONTINUE
#define SECCOMP_USER_NOTIF_FLAG_CONTINUE 1UL // 5.5
#endif

enum {
    WAIT_SECONDS = 10,
    STEP_NS = 500000,
    STEPS = WAIT_SECONDS * (1000000000 / STEP_NS),
    NOTHING = -1,
    NOT_YET = -2
};

struct supervision {
    _Atomic int ready;    // 0: not yet; 1: under its filter; negative: -errno
    _Atomic int listener; // NOT_YET, NOTHING, or the descriptor
};

// The kernel's struct timespec of these calls, which on 32-bit ABIs need not be that of the C library.
struct kernel_time {
    long seconds, nanoseconds;
};

static void pause_briefly(void) {
    struct kernel_time step = {.nanoseconds = STEP_NS};
    (void)syscall(SYS_nanosleep, &step, NULL);
}

#define ALLOW(number)                                                                                                  \
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)(number), 0, 1), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)

// Waiting, answering and ending are allowed; the rest is death. What runs code in here gains nothing by it.
static int confine(void) {
    uint32_t arch;
    if (!kernel_arch(&arch)) return -ENOTSUP;
    const struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, arch, 1, 0),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        ALLOW(SYS_nanosleep),
        ALLOW(SYS_ppoll),
        ALLOW(SYS_exit_group),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)SYS_ioctl, 1, 0),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, bpf_argument(__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__, 1, false)),
        ALLOW(SECCOMP_IOCTL_NOTIF_RECV),
        ALLOW(SECCOMP_IOCTL_NOTIF_SEND),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
    };
    return kernel_seccomp(code, sizeof code / sizeof code[0], 0);
}

static int await_listener(struct supervision *s) {
    for (int i = 0; i < STEPS; i++) {
        int listener = atomic_load(&s->listener);
        if (listener != NOT_YET) return listener;
        pause_briefly();
    }
    return NOTHING;
}

// Answers one question: go on. Structures of the kernel may be larger than the headers': the buffers have room.
static void answer(int listener) {
    struct pollfd p = {.fd = listener, .events = POLLIN};
    struct kernel_time limit = {.seconds = WAIT_SECONDS};
    if (syscall(SYS_ppoll, &p, 1UL, &limit, NULL, 0UL) != 1 || !(p.revents & POLLIN)) return;
    union {
        struct seccomp_notif question;
        char room[512];
    } in;
    union {
        struct seccomp_notif_resp answer;
        char room[512];
    } out;
    memset(&in, 0, sizeof in);
    memset(&out, 0, sizeof out);
    if (syscall(SYS_ioctl, listener, SECCOMP_IOCTL_NOTIF_RECV, &in) != 0) return;
    out.answer.id = in.question.id;
    out.answer.flags = (uint32_t)SECCOMP_USER_NOTIF_FLAG_CONTINUE;
    (void)syscall(SYS_ioctl, listener, SECCOMP_IOCTL_NOTIF_SEND, &out);
}

static _Noreturn void supervisor(struct supervision *s) {
    int r = confine();
    atomic_store(&s->ready, r < 0 ? r : 1);
    int listener = r < 0 ? NOTHING : await_listener(s);
    if (listener >= 0) answer(listener);
    for (;;)
        (void)syscall(SYS_exit_group, 0L);
}

// A fork that shares the descriptors, without signal at its end. clone's stack comes first on s390x.
static long fork_sharing(void) {
#ifdef __s390x__
    return syscall(SYS_clone, 0UL, (unsigned long)CLONE_FILES, 0UL, 0UL, 0UL);
#else
    return syscall(SYS_clone, (unsigned long)CLONE_FILES, 0UL, 0UL, 0UL, 0UL);
#endif
}

int supervise_start(struct supervision **out) {
    struct supervision *s = mmap(NULL, sizeof *s, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (s == MAP_FAILED) return -errno;
    atomic_store(&s->ready, 0);
    atomic_store(&s->listener, NOT_YET);
    long child = fork_sharing();
    if (child < 0) {
        int r = -errno;
        (void)munmap(s, sizeof *s);
        return r;
    }
    if (child == 0) {
        // Its parent ends, so that the program that is started has no child that it does not know.
        if (fork_sharing() == 0) supervisor(s);
        for (;;)
            (void)syscall(SYS_exit_group, 0L);
    }
    while (syscall(SYS_wait4, child, NULL, __WALL, NULL) < 0 && errno == EINTR) {
    }
    for (int i = 0; i < STEPS && atomic_load(&s->ready) == 0; i++)
        pause_briefly();
    *out = s;
    int ready = atomic_load(&s->ready);
    if (ready == 1) return 0;
    atomic_store(&s->listener, NOTHING);
    return ready < 0 ? ready : -EAGAIN;
}

void supervise_listen(struct supervision *s, int listener) {
    atomic_store(&s->listener, listener < 0 ? NOTHING : listener);
}
