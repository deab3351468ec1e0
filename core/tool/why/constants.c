// SPDX-License-Identifier: MIT
#include "constants.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "abjure.h"
#include "arch.h"
#include "explanation.h"

// Which constants an argument is made of. Words are separated by spaces, and spaces end the lists.
struct meaning {
    const char *calls; // NULL: of any call
    const char *parameter;
    uint64_t mask;      // of the bits that hold one of `values`; 0: all
    const char *values; // of those that are equal the first is the name
    const char *flags;  // single bits beside the mask, or NULL
};

#define SIGNALS                                                                                                        \
    "SIGHUP SIGINT SIGQUIT SIGILL SIGTRAP SIGABRT SIGBUS SIGFPE SIGKILL SIGUSR1 SIGSEGV SIGUSR2 SIGPIPE SIGALRM "      \
    "SIGTERM SIGSTKFLT SIGCHLD SIGCONT SIGSTOP SIGTSTP SIGTTIN SIGTTOU SIGURG SIGXCPU SIGXFSZ SIGVTALRM SIGPROF "      \
    "SIGWINCH SIGIO SIGPWR SIGSYS "

static const struct meaning meanings[] = {
    {"socket socketpair ", "family", 0,
     "AF_UNSPEC AF_UNIX AF_INET AF_INET6 AF_NETLINK AF_PACKET AF_VSOCK AF_ALG AF_BLUETOOTH AF_CAN AF_TIPC AF_XDP "
     "AF_KEY AF_RDS AF_QIPCRTR AF_SMC AF_KCM AF_IB AF_NFC AF_RXRPC AF_MCTP AF_PPPOX AF_LLC AF_MPLS AF_AX25 AF_IPX "
     "AF_APPLETALK AF_X25 ",
     NULL},
    {"socket socketpair ", "type", 0xf,
     "SOCK_STREAM SOCK_DGRAM SOCK_RAW SOCK_RDM SOCK_SEQPACKET SOCK_DCCP SOCK_PACKET ", "SOCK_CLOEXEC SOCK_NONBLOCK "},
    {"accept4 ", "flags", 0, "", "SOCK_CLOEXEC SOCK_NONBLOCK "},
    {"setsockopt getsockopt ", "level", 0,
     "SOL_SOCKET IPPROTO_IP IPPROTO_IPV6 IPPROTO_TCP IPPROTO_UDP IPPROTO_SCTP IPPROTO_RAW SOL_PACKET SOL_NETLINK "
     "SOL_ALG SOL_TLS SOL_XDP ",
     NULL},
    {"shutdown ", "how", 0, "SHUT_RD SHUT_WR SHUT_RDWR ", NULL},
    {"clone ", "clone_flags", 0xff, SIGNALS,
     "CLONE_VM CLONE_FS CLONE_FILES CLONE_SIGHAND CLONE_PIDFD CLONE_PTRACE CLONE_VFORK CLONE_PARENT CLONE_THREAD "
     "CLONE_NEWNS CLONE_SYSVSEM CLONE_SETTLS CLONE_PARENT_SETTID CLONE_CHILD_CLEARTID CLONE_DETACHED CLONE_UNTRACED "
     "CLONE_CHILD_SETTID CLONE_NEWCGROUP CLONE_NEWUTS CLONE_NEWIPC CLONE_NEWUSER CLONE_NEWPID CLONE_NEWNET CLONE_IO "},
    {"unshare ", "unshare_flags", 0, "",
     "CLONE_VM CLONE_FS CLONE_FILES CLONE_SIGHAND CLONE_THREAD CLONE_SYSVSEM CLONE_NEWNS CLONE_NEWCGROUP CLONE_NEWUTS "
     "CLONE_NEWIPC CLONE_NEWUSER CLONE_NEWPID CLONE_NEWNET CLONE_NEWTIME "},
    {"setns ", "flags", 0, "",
     "CLONE_NEWNS CLONE_NEWCGROUP CLONE_NEWUTS CLONE_NEWIPC CLONE_NEWUSER CLONE_NEWPID CLONE_NEWNET CLONE_NEWTIME "},
    {"ptrace ", "request", 0,
     "PTRACE_TRACEME PTRACE_PEEKTEXT PTRACE_PEEKDATA PTRACE_POKETEXT PTRACE_POKEDATA PTRACE_CONT PTRACE_KILL "
     "PTRACE_SINGLESTEP PTRACE_GETREGS PTRACE_SETREGS PTRACE_ATTACH PTRACE_DETACH PTRACE_SYSCALL PTRACE_SETOPTIONS "
     "PTRACE_GETEVENTMSG PTRACE_GETSIGINFO PTRACE_GETREGSET PTRACE_SETREGSET PTRACE_SEIZE PTRACE_INTERRUPT "
     "PTRACE_LISTEN PTRACE_SECCOMP_GET_FILTER PTRACE_GET_SYSCALL_INFO ",
     NULL},
    {"ioctl ", "cmd", 0,
     "TCGETS TCSETS TCSETSW TCSETSF TIOCSTI TIOCLINUX TIOCSCTTY TIOCNOTTY TIOCGWINSZ TIOCSWINSZ TIOCGPGRP TIOCSPGRP "
     "TIOCGPTN TIOCSPTLCK FIONREAD FIONBIO FIOASYNC FIOSETOWN TIOCCONS TIOCSETD USERFAULTFD_IOC_NEW UFFDIO_API ",
     NULL},
    {"prctl ", "option", 0,
     "PR_SET_PDEATHSIG PR_GET_PDEATHSIG PR_GET_DUMPABLE PR_SET_DUMPABLE PR_SET_KEEPCAPS PR_SET_NAME PR_GET_NAME "
     "PR_GET_SECCOMP PR_SET_SECCOMP PR_CAPBSET_READ PR_CAPBSET_DROP PR_SET_SECUREBITS PR_SET_TIMERSLACK PR_SET_MM "
     "PR_SET_CHILD_SUBREAPER PR_SET_NO_NEW_PRIVS PR_GET_NO_NEW_PRIVS PR_SET_THP_DISABLE PR_CAP_AMBIENT "
     "PR_SET_SPECULATION_CTRL PR_SET_PTRACER PR_SCHED_CORE PR_SET_MDWE PR_SET_VMA PR_SET_IO_FLUSHER ",
     NULL},
    {"mmap mmap2 mprotect pkey_mprotect ", "prot", 0, "PROT_NONE ",
     "PROT_READ PROT_WRITE PROT_EXEC PROT_SEM PROT_GROWSDOWN PROT_GROWSUP "},
    {"mmap mmap2 ", "flags", 0xf, "MAP_SHARED MAP_PRIVATE MAP_SHARED_VALIDATE MAP_DROPPABLE ",
     "MAP_FIXED MAP_ANONYMOUS MAP_32BIT MAP_GROWSDOWN MAP_DENYWRITE MAP_EXECUTABLE MAP_LOCKED MAP_NORESERVE "
     "MAP_POPULATE MAP_NONBLOCK MAP_STACK MAP_HUGETLB MAP_SYNC MAP_FIXED_NOREPLACE "},
    {"open openat ", "flags", 3, "O_RDONLY O_WRONLY O_RDWR ",
     "O_TMPFILE O_SYNC O_CREAT O_EXCL O_NOCTTY O_TRUNC O_APPEND O_NONBLOCK O_DSYNC O_ASYNC O_DIRECT O_LARGEFILE "
     "O_DIRECTORY O_NOFOLLOW O_NOATIME O_CLOEXEC O_PATH "},
    {"pipe2 dup3 ", "flags", 0, "", "O_CLOEXEC O_NONBLOCK O_DIRECT "},
    {"fcntl fcntl64 ", "cmd", 0,
     "F_DUPFD F_GETFD F_SETFD F_GETFL F_SETFL F_GETLK F_SETLK F_SETLKW F_SETOWN F_GETOWN F_SETSIG F_GETSIG "
     "F_SETOWN_EX F_GETOWN_EX F_OFD_GETLK F_OFD_SETLK F_OFD_SETLKW F_SETLEASE F_GETLEASE F_NOTIFY F_DUPFD_CLOEXEC "
     "F_SETPIPE_SZ F_GETPIPE_SZ F_ADD_SEALS F_GET_SEALS ",
     NULL},
    {"kill tkill tgkill rt_sigqueueinfo rt_tgsigqueueinfo pidfd_send_signal ", "sig", 0, SIGNALS, NULL},
    {"mount ", "flags", 0, "",
     "MS_RDONLY MS_NOSUID MS_NODEV MS_NOEXEC MS_SYNCHRONOUS MS_REMOUNT MS_MANDLOCK MS_DIRSYNC MS_NOSYMFOLLOW "
     "MS_NOATIME MS_NODIRATIME MS_BIND MS_MOVE MS_REC MS_SILENT MS_UNBINDABLE MS_PRIVATE MS_SLAVE MS_SHARED "
     "MS_RELATIME MS_STRICTATIME MS_LAZYTIME "},
    {"umount2 ", "flags", 0, "", "MNT_FORCE MNT_DETACH MNT_EXPIRE UMOUNT_NOFOLLOW "},
    {"keyctl ", "option", 0,
     "KEYCTL_GET_KEYRING_ID KEYCTL_JOIN_SESSION_KEYRING KEYCTL_UPDATE KEYCTL_REVOKE KEYCTL_CHOWN KEYCTL_SETPERM "
     "KEYCTL_DESCRIBE KEYCTL_CLEAR KEYCTL_LINK KEYCTL_UNLINK KEYCTL_SEARCH KEYCTL_READ KEYCTL_INSTANTIATE "
     "KEYCTL_SET_TIMEOUT KEYCTL_SESSION_TO_PARENT KEYCTL_INVALIDATE KEYCTL_GET_PERSISTENT KEYCTL_CAPABILITIES ",
     NULL},
    {"bpf ", "cmd", 0,
     "BPF_MAP_CREATE BPF_MAP_LOOKUP_ELEM BPF_MAP_UPDATE_ELEM BPF_MAP_DELETE_ELEM BPF_MAP_GET_NEXT_KEY BPF_PROG_LOAD "
     "BPF_OBJ_PIN BPF_OBJ_GET BPF_PROG_ATTACH BPF_PROG_DETACH BPF_BTF_LOAD BPF_LINK_CREATE ",
     NULL},
    {"seccomp ", "op", 0,
     "SECCOMP_SET_MODE_STRICT SECCOMP_SET_MODE_FILTER SECCOMP_GET_ACTION_AVAIL SECCOMP_GET_NOTIF_SIZES ", NULL},
    {"madvise ", "behavior", 0,
     "MADV_NORMAL MADV_RANDOM MADV_SEQUENTIAL MADV_WILLNEED MADV_DONTNEED MADV_FREE MADV_REMOVE MADV_DONTFORK "
     "MADV_DOFORK MADV_MERGEABLE MADV_UNMERGEABLE MADV_HUGEPAGE MADV_NOHUGEPAGE MADV_DONTDUMP MADV_DODUMP "
     "MADV_WIPEONFORK MADV_COLD MADV_PAGEOUT ",
     NULL},
    {"arch_prctl ", "option", 0, "ARCH_SET_GS ARCH_SET_FS ARCH_GET_FS ARCH_GET_GS ARCH_GET_CPUID ARCH_SET_CPUID ",
     NULL},
    {"memfd_create ", "flags", 0, "", "MFD_CLOEXEC MFD_ALLOW_SEALING MFD_HUGETLB MFD_NOEXEC_SEAL MFD_EXEC "},
    {"prlimit64 setrlimit getrlimit ", "resource", 0,
     "RLIMIT_CPU RLIMIT_FSIZE RLIMIT_DATA RLIMIT_STACK RLIMIT_CORE RLIMIT_RSS RLIMIT_NPROC RLIMIT_NOFILE "
     "RLIMIT_MEMLOCK RLIMIT_AS RLIMIT_LOCKS RLIMIT_SIGPENDING RLIMIT_MSGQUEUE RLIMIT_NICE RLIMIT_RTPRIO RLIMIT_RTTIME ",
     NULL},
    {"clock_settime clock_adjtime clock_gettime ", "which_clock", 0,
     "CLOCK_REALTIME CLOCK_MONOTONIC CLOCK_BOOTTIME CLOCK_TAI ", NULL},
    {"renameat2 ", "flags", 0, "", "RENAME_NOREPLACE RENAME_EXCHANGE RENAME_WHITEOUT "},
    {"unlinkat ", "flag", 0, "", "AT_REMOVEDIR "},
    {"linkat ", "flags", 0, "", "AT_SYMLINK_FOLLOW AT_EMPTY_PATH "},
    {"execveat fchownat newfstatat utimensat fchmodat2 statx ", "flags", 0, "",
     "AT_SYMLINK_NOFOLLOW AT_EMPTY_PATH AT_NO_AUTOMOUNT "},
    {"fchownat newfstatat ", "flag", 0, "", "AT_SYMLINK_NOFOLLOW AT_EMPTY_PATH AT_NO_AUTOMOUNT "},
    {"execveat ", "fd", 0, "AT_FDCWD ", NULL},
    {NULL, "dfd", 0, "AT_FDCWD ", NULL},
    {NULL, "olddfd", 0, "AT_FDCWD ", NULL},
    {NULL, "newdfd", 0, "AT_FDCWD ", NULL},
};

static bool has_word(const char *list, const char *word) {
    size_t length = strlen(word);
    for (const char *at = list; *at != '\0'; at += strcspn(at, " ") + 1)
        if (strncmp(at, word, length) == 0 && at[length] == ' ') return true;
    return false;
}

static const struct meaning *meaning_of(const char *call, const char *parameter) {
    for (size_t i = 0; i < sizeof meanings / sizeof meanings[0]; i++) {
        const struct meaning *m = &meanings[i];
        if (strcmp(m->parameter, parameter) == 0 && (m->calls == NULL || has_word(m->calls, call))) return m;
    }
    return NULL;
}

// The next word of a list that this ABI has: *value is what it gives there, at the width of 32 bits that they all have.
static bool next_constant(const char **list, const char *abi, char *word, size_t size, uint64_t *value) {
    while (**list != '\0') {
        size_t length = strcspn(*list, " ");
        snprintf(word, size, "%.*s", (int)length, *list);
        *list += length + 1;
        if (abjure_value(abi, word, value, NULL, 0) == 0) {
            *value &= UINT32_MAX;
            return true;
        }
    }
    return false;
}

static void append(char *text, size_t size, const char *word) {
    size_t at = strlen(text);
    snprintf(text + at, size - at, "%s%s", at > 0 ? "|" : "", word);
}

static bool write_value(const struct meaning *m, const char *abi, uint64_t rest, char *text, size_t size) {
    char word[64];
    uint64_t value, mask = m->mask != 0 ? m->mask : UINT32_MAX;
    for (const char *list = m->values; next_constant(&list, abi, word, sizeof word, &value);) {
        if ((rest & mask) != value) continue;
        append(text, size, word);
        rest &= ~mask;
        break;
    }
    for (const char *list = m->flags != NULL ? m->flags : "";
         rest != 0 && next_constant(&list, abi, word, sizeof word, &value);) {
        if (value == 0 || (rest & value) != value) continue;
        append(text, size, word);
        rest &= ~value;
    }
    if (text[0] == '\0') return false;
    snprintf(word, sizeof word, "0x%" PRIx64, rest);
    if (rest != 0) append(text, size, word);
    return true;
}

static void name_argument(const char *call, const char *abi, struct written_argument *a) {
    static const char with_mode[] = "open openat creat mkdir mkdirat mknod mknodat chmod fchmod fchmodat fchmodat2 ";
    const struct meaning *m = meaning_of(call, a->name);
    uint64_t value = strtoull(a->value, NULL, 0);
    if (strcmp(a->name, "mode") == 0 && has_word(with_mode, call))
        snprintf(a->value, sizeof a->value, "%#" PRIo64, value & UINT32_MAX);
    // What needs more than 32 bits is none of the constants.
    if (m == NULL || (value > UINT32_MAX && (int64_t)value > 0)) return;
    char text[ARGUMENT_VALUE] = "";
    if (!write_value(m, abi, value & UINT32_MAX, text, sizeof text)) return;
    memcpy(a->value, text, sizeof text);
    a->named = true;
}

// "name=value, name=value)", or values without names.
static void take_arguments(struct written_call *out, const char *abi, char *list) {
    char *end = strrchr(list, ')');
    if (end != NULL) *end = '\0';
    for (char *at = list; *at != '\0' && out->count < 6;) {
        char *comma = strstr(at, ", ");
        if (comma != NULL) *comma = '\0';
        char *equals = strchr(at, '=');
        struct written_argument *a = &out->arguments[out->count++];
        if (equals != NULL) snprintf(a->name, sizeof a->name, "%.*s", (int)(equals - at), at);
        snprintf(a->value, sizeof a->value, "%s", equals != NULL ? equals + 1 : at);
        if (a->name[0] != '\0') name_argument(out->name, abi, a);
        at = comma != NULL ? comma + 2 : at + strlen(at);
    }
}

static void write_bare(const struct made_call *call, struct written_call *out) {
    *out = (struct written_call){.count = 6};
    snprintf(out->name, sizeof out->name, "%" PRIu32, call->number);
    for (int i = 0; i < 6; i++)
        snprintf(out->arguments[i].value, ARGUMENT_VALUE, "0x%" PRIx64, call->arguments[i]);
}

void call_write(const struct made_call *call, struct written_call *out) {
    const char *abi = arch_abi(call->arch, call->number);
    abjure_filter *filter = abjure_filter_new();
    char number[16];
    struct explanation e;
    snprintf(number, sizeof number, "%" PRIu32, call->number);
    if (abi == NULL || filter == NULL || explain(filter, abi, number, call->arguments, &e) < 0) {
        write_bare(call, out);
    } else {
        char *text = strdup(e.call);
        char *open = text != NULL ? strchr(text, '(') : NULL;
        *out = (struct written_call){.name = ""};
        snprintf(out->name, sizeof out->name, "%.*s", (int)strcspn(e.call, "("), e.call);
        out->known = out->name[0] < '0' || out->name[0] > '9';
        if (open != NULL) take_arguments(out, abi, open + 1);
        free(text);
        explanation_free(&e);
    }
    abjure_filter_free(filter);
}

void call_text(const struct written_call *call, char *text, size_t size) {
    size_t at = (size_t)snprintf(text, size, "%s(", call->name);
    for (int i = 0; i < call->count && at < size; i++) {
        const struct written_argument *a = &call->arguments[i];
        at += (size_t)snprintf(text + at, size - at, "%s%s%s%s", i > 0 ? ", " : "", a->name,
                               a->name[0] != '\0' ? "=" : "", a->value);
    }
    if (at < size) snprintf(text + at, size - at, ")");
}
