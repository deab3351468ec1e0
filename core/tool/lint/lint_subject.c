// SPDX-License-Identifier: MIT
#include "lint_subject.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "explanation.h"
#include "output.h"
#include "tool.h"

static const struct abi_facts facts[ABIS] = {
    {"x86_64", AUDIT_ARCH_X86_64, 0, true, "x86 x32"},
    {"x86", AUDIT_ARCH_I386, 0, false, "x86_64"},
    {"x32", AUDIT_ARCH_X86_64, 0x40000000, true, "x86_64 x86"},
    {"aarch64", AUDIT_ARCH_AARCH64, 0, true, "arm"},
    {"arm", AUDIT_ARCH_ARM, 0, false, "aarch64"},
    {"riscv64", AUDIT_ARCH_RISCV64, 0, true, ""},
    {"ppc64le", AUDIT_ARCH_PPC64LE, 0, true, ""},
    {"s390x", AUDIT_ARCH_S390X, 0, true, ""},
};

static int no_memory(void) {
    say("out of memory");
    return EXIT_FAILED;
}

// ---- Verdicts -------------------------------------------------------------------------------------------------------

enum {
    LOGGED = 1 // of allow and log: the calls that pass
};

// In the kernel's order: the strictest of several filters wins.
int strictness_of(const char *text) {
    static const char *const others[] = {"allow", "log", "trace", "notify", "errno", "trap", "kill_thread", "kill"};
    enum {
        OTHERS = sizeof others / sizeof others[0],
        AN_ERRNO = 4
    };
    for (int i = 0; i < OTHERS; i++) {
        size_t length = strlen(others[i]);
        if (strncmp(text, others[i], length) == 0 && (text[length] == '\0' || text[length] == '(')) return i;
    }
    return AN_ERRNO; // a plain name: EPERM
}

// By the rules themselves, where they make no program yet.
static struct verdict verdict_of_rules(struct subject *s, const char *abi, const char *call, const uint64_t *a) {
    struct explanation e;
    if (explain(s->filter, abi, call, a, &e) < 0) {
        abjure_filter_clear(s->filter);
        return (struct verdict){.absent = true};
    }
    struct verdict v = {.strictness = strictness_of(e.action)};
    snprintf(v.text, sizeof v.text, "%s", e.action);
    v.passes = v.strictness <= LOGGED;
    explanation_free(&e);
    return v;
}

struct verdict subject_verdict(struct subject *s, const char *abi, const char *call, const uint64_t a[ARGUMENTS]) {
    struct verdict v = {.strictness = -1};
    if (s->program_count == 0 && s->filter != NULL) return verdict_of_rules(s, abi, call, a);
    for (size_t i = 0; i < s->program_count; i++) {
        char text[sizeof v.text];
        if (abjure_program_eval(s->programs[i].program, abi, call, a[0], a[1], a[2], a[3], a[4], a[5], text,
                                sizeof text) < 0)
            return (struct verdict){.absent = true};
        int strictness = strictness_of(text);
        if (strictness <= v.strictness) continue;
        v.strictness = strictness;
        snprintf(v.text, sizeof v.text, "%s", text);
    }
    v.passes = v.strictness >= 0 && v.strictness <= LOGGED;
    v.absent = v.strictness < 0;
    return v;
}

bool verdict_is(const struct verdict *v, const char *text) {
    return strcmp(v->text, text) == 0;
}

// ---- ABIs -----------------------------------------------------------------------------------------------------------

const struct abi_facts *abi_facts(const char *name) {
    for (size_t i = 0; name != NULL && i < ABIS; i++)
        if (strcmp(facts[i].name, name) == 0) return &facts[i];
    if (name != NULL) return NULL;
    abjure_filter *own = abjure_filter_new();
    struct explanation e;
    const struct abi_facts *found = NULL;
    if (own != NULL && explain(own, NULL, "read", (const uint64_t[ARGUMENTS]){0}, &e) == 0) {
        found = abi_facts(e.abi);
        explanation_free(&e);
    }
    abjure_filter_free(own);
    return found;
}

// Fills in the call of a number; false: the tables do not know it.
static bool name_number(abjure_filter *own, const struct abi_facts *abi, uint32_t number, struct known_call *out) {
    char text[16];
    struct explanation e;
    snprintf(text, sizeof text, "%u", number);
    if (explain(own, abi->name, text, (const uint64_t[ARGUMENTS]){0}, &e) < 0) return false;
    size_t length = strcspn(e.call, "(");
    bool known = length > 0 && (e.call[0] < '0' || e.call[0] > '9') && length < sizeof out->name;
    if (known) {
        *out = (struct known_call){.number = number};
        memcpy(out->name, e.call, length);
    }
    explanation_free(&e);
    return known;
}

// The calls that the tables know on an ABI, for the caller to free; NULL: out of memory.
static struct known_call *known_calls(const struct abi_facts *abi, size_t *count) {
    enum {
        TABLE = 1024, // beyond the last number of every ABI's common table
        ARM_PRIVATE = 0xf0001,
        ARM_PRIVATE_COUNT = 5
    };
    struct known_call *calls = calloc(TABLE + ARM_PRIVATE_COUNT, sizeof *calls);
    abjure_filter *own = abjure_filter_new();
    *count = 0;
    if (calls == NULL || own == NULL || abjure_filter_set(own, "abi", abi->name) < 0) {
        free(calls);
        abjure_filter_free(own);
        return NULL;
    }
    for (uint32_t n = 0; n < TABLE; n++)
        if (name_number(own, abi, abi->base + n, &calls[*count])) ++*count;
    for (uint32_t n = 0; n < ARM_PRIVATE_COUNT && strcmp(abi->name, "arm") == 0; n++)
        if (name_number(own, abi, ARM_PRIVATE + n, &calls[*count])) ++*count;
    abjure_filter_free(own);
    return calls;
}

// ---- Programs -------------------------------------------------------------------------------------------------------

static int64_t fill_bytes(void *program, char *buffer, uint64_t size) {
    return abjure_program_bytes(program, buffer, size);
}

// The library has validated them: the last is a return, whose code has one byte that is 0 and one that is not.
static bool decode(struct subject_program *p, const unsigned char *bytes, size_t size) {
    p->count = size / sizeof *p->code;
    p->code = calloc(p->count + 1, sizeof *p->code);
    if (p->code == NULL) return false;
    p->big_endian = bytes[size - sizeof *p->code] == 0;
    for (size_t n = 0; n < p->count; n++) {
        const unsigned char *b = bytes + n * sizeof *p->code;
        struct sock_filter *i = &p->code[n];
        i->jt = b[2];
        i->jf = b[3];
        for (unsigned k = 0; k < 2; k++)
            i->code = (uint16_t)(i->code | b[p->big_endian ? 1 - k : k] << 8 * k);
        for (unsigned k = 0; k < 4; k++)
            i->k |= (uint32_t)b[p->big_endian ? 7 - k : 4 + k] << 8 * k;
    }
    return true;
}

int subject_add_program(struct subject *s, abjure_program *program) {
    struct subject_program *larger = realloc(s->programs, (s->program_count + 1) * sizeof *larger);
    if (larger == NULL) {
        abjure_program_free(program);
        return no_memory();
    }
    s->programs = larger;
    struct subject_program *p = &s->programs[s->program_count++];
    *p = (struct subject_program){.program = program};
    int64_t length = 0;
    char *bytes = filled(fill_bytes, program, &length);
    bool done = bytes != NULL && decode(p, (const unsigned char *)bytes, (size_t)length) &&
                walk_start(&p->walk, p->code, p->count);
    free(bytes);
    return done ? EXIT_OK : no_memory();
}

bool subject_walk(struct subject *s, const struct abi_facts *abi, uint32_t number) {
    const uint32_t words[WALK_WORDS] = {[WALK_NUMBER] = number, [WALK_ARCH] = abi->arch};
    for (size_t i = 0; i < s->program_count; i++)
        if (!walk_run(&s->programs[i].walk, 1u << WALK_NUMBER | 1u << WALK_ARCH, words)) return false;
    return true;
}

static bool has_instruction(const struct subject *s, uint16_t code, uint32_t k) {
    for (size_t i = 0; i < s->program_count; i++)
        for (size_t n = 0; n < s->programs[i].count; n++)
            if (s->programs[i].code[n].code == code && s->programs[i].code[n].k == k) return true;
    return false;
}

bool subject_loads_arch(const struct subject *s) {
    return has_instruction(s, BPF_LD | BPF_W | BPF_ABS, 4 * WALK_ARCH);
}

// ---- What the filter is for -----------------------------------------------------------------------------------------

static bool returns_both(const struct subject_program *p) {
    bool passes = false, denies = false;
    for (size_t n = 0; n < p->count; n++) {
        if (!p->walk.reached[n] || BPF_CLASS(p->code[n].code) != BPF_RET) continue;
        uint32_t action = p->code[n].k & SECCOMP_RET_ACTION_FULL;
        bool open = BPF_RVAL(p->code[n].code) == BPF_A;
        bool allows = action == SECCOMP_RET_ALLOW || action == SECCOMP_RET_LOG;
        passes |= open || allows;
        denies |= open || !allows;
    }
    return passes && denies;
}

static bool any_passes(struct subject *s, const struct subject_abi *a) {
    static const uint64_t none[ARGUMENTS];
    for (size_t n = 0; n < a->call_count; n++)
        if (subject_verdict(s, a->facts->name, a->calls[n].name, none).passes) return true;
    return false;
}

// Whether the filter tells calls of this ABI apart: some pass all programs, and one of these does not pass all.
static bool tells_apart(struct subject *s, const struct subject_abi *a) {
    bool both = false;
    for (size_t i = 0; i < s->program_count; i++)
        walk_forget(&s->programs[i].walk);
    for (size_t n = 0; n < a->call_count; n++)
        if (!subject_walk(s, a->facts, a->calls[n].number)) return false;
    for (size_t i = 0; i < s->program_count; i++)
        both |= returns_both(&s->programs[i]);
    return both && any_passes(s, a);
}

static bool add_abi(struct subject *s, const struct abi_facts *abi) {
    for (size_t i = 0; i < s->abi_count; i++)
        if (s->abis[i].facts == abi) return true;
    struct subject_abi *a = &s->abis[s->abi_count];
    *a = (struct subject_abi){.facts = abi};
    a->calls = known_calls(abi, &a->call_count);
    if (a->calls == NULL || a->call_count == 0) return false;
    s->abi_count++;
    a->unknown = abi->base;
    for (size_t n = 0; n < a->call_count; n++)
        if (a->calls[n].number - abi->base < 1024 && a->calls[n].number >= a->unknown)
            a->unknown = a->calls[n].number + 1;
    return true;
}

static void drop_abi(struct subject *s) {
    free(s->abis[--s->abi_count].calls);
}

// Those that its rules name; without any, this machine's.
static bool find_abis_of_policy(struct subject *s, char *text) {
    bool done = true;
    char *rest = text;
    for (char *line = next_line(&rest); line != NULL && done; line = next_line(&rest))
        if (strncmp(line, "abi ", 4) == 0 && abi_facts(line + 4) != NULL) done = add_abi(s, abi_facts(line + 4));
    return done;
}

// Those whose calls it tells apart, among the ABIs that it compares with, or else this machine's own.
static bool find_abis_of_programs(struct subject *s) {
    bool loads = subject_loads_arch(s);
    for (size_t i = 0; i < ABIS && loads; i++) {
        if (!has_instruction(s, BPF_JMP | BPF_JEQ | BPF_K, facts[i].arch)) continue;
        size_t before = s->abi_count;
        if (!add_abi(s, &facts[i])) return false;
        if (s->abi_count > before && !tells_apart(s, &s->abis[s->abi_count - 1])) drop_abi(s);
    }
    return true;
}

// ---- The default ----------------------------------------------------------------------------------------------------

// Calls that are in the tables, and that nobody allows or denies by name: kernels have never had them, or no longer.
static const char *const obsolete[] = {"getpmsg", "putpmsg",       "afs_syscall",    "tuxcall", "security",
                                       "vserver", "epoll_ctl_old", "epoll_wait_old", "ustat",   "break",
                                       "ftime",   "gtty",          "stty",           "lock",    "mpx",
                                       "prof",    "profil",        "ulimit",         "idle",    "bdflush"};
// Where an ABI has few of these: new ones that do no harm, and that few programs use.
static const char *const rare[] = {"set_mempolicy_home_node",
                                   "map_shadow_stack",
                                   "lsm_list_modules",
                                   "listmount",
                                   "statmount",
                                   "cachestat",
                                   "mseal",
                                   "listns",
                                   "rseq_slice_yield",
                                   "file_getattr",
                                   "listxattrat",
                                   "getxattrat"};

// How many of the names pass, and how many are denied.
static void count_answers(struct subject *s, const char *abi, const char *const *names, size_t count, size_t *passes,
                          size_t *denied) {
    static const uint64_t none[ARGUMENTS];
    *passes = *denied = 0;
    for (size_t i = 0; i < count; i++) {
        struct verdict v = subject_verdict(s, abi, names[i], none);
        if (v.absent) continue;
        if (v.passes)
            ++*passes;
        else
            ++*denied;
    }
}

// A program does not say what its default is. A list of what is allowed denies calls that nobody thinks of.
static bool guess_default(struct subject *s, const struct subject_abi *a) {
    enum {
        ENOUGH = 5
    };
    static const uint64_t none[ARGUMENTS];
    char number[16];
    size_t passes, denied;
    snprintf(number, sizeof number, "%u", a->unknown + 100);
    if (subject_verdict(s, a->facts->name, number, none).passes) return true;
    count_answers(s, a->facts->name, obsolete, sizeof obsolete / sizeof obsolete[0], &passes, &denied);
    if (passes + denied < ENOUGH)
        count_answers(s, a->facts->name, rare, sizeof rare / sizeof rare[0], &passes, &denied);
    return passes >= denied;
}

static bool written_default(char *text) {
    char *rest = text;
    bool passes = true;
    for (char *line = next_line(&rest); line != NULL; line = next_line(&rest))
        if (strncmp(line, "default ", 8) == 0)
            passes = strncmp(line + 8, "allow", 5) == 0 || strcmp(line + 8, "log") == 0;
    return passes;
}

static int complete_policy(struct subject *s) {
    char *text = filter_written(s->filter, "policy");
    if (text == NULL) return say_filter_error(s->filter, NULL);
    char *copy = strdup(text);
    bool done = copy != NULL && find_abis_of_policy(s, text);
    if (done && s->abi_count == 0) done = add_abi(s, abi_facts(s->abi));
    bool passes = done && written_default(copy);
    for (size_t i = 0; i < s->abi_count; i++)
        s->abis[i].default_passes = passes;
    free(text);
    free(copy);
    return done ? EXIT_OK : no_memory();
}

int subject_complete(struct subject *s) {
    if (s->filter != NULL) return complete_policy(s);
    if (s->program_count == 0) return EXIT_OK; // a process whose main thread has none
    s->combinations = 1;
    bool done = s->abi == NULL ? find_abis_of_programs(s) : add_abi(s, abi_facts(s->abi));
    if (done && s->abi_count == 0) done = add_abi(s, abi_facts(NULL));
    for (size_t i = 0; i < s->abi_count; i++)
        s->abis[i].default_passes = guess_default(s, &s->abis[i]);
    return done ? EXIT_OK : no_memory();
}

void subject_end(struct subject *s) {
    for (size_t i = 0; i < s->program_count; i++) {
        walk_end(&s->programs[i].walk);
        free(s->programs[i].code);
        abjure_program_free(s->programs[i].program);
    }
    free(s->programs);
    while (s->abi_count > 0)
        drop_abi(s);
}
