// SPDX-License-Identifier: MIT
// Open ports, take connections, connect, and make sockets.
#include "attempts.h"

#include "child.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/io_uring.h>
#include <linux/vm_sockets.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#ifndef IP_LOCAL_PORT_RANGE
#define IP_LOCAL_PORT_RANGE 51
#endif

#define HIGH (UINT64_C(1) << 32)

// Operations of io_uring, Linux 5.5 to 6.11.
enum {
    RING_ACCEPT = 13,
    RING_CONNECT = 16,
    RING_SOCKET = 45,
    RING_BIND = 56,
    RING_LISTEN = 57
};

static struct sockaddr_in loopback(uint16_t port) {
    return (struct sockaddr_in){
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

static uint16_t port_of(int s) {
    struct sockaddr_in a = {0};
    socklen_t size = sizeof a;
    getsockname(s, (struct sockaddr *)&a, &size);
    return ntohs(a.sin_port);
}

static bool connects(int type, uint16_t port) {
    int c = socket(AF_INET, type, 0);
    struct sockaddr_in a = loopback(port);
    return connect(c, (struct sockaddr *)&a, sizeof a) == 0;
}

// A port is open where somebody can connect to it.
static bool is_open(int s) {
    return port_of(s) != 0 && connects(SOCK_STREAM, port_of(s));
}

static bool is_bound(int s) {
    return port_of(s) != 0;
}

static bool listens(int protocol, bool bound) {
    int s = socket(AF_INET, SOCK_STREAM, protocol);
    struct sockaddr_in a = loopback(0);
    if (bound && bind(s, (struct sockaddr *)&a, sizeof a) != 0) return false;
    return listen(s, 5) == 0 && is_open(s);
}

static bool bind_and_listen(void) {
    return listens(0, true);
}

static bool listen_unbound(void) {
    return listens(0, false);
}

static bool listen_multipath(void) {
    return listens(262 /* IPPROTO_MPTCP */, true);
}

static bool bind_high(void) {
    int s = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in a = loopback(0);
    return syscall(SYS_bind, s, &a, HIGH | sizeof a) == 0 && is_bound(s);
}

static bool bind_datagrams(void) {
    int s = socket(AF_INET, SOCK_DGRAM, 0);
    struct sockaddr_in a = loopback(0);
    return bind(s, (struct sockaddr *)&a, sizeof a) == 0 && is_bound(s);
}

static bool bind_ipv6(void) {
    int s = socket(AF_INET6, SOCK_STREAM, 0);
    struct sockaddr_in6 a = {.sin6_family = AF_INET6};
    return bind(s, (struct sockaddr *)&a, sizeof a) == 0;
}

// A port that was chosen, without bind: by the range, and by the first packet that is sent.
static bool port_range(void) {
    int s = socket(AF_INET, SOCK_DGRAM, 0);
    uint32_t range = 45678 | 45678u << 16;
    if (setsockopt(s, IPPROTO_IP, IP_LOCAL_PORT_RANGE, &range, sizeof range) != 0) return false;
    struct sockaddr_in a = loopback(9);
    sendto(s, "x", 1, 0, (struct sockaddr *)&a, sizeof a);
    return port_of(s) == 45678;
}

static bool port_range_high(void) {
    int s = socket(AF_INET, SOCK_STREAM, 0);
    uint32_t range = 45679 | 45679u << 16;
    return syscall(SYS_setsockopt, s, HIGH | IPPROTO_IP, HIGH | IP_LOCAL_PORT_RANGE, &range, sizeof range) == 0;
}

static bool bind_sctp(void) {
    int s = socket(AF_INET, SOCK_STREAM, 132);
    struct sockaddr_in a = loopback(45680);
    return setsockopt(s, 132, 100 /* SCTP_SOCKOPT_BINDX_ADD */, &a, sizeof a) == 0;
}

static bool listen_unix(void) {
    int s = socket(AF_UNIX, SOCK_STREAM, 0);
    struct sockaddr_un a = {.sun_family = AF_UNIX, .sun_path = "\0live-tests"};
    return bind(s, (struct sockaddr *)&a, 2 + 11) == 0 && listen(s, 1) == 0;
}

// An address of 12 bytes passes @listen; listening on it does not.
static bool listen_unix_short(void) {
    int s = socket(AF_UNIX, SOCK_STREAM, 0);
    struct sockaddr_un a = {.sun_family = AF_UNIX, .sun_path = "\0livetests"};
    return bind(s, (struct sockaddr *)&a, 12) == 0 && listen(s, 1) == 0;
}

static bool listen_machine(void) {
    int s = socket(AF_VSOCK, SOCK_STREAM, 0);
    struct sockaddr_vm a = {.svm_family = AF_VSOCK, .svm_cid = VMADDR_CID_ANY, .svm_port = 45681};
    return bind(s, (struct sockaddr *)&a, sizeof a) == 0 && listen(s, 1) == 0;
}

static bool ring_bind(void) {
    int s = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in a = loopback(0);
    struct io_uring_sqe e = {.opcode = RING_BIND, .fd = s, .addr = (uintptr_t)&a, .off = sizeof a};
    return ring_submit(&e) == 0 && is_bound(s);
}

static bool ring_listen(void) {
    int s = socket(AF_INET, SOCK_STREAM, 0);
    struct io_uring_sqe e = {.opcode = RING_LISTEN, .fd = s, .len = 5};
    return ring_submit(&e) == 0 && is_open(s);
}

static bool listen_by_older_thread(void) {
    return in_thread(bind_and_listen);
}

// ---- Accept --------------------------------------------------------------------------------------------------------

static int server, client;

// A server with a connection that waits, and a socket that is not connected yet.
static void make_server(void) {
    struct sockaddr_in a = loopback(0);
    server = socket(AF_INET, SOCK_STREAM, 0);
    must(bind(server, (struct sockaddr *)&a, sizeof a) == 0 && listen(server, 5) == 0);
    must(connects(SOCK_STREAM, port_of(server)));
    client = socket(AF_INET, SOCK_STREAM, 0);
    must(client >= 0);
}

static bool by_accept(void) {
#ifdef SYS_accept
    return syscall(SYS_accept, server, NULL, NULL) >= 0;
#else
    return accept(server, NULL, NULL) >= 0;
#endif
}

static bool by_accept4(void) {
    return accept4(server, NULL, NULL, SOCK_CLOEXEC) >= 0;
}

static bool ring_accept(void) {
    struct io_uring_sqe e = {.opcode = RING_ACCEPT, .fd = server};
    return ring_submit(&e) >= 0;
}

// ---- Connect -------------------------------------------------------------------------------------------------------

static bool by_connect(void) {
    struct sockaddr_in a = loopback(port_of(server));
    return connect(client, (struct sockaddr *)&a, sizeof a) == 0;
}

static bool connect_by_older_thread(void) {
    return in_thread(by_connect);
}

static void make_server_and_thread(void) {
    make_server();
    make_thread();
}

// TCP Fast Open connects by sending.
static bool fast_sendto(void) {
    struct sockaddr_in a = loopback(port_of(server));
    return sendto(client, "x", 1, MSG_FASTOPEN, (struct sockaddr *)&a, sizeof a) >= 0;
}

static bool fast_sendmsg(bool many) {
    struct sockaddr_in a = loopback(port_of(server));
    struct iovec io = {(char *)"x", 1};
    struct mmsghdr m = {.msg_hdr = {.msg_name = &a, .msg_namelen = sizeof a, .msg_iov = &io, .msg_iovlen = 1}};
    if (many) return sendmmsg(client, &m, 1, MSG_FASTOPEN) == 1;
    return sendmsg(client, &m.msg_hdr, MSG_FASTOPEN) >= 0;
}

static bool fast_one(void) {
    return fast_sendmsg(false);
}

static bool fast_many(void) {
    return fast_sendmsg(true);
}

static int datagrams;

static void make_datagrams(void) {
    make_server();
    struct sockaddr_in a = loopback(0);
    datagrams = socket(AF_INET, SOCK_DGRAM, 0);
    must(bind(datagrams, (struct sockaddr *)&a, sizeof a) == 0);
    client = socket(AF_INET, SOCK_DGRAM, 0);
}

static bool send_datagram(void) {
    struct sockaddr_in a = loopback(port_of(datagrams));
    char got;
    struct pollfd p = {.fd = datagrams, .events = POLLIN};
    return sendto(client, "x", 1, 0, (struct sockaddr *)&a, sizeof a) == 1 && poll(&p, 1, 250) == 1 &&
           read(datagrams, &got, 1) == 1;
}

static int local;

static void make_local(void) {
    local = socket(AF_UNIX, SOCK_STREAM, 0);
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    must(bind(local, (struct sockaddr *)&a, sizeof(sa_family_t)) == 0 && listen(local, 1) == 0);
}

static bool connect_local(void) {
    struct sockaddr_un a;
    socklen_t size = sizeof a;
    getsockname(local, (struct sockaddr *)&a, &size);
    return connect(socket(AF_UNIX, SOCK_STREAM, 0), (struct sockaddr *)&a, size) == 0;
}

static bool ring_connect(void) {
    struct sockaddr_in a = loopback(port_of(server));
    struct io_uring_sqe e = {.opcode = RING_CONNECT, .fd = client, .addr = (uintptr_t)&a, .off = sizeof a};
    return ring_submit(&e) == 0;
}

// ---- Sockets -------------------------------------------------------------------------------------------------------

static bool inet_socket(void) {
    return socket(AF_INET, SOCK_STREAM, 0) >= 0;
}

static bool inet_socket_high(void) {
    return syscall(SYS_socket, HIGH | AF_INET, (long)SOCK_STREAM, 0L) >= 0;
}

static bool inet6_socket(void) {
    return socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0) >= 0;
}

static bool netlink_socket(void) {
    return socket(AF_NETLINK, SOCK_RAW, 0) >= 0;
}

static bool machine_socket(void) {
    return socket(AF_VSOCK, SOCK_STREAM, 0) >= 0;
}

static bool packet_socket(void) {
    return socket(AF_PACKET, SOCK_RAW, 0) >= 0;
}

static bool cipher_socket(void) {
    return socket(AF_ALG, SOCK_SEQPACKET, 0) >= 0;
}

static bool tipc_pair(void) {
    int pair[2];
    return socketpair(AF_TIPC, SOCK_SEQPACKET, 0, pair) == 0;
}

static bool ring_socket(void) {
    struct io_uring_sqe e = {.opcode = RING_SOCKET, .fd = AF_INET, .off = SOCK_STREAM};
    return ring_submit(&e) >= 0;
}

#define LISTEN "@listen @network"
#define CONNECT "@connect"

const struct attempt network_attempts[] = {
    {"bind and listen", LISTEN, bind_and_listen, NULL, 0},
    {"listen without bind", LISTEN, listen_unbound, NULL, 0},
    {"listen with MPTCP", LISTEN, listen_multipath, NULL, MAYBE},
    {"bind with a high word", LISTEN, bind_high, NULL, 0},
    {"bind a datagram socket", LISTEN, bind_datagrams, NULL, 0},
    {"bind with IPv6", LISTEN, bind_ipv6, NULL, MAYBE},
    {"IP_LOCAL_PORT_RANGE", LISTEN, port_range, NULL, MAYBE},
    {"IP_LOCAL_PORT_RANGE with high words", LISTEN, port_range_high, NULL, MAYBE},
    {"SCTP_SOCKOPT_BINDX_ADD", LISTEN, bind_sctp, NULL, MAYBE},
    {"listen on AF_UNIX", "@listen", listen_unix, NULL, 0},
    {"listen on AF_UNIX with 12 bytes", "@listen", listen_unix_short, NULL, 0},
    {"listen on AF_VSOCK", LISTEN, listen_machine, NULL, MAYBE},
    {"bind by io_uring", LISTEN, ring_bind, NULL, MAYBE},
    {"listen by io_uring", LISTEN, ring_listen, NULL, MAYBE},
    {"listen by an older thread", LISTEN, listen_by_older_thread, make_thread, 0},
    {"accept", "@accept", by_accept, make_server, 0},
    {"accept4", "@accept", by_accept4, make_server, 0},
    {"accept by io_uring", "@accept @listen", ring_accept, make_server, MAYBE},
    {"connect", CONNECT, by_connect, make_server, 0},
    {"connect by an older thread", CONNECT, connect_by_older_thread, make_server_and_thread, 0},
    {"sendto MSG_FASTOPEN", CONNECT, fast_sendto, make_server, 0},
    {"sendmsg MSG_FASTOPEN", CONNECT, fast_one, make_server, 0},
    {"sendmmsg MSG_FASTOPEN", CONNECT, fast_many, make_server, 0},
    {"sendto with an address", CONNECT, send_datagram, make_datagrams, 0},
    {"connect to AF_UNIX", CONNECT, connect_local, make_local, 0},
    {"connect by io_uring", CONNECT, ring_connect, make_server, MAYBE},
    {"socket AF_INET", "@network @connect", inet_socket, NULL, 0},
    {"socket AF_INET with a high word", "@network @connect", inet_socket_high, NULL, 0},
    {"socket AF_INET6", "@network @connect", inet6_socket, NULL, MAYBE},
    {"socket AF_NETLINK", "@network @connect", netlink_socket, NULL, 0},
    {"socket AF_VSOCK", "@network @connect", machine_socket, NULL, MAYBE},
    {"socket AF_PACKET", "@network @connect", packet_socket, NULL, NEEDS_ROOT | MAYBE},
    {"socket AF_ALG", "@network @connect", cipher_socket, NULL, MAYBE},
    {"socketpair AF_TIPC", "@network @connect", tipc_pair, NULL, MAYBE},
    {"socket by io_uring", "@network @connect", ring_socket, NULL, MAYBE},
    {0},
};
