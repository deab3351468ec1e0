// SPDX-License-Identifier: MIT
#include "signals.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <unistd.h>

static volatile sig_atomic_t forward_to; // the child's pid; 0: nobody

// The terminal sends its signals to the whole group, so the child has them already; a process sent this one to us
// alone.
static void forward(int signal, siginfo_t *info, void *context) {
    (void)context;
    int error = errno;
    if (info->si_code <= 0 && forward_to > 0) kill((pid_t)forward_to, signal);
    errno = error;
}

void signals_prepare(pid_t child) {
    static const int forwarded[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGALRM};
    static const int ignored[] = {SIGPIPE, SIGTSTP, SIGTTIN, SIGTTOU};
    struct sigaction act = {.sa_sigaction = forward, .sa_flags = SA_SIGINFO | SA_RESTART}, old;
    forward_to = child;
    for (size_t i = 0; i < sizeof forwarded / sizeof forwarded[0]; i++) {
        // What nohup and the like ignore stays ignored.
        if (sigaction(forwarded[i], NULL, &old) == 0 && old.sa_handler != SIG_IGN) sigaction(forwarded[i], &act, NULL);
    }
    for (size_t i = 0; i < sizeof ignored / sizeof ignored[0]; i++)
        signal(ignored[i], SIG_IGN);
    signal(SIGCHLD, SIG_DFL); // ignored, it would take the exit status away
}

void signals_forget(void) {
    forward_to = 0;
}

void signals_stop_too(pid_t child, int which) {
    signal(which, SIG_DFL);
    kill(getpid(), which);
    signal(which, SIG_IGN);
    kill(child, SIGCONT);
}
