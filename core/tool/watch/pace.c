// SPDX-License-Identifier: MIT
#include "pace.h"

bool pace_allows(struct pace *p, int64_t milliseconds) {
    if (p->limit == 0) return true;
    if (milliseconds / 1000 != p->second) {
        p->second = milliseconds / 1000;
        p->passed = 0;
    }
    if (p->passed < p->limit) {
        p->passed++;
        return true;
    }
    p->suppressed++;
    p->untold++;
    return false;
}

uint64_t pace_untold(struct pace *p, int64_t milliseconds) {
    uint64_t untold = p->untold;
    if (untold == 0 || milliseconds / 1000 == p->second) return 0;
    p->untold = 0;
    return untold;
}
