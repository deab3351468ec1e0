#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Functions fit on a screen (60 lines at most), files have 600 lines at most. Generated files are left out."""

import pathlib
import re
import sys

root = pathlib.Path(__file__).resolve().parents[2]
FUNCTION_LIMIT, FILE_LIMIT = 60, 600
problems, functions = [], 0
paths = [p for folder in ("core/src", "core/tool", "core/include", "tests", "examples")
         for p in sorted((root / folder).rglob("*.[ch]")) if "generated" not in p.parts]
for path in paths:
    lines = path.read_text().splitlines()
    if len(lines) > FILE_LIMIT:
        problems.append(f"{path.relative_to(root)}: {len(lines)} lines")
    start = None
    for number, line in enumerate(lines, 1):
        # clang-format puts the opening line of a function at column 0 and its closing brace alone there.
        if start is None and re.match(r"[A-Za-z].*\)\s*\{$|[A-Za-z ].*\{$", line) and "=" not in line and \
                not re.match(r"(struct|enum|union|typedef|extern)\b[^()]*\{$", line):
            start = number
        elif start is not None and line == "}":
            functions += 1
            if number - start + 1 > FUNCTION_LIMIT:
                problems.append(f"{path.relative_to(root)}:{start}: a function of {number - start + 1} lines")
            start = None
        elif line.startswith("};"):
            start = None
if functions < 200:
    problems.append(f"only {functions} functions found: is the pattern right?")
print("\n".join(problems) or f"{len(paths)} files, {functions} functions, none too long")
sys.exit(1 if problems else 0)
