// SPDX-License-Identifier: MIT
// What an outline says of a program against what the interpreter does, for random and for hostile programs.
#include "outline.h"

#include "clauses.h"
#include "compile.h"
#include "programs.h"

enum {
    INPUTS = 400,
    WILD_PROGRAMS = 600 / SLOWDOWN,
    STACKS = 300 / SLOWDOWN,
};

static bool in_domain(const struct outline_part *p, uint32_t arch, uint32_t number) {
    if (p->abi == ABI_NONE) return arch >= p->arch_first && arch <= p->arch_last;
    if (abis[p->abi].audit_arch != arch) return false;
    if (p->abi == ABI_X86_64 || p->abi == ABI_X32) return ((number & 0x40000000) != 0) == (p->abi == ABI_X32);
    return true;
}

// Is it a call in some ABI's table?
static bool known(const struct call_input *in) {
    for (int abi = 0; abi < ABI_COUNT; abi++)
        if (abis[abi].audit_arch == in->arch && syscalls_known((enum abi_id)abi, in->number)) return true;
    return false;
}

static const struct cases *list_of(const struct outline *o, const struct call_input *in) {
    const struct cases *found = NULL;
    for (size_t i = 0; i < o->part_count; i++) {
        if (!in_domain(&o->parts[i], in->arch, in->number)) continue;
        assert_null(found); // parts do not overlap
        found = outline_cases(o, &o->parts[i], in->number);
        const struct outline_span *s = &o->spans[o->parts[i].span];
        while (s->last < in->number)
            s++;
        assert_true(s->first <= in->number && s->cases == found);
    }
    assert_non_null(found);
    return found;
}

static const struct cases *case_of(const struct cases *c, const struct bpf_input *input, bool big_endian) {
    for (;; c = c->next) {
        bool holds = true;
        for (unsigned i = BOX_IP; i < BOX_WORDS && holds; i++)
            holds = word_has(&c->where.word[i], input->word[i >= BOX_ARGUMENTS && big_endian ? i ^ 1u : i]);
        if (holds) return c;
        assert_non_null(c->next);
    }
}

static const struct clause *clause_of(const struct clauses *c, const struct call_input *in) {
    for (size_t i = 0; i < c->count; i++) {
        bool holds = true;
        for (unsigned j = 0; j < c->list[i].looks && holds; j++) {
            const struct look *look = &c->list[i].look[j];
            const uint64_t value =
                (look->argument == CLAUSE_POINTER ? in->pointer : in->args[look->argument]) & look->mask;
            holds = value >= look->first && value <= look->last;
        }
        if (holds) return &c->list[i];
    }
    fail_msg("no clause holds");
    return NULL;
}

static uint32_t as_action(uint32_t verdict) {
    return action_verdict(action_of(verdict));
}

// An exact case gives the very verdict; an unsure one the strictest that may come.
static bool agrees(uint32_t said, bool unsure, uint32_t got) {
    if (unsure) return as_action(bpf_stricter(said, got)) == as_action(said);
    if ((got & SECCOMP_RET_ACTION_FULL) == SECCOMP_RET_TRAP) return said == got;
    return said == as_action(got);
}

static void print_program(const struct program *p) {
    static char buffer[100000];
    struct text t;
    text_start(&t, buffer, sizeof buffer);
    bpf_disassemble(p, &t);
    text_end(&t);
    print_message("%s", buffer);
}

static size_t unsure, unsure_known, looked;

static void check_input(const struct program *p, const struct outline *o, const struct call_input *in) {
    const struct bpf_input input = bpf_input(p->big_endian, in->arch, in->number, in->pointer, in->args);
    const uint32_t got = bpf_decide(p, &input);
    const struct cases *list = list_of(o, in), *c = case_of(list, &input, p->big_endian);
    struct clauses clauses;
    looked++;
    unsure += c->unsure;
    unsure_known += c->unsure && known(in);
    if (!agrees(c->verdict, c->unsure, got)) {
        print_program(p);
        fail_msg("arch %#x number %u: said %#x%s, got %#x", in->arch, in->number, c->verdict, c->unsure ? "?" : "",
                 got);
    }
    if (list->length > 64 && below(16) != 0) return;
    assert_int_equal(clauses_make(list, p->big_endian, &clauses), 0);
    const struct clause *clause = clause_of(&clauses, in);
    if (clause->verdict != c->verdict || clause->unsure != c->unsure) {
        print_program(p);
        fail_msg("arch %#x number %u: %zu clauses say %#x, cases %#x", in->arch, in->number, clauses.count,
                 clause->verdict, c->verdict);
    }
    clauses_free(&clauses);
}

static void check_program(const struct program *p) {
    struct outline o;
    assert_int_equal(outline_make(p, &o), 0);
    for (int i = 0; i < INPUTS; i++) {
        const struct call_input in = some_input(p);
        check_input(p, &o, &in);
    }
    outline_free(&o);
}

static void random_programs(void **unused) {
    (void)unused;
    seed("random programs");
    static const unsigned wild[] = {0, 5, 20, 60};
    for (size_t w = 0; w < LENGTH(wild); w++) {
        unsure = unsure_known = looked = 0;
        for (int i = 0; i < WILD_PROGRAMS; i++) {
            struct code code;
            random_program(&code, wild[w]);
            const struct program p = {.code = code.list, .count = code.count, .big_endian = below(4) == 0};
            check_program(&p);
        }
        print_message("%u in 100 instructions wild: %zu inputs, %zu of them unsure, %zu of these of known calls\n",
                      wild[w], looked, unsure, unsure_known);
        // Programs of the usual kind are told exactly, but for those few that have many cases for every call.
        if (wild[w] == 0) assert_true(unsure_known < looked / 25);
    }
}

static void stacked_programs(void **unused) {
    (void)unused;
    seed("stacked programs");
    for (int i = 0; i < STACKS; i++) {
        struct code code[3];
        struct program p[3];
        const unsigned count = 2 + below(2);
        for (unsigned j = 0; j < count; j++) {
            random_program(&code[j], below(3) * 5);
            p[j] = (struct program){.code = code[j].list, .count = code[j].count};
            if (j > 0) p[j - 1].older = &p[j];
        }
        check_program(&p[0]);
    }
}

// ---- Compiled filters ----------------------------------------------------------------------------------------------

static const char *const rules[] = {
    "socket(family == AF_UNIX)",
    "socket(family != AF_INET && type == SOCK_STREAM)",
    "clone(flags & CLONE_NEWUSER != 0)",
    "ioctl(cmd == TIOCSTI)",
    "ioctl(cmd >= 0x5400 && cmd <= 0x54ff)",
    "mmap(prot & PROT_WRITE|PROT_EXEC == PROT_WRITE|PROT_EXEC)",
    "openat(flags & O_ACCMODE != 0)",
    "personality(arg0:u64 == 0x20008)",
    "kill(pid < 0)",
    "kill(pid > 100 && sig == 9)",
    "fcntl(cmd == F_SETOWN)",
    "execve",
    "@network",
    "@exec",
    "prctl(option == 4 && arg2 >= 3)",
    "lseek(offset <= -5)",
    "bind(addrlen != 12)",
    "read(count > 0x100000000)",
    "500",
};

static void compiled_filters(void **unused) {
    (void)unused;
    seed("compiled filters");
    unsure = looked = 0;
    for (int i = 0; i < 200 / SLOWDOWN + 5; i++) {
        static const char *const actions[] = {"allow", "deny", "EACCES", "log", "trap", "kill", "trace(3)"};
        struct filter *f = new_filter("x86_64");
        struct program *p = NULL;
        struct error e = {0};
        if (below(2)) must_set(f, "abi", "aarch64");
        for (int n = 1 + (int)below(8); n > 0; n--)
            (void)add(f, PICK(actions), PICK(rules));
        filter_clear(f);
        struct meaning m = meaning_of(f);
        if (compile(&m, &p, &e) == 0) check_program(p);
        program_free(p);
        meaning_free(&m);
        filter_free(f);
    }
    print_message("%zu inputs\n", looked);
    assert_int_equal(unsure, 0);
}

// ---- Hostile ones --------------------------------------------------------------------------------------------------

static void check_time(const char *name, const struct sock_filter *code, uint32_t count, bool exact) {
    const struct program p = {.code = (struct sock_filter *)(uintptr_t)code, .count = count};
    struct timespec from, to;
    struct error e = {0};
    CHECK(bpf_validate(code, count, &e) == 0, "%s: %s", name, e.message);
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &from);
    unsure = looked = 0;
    check_program(&p);
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &to);
    const double seconds = (double)(to.tv_sec - from.tv_sec) + (double)(to.tv_nsec - from.tv_nsec) / 1e9;
    print_message("%s: %.0f ms, %zu of %zu inputs unsure\n", name, seconds * 1e3, unsure, looked);
    CHECK(seconds < 10 * SLOWDOWN, "%s: %.1f s", name, seconds);
    if (exact) assert_int_equal(unsure, 0);
}

#define ARGUMENT(i) (16u + 8u * (i))

// Each bit of an argument turns the verdict: no list of cases is short.
static void parity(void **unused) {
    (void)unused;
    struct sock_filter code[8 * 32 + 3];
    uint32_t n = 0;
    code[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_IMM, 0);
    code[n++] = (struct sock_filter)BPF_STMT(BPF_ST, 0);
    for (uint32_t i = 0; i < 30; i++) {
        code[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, ARGUMENT(i % 6));
        code[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, UINT32_C(1) << i, 0, 3);
        code[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_MEM, 0);
        code[n++] = (struct sock_filter)BPF_STMT(BPF_ALU | BPF_XOR | BPF_K, 1);
        code[n++] = (struct sock_filter)BPF_STMT(BPF_ST, 0);
    }
    code[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_MEM, 0);
    code[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 1, 0, 1);
    code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | 1);
    code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    check_time("parity", code, n, false);
}

// Registers in more states than one can keep.
static void states(void **unused) {
    (void)unused;
    static struct sock_filter code[BPF_LIMIT];
    uint32_t n = 0;
    code[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_IMM, 0);
    code[n++] = (struct sock_filter)BPF_STMT(BPF_ST, 1);
    for (uint32_t i = 0; n + 8 < BPF_LIMIT; i++) {
        code[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, ARGUMENT(i % 6));
        code[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, UINT32_C(1) << i % 32, 0, 3);
        code[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_MEM, 1);
        code[n++] = (struct sock_filter)BPF_STMT(BPF_ALU | BPF_ADD | BPF_K, UINT32_C(1) << i % 31);
        code[n++] = (struct sock_filter)BPF_STMT(BPF_ST, 1);
    }
    code[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_MEM, 1);
    code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_A, 0);
    check_time("states", code, n, false);
}

// 1,300 rules on one call, each with a random mask on two arguments.
static void masks(void **unused) {
    (void)unused;
    static struct sock_filter code[BPF_LIMIT];
    uint32_t n = 0;
    seed("masks");
    while (n + 8 < BPF_LIMIT) {
        const uint32_t mask = (uint32_t)draw();
        code[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, ARGUMENT(below(6)));
        code[n++] = (struct sock_filter)BPF_STMT(BPF_ALU | BPF_AND | BPF_K, mask);
        code[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)draw() & mask, 0, 4);
        code[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, ARGUMENT(below(6)) + 4);
        code[n++] = (struct sock_filter)BPF_STMT(BPF_ALU | BPF_AND | BPF_K, (uint32_t)draw());
        code[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, (uint32_t)draw(), 0, 1);
        code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, PICK(some_verdicts));
    }
    code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    check_time("masks", code, n, false);
}

// 2,000 thresholds of the number, from the highest down, and each bit of it.
static void many_numbers(void **unused) {
    (void)unused;
    static struct sock_filter code[BPF_LIMIT];
    uint32_t n = 0;
    code[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0);
    for (uint32_t i = 0; n + 2 < BPF_LIMIT; i++) {
        code[n++] =
            (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 0xf0000000 - i * 0x1000001 % 0xf0000000, 0, 1);
        code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (i % 4000));
    }
    code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    check_time("thresholds", code, n, false);
    n = 0;
    for (uint32_t i = 0; i < 31; i++) {
        code[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0);
        code[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, UINT32_C(1) << i, 0, 1);
        code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | i);
    }
    code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    check_time("bits of the number", code, n, false);
}

// The same 1,000 cases for every call, each with one of its own in front.
static void long_lists(void **unused) {
    (void)unused;
    static struct sock_filter code[BPF_LIMIT];
    uint32_t n = 0;
    for (uint32_t i = 0; i < 450; i++) {
        code[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0);
        code[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, i, 0, 3);
        code[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, ARGUMENT(1));
        code[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, i, 0, 1);
        code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRACE | i);
    }
    code[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, ARGUMENT(0));
    for (uint32_t i = 0; i < 900; i++) {
        code[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, i * 7, 0, 1);
        code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (i % 3));
    }
    code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    check_time("long lists", code, n, false);
}

// 800 values of one argument are told one by one.
static void within_the_bounds(void **unused) {
    (void)unused;
    static struct sock_filter code[BPF_LIMIT];
    uint32_t n = 0;
    code[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0);
    code[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 16, 1, 0);
    code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    code[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, ARGUMENT(1));
    for (uint32_t i = 0; i < 800; i++) {
        code[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0x5400 + i * 3, 0, 1);
        code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | 1);
    }
    code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    const struct program p = {.code = code, .count = n};
    struct outline o;
    assert_int_equal(outline_make(&p, &o), 0);
    for (size_t i = 0; i < o.part_count; i++)
        assert_int_equal(outline_cases(&o, &o.parts[i], 16)->length, o.parts[i].abi == ABI_X32 ? 1 : 801);
    outline_free(&o);
}

static void out_of_memory(void **unused) {
    (void)unused;
    struct code code;
    seed("out of memory");
    random_program(&code, 10);
    const struct program p = {.code = code.list, .count = code.count};
    for (size_t n = 1;; n++) {
        struct outline o;
        memory_fail(n);
        const int r = outline_make(&p, &o);
        const bool reached = memory_asked() >= n;
        memory_fail(0);
        if (r == 0) outline_free(&o);
        if (!reached) break;
        assert_int_equal(r, -ENOMEM);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_programs), cmocka_unit_test(stacked_programs), cmocka_unit_test(compiled_filters),
        cmocka_unit_test(parity),          cmocka_unit_test(states),           cmocka_unit_test(masks),
        cmocka_unit_test(many_numbers),    cmocka_unit_test(long_lists),       cmocka_unit_test(within_the_bounds),
        cmocka_unit_test(out_of_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
