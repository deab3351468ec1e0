# SPDX-License-Identifier: MIT
"""abjure doctor: every line against what is so, in several surroundings."""
import json
import os
import platform
import re
import shutil

from support import ABJURE, LIBRARY, Case, abjure, as_root, call, main

SYS_ADMIN = 21
NAMES = ("kernel", "abi", "emulator", "seccomp", "filter", "filters", "threads", "no_new_privs", "cap_sys_admin",
         "landlock", "io_uring", "audit", "audit.readable", "bpf_jit_enable", "bpf_jit_limit", "ptrace_scope",
         "container", *("action." + name for name in ("allow", "log", "errno", "trap", "notify", "trace",
                                                      "kill_thread", "kill")),
         *("flag." + name for name in ("all_threads", "log", "spec_allow", "listener", "tsync_esrch",
                                       "wait_killable")))
WORKS = "Filters can be loaded here"
WORKS_NOT = "No filter can be loaded here"


def status():
    """What this process's own status says, which a child without further filters shares."""
    with open("/proc/self/status", encoding="utf-8") as file:
        return dict(re.split(r":\s*", line.rstrip("\n"), maxsplit=1) for line in file)


class Doctor(Case):
    def facts(self, result, wanted):
        """name -> (value, reason) of `doctor --json`; the exit status is that of the verdict."""
        self.assertEqual(result.returncode, wanted, result.stdout + result.stderr)
        facts = {name: (fact["value"], fact["reason"]) for name, fact in json.loads(result.stdout).items()}
        self.assertEqual(sorted(facts), sorted(NAMES))
        for name, (value, reason) in facts.items():
            if value in ("no", "unknown") and name not in ("emulator", "container"):
                self.assertTrue(reason, f"{name}: {value} without a reason")
            self.assertNotEqual(value, "")
        self.assertEqual(facts["filter"][0], "yes" if wanted == 0 else "no")
        return facts


class Here(Doctor):
    def test_facts(self):
        result, mine = abjure("doctor", "--json"), status()
        facts = self.facts(result, 0)
        self.assertEqual(result.stderr, "")
        self.assertEqual(facts["kernel"][0], platform.release())
        self.assertEqual(facts["abi"][0], {"i686": "x86"}.get(platform.machine(), platform.machine()))
        self.assertEqual(facts["emulator"][0], "no")
        self.assertEqual(facts["seccomp"][0], "yes")
        self.assertEqual(facts["filters"][0], mine.get("Seccomp_filters", facts["filters"][0]))
        self.assertEqual(facts["threads"][0], "1")
        self.assertEqual(facts["no_new_privs"][0], "yes" if mine["NoNewPrivs"] == "1" else "no")
        capable = int(mine["CapEff"], 16) >> SYS_ADMIN & 1
        self.assertEqual(facts["cap_sys_admin"][0], "yes" if capable else "no")
        for name in ("allow", "errno", "trap", "trace", "kill_thread"):
            self.assertEqual(facts["action." + name][0], "yes")
        for setting in ("bpf_jit_enable", "bpf_jit_limit"):
            try:
                with open("/proc/sys/net/core/" + setting, encoding="utf-8") as file:
                    self.assertEqual(facts[setting][0], file.read().strip())
            except OSError:
                self.assertEqual(facts[setting][0], "unknown")

    def test_text(self):
        result = abjure("doctor")
        self.gives(result, 0, WORKS, "abjure run --deny @exec -- PROGRAM works", platform.release(), "action kill  ",
                   "load flag all_threads  ", "filters can be loaded            yes")
        for line in result.stdout.splitlines():
            if line and not line.startswith("Filters"):
                self.assertRegex(line, r"^(\S.{31} \S|\s{35}\S)")

    def test_the_verdict_is_true(self):
        self.gives(abjure("run", "--deny", "@exec", "--", "true"), 0)

    @as_root
    def test_as_nobody(self):
        more = self.unprivileged()
        command = self.path(os.path.basename(ABJURE))
        facts = self.facts(call(command, "doctor", "--json", **more), 0)
        self.assertEqual(facts["cap_sys_admin"][0], "no")
        self.assertEqual(facts["seccomp"][0], "yes")
        self.gives(call(command, "doctor", **more), 0, WORKS)
        self.gives(call(command, "run", "--deny", "@exec", "--", "true", **more), 0)

    def test_usage(self):
        self.gives(abjure("doctor", "word"), 2, "options only", "doctor --help")
        self.gives(abjure("doctor", "--jsno"), 2, 'did you mean "--json"')


class Filtered(Doctor):
    """Under filters: the truth about them, and no line that blames the kernel for what they hide."""

    def under(self, rules, wanted, *words):
        return self.facts(abjure("run", "--no-landlock", "--deny", rules, *words, "--", ABJURE, "doctor", "--json"),
                          wanted)

    def test_a_filter_that_does_not_mind(self):
        before = self.facts(abjure("doctor", "--json"), 0)
        facts = self.under("sync", 0)
        self.assertGreater(int(facts["filters"][0]), int(before["filters"][0]))
        self.assertEqual(facts["no_new_privs"], ("yes", None))
        for name in ("seccomp", "action.kill", "flag.log", "cap_sys_admin"):
            self.assertEqual(facts[name][0], before[name][0])

    def test_seccomp_denied(self):
        facts = self.under("seccomp", 1)
        for name in ("filter", "action.log", "action.allow", "flag.all_threads", "flag.wait_killable"):
            value, reason = facts[name]
            self.assertEqual(value, "no" if name == "filter" else "unknown")
            self.assertIn("outer filter", reason)
            self.assertIn("allow seccomp and prctl", reason)
        self.assertEqual(facts["seccomp"], ("yes", None))
        self.assertEqual(facts["no_new_privs"], ("yes", None))
        result = abjure("run", "--deny", "seccomp", "--", ABJURE, "doctor")
        self.gives(result, 1, WORKS_NOT + ": an outer filter")
        # Of the filter, once for all actions and flags, and in the verdict.
        self.assertEqual(result.stdout.count("an outer filter"), 3, result.stdout)
        self.gives(abjure("run", "--deny", "seccomp", "--", ABJURE, "run", "--deny", "bind", "--", "true"), 125,
                   "outer filter")

    def test_prctl_denied(self):
        """no_new_privs is read from /proc then."""
        facts = self.under("prctl", 0)
        self.assertEqual(facts["no_new_privs"], ("yes", None))

    def test_landlock_denied(self):
        facts = self.under("landlock_create_ruleset", 0)
        self.assertEqual(facts["landlock"][0], "no")
        self.assertIn("outer filter", facts["landlock"][1])

    def test_complain_counts_as_a_filter(self):
        facts = self.under("seccomp", 0, "--complain")
        self.assertGreaterEqual(int(facts["filters"][0]), 1)


class Emulated(Doctor):
    def test_qemu_user(self):
        machine = platform.machine()
        emulator = shutil.which(f"qemu-{machine}") or shutil.which(f"qemu-{machine}-static")
        self.assertIsNotNone(emulator, f"qemu-{machine} is missing: install qemu-user")
        with open(LIBRARY, "rb") as file:
            sanitized = b"__asan_" in file.read()
        if sanitized:
            self.skipTest("a sanitized program does not run under qemu-user")
        facts = self.facts(call(emulator, ABJURE, "doctor", "--json"), 1)
        self.assertEqual(facts["emulator"][0], "qemu-user")
        for name in ("seccomp", "filter", "action.kill", "flag.log"):
            self.assertIn(facts[name][0], ("no", "unknown"))
            self.assertIn("the emulator has none", facts[name][1])
        self.gives(call(emulator, ABJURE, "doctor"), 1, WORKS_NOT, "run natively")
        self.gives(call(emulator, ABJURE, "run", "--deny", "bind", "--", "true"), 125, "qemu-user")


if __name__ == "__main__":
    main()
