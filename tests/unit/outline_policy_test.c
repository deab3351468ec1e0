// SPDX-License-Identifier: MIT
// The policy that an outline writes is read again, and means what the program does, but for what its comments except.
#include "outline_write.h"

#include "compile.h"
#include "policy.h"
#include "programs.h"
#include "prove.h"

enum {
    INPUTS = 300,
    PROGRAMS = 400 / SLOWDOWN,
    TEXT = 4 << 20,
};

static char text[TEXT];

static void write_policy(const struct program *p) {
    struct outline o;
    struct text t;
    struct error e = {0};
    assert_int_equal(outline_make(p, &o), 0);
    text_start(&t, text, sizeof text);
    assert_int_equal(outline_policy(&o, &t, &e), 0);
    assert_true(text_end(&t) < TEXT);
    outline_free(&o);
}

static struct meaning read_policy(struct filter **out) {
    struct error e = {0};
    struct meaning m;
    struct filter *f = filter_new();
    if (policy_read(f, text, strlen(text), "outline") < 0) {
        fputs(text, stderr);
        fail_msg("%s", f->error.message);
    }
    if (meaning_make(f, 1, &m, &e) < 0) {
        fputs(text, stderr);
        fail_msg("%s", e.message);
    }
    *out = f;
    return m;
}

static enum abi_id abi_of(const struct call_input *in) {
    for (int abi = 0; abi < ABI_COUNT; abi++)
        if (abis[abi].audit_arch == in->arch &&
            ((in->number & 0x40000000) == abis[abi].number_base || (abi != ABI_X86_64 && abi != ABI_X32)))
            return (enum abi_id)abi;
    return ABI_NONE;
}

static bool in_filter(const struct meaning *m, enum abi_id abi) {
    for (size_t i = 0; i < m->count; i++)
        if (m->sets[i].abi == abi) return true;
    return abi == ABI_X32 && in_filter(m, ABI_X86_64);
}

// Does a comment take the input out?
static bool excepted(const struct meaning *m, const struct call_input *in) {
    const enum abi_id abi = abi_of(in);
    for (const char *line = text; line[0] == '#'; line = strchr(line, '\n') + 1) {
        char name[64], where[64];
        unsigned first, last;
        if (strncmp(line, "# cannot say: other ABIs", 24) == 0 && (abi == ABI_NONE || !in_filter(m, abi))) return true;
        if (abi == ABI_NONE) continue;
        if (sscanf(line, "# cannot say: numbers %u to %u on %60[a-z0-9_]:", &first, &last, where) == 3) {
            if (strcmp(where, abis[abi].name) == 0 && in->number >= first && in->number <= last) return true;
        } else if (sscanf(line, "# cannot say: %60s on %60[a-z0-9_]:", name, where) == 2) {
            const syscall_id id = syscalls_at(abi, in->number);
            if (id != SYSCALL_NONE && strcmp(name, syscalls_name(id)) == 0 && strcmp(where, abis[abi].name) == 0)
                return true;
        }
    }
    return false;
}

static size_t compared, left_out, proven;

static void check(const struct program *p) {
    struct filter *f;
    write_policy(p);
    struct meaning m = read_policy(&f);
    for (int i = 0; i < INPUTS; i++) {
        const struct call_input in = some_input(p);
        const uint32_t wanted = decided(p, &in);
        const struct decision got = meaning_decide(&m, in.arch, in.number, in.args);
        if (excepted(&m, &in)) {
            left_out++;
            continue;
        }
        compared++;
        if (action_equal(action_of(wanted), action_of(got.verdict))) continue;
        fputs(text, stderr);
        fail_msg("arch %#x number %u (%llx %llx): the program %#x, the policy %#x", in.arch, in.number,
                 (unsigned long long)in.args[0], (unsigned long long)in.args[1], wanted, got.verdict);
    }
    meaning_free(&m);
    filter_free(f);
}

static void random_programs(void **unused) {
    (void)unused;
    seed("random programs");
    for (int i = 0; i < PROGRAMS; i++) {
        struct code code[2];
        random_program(&code[0], below(3) * 4);
        random_program(&code[1], below(3) * 4);
        struct program older = {.code = code[1].list, .count = code[1].count};
        const struct program p = {.code = code[0].list, .count = code[0].count, .older = below(3) == 0 ? &older : NULL};
        check(&p);
    }
    print_message("%zu inputs, %zu excepted by a comment\n", compared, left_out);
    assert_true(compared > 2 * left_out);
}

static const char *const policies[] = {
    "deny @exec, @listen\n",
    "default EPERM\nallow @network, read, write, clone(flags & CLONE_NEWUSER == 0), ioctl(cmd == TIOCSTI)\n",
    "abi x86_64\nabi x86\nabi x32\ndeny @spawn\nkill kill(pid < 0)\non x86_64 EIO lseek(offset >= 4294967296)\non x86 "
    "allow bind\n",
    "abi x86\ndefault EACCES\nallow read, write, exit_group, socketcall(call == 1), ipc(call & 0xffff == 2)\n",
    "abi x86_64\nabi aarch64\nset unknown kill\nset foreign ENOSYS\nset x32 trap\ntrap mmap(prot & PROT_EXEC != 0)\n"
    "log openat(dirfd == AT_FDCWD && flags & O_ACCMODE == O_RDWR), openat\nerrno(0) chroot\ntrace(7) mount\n",
    "abi s390x\ndeny connect, @exec\n",
    "abi s390x\ndefault ENOSYS\ndeny socketcall\nallow bind, socket(family == AF_UNIX), shmat\n",
    "abi arm\nabi riscv64\ndeny personality(persona != 0xffffffff), fcntl(cmd == F_SETOWN && arg > 0)\n",
    "deny 401, 1000\nallow 600, 2000\n",
    "set unknown allow\nallow @network\nlog read\n",
};

// What abjure compiles itself comes back as a policy that the proof finds to be equal to the very program.
static void own_programs(void **unused) {
    (void)unused;
    seed("own programs");
    for (size_t i = 0; i < LENGTH(policies); i++) {
        struct filter *f = filter_new(), *again;
        struct program *p = NULL;
        struct error e = {0};
        CHECK(policy_read(f, policies[i], strlen(policies[i]), "policy") == 0, "%zu: %s", i, f->error.message);
        struct meaning m = meaning_of(f);
        CHECK(compile(&m, &p, &e) == 0, "%zu: %s", i, e.message);
        check(p);
        if (text[0] != '#') {
            struct meaning back = read_policy(&again);
            if (prove(p, &back, PROVE_STEPS, NULL, &e) < 0) {
                fputs(text, stderr);
                fail_msg("policy %zu: %s", i, e.message);
            }
            proven++;
            meaning_free(&back);
            filter_free(again);
        }
        program_free(p);
        meaning_free(&m);
        filter_free(f);
    }
    print_message("%zu of %zu proven\n", proven, LENGTH(policies));
    assert_true(proven >= LENGTH(policies) - 1);
}

static void out_of_memory(void **unused) {
    (void)unused;
    struct filter *f = filter_new();
    struct program *p = NULL;
    struct error e = {0};
    struct outline o;
    must_set(f, "abi", "x86_64");
    must_set(f, "abi", "x86");
    must_add(f, "deny", "@exec, socket(family != AF_UNIX)");
    struct meaning m = meaning_of(f);
    assert_int_equal(compile(&m, &p, &e), 0);
    assert_int_equal(outline_make(p, &o), 0);
    const struct outline_request all = {.abi = ABI_NONE};
    for (int format = 0; format < 3; format++) {
        for (size_t n = 1;; n++) {
            struct text t;
            text_start(&t, text, sizeof text);
            memory_fail(n);
            const int r = format == 0   ? outline_policy(&o, &t, &e)
                          : format == 1 ? outline_json(&o, &all, &t, &e)
                                        : outline_text(&o, &all, &t, &e);
            const bool reached = memory_asked() >= n;
            memory_fail(0);
            if (!reached) {
                assert_int_equal(r, 0);
                break;
            }
            assert_int_equal(r, -ENOMEM);
        }
    }
    outline_free(&o);
    program_free(p);
    meaning_free(&m);
    filter_free(f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(own_programs),
        cmocka_unit_test(random_programs),
        cmocka_unit_test(out_of_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
