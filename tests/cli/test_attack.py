# SPDX-License-Identifier: MIT
"""A program under `abjure run` attacks its neighbours, its parent and the command: nothing unfiltered runs."""
import os
import subprocess
import time

from support import ABJURE, ATTACK, Case, as_root, call, main, on_x86_64


class Neighbour(Case):
    """A process of the same user, outside of the filter."""

    def attack(self, *before, **more):
        program = more.pop("program", ATTACK)
        victim = subprocess.Popen([program, "victim"], stdout=subprocess.PIPE, text=True, **more)
        try:
            pid, address = victim.stdout.readline().split()
            result = call(*before, program, "neighbour", pid, address, **more)
            self.assertEqual(result.returncode, 0, result.stderr)
            time.sleep(0.1)
            return result, victim.poll() is not None
        finally:
            victim.kill()
            victim.wait()
            victim.stdout.close()

    def test_control(self):
        result, taken = self.attack()
        self.assertTrue(taken, result.stdout)
        self.assertEqual(result.stdout.count("WORKED"), 6, result.stdout)

    def test_denied(self):
        for rules in ("@exec,@debug", "@exec", "@debug", "@spawn", "@wx"):
            with self.subTest(rules):
                result, taken = self.attack(ABJURE, "run", "--deny", rules, "--")
                self.assertFalse(taken, result.stdout)
                self.assertNotIn("WORKED", result.stdout)
                self.assertEqual(len(result.stdout.splitlines()), 6, result.stdout)

    def test_without_landlock(self):
        """What Landlock is for: seccomp alone leaves /proc/PID/mem open."""
        result, taken = self.attack(ABJURE, "run", "--no-landlock", "--deny", "@debug", "--")
        self.assertTrue(taken, result.stdout)

    @as_root
    def test_unprivileged(self):
        more = self.unprivileged()
        program = self.path(os.path.basename(ATTACK))
        command = self.path(os.path.basename(ABJURE))
        result, taken = self.attack(program=program, **more)
        self.assertTrue(taken, "control: " + result.stdout)
        result, taken = self.attack(command, "run", "--deny", "@exec,@debug", "--", program=program, **more)
        self.assertFalse(taken, result.stdout)
        self.assertNotIn("WORKED", result.stdout)


class Parent(Case):
    """The process that waits."""

    def setUp(self):
        super().setUp()
        self.marker = self.path("marker")

    def attack(self, *options):
        result = call(ABJURE, "run", *options, "--", ATTACK, "parent", self.marker)
        self.assertFalse(os.path.exists(self.marker), "the waiting parent made a file: " + result.stdout)
        return result

    def test_with_landlock(self):
        result = self.attack("--deny", "@exec,@debug")
        self.gives(result, 0, "/proc/PPID/mem: ")
        self.assertNotIn("WORKED", result.stdout.split("seize")[1])

    @as_root
    @on_x86_64
    def test_taken_over(self):
        """Without Landlock root writes code into the parent, and it runs: status 77. Its filter leaves it nothing."""
        for options in (["--deny", "@debug"], ["--deny", "bind"], ["--kill", "bind"], ["--complain", "--deny", "@exec"]):
            with self.subTest(options):
                result = self.attack("--no-landlock", *options)
                self.assertIn("/proc/PPID/mem: WORKED", result.stdout)
                self.assertEqual(result.returncode, 77, result.stdout + result.stderr)

    @as_root
    @on_x86_64
    def test_control(self):
        """The same code in a parent without a filter makes the file."""
        result = call("/bin/sh", "-c", '"$1" parent "$2"; exit 3', "sh", ATTACK, self.marker)
        self.assertIn("/proc/PPID/mem: WORKED", result.stdout)
        self.assertTrue(os.path.exists(self.marker), result.stdout)

    @as_root
    def test_unprivileged(self):
        more = self.unprivileged()
        result = call(self.path(os.path.basename(ABJURE)), "run", "--no-landlock", "--deny", "bind", "--",
                      self.path(os.path.basename(ATTACK)), "parent", self.marker, **more)
        self.gives(result, 0)
        self.assertNotIn("WORKED", result.stdout)
        self.assertFalse(os.path.exists(self.marker))

    def test_killed(self):
        """A program that kills the parent stays filtered."""
        output = self.path("output")
        with open(output, "w", encoding="utf-8") as file:
            status = subprocess.call([ABJURE, "run", "--deny", "@exec", "--", ATTACK, "orphan", self.marker], stdout=file,
                                     stderr=file, timeout=60)
        self.assertEqual(status, -9)
        for _ in range(100):
            with open(output, encoding="utf-8") as file:
                text = file.read()
            if "execve" in text:
                break
            time.sleep(0.05)
        self.assertIn("execve: Operation not permitted", text)
        self.assertFalse(os.path.exists(self.marker))


if __name__ == "__main__":
    main()
