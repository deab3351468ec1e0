// SPDX-License-Identifier: MIT
// Names of users and groups, and what is told of this machine, from a process of its own: the directory behind them may
// be a server that is slow or away, and it wants calls that the reader of records has given up.
#ifndef ABJURE_NAMES_H
#define ABJURE_NAMES_H

// From now on host.h asks it. The descriptor of its questions; -1: it cannot be started.
int names_start(void);

#endif
