# SPDX-License-Identifier: MIT
"""What the tests of the command share."""
import os
import platform
import shutil
import stat
import subprocess
import tempfile
import unittest

ABJURE = os.environ["ABJURE"]
LIBRARY = os.environ["ABJURE_LIBRARY"]
TARGET = os.environ["ABJURE_TARGET"]
ATTACK = os.environ["ABJURE_ATTACK"]
STATIC = os.environ["ABJURE_STATIC"]
CALL = os.environ["ABJURE_CALL"]
VIOLATOR = os.environ["ABJURE_VIOLATOR"]
SOURCE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
NOBODY = 65534
VERBS = ("run", "check", "compile", "groups", "inspect", "lint", "ps", "doctor", "explain", "report", "watch", "why")

on_x86_64 = unittest.skipUnless(platform.machine() == "x86_64", "machine code of x86_64")
as_root = unittest.skipUnless(os.geteuid() == 0, "needs root")


def call(*words, **more):
    more.setdefault("timeout", 60)
    more.setdefault("stdin", None if "input" in more else subprocess.DEVNULL)
    if more["stdin"] is None:
        del more["stdin"]
    return subprocess.run(words, capture_output=True, text=True, errors="replace", **more)


def abjure(*words, **more):
    return call(ABJURE, *words, **more)


def flat(document, prefix=""):
    """The names of a document's fields: process.pid and so on."""
    if not isinstance(document, dict):
        return {prefix: document}
    found = {}
    for key, value in document.items():
        found.update(flat(value, f"{prefix}.{key}" if prefix else key))
    return found


class Case(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="abjure-cli-")
        self.addCleanup(shutil.rmtree, self.folder, True)
        os.chmod(self.folder, 0o755)

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, text, executable=False):
        path = self.path(name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        if executable:
            os.chmod(path, 0o755)
        return path

    def gives(self, result, status, *parts):
        """The exit status, and each part somewhere in what was written."""
        written = result.stdout + result.stderr
        self.assertEqual(result.returncode, status, written)
        for part in parts:
            self.assertIn(part, written)

    def unprivileged(self):
        """The command and its programs where every user can execute them; words and environment."""
        for source in (ABJURE, LIBRARY, TARGET, ATTACK):
            name = "libabjure.so.0" if source == LIBRARY else os.path.basename(source)
            shutil.copy(os.path.realpath(source), self.path(name))
            os.chmod(self.path(name), stat.S_IRWXU | 0o055)
        return {"env": dict(os.environ, LD_LIBRARY_PATH=self.folder), "user": NOBODY, "group": NOBODY,
                "extra_groups": []}


def main():
    unittest.main()
