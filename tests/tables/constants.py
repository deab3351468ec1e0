# SPDX-License-Identifier: MIT
"""Named constants have the values of the headers on this machine, for x86_64 and, with a cross compiler, for x86."""
import platform
import re
import shutil
import sys
import unittest

import compiler
from support import TABLES, Case, skip, tables

sys.path.insert(0, str(TABLES))
import constant_headers  # noqa: E402  (core/tables)
import fetch_constants  # noqa: E402  (core/tables)

# Counts and sums of what a kernel knows: they grow, and the headers here may be older than those of the table.
GROWING = re.compile(r"\w*(_MAX|_MAX_\w+|_LAST|_ALL|_MASK|_VALID|_SUPPORTED|_SIZE|_FLAGS|_NR|_COUNT)$"
                     r"|UFFD_API_(FEATURES|RANGE_IOCTLS|RANGE_IOCTLS_BASIC)$")
# Became one bit less with TH_AE (Linux 6.15); and glibc's note to itself, of another meaning in each release.
CHANGED = {"TCP_RESERVED_BITS", "__WORDSIZE_TIME64_COMPAT32"}
# Pointers: the compilers differ in how they extend those of 32 bits.
POINTERS = {"MAP_FAILED", "SIG_ERR"}


def commands(text):
    """The ioctl commands that headers define and fetch_constants.py wants."""
    return {name for name in re.findall(r"^#define (\w+) _IO[WR]*\(", text, re.M)
            if fetch_constants.WANTED.match(name) and not name.startswith(tuple(constant_headers.IGNORED))}


def compared(gcc, file, held):
    """The names of a header that are in the table, those with other values, and ioctl commands that are not in it.

    None where there is no such header."""
    for include in fetch_constants.includes(file):
        text = compiler.preprocessed(gcc, include)
        if text is None:
            return None
        names = sorted(set(re.findall(r"\w+", text)) & set(held))
        try:
            return *compiler.check(gcc, include, {name: held[name] for name in names}), commands(text)
        except compiler.Unusable:
            continue
    return None


class Values(Case):
    def check(self, abi, gcc):
        held = tables().constants[abi]
        held = {name: value for name, value in held.items() if name not in CHANGED | POINTERS and not GROWING.match(name)}
        seen, missing, problems, lacking = set(), set(), [], []
        for file in constant_headers.KERNEL + constant_headers.LIBC:
            found = compared(gcc, file, held)
            if found is None:
                lacking.append(file)
                continue
            problems += [f"{name} of {file} is not {held[name]}" for name in found[1] - seen]
            missing |= {f"{name} of {file} is not in the table" for name in found[2] - set(tables().constants[abi])}
            seen |= found[0]  # the kernel's value counts, where the C library has another
        print(abi, len(seen), "constants compared; not here or not usable alone:", *lacking)
        self.assertLess(len(lacking), 12)
        self.assertGreater(len(seen), 3300)
        self.none(problems + sorted(missing))

    def test_x86_64(self):
        self.check("x86_64", "gcc")

    @unittest.skipUnless(shutil.which("i686-linux-gnu-gcc"), "no i686-linux-gnu-gcc; install gcc-i686-linux-gnu")
    def test_x86(self):
        self.check("x86", "i686-linux-gnu-gcc")


if __name__ == "__main__":
    if platform.machine() != "x86_64":
        skip("the compiler here has other headers than those of x86_64")
    if shutil.which("gcc") is None:
        skip("no gcc; install gcc")
    unittest.main()
