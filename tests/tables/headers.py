# SPDX-License-Identifier: MIT
"""The numbers are those of the kernel headers on this machine, which may be older than the tables."""
import platform
import re
import shutil
import unittest

import compiler
from support import Case, skip, tables

HEADERS = {"x86_64": "asm/unistd_64.h", "x86": "asm/unistd_32.h", "x32": "asm/unistd_x32.h"}


class Numbers(Case):
    def check(self, abi):
        include = f"#define __X32_SYSCALL_BIT 0x40000000\n#include <{HEADERS[abi]}>\n"
        names = {name[len("__NR_"):] for name in compiler.macros("gcc", include) if re.match(r"__NR_(?!syscalls$)", name)}
        self.assertGreater(len(names), 350)
        held = tables().numbers[abi]
        self.none(f"{name} is in {HEADERS[abi]} and not in the table" for name in names - set(held))
        having, wrong = compiler.check("gcc", include, {f"__NR_{name}": held[name] for name in names})
        self.assertEqual(len(having), len(names))
        self.none(f"{name} is not {held[name[len('__NR_'):]]}" for name in wrong)

    def test_x86_64(self):
        self.check("x86_64")

    def test_x86(self):
        self.check("x86")

    def test_x32(self):
        self.check("x32")

    def test_a_wrong_number_would_be_seen(self):
        having, wrong = compiler.check("gcc", "#include <asm/unistd_64.h>\n", {"__NR_read": 0, "__NR_write": 2, "__NR_no": 3})
        self.assertEqual((having, wrong), ({"__NR_read", "__NR_write"}, {"__NR_write"}))


if __name__ == "__main__":
    if platform.machine() != "x86_64":
        skip("the headers of x86_64 are those of an x86_64 machine")
    if shutil.which("gcc") is None:
        skip("no gcc; install gcc")
    unittest.main()
