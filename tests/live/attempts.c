// SPDX-License-Identifier: MIT
#include "attempts.h"

#include "child.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/io_uring.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

// ---- A neighbour ---------------------------------------------------------------------------------------------------

struct neighbour neighbour;
static int neighbour_value = 1;

void make_neighbour(void) {
    int ends[2];
    must(pipe(ends) == 0);
    neighbour.descriptor = ends[0];
    neighbour.value = &neighbour_value;
    must(prctl(PR_SET_DUMPABLE, 1) == 0); // a change of the user has cleared it
    pid_t maker = getpid();
    neighbour.pid = fork();
    must(neighbour.pid >= 0);
    if (neighbour.pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY);
        setpgid(0, 0);
        if (getppid() != maker) _exit(0); // it died before this process could ask for the signal
        for (;;)
            pause();
    }
    setpgid(neighbour.pid, neighbour.pid);
    neighbour.pidfd = (int)syscall(SYS_pidfd_open, neighbour.pid, 0);
    must(neighbour.pidfd >= 0);
}

bool neighbour_died(void) {
    for (int i = 0; i < 50; i++) {
        siginfo_t info = {0};
        if (waitid(P_PID, (id_t)neighbour.pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid != 0)
            return true;
        nanosleep(&(struct timespec){.tv_nsec = 5000000}, NULL);
    }
    return false;
}

bool child_came(pid_t pid) {
    if (pid == 0) _exit(42);
    int status;
    return pid > 0 && waitpid(pid, &status, __WALL) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 42;
}

// ---- An older thread -----------------------------------------------------------------------------------------------

static sem_t thread_go, thread_done;
static bool (*thread_run)(void);
static bool thread_result;

static void *thread_main(void *context) {
    (void)context;
    while (sem_wait(&thread_go) != 0) {
    }
    thread_result = thread_run();
    sem_post(&thread_done);
    return NULL;
}

void make_thread(void) {
    pthread_t thread;
    sem_init(&thread_go, 0, 0);
    sem_init(&thread_done, 0, 0);
    must(pthread_create(&thread, NULL, thread_main, NULL) == 0);
}

bool in_thread(bool (*run)(void)) {
    thread_run = run;
    sem_post(&thread_go);
    while (sem_wait(&thread_done) != 0) {
    }
    return thread_result;
}

// ---- A directory ---------------------------------------------------------------------------------------------------

void make_directory(void) {
    const char *root = getenv("ATTEMPTS_DIRECTORY");
    must(root != NULL);
    char path[256];
    snprintf(path, sizeof path, "%s/XXXXXX", root);
    must(mkdtemp(path) != NULL && chdir(path) == 0);
    int file = open("file", O_CREAT | O_WRONLY, 0644);
    must(file >= 0 && write(file, "content\n", 8) == 8);
    close(file);
    must(mkdir("folder", 0755) == 0 && symlink("file", "link") == 0);
}

// ---- A ring --------------------------------------------------------------------------------------------------------

struct ring {
    int descriptor;
    struct io_uring_params params;
    char *submissions, *completions;
    struct io_uring_sqe *entries;
};

static bool ring_make(struct ring *r) {
    memset(r, 0, sizeof *r);
    r->descriptor = (int)syscall(SYS_io_uring_setup, 4, &r->params);
    if (r->descriptor < 0) return false;
    const struct io_uring_params *p = &r->params;
    size_t submissions = p->sq_off.array + p->sq_entries * sizeof(uint32_t);
    size_t completions = p->cq_off.cqes + p->cq_entries * sizeof(struct io_uring_cqe);
    int protection = PROT_READ | PROT_WRITE;
    r->submissions = mmap(NULL, submissions, protection, MAP_SHARED, r->descriptor, IORING_OFF_SQ_RING);
    r->completions = mmap(NULL, completions, protection, MAP_SHARED, r->descriptor, IORING_OFF_CQ_RING);
    r->entries = mmap(NULL, p->sq_entries * sizeof *r->entries, protection, MAP_SHARED, r->descriptor, IORING_OFF_SQES);
    return r->submissions != MAP_FAILED && r->completions != MAP_FAILED && r->entries != MAP_FAILED;
}

int ring_submit(const struct io_uring_sqe *entry) {
    struct ring r;
    if (!ring_make(&r)) return -errno;
    r.entries[0] = *entry;
    *(uint32_t *)(void *)(r.submissions + r.params.sq_off.array) = 0;
    atomic_store((_Atomic uint32_t *)(void *)(r.submissions + r.params.sq_off.tail), 1);
    int result = -EIO;
    if (syscall(SYS_io_uring_enter, r.descriptor, 1, 1, IORING_ENTER_GETEVENTS, NULL, 0) == 1)
        result = ((struct io_uring_cqe *)(void *)(r.completions + r.params.cq_off.cqes))->res;
    close(r.descriptor);
    return result;
}
