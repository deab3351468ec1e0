// SPDX-License-Identifier: MIT
//
// Which right the domain handles. Any domain closes the memory of outside processes; the right is the price.
// A handled file right without a rule is denied everywhere, so one rule on "/" gives it back. Measured on 6.18:
//   LANDLOCK_ACCESS_FS_REFER, allowed on "/": rename and link across directories work as before. Every domain that
//     handles a file right forbids mount, umount, remount and pivot_root; that stays lost.
//   Any other file right: besides, rename and link across directories fail with EXDEV, since REFER is denied by
//     default. Before 5.19 (ABI 1) there is no REFER to give back, so this is the case there.
//   A TCP right (6.7): mount works, but each of the 65536 ports needs a rule of its own: 73 ms.
//   A scope (6.12): cannot be given back; signals or abstract sockets to the outside would be lost.
#include "landlock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "error.h"
#include "kernel.h"

// Headers may be older than the kernel; the numbers are the same on every ABI of the core (x32 adds its bit).
#ifndef SYS_landlock_create_ruleset
#define SYS_landlock_create_ruleset 444
#define SYS_landlock_add_rule 445
#define SYS_landlock_restrict_self 446
#endif

enum {
    VERSION_FLAG = 1,
    RULE_PATH_BENEATH = 1,
    RIGHT_MAKE_BLOCK = 1 << 11,
    RIGHT_REFER = 1 << 13,
    RESTRICT_ALL_THREADS = 1 << 3,
    VERSION_REFER = 2,       // 5.19
    VERSION_ALL_THREADS = 8, // 7.0
};

struct path_beneath {
    uint64_t rights;
    int32_t directory;
} __attribute__((packed));

static int result(long r) {
    return r < 0 ? -errno : (int)r;
}

int landlock_version(void) {
    return result(syscall(SYS_landlock_create_ruleset, NULL, 0UL, (unsigned long)VERSION_FLAG));
}

// 0, or -ENOTSUP; *flags for landlock_restrict_self.
static int check(bool this_thread, int version, unsigned long *flags, struct error *e) {
    *flags = 0;
    if (version == -ENOSYS)
        return error_set(e, ENOTSUP, "this kernel has no Landlock (Linux 5.13 and CONFIG_SECURITY_LANDLOCK)");
    if (version == -EOPNOTSUPP)
        return error_set(e, ENOTSUP, "Landlock is off: put landlock into the lsm= list of the kernel's command line");
    if (version < 0)
        return error_set(e, ENOTSUP, "Landlock is out of reach (%s): an outer filter or sandbox denies it",
                         strerror(-version));
    if (this_thread) return 0;
    int threads = kernel_task_count();
    if (threads == 1) return 0;
    *flags = RESTRICT_ALL_THREADS;
    if (version >= VERSION_ALL_THREADS) return 0;
    if (threads < 0)
        return error_set(e, ENOTSUP,
                         "landlock = on: /proc is not readable, so that other threads may exist, which this "
                         "kernel (before 7.0) cannot take along");
    return error_set(e, ENOTSUP,
                     "landlock = on: this process has %d other threads, and this kernel (before 7.0) cannot take them "
                     "along; load before they start, or set landlock = off",
                     threads - 1);
}

int landlock_check(bool this_thread, struct error *e) {
    unsigned long flags;
    return check(this_thread, landlock_version(), &flags, e);
}

// The ruleset's descriptor, or -errno.
static int make_ruleset(int version) {
    uint64_t right = version >= VERSION_REFER ? RIGHT_REFER : RIGHT_MAKE_BLOCK;
    int ruleset = result(syscall(SYS_landlock_create_ruleset, &right, sizeof right, 0UL));
    if (ruleset < 0) return ruleset;
    int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
    int r = root < 0 ? -errno : 0;
    if (r == 0) {
        struct path_beneath rule = {.rights = right, .directory = root};
        r = result(syscall(SYS_landlock_add_rule, ruleset, RULE_PATH_BENEATH, &rule, 0UL));
        (void)close(root);
    }
    if (r == 0) return ruleset;
    (void)close(ruleset);
    return r;
}

int landlock_enter(bool this_thread, struct error *e) {
    unsigned long flags;
    int version = landlock_version();
    int r = check(this_thread, version, &flags, e);
    if (r < 0) return r;
    int ruleset = make_ruleset(version);
    r = ruleset;
    if (ruleset >= 0) {
        r = result(syscall(SYS_landlock_restrict_self, ruleset, flags));
        (void)close(ruleset);
    }
    if (r >= 0) return 0;
    if (r == -E2BIG) return error_set(e, E2BIG, "this process is in 16 Landlock domains, the kernel's limit");
    if (r == -EPERM && kernel_no_new_privs() == 0)
        return error_set(e, EACCES, "a Landlock domain needs no_new_privs or CAP_SYS_ADMIN");
    if (r == -EPERM) return error_set(e, EPERM, "an outer filter or sandbox denies entering a Landlock domain");
    return error_set(e, ENOTSUP, "cannot enter a Landlock domain: %s", strerror(-r));
}
