#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs the table of languages of the README: each row's three cells make a program, which must fail for lack of
permission, and only at the last of them.

    readme_table.py STAGE WORK
"""

import os
import pathlib
import re
import subprocess
import sys
import tempfile

import common

# What a program of the language has around the three cells; {3} stands where the others have done their work.
AROUND = {
    "c": ("main.c", '{1}\n#include <stdio.h>\n#include <stdlib.h>\nint main(void) {{ char why[512]; if ({2} < 0) return 9; '
                    'puts("given up"); fflush(stdout); if ({3} != 0) {{ puts("Operation not permitted"); return 1; }} return 0; }}\n'),
    "python": ("main.py", '{1}\nimport subprocess\n{2}\nprint("given up", flush=True)\n{3}\n'),
    "java": ("Main.java", '{1}\nclass Main {{ public static void main(String[] words) throws Exception {{\n{2}\n'
                          'System.out.println("given up");\n{3}\n}} }}\n'),
    "crystal": ("main.cr", '{1}\n{2}\nputs "given up"\n{3}\n'),
    "go": ("main.go", 'package main\n{1}\nimport ("fmt"; "log"; "os/exec")\nfunc main() {{\nif err := {2}; err != nil {{ '
                      'log.Fatal("not denied: ", err) }}\nfmt.Println("given up")\nif err := {3}; err != nil {{ log.Fatal(err) }}\n}}\n'),
    "rust": ("main.rs", '{1}\nfn main() -> Result<(), Box<dyn std::error::Error>> {{\n{2}\nprintln!("given up");\n{3}\nOk(())\n}}\n'),
    "node": ("main.cjs", "{1}\nconst child_process = require('node:child_process')\nabjure.restart()\n{2}\n"
                         "console.log('given up')\n{3}\n"),
    "ruby": ("main.rb", '{1}\n{2}\nputs "given up"\n{3}\n'),
    "perl": ("main.pl", '{1}\n{2}\n$| = 1; print "given up\\n";\n{3}\n'),
}
NAMES = {"C": "c", "Node.js": "node"}


def rows():
    table = (common.ROOT / "README.md").read_text(encoding="utf-8").split("## In every language")[1].split("\n\n")[1]
    for line in table.splitlines()[2:]:
        name, *cells = [cell.strip() for cell in line.strip("|").split(" | ")]
        name = re.sub(r"\[(.*)\]\(.*\)", r"\1", name)
        yield NAMES.get(name, name.lower()), [cell.strip("`| ") for cell in cells]


def run_c(stage, source):
    libraries = next(pathlib.Path(stage).resolve().rglob("abjure.pc")).parent
    environment = {**os.environ, "PKG_CONFIG_PATH": str(libraries), "LD_LIBRARY_PATH": str(libraries.parent)}
    command = f"cd {source.parent} && cc main.c $(pkg-config --cflags --libs abjure) && ./a.out"
    return subprocess.run(["bash", "-c", command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment)


def main():
    stage, work = sys.argv[1:3]
    problems = []
    seen = []
    for language, (bring, give, fail) in rows():
        name, around = AROUND[language]
        seen.append(language)
        with tempfile.TemporaryDirectory() as folder:
            source = pathlib.Path(folder) / name
            source.write_text(around.format("", bring, give, fail), encoding="utf-8")
            done = run_c(stage, source) if language == "c" else common.run(language, stage, work, "snippet", source)
        output = done.stdout
        if done.returncode == 0 or "given up" not in output or not re.search("not permitted|EPERM", output, re.I):
            problems.append(f"{language}: exit status {done.returncode}\n{output[-1500:]}")
        print(f"{language:8} {' '.join(output.split())[:100]}")
    if sorted(seen) != sorted(["c", *common.LANGUAGES]):
        problems.append(f"the table has {seen}")
    print(*problems, sep="\n")
    print(f"{len(seen)} rows, {len(problems)} problems")
    sys.exit(1 if problems else 0)


main()
