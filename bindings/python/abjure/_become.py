# SPDX-License-Identifier: MIT
"""The second interpreter of `_child.run`: it loads the filter and becomes the program."""

from __future__ import annotations

import os
import sys

from ._child import FAILED
from ._filter import Filter


def become() -> None:
    """argv has the memory file's descriptor, then the program and its arguments."""
    descriptor = int(sys.argv[1])
    os.set_inheritable(descriptor, False)
    with open(descriptor, "r+b", buffering=0, closefd=False) as memory:
        memory.seek(0)
        try:
            Filter().read(memory.read().decode(), "filter").exec([os.fsencode(word) for word in sys.argv[2:]])
        except OSError as error:
            memory.seek(0)
            memory.truncate()
            memory.write(f"failed {error.errno}\n{error.strerror}".encode())
    os._exit(FAILED)
