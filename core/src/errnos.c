// SPDX-License-Identifier: MIT
#include "errnos.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "text.h"

// The values are those of the C library's header. They are the same on all ABIs of the core, with one exception:
// EDEADLOCK is another name for EDEADLK everywhere but on ppc64le, where it is 58 for old programs' sake. The name
// means EDEADLK here.
// Sorted, for the binary search.
// clang-format off
#define ERRNOS \
    X(E2BIG) X(EACCES) X(EADDRINUSE) X(EADDRNOTAVAIL) X(EADV) X(EAFNOSUPPORT) X(EAGAIN) X(EALREADY) X(EBADE) \
    X(EBADF) X(EBADFD) X(EBADMSG) X(EBADR) X(EBADRQC) X(EBADSLT) X(EBFONT) X(EBUSY) X(ECANCELED) X(ECHILD) \
    X(ECHRNG) X(ECOMM) X(ECONNABORTED) X(ECONNREFUSED) X(ECONNRESET) X(EDEADLK) Y(EDEADLOCK, EDEADLK) \
    X(EDESTADDRREQ) X(EDOM) X(EDOTDOT) X(EDQUOT) X(EEXIST) X(EFAULT) X(EFBIG) X(EHOSTDOWN) X(EHOSTUNREACH) \
    X(EHWPOISON) X(EIDRM) X(EILSEQ) X(EINPROGRESS) X(EINTR) X(EINVAL) X(EIO) X(EISCONN) X(EISDIR) X(EISNAM) \
    X(EKEYEXPIRED) X(EKEYREJECTED) X(EKEYREVOKED) X(EL2HLT) X(EL2NSYNC) X(EL3HLT) X(EL3RST) X(ELIBACC) X(ELIBBAD) \
    X(ELIBEXEC) X(ELIBMAX) X(ELIBSCN) X(ELNRNG) X(ELOOP) X(EMEDIUMTYPE) X(EMFILE) X(EMLINK) X(EMSGSIZE) \
    X(EMULTIHOP) X(ENAMETOOLONG) X(ENAVAIL) X(ENETDOWN) X(ENETRESET) X(ENETUNREACH) X(ENFILE) X(ENOANO) X(ENOBUFS) \
    X(ENOCSI) X(ENODATA) X(ENODEV) X(ENOENT) X(ENOEXEC) X(ENOKEY) X(ENOLCK) X(ENOLINK) X(ENOMEDIUM) X(ENOMEM) \
    X(ENOMSG) X(ENONET) X(ENOPKG) X(ENOPROTOOPT) X(ENOSPC) X(ENOSR) X(ENOSTR) X(ENOSYS) X(ENOTBLK) X(ENOTCONN) \
    X(ENOTDIR) X(ENOTEMPTY) X(ENOTNAM) X(ENOTRECOVERABLE) X(ENOTSOCK) X(ENOTSUP) X(ENOTTY) X(ENOTUNIQ) X(ENXIO) \
    X(EOPNOTSUPP) X(EOVERFLOW) X(EOWNERDEAD) X(EPERM) X(EPFNOSUPPORT) X(EPIPE) X(EPROTO) X(EPROTONOSUPPORT) \
    X(EPROTOTYPE) X(ERANGE) X(EREMCHG) X(EREMOTE) X(EREMOTEIO) X(ERESTART) X(ERFKILL) X(EROFS) X(ESHUTDOWN) \
    X(ESOCKTNOSUPPORT) X(ESPIPE) X(ESRCH) X(ESRMNT) X(ESTALE) X(ESTRPIPE) X(ETIME) X(ETIMEDOUT) X(ETOOMANYREFS) \
    X(ETXTBSY) X(EUCLEAN) X(EUNATCH) X(EUSERS) X(EWOULDBLOCK) X(EXDEV) X(EXFULL)
// clang-format on

#define X(name) {#name, name},
#define Y(name, value) {#name, value},
static const struct named {
    char name[16];
    int number;
} errnos[] = {ERRNOS};
#undef X
#undef Y

enum {
    ERRNO_COUNT = sizeof errnos / sizeof *errnos
};

int errnos_find(const char *name, size_t length) {
    char word[sizeof errnos->name] = "";
    if (length >= sizeof word || memchr(name, 0, length) != NULL) return -1;
    memcpy(word, name, length);
    size_t low = 0, high = ERRNO_COUNT;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = memcmp(errnos[middle].name, word, sizeof word);
        if (order == 0) return errnos[middle].number;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return -1;
}

// Of two names of one number the kernel's own comes first here, which is the one that messages should show.
static bool is_alias(const char *name) {
    return strcmp(name, "EWOULDBLOCK") == 0 || strcmp(name, "ENOTSUP") == 0 || strcmp(name, "EDEADLOCK") == 0;
}

const char *errnos_name(int number) {
    for (size_t i = 0; i < ERRNO_COUNT; i++)
        if (errnos[i].number == number && !is_alias(errnos[i].name)) return errnos[i].name;
    return NULL;
}

void errnos_spelling(struct spelling *s) {
    for (size_t i = 0; i < ERRNO_COUNT; i++)
        spelling_try(s, errnos[i].name);
}
