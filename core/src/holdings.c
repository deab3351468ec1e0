// SPDX-License-Identifier: MIT
#include "holdings.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "kernel.h"
#include "text.h"

#ifndef SYS_io_uring_enter
#define SYS_io_uring_enter 426
#endif

static const char ring_name[] = "anon_inode:[io_uring]";

// ---- What the filter denies, asked with the calls that the thing stands for -----------------------------------------

static const uint64_t some_pointer = 0x10000; // a condition on a pointer can only be against 0

static bool denies(const struct meaning *m, long number, uint64_t a0, uint64_t a1, uint64_t a2, uint64_t a3) {
    uint32_t arch;
    if (!kernel_arch(&arch)) return true;
    const uint64_t args[6] = {a0, a1, a2, a3, 0, 0};
    uint32_t action = meaning_decide(m, arch, (uint32_t)number, args).verdict & SECCOMP_RET_ACTION_FULL;
    return action != SECCOMP_RET_ALLOW && action != SECCOMP_RET_LOG;
}

static bool denies_ring(const struct meaning *m) {
    return denies(m, SYS_io_uring_enter, 3, 1, 0, 0);
}

static bool denies_listen(const struct meaning *m) {
    return denies(m, SYS_listen, 3, 128, 0, 0);
}

static bool denies_connect(const struct meaning *m) {
    return denies(m, SYS_connect, 3, some_pointer, 16, 0);
}

static bool denies_wx(const struct meaning *m) {
    uint64_t prot = PROT_READ | PROT_WRITE | PROT_EXEC, flags = MAP_PRIVATE | MAP_ANONYMOUS;
#ifdef SYS_mmap2
    return denies(m, SYS_mmap2, 0, 4096, prot, flags);
#elif defined(__s390x__)
    (void)prot; // mmap hides its arguments behind a pointer there
    (void)flags;
    return denies(m, SYS_mprotect, some_pointer, 4096, PROT_READ | PROT_EXEC, 0);
#else
    return denies(m, SYS_mmap, 0, 4096, prot, flags);
#endif
}

static bool denies_write(const struct meaning *m) {
    return denies(m, SYS_openat, (uint32_t)AT_FDCWD, some_pointer, O_WRONLY | O_CREAT | O_TRUNC, 0600);
}

// ---- What there is --------------------------------------------------------------------------------------------------

enum {
    LISTED = 6
};

struct numbers {
    int first[LISTED];
    int count;
};

static void add_number(struct numbers *n, int number) {
    if (n->count < LISTED) n->first[n->count] = number;
    n->count++;
}

struct scan {
    bool exec;
    struct numbers rings, listening, connected;
    bool ring_mapped;
    int ring_thread; // 0: none
    char ring_thread_name[64];
    unsigned long long wx; // address of the first such mapping; 0: none
};

static int scan_socket(int fd, struct scan *s) {
    int listening = 0;
    socklen_t size = sizeof listening;
    if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &size) == 0 && listening) add_number(&s->listening, fd);
    struct sockaddr_storage peer;
    size = sizeof peer;
    if (getpeername(fd, (struct sockaddr *)&peer, &size) == 0) add_number(&s->connected, fd);
    return 0;
}

static int scan_descriptor(const char *name, void *context) {
    struct scan *s = context;
    int fd = (int)strtol(name, NULL, 10);
    if (s->exec && fcntl(fd, F_GETFD) != 0) return 0; // closed by then, or gone
    char path[64], target[64];
    struct text t;
    text_start(&t, path, sizeof path);
    text_add(&t, "/proc/self/fd/%d", fd);
    (void)text_end(&t);
    ssize_t length = readlink(path, target, sizeof target - 1);
    if (length <= 0) return 0;
    target[length] = '\0';
    if (strcmp(target, ring_name) == 0) add_number(&s->rings, fd);
    if (strncmp(target, "socket:[", 8) == 0) return scan_socket(fd, s);
    return 0;
}

// "START-END rwxp OFFSET DEVICE INODE   NAME": names of files start with "/", so no file can pose as a ring.
static int scan_mapping(const char *line, void *context) {
    struct scan *s = context;
    const char *rights = strchr(line, ' ');
    if (!rights) return 0;
    if (rights[2] == 'w' && rights[3] == 'x' && s->wx == 0) s->wx = strtoull(line, NULL, 16);
    const char *name = rights;
    for (int field = 0; name && field < 4; field++)
        name = strchr(name + 1, ' ');
    if (!name) return 0;
    name += strspn(name, " ");
    if (strncmp(name, ring_name, sizeof ring_name - 1) == 0) s->ring_mapped = true;
    return 0;
}

// A ring made with NO_MMAP and REGISTERED_FD_ONLY shows only by its polling thread. Any thread of the process may
// change the name that it was born with; the kernel's flag stays. Workers (iou-wrk-) do nothing by themselves.
static int scan_task(pid_t tid, void *context) {
    struct scan *s = context;
    char name[64];
    if (kernel_task_name(tid, name) < 0) return 0; // it has ended
    if (strncmp(name, "iou-wrk-", 8) == 0) return 0;
    if (strncmp(name, "iou-sqp-", 8) != 0 && !kernel_task_is_io_worker(tid)) return 0;
    s->ring_thread = (int)tid;
    memcpy(s->ring_thread_name, name, sizeof name);
    return 1;
}

// The kernel ends the thread of a ring a while after the ring was closed: a thread alone is looked at again.
static int scan_tasks(struct scan *s) {
    enum {
        TRIES = 50,
        PAUSE_NS = 10000000
    };
    for (int i = 0;; i++) {
        s->ring_thread = 0;
        int r = kernel_each_task(NULL, scan_task, s);
        if (r < 0 || s->ring_thread == 0 || s->rings.count > 0 || s->ring_mapped || i == TRIES) return r;
        (void)nanosleep(&(struct timespec){.tv_nsec = PAUSE_NS}, NULL);
    }
}

// ---- What to say ----------------------------------------------------------------------------------------------------

static int refuse_ring(const struct scan *s, struct error *e) {
    static const char remedy[] = "no filter stops what goes through it; close it before the load, or set "
                                 "io_uring = keep";
    if (s->rings.count > 0)
        return error_set(e, EBUSY, "this process has an io_uring ring (descriptor %d): %s", s->rings.first[0], remedy);
    if (s->ring_mapped)
        return error_set(e, EBUSY, "this process has an io_uring ring (mapped, its descriptor is closed): %s", remedy);
    struct text_word name = text_quote(s->ring_thread_name, strlen(s->ring_thread_name));
    return error_set(e, EBUSY,
                     "this process has an io_uring ring, seen by its kernel thread %d (\"%s\") only, with neither "
                     "descriptor nor mapping: %s",
                     s->ring_thread, name.text, remedy);
}

static int note_numbers(struct filter *f, const struct numbers *n, const char *what, const char *rest) {
    if (n->count == 0) return 0;
    char line[256];
    struct text t;
    text_start(&t, line, sizeof line);
    text_add(&t, n->count == 1 ? "descriptor " : "descriptors ");
    for (int i = 0; i < n->count && i < LISTED; i++)
        text_add(&t, "%s%d", i > 0 ? ", " : "", n->first[i]);
    if (n->count > LISTED) text_add(&t, " and %d more", n->count - LISTED);
    text_add(&t, " %s %s%s: %s", n->count == 1 ? "is a" : "are", what, n->count == 1 ? "" : "s", rest);
    (void)text_end(&t);
    return filter_note(f, line);
}

static int note_mapping(struct filter *f, const struct scan *s) {
    char line[256];
    struct text t;
    text_start(&t, line, sizeof line);
    text_add(&t, "memory at 0x%llx is writable and executable, which the filter forbids from now on only", s->wx);
    (void)text_end(&t);
    return filter_note(f, line);
}

static int note_core(struct filter *f) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_CORE, &limit) != 0 || limit.rlim_cur == 0) return 0;
    return filter_note(f, "the core limit is above 0: a crash writes a file; set RLIMIT_CORE to 0 before the load");
}

static int note_unseen(struct filter *f, const char *path) {
    char line[256];
    struct text t;
    text_start(&t, line, sizeof line);
    text_add(&t, "%s cannot be read: whether the process holds an io_uring ring or sockets was not checked", path);
    (void)text_end(&t);
    return filter_note(f, line);
}

static int note_all(struct filter *f, const struct meaning *m, const struct scan *s, struct error *e) {
    int r = 0;
    if (denies_listen(m))
        r = note_numbers(f, &s->listening, "listening socket", "it goes on accepting, unless accept is denied too");
    if (r == 0 && denies_connect(m))
        r = note_numbers(f, &s->connected, "connected socket", "what is connected stays so; close what is not needed");
    if (r == 0 && s->wx != 0 && denies_wx(m)) r = note_mapping(f, s);
    if (r == 0 && denies_write(m)) r = note_core(f);
    return r < 0 ? error_memory(e) : 0;
}

int holdings_check(struct filter *f, const struct meaning *m, bool exec, struct error *e) {
    struct scan s = {.exec = exec};
    const char *unseen = NULL;
    if (kernel_names("/proc/self/fd", NULL, scan_descriptor, &s) < 0) unseen = "/proc/self/fd";
    // Mappings and the kernel's threads for a ring do not survive an exec.
    if (!exec && kernel_lines("/proc/self/maps", NULL, scan_mapping, &s) < 0) unseen = "/proc/self/maps";
    if (!exec && scan_tasks(&s) < 0) unseen = "/proc/self/task";
    bool ring = s.rings.count > 0 || s.ring_mapped || s.ring_thread != 0;
    if (ring && !f->options.keep_io_uring && denies_ring(m)) return refuse_ring(&s, e);
    if (unseen && denies_ring(m) && note_unseen(f, unseen) < 0) return error_memory(e);
    return note_all(f, m, &s, e);
}
