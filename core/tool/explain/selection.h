// SPDX-License-Identifier: MIT
// Which records one wants to see: --call, --action, --pid, --user and --program. Of each, any of the values given.
#ifndef ABJURE_SELECTION_H
#define ABJURE_SELECTION_H

#include "event.h"

// Its options, among those of a verb.
// clang-format off
#define SELECTION_OPTIONS                                                                                \
    {"call", 0, "CALL,...", "only these calls: names or numbers"},                                       \
    {"action", 0, "ACTION,...", "only these: kill, kill_thread, trap, deny, log, allow, trace, notify"}, \
    {"pid", 0, "PID,...", "only these processes"},                                                       \
    {"user", 0, "USER,...", "only these users: names or numbers"},                                       \
    {"program", 0, "NAME,...", "only these programs: a path, its last part, or the name"}
// clang-format on

struct selection_list {
    const char **values;
    int count;
};

struct selection {
    struct selection_list calls, actions, pids, users, programs;
    int64_t *uids; // of `users`, as this machine has them; -1: none
};

// Takes an option's value, a list with commas, which it changes. 0, or an exit status when it has said what is wrong.
int selection_add(struct selection *s, const char *option, char *values);
// Looks up the names of users, once. False: out of memory. selection_has does it where it is not done yet.
bool selection_look_up(struct selection *s);
bool selection_has(struct selection *s, const struct event *e);
void selection_end(struct selection *s);

#endif
