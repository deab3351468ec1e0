#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs the corpus in C and in every language; fails unless each ran every case and all passed.

    roll_call.py STAGE WORK C_RUNNER REPORT [LANGUAGE...]

Also fails where the library exports a function that no case uses: a function of the C API has a verb, and since every
runner runs every case, a verb has a binding in each language.
"""

import pathlib
import re
import subprocess
import sys

import common

CORPUS = common.ROOT / "tests/corpus"
LINE = re.compile(r"^conformance (\w+): (\d+) passed, (\d+) failed, (\d+) skipped$")


def corpus():
    """How many cases there are, and which verbs they use."""
    count, verbs = 0, set()
    for path in CORPUS.rglob("*.case"):
        for line in path.read_text(encoding="utf-8").splitlines():
            word = re.match(r"[a-z_]+", line)
            if word and word.group() == "case":
                count += 1
            elif word:
                verbs.add(word.group())
    return count, verbs


def main():
    stage, work, c_runner, report = sys.argv[1:5]
    languages = sys.argv[5:] or common.LANGUAGES
    count, verbs = corpus()
    problems = []
    exported = set(re.findall(r"abjure_(\w+);", (common.ROOT / "core/libabjure.map").read_text()))
    if exported - verbs:
        problems.append(f"no case uses {', '.join(sorted(exported - verbs))}")
    if count < 300:
        problems.append(f"only {count} cases: is this the corpus?")
    lines = []
    for language in ["c", *languages]:
        if language == "c":
            done = subprocess.run([c_runner, CORPUS], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        else:
            done = common.run(language, stage, work, "conformance", CORPUS)
        output = done.stdout.rstrip().splitlines() or [""]
        found = LINE.match(output[-1])
        if done.returncode != 0 or not found or found.groups() != (language, str(count), "0", "0"):
            print(*output[-40:], sep="\n")
            problems.append(f"{language}: not all of {count} cases passed (exit status {done.returncode})")
        lines.append(output[-1] if found else f"conformance {language}: did not end")
    text = "\n".join([*lines, *problems, f"roll-call: {len(lines)} languages, {count} cases each"
                      if not problems else "roll-call: failed"]) + "\n"
    print(text, end="")
    pathlib.Path(report).write_text(text, encoding="utf-8")
    sys.exit(1 if problems else 0)


main()
