#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs what the README of each language shows under Example, and checks that it shows the denial.

    snippets.py STAGE WORK [LANGUAGE...]

The first block of code there is a whole program. It is run twice: against the installed package as it stands, and with
the line that denies taken out, where the output must not show a denial: so it is that line that does it.
"""

import pathlib
import re
import sys
import tempfile

import common

SUFFIX = {"python": "py", "java": "java", "crystal": "cr", "go": "go", "rust": "rs", "node": "mjs", "ruby": "rb",
          "perl": "pl"}
# What the line of each README prints behind "denied:": the words of the language's own error.
SHOWS = {language: r"(?m)^denied:.*[Oo]peration not permitted" for language in common.LANGUAGES}
SHOWS["go"] += r" true$"  # errors.Is(err, EPERM)
SHOWS["node"] = r"(?m)^denied: EPERM$"
# The call that denies, and what stands for it where it is taken out: what it leaves must still compile.
DENIES = {"go": (r"abjure\.Deny\(.*?\)", "error(nil)"), "rust": (r"abjure::deny\(.*?\)\?;", ""),
          "node": (r"^deny\(.*\)$", ""), "java": (r"Abjure\.deny\(.*?\);", ""), "perl": (r"^Abjure::deny\(.*\);$", "")}
DENY = (r"^[Aa]bjure\.deny\b.*$", "")
# Without a use of it left, Go refuses the import.
UNUSED = {"go": ('\t"abjure"\n', "")}
# Examples that count on the error end otherwise without it.
FAILS = {"rust": "unwrap_err", "node": "undefined"}
HEADINGS = ["Install", "Example", "API", "Errors", "Test"]
problems = []


def example(language):
    readme = (common.ROOT / f"bindings/{language}/README.md").read_text(encoding="utf-8")
    headings = re.findall(r"(?m)^## (.*)$", readme)
    if headings != HEADINGS:
        problems.append(f"{language}: the headings are {headings}, not {HEADINGS}")
    return re.search(r"(?ms)^## Example\n.*?^```\w*\n(.*?)^```$", readme).group(1)


def run(language, stage, work, code):
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder) / f"Main.{SUFFIX[language]}"
        file.write_text(code, encoding="utf-8")
        return common.run(language, stage, work, "snippet", file)


def main():
    stage, work, *languages = sys.argv[1:]
    for language in languages or common.LANGUAGES:
        code = example(language)
        done = run(language, stage, work, code)
        print(f"{language:8} {(done.stdout.strip().splitlines() or [''])[-1][:100]}", flush=True)
        if done.returncode != 0 or not re.search(SHOWS[language], done.stdout):
            problems.append(f"{language}: exit status {done.returncode}\n{done.stdout[-2000:]}")
        pattern, instead = DENIES.get(language, DENY)
        without, count = re.subn(pattern, instead, code, flags=re.MULTILINE)
        if count != 1:
            problems.append(f"{language}: {count} lines of the example deny")
            continue
        without = without.replace(*UNUSED.get(language, ("\0", "")))
        done = run(language, stage, work, without)
        ran = FAILS[language] in done.stdout if language in FAILS else done.returncode == 0
        if not ran or re.search(SHOWS[language], done.stdout):
            problems.append(f"{language}: without the line that denies:\n{done.stdout[-2000:]}")
    print(*problems, sep="\n")
    print(f"{len(languages or common.LANGUAGES)} languages, {len(problems)} problems")
    sys.exit(1 if problems else 0)


main()
