// SPDX-License-Identifier: MIT
// What happens to a call that a rule matches.
#ifndef ABJURE_ACTION_H
#define ABJURE_ACTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct error;
struct text;

enum action_kind {
    ACTION_ALLOW,
    ACTION_LOG,
    ACTION_ERRNO,
    ACTION_TRAP,
    ACTION_NOTIFY,
    ACTION_TRACE,
    ACTION_KILL_THREAD,
    ACTION_KILL, // the process
};

struct action {
    enum action_kind kind;
    uint16_t data; // of errno (0 to 4095) and trace
    bool plain;    // written `deny`: a group's own errnos apply
};

// "allow", "log", "errno(EPERM)", "EPERM", "deny", "trap", "notify", "trace(7)", "kill_thread", "kill".
int action_parse(const char *text, size_t length, struct action *out, struct error *e);
void action_write(struct action action, struct text *t);
bool action_equal(struct action a, struct action b); // written alike: `deny` is not `EPERM`
bool action_denies(struct action action);            // any but allow and log

// The SECCOMP_RET_* word, and back. Unknown words are what the kernel makes of them: kill.
uint32_t action_verdict(struct action action);
struct action action_of(uint32_t verdict);

#endif
