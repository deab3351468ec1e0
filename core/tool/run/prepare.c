// SPDX-License-Identifier: MIT
#include "prepare.h"

#include <stdlib.h>
#include <string.h>

#include "abjure.h"
#include "explanation.h"
#include "output.h"

// Whether the kernel has Landlock; else why not, for the caller to free.
static bool landlock_is_there(char **reason) {
    static const char key[] = "landlock: no";
    char *text = supported_text(), *rest = text;
    bool there = true;
    *reason = NULL;
    for (char *line = next_line(&rest); line != NULL && there; line = next_line(&rest)) {
        if (strncmp(line, key, sizeof key - 1) != 0) continue;
        const char *dash = strstr(line, " - ");
        there = false;
        *reason = strdup(dash != NULL ? dash + 3 : "not supported");
    }
    free(text);
    return there;
}

// A filter on ptrace says that neighbours must not be touched; what seccomp cannot see of that, writes to
// /proc/PID/mem, Landlock closes.
static int add_landlock(struct rules *rules) {
    static const uint64_t attach[6] = {16}; // PTRACE_ATTACH
    struct explanation e;
    if (explain(rules->filter, NULL, "ptrace", attach, &e) < 0) return say_filter_error(rules->filter, NULL);
    bool denied = explanation_denies(&e);
    explanation_free(&e);
    if (!denied) return EXIT_OK;
    char *reason;
    if (landlock_is_there(&reason)) return rules_set(rules, "landlock", "on", "Landlock");
    say("warning: no Landlock (%s): the program can still write to the memory of other processes of this user, through "
        "/proc/PID/mem; --no-landlock accepts that silently",
        reason != NULL ? reason : "not supported");
    free(reason);
    return EXIT_OK;
}

static int ask_about_exec(struct rules *rules, bool *denied) {
    static const uint64_t none[6];
    struct explanation e;
    if (explain(rules->filter, NULL, "execve", none, &e) < 0) return say_filter_error(rules->filter, NULL);
    *denied = explanation_denies(&e);
    explanation_free(&e);
    return EXIT_OK;
}

int prepare(struct rules *rules, bool no_landlock, struct target *t) {
    int status = target_look_up(t->argv[0]);
    if (status == EXIT_OK && !no_landlock) status = add_landlock(rules);
    if (status == EXIT_OK) status = ask_about_exec(rules, &t->denies_exec);
    return status;
}

int prepare_words(struct arguments *a, struct rules *rules, void (*take)(void *job, const struct arguments *a),
                  void *job, const char *usage, char ***argv) {
    enum argument kind;
    *argv = NULL;
    while ((kind = arguments_next(a)) == ARGUMENT_OPTION) {
        bool taken;
        int status = rules_option(rules, a, &taken);
        if (status != EXIT_OK) return status;
        if (!taken) take(job, a);
    }
    if (kind == ARGUMENT_WORD) {
        *argv = a->words + a->at - 1;
        return EXIT_OK;
    }
    if (kind != ARGUMENT_END) return arguments_status(kind);
    say("no program given: %s", usage);
    return EXIT_USAGE;
}
