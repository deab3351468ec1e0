// SPDX-License-Identifier: MIT
// Lets one execve through by user notification, for ABIs on which the registers of execve survive it.
#ifndef ABJURE_SUPERVISE_H
#define ABJURE_SUPERVISE_H

struct supervision; // shared with the supervisor

// Starts a supervisor: a process of its own, no child of this one, that shares the descriptors until the execve and is
// under a filter that leaves it nothing but waiting and answering. Needs no_new_privs or CAP_SYS_ADMIN.
// Async-signal-safe. 0 or -errno.
int supervise_start(struct supervision **out);

// Hands over the listener: the next call that the filter asks about is let through, and none after that (ENOSYS, since
// the supervisor has ended). -1: nothing comes. Makes no system call, so that no filter can be in the way.
void supervise_listen(struct supervision *s, int listener);

#endif
