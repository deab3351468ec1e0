// SPDX-License-Identifier: MIT
// Mounts, namespaces and the kernel. What would harm the machine is tried with arguments that the kernel refuses: the
// attempt reached it where the errno is another than that of the filter.
#include "attempts.h"

#include "child.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/timex.h>
#include <time.h>
#include <unistd.h>

enum {
    OPEN_TREE = 428,
    MOVE_MOUNT = 429,
    FSOPEN = 430,
    MOUNT_SETATTR = 442,
    OPEN_TREE_ATTR = 467,
    LSM_SET_SELF_ATTR = 460
};

static bool done(long result) {
    return result >= 0;
}

#define try(name, effect)                                                                                              \
    static bool name(void) {                                                                                           \
        return (effect);                                                                                               \
    }

// ---- Mounts, in a mount namespace of the test's own ----------------------------------------------------------------

static void make_mounts(void) {
    if (geteuid() == 0) must(unshare(CLONE_NEWNS) == 0 && mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0);
    make_directory();
    if (geteuid() == 0) must(mount("none", "folder", "tmpfs", 0, NULL) == 0);
}

try(by_mount, done(mount("none", "folder", "tmpfs", 0, NULL)))
    try(by_bind_mount, done(mount("/proc", "folder", NULL, MS_BIND, NULL)))
        try(by_umount, done(umount2("folder", MNT_DETACH))) try(by_chroot, done(chroot("folder")))
            try(by_fsopen, done(syscall(FSOPEN, "tmpfs", 0)))
                try(by_open_tree, done(syscall(OPEN_TREE, AT_FDCWD, "folder", 1 /* OPEN_TREE_CLONE */)))
                    try(by_open_tree_attr,
                        done(syscall(OPEN_TREE_ATTR, AT_FDCWD, "folder", 1, NULL, 0))) static bool by_move_mount(void) {
    return done(syscall(MOVE_MOUNT, AT_FDCWD, "folder", AT_FDCWD, ".", 0)) || errno == EINVAL || errno == ELOOP;
}
static bool by_mount_setattr(void) {
    uint64_t attributes[4] = {MS_RDONLY};
    return done(syscall(MOUNT_SETATTR, AT_FDCWD, "folder", 0, attributes, sizeof attributes));
}

// ---- Namespaces ----------------------------------------------------------------------------------------------------

static int namespace;

static void open_namespace(void) {
    namespace = open("/proc/self/ns/uts", O_RDONLY);
    must(namespace >= 0);
}

try(unshare_user, done(unshare(CLONE_NEWUSER))) try(unshare_mounts, done(unshare(CLONE_NEWNS)))
    try(by_setns, done(setns(namespace, 0)))

        static bool cloned(uint64_t flags) {
    return child_came((pid_t)syscall(SYS_clone, flags | SIGCHLD, 0L, 0L, 0L, 0L));
}
try(clone_user, cloned(CLONE_NEWUSER)) try(clone_user_high, cloned(UINT64_C(1) << 32 | CLONE_NEWUSER))
    try(clone_network, cloned(CLONE_NEWUSER | CLONE_NEWNET))

        static bool clone3_user(void) {
    struct clone_args args = {.flags = CLONE_NEWUSER, .exit_signal = SIGCHLD};
    return child_came((pid_t)syscall(SYS_clone3, &args, sizeof args));
}

// ---- The kernel ----------------------------------------------------------------------------------------------------

static bool reached(long result) {
    return result >= 0 || (errno != EPERM && errno != ENOSYS);
}

static bool by_bpf(void) {
    union bpf_attr attr = {.map_type = BPF_MAP_TYPE_ARRAY, .key_size = 4, .value_size = 4, .max_entries = 1};
    return done(syscall(SYS_bpf, (long)BPF_MAP_CREATE, &attr, sizeof attr));
}
static bool by_adjtimex(void) {
    struct timex t = {0};
    return done(adjtimex(&t));
}
static bool by_clock_adjtime(void) {
    struct timex t = {0};
    return done(clock_adjtime(CLOCK_REALTIME, &t));
}
try(by_add_key, done(syscall(SYS_add_key, "user", "abjure-test", "x", 1L,
                             -1L /* of the thread */))) try(by_keyctl, done(syscall(SYS_keyctl, 0L, -1L, 1L)))
    try(by_request_key, reached(syscall(SYS_request_key, "user", "abjure-none", NULL,
                                        0L))) try(by_init_module, reached(syscall(SYS_init_module, NULL, 0L, NULL)))
        try(by_finit_module, reached(syscall(SYS_finit_module, -1L, NULL,
                                             0L))) try(by_delete_module, reached(syscall(SYS_delete_module, NULL, 0L)))
            try(by_kexec, reached(syscall(SYS_kexec_load, 0L, 17L, NULL,
                                          0L))) try(by_reboot, reached(syscall(SYS_reboot, 0L, 0L, 0L, NULL)))
                try(by_settimeofday, reached(syscall(SYS_settimeofday, (void *)1, NULL)))
                    try(by_clock_settime, reached(syscall(SYS_clock_settime, (long)CLOCK_REALTIME, NULL)))
                        try(by_swapon, reached(syscall(SYS_swapon, NULL, 0L)))
                            try(by_swapoff, reached(syscall(SYS_swapoff, NULL)))
                                try(by_acct, reached(syscall(SYS_acct, "/nowhere")))
                                    try(by_quotactl, reached(syscall(SYS_quotactl, 0L, "/nowhere", 0L, NULL)))
                                        try(by_sethostname, reached(syscall(SYS_sethostname, NULL, 1L)))
                                            try(by_setdomainname, reached(syscall(SYS_setdomainname, NULL, 1L)))
                                                try(by_syslog, reached(syscall(SYS_syslog, 10L, NULL, 0L)))
                                                    try(by_fanotify, reached(syscall(SYS_fanotify_init, 0xffffL, 0L)))
                                                        try(by_mbind,
                                                            reached(syscall(SYS_mbind, NULL, 0L, 99L, NULL, 0L, 0L)))
                                                            try(by_set_attr,
                                                                reached(syscall(LSM_SET_SELF_ATTR, 0L, NULL, 0L, 0L)))
#ifdef SYS_ioperm
                                                                try(by_ioperm, reached(syscall(SYS_ioperm, 0L, 1L, 0L)))
                                                                    try(by_iopl, reached(syscall(SYS_iopl, 4L)))
                                                                        try(by_ldt,
                                                                            done(syscall(SYS_modify_ldt, 0L, NULL, 0L)))
#endif

#define MOUNT "@mount"
#define NAMESPACE "@namespace"
#define KERNEL "@kernel"

                                                                            const
    struct attempt system_attempts[] = {
        {"mount", MOUNT, by_mount, make_mounts, NEEDS_ROOT},
        {"mount, bound", MOUNT, by_bind_mount, make_mounts, NEEDS_ROOT},
        {"umount2", MOUNT, by_umount, make_mounts, NEEDS_ROOT},
        {"chroot", MOUNT, by_chroot, make_mounts, NEEDS_ROOT},
        {"fsopen", MOUNT, by_fsopen, make_mounts, NEEDS_ROOT},
        {"open_tree", MOUNT " @open", by_open_tree, make_mounts, NEEDS_ROOT},
        {"open_tree_attr", MOUNT " @open", by_open_tree_attr, make_mounts, NEEDS_ROOT | MAYBE},
        {"move_mount", MOUNT, by_move_mount, make_mounts, NEEDS_ROOT},
        {"mount_setattr", MOUNT, by_mount_setattr, make_mounts, NEEDS_ROOT},
        {"unshare of users", NAMESPACE, unshare_user, NULL, MAYBE},
        {"unshare of mounts", NAMESPACE, unshare_mounts, NULL, NEEDS_ROOT},
        {"setns", NAMESPACE, by_setns, open_namespace, NEEDS_ROOT},
        {"clone of users", NAMESPACE " @spawn", clone_user, NULL, MAYBE},
        {"clone of users with a high word", NAMESPACE " @spawn", clone_user_high, NULL, MAYBE},
        {"clone of networks", NAMESPACE " @spawn", clone_network, NULL, MAYBE},
        {"clone3 of users", NAMESPACE " @spawn", clone3_user, NULL, MAYBE},
        {"bpf", KERNEL, by_bpf, NULL, NEEDS_ROOT | MAYBE},
        {"adjtimex", KERNEL, by_adjtimex, NULL, 0},
        {"clock_adjtime", KERNEL, by_clock_adjtime, NULL, 0},
        {"add_key", KERNEL, by_add_key, NULL, MAYBE},
        {"keyctl", KERNEL, by_keyctl, NULL, MAYBE},
        {"request_key", KERNEL, by_request_key, NULL, MAYBE},
        {"init_module", KERNEL, by_init_module, NULL, NEEDS_ROOT | MAYBE},
        {"finit_module", KERNEL, by_finit_module, NULL, NEEDS_ROOT | MAYBE},
        {"delete_module", KERNEL, by_delete_module, NULL, NEEDS_ROOT | MAYBE},
        {"kexec_load", KERNEL, by_kexec, NULL, NEEDS_ROOT | MAYBE},
        {"reboot", KERNEL, by_reboot, NULL, NEEDS_ROOT},
        {"settimeofday", KERNEL, by_settimeofday, NULL, 0},
        {"clock_settime", KERNEL, by_clock_settime, NULL, 0},
        {"swapon", KERNEL, by_swapon, NULL, NEEDS_ROOT | MAYBE},
        {"swapoff", KERNEL, by_swapoff, NULL, NEEDS_ROOT | MAYBE},
        {"acct", KERNEL, by_acct, NULL, NEEDS_ROOT | MAYBE},
        {"quotactl", KERNEL, by_quotactl, NULL, MAYBE},
        {"sethostname", KERNEL, by_sethostname, NULL, NEEDS_ROOT},
        {"setdomainname", KERNEL, by_setdomainname, NULL, NEEDS_ROOT},
        {"syslog", KERNEL, by_syslog, NULL, NEEDS_ROOT},
        {"fanotify_init", KERNEL " @open", by_fanotify, NULL, MAYBE},
        {"mbind", KERNEL, by_mbind, NULL, MAYBE},
        {"lsm_set_self_attr", KERNEL, by_set_attr, NULL, MAYBE},
#ifdef SYS_ioperm
        {"ioperm", KERNEL, by_ioperm, NULL, MAYBE},
        {"iopl", KERNEL, by_iopl, NULL, MAYBE},
        {"modify_ldt", KERNEL, by_ldt, NULL, MAYBE},
#endif
        {0},
};
