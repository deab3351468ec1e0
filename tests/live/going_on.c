// SPDX-License-Identifier: MIT
// What must go on working, under every group but those that are named.
#include "attempts.h"

#include "child.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static void *thread_main(void *context) {
    *(int *)context = 42;
    return NULL;
}

static bool threads(void) {
    for (int i = 0; i < 20; i++) {
        pthread_t t;
        int value = 0;
        if (pthread_create(&t, NULL, thread_main, &value) != 0 || pthread_join(t, NULL) != 0 || value != 42)
            return false;
    }
    return true;
}

static int server;
static struct sockaddr_in where;

static void make_server(void) {
    where = (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof where;
    server = socket(AF_INET, SOCK_STREAM, 0);
    must(bind(server, (struct sockaddr *)&where, size) == 0 && listen(server, 5) == 0);
    must(getsockname(server, (struct sockaddr *)&where, &size) == 0);
}

static bool client(void) {
    return connect(socket(AF_INET, SOCK_STREAM, 0), (struct sockaddr *)&where, sizeof where) == 0;
}

// The connection was made before the load, by a child's socket that stays open.
static int made;

static void make_connection(void) {
    make_server();
    made = socket(AF_INET, SOCK_STREAM, 0);
    must(connect(made, (struct sockaddr *)&where, sizeof where) == 0);
}

static bool serving(void) {
    char got = 0;
    int s = accept(server, NULL, NULL);
    return s >= 0 && send(made, "x", 1, 0) == 1 && recv(s, &got, 1, 0) == 1 && got == 'x';
}

static bool datagrams(void) {
    int s = socket(AF_INET, SOCK_DGRAM, 0);
    return connect(s, (struct sockaddr *)&where, sizeof where) == 0 && send(s, "x", 1, 0) == 1;
}

static bool interfaces(void) {
    struct ifaddrs *list = NULL;
    bool found = getifaddrs(&list) == 0 && list != NULL;
    return found;
}

static bool bound(void) {
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int s = socket(AF_INET, SOCK_STREAM, 0);
    return bind(s, (struct sockaddr *)&a, sizeof a) == 0 && listen(s, 1) == 0;
}

static bool reading(void) {
    char byte;
    int file = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
    return file >= 0 && read(file, &byte, 1) == 1;
}

static bool writing(void) {
    int file = open("new", O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    return file >= 0 && write(file, "x", 1) == 1 && unlink("new") == 0;
}

static bool local_pair(void) {
    int pair[2];
    char got = 0;
    return socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0 && write(pair[0], "x", 1) == 1 && read(pair[1], &got, 1) == 1;
}

static bool memory(void) {
    char *page = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    char *more = malloc(1 << 22);
    if (page == MAP_FAILED || more == NULL) return false;
    page[5] = 1;
    more[5] = 1;
    return mprotect(page, 1 << 20, PROT_READ) == 0;
}

static bool children(void) {
    int status;
    pid_t pid = fork();
    if (pid == 0) _exit(42);
    return pid > 0 && waitpid(pid, &status, 0) == pid && WEXITSTATUS(status) == 42;
}

static bool programs(void) {
    char *const argv[] = {(char *)"true", NULL};
    execv("/bin/true", argv);
    return false;
}

static volatile sig_atomic_t caught;

static void handler(int number) {
    caught = number;
}

static bool own_signals(void) {
    signal(SIGUSR1, handler);
    signal(SIGUSR2, handler);
    return raise(SIGUSR1) == 0 && caught == SIGUSR1 && kill(getpid(), SIGUSR2) == 0 && caught == SIGUSR2 &&
           kill(getpid(), 0) == 0;
}

static bool own_limits(void) {
    struct rlimit limit;
    return getrlimit(RLIMIT_NOFILE, &limit) == 0 && setrlimit(RLIMIT_NOFILE, &limit) == 0;
}

static bool asking(void) {
    struct timespec now;
    return personality(0xffffffff) >= 0 && syscall(SYS_clock_gettime, (long)CLOCK_REALTIME, &now) == 0 &&
           access("/", R_OK) == 0;
}

static bool signalling(void) {
    return kill(neighbour.pid, SIGKILL) == 0 && neighbour_died();
}

const struct attempt going_on[] = {
    {"threads", "", threads, NULL, 0},
    {"memory", "", memory, NULL, 0},
    {"AF_UNIX pairs", "", local_pair, NULL, 0},
    {"signals to itself", "", own_signals, NULL, 0},
    {"limits of its own", "", own_limits, NULL, 0},
    {"asking", "", asking, NULL, 0},
    {"a server that listens goes on", "@accept", serving, make_connection, 0},
    {"connecting", "@connect @network", client, make_server, 0},
    {"datagrams", "@connect @network", datagrams, make_server, 0},
    {"getifaddrs", "@connect @network", interfaces, NULL, 0},
    {"listening", "@listen @network @connect", bound, NULL, 0},
    {"reading files", "@open", reading, NULL, 0},
    {"writing files", "@open @write", writing, make_directory, 0},
    {"making processes", "@spawn", children, NULL, 0},
    {"executing programs", "@exec @open @code", programs, NULL, 0},
    {"signals to others", "@signal", signalling, make_neighbour, 0},
    {0},
};
