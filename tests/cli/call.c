// SPDX-License-Identifier: MIT
// Makes one call under a filter, for the tests of `abjure lint`.
//
//   call FILE.bpf|- ABI NUMBER ARGUMENT...   ends with the errno of the call, 0 where it succeeded
//   call hold FILE.bpf...                    loads them all, says "pausing" and waits
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

enum {
    NO_FILTER = 200, // more than any errno
    USAGE,
    LIMIT = 4096,
    ARGUMENTS = 6
};

static void load(const char *path) {
    static struct sock_filter code[LIMIT];
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t size = read(fd, code, sizeof code);
    struct sock_fprog program = {.len = (unsigned short)(size / (ssize_t)sizeof code[0]), .filter = code};
    close(fd);
    // Root needs no no_new_privs, and a test wants a process without it.
    if (size <= 0 || (geteuid() != 0 && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) ||
        syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) != 0) {
        perror(path);
        _exit(NO_FILTER);
    }
}

// In place: a child of vfork must not return through this frame.
static inline __attribute__((always_inline)) long make(const char *abi, uint64_t number, const uint64_t *a) {
#ifdef __x86_64__
    if (strcmp(abi, "x86") == 0) {
        long r;
        __asm__ volatile("push %%rbp\n mov %7, %%ebp\n int $0x80\n pop %%rbp"
                         : "=a"(r)
                         : "0"(number), "b"(a[0]), "c"(a[1]), "d"(a[2]), "S"(a[3]), "D"(a[4]), "r"((uint32_t)a[5])
                         : "memory", "r8", "r9", "r10", "r11");
        return r;
    }
    register uint64_t a3 __asm__("r10") = a[3];
    register uint64_t a4 __asm__("r8") = a[4];
    register uint64_t a5 __asm__("r9") = a[5];
    long r;
    __asm__ volatile("syscall"
                     : "=a"(r)
                     : "0"(number), "D"(a[0]), "S"(a[1]), "d"(a[2]), "r"(a3), "r"(a4), "r"(a5)
                     : "rcx", "r11", "memory");
    return r;
#else
    (void)abi;
    long r = syscall((long)number, a[0], a[1], a[2], a[3], a[4], a[5]);
    return r < 0 ? -errno : r;
#endif
}

static int call(char **words, int count) {
    uint64_t a[ARGUMENTS] = {0};
    uint64_t number = strtoull(words[2], NULL, 0);
    for (int i = 0; i < ARGUMENTS && i + 3 < count; i++)
        a[i] = strtoull(words[i + 3], NULL, 0);
    if (strcmp(words[0], "-") != 0) load(words[0]);
    // A child that the call made ends here too.
    long r = make(words[1], number, a);
    _exit(r < 0 && r >= -4095 ? (r < -NO_FILTER ? 255 : (int)-r) : 0);
}

int main(int argc, char **argv) {
    if (argc >= 3 && strcmp(argv[1], "hold") == 0) {
        for (int i = 2; i < argc; i++)
            load(argv[i]);
        puts("pausing");
        fflush(stdout);
        for (;;)
            pause();
    }
    return argc >= 4 ? call(argv + 1, argc - 1) : USAGE;
}
