// SPDX-License-Identifier: MIT
// What a process does with signals while it waits for the program that it is for, as env(1) and timeout(1) do.
#ifndef ABJURE_SIGNALS_H
#define ABJURE_SIGNALS_H

#include <sys/types.h>

// From now on passes on to the child what other processes send to this one.
void signals_prepare(pid_t child);
// The child has ended: its number may be another's soon.
void signals_forget(void);

// Stops this process as the child was stopped, so that the shell sees it; then lets the child go on.
void signals_stop_too(pid_t child, int which);

#endif
