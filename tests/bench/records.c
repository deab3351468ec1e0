// SPDX-License-Identifier: MIT
// Audit records by the million, and what reading them costs.
//   bench_records make COUNT     writes as many SECCOMP records, as auditd does with log_format = ENRICHED
//   bench_records lines FILE     counts lines and does nothing else
//   bench_records reader FILE    counts the records of each call with the reader of the command
//   bench_records auparse FILE   does so with libauparse
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "record.h"
#ifdef WITH_AUPARSE
#include <auparse.h>
#include <linux/audit.h>
#endif

enum {
    CALLS = 512
};

// A generator of its own, so that the same file comes out everywhere.
static unsigned next_random(void) {
    static unsigned long long state = 88172645463325252ULL;
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (unsigned)(state >> 16);
}

static void make(long count) {
    static const struct {
        const char *name, *path;
    } programs[] = {{"\"nc\"", "\"/usr/bin/nc.traditional\""},
                    {"\"python3\"", "\"/usr/bin/python3.11\""},
                    {"\"java\"", "\"/usr/lib/jvm/java-17-openjdk-amd64/bin/java\""},
                    {"6D7920746F6F6C", "2F6F70742F6D7920746F6F6C"}};
    static const int calls[] = {49, 59, 50, 41, 56, 101, 42, 322, 2, 257};
    static const char *const codes[] = {"0x50000", "0x7ffc0000", "0x80000000", "0x0"};
    for (long i = 0; i < count; i++) {
        unsigned r = next_random(), program = r % 4, user = 1000 + (r >> 4) % 6, code = (r >> 8) % 4;
        printf("type=SECCOMP msg=audit(%ld.%03ld:%ld): auid=%u uid=%u gid=%u ses=4 subj=unconfined pid=%u comm=%s "
               "exe=%s sig=%d arch=c000003e syscall=%d compat=0 ip=0x7f%010x code=%s\x1d"
               "AUID=\"user%u\" UID=\"user%u\" GID=\"user%u\" ARCH=x86_64 SYSCALL=call\n",
               1592235264L + i / 5000, i / 5 % 1000, i + 94, user, user, user, 600 + (r >> 12) % 30000,
               programs[program].name, programs[program].path, code >= 2 ? 31 : 0, calls[(r >> 20) % 10], next_random(),
               codes[code], user, user, user);
    }
}

static char *read_all(const char *path, size_t *size) {
    FILE *f = fopen(path, "rb");
    if (f == NULL || fseek(f, 0, SEEK_END) != 0) {
        perror(path);
        exit(1);
    }
    *size = (size_t)ftell(f);
    rewind(f);
    char *text = malloc(*size + 1);
    if (text == NULL || fread(text, 1, *size, f) != *size) {
        perror(path);
        exit(1);
    }
    fclose(f);
    return text;
}

static void print_counts(const long counts[CALLS]) {
    long sum = 0;
    for (int i = 0; i < CALLS; i++)
        sum += counts[i];
    printf("%ld records\n", sum);
}

static void walk(const char *path, bool parse) {
    size_t size;
    long counts[CALLS] = {0};
    char *text = read_all(path, &size);
    for (char *line = text, *end = text + size; line < end;) {
        char *feed = memchr(line, '\n', (size_t)(end - line));
        if (feed == NULL) feed = end;
        struct record r = {.number = 0};
        if (!parse || record_parse(line, (size_t)(feed - line), &r) == RECORD_SECCOMP) counts[r.number % CALLS]++;
        line = feed + 1;
    }
    print_counts(counts);
    free(text);
}

#ifdef WITH_AUPARSE
static void with_auparse(const char *path) {
    long counts[CALLS] = {0};
    auparse_state_t *a = auparse_init(AUSOURCE_FILE, path);
    while (a != NULL && auparse_next_event(a) > 0) {
        if (auparse_get_type(a) != AUDIT_SECCOMP) continue;
        if (auparse_find_field(a, "syscall") == NULL) continue;
        counts[(unsigned)auparse_get_field_int(a) % CALLS]++;
    }
    auparse_destroy(a);
    print_counts(counts);
}
#endif

int main(int argc, char **argv) {
    if (argc == 3 && strcmp(argv[1], "make") == 0) {
        make(atol(argv[2]));
    } else if (argc == 3 && (strcmp(argv[1], "lines") == 0 || strcmp(argv[1], "reader") == 0)) {
        walk(argv[2], argv[1][0] == 'r');
    } else if (argc == 3 && strcmp(argv[1], "auparse") == 0) {
#ifdef WITH_AUPARSE
        with_auparse(argv[2]);
#else
        fprintf(stderr, "built without libauparse: install libauparse-dev\n");
        return 77;
#endif
    } else {
        fprintf(stderr, "usage: %s make COUNT | lines FILE | reader FILE | auparse FILE\n", argv[0]);
        return 2;
    }
    return fflush(stdout) == 0 ? 0 : 1;
}
