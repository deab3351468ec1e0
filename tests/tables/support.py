# SPDX-License-Identifier: MIT
"""What the tests of the tables share: the compiled tables, the folder of the CSV files, and how a test is skipped."""
import collections
import functools
import os
import pathlib
import subprocess
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
TABLES = ROOT / "core/tables"
sys.path.insert(0, str(TABLES))
import common  # noqa: E402  (core/tables/common.py)

Parameter = collections.namedtuple("Parameter", "kind bits signed name")


class Tables:
    """The compiled tables, as tests/tables/dump.c prints them."""

    def __init__(self):
        self.arch, self.bits, self.numbers, self.constants, self.parameters = {}, {}, {}, {}, {}
        text = subprocess.run([os.environ["ABJURE_DUMP"]], check=True, capture_output=True, text=True).stdout
        for line in text.splitlines():
            kind, abi, *words = line.split("\t")
            if kind == "arch":
                self.arch[abi], self.bits[abi] = map(int, words)
            elif kind == "call":
                self.numbers.setdefault(abi, {})[words[0]] = int(words[1])
            elif kind == "constant":
                self.constants.setdefault(abi, {})[words[0]] = int(words[1])
            else:
                name, register, what, bits, sign, parameter = words
                self.parameters.setdefault((abi, name), {})[int(register)] = Parameter(what, int(bits),
                                                                                       sign == "signed", parameter)


@functools.lru_cache(None)
def tables():
    return Tables()


def skip(reason):
    """Ends the whole test as skipped; ctest and tests/summary.py show the last line."""
    print(f"skipped: {reason}")
    sys.exit(77)


class Case(unittest.TestCase):
    maxDiff = None

    def none(self, problems):
        """No problem was found; shows the first ones where there are some."""
        shown = sorted(problems)
        self.assertFalse(shown, f"{len(shown)} problems:\n" + "\n".join(shown[:40]))
