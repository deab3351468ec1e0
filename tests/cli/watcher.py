# SPDX-License-Identifier: MIT
"""What the tests of abjure watch share: the command as it runs, and a program that violates its filter."""
import contextlib
import os
import random
import re
import shutil
import signal
import subprocess
import time

from support import ABJURE, VIOLATOR, Case

CALLS = ["getppid", "getuid", "getgid", "geteuid", "getegid", "getpgid", "gettid", "getsid"]
UTC = dict(os.environ, TZ="UTC")


def call_number(i):
    """Which call violator.c makes as its i-th."""
    return (i * 2654435761 & 0xFFFFFFFF) >> 29


def record(serial=94, pid=6664, comm='"nc"', **fields):
    values = {"auid": 1000, "uid": 1000, "gid": 1000, "ses": 4, "pid": pid, "comm": comm, "exe": '"/usr/bin/nc"',
              "sig": 31, "arch": "c000003e", "syscall": 49, "compat": 0, "ip": "0x7ffb85de7497", "code": "0x80000000",
              **fields}
    return f"type=SECCOMP msg=audit(1592235264.942:{serial}): " + " ".join(f"{k}={v}" for k, v in values.items()) + "\n"


class Watcher:
    """abjure watch, from when it watches on. `wrapper` are words before it."""

    def __init__(self, case, *options, wrapper=(), stdout=None, **more):
        self.case = case
        self.out, self.err = case.path(f"out-{id(self)}"), case.path(f"err-{id(self)}")
        with contextlib.ExitStack() as stack:
            out = stdout if stdout is not None else stack.enter_context(open(self.out, "wb"))
            err = stack.enter_context(open(self.err, "wb"))
            self.process = subprocess.Popen([*wrapper, ABJURE, "watch", *options], stdin=subprocess.DEVNULL, stdout=out,
                                            stderr=err, **{"env": UTC, **more})
        case.addCleanup(self.kill)
        self.said("abjure: watching ")

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()

    def messages(self):
        with open(self.err, encoding="utf-8") as file:
            return file.read()

    def output(self):
        if not os.path.exists(self.out):
            return ""  # it goes elsewhere
        with open(self.out, "rb") as file:
            return file.read().decode()

    def said(self, part, within=30):
        until = time.monotonic() + within
        while part not in self.messages():
            self.case.assertIsNone(self.process.poll(), self.messages())
            self.case.assertLess(time.monotonic(), until, f"not said: {part}\n{self.messages()}")
            time.sleep(0.02)

    def shows(self, part, within=30):
        until = time.monotonic() + within
        while part not in self.output():
            self.case.assertLess(time.monotonic(), until, f"not shown: {part}\n{self.output()}{self.messages()}")
            time.sleep(0.02)

    def end(self, how=signal.SIGINT, status=0, within=120):
        """Its output, once it has ended."""
        if how:
            self.process.send_signal(how)
        self.case.assertEqual(self.process.wait(within), status, self.messages())
        return self.output()

    def counts(self):
        """Of its last line."""
        line = self.messages().splitlines()[-1]
        found = re.fullmatch(r"abjure: (\d+) records seen, (\d+) shown, (\d+) suppressed, (\d+) lost(?:, (\d+) damaged)?; "
                             r"at most (\d+) waited, and (\d+) KiB in the kernel", line)
        self.case.assertIsNotNone(found, self.messages())
        return dict(zip(("seen", "shown", "suppressed", "lost", "damaged", "waited", "kernel"), (int(n or 0) for n in found.groups())))


class WatchCase(Case):
    def setUp(self):
        super().setUp()
        # Others on the machine make records too: ours have a name of their own.
        self.name = f"v{os.getpid() % 100000}-{random.randrange(10000)}"
        self.violator = shutil.copy(VIOLATOR, self.path(self.name))

    def violate(self, count=1, **more):
        """The pid of who made so many denied calls, and the seconds that they took."""
        result = subprocess.run([self.violator, str(count)], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                                check=True, **more)
        pid, seconds = result.stdout.split()
        return int(pid), float(seconds)

    def watch(self, *options, **more):
        return Watcher(self, "--program", self.name, *options, **more)
