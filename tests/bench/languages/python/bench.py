# SPDX-License-Identifier: MIT
"""bench.py call: nanoseconds of one call into the core. deny: nanoseconds until a filter is in force. load: the same, and
the end. plain: the runtime alone."""

import sys

if sys.argv[1] == "load":
    import abjure
    abjure.deny("@exec", "@spawn", "@listen")
elif sys.argv[1] == "call":
    import timeit
    import abjure
    times = timeit.repeat(lambda: abjure.argument("socket", "family", "x86_64"), number=10_000, repeat=9)
    print(round(sorted(times)[4] / 10_000 * 1e9))
elif sys.argv[1] == "deny":
    import time
    import abjure
    abjure.argument("socket", "family")  # now everything is loaded
    before = time.perf_counter_ns()
    abjure.deny("@exec", "@spawn", "@listen")
    print(time.perf_counter_ns() - before)
