// SPDX-License-Identifier: MIT
#include "stop.h"

#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "tool.h"

enum {
    FINISH_WITHIN = 5 // seconds: whoever reads the output may have stopped
};

const char stop_calls[] = "alarm, setitimer";

static volatile sig_atomic_t wanted;
static int wake_fd = -1;

static void give_up(int signal) {
    static const char text[] = "abjure: ended without the rest: nobody takes the output\n";
    (void)signal;
    ssize_t n = write(STDERR_FILENO, text, sizeof text - 1);
    (void)n; // nowhere is left to complain
    _exit(EXIT_FAILED);
}

static void take(int which) {
    int error = errno;
    if (wanted) give_up(which);
    wanted = 1;
    uint64_t one = 1;
    ssize_t n = write(wake_fd, &one, sizeof one);
    (void)n; // full, it wakes as well
    alarm(FINISH_WITHIN);
    errno = error;
}

int stop_start(void) {
    static const int taken[] = {SIGINT, SIGTERM, SIGHUP};
    struct sigaction act = {.sa_handler = take, .sa_flags = SA_RESTART}, old;
    wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (wake_fd < 0) return -1;
    for (int i = 0; i < 3; i++)
        // What nohup and the like ignore stays ignored.
        if (sigaction(taken[i], NULL, &old) == 0 && old.sa_handler != SIG_IGN) sigaction(taken[i], &act, NULL);
    act.sa_handler = give_up;
    sigaction(SIGALRM, &act, NULL);
    signal(SIGPIPE, SIG_IGN);
    return wake_fd;
}

bool stop_wanted(void) {
    return wanted != 0;
}
