# SPDX-License-Identifier: MIT
"""A program under a filter, as subprocess.run starts it.

A second interpreter loads the filter and becomes the program. Code in a forked child of this process could wait for
ever for a lock that another thread held at the fork.
"""

from __future__ import annotations

import os
import subprocess
import sys
from errno import ENOTSUP
from typing import Any, Dict, List, Mapping, Sequence

from ._errors import Error
from ._program import Word, exec_arguments

FAILED = 127  # exit status of the second interpreter where no program came of it
_START = "import sys; sys.path.insert(0, sys.argv.pop(1)); from abjure._become import become; become()"


def run(policy: str, argv: Sequence[Word], options: Mapping[str, Any]) -> "subprocess.CompletedProcess[Any]":
    """The policy goes in and the reason of a failure comes back through a memory file."""
    for name in ("shell", "executable"):
        if options.get(name):
            raise TypeError(f"run() does not take {name}; name the program in argv")
    if not sys.executable:
        raise Error(ENOTSUP, "this program does not know its Python interpreter (sys.executable), which run() needs")
    _, words, _ = exec_arguments(argv, None, None)
    package = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    with open(os.memfd_create("abjure"), "w+b", buffering=0) as memory:
        memory.write(policy.encode())
        given: Dict[str, Any] = {**options, "pass_fds": (*options.get("pass_fds", ()), memory.fileno())}
        check = given.pop("check", False)
        command: List[Word] = [sys.executable, "-I", "-c", _START, package, str(memory.fileno()), *words]
        done = subprocess.run(command, **given)
        if done.returncode == FAILED:
            memory.seek(0)
            kind, _, reason = memory.read().partition(b"\n")
            if kind.startswith(b"failed "):
                raise Error(int(kind.split()[1]), reason.decode())
    done.args = argv
    if check:
        done.check_returncode()
    return done
