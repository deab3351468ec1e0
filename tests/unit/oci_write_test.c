// SPDX-License-Identifier: MIT
// What is written and read again means the same: shown by the proof, which compares over all inputs.
#include "oci.h"

#include "oci_kit.h"
#include "policy.h"

static struct filter *filter_of(const char *policy) {
    struct filter *f = filter_new();
    assert_non_null(f);
    if (policy_read(f, policy, strlen(policy), "policy") < 0) fail_msg("%s\n%s", policy, f->error.message);
    return f;
}

static bool comes_back(const char *policy) {
    struct filter *f = filter_of(policy), *again = filter_new();
    struct error e;
    bool done = write_oci(f, &e) == 0;
    if (done) {
        for (int id = 0; id < ABI_COUNT; id++)
            if ((filter_abis(f) & ABI_SET(id)) != 0) assert_int_equal(filter_set(again, "abi", abis[id].name), 0);
        if (oci_read(again, written, strlen(written), "written.json") < 0) fail_msg("%s", again->error.message);
        done = same_meaning(f, again, policy) != 0;
    } else {
        assert_int_equal(e.code, ENOTSUP);
    }
    filter_free(f);
    filter_free(again);
    return done;
}

static void policies(void **unused) {
    (void)unused;
    static const char *const good[] = {
        "abi x86_64\ndeny @exec, @spawn, @listen\n",
        "abi x86_64\ndeny @connect, @network, @accept\n",
        "abi x86_64\ndeny @write, @wx, @kernel, @mount, @namespace\n",
        "abi aarch64\nEACCES @exec, @spawn, @listen, @write\n",
        "abi s390x\ndeny @spawn, @network\n",
        "abi x86_64\nabi x86\nabi aarch64\ndeny @exec, @network, socket(type & 0xf == SOCK_RAW)\n",
        "abi x86_64\nallow ioctl(cmd == TIOCGWINSZ)\nEACCES ioctl(cmd == TCGETS)\nEBADF ioctl\n",
        "abi x86_64\ndefault ENOSYS\nallow read, write, exit_group, openat(flags & 3 == 0)\nkill ptrace\n",
        "abi x86_64\ndeny kill(sig < 9), kill(sig > 15), lseek(offset < 0), mmap(len >= 0x100000000)\n",
        "abi x86_64\nallow io_uring_setup\ndeny bind\n",
        "abi x86_64\ntrace(7) getpid\nerrno(0) getuid\nlog getgid\ntrap geteuid\nkill_thread getegid\n",
        "abi x86\ndeny bind, listen, shmat\n",
        "abi s390x\nkill @accept\n",
        "abi x86\nabi x86_64\ndeny accept, semop(semid == 3)\n",
        "abi x86\ndefault EPERM\nallow bind, socketcall, ipc, accept, semop, shmat\n",
        "abi ppc64le\nEACCES bind(addrlen == 3)\nEPERM bind, semop(semid == 3 && nsops > 2)\n",
        "abi x86_64\ndefault EPERM\nallow read\ndeny exit_group\n",
        "abi x86_64\ndefault EPERM\nallow read\ndeny exit_group(error_code == 3)\n",
        // 1295 entries
        "abi x86_64\ndefault EPERM\nallow read\nEACCES exit_group(arg0:u64 & 0xffffffff == 43)\n"
        "EPERM exit_group(arg1:u64 & 0xffffffff >= 244 && arg0:u64 & 0xa2 < 162)\n",
    };
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        if (!comes_back(good[i])) fail_msg("OCI should be able to say\n%s", good[i]);
}

static void random_policies(void **unused) {
    (void)unused;
    static const char *const actions[] = {"allow", "EACCES", "EPERM", "kill", "log"};
    static const char *const calls[] = {"socket", "ioctl", "mmap", "kill", "lseek", "getpid",
                                        // what a reader decides by itself where a profile says nothing
                                        "exit_group", "io_uring_setup", "uretprobe"};
    static const char *const ops[] = {"==", "!=", "<", "<=", ">", ">="};
    int done = 0;
    seed("random policies");
    for (int round = 0; round < 150; round++) {
        char policy[4096];
        struct text t;
        text_start(&t, policy, sizeof policy);
        text_add(&t, "abi x86_64\nlenient\ndefault %s\nallow read\n", actions[draw() % 4]);
        for (uint64_t rules = 1 + draw() % 5; rules > 0; rules--) {
            text_add(&t, "%s %s", actions[draw() % 5], calls[draw() % 9]);
            uint64_t conditions = draw() % 3;
            for (uint64_t i = 0; i < conditions; i++) {
                uint64_t mask = draw() % 2 ? UINT32_MAX : 1 + draw() % 255;
                text_add(&t, "%sarg%u:u64 & 0x%" PRIx64 " %s %" PRIu64, i == 0 ? "(" : " && ", (unsigned)(draw() % 2),
                         mask, ops[draw() % 6], draw() % 300 & mask);
            }
            text_add(&t, conditions > 0 ? ")\n" : "\n");
        }
        text_end(&t);
        done += comes_back(policy);
    }
    assert_true(done > 100);
}

static void refusals(void **unused) {
    (void)unused;
    static const struct {
        const char *policy, *message;
    } cases[] = {
        {"abi x86_64\nset foreign ENOSYS\ndeny bind\n",
         "OCI cannot say what happens to foreign ABIs; leave the option foreign at kill"},
        {"abi x86_64\nset unknown EPERM\ndeny bind\n",
         "OCI cannot say what happens to unknown numbers; leave the option unknown at ENOSYS"},
        {"abi x86_64\nset landlock on\ndeny bind\n", "OCI has no Landlock; leave the option landlock off"},
        {"abi x86_64\nset complain on\ndeny bind\n",
         "OCI has no complain, which logs foreign ABIs and unknown numbers as well; leave the option complain off and "
         "write \"log\" for \"deny\""},
        {"abi x86_64\ndeny 400\n",
         "OCI cannot say \"deny 400\" (policy:2:6): the number has no name, and profiles hold names"},
        {"abi x86_64\nabi s390x\ndeny @spawn\n", "OCI cannot say what this filter does with clone: it differs between "
                                                 "x86_64 and s390x, and a profile holds for "
                                                 "all its architectures; write one profile for each ABI"},
        {"abi x86\nallow socketcall(call == 2)\ndeny bind\n",
         "OCI cannot say \"allow socketcall(call == 2)\" (policy:2:7): other rules reach the same multiplexer; name "
         "the "
         "calls behind it instead"},
        {"abi x86_64\nabi x86\non x86 deny accept\n",
         "OCI cannot say what this filter does with accept: it differs between x86_64 and x86, and a profile holds for "
         "all its architectures; write one profile for each ABI"},
        {"abi x86\ndefault EPERM\nallow read\nEPERM bind(addrlen == 3)\nEACCES bind\n",
         "OCI cannot say \"EPERM bind(addrlen == 3)\" (policy:4:7): a multiplexer hides its arguments, and there it "
         "differs from the direct call"},
        {"abi ppc64le\nEACCES socketcall(call == 9)\nEACCES socket(type & 7 < 0)\n",
         "OCI cannot say \"EACCES socket(type & 7 < 0)\" (policy:3:8): a multiplexer hides its arguments, and there it "
         "differs from the direct call"},
        {"abi x86_64\ndeny mmap(prot != 1 && flags != 2 && fd != 3)\n",
         "OCI cannot say \"deny mmap(prot != 1 && flags != 2 && fd != 3)\" (policy:2:6): it would take thousands of "
         "entries"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct filter *f = filter_of(cases[i].policy);
        struct error e;
        assert_int_equal(write_oci(f, &e), -ENOTSUP);
        assert_string_equal(e.message, cases[i].message);
        filter_free(f);
    }
}

static void memory_runs_out(void **unused) {
    (void)unused;
    struct filter *f = filter_of("abi x86_64\nallow ioctl(cmd == TCGETS)\ndeny @exec, ioctl\n");
    struct error e;
    size_t n = 0;
    int r;
    do {
        memory_fail(++n);
        r = write_oci(f, &e);
        memory_fail(0);
        assert_true(r == 0 || r == -ENOMEM);
    } while (r != 0 && n < 500);
    assert_int_equal(r, 0);
    assert_true(n > 5);
    filter_free(f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(policies),
        cmocka_unit_test(random_policies),
        cmocka_unit_test(refusals),
        cmocka_unit_test(memory_runs_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
