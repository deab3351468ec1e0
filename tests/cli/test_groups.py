# SPDX-License-Identifier: MIT
"""abjure groups."""
import json
import os
import re

from support import SOURCE, Case, abjure, main


def groups(*words):
    return abjure("groups", *words)


def in_the_data():
    """The groups in core/data/groups, with the first line of what they are for."""
    with open(os.path.join(SOURCE, "core/data/groups"), encoding="utf-8") as file:
        return re.findall(r"^group (@\w+)\nfor +(.*)$", file.read(), re.MULTILINE)


class List(Case):
    def test_every_group_with_its_purpose(self):
        result = groups()
        self.gives(result, 0)
        self.assertEqual([tuple(line.split(maxsplit=1)) for line in result.stdout.splitlines()], in_the_data())
        self.assertGreater(len(in_the_data()), 10)
        self.assertEqual(groups("--abi", "riscv64").stdout, result.stdout)

    def test_json(self):
        result = groups("--json")
        self.gives(result, 0)
        self.assertEqual([(one["name"], one["for"][0]) for one in json.loads(result.stdout)], in_the_data())
        self.assertEqual(json.loads(groups("--json", "@exec").stdout),
                         next(one for one in json.loads(result.stdout) if one["name"] == "@exec"))


class One(Case):
    def test_text(self):
        result = groups("@exec")
        self.gives(result, 0, "@exec\n\nFor\n  Start no other program.\n", "\nBreaks\n", "\nLeaves open\n",
                   "  EPERM        execve\n", "  of @debug:\n  EPERM        ptrace\n")
        self.assertEqual(groups("exec").stdout, result.stdout)

    def test_abi(self):
        self.gives(groups("@spawn", "--abi", "x86_64"), 0, "Rules on x86_64", " vfork\n", "ENOSYS       clone3")
        result = groups("@spawn", "--abi", "aarch64")
        self.gives(result, 0, "Rules on aarch64", "ENOSYS       clone3")
        self.assertNotIn(" vfork\n", result.stdout)
        self.gives(groups("@wx", "--abi", "s390x"), 0, "refused: mmap")

    def test_json(self):
        said = json.loads(groups("@spawn", "--json", "--abi", "x86_64").stdout)
        self.assertEqual(sorted(said), ["breaks", "for", "name", "open", "refused", "rules"])
        self.assertIn({"errno": "ENOSYS", "calls": "clone3", "of": None}, said["rules"])
        self.assertIn({"errno": "EPERM", "calls": "ptrace", "of": "@debug"}, said["rules"])
        self.assertEqual(said["refused"], [])
        self.assertTrue(said["breaks"] and said["open"])
        said = json.loads(groups("@wx", "--json", "--abi", "s390x").stdout)
        self.assertEqual(len(said["refused"]), 1)

    def test_every_rule_is_what_the_group_denies(self):
        """The rules without conditions, one by one, decided by check."""
        for name, _ in in_the_data():
            rules = json.loads(groups(name, "--json").stdout)["rules"]
            plain = {rule["calls"]: rule["errno"] for rule in rules if "(" not in rule["calls"]}
            self.assertTrue(rules, name)
            if not plain:
                continue
            result = abjure("check", "--deny", name, "--json", *plain)
            self.gives(result, 1)
            for verdict in json.loads(result.stdout):
                self.assertEqual(verdict["rule"], f"deny {name}")
                self.assertEqual(verdict["action"], plain[verdict["asked"]], verdict)


class Errors(Case):
    def test_suggestions(self):
        self.gives(groups("@lisen"), 2, 'there is no group "@lisen"; did you mean "@listen"?')
        self.gives(groups("exek"), 2, 'did you mean "@exec"?')
        self.gives(groups("@frobnicate"), 2, "abjure groups lists them")

    def test_usage(self):
        self.gives(groups("@exec", "@spawn"), 2, "one group at a time", '"@spawn"')
        self.gives(groups("--abi", "frob"), 2, 'unknown ABI "frob"', "the ABIs are x86_64")
        self.gives(groups("@exec", "--abi", "aarch65"), 2, 'did you mean "aarch64"')
        self.gives(groups("--abi"), 2, "--abi NAME")
        self.gives(groups("--jsn"), 2, 'did you mean "--json"')
        self.assertEqual(groups("--json", "--abi", "frob").stdout, "")


if __name__ == "__main__":
    main()
