// SPDX-License-Identifier: MIT
// Docker's own profile, read for each ABI, written as OCI and read again: it means the same over all inputs.
//
//   unit_oci_docker DEFAULT_JSON...      docker.sh fetches them
#include "oci_kit.h"

static char **paths;
static char json[1 << 20];

// Docker's 14, many that the profile asks for, and none: entries for a capability come and go with them.
static const char *const capabilities[] = {
    NULL, "CAP_SYS_ADMIN,CAP_SYS_PTRACE,CAP_SYS_TIME,CAP_SYS_CHROOT,CAP_NET_ADMIN,CAP_BPF,CAP_PERFMON,CAP_SYSLOG",
    "none"};

static void load_json(const char *path) {
    FILE *file = fopen(path, "rb");
    CHECK(file != NULL, "%s: %s", path, strerror(errno));
    json[fread(json, 1, sizeof json - 1, file)] = '\0';
    fclose(file);
}

static struct filter *filter_of(const char *abi, const char *set, const char *text, const char *name) {
    struct filter *f = new_filter(abi);
    if (set != NULL) must_set(f, "capabilities", set);
    if (oci_read(f, text, strlen(text), name) < 0) fail_msg("%s for %s: %s", name, abi, f->error.message);
    return f;
}

// The comparison is worth something: it finds one rule too much.
static void finds_a_difference(const struct filter *f, const char *abi) {
    struct filter *other = new_filter(abi);
    struct meaning m;
    struct program *program = NULL;
    struct witness w = {0};
    struct error e = {0};
    must_add(other, "EPERM", "getpid");
    if (oci_read(other, written, strlen(written), "written.json") < 0) fail_msg("%s", other->error.message);
    m = meaning_of(other);
    assert_int_equal(compile(&m, &program, &e), 0);
    assert_int_equal(compare(f, program, &w, &e), -EBADMSG);
    assert_int_equal(w.number, number_of_call(abi_find(abi, strlen(abi)), "getpid"));
    meaning_free(&m);
    program_free(program);
    filter_free(other);
}

static void comes_back(const char *path, const char *abi, const char *set) {
    struct filter *f = filter_of(abi, set, json, path);
    struct error e;
    CHECK(write_oci(f, &e) == 0, "%s for %s: %s", path, abi, e.message);
    struct filter *again = filter_of(abi, NULL, written, "written.json");
    uint32_t count = same_meaning(f, again, abi);
    CHECK(count > 40, "%s for %s: only %u instructions", path, abi, count);
    print_message("%s, capabilities %.20s: %u instructions, %zu bytes of JSON\n", abi, set == NULL ? "as Docker" : set,
                  count, strlen(written));
    finds_a_difference(f, abi);
    filter_free(f);
    filter_free(again);
}

static void profiles(void **unused) {
    (void)unused;
    assert_non_null(*paths);
    for (char **path = paths; *path != NULL; path++) {
        load_json(*path);
        for (int id = 0; id < ABI_COUNT; id++)
            for (size_t set = 0; set < LENGTH(capabilities); set++)
                comes_back(*path, abis[id].name, capabilities[set]);
    }
}

int main(int count, char **words) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(profiles)};
    paths = words + (count > 0);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
