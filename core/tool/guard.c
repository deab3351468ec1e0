// SPDX-License-Identifier: MIT
#include "guard.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "abjure.h"
#include "output.h"

// mmap takes a pointer to its arguments on 32-bit ABIs; mmap2 is the call there.
#if UINTPTR_MAX > UINT32_MAX
#define MMAP "mmap"
#else
#define MMAP "mmap2"
#endif

// Memory that is executable (PROT_EXEC, 4 everywhere) is not to be had. The address sanitizer asks where the signal
// stack is before the end.
static const char base_rules[] =
    "write(fd == 2), close, brk, munmap, mremap, madvise, mprotect(prot & 4 == 0), " MMAP
    "(prot & 4 == 0 && fd == -1), "
    "sigaltstack(arg0 == 0), rt_sigaction, rt_sigprocmask, futex, getpid, gettid, clock_gettime, getrandom, poll, "
    "ppoll";

// PTRACE_CONT, GETEVENTMSG, GETREGSET, LISTEN and GET_SYSCALL_INFO: they fail for all that is not traced already.
static const char waiting_rules[] =
    "wait4, waitid, "
    "ptrace(arg0 == 7), ptrace(arg0 == 0x4201), ptrace(arg0 == 0x4204), ptrace(arg0 == 0x4208), ptrace(arg0 == "
    "0x420e)";

static int add(abjure_filter *filter, const char *const calls[], int count) {
    int r = abjure_filter_default(filter, "EPERM");
    if (r == 0) r = abjure_filter_add(filter, "allow", base_rules);
    for (int i = 0; r == 0 && i < count; i++)
        r = abjure_filter_add(filter, "allow", calls[i]);
    if (r == 0) r = abjure_filter_set(filter, "log", "off");
    return r == 0 ? abjure_filter_load(filter, NULL) : r;
}

int guard_load(const char *const calls[], int count, const char *failure) {
    // For other users' processes and for ours without CAP_SYS_PTRACE, /proc/PID/mem is then closed as well.
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    abjure_filter *filter = abjure_filter_new();
    if (filter == NULL) {
        say("out of memory");
        return -1;
    }
    int r = add(filter, calls, count);
    if (r < 0) (void)say_filter_error(filter, failure);
    abjure_filter_free(filter);
    return r < 0 ? -1 : 0;
}

int guard_enter(const struct guard *g) {
    char calls[256];
    snprintf(calls, sizeof calls,
             "kill(pid == %d), kill(pid == %d), write(fd == %d), pread64(fd == %d), recvfrom(fd == %d)", (int)g->child,
             (int)getpid(), g->gate, g->name_fd, g->records_fd);
    return guard_load((const char *const[]){waiting_rules, calls}, 2, "cannot filter the waiting parent");
}
