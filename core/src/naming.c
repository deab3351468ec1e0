// SPDX-License-Identifier: MIT
#include "naming.h"

#include <string.h>

#include "text.h"

enum {
    NAMES = 12, // of one value at most; more are less readable than a number
    ALL = -1
};

// What a parameter takes: names with these prefixes. The bits of `field` are one choice, the others are flags, each of
// one bit.
struct family {
    const char *call, *parameter; // call NULL: of all calls that have no row of their own
    const char *prefixes;         // separated by spaces
    int64_t field;
};

static const struct family families[] = {
    {"socket", "type", "SOCK_", 0xf},
    {"socketpair", "type", "SOCK_", 0xf},
    {"kcmp", "type", "KCMP_", ALL},
    {NULL, "family", "AF_", ALL},
    {"socket", "protocol", "IPPROTO_", ALL},
    {"accept4", "flags", "SOCK_", 0xf},
    {"clone", "clone_flags", "CLONE_ SIG", 0xff},
    {"unshare", "unshare_flags", "CLONE_", 0},
    {"setns", "flags", "CLONE_", 0},
    {"mmap", "flags", "MAP_", 0xf},
    {"mmap2", "flags", "MAP_", 0xf},
    {NULL, "prot", "PROT_", 0},
    {"mremap", "flags", "MREMAP_", 0},
    {"mlockall", "flags", "MCL_", 0},
    {NULL, "behavior", "MADV_", ALL},
    {"open", "flags", "O_", 3},
    {"openat", "flags", "O_", 3},
    {"open_by_handle_at", "flags", "O_", 3},
    {"pipe2", "flags", "O_", 3},
    {"dup3", "flags", "O_", 3},
    {"mq_open", "oflag", "O_", 3},
    {"faccessat2", "flags", "AT_", 0},
    {"statx", "flags", "AT_", 0},
    {"linkat", "flags", "AT_", 0},
    {NULL, "dfd", "AT_FDCWD", ALL},
    {NULL, "flag", "AT_", 0},
    {"fcntl", "cmd", "F_", ALL},
    {"fcntl64", "cmd", "F_", ALL},
    {"ioctl", "cmd", "TIOC TC FIO SIOC FS_IOC BLK LOOP_ TUN UFFDIO PERF_EVENT_IOC SECCOMP_IOCTL VT_ KD", ALL},
    {"flock", "cmd", "LOCK_", ALL},
    {"bpf", "cmd", "BPF_", ALL},
    {"membarrier", "cmd", "MEMBARRIER_CMD_", ALL},
    {"msgctl", "cmd", "IPC_ MSG_", ALL},
    {"semctl", "cmd", "IPC_ GET SET SEM_", ALL},
    {"shmctl", "cmd", "IPC_ SHM_", ALL},
    {"fsconfig", "cmd", "FSCONFIG_", ALL},
    {"prctl", "option", "PR_", ALL},
    {"arch_prctl", "option", "ARCH_", ALL},
    {"keyctl", "option", "KEYCTL_", ALL},
    {NULL, "personality", "PER_ UNAME26 ADDR_", ALL},
    {"ptrace", "request", "PTRACE_", ALL},
    {NULL, "level", "SOL_ IPPROTO_", ALL},
    {"futex", "op", "FUTEX_", 0x7f},
    {"seccomp", "op", "SECCOMP_SET_ SECCOMP_GET_", ALL},
    {"epoll_ctl", "op", "EPOLL_CTL_", ALL},
    {NULL, "sig", "SIG", ALL},
    {"rt_sigprocmask", "how", "SIG_", ALL},
    {"shutdown", "how", "SHUT_", ALL},
    {NULL, "whence", "SEEK_", ALL},
    {NULL, "resource", "RLIMIT_", ALL},
    {NULL, "clockid", "CLOCK_", ALL},
    {NULL, "which_clock", "CLOCK_", ALL},
    {NULL, "policy", "SCHED_", ALL},
    {"set_mempolicy", "mode", "MPOL_", ALL},
    {"mbind", "mode", "MPOL_", ALL},
    {"fallocate", "mode", "FALLOC_FL_", 0},
    {"fadvise64", "advice", "POSIX_FADV_", ALL},
    {"getrandom", "flags", "GRND_", 0},
    {"memfd_create", "flags", "MFD_", 0},
    {"mount", "flags", "MS_", 0},
    {"umount2", "flags", "MNT_ UMOUNT_", 0},
    {"io_uring_register", "opcode", "IORING_REGISTER_ IORING_UNREGISTER_", ALL},
    {"socketcall", "call", "SYS_", ALL},
};

// Second names of a value, and ends of ranges.
static const char *const not_names[] = {
    "AF_LOCAL",
    "AF_FILE",
    "AF_ROUTE",
    "AF_MAX",
    "SIGIOT",
    "SIGPOLL",
    "SIGCLD",
    "SIGUNUSED",
    "SIGSTKSZ",
    "O_NDELAY",
    "O_FSYNC",
    "O_ASYNC",
    "MAP_ANON",
    "MAP_FILE",
    "PER_MASK",
    "CLONE_PIDFD_AUTOKILL",
    "F_LINUX_SPECIFIC_BASE",
    "PTRACE_OLDSETOPTIONS",
    "SIGSWI",
    "SIGEV_NONE",
    "SIGEV_SIGNAL",
    "SIGEV_THREAD",
    "SIGEV_THREAD_ID",
};

static const struct family *family_of(enum abi_id abi, syscall_id id, unsigned argument) {
    if (id == SYSCALL_NONE || argument >= SYSCALL_ARGUMENTS) return NULL;
    const char *name = syscalls_parameter(abi, id, argument).name;
    const struct family *any = NULL;
    for (size_t i = 0; i < sizeof families / sizeof families[0]; i++) {
        const struct family *f = &families[i];
        if (strcmp(f->parameter, name) != 0) continue;
        if (f->call == NULL)
            any = f;
        else if (strcmp(f->call, syscalls_name(id)) == 0)
            return f;
    }
    return any;
}

static bool is_name(const char *name) {
    for (size_t i = 0; i < sizeof not_names / sizeof not_names[0]; i++)
        if (strcmp(not_names[i], name) == 0) return false;
    return true;
}

// The first name from which on they start with the prefix.
static int first_with(const char *prefix, size_t length) {
    size_t low = 0, high = constants_count();
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (strncmp(constants_name((int)middle), prefix, length) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return (int)low;
}

// The constant of the family with (value & mask) == wanted, or NULL.
static const char *exact(enum abi_id abi, const struct family *f, uint64_t mask, uint64_t wanted) {
    for (const char *prefix = f->prefixes; *prefix != '\0'; prefix += strspn(prefix, " ")) {
        const size_t length = strcspn(prefix, " ");
        const char *best = NULL;
        for (size_t i = (size_t)first_with(prefix, length); i < constants_count(); i++) {
            const char *name = constants_name((int)i);
            int64_t value;
            if (strncmp(name, prefix, length) != 0) break;
            if (!constants_value(abi, (int)i, &value) || ((uint64_t)value & mask) != wanted || !is_name(name)) continue;
            if (best == NULL || strlen(name) < strlen(best)) best = name;
        }
        if (best != NULL) return best;
        prefix += length;
    }
    return NULL;
}

static bool write_names(const char *const *names, unsigned count, struct text *t) {
    for (unsigned i = 0; i < count; i++)
        text_add(t, "%s%s", i > 0 ? "|" : "", names[i]);
    return count > 0;
}

// One name for each bit, behind the `count` names that are there; 0: there is none for one of them.
static unsigned add_flags(enum abi_id abi, const struct family *f, uint64_t flags, const char **names, unsigned count) {
    for (; flags != 0; flags &= flags - 1) {
        const char *name = exact(abi, f, UINT64_MAX, flags & (0u - flags));
        if (name == NULL || count == NAMES) return 0;
        names[count++] = name;
    }
    return count;
}

bool naming_value(enum abi_id abi, syscall_id id, unsigned argument, unsigned width, uint64_t mask, uint64_t value,
                  struct text *t) {
    const struct family *f = family_of(abi, id, argument);
    const char *names[NAMES];
    unsigned count = 0;
    if (f == NULL) return false;
    const uint64_t ones = width >= 64 ? UINT64_MAX : (UINT64_C(1) << width) - 1;
    if (f->field == ALL) {
        if ((mask & ones) != ones) return false;
        names[0] = exact(abi, f, ones, value);
        return names[0] != NULL && write_names(names, 1, t);
    }
    const uint64_t field = (uint64_t)f->field & mask, choice = value & field;
    if (choice != 0 || (field != 0 && value == 0)) {
        // Flags may have names with the bits of a choice, and choices names with the bits of a flag.
        names[0] = exact(abi, f, UINT64_MAX, choice);
        if (names[0] == NULL) return false;
        count = 1;
    }
    return write_names(names, add_flags(abi, f, value & ~field, names, count), t);
}

bool naming_mask(enum abi_id abi, syscall_id id, unsigned argument, uint64_t mask, struct text *t) {
    const struct family *f = family_of(abi, id, argument);
    const char *names[NAMES];
    unsigned count = 0;
    if (f == NULL || f->field == ALL) return false;
    const uint64_t field = (uint64_t)f->field & mask;
    if (field != 0) {
        names[0] = field == (uint64_t)f->field ? exact(abi, f, UINT64_MAX, field) : NULL;
        if (names[0] == NULL) return false;
        count = 1;
    }
    return write_names(names, add_flags(abi, f, mask & ~field, names, count), t);
}
