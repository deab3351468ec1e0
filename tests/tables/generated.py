# SPDX-License-Identifier: MIT
"""The committed C tables are what generate.py makes of the CSV files, and what is wrong in a CSV file stops it."""
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

from support import ROOT, TABLES, Case

NAMES = ["constant_table.c", "parameter_table.c", "syscall_table.c"]


def generate(script, target):
    return subprocess.run([sys.executable, "-B", script, target], capture_output=True, text=True)


class Generated(Case):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def test_committed(self):
        done = generate(TABLES / "generate.py", self.folder)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(sorted(p.name for p in self.folder.iterdir()), NAMES)
        for name in NAMES:
            with self.subTest(name):
                self.assertTrue((self.folder / name).read_bytes() == (ROOT / "core/src/generated" / name).read_bytes(),
                                f"{name} differs: run core/tables/generate.py")

    def refused(self, name, old, new, message):
        """generate.py on a copy of the tables in which one line differs."""
        copy = self.folder / "tables"
        shutil.copytree(TABLES, copy, ignore=shutil.ignore_patterns("__pycache__"))
        text = (copy / name).read_text()
        self.assertEqual(text.count(old), 1, f"{name} has {old!r} once")
        (copy / name).write_text(text.replace(old, new))
        done = generate(copy / "generate.py", self.folder / "out")
        self.assertNotEqual(done.returncode, 0)
        self.assertIn(message, done.stderr)
        self.assertNotIn("Traceback", done.stderr)

    def test_unknown_type(self):
        self.refused("types.csv", "\nrwf_t,32,1\n", "\n", "type 'rwf_t' is not in types.csv")

    def test_type_that_a_call_invents(self):
        self.refused("parameters.csv", "\nsys_listen,0,int,fd,", "\nsys_listen,0,fd_t,fd,",
                     "sys_listen: type 'fd_t' is not in types.csv")

    def test_override_of_nothing(self):
        self.refused("overrides.csv", "\nsys_ptrace,pid,", "\nsys_ptrace,pidd,", "sys_ptrace has no parameter pidd")

    def test_too_many_registers(self):
        self.refused("parameters.csv", "\nsys_pread64,1,char *,buf,",
                     "\nsys_pread64,1,u64,a,trace\nsys_pread64,1,u64,b,trace\nsys_pread64,1,char *,buf,",
                     "sys_pread64 takes")


if __name__ == "__main__":
    unittest.main()
