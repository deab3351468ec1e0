#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What each language's own means do under a filter, as a table that equals tests/matrix/expected.txt.

    matrix.py STAGE WORK REPORT [--write] [LANGUAGE...]      --write: make the expected table anew

For every language and set of groups a process loads the filter and tries to start programs, fork, listen, connect,
open a file and start threads, with the means that its users have. What it says is held against what happened.
"""

import pathlib
import re
import socket
import sys
import tempfile
import threading

import common

EXPECTED = common.ROOT / "tests/matrix/expected.txt"
SETS = [[], ["@exec"], ["@spawn"], ["@listen"], ["@network"], ["@exec", "@spawn", "@listen", "@network"]]
NAMES = ["without", "@exec", "@spawn", "@listen", "@network", "all four"]
EFFECTS = ["start", "fork", "listen", "connect", "open", "thread", "old thread"]
problems = []


def serve():
    """A port on which connections are taken, for `connect`."""
    listener = socket.create_server(("127.0.0.1", 0))

    def accept():
        while True:
            try:
                listener.accept()[0].close()
            except OSError:
                return

    threading.Thread(target=accept, daemon=True).start()
    return listener.getsockname()[1]


def try_all(language, stage, work, port, calls):
    """(effect, means) -> result of one process, checked against the files that its programs made."""
    with tempfile.TemporaryDirectory() as folder:
        done = common.run(language, stage, work, "matrix", port, folder, *calls, timeout=60)
        made = {path.name for path in pathlib.Path(folder).iterdir()}
    results = {}
    for line in done.stdout.splitlines():
        cells = line.split("\t")
        if len(cells) == 3 and cells[0] in EFFECTS:
            results[cells[0], cells[1]] = cells[2]
    where = f"{language} under {' '.join(calls) or 'no filter'}"
    if done.returncode != 0 or not results:
        problems.append(f"{where}: exit status {done.returncode}\n{done.stdout[-2000:]}")
    said = {re.sub(r"\W", "", means) for (effect, means), result in results.items()
            if effect in ("start", "old thread") and result == "ok"}
    happened = {re.sub(r"\W", "", name) for name in made}
    if said != happened:
        problems.append(f"{where}: said to have started {sorted(said)}, but {sorted(happened)} ran")
    for (effect, means), result in results.items():
        if (effect == "thread" or not calls) and result not in ("ok", "n/a"):
            problems.append(f"{where}: {effect} by {means} should work, and gives {result}")
    if {effect for effect, _ in results} != set(EFFECTS):
        problems.append(f"{where}: an effect is missing: {set(EFFECTS) - {effect for effect, _ in results}}")
    return results


def rows_of(language, stage, work, port):
    columns = [try_all(language, stage, work, port, calls) for calls in SETS]
    keys = sorted({key for column in columns for key in column}, key=lambda key: (EFFECTS.index(key[0]), key[1]))
    return [[language, effect, means, *(column.get((effect, means), "missing") for column in columns)]
            for effect, means in keys]


def main():
    stage, work, report, *rest = sys.argv[1:]
    write = "--write" in rest
    languages = [word for word in rest if word != "--write"] or common.LANGUAGES
    port = serve()
    rows = [["language", "effect", "means", *NAMES]]
    for language in languages:
        rows += rows_of(language, stage, work, port)
    text = common.table(rows)
    print(text, end="")
    pathlib.Path(report).write_text(text, encoding="utf-8")
    if write:
        EXPECTED.write_text(text, encoding="utf-8")
    # Only the cells count, not how wide the columns are; and only the languages that ran.
    wanted = {tuple(re.split(r"\s{2,}", line)) for line in EXPECTED.read_text(encoding="utf-8").splitlines()[1:]}
    wanted = {row for row in wanted if row[0] in languages}
    got = {tuple(row) for row in rows[1:]}
    problems.extend(f"expected, and missing: {'  '.join(row)}" for row in sorted(wanted - got))
    problems.extend(f"not expected: {'  '.join(row)}" for row in sorted(got - wanted))
    print(*problems, sep="\n")
    print(f"{len(got)} rows, {len(problems)} problems")
    sys.exit(1 if problems else 0)


main()
