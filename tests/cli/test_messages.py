# SPDX-License-Identifier: MIT
"""Mistakes: each message names the cause and the remedy, and nothing is loaded, started or written."""
import json
import os
import re

from support import TARGET, Case, abjure, main


def many(count):
    """A policy that needs more than `count` instructions, most of them for ioctl."""
    return "deny bind\n" + "".join(f"deny ioctl(cmd == {7 * i + 1} && arg == {13 * i + 1})\n" for i in range(count // 4))


def oci(**more):
    return json.dumps({"defaultAction": "SCMP_ACT_ALLOW", **more})


def entry(**more):
    return oci(syscalls=[{"names": ["bind"], "action": "SCMP_ACT_ERRNO", **more}])


# What is wrong, the rules as options, and the whole message.
OPTIONS = (
    ("a call", ["--deny", "execev"], '--deny: unknown system call "execev"; did you mean "execve"?'),
    ("a call of a list", ["--deny", "bind, listen, acept"],
     '--deny: column 15: unknown system call "acept"; did you mean "accept"?'),
    ("a call like no other", ["--deny", "frobnicate"],
     r'--deny: unknown system call "frobnicate"; the tables have those of linux-\d+\.\d+, a newer one can be given by '
     'number'),
    ("a group without @", ["--deny", "spawn"],
     '--deny: unknown system call "spawn"; the group of that name is written "@spawn"'),
    ("a constant as a call", ["--deny", "AF_INET"], '--deny: "AF_INET" is a constant, not a system call'),
    ("a group", ["--deny", "@lisen"], '--deny: unknown group "@lisen"; did you mean "@listen"?'),
    ("a group like no other", ["--deny", "@frobnicate"],
     '--deny: unknown group "@frobnicate"; the groups are @exec, @spawn, .* and @kernel'),
    ("a constant", ["--deny", "socket(family == AF_INTE)"],
     '--deny: unknown constant "AF_INTE"; did you mean "AF_INET"?'),
    ("a constant like no other", ["--deny", "socket(family == FROBNICATE)"],
     '--deny: unknown constant "FROBNICATE"; write its number'),
    ("an argument", ["--deny", "socket(famly == AF_INET)"],
     '--deny: socket has no parameter "famly"; did you mean "family"?'),
    ("an argument like no other", ["--deny", "socket(colour == 1)"],
     '--deny: socket has no parameter "colour"; it has family, type and protocol'),
    ("no argument", ["--deny", "socket(AF_INET)"],
     '--deny: "AF_INET" is a value; a condition names the parameter too, as in "family == AF_INET"'),
    ("an errno", ["--deny", "EACESS:bind"], '--deny: unknown errno "EACESS"; did you mean "EACCES"?'),
    ("an errno out of range", ["--deny", "5000:bind"],
     '--deny: errno(5000) is out of range; the kernel takes 0 to 4095'),
    ("an option of the filter", ["--set", "lgo=on"], '--set: unknown option "lgo"; did you mean "log"?'),
    ("a value of an option", ["--set", "log=maybe"], '--set: option log is "off" or "on", not "maybe"'),
    ("an ABI", ["--set", "abi=aarch65"], '--set: unknown ABI "aarch65"; did you mean "aarch64"?'),
    ("a pointer", ["--deny", "connect(uservaddr == 5)"],
     "--deny: argument 1 of connect is a pointer; a filter cannot read what it points to; compare it with 0, or leave "
     "the condition out"),
    ("a string", ["--deny", 'open(filename == "/etc/passwd")'],
     "--deny: a filter cannot read strings; it compares numbers and constants"),
    ("one =", ["--deny", "socket(family = AF_INET)"], '--deny: "=" is not a comparison; write "=="'),
    ("no parentheses", ["--deny", "socket family == AF_INET"],
     '--deny: expected "," between calls, found "family"'),
    ("conditions that contradict", ["--deny", "socket(family == AF_INET && family == AF_INET6)"],
     'rule "deny socket(family == AF_INET && family == AF_INET6)" can never decide: no call fulfils its conditions; '
     "correct them, or remove it"),
    ("a value that does not fit", ["--deny", "socket(family == 0x100000002)"],
     "--deny: family == 0x100000002: the value does not fit the 32 bits of this argument of socket"),
    ("a shadowed rule", ["--deny", "socket", "--allow", "socket(family == AF_UNIX)"],
     'rule "allow socket(family == AF_UNIX)" can never decide: "deny socket" before it matches all of its calls; put '
     "the later rule first, or remove it"),
    ("a rule shadowed by a group", ["--deny", "@exec", "--allow", "execve"],
     'rule "allow execve" can never decide: "deny @exec" before it matches all of its calls; put the later rule first, '
     "or remove it"),
    ("an empty list of calls", ["--allow-only", ""],
     '--allow-only: no calls are given; write "execve, @listen", for example'),
    ("a comma too many", ["--deny", "bind,"], '--deny: column 6: a call must follow the last ","'),
)

# The same for files; the message is preceded by the file's name.
FILES = (
    ("a wrong line", "deny bind\n\ndny listen\n", ':3:1: unknown action "dny"; did you mean "deny"?'),
    ("an action like no other", "frobnicate bind\n",
     ':1:1: unknown action "frobnicate"; it must be allow, log, deny, an errno such as EPERM, trap, notify, trace(N), '
     "kill_thread or kill"),
    ("no action", "deny bind\nlisten\n", ':2:1: a line starts with an action, as in "deny listen"'),
    ("no calls", "deny\n", ':1:5: calls must follow "deny", as in "deny execve, @listen"'),
    ("a call", "allow read\n  deny lisen, execve\n",
     ':2:8: unknown system call "lisen"; did you mean "listen"?'),
    ("a call further on", "deny bind,\n     acept\n", ':2:6: unknown system call "acept"; did you mean "accept"?'),
    ("a group", "deny @exek\n", ':1:6: unknown group "@exek"; did you mean "@exec"?'),
    ("a group without @", "deny read, spawn\n",
     ':1:12: unknown system call "spawn"; the group of that name is written "@spawn"'),
    ("a constant", "deny socket(family == AF_INTE)\n",
     ':1:23: unknown constant "AF_INTE"; did you mean "AF_INET"?'),
    ("an argument", "deny socket(famly == AF_INET)\n",
     ':1:6: socket has no parameter "famly"; did you mean "family"?'),
    ("an errno", "EPREM execve\n", ':1:1: unknown errno "EPREM"; did you mean "EPERM"?'),
    ("a pointer", "log read\ndeny connect(uservaddr != 1)\n",
     ":2:6: argument 1 of connect is a pointer; a filter cannot read what it points to; compare it with 0, or leave the "
     "condition out"),
    ("an option", "set colour on\n", ':1:5: unknown option "colour"; the options are abi, .* and kernel'),
    ("an ABI", "abi pdp11\n", ':1:5: unknown ABI "pdp11"; the ABIs are x86_64, .* and s390x'),
    ("two defaults", "default deny\nallow read\ndefault allow\n",
     ":3:9: a second default, which differs from the first; remove one"),
    ("an empty allow list", "# nothing\ndefault EPERM\n",
     ":2:9: the default denies and no rule allows any call: an empty allow list; add what the program needs, or leave "
     "the default at allow"),
    ("broken JSON", '{"defaultAction": "SCMP_ACT_ALLOW",\n "syscalls": [{]}\n',
     r""":2:16: broken JSON: string or '}' expected near ']'"""),
    ("JSON that ends early", '{"defaultAction": ', ":1:18: broken JSON: "),
    ("JSON without a default", '{"syscalls": []}', ':1:1: "defaultAction" is missing; it is a string'),
    ("an action in JSON", '{"defaultAction": "SCMP_ACT_ALOW"}',
     ':1:2: unknown action "SCMP_ACT_ALOW"; did you mean "SCMP_ACT_ALLOW"?'),
    ("a call in JSON", entry(names=["bidn"]),
     r':1:\d+: syscalls[0]: unknown system call "bidn"; did you mean "bind"?'),
    ("an empty allow list in JSON", '{\n  "defaultAction": "SCMP_ACT_ERRNO",\n  "syscalls": []\n}',
     ":2:3: the default denies and no rule allows any call: an empty allow list; "),
)

# Found when the whole is looked at: these name the rules with their places.
WHOLE = (
    ("a shadowed rule", "deny bind\n\nallow bind(addrlen == 16)\n",
     'rule "allow bind(addrlen == 16)" (FILE:3:7) can never decide: "deny bind" (FILE:1:6) before it matches all of its '
     "calls; put the later rule first, or remove it"),
    ("a rule shadowed by several", "deny bind(fd == 3)\nEIO bind(fd != 3)\nallow bind\n",
     'rule "allow bind" (FILE:3:7) can never decide: "deny bind(fd == 3)" (FILE:1:6) and other rules before it match all '
     "of its calls; put the later rule first, or remove it"),
    ("a rule that can never match", "kill socket(type & 0xf == 1 && type & 0xf == 2)\n",
     'rule "kill socket(type & 0xf == 1 && type & 0xf == 2)" (FILE:1:6) can never decide: no call fulfils its '
     "conditions; correct them, or remove it"),
    ("too many rules", many(5000),
     r"the filter needs \d{4,} instructions, and the kernel takes at most 4096; ioctl alone needs \d{4,} of them: write "
     "ranges (<, >=) or masks (&) in its rules in place of single values"),
)


def pattern(message):
    """As it stands, but for \\d, \\d{4,}, + behind them, and .* ."""
    parts = re.split(r"(\\d\{4,\}|\\d\+(?:\\\.\\d\+)?|\.\*)", message)
    return "".join(part if i % 2 else re.escape(part) for i, part in enumerate(parts))


class Messages(Case):
    def refused(self, rules, message):
        """check, compile and run say the same, and do nothing."""
        marker, program = self.path("marker"), self.path("program")
        # What is found when the program starts, run says with the program's name.
        wanted = re.compile("^abjure: (touch: )?" + pattern(message))
        for words in (["check", *rules], ["compile", "-o", program, *rules],
                      ["run", *rules, "--", "touch", marker]):
            result = abjure(*words)
            self.assertRegex(result.stderr, wanted)
            self.assertEqual(result.stderr.count("\n"), 1, result.stderr)
            self.assertEqual((result.returncode, result.stdout), (2, ""))
            self.assertFalse(os.path.exists(marker) or os.path.exists(program))
        return result.stderr

    def test_options(self):
        for what, rules, message in OPTIONS:
            with self.subTest(what):
                self.refused(rules, message)

    def test_files(self):
        for what, text, message in FILES:
            with self.subTest(what):
                path = self.write("policy", text)
                self.refused(["--policy", path], path + message)

    def test_whole_filters(self):
        for what, text, message in WHOLE:
            with self.subTest(what):
                path = self.write("policy", text)
                self.refused(["--policy", path], message.replace("FILE", path))

    def test_the_size_that_is_named_is_the_size(self):
        """A filter a little below the limit compiles, one above names a count that grows with the rules."""
        counts = []
        for rules in (5000, 6000):
            said = self.refused(["--policy", self.write("policy", many(rules))], "the filter needs ")
            counts.append([int(word) for word in re.findall(r"needs (\d+)", said)])
        self.assertTrue(counts[0][0] >= counts[0][1] > 4096 and counts[1][0] > counts[0][0], counts)
        self.gives(abjure("check", self.write("policy", many(1000))), 0, "sound: ")

    def test_exceptions_before_are_no_mistake(self):
        for remedied in ("allow bind(addrlen == 16)\ndeny bind\n", "allow execve\ndeny @exec\n",
                         "default EPERM\nallow read\n", "deny connect(uservaddr == 0)\n"):
            self.gives(abjure("check", self.write("policy", remedied)), 0, "sound: ")

    def test_self(self):
        """run knows the process; check and compile cannot."""
        path = self.write("policy", "deny bind\nkill kill(pid == self)\n")
        for words in (["check", path], ["compile", path]):
            self.gives(abjure(*words), 2, f'{path}:2:6: rule "kill kill(pid == self)": self is the process that loads',
                       "write a number")
        self.gives(abjure("run", "--policy", path, "--", "true"), 0)

    def test_the_remedy_of_a_shadowed_rule_works(self):
        """The rules in the order that the message asks for decide in the kernel what check says."""
        self.refused(["--deny", "bind", "--allow", "bind(addrlen == 16)"], 'rule "allow bind(addrlen == 16)" can never')
        for rules in (["--allow", "bind(addrlen == 16)", "--deny", "bind"],
                      ["--allow", "bind(addrlen == 17)", "--deny", "bind"]):
            said = abjure("check", *rules, "bind(fd=3, addrlen=16)").returncode
            self.assertEqual(said, int("17" in rules[1]))
            self.gives(abjure("run", *rules, "--", TARGET, "bind"), said, "bind: ok" if said == 0 else "not permitted")

    def test_hostile_words_are_shown_harmlessly(self):
        result = abjure("check", "--deny", "bind\x1b[31m\n")
        self.assertEqual(result.returncode, 2)
        self.assertNotIn("\x1b", result.stderr)
        result = abjure("check", self.write("policy", "deny \x1b[31mbind\n"))
        self.assertEqual(result.returncode, 2)
        self.assertNotIn("\x1b", result.stderr)


if __name__ == "__main__":
    main()
