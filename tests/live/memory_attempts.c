// SPDX-License-Identifier: MIT
// Run code that was written at run time: the effect is that it runs.
#include "attempts.h"

#include "child.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <unistd.h>

#define HIGH (UINT64_C(1) << 32)
#define WX "@wx @code"

// A function that returns 42.
#if defined(__x86_64__)
static const unsigned char code[] = {0xb8, 42, 0, 0, 0, 0xc3};
#elif defined(__aarch64__)
static const unsigned char code[] = {0x40, 0x05, 0x80, 0x52, 0xc0, 0x03, 0x5f, 0xd6};
#else
static const unsigned char code[] = {0};
#endif

static sigjmp_buf back;

static void caught(int number) {
    siglongjmp(back, number);
}

static bool runs(void *page) {
    if (page == MAP_FAILED || sizeof code == 1) return false;
    signal(SIGSEGV, caught);
    signal(SIGBUS, caught);
    signal(SIGILL, caught);
    if (sigsetjmp(back, 1)) return false;
    __builtin___clear_cache((char *)page, (char *)page + sizeof code);
    int (*function)(void);
    memcpy(&function, &page, sizeof function);
    return function() == 42;
}

static void *writable(void) {
    char *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    must(page != MAP_FAILED);
    return memcpy(page, code, sizeof code);
}

static bool mapped_both(uint64_t high) {
    long page =
        syscall(SYS_mmap, 0L, 4096L, high | PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0L);
    if (page == -1) return false;
    return runs(memcpy((void *)page, code, sizeof code));
}

static bool by_mmap(void) {
    return mapped_both(0);
}

static bool mmap_high(void) {
    return mapped_both(HIGH);
}

static bool mmap_write_execute(void) {
    void *page = mmap(NULL, 4096, PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return page != MAP_FAILED && runs(memcpy(page, code, sizeof code));
}

static bool by_mprotect(void) {
    void *page = writable();
    return mprotect(page, 4096, PROT_READ | PROT_EXEC) == 0 && runs(page);
}

static bool mprotect_alone(void) {
    void *page = writable();
    return mprotect(page, 4096, PROT_EXEC) == 0 && runs(page);
}

static bool mprotect_key(void) {
    void *page = writable();
    return syscall(SYS_pkey_mprotect, page, 4096L, (long)(PROT_READ | PROT_EXEC), -1L) == 0 && runs(page);
}

static bool by_shmat(void) {
    int id = shmget(IPC_PRIVATE, 4096, IPC_CREAT | 0700);
    char *page = shmat(id, NULL, 0);
    if (page == (void *)-1) return false;
    memcpy(page, code, sizeof code);
    void *executable = shmat(id, NULL, SHM_EXEC);
    shmctl(id, IPC_RMID, NULL);
    return executable != (void *)-1 && runs(executable);
}

// One page, mapped writable and again executable.
static bool mapped_twice(int descriptor) {
    if (descriptor < 0 || ftruncate(descriptor, 4096) != 0) return false;
    void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
    if (page == MAP_FAILED) return false;
    memcpy(page, code, sizeof code);
    return runs(mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_SHARED, descriptor, 0));
}

static bool twice_memfd(void) {
    return mapped_twice(memfd_create("twice", 0));
}

static bool by_personality(void) {
    return personality(READ_IMPLIES_EXEC) >= 0 && runs(writable());
}

static bool personality_high(void) {
    return syscall(SYS_personality, HIGH | READ_IMPLIES_EXEC) >= 0 && runs(writable());
}

static bool by_older_thread(void) {
    return in_thread(by_mprotect);
}

// ---- Code from a file ----------------------------------------------------------------------------------------------

static int file;

static void make_file(void) {
    make_directory();
    file = open("file", O_RDWR | O_TRUNC);
    must(file >= 0 && write(file, code, sizeof code) == sizeof code);
}

static bool map_file(void) {
    return runs(mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, file, 0));
}

static bool map_file_high(void) {
    return runs((void *)syscall(SYS_mmap, 0L, 4096L, HIGH | PROT_READ | PROT_EXEC, (long)MAP_PRIVATE, file, 0L));
}

const struct attempt memory_attempts[] = {
    {"mmap", WX, by_mmap, NULL, 0},
    {"mmap with a high word", WX, mmap_high, NULL, 0},
    {"mmap without PROT_READ", WX, mmap_write_execute, NULL, 0},
    {"mprotect", WX, by_mprotect, NULL, 0},
    {"mprotect to PROT_EXEC alone", WX, mprotect_alone, NULL, 0},
    {"pkey_mprotect", WX, mprotect_key, NULL, 0},
    {"shmat SHM_EXEC", WX, by_shmat, NULL, MAYBE},
    {"memfd_create mapped twice", WX, twice_memfd, NULL, 0},
    {"READ_IMPLIES_EXEC", WX " @kernel", by_personality, NULL, 0},
    {"READ_IMPLIES_EXEC with a high word", WX " @kernel", personality_high, NULL, 0},
    {"mprotect by an older thread", WX, by_older_thread, make_thread, 0},
    {"a file mapped executable", "@code", map_file, make_file, 0},
    {"a file mapped executable, with a high word", "@code", map_file_high, make_file, 0},
    {0},
};
