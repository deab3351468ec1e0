// SPDX-License-Identifier: MIT
// Open files and change the file system. Each attempt has a fresh directory with "file", "folder" and "link".
#include "attempts.h"

#include "child.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <linux/io_uring.h>
#include <mqueue.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/xattr.h>
#include <unistd.h>
#include <utime.h>

#define HIGH (UINT64_C(1) << 32)

// Calls that this C library may not name.
enum {
    FCHMODAT2 = 452,
    SETXATTRAT = 463,
    REMOVEXATTRAT = 466,
    FILE_GETATTR = 468,
    FILE_SETATTR = 469
};
enum {
    RING_OPENAT = 18,
    RING_UNLINKAT = 36,
    RING_MKDIRAT = 37
};

static bool exists(const char *name) {
    struct stat s;
    return lstat(name, &s) == 0;
}

static off_t size_of(const char *name) {
    struct stat s;
    return lstat(name, &s) == 0 ? s.st_size : -1;
}

static int reading; // of "file"

static void make_reading(void) {
    make_directory();
    reading = open("file", O_RDONLY | O_CLOEXEC);
    must(reading >= 0);
}

// `try` defines an attempt out of what it does.
#define try(name, effect)                                                                                              \
    static bool name(void) {                                                                                           \
        return (effect);                                                                                               \
    }

static bool done(long result) {
    return result >= 0;
}

#define OPENAT(flags) done(syscall(SYS_openat, AT_FDCWD, "file", (uint64_t)(flags), 0600L))

try(open_read, OPENAT(O_RDONLY)) try(open_write, OPENAT(O_WRONLY)) try(open_both, OPENAT(O_RDWR))
    try(open_append, OPENAT(O_WRONLY | O_APPEND)) try(open_high, OPENAT(HIGH | O_WRONLY))
        try(open_truncate, OPENAT(O_TRUNC) && size_of("file") == 0)
            try(open_create, done(open("new", O_RDONLY | O_CREAT, 0600)) && exists("new"))
                try(open_temporary, done(open(".", O_TMPFILE | O_RDWR, 0600)))
#ifdef SYS_open
                    try(old_open, done(syscall(SYS_open, "file", O_WRONLY)))
                        try(old_open_read, done(syscall(SYS_open, "file", O_RDONLY)))
                            try(by_creat, done(syscall(SYS_creat, "new", 0600)) && exists("new"))
#endif

                                static bool by_openat2(void) {
    uint64_t how[3] = {O_WRONLY | O_CREAT, 0600, 0};
    return done(syscall(SYS_openat2, AT_FDCWD, "new", how, sizeof how)) && exists("new");
}

static bool ring_open(int flags) {
    struct io_uring_sqe e = {
        .opcode = RING_OPENAT, .fd = AT_FDCWD, .addr = (uintptr_t) "file", .open_flags = (unsigned)flags};
    return ring_submit(&e) >= 0;
}
try(ring_open_read, ring_open(O_RDONLY)) try(ring_open_write, ring_open(O_WRONLY))

    static bool ring_path(unsigned char opcode, const char *name) {
    struct io_uring_sqe e = {.opcode = opcode, .fd = AT_FDCWD, .addr = (uintptr_t)name, .len = 0700};
    return ring_submit(&e) >= 0;
}
try(ring_mkdir, ring_path(RING_MKDIRAT, "new") && exists("new")) static bool ring_unlink(void) {
    struct io_uring_sqe e = {.opcode = RING_UNLINKAT, .fd = AT_FDCWD, .addr = (uintptr_t) "file"};
    return ring_submit(&e) >= 0 && !exists("file");
}

static struct {
    struct file_handle head;
    char bytes[MAX_HANDLE_SZ];
} handle;
static int mount_id;

static void make_handle(void) {
    make_reading();
    handle.head.handle_bytes = MAX_HANDLE_SZ;
    name_to_handle_at(AT_FDCWD, "file", &handle.head, &mount_id, 0);
}
try(handle_read, done(open_by_handle_at(reading, &handle.head,
                                        O_RDONLY))) try(handle_write,
                                                        done(open_by_handle_at(reading, &handle.head, O_WRONLY)))

    try(by_truncate,
        done(truncate("file", 1)) && size_of("file") == 1) try(by_rename, done(rename("file", "new")) && exists("new"))
        try(by_renameat, done(renameat(AT_FDCWD, "file", AT_FDCWD, "new")) &&
                             exists("new")) try(by_renameat2, done(renameat2(AT_FDCWD, "file", AT_FDCWD, "new", 1)) &&
                                                                  exists("new")) try(by_unlink, done(unlink("file")) &&
                                                                                                    !exists("file"))
            try(by_unlinkat, done(unlinkat(AT_FDCWD, "file", 0)) &&
                                 !exists("file")) try(by_rmdir, done(rmdir("folder")) && !exists("folder"))
                try(by_mkdir, done(mkdir("new", 0700)) &&
                                  exists("new")) try(by_mkdirat, done(mkdirat(AT_FDCWD, "new", 0700)) && exists("new"))
                    try(by_mknod, done(mknod("new", S_IFIFO | 0600, 0)) &&
                                      exists("new")) try(by_link, done(link("file", "new")) && exists("new"))
                        try(by_linkat, done(linkat(AT_FDCWD, "file", AT_FDCWD, "new", 0)) &&
                                           exists("new")) try(by_symlink, done(symlink("file", "new")) && exists("new"))
                            try(by_symlinkat, done(symlinkat("file", AT_FDCWD, "new")) && exists("new"))
                                try(by_chmod, done(chmod("file", 0600))) try(by_fchmod, done(fchmod(reading, 0600)))
                                    try(by_fchmodat, done(syscall(SYS_fchmodat, AT_FDCWD, "file", 0600)))
                                        try(by_fchmodat2,
                                            done(syscall(FCHMODAT2, AT_FDCWD, "file", 0600,
                                                         0))) try(by_chown, done(chown("file", getuid(), getgid())))
                                            try(by_lchown, done(lchown("link", getuid(), getgid())))
                                                try(by_fchown, done(fchown(reading, getuid(), getgid()))) try(
                                                    by_fchownat, done(fchownat(AT_FDCWD, "file", getuid(), getgid(),
                                                                               0))) try(by_utime,
                                                                                        done(utime("file", NULL)))
                                                    try(by_utimensat, done(utimensat(AT_FDCWD, "file", NULL, 0)))
                                                        try(by_futimens, done(futimens(reading, NULL)))
#ifdef SYS_futimesat
                                                            try(by_futimesat,
                                                                done(syscall(SYS_futimesat, AT_FDCWD, "file", NULL)))
                                                                try(by_utimes, done(syscall(SYS_utimes, "file", NULL)))
#endif
                                                                    try(by_setxattr,
                                                                        done(setxattr("file", "user.new", "x", 1, 0)))
                                                                        try(by_fsetxattr,
                                                                            done(fsetxattr(
                                                                                reading, "user.new", "x", 1,
                                                                                0))) static void make_attribute(void) {
    make_reading();
    setxattr("file", "user.old", "x", 1, 0);
}
try(by_removexattr, done(removexattr("file", "user.old"))) try(by_fremovexattr, done(fremovexattr(reading, "user.old")))
    try(by_removexattrat, done(syscall(REMOVEXATTRAT, AT_FDCWD, "file", 0, "user.old")))

        static bool by_setxattrat(void) {
    struct {
        uint64_t value;
        uint32_t size, flags;
    } argument = {(uintptr_t) "x", 1, 0};
    return done(syscall(SETXATTRAT, AT_FDCWD, "file", 0, "user.new", &argument, sizeof argument));
}

static bool flagged(uint64_t set) {
    int flags = 0;
    if (ioctl(reading, FS_IOC_GETFLAGS, &flags) != 0) return false;
    flags |= FS_NODUMP_FL;
    return syscall(SYS_ioctl, reading, set, &flags) == 0;
}
try(by_flags, flagged(FS_IOC_SETFLAGS)) try(flags_high, flagged(HIGH | FS_IOC_SETFLAGS))

    static bool by_fsxattr(void) {
    struct fsxattr a;
    return ioctl(reading, FS_IOC_FSGETXATTR, &a) == 0 && ioctl(reading, FS_IOC_FSSETXATTR, &a) == 0;
}

static bool by_file_setattr(void) {
    char attributes[24] = {0};
    return done(syscall(FILE_GETATTR, AT_FDCWD, "file", attributes, sizeof attributes, 0)) &&
           done(syscall(FILE_SETATTR, AT_FDCWD, "file", attributes, sizeof attributes, 0));
}

static bool by_mq_open(void) {
    static const char name[] = "/abjure-live-test";
    mqd_t queue = mq_open(name, O_RDWR | O_CREAT, 0600, NULL);
    mq_unlink(name);
    return queue >= 0;
}

static bool by_bind(void) {
    struct sockaddr_un a = {.sun_family = AF_UNIX, .sun_path = "new"};
    return bind(socket(AF_UNIX, SOCK_STREAM, 0), (struct sockaddr *)&a, sizeof a) == 0 && exists("new");
}

// A limit above 0 lets a crash write a file.
static bool core_limit(void) {
    struct rlimit limit = {0, 0};
    return syscall(SYS_setrlimit, (long)RLIMIT_CORE, &limit) == 0;
}

static bool core_limit_new(void) {
    struct rlimit limit = {0, 0};
    return syscall(SYS_prlimit64, 0L, (long)RLIMIT_CORE, &limit, NULL) == 0;
}

#define OPEN "@open"
#define WRITE "@write"
#define BOTH "@open @write"

const struct attempt file_attempts[] = {
    {"openat for reading", OPEN, open_read, make_directory, 0},
    {"openat for writing", BOTH, open_write, make_directory, 0},
    {"openat for both", BOTH, open_both, make_directory, 0},
    {"openat to append", BOTH, open_append, make_directory, 0},
    {"openat with a high word", BOTH, open_high, make_directory, 0},
    {"openat O_RDONLY|O_TRUNC", BOTH, open_truncate, make_directory, 0},
    {"openat O_RDONLY|O_CREAT", BOTH, open_create, make_directory, 0},
    {"openat O_TMPFILE", BOTH, open_temporary, make_directory, MAYBE},
#ifdef SYS_open
    {"open for reading", OPEN, old_open_read, make_directory, 0},
    {"open for writing", BOTH, old_open, make_directory, 0},
    {"creat", BOTH, by_creat, make_directory, 0},
#endif
    {"openat2", BOTH, by_openat2, make_directory, 0},
    {"open by io_uring", BOTH, ring_open_read, make_directory, MAYBE},
    {"open for writing by io_uring", BOTH, ring_open_write, make_directory, MAYBE},
    {"mkdir by io_uring", WRITE, ring_mkdir, make_directory, MAYBE},
    {"unlink by io_uring", WRITE, ring_unlink, make_directory, MAYBE},
    {"open_by_handle_at for reading", OPEN, handle_read, make_handle, NEEDS_ROOT | MAYBE},
    {"open_by_handle_at for writing", BOTH, handle_write, make_handle, NEEDS_ROOT | MAYBE},
    {"truncate", WRITE, by_truncate, make_directory, 0},
    {"rename", WRITE, by_rename, make_directory, 0},
    {"renameat", WRITE, by_renameat, make_directory, 0},
    {"renameat2", WRITE, by_renameat2, make_directory, 0},
    {"unlink", WRITE, by_unlink, make_directory, 0},
    {"unlinkat", WRITE, by_unlinkat, make_directory, 0},
    {"rmdir", WRITE, by_rmdir, make_directory, 0},
    {"mkdir", WRITE, by_mkdir, make_directory, 0},
    {"mkdirat", WRITE, by_mkdirat, make_directory, 0},
    {"mknod", WRITE, by_mknod, make_directory, 0},
    {"link", WRITE, by_link, make_directory, 0},
    {"linkat", WRITE, by_linkat, make_directory, 0},
    {"symlink", WRITE, by_symlink, make_directory, 0},
    {"symlinkat", WRITE, by_symlinkat, make_directory, 0},
    {"chmod", WRITE, by_chmod, make_directory, 0},
    {"fchmod of a descriptor for reading", WRITE, by_fchmod, make_reading, 0},
    {"fchmodat", WRITE, by_fchmodat, make_directory, 0},
    {"fchmodat2", WRITE, by_fchmodat2, make_directory, MAYBE},
    {"chown", WRITE, by_chown, make_directory, 0},
    {"lchown", WRITE, by_lchown, make_directory, 0},
    {"fchown", WRITE, by_fchown, make_reading, 0},
    {"fchownat", WRITE, by_fchownat, make_directory, 0},
    {"utime", WRITE, by_utime, make_directory, 0},
    {"utimensat", WRITE, by_utimensat, make_directory, 0},
    {"futimens", WRITE, by_futimens, make_reading, 0},
#ifdef SYS_futimesat
    {"futimesat", WRITE, by_futimesat, make_directory, 0},
    {"utimes", WRITE, by_utimes, make_directory, 0},
#endif
    {"setxattr", WRITE, by_setxattr, make_directory, MAYBE},
    {"fsetxattr", WRITE, by_fsetxattr, make_reading, MAYBE},
    {"setxattrat", WRITE, by_setxattrat, make_directory, MAYBE},
    {"removexattr", WRITE, by_removexattr, make_attribute, MAYBE},
    {"fremovexattr", WRITE, by_fremovexattr, make_attribute, MAYBE},
    {"removexattrat", WRITE, by_removexattrat, make_attribute, MAYBE},
    {"FS_IOC_SETFLAGS", WRITE, by_flags, make_reading, MAYBE},
    {"FS_IOC_SETFLAGS with a high word", WRITE, flags_high, make_reading, MAYBE},
    {"FS_IOC_FSSETXATTR", WRITE, by_fsxattr, make_reading, MAYBE},
    {"file_setattr", WRITE, by_file_setattr, make_directory, MAYBE},
    {"mq_open", WRITE, by_mq_open, NULL, MAYBE},
    {"bind of AF_UNIX", WRITE " @listen", by_bind, make_directory, 0},
    {"setrlimit RLIMIT_CORE", WRITE, core_limit, NULL, 0},
    {"prlimit64 RLIMIT_CORE", WRITE, core_limit_new, NULL, 0},
    {0},
};
