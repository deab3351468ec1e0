# SPDX-License-Identifier: MIT
"""Running code in a child process, since a filter cannot be taken back."""

import os
import subprocess
import sys
import textwrap
import unittest


# Python 3.12 and later warns where a process with threads forks, which some tests do.
THREADS_FORK = ("-W", "ignore:This process:DeprecationWarning")


def child(code: str, *arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    """Runs code in a fresh interpreter; the code prints what it saw."""
    return subprocess.run([sys.executable, "-X", "faulthandler", *THREADS_FORK, "-c", textwrap.dedent(code), *arguments], text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60,
                          env={**os.environ, **environment})


class Child(unittest.TestCase):
    def expect(self, code: str, expected: str) -> None:
        done = child(code)
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertEqual(done.stdout.strip(), textwrap.dedent(expected).strip())
