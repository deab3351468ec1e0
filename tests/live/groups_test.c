// SPDX-License-Identifier: MIT
// Each group against each way around it that is known, on the running kernel, as root and as an ordinary user. An
// attempt first has to work without a filter: one that cannot work shows nothing. Then it must fail under every group
// that is to stop it. What is to go on is tried under all the other groups.
#include "attempts.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "child.h"
#include "groups.h"

enum {
    WORKED = 0, // /bin/true, once executed, says so too
    FAILED = 7,
    SECONDS = 20, // for one attempt
};

static const struct attempt *const all_attempts[] = {
    program_attempts, neighbour_attempts, network_attempts, file_attempts,
    memory_attempts,  system_attempts,    x86_attempts,
};

static char directory[] = "/tmp/abjure-groups-XXXXXX";

// In a child: attempt `a`, under `filter` ("deny @exec") or under none.
static _Noreturn void child(const struct attempt *a, const char *filter, enum child_user user) {
    alarm(SECONDS);
    if (user == CHILD_NOBODY) child_drop_privileges();
    if (a->prepare != NULL) a->prepare();
    if (filter != NULL) child_apply(filter);
    _exit(a->run() ? WORKED : FAILED);
}

static int status_of(const struct attempt *a, const char *filter, enum child_user user) {
    fflush(NULL);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) child(a, filter, user);
    int status;
    while (waitpid(pid, &status, 0) != pid) {
    }
    return status;
}

static bool worked(int status) {
    return WIFEXITED(status) && WEXITSTATUS(status) == WORKED;
}

// Failed by the filter: a return, or death by SIGSYS for calls through another ABI. Anything else is a broken test.
static bool stopped(int status) {
    return (WIFEXITED(status) && WEXITSTATUS(status) == FAILED) || (WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS);
}

static const char *user_name(enum child_user user) {
    return user == CHILD_NOBODY ? "nobody" : "root";
}

// The next word of "@exec @debug".
static bool next_group(const char **groups, char word[32]) {
    *groups += strspn(*groups, " ");
    size_t length = strcspn(*groups, " ");
    if (length == 0) return false;
    assert_true(length < 32);
    memcpy(word, *groups, length);
    word[length] = '\0';
    *groups += length;
    return true;
}

static bool names_group(const char *groups, const char *group) {
    char word[32];
    while (next_group(&groups, word))
        if (strcmp(word + 1, group) == 0) return true;
    return false;
}

static unsigned held, missing, broken;

static void expect(bool as_wanted, const struct attempt *a, const char *filter, enum child_user user, int status) {
    held++;
    if (as_wanted) return;
    broken++;
    print_error("\"%s\" by %s under \"%s\": status 0x%x\n", a->name, user_name(user), filter, (unsigned)status);
}

static void try_attempt(const struct attempt *a, enum child_user user) {
    if (a->flags & NEEDS_ROOT && (user == CHILD_NOBODY || geteuid() != 0)) return;
    int status = status_of(a, NULL, user);
    if (!worked(status)) {
        print_message("  not possible here without a filter, by %s: %s (0x%x)\n", user_name(user), a->name,
                      (unsigned)status);
        if (!(a->flags & MAYBE)) expect(false, a, "(none)", user, status);
        missing++;
        return;
    }
    const char *groups = a->groups;
    char group[32], filter[64];
    while (next_group(&groups, group)) {
        snprintf(filter, sizeof filter, "deny %s", group);
        status = status_of(a, filter, user);
        expect(stopped(status), a, filter, user, status);
    }
}

static void try_going_on(const struct attempt *a, enum child_user user) {
    for (int group = 0; group < groups_count(); group++) {
        if (names_group(a->groups, groups_name(group))) continue;
        char filter[64];
        snprintf(filter, sizeof filter, "deny @%s", groups_name(group));
        int status = status_of(a, filter, user);
        expect(worked(status), a, filter, user, status);
    }
}

static void start(void) {
    held = missing = broken = 0;
}

static void finish(unsigned least) {
    print_message("  %u expectations, %u broken; %u attempts not possible here\n", held, broken, missing);
    assert_int_equal(broken, 0);
    assert_true(held >= least);
}

static void every_way_around_is_closed(void **state) {
    start();
    const enum child_user user = *(enum child_user *)*state;
    for (size_t i = 0; i < sizeof all_attempts / sizeof *all_attempts; i++)
        for (const struct attempt *a = all_attempts[i]; a->name != NULL; a++)
            try_attempt(a, user);
    finish(150);
}

static void the_rest_goes_on(void **state) {
    start();
    const enum child_user user = *(enum child_user *)*state;
    for (const struct attempt *a = going_on; a->name != NULL; a++)
        try_going_on(a, user);
    finish(180);
}

// The three that the first users deny together, and all that do not break the tests' own means.
static void groups_together(void **state) {
    start();
    const enum child_user user = *(enum child_user *)*state;
    static const char three[] = "deny @exec, @spawn, @listen";
    static const char many[] = "deny @exec, @spawn, @listen, @debug, @signal, @mount, @namespace, @kernel, @wx";
    for (size_t i = 0; i < sizeof all_attempts / sizeof *all_attempts; i++)
        for (const struct attempt *a = all_attempts[i]; a->name != NULL; a++) {
            bool stops =
                names_group(a->groups, "exec") || names_group(a->groups, "spawn") || names_group(a->groups, "listen");
            if (!stops || (a->flags & NEEDS_ROOT && user == CHILD_NOBODY)) continue;
            if (a->flags & MAYBE && !worked(status_of(a, NULL, user))) {
                missing++;
                continue;
            }
            int status = status_of(a, three, user);
            expect(stopped(status), a, three, user, status);
        }
    static const char *const stay[] = {
        "threads",   "memory",     "AF_UNIX pairs", "signals to itself", "connecting",
        "datagrams", "getifaddrs", "reading files", "writing files",     "a server that listens goes on"};
    for (const struct attempt *a = going_on; a->name != NULL; a++)
        for (size_t i = 0; i < sizeof stay / sizeof *stay; i++)
            if (strcmp(a->name, stay[i]) == 0) {
                int status = status_of(a, many, user);
                expect(worked(status), a, many, user, status);
            }
    finish(30);
}

// What @listen lets through for netlink is no address of IPv4, of IPv6, or of the machine's own network.
static void twelve_bytes_open_no_port(void **state) {
    (void)state;
    static const int families[] = {AF_INET, AF_INET6, AF_VSOCK};
    unsigned tried = 0;
    for (size_t i = 0; i < sizeof families / sizeof *families; i++) {
        int s = socket(families[i], SOCK_STREAM, 0);
        if (s < 0) continue;
        struct sockaddr_storage a = {.ss_family = (sa_family_t)families[i]};
        assert_int_equal(bind(s, (struct sockaddr *)&a, 12), -1);
        assert_int_equal(errno, EINVAL);
        close(s);
        tried++;
    }
    assert_true(tried > 0);
}

// Why @wx leaves memfd_secret: its memory cannot become executable.
static void secret_memory_is_never_code(void **state) {
    (void)state;
    int secret = (int)syscall(SYS_memfd_secret, 0);
    if (secret < 0 && (errno == ENOSYS || errno == ENOMEM)) {
        print_message("  not possible here: memfd_secret\n");
        return;
    }
    assert_int_equal(ftruncate(secret, 4096), 0);
    void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, secret, 0);
    assert_ptr_not_equal(page, MAP_FAILED);
    assert_ptr_equal(mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_SHARED, secret, 0), MAP_FAILED);
    assert_int_equal(mprotect(page, 4096, PROT_READ | PROT_EXEC), -1);
    close(secret);
}

static int make_place(void **state) {
    (void)state;
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    return mkdtemp(directory) == NULL || chmod(directory, 01777) != 0 || setenv("ATTEMPTS_DIRECTORY", directory, 1);
}

static int remove_place(void **state) {
    (void)state;
    // Neighbours died with the attempt that made them, so none is left to wait for.
    alarm(SECONDS);
    while (waitpid(-1, NULL, 0) > 0)
        continue;
    alarm(0);
    char command[128];
    snprintf(command, sizeof command, "rm -rf %s", directory);
    return system(command);
}

int main(void) {
    static enum child_user as_is = CHILD_AS_IS, nobody = CHILD_NOBODY;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(twelve_bytes_open_no_port),
        cmocka_unit_test(secret_memory_is_never_code),
        cmocka_unit_test_prestate(every_way_around_is_closed, &as_is),
        cmocka_unit_test_prestate(every_way_around_is_closed, &nobody),
        cmocka_unit_test_prestate(the_rest_goes_on, &as_is),
        cmocka_unit_test_prestate(the_rest_goes_on, &nobody),
        cmocka_unit_test_prestate(groups_together, &as_is),
        cmocka_unit_test_prestate(groups_together, &nobody),
    };
    return cmocka_run_group_tests(tests, make_place, remove_place);
}
