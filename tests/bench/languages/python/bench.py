# SPDX-License-Identifier: MIT
"""bench.py call: nanoseconds of one call into the core. load: a filter in force, and the end. plain: the runtime alone."""

import sys

if sys.argv[1] == "load":
    import abjure
    abjure.deny("@exec", "@spawn", "@listen")
elif sys.argv[1] == "call":
    import timeit
    import abjure
    times = timeit.repeat(lambda: abjure.argument("socket", "family", "x86_64"), number=10_000, repeat=9)
    print(round(sorted(times)[4] / 10_000 * 1e9))
