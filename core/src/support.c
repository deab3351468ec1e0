// SPDX-License-Identifier: MIT
#include "support.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "error.h"
#include "kernel.h"
#include "landlock.h"
#include "text.h"

enum {
    CAPABILITY_SYS_ADMIN = 21,
    CAPABILITY_AUDIT_READ = 37,
    ERRNO_ENOTSUPP = 524, // the kernel's own, which it returns where the JIT has no memory
    CHAIN_LIMIT = 32768,  // instructions of all filters of a thread, each counting 4 more (MAX_INSNS_PER_PATH)
    // The kernel makes at most three instructions of one, so that only the third filter can exceed the limit.
    FILTERS_BELOW_LIMIT = 2,
};

// ---- What is this ---------------------------------------------------------------------------------------------------

// An emulator of system calls gives /proc/self/exe as the program, and forgets its twin of Linux 3.17.
static const char *emulator_of_files(void) {
    char self[256], thread[256];
    ssize_t a = readlink("/proc/self/exe", self, sizeof self);
    ssize_t b = readlink("/proc/thread-self/exe", thread, sizeof thread - 1);
    if (a <= 0 || b <= 0) return NULL;
    thread[b] = '\0';
    if (strstr(thread, "/rosetta")) return "Rosetta";
    if (a == b && memcmp(self, thread, (size_t)a) == 0) return NULL;
    if (strstr(thread, "/qemu-")) return "qemu-user";
    return "an emulator";
}

const char *support_emulator(void) {
    struct utsname name;
    if (uname(&name) == 0) {
        // gVisor answers with this one build for ever; WSL2 is a real kernel and spells "microsoft" small.
        if (strstr(name.version, "Sun Jan 10 15:06:54 PST 2016")) return "gVisor";
        if (strstr(name.release, "-Microsoft")) return "WSL1";
    }
    return emulator_of_files();
}

static bool readable(const char *path) {
    return access(path, R_OK) == 0;
}

// /dev/kmsg asks for more than its mode says (kernel.dmesg_restrict), and only when it is opened.
static bool log_opens(void) {
    int fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (fd >= 0) close(fd);
    return fd >= 0;
}

// ---- Why a load failed ----------------------------------------------------------------------------------------------

// Before 3.17 there were filters without seccomp(2): PR_SET_SECCOMP then faults on a NULL program.
static bool prctl_filters(void) {
    return prctl(PR_SET_SECCOMP, (unsigned long)SECCOMP_MODE_FILTER, 0UL, 0UL, 0UL) < 0 && errno == EFAULT;
}

static bool chain_is_full(long filters) {
    if (filters >= 0) return filters > FILTERS_BELOW_LIMIT;
    return prctl(PR_GET_SECCOMP, 0UL, 0UL, 0UL, 0UL) == SECCOMP_MODE_FILTER; // likelier than no memory
}

int support_errno(int err, long filters) {
    switch (err) {
    case -ENOSYS:
    case -EINVAL:
        if (kernel_probe(0) == -EFAULT) return -EINVAL;
        return prctl_filters() ? -ENOTSUP : -ENOSYS;
    case -EACCES:
        return kernel_no_new_privs() == 1 ? -EPERM : -EACCES; // with it, the kernel has no such reason
    case -ENOMEM:
        return chain_is_full(filters) ? -E2BIG : -ENOMEM;
    case -ERRNO_ENOTSUPP:
        return -ENOBUFS;
    case -EBUSY:
    case -ENOTSUP:
    case -ESRCH:
        return err;
    default:
        return -EPERM;
    }
}

static int explain_missing(struct error *e) {
    const char *emulator = support_emulator();
    if (emulator)
        return error_set(e, ENOSYS,
                         "no seccomp here: this process runs under %s, which does not load filters; run the program on "
                         "a machine of its own architecture, or in a virtual machine",
                         emulator);
    return error_set(e, ENOSYS,
                     "no seccomp in this kernel: it needs Linux 3.5 with CONFIG_SECCOMP and CONFIG_SECCOMP_FILTER");
}

static int explain_chain(uint32_t instructions, long filters, struct error *e) {
    char present[32] = "";
    struct text t;
    text_start(&t, present, sizeof present);
    if (filters >= 0) text_add(&t, "%ld ", filters);
    (void)text_end(&t);
    return error_set(
        e, E2BIG,
        "too many filters: this process has %sfilters already, and with the %u instructions of this one they "
        "exceed the %d that the kernel allows in all; load one filter instead of many (the load option "
        "\"once\" skips one that is in force), or start the program afresh",
        present, instructions, CHAIN_LIMIT);
}

static int explain_jit(struct error *e) {
    char limit[32];
    bool known = kernel_line("/proc/sys/net/core/bpf_jit_limit", NULL, limit, sizeof limit) == 0 && limit[0];
    return error_set(
        e, ENOBUFS,
        "the kernel's memory for compiled BPF programs is full (net.core.bpf_jit_limit%s%s): raise it with "
        "sysctl, or end the processes and containers that hold many filters",
        known ? " = " : "", known ? limit : "");
}

int support_explain(int err, uint32_t instructions, long filters, struct error *e) {
    switch (-support_errno(err, filters)) {
    case ENOSYS:
        return explain_missing(e);
    case EINVAL:
        return error_set(e, EINVAL, "the kernel refuses the program as invalid");
    case EACCES:
        return error_set(e, EACCES,
                         "not permitted: no_new_privs is off and the process has no CAP_SYS_ADMIN; leave no_new_privs "
                         "on, or load as root");
    case E2BIG:
        return explain_chain(instructions, filters, e);
    case ENOMEM:
        return error_set(e, ENOMEM, "the kernel has no memory for the filter: look at the limits of the cgroup");
    case ENOBUFS:
        return explain_jit(e);
    case EBUSY:
        return error_set(e, EBUSY,
                         "a filter with user notification is in force and the kernel takes only one: start the program "
                         "outside of that sandbox");
    case ENOTSUP:
        return error_set(e, ENOTSUP,
                         "this kernel (before 3.17) can filter the calling thread only, and the process has others: "
                         "load before they start, or use the option \"this_thread\"");
    default:
        return error_set(
            e, EPERM,
            "an outer filter or sandbox denies loading filters (%s): allow seccomp and prctl in it (Docker "
            "and Kubernetes: in the seccomp profile)",
            strerror(-err));
    }
}

// ---- What there is --------------------------------------------------------------------------------------------------

static void line(struct text *t, const char *name, bool yes, const char *reason) {
    text_add(t, "%s: %s%s%s\n", name, yes ? "yes" : "no", yes ? "" : " - ", yes ? "" : reason);
}

static void write_system(struct text *t) {
    struct utsname name;
    if (uname(&name) == 0) text_add(t, "kernel: %s\n", name.release);
    enum abi_id native = abi_native();
    text_add(t, "abi: %s\n",
             native == ABI_NONE ? "no - the core has no table for this architecture" : abis[native].name);
    const char *emulator = support_emulator();
    text_add(t, "emulator: %s\n", emulator ? emulator : "no");
}

static const char *container(char *buffer, size_t size) {
    if (readable("/.dockerenv")) return "docker";
    if (readable("/run/.containerenv")) return "podman";
    if (getenv("KUBERNETES_SERVICE_HOST")) return "kubernetes";
    if (kernel_line("/run/systemd/container", NULL, buffer, size) == 0 && buffer[0]) return buffer;
    const char *other = getenv("container");
    return other && other[0] ? other : NULL;
}

// The state of seccomp as a whole: the reason why filters cannot be loaded, or NULL.
static const char *why_not(int probe) {
    if (probe == -EFAULT) return NULL; // no_new_privs is no reason: the library sets it
    if (support_emulator()) return "the emulator has none; run natively, or in a virtual machine";
    if (probe == -ENOSYS) return "no seccomp(2): before Linux 3.17, or without CONFIG_SECCOMP";
    if (probe == -EINVAL) return "the kernel lacks CONFIG_SECCOMP_FILTER";
    return "an outer filter or sandbox denies seccomp(2): start outside of it, or allow seccomp and prctl in it";
}

static void write_seccomp(struct text *t, const struct kernel_task *task, int probe, const char *reason) {
    int mode = prctl(PR_GET_SECCOMP, 0UL, 0UL, 0UL, 0UL);
    bool there = mode >= 0 || probe == -EFAULT || task->mode >= 0;
    line(t, "seccomp", there && !support_emulator(),
         support_emulator() ? "the emulator has none" : "the kernel lacks CONFIG_SECCOMP");
    line(t, "filter", reason == NULL, reason);
    if (task->filters >= 0)
        text_add(t, "filters: %ld\n", task->filters);
    else
        text_add(t, "filters: %s - the kernel tells the number since 5.9\n", task->mode == 2 ? "some" : "unknown");
    int threads = kernel_task_count();
    if (threads > 0) text_add(t, "threads: %d\n", threads);
}

static void write_actions(struct text *t, const char *reason) {
    static const struct {
        const char *name;
        uint32_t verdict;
        const char *since;
    } actions[] = {
        {"action.allow", SECCOMP_RET_ALLOW, "3.5"},
        {"action.log", SECCOMP_RET_LOG, "4.14"},
        {"action.errno", SECCOMP_RET_ERRNO, "3.5"},
        {"action.trap", SECCOMP_RET_TRAP, "3.5"},
        {"action.notify", SECCOMP_RET_USER_NOTIF, "5.0"},
        {"action.trace", SECCOMP_RET_TRACE, "3.5"},
        {"action.kill_thread", SECCOMP_RET_KILL_THREAD, "3.5"},
        {"action.kill", SECCOMP_RET_KILL_PROCESS, "4.14"},
    };
    bool asked = kernel_action_available(SECCOMP_RET_ALLOW); // the question itself is of 4.14
    for (size_t i = 0; i < sizeof actions / sizeof actions[0]; i++) {
        bool yes = kernel_action_available(actions[i].verdict);
        text_add(t, "%s: %s", actions[i].name, yes ? "yes" : asked ? "no" : "unknown");
        if (!yes && asked) text_add(t, " - since Linux %s", actions[i].since);
        if (!asked) text_add(t, " - %s", reason != NULL ? reason : "the kernel can be asked since Linux 4.14");
        text_add(t, "\n");
    }
}

static void write_flags(struct text *t, const char *reason) {
    static const struct {
        const char *name;
        unsigned flag;
        const char *since;
    } flags[] = {
        {"flag.all_threads", KERNEL_ALL_THREADS, "since Linux 3.17"},
        {"flag.log", KERNEL_LOG, "since Linux 4.14"},
        {"flag.spec_allow", KERNEL_SPEC_ALLOW, "since Linux 4.17"},
        {"flag.listener", KERNEL_LISTENER, "since Linux 5.0"},
        {"flag.tsync_esrch", KERNEL_ESRCH, "since Linux 5.7"},
        {"flag.wait_killable", KERNEL_KILLABLE, "since Linux 5.19"},
    };
    for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++)
        if (reason != NULL)
            text_add(t, "%s: unknown - %s\n", flags[i].name, reason);
        else
            line(t, flags[i].name, kernel_flag_available(flags[i].flag), flags[i].since);
}

static void write_privileges(struct text *t, const struct kernel_task *task) {
    int privs = kernel_no_new_privs();
    // An outer filter may deny prctl.
    if (privs < 0) privs = task->no_new_privs;
    if (privs < 0)
        text_add(t, "no_new_privs: unknown - an outer filter or sandbox denies prctl(2)\n");
    else
        line(t, "no_new_privs", privs == 1, "a load sets it; sudo and setuid programs then gain nothing");
    if (task->mode < 0)
        text_add(t, "cap_sys_admin: unknown - /proc/self/task is not readable here\n");
    else
        line(t, "cap_sys_admin", (task->capabilities >> CAPABILITY_SYS_ADMIN & 1) != 0,
             "filters need no_new_privs then, which is the default");
}

static void write_landlock(struct text *t) {
    int version = landlock_version();
    if (version > 0)
        text_add(t, "landlock: %d\n", version);
    else
        line(t, "landlock", false,
             version == -ENOSYS       ? "Linux 5.13 with CONFIG_SECURITY_LANDLOCK; without it, /proc/PID/mem of "
                                        "other processes of the same user stays open"
             : version == -EOPNOTSUPP ? "off at boot: put landlock into lsm= of the kernel's command line"
                                      : "an outer filter or sandbox denies it");
}

static void write_io_uring(struct text *t) {
    char value[16];
    if (kernel_line("/proc/sys/kernel/io_uring_disabled", NULL, value, sizeof value) < 0)
        text_add(t, "io_uring: unknown - no kernel.io_uring_disabled here (Linux 6.6)\n");
    else if (value[0] == '0')
        text_add(t, "io_uring: yes\n");
    else
        line(t, "io_uring", false,
             value[0] == '1' ? "kernel.io_uring_disabled is 1: only for its group and CAP_SYS_ADMIN"
                             : "kernel.io_uring_disabled is 2");
}

static void write_audit(struct text *t, const struct kernel_task *task) {
    if (access("/proc/self/loginuid", F_OK) != 0)
        line(t, "audit", false, "no CONFIG_AUDIT in this kernel, or no /proc: denials leave no record");
    else
        text_add(t, "audit: yes\n");
    if ((task->capabilities >> CAPABILITY_AUDIT_READ & 1) != 0 || readable("/var/log/audit/audit.log"))
        text_add(t, "audit.readable: yes\n");
    else
        line(t, "audit.readable", log_opens(),
             "no CAP_AUDIT_READ, and neither /var/log/audit/audit.log nor /dev/kmsg opens: run as root");
}

static void write_setting(struct text *t, const char *name, const char *path, const char *missing) {
    char value[64];
    if (kernel_line(path, NULL, value, sizeof value) == 0 && value[0])
        text_add(t, "%s: %s\n", name, value);
    else
        text_add(t, "%s: unknown - %s\n", name, missing);
}

void support_write(struct text *t) {
    struct kernel_task task;
    (void)kernel_task(kernel_tid(), NULL, &task);
    write_system(t);
    int probe = kernel_probe(0);
    const char *reason = why_not(probe);
    write_seccomp(t, &task, probe, reason);
    write_actions(t, reason);
    write_flags(t, reason);
    write_privileges(t, &task);
    write_landlock(t);
    write_io_uring(t);
    write_audit(t, &task);
    write_setting(t, "bpf_jit_enable", "/proc/sys/net/core/bpf_jit_enable", "not readable here");
    write_setting(t, "bpf_jit_limit", "/proc/sys/net/core/bpf_jit_limit", "root reads it, outside of containers");
    write_setting(t, "ptrace_scope", "/proc/sys/kernel/yama/ptrace_scope",
                  "no Yama: processes of one user can trace each other");
    char word[32];
    const char *inside = container(word, sizeof word);
    text_add(t, "container: %s\n", inside ? inside : "no");
}
