#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What a binding costs: one cheap call into the core; `deny` of @exec, @spawn and @listen, where everything is loaded
already; and from the start of a program to its end with that filter, beside the same runtime alone. Each figure is the
median of interleaved rounds.

    languages.py STAGE WORK [LANGUAGE...]
"""

import os
import pathlib
import statistics
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "languages"))
import common

ROUNDS = 15
CALL_ROUNDS = 3  # each is a median of many batches already


def figure(language, stage, work, mode, **environment):
    """The number that a mode of the benchmark prints."""
    done = subprocess.run(common.command(language, stage, work, "bench", mode), stdout=subprocess.PIPE, text=True,
                          timeout=300, env={**os.environ, **environment})
    try:
        return float(done.stdout)
    except ValueError:
        sys.exit(f"{language}: bench {mode} ended with {done.returncode} and prints no number: {done.stdout!r}")


def main():
    stage, work, *languages = sys.argv[1:]
    languages = languages or common.LANGUAGES
    timer = {"ABJURE_TIMER": str(HERE / "start.py")}
    times = {(language, mode): [] for language in languages for mode in ("call", "deny", "plain", "load")}
    load = os.getloadavg()[0]
    for turn in range(ROUNDS):
        for language in languages:
            for mode in ("plain", "load"):
                times[language, mode].append(figure(language, stage, work, mode, **timer))
            times[language, "deny"].append(figure(language, stage, work, "deny") / 1000)
            if turn < CALL_ROUNDS:
                times[language, "call"].append(figure(language, stage, work, "call"))
    rows = [["language", "one call, ns", "deny, us", "plain start, ms", "start with filter, ms", "ratio", "difference, ms"]]
    for language in languages:
        call, deny, plain, with_filter = (statistics.median(times[language, mode]) for mode in ("call", "deny", "plain", "load"))
        rows.append([language, f"{call:.0f}", f"{deny:.0f}", f"{plain:.1f}", f"{with_filter:.1f}",
                     f"{with_filter / plain:.2f}", f"{with_filter - plain:.1f}"])
    print(common.table(rows), end="")
    print(f"{os.cpu_count()} processors, load average {load:.1f} before and {os.getloadavg()[0]:.1f} after; "
          f"{ROUNDS} rounds")


main()
