// SPDX-License-Identifier: MIT
// Symbols of running processes, and of files that are no good.
#include "place.h"

#include "elf_symbol.h"

#include <fcntl.h>
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "random.h"

enum {
    ROUNDS = 3000 / SLOWDOWN
};

static int64_t now(void) {
    struct timespec t = {0};
    clock_gettime(CLOCK_REALTIME, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

__attribute__((noinline)) int function_with_a_name(int n);
int function_with_a_name(int n) {
    volatile int sum = n;
    for (int i = 0; i < n; i++)
        sum += i;
    return sum;
}

static void own_function_and_libc(void **unused) {
    (void)unused;
    char text[PLACE_SIZE];
    place_find(getpid(), (uint64_t)(uintptr_t)function_with_a_name + 3, now(), text);
    assert_string_equal(text, "unit_place function_with_a_name+0x3");
    place_find(getpid(), (uint64_t)(uintptr_t)getppid + 1, now(), text);
    assert_string_equal(text, "libc getppid+0x1");
}

static void nothing_is_known(void **unused) {
    (void)unused;
    char text[PLACE_SIZE];
    uint64_t ip = (uint64_t)(uintptr_t)function_with_a_name;
    place_find(getpid(), 4096, now(), text); // nothing is mapped
    assert_string_equal(text, "");
    place_find(getpid(), ip, now() - 1000 * 1000, text); // another process had the id then
    assert_string_equal(text, "");
    place_find(999999999, ip, now(), text);
    assert_string_equal(text, "");
}

static void memory_without_a_file(void **unused) {
    (void)unused;
    char text[PLACE_SIZE], wanted[PLACE_SIZE];
    char *memory = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_ptr_not_equal(memory, MAP_FAILED);
    place_find(getpid(), (uint64_t)(uintptr_t)memory, now(), text);
    assert_string_equal(text, "anonymous");
    // A file that is gone, and is another one now.
    char path[] = "/tmp/abjure-place-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0 && ftruncate(fd, 4096) == 0);
    char *mapped = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, fd, 0);
    assert_ptr_not_equal(mapped, MAP_FAILED);
    unlink(path);
    place_find(getpid(), (uint64_t)(uintptr_t)mapped + 16, now(), text);
    snprintf(wanted, sizeof wanted, "%s+0x10", path + strlen("/tmp/"));
    assert_string_equal(text, wanted);
    close(fd);
    munmap(mapped, 4096);
    munmap(memory, 4096);
}

static int copy_of_self(size_t *size, unsigned char **bytes) {
    FILE *self = fopen("/proc/self/exe", "re");
    assert_non_null(self);
    *bytes = malloc(1 << 22);
    *size = fread(*bytes, 1, 1 << 22, self);
    fclose(self);
    int fd = memfd_create("copy", MFD_CLOEXEC);
    assert_true(fd >= 0 && write(fd, *bytes, *size) == (ssize_t)*size);
    return fd;
}

// Whatever stands in a file, the search ends, with a name that is terminated or with none.
static void damaged_files(void **unused) {
    (void)unused;
    unsigned char *bytes;
    size_t size;
    int fd = copy_of_self(&size, &bytes), found = 0;
    seed(__func__);
    for (int round = 0; round < ROUNDS; round++) {
        struct elf_symbol s;
        memset(&s, 'x', sizeof s);
        for (int i = 0; i < 8; i++) {
            // In the headers mostly, which are at the start and the end.
            size_t at = below(3) == 0 ? below(size) : below(2) == 0 ? below(128) : size - 1 - below(2500);
            unsigned char byte = (unsigned char)(below(2) == 0 ? 0xff : below(256));
            assert_int_equal(pwrite(fd, &byte, 1, (off_t)at), 1);
        }
        if (elf_symbol_find(fd, below(size), &s)) {
            found++;
            assert_true(strnlen(s.name, sizeof s.name) < sizeof s.name);
        }
        if (round % 4 == 3) assert_int_equal(pwrite(fd, bytes, size, 0), size);
        if (round % 97 == 0) assert_int_equal(ftruncate(fd, (off_t)below(size)), 0);
    }
    assert_true(found > ROUNDS / 50);
    free(bytes);
    close(fd);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(own_function_and_libc),
        cmocka_unit_test(nothing_is_known),
        cmocka_unit_test(memory_without_a_file),
        cmocka_unit_test(damaged_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
