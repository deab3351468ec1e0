// SPDX-License-Identifier: MIT
// The other numberings of x86_64: int 0x80, which takes those of x86, and numbers with bit 30, which are those of x32.
#include "attempts.h"

#include "child.h"

#include <netinet/in.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifdef __x86_64__

#define ALL                                                                                                            \
    "@exec @spawn @listen @accept @connect @network @open @write @wx @code @debug @signal @mount @namespace @kernel"

// Memory that 32 bits can point to.
static char *low;

static void make_low(void) {
    low = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
    must(low != MAP_FAILED);
}

static uint32_t address(const void *pointer) {
    return (uint32_t)(uintptr_t)pointer;
}

static long int80(uint32_t number, uint32_t a, uint32_t b, uint32_t c, uint32_t d, uint32_t e) {
    long result;
    __asm__ volatile("int $0x80"
                     : "=a"(result)
                     : "a"(number), "b"(a), "c"(b), "d"(c), "S"(d), "D"(e)
                     : "memory", "r8", "r9", "r10", "r11");
    return (int)result;
}

static bool execve_80(void) {
    strcpy(low, "/bin/true");
    uint32_t argv[2] = {address(low), 0};
    memcpy(low + 64, argv, sizeof argv);
    int80(11, address(low), address(low + 64), 0, 0, 0);
    return false;
}

static bool fork_80(void) {
    return child_came((pid_t)int80(2, 0, 0, 0, 0, 0));
}

static bool clone_80(void) {
    return child_came((pid_t)int80(120, SIGCHLD, 0, 0, 0, 0));
}

static bool getpid_80(void) {
    return int80(20, 0, 0, 0, 0, 0) == getpid();
}

static void address_of_loopback(char *at) {
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    memcpy(at, &a, sizeof a);
}

static bool listen_80(void) {
    address_of_loopback(low);
    int s = (int)int80(359, AF_INET, SOCK_STREAM, 0, 0, 0);
    return s >= 0 && int80(361, (uint32_t)s, address(low), sizeof(struct sockaddr_in), 0, 0) == 0 &&
           int80(363, (uint32_t)s, 5, 0, 0, 0) == 0;
}

static bool socketcall_80(void) {
    uint32_t create[3] = {AF_INET, SOCK_STREAM, 0};
    memcpy(low, create, sizeof create);
    int s = (int)int80(102, 1, address(low), 0, 0, 0);
    uint32_t listen[2] = {(uint32_t)s, 5};
    memcpy(low, listen, sizeof listen);
    return s >= 0 && int80(102, 4, address(low), 0, 0, 0) == 0;
}

static bool map_80(void) {
    return int80(192, 0, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, 0xffffffff) != 0;
}

static bool protect_80(void) {
    return int80(125, address(low), 4096, PROT_READ | PROT_WRITE | PROT_EXEC, 0, 0) == 0;
}

static bool creat_80(void) {
    strcpy(low, "new");
    return int80(8, address(low), 0600, 0, 0, 0) >= 0 && access("new", F_OK) == 0;
}

static void make_low_directory(void) {
    make_low();
    make_directory();
}

static void make_low_neighbour(void) {
    make_low();
    make_neighbour();
}

static bool kill_80(void) {
    return int80(37, (uint32_t)neighbour.pid, SIGKILL, 0, 0, 0) == 0 && neighbour_died();
}

static bool unshare_80(void) {
    return int80(310, 0x10000000, 0, 0, 0, 0) == 0;
}

// x32: most numbers are those of x86_64 with bit 30; execve has one of its own.
static long x32(long number, long a, long b, long c) {
    return syscall(0x40000000 | number, a, b, c);
}

static bool fork_x32(void) {
    return child_came((pid_t)x32(SYS_fork, 0, 0, 0));
}

static bool socket_x32(void) {
    return x32(SYS_socket, AF_INET, SOCK_STREAM, 0) >= 0;
}

static bool getpid_x32(void) {
    return x32(SYS_getpid, 0, 0, 0) == getpid();
}

const struct attempt x86_attempts[] = {
    {"int 0x80, getpid", ALL, getpid_80, NULL, MAYBE},
    {"int 0x80, execve", "@exec", execve_80, make_low, MAYBE},
    {"int 0x80, fork", "@spawn", fork_80, NULL, MAYBE},
    {"int 0x80, clone", "@spawn", clone_80, NULL, MAYBE},
    {"int 0x80, bind and listen", "@listen @network", listen_80, make_low, MAYBE},
    {"int 0x80, socketcall", "@listen @network", socketcall_80, make_low, MAYBE},
    {"int 0x80, mmap2", "@wx @code", map_80, NULL, MAYBE},
    {"int 0x80, mprotect", "@wx @code", protect_80, make_low, MAYBE},
    {"int 0x80, creat", "@write @open", creat_80, make_low_directory, MAYBE},
    {"int 0x80, kill", "@signal", kill_80, make_low_neighbour, MAYBE},
    {"int 0x80, unshare", "@namespace", unshare_80, NULL, MAYBE},
    {"x32, getpid", ALL, getpid_x32, NULL, MAYBE},
    {"x32, fork", "@spawn", fork_x32, NULL, MAYBE},
    {"x32, socket", "@network @connect", socket_x32, NULL, MAYBE},
    {0},
};

#else

const struct attempt x86_attempts[] = {{0}};

#endif
