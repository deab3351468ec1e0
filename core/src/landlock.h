// SPDX-License-Identifier: MIT
// A Landlock domain that takes no file right away: the kernel then keeps this process from the memory, descriptors
// and tracing of processes outside the domain.
#ifndef ABJURE_LANDLOCK_H
#define ABJURE_LANDLOCK_H

#include <stdbool.h>

struct error;

int landlock_version(void); // ABI version, or -errno: -ENOSYS, -EOPNOTSUPP (off at boot)

// Can it be entered? 0, or -ENOTSUP with the reason: no Landlock, or other threads that this kernel cannot take along.
int landlock_check(bool this_thread, struct error *e);

// Enters for all threads where the kernel can (7.0), for this thread where it is the only one or where asked to.
// Needs no_new_privs or CAP_SYS_ADMIN. 0, -ENOTSUP, -EPERM, -EACCES, -E2BIG (16 domains are the kernel's limit).
int landlock_enter(bool this_thread, struct error *e);

#endif
