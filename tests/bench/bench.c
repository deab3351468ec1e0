// SPDX-License-Identifier: MIT
// Measures abjure beside libseccomp, in one run:
//     bench [DOCKER_PROFILE.json...]
// The profiles are default.json of the Go module github.com/moby/profiles/seccomp, which
// `go mod download -json github.com/moby/profiles/seccomp@v0.1.0` fetches; without one, that part is left out.
//     bench --limit INSTRUCTIONS DOCKER_PROFILE.json
// measures no time: it fails where the program has more instructions, or runs more than 15 for a call or 10.5 in the
// mean. A test does this.
#include "compile.h"
#include "dead.h"
#include "filter.h"
#include "load.h"
#include "measure.h"
#include "oci.h"
#include "profile.h"
#include "prove.h"

#include <errno.h>
#include <linux/audit.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
    OURS,
    THEIRS,
    THEIRS_TREE,
    WAYS
};

// One way to a program.
struct way {
    const struct bench_rules *rules;
    unsigned optimize; // libseccomp's: 1 is its default, 2 a binary tree
    struct filter *filter;
    scmp_filter_ctx context;
    struct meaning meaning;
    struct program *program;
    struct error error;
};

static void give_up(const char *what, const char *why) {
    fprintf(stderr, "bench: %s: %s\n", what, why);
    exit(1);
}

// ---- abjure --------------------------------------------------------------------------------------------------------

static void add_ours(void *data) {
    struct way *w = data;
    const struct bench_rules *rules = w->rules;
    w->filter = filter_new();
    int r = filter_set(w->filter, "abi", "x86_64");
    if (r == 0) r = filter_default(w->filter, rules->action, strlen(rules->action));
    for (size_t i = 0; r == 0 && i < rules->count; i++) {
        const struct bench_rule *rule = &rules->rules[i];
        r = filter_add(w->filter, rule->action, strlen(rule->action), rule->text, strlen(rule->text),
                       (struct source){.name = ""});
    }
    if (r < 0) give_up("add", w->filter->error.message);
}

static void mean_ours(void *data) {
    struct way *w = data;
    if (meaning_make(w->filter, -1, &w->meaning, &w->error) < 0) give_up("meaning", w->error.message);
}

static void compile_ours(void *data) {
    struct way *w = data;
    mean_ours(w);
    if (compile(&w->meaning, &w->program, &w->error) < 0) give_up("compile", w->error.message);
}

static void build_ours(void *data) {
    add_ours(data);
    compile_ours(data);
}

static void drop_program(void *data) {
    struct way *w = data;
    program_free(w->program);
    meaning_free(&w->meaning);
    w->program = NULL;
}

static void drop_ours(void *data) {
    struct way *w = data;
    drop_program(w);
    filter_free(w->filter);
    w->filter = NULL;
}

static void drop_meaning(void *data) {
    meaning_free(&((struct way *)data)->meaning);
}

static void prove_ours(void *data) {
    struct way *w = data;
    struct witness witness;
    if (prove(w->program, &w->meaning, PROVE_STEPS, &witness, &w->error) < 0) give_up("prove", w->error.message);
}

static void find_dead(void *data) {
    struct way *w = data;
    if (dead_find(w->filter, &w->meaning, &w->error) < 0) give_up("dead rules", w->error.message);
}

static void read_json(void *data) {
    struct way *w = data;
    w->filter = filter_new();
    int r = filter_set(w->filter, "abi", "x86_64");
    if (r == 0) r = oci_read(w->filter, w->rules->json, w->rules->length, "profile");
    if (r < 0) give_up("JSON", w->filter->error.message);
}

static void drop_filter(void *data) {
    struct way *w = data;
    filter_free(w->filter);
    w->filter = NULL;
}

// ---- libseccomp ----------------------------------------------------------------------------------------------------

static void build_theirs(void *data) {
    struct way *w = data;
    const struct bench_rules *rules = w->rules;
    w->context = seccomp_init(rules->verdict);
    seccomp_attr_set(w->context, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
    seccomp_attr_set(w->context, SCMP_FLTATR_CTL_OPTIMIZE, w->optimize);
    for (size_t i = 0; i < rules->count; i++) {
        const struct bench_rule *r = &rules->rules[i];
        const int number = seccomp_syscall_resolve_name(r->name);
        // A newer table than libseccomp's: it cannot have the rule. Repeated rules are no failure.
        if (number < 0 || r->verdict == rules->verdict) continue;
        const int result = seccomp_rule_add_array(w->context, r->verdict, number, r->conditions, r->condition);
        if (result < 0 && result != -EEXIST) give_up("seccomp_rule_add", strerror(-result));
    }
    const int fd = memfd_create("bench", 0);
    static unsigned char bytes[1 << 20];
    if (fd < 0 || seccomp_export_bpf(w->context, fd) < 0) give_up("seccomp_export_bpf", strerror(errno));
    const ssize_t size = pread(fd, bytes, sizeof bytes, 0);
    close(fd);
    if (size / 8 > BPF_LIMIT || bpf_from_bytes(bytes, (uint64_t)size, &w->program, &w->error) < 0) w->program = NULL;
}

static void drop_theirs(void *data) {
    struct way *w = data;
    program_free(w->program);
    w->program = NULL;
    seccomp_release(w->context);
}

// ---- What programs cost --------------------------------------------------------------------------------------------

struct cost {
    unsigned most;
    double mean; // over the numbers of the table, of the worst arguments each
};

// All numbers of the table with all values that some rule tests, those beside them and one of 64 bits.
static struct cost run_all(const struct program *p, const struct bench_rules *rules) {
    uint64_t values[4096] = {0, UINT64_MAX}, sum = 0, calls = 0;
    size_t count = 2, ranges;
    struct cost cost = {0};
    for (size_t i = 0; i < rules->count; i++)
        for (unsigned c = 0; c < rules->rules[i].conditions; c++)
            for (int beside = -1; beside <= 1 && count < 4096; beside++)
                values[count++] = rules->rules[i].condition[c].datum_a + (uint64_t)(int64_t)beside;
    const struct syscall_range *range = syscalls_ranges(ABI_X86_64, &ranges);
    for (size_t r = 0; r < ranges; r++)
        for (uint32_t number = range[r].first; number <= range[r].last; number++) {
            unsigned worst = 0;
            for (size_t v = 0; v < count; v++) {
                const uint64_t args[6] = {values[v], values[v], values[v], values[v], values[v], values[v]};
                const struct bpf_input input = bpf_input(false, AUDIT_ARCH_X86_64, number, 0, args);
                unsigned executed;
                bpf_run(p, &input, &executed);
                if (executed > worst) worst = executed;
            }
            sum += worst;
            calls++;
            if (worst > cost.most) cost.most = worst;
        }
    cost.mean = (double)sum / (double)calls;
    return cost;
}

// In a child, which the filter then binds.
static double load_time(const struct program *p) {
    int ends[2];
    double median = 0;
    if (pipe(ends) < 0) give_up("pipe", strerror(errno));
    for (int child = 0; child < 15; child++) {
        fflush(stdout);
        const pid_t pid = fork();
        if (pid == 0) {
            struct timespec a, b;
            const struct load_options options = {.this_thread = true};
            pid_t thread;
            prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
            clock_gettime(CLOCK_MONOTONIC, &a);
            const int r = load_raw(p, &options, &thread);
            clock_gettime(CLOCK_MONOTONIC, &b);
            const double time =
                r < 0 ? -1 : (double)(b.tv_sec - a.tv_sec) * 1e6 + (double)(b.tv_nsec - a.tv_nsec) / 1e3;
            _exit(write(ends[1], &time, sizeof time) == sizeof time ? 0 : 1);
        }
        waitpid(pid, NULL, 0);
    }
    double times[15];
    if (read(ends[0], times, sizeof times) != sizeof times) give_up("load", "a child did not report");
    for (int i = 0; i < 15; i++) {
        int below = 0;
        for (int j = 0; j < 15; j++)
            below += times[j] < times[i] || (times[j] <= times[i] && j < i);
        if (below == 7) median = times[i];
    }
    close(ends[0]);
    close(ends[1]);
    return median;
}

// ---- The table -----------------------------------------------------------------------------------------------------

static void line(const char *what, const char *format, double ours, double theirs, double tree) {
    printf("  %-34s", what);
    printf(format, ours);
    if (theirs > 0) {
        printf(format, theirs);
        printf(format, tree);
        printf("%11.1f", theirs / ours);
    }
    printf("\n");
}

static void compare(const char *title, const struct bench_rules *rules, unsigned rounds) {
    struct way ways[WAYS] = {{.rules = rules}, {.rules = rules, .optimize = 1}, {.rules = rules, .optimize = 2}};
    struct job jobs[] = {{build_ours, drop_ours, &ways[OURS], 0},
                         {build_theirs, drop_theirs, &ways[THEIRS], 0},
                         {build_theirs, drop_theirs, &ways[THEIRS_TREE], 0}};
    printf("%s: %zu rules\n  %-34s%11s%11s%11s%11s\n", title, rules->count, "", "abjure", "libseccomp", "its tree",
           "ratio");
    measure(jobs, WAYS, rounds);
    line("add and compile, us", "%11.1f", jobs[OURS].median, jobs[THEIRS].median, jobs[THEIRS_TREE].median);
    for (size_t i = 0; i < WAYS; i++)
        jobs[i].run(&ways[i]);
    struct cost cost[WAYS] = {0};
    double counts[WAYS] = {0}, load[WAYS] = {0};
    for (size_t i = 0; i < WAYS; i++) {
        if (ways[i].program == NULL) continue; // libseccomp's exceeds the kernel's limit
        cost[i] = run_all(ways[i].program, rules);
        counts[i] = ways[i].program->count;
        load[i] = load_time(ways[i].program);
    }
    line("instructions", "%11.0f", counts[OURS], counts[THEIRS], counts[THEIRS_TREE]);
    line("executed, most", "%11.0f", cost[OURS].most, cost[THEIRS].most, cost[THEIRS_TREE].most);
    line("executed, mean over the numbers", "%11.1f", cost[OURS].mean, cost[THEIRS].mean, cost[THEIRS_TREE].mean);
    line("load into the kernel, us", "%11.1f", load[OURS], load[THEIRS], load[THEIRS_TREE]);
    struct job proof[] = {{prove_ours, NULL, &ways[OURS], 0}, {find_dead, NULL, &ways[OURS], 0}};
    measure(proof, 2, rounds / 4 + 1);
    line("proof, us", "%11.1f", proof[0].median, 0, 0);
    line("search for dead rules, us", "%11.1f", proof[1].median, 0, 0);
    struct way own = {.rules = rules, .filter = ways[OURS].filter};
    struct way adding = {.rules = rules}, json = {.rules = rules};
    struct job parts[] = {{add_ours, drop_filter, &adding, 0},
                          {mean_ours, drop_meaning, &own, 0},
                          {compile_ours, drop_program, &own, 0},
                          {read_json, drop_filter, &json, 0}};
    measure(parts, rules->json != NULL ? 4 : 3, rounds);
    line("add the rules, us", "%11.1f", parts[0].median, 0, 0);
    line("resolve names to numbers, us", "%11.1f", parts[1].median, 0, 0);
    line("compile, us", "%11.1f", parts[2].median - parts[1].median, 0, 0);
    if (rules->json != NULL) line("read the profile's JSON, us", "%11.1f", parts[3].median, 0, 0);
    drop_ours(&ways[OURS]);
    drop_theirs(&ways[THEIRS]);
    drop_theirs(&ways[THEIRS_TREE]);
    printf("\n");
}

static int check_limit(size_t limit, const char *path) {
    struct bench_rules rules;
    if (profile_read(path, &rules) < 0) return 1;
    struct way way = {.rules = &rules};
    build_ours(&way);
    const struct cost cost = run_all(way.program, &rules);
    printf("%zu rules: %u instructions (limit %zu), at most %u executed (15), %.2f in the mean (10.5)\n", rules.count,
           way.program->count, limit, cost.most, cost.mean);
    const bool good = rules.count > 300 && way.program->count <= limit && cost.most <= 15 && cost.mean <= 10.5;
    drop_ours(&way);
    profile_free(&rules);
    return good ? 0 : 1;
}

int main(int argc, char **argv) {
    struct bench_rules rules;
    if (argc == 4 && strcmp(argv[1], "--limit") == 0) return check_limit(strtoul(argv[2], NULL, 10), argv[3]);
    for (int i = 1; i < argc; i++) {
        if (profile_read(argv[i], &rules) < 0) return 1;
        compare(argv[i], &rules, 401);
        profile_free(&rules);
    }
    if (argc < 2) printf("No profile of Docker given: that part is left out.\n\n");
    static const size_t counts[] = {200, 800, 3000};
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        profile_values(counts[i], &rules);
        compare("ioctl(cmd == N)", &rules, counts[i] > 200 ? 5 : 51);
        profile_free(&rules);
    }
    profile_calls(60, &rules);
    compare("60 calls, three conditions of 64 bits each", &rules, 101);
    profile_free(&rules);
    return 0;
}
