#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs what the README prints: the C and Python examples, the policy, and every command: readme.py STAGE

The two set-up commands and the installation are what runs this test and its fixture; here they are checked to exist.
"""

import os
import pathlib
import re
import subprocess
import sys
import tempfile

root = pathlib.Path(__file__).resolve().parents[2]
stage = pathlib.Path(sys.argv[1])
libdir = next(stage.rglob("abjure.pc")).parents[1]
environment = {**os.environ, "PATH": f"{stage}/bin:{os.environ['PATH']}", "LD_LIBRARY_PATH": str(libdir),
               "PKG_CONFIG_PATH": str(libdir / "pkgconfig")}
text = (root / "README.md").read_text()
blocks = re.findall(r"^```(\w*)\n(.*?)^```", text, re.M | re.S)
ran = 0


def run(command, expected=0, **options):
    global ran
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment, **options)
    if done.returncode != expected:
        sys.exit(f"{command} ended with {done.returncode}, not {expected}:\n{done.stdout}")
    ran += 1
    return done.stdout


with tempfile.TemporaryDirectory() as folder:
    scratch = pathlib.Path(folder)
    (scratch / "examples").symlink_to(root / "examples")
    for kind, block in blocks:
        if kind == "c":
            (scratch / "main.c").write_text(block)
            compile_line = re.search(r"`(cc main\.c [^`]*)`", text).group(1)
            run(["bash", "-c", f"{compile_line} -Wall -Wextra -Werror && ./a.out"], cwd=scratch)
        elif kind == "":
            (scratch / "a.policy").write_text(block)
            run(["abjure", "check", "a.policy"], cwd=scratch)
        elif kind == "python" and "import" in block:
            run([sys.executable, "-c", f"import ast; ast.parse({block!r})"])
            run(["bash", "-ec", f"python3 -m venv V; V/bin/pip -q install {root}/bindings/python"], cwd=scratch)
            printed = run(["V/bin/python", "-c", block], cwd=scratch)
            if not printed.startswith("denied: "):
                sys.exit(f"the Python example printed {printed!r}")
        elif kind == "sh":
            for line in block.splitlines():
                if line.startswith("abjure "):
                    run(["bash", "-c", line], cwd=scratch)
                elif line.startswith("./") or line.startswith("tests/"):
                    if not os.access(root / line.split()[0], os.X_OK):
                        sys.exit(f"{line}: no such program")
                elif not re.match(r"cmake --(preset|build)|sudo (cmake --install|ldconfig)", line):
                    sys.exit(f"nothing runs this line of the README: {line}")
    killed = re.search(r"`(abjure run --kill bind -- nc [^`]*)`", text).group(1)
    run(["bash", "-c", killed], expected=159, cwd=scratch)
print(f"{ran} commands ran")
sys.exit(0 if ran >= 10 else 1)
