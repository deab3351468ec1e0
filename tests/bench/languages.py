#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What a binding costs: one call into the core, and the time from the start of a program to its filter in force, beside
the plain start of the same runtime. Rounds are interleaved; medians are printed.

    languages.py STAGE WORK [LANGUAGE...]
"""

import pathlib
import statistics
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "languages"))
import common

ROUNDS = 7


def start(language, stage, work, mode):
    before = time.perf_counter()
    subprocess.run(common.command(language, stage, work, "bench", mode), check=True, stdout=subprocess.DEVNULL)
    return (time.perf_counter() - before) * 1000


def main():
    stage, work, *languages = sys.argv[1:]
    languages = languages or common.LANGUAGES
    times = {(language, mode): [] for language in languages for mode in ("plain", "load", "call")}
    for _ in range(ROUNDS):
        for language in languages:
            for mode in ("plain", "load"):
                times[language, mode].append(start(language, stage, work, mode))
            times[language, "call"].append(float(common.run(language, stage, work, "bench", "call").stdout))
    rows = [["language", "one call, ns", "plain start, ms", "start with filter, ms", "ratio", "difference, ms"]]
    for language in languages:
        plain, load, call = (statistics.median(times[language, mode]) for mode in ("plain", "load", "call"))
        rows.append([language, f"{call:.0f}", f"{plain:.1f}", f"{load:.1f}", f"{load / plain:.2f}", f"{load - plain:.1f}"])
    print(common.table(rows), end="")


main()
