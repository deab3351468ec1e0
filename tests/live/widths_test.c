// SPDX-License-Identifier: MIT
// Parameters that the kernel cuts to 32 bits although they are declared longer (core/tables/overrides.csv), and int
// parameters of both kinds of rule that matter most. With anything in the high half the kernel does the same, and a
// rule about the value is not passed by. Linux on x86_64.
#include <errno.h>
#include <fcntl.h>
#include <linux/kcmp.h>
#include <linux/keyctl.h>
#include <linux/mempolicy.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "child.h"
#include "syscalls.h"

enum {
    FILE_NUMBER = 50, // the descriptor of a file that holds "content"
    DUPLICATE = 60,
    OTHER_EFFECT = EBADE, // the call succeeded and did something else
    DENIED = EXFULL       // what the rules answer; the kernel's own calls here never do
};

// In the high half of the parameter that is tried.
static uint64_t high;
static pid_t other;    // a process
static long key, ring; // a key, and the keyring that it is in
static char content[] = "content";

static int outcome(long result, bool same_effect) {
    if (result < 0) return errno;
    return same_effect ? 0 : OTHER_EFFECT;
}

// ---- Preparations ---------------------------------------------------------------------------------------------------

static void make_file(void) {
    int fd = memfd_create("widths", MFD_ALLOW_SEALING);
    must(fd >= 0 && write(fd, content, sizeof content) == sizeof content && lseek(fd, 0, SEEK_SET) == 0);
    must(dup2(fd, FILE_NUMBER) == FILE_NUMBER && close(fd) == 0);
}

static void make_pipe(void) {
    int ends[2];
    must(pipe(ends) == 0 && dup2(ends[0], FILE_NUMBER) == FILE_NUMBER);
}

static void make_process(void) {
    must(prctl(PR_SET_DUMPABLE, 1) == 0); // a change of the user has cleared it
    pid_t maker = getpid();
    other = fork();
    must(other >= 0);
    if (other > 0) return;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    while (getppid() == maker)
        pause();
    _exit(0);
}

static void make_key(void) {
    ring = syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL, 0L, 0L, 0L);
    if (ring < 0) return; // which the call itself will say
    key = syscall(SYS_add_key, "user", "abjure", content, sizeof content, ring);
}

// ---- Calls: 0 where it did what it does without the high half, else an errno ----------------------------------------

static int call_socket(void) {
    int family = -1;
    socklen_t size = sizeof family;
    long s = syscall(SYS_socket, high | AF_INET, SOCK_STREAM, 0);
    return outcome(s, s >= 0 && getsockopt((int)s, SOL_SOCKET, SO_DOMAIN, &family, &size) == 0 && family == AF_INET);
}

static int call_clone(void) {
    int status = 0;
    // CLONE_THREAD, in the high half, is none.
    long pid = syscall(SYS_clone, high | SIGCHLD, 0L, 0L, 0L, 0L);
    if (pid == 0) _exit(42);
    return outcome(pid, pid > 0 && waitpid((pid_t)pid, &status, 0) == pid && WEXITSTATUS(status) == 42);
}

// The rights of the mapping at an address, as /proc/self/maps has them.
static bool rights_are(const void *at, const char *rights) {
    char line[512], found[8] = "";
    FILE *maps = fopen("/proc/self/maps", "r");
    while (maps != NULL && fgets(line, sizeof line, maps) != NULL)
        if (strtoull(line, NULL, 16) == (uintptr_t)at) sscanf(line, "%*s %7s", found);
    if (maps != NULL) fclose(maps);
    return strcmp(found, rights) == 0;
}

static void *map(uint64_t prot, uint64_t flags, uint64_t fd) {
    // Alone at its address, so that it does not merge with a neighbour.
    return (void *)syscall(SYS_mmap, 0x7000000000UL, 4096UL, prot, flags, fd, 0UL);
}

static int call_mmap_prot(void) {
    char *page = map(high | PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, (uint64_t)-1);
    return outcome((long)page, page != MAP_FAILED && rights_are(page, "rwxp"));
}

static int call_mmap_flags(void) {
    char *page = map(PROT_READ | PROT_WRITE, high | MAP_SHARED | MAP_ANONYMOUS, (uint64_t)-1);
    return outcome((long)page, page != MAP_FAILED && rights_are(page, "rw-s"));
}

static int call_mmap_fd(void) {
    char *page = map(PROT_READ, MAP_PRIVATE, high | FILE_NUMBER);
    return outcome((long)page, page != MAP_FAILED && strcmp(page, content) == 0);
}

static int reads(long number, long flags) {
    char got[16] = "";
    struct iovec v = {got, sizeof content};
    long n = syscall(number, high | FILE_NUMBER, &v, 1L, 0L, 0L, flags);
    return outcome(n, n == sizeof content && strcmp(got, content) == 0);
}

static int writes(long number, long flags) {
    char got[16] = "", new[] = "changed";
    struct iovec v = {new, sizeof new};
    long n = syscall(number, high | FILE_NUMBER, &v, 1L, 0L, 0L, flags);
    return outcome(n, n == sizeof new &&pread(FILE_NUMBER, got, sizeof got, 0) > 0 && strcmp(got, new) == 0);
}

static int call_readv(void) {
    return reads(SYS_readv, 0);
}

static int call_preadv(void) {
    return reads(SYS_preadv, 0);
}

static int call_preadv2(void) {
    return reads(SYS_preadv2, 0);
}

static int call_writev(void) {
    return writes(SYS_writev, 0);
}

static int call_pwritev(void) {
    return writes(SYS_pwritev, 0);
}

static int call_pwritev2(void) {
    return writes(SYS_pwritev2, 0);
}

static long control(int command, uint64_t value) {
    return syscall(SYS_fcntl, FILE_NUMBER, command, high | value);
}

static int call_duplicate(void) {
    long fd = control(F_DUPFD, DUPLICATE);
    return outcome(fd, fd == DUPLICATE);
}

static int call_duplicate_closing(void) {
    long fd = control(F_DUPFD_CLOEXEC, DUPLICATE);
    return outcome(fd, fd == DUPLICATE && fcntl(DUPLICATE, F_GETFD) == FD_CLOEXEC);
}

static int call_set_closing(void) {
    long r = control(F_SETFD, FD_CLOEXEC);
    return outcome(r, r == 0 && fcntl(FILE_NUMBER, F_GETFD) == FD_CLOEXEC);
}

static int call_set_flags(void) {
    long r = control(F_SETFL, O_NONBLOCK);
    return outcome(r, r == 0 && (fcntl(FILE_NUMBER, F_GETFL) & O_NONBLOCK) != 0);
}

static int call_set_owner(void) {
    long r = control(F_SETOWN, (uint64_t)getpid());
    return outcome(r, r == 0 && fcntl(FILE_NUMBER, F_GETOWN) == getpid());
}

static int call_set_signal(void) {
    long r = control(F_SETSIG, SIGUSR1);
    return outcome(r, r == 0 && fcntl(FILE_NUMBER, F_GETSIG) == SIGUSR1);
}

static int call_set_pipe(void) {
    long r = control(F_SETPIPE_SZ, 4096);
    return outcome(r, fcntl(FILE_NUMBER, F_GETPIPE_SZ) == 4096);
}

static int call_add_seals(void) {
    long r = control(F_ADD_SEALS, F_SEAL_GROW);
    return outcome(r, r == 0 && fcntl(FILE_NUMBER, F_GET_SEALS) == F_SEAL_GROW);
}

static int call_ptrace(void) {
    return outcome(syscall(SYS_ptrace, (long)PTRACE_SEIZE, high | (uint64_t)other, 0L, 0L), true);
}

static int call_mbind(void) {
    unsigned long nodes = 1;
    int mode = -1;
    void *page = map(PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, (uint64_t)-1);
    long r = syscall(SYS_mbind, page, 4096UL, high | MPOL_BIND, &nodes, 64UL, 0UL);
    return outcome(r, r == 0 && syscall(SYS_get_mempolicy, &mode, NULL, 0UL, page, (long)MPOL_F_ADDR) == 0 &&
                          mode == MPOL_BIND);
}

static int call_key_read(void) {
    char got[16] = "";
    if (ring < 0 || key < 0) return ENOKEY;
    long n = syscall(SYS_keyctl, KEYCTL_READ, high | (uint32_t)key, got, sizeof got, 0L);
    return outcome(n, n == sizeof content && strcmp(got, content) == 0);
}

static int call_key_unlink(void) {
    if (ring < 0 || key < 0) return ENOKEY;
    long r = syscall(SYS_keyctl, KEYCTL_UNLINK, key, high | (uint32_t)ring, 0L, 0L);
    // It is in no keyring any more, so nothing finds it.
    return outcome(r, r == 0 && syscall(SYS_keyctl, KEYCTL_SEARCH, ring, "user", "abjure", 0L) < 0);
}

static int call_kcmp(void) {
    long r = syscall(SYS_kcmp, getpid(), getpid(), (long)KCMP_FILE, high | FILE_NUMBER, (long)FILE_NUMBER);
    return outcome(r, r == 0);
}

// ---- Cases ----------------------------------------------------------------------------------------------------------

enum {
    OLDER_REFUSE = 1, // older kernels refuse a value with a high half, which is as good
    MAYBE = 2         // kernels and containers may lack the call
};

static const struct {
    const char *covers; // a row of overrides.csv: entry and parameter
    const char *rule;   // %ld: the process, or the key, or the keyring
    int (*call)(void);
    void (*prepare)(void);
    const long *number;
    unsigned flags;
} cases[] = {
    {"", "socket(family == AF_INET)", call_socket, NULL, NULL, 0},
    {"sys_clone,clone_flags", "clone(flags & CLONE_THREAD == 0)", call_clone, NULL, NULL, 0},
    {"sys_mmap,prot", "mmap(prot & PROT_EXEC == PROT_EXEC)", call_mmap_prot, NULL, NULL, 0},
    {"sys_mmap,prot", "mmap(prot == PROT_READ|PROT_WRITE|PROT_EXEC)", call_mmap_prot, NULL, NULL, 0},
    {"sys_mmap,flags", "mmap(flags & MAP_SHARED == MAP_SHARED)", call_mmap_flags, NULL, NULL, 0},
    {"sys_mmap,flags", "mmap(flags == MAP_SHARED|MAP_ANONYMOUS)", call_mmap_flags, NULL, NULL, 0},
    {"sys_mmap,fd", "mmap(fd == 50)", call_mmap_fd, make_file, NULL, 0},
    {"sys_readv,fd", "readv(fd == 50)", call_readv, make_file, NULL, 0},
    {"sys_writev,fd", "writev(fd == 50)", call_writev, make_file, NULL, 0},
    {"sys_preadv,fd", "preadv(fd == 50)", call_preadv, make_file, NULL, 0},
    {"sys_pwritev,fd", "pwritev(fd == 50)", call_pwritev, make_file, NULL, 0},
    {"sys_preadv2,fd", "preadv2(fd == 50)", call_preadv2, make_file, NULL, 0},
    {"sys_pwritev2,fd", "pwritev2(fd == 50)", call_pwritev2, make_file, NULL, 0},
    {"sys_fcntl,arg", "fcntl(cmd == F_DUPFD && arg == 60)", call_duplicate, make_file, NULL, 0},
    {"sys_fcntl,arg", "fcntl(cmd == F_DUPFD_CLOEXEC && arg < 61)", call_duplicate_closing, make_file, NULL, 0},
    {"sys_fcntl,arg", "fcntl(cmd == F_SETFD && arg == FD_CLOEXEC)", call_set_closing, make_file, NULL, 0},
    {"sys_fcntl,arg", "fcntl(cmd == F_SETFL && arg & O_NONBLOCK == O_NONBLOCK)", call_set_flags, make_file, NULL, 0},
    {"sys_fcntl,arg", "fcntl(cmd == F_SETOWN && arg == self)", call_set_owner, make_pipe, NULL, 0},
    {"sys_fcntl,arg", "fcntl(cmd == F_SETSIG && arg != 0)", call_set_signal, make_pipe, NULL, 0},
    {"sys_fcntl,arg", "fcntl(cmd == F_SETPIPE_SZ && arg == 4096)", call_set_pipe, make_pipe, NULL, OLDER_REFUSE},
    {"sys_fcntl,arg", "fcntl(cmd == F_ADD_SEALS && arg == 4)", call_add_seals, make_file, NULL, OLDER_REFUSE},
    {"sys_ptrace,pid", "ptrace(pid == %ld)", call_ptrace, make_process, NULL, MAYBE},
    {"sys_mbind,mode", "mbind(mode == MPOL_BIND)", call_mbind, NULL, NULL, MAYBE},
    {"sys_keyctl,arg2", "keyctl(arg0 == KEYCTL_READ && arg1 == %ld)", call_key_read, make_key, &key, MAYBE},
    {"sys_keyctl,arg3", "keyctl(arg0 == KEYCTL_UNLINK && arg2 == %ld)", call_key_unlink, make_key, &ring, MAYBE},
    {"sys_kcmp,idx1", "kcmp(idx1 == 50)", call_kcmp, make_file, NULL, MAYBE},
};

struct attempt {
    size_t at;
    bool filtered;
};
static struct attempt now;

static _Noreturn void attempt(void) {
    if (cases[now.at].prepare != NULL) cases[now.at].prepare();
    if (now.filtered) {
        char calls[128], line[160];
        snprintf(calls, sizeof calls, cases[now.at].rule, cases[now.at].number != NULL ? *cases[now.at].number : other);
        snprintf(line, sizeof line, "EXFULL %s", calls);
        child_apply(line);
    }
    _exit(cases[now.at].call());
}

// An errno, 0 for the effect.
static int tried(size_t at, uint64_t half, bool filtered, enum child_user user) {
    now = (struct attempt){at, filtered};
    high = half;
    fflush(NULL);
    int status;
    pid_t pid = fork();
    if (pid == 0) {
        if (user == CHILD_NOBODY) child_drop_privileges();
        attempt();
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static unsigned missing;

static void try_case(size_t at, enum child_user user) {
    static const uint64_t halves[] = {UINT64_C(1) << 32, UINT64_C(0x80000000) << 32, (uint64_t)CLONE_THREAD << 32,
                                      UINT64_C(0xffffffff) << 32};
    int plain = tried(at, 0, false, user);
    if (plain != 0 && cases[at].flags & MAYBE) {
        print_message("  not possible here, by %s: %s: %s\n", user == CHILD_NOBODY ? "nobody" : "root", cases[at].rule,
                      strerror(plain));
        missing++;
        return;
    }
    if (plain != 0) fail_msg("%s: without a filter: %s", cases[at].rule, strerror(plain));
    assert_int_equal(tried(at, 0, true, user), DENIED);
    for (size_t i = 0; i < sizeof halves / sizeof *halves; i++) {
        int same = tried(at, halves[i], false, user);
        if (same != 0 && same != OTHER_EFFECT && cases[at].flags & OLDER_REFUSE) continue;
        if (same != 0) fail_msg("%s: with %#llx: %s", cases[at].rule, (unsigned long long)halves[i], strerror(same));
        assert_int_equal(tried(at, halves[i], true, user), DENIED);
    }
}

static void try_all(enum child_user user) {
    missing = 0;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        try_case(i, user);
    assert_true(missing <= 5);
}

static void the_high_half_changes_nothing(void **state) {
    (void)state;
    try_all(CHILD_AS_IS);
}

static void nor_for_an_ordinary_user(void **state) {
    (void)state;
    try_all(CHILD_NOBODY);
}

// Each row of the table about a call that this machine has is tried above.
static void every_override_is_covered(void **state) {
    (void)state;
    char line[256];
    unsigned rows = 0;
    FILE *file = fopen(OVERRIDES, "r");
    assert_non_null(file);
    while (fgets(line, sizeof line, file) != NULL) {
        char name[64], parameter[64], row[160];
        bool covered = false;
        if (sscanf(line, "sys_%63[^,],%63[^,],", name, parameter) != 2) continue;
        syscall_id id = syscalls_find(name, strlen(name));
        if (id == SYSCALL_NONE || syscalls_number(ABI_X86_64, id) < 0) continue;
        snprintf(row, sizeof row, "sys_%s,%s", name, parameter);
        for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
            covered = covered || strcmp(cases[i].covers, row) == 0;
        if (!covered) fail_msg("no case tries %s", row);
        rows++;
    }
    fclose(file);
    assert_true(rows >= 16);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_override_is_covered),
        cmocka_unit_test(the_high_half_changes_nothing),
        cmocka_unit_test(nor_for_an_ordinary_user),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
