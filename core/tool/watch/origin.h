// SPDX-License-Identifier: MIT
// The systemd unit and the container of the process that made a call, while it is there.
#ifndef ABJURE_ORIGIN_H
#define ABJURE_ORIGIN_H

#include <stdbool.h>

#include "event.h"

// Sets e->unit and e->container where they can be known at once, or within a few milliseconds where `may_wait`.
void origin_find(struct event *e, bool may_wait);

#endif
