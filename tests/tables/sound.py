# SPDX-License-Identifier: MIT
"""The CSV files are sorted and complete, agree with each other, and are what was compiled into the core."""
import re
import unittest

from support import TABLES, Case, common, tables

FETCHED = ["aliases.csv", "constants.csv", "entries.csv", "parameters.csv", "syscalls.csv"]

# Functions that take nothing, beside those that hand_parameters.csv says so of.
NOTHING = """
    fork getegid getegid16 geteuid geteuid16 getgid getgid16 getpgrp getpid getppid gettid getuid getuid16
    inotify_init munlockall pause restart_syscall rseq_slice_yield rt_sigreturn sched_yield setsid sgetmask
    switch_endian sync uprobe uretprobe vfork vhangup
"""


def rows(name):
    return common.read_csv(name)[0]


def signatures():
    """Entry -> its parameters' rows."""
    found = {}
    for row in rows("parameters.csv"):
        found.setdefault(row["entry"], []).append(row)
    return found


class Form(Case):
    def keys_rise(self, name, key):
        keys = [key(row) for row in rows(name)]
        self.assertGreater(len(keys), 0)
        self.none(f"{name}: {second} after {first}" for first, second in zip(keys, keys[1:]) if not first < second)

    def test_sorted_and_unique(self):
        self.keys_rise("syscalls.csv", lambda row: row["name"])
        self.keys_rise("entries.csv", lambda row: row["name"])
        self.keys_rise("constants.csv", lambda row: row["name"])
        self.keys_rise("parameters.csv", lambda row: (row["entry"], int(row["position"])))
        self.keys_rise("aliases.csv", lambda row: (row["call"], row["kernel"], row["alias"]))

    def test_hand_tables_are_unique(self):
        for name, key in (("types.csv", ("type",)), ("overrides.csv", ("entry", "parameter")), ("behind.csv", ("entry",)),
                          ("hand_parameters.csv", ("entry",)), ("hand_aliases.csv", ("calls", "kernel", "alias")),
                          ("multiplexed.csv", ("call", "abis"))):
            keys = [tuple(row[column] for column in key) for row in rows(name)]
            self.assertGreater(len(keys), 0)
            self.none(f"{name}: {key} twice" for key in set(keys) if keys.count(key) > 1)

    def test_every_row_is_whole(self):
        for path in sorted(TABLES.glob("*.csv")):
            found, _ = common.read_csv(path.name)
            self.none(f"{path.name}: {row}" for row in found
                      if None in row or None in row.values() or any(v != v.strip() for v in row.values()))

    def test_fetched_files_name_script_and_packages(self):
        for name in FETCHED:
            comments = common.read_csv(name)[1]
            self.assertRegex(comments[0], r"^Made by core/tables/fetch_\w+\.py; do not edit\.$")
            self.assertTrue((TABLES / re.search(r"fetch_\w+\.py", comments[0])[0]).exists())
            self.assertTrue([line for line in comments if re.match(r"source: [\w. -]+ \d\S* \(\w+\)$", line)], name)
        kernels = [line for line in common.read_csv("syscalls.csv")[1] if line.startswith("kernel: linux-")]
        self.assertEqual(len(kernels), 1)

    def test_words(self):
        self.none(f"syscalls.csv: {row}" for row in rows("syscalls.csv") if not re.fullmatch(r"\w+", row["name"])
                  or any(row[abi] and not re.fullmatch(r"\d+", row[abi]) for abi in common.ABIS)
                  or not any(row[abi] for abi in common.ABIS))
        self.none(f"types.csv: {row}" for row in rows("types.csv")
                  if row["bits"] not in ("8", "16", "32", "64", "word", "pointer") or row["signed"] not in ("0", "1"))
        self.none(f"parameters.csv: {row}" for row in rows("parameters.csv")
                  if row["from"] not in ("trace", "source", "hand") or not re.fullmatch(r"[a-zA-Z_]\w*", row["name"]))
        self.none(f"overrides.csv: {row}" for row in rows("overrides.csv") if row["signed"] not in ("0", "1")
                  or not row["why"])


class Agreement(Case):
    def test_numbers_are_unique(self):
        """Of the few that have two names the pairs are known: old names that the headers keep."""
        pairs = set()
        for abi in common.ABIS:
            by_number = {}
            for row in rows("syscalls.csv"):
                if row[abi]:
                    by_number.setdefault(row[abi], []).append(row["name"])
            pairs |= {tuple(names) for names in by_number.values() if len(names) > 1}
        self.assertEqual(pairs, {("arm_sync_file_range", "sync_file_range2")})

    def test_every_call_has_a_function(self):
        """On each ABI that has the call or a multiplexer of it, and nowhere else."""
        entries = {row["name"]: row for row in rows("entries.csv")}
        calls = {row["name"]: row for row in rows("syscalls.csv")}
        through = {row["call"]: row["multiplexer"] for row in rows("multiplexed.csv")}
        self.assertEqual(set(entries), set(calls) | set(through))
        problems = []
        for name, entry in entries.items():
            for abi in common.ABIS:
                wanted = bool(calls[name][abi]) or name in through and bool(calls[through[name]][abi])
                if wanted != bool(entry[abi]):
                    problems.append(f"{name} on {abi}: function {entry[abi]!r}, wanted: {wanted}")
        self.none(problems)

    def test_every_function_has_parameters(self):
        """A function without rows in parameters.csv takes none: those are few and known."""
        known = signatures()
        used = {row[abi] for row in rows("entries.csv") for abi in common.ABIS} - {""}
        self.none(f"parameters.csv: {entry} serves no call" for entry in set(known) - used)
        self.none(f"{entry}: positions {[row['position'] for row in found]}" for entry, found in known.items()
                  if [int(row["position"]) for row in found] != list(range(len(found))))
        self.none(f"{entry}: parameters of two origins" for entry, found in known.items()
                  if len({row["from"] for row in found}) != 1)
        by_hand = {row["entry"].split("@")[0] for row in rows("hand_parameters.csv") if not row["parameters"]}
        empty = {entry.split("@")[0] for entry in used - set(known)} - by_hand
        self.assertEqual(empty, {"sys_" + name for name in NOTHING.split()} | {"compat_sys_x32_rt_sigreturn"})

    def test_hand_tables_are_used(self):
        known = signatures()
        entries = {row[abi] for row in rows("entries.csv") for abi in common.ABIS} - {""}
        plain = {entry.split("@")[0] for entry in entries}
        self.none(f"hand_parameters.csv: {row['entry']}" for row in rows("hand_parameters.csv")
                  if row["entry"].split("@")[0] not in plain)
        self.none(f"overrides.csv: {row['entry']} {row['parameter']}" for row in rows("overrides.csv")
                  if not any(row["parameter"] == one["name"] for entry, found in known.items()
                             if entry.split("@")[0] == row["entry"] for one in found))
        self.none(f"behind.csv: {row}" for row in rows("behind.csv")
                  if row["entry"] not in entries or row["as"] not in known)
        types = {row["type"].replace("const ", "").replace(" const", "") for row in rows("parameters.csv")}
        self.none(f"types.csv: no parameter is of type {row['type']}" for row in rows("types.csv")
                  if row["type"] not in types)

    def test_overrides_are_of_words(self):
        """Only what is declared as wide as a register can be narrower than its type says."""
        known = signatures()
        words = {row["type"] for row in rows("types.csv") if row["bits"] in ("word", "64")}
        self.none(f"{entry} {one['name']}: {one['type']}" for row in rows("overrides.csv")
                  for entry, found in known.items() if entry.split("@")[0] == row["entry"]
                  for one in found if one["name"] == row["parameter"] and one["type"] not in words
                  and not one["type"].startswith("compat_"))


class Compiled(Case):
    def test_numbers(self):
        wanted = {(abi, row["name"]): int(row[abi]) + (common.X32_BASE if abi == "x32" else 0)
                  for row in rows("syscalls.csv") for abi in common.ABIS if row[abi]}
        held = {(abi, name): number for abi, numbers in tables().numbers.items() for name, number in numbers.items()}
        self.assertGreater(len(wanted), 2500)
        self.assertEqual(held, wanted)

    def test_constants(self):
        wanted = {}
        for row in rows("constants.csv"):
            others = dict(word.split("=") for word in row["others"].split())
            self.none(f"{row['name']}: {abi}" for abi in others if abi not in common.ABIS)
            for abi in common.ABIS:
                if value := others.get(abi, row["value"]):
                    wanted[abi, row["name"]] = int(value, 0)
        held = {(abi, name): value for abi, values in tables().constants.items() for name, value in values.items()}
        self.assertGreater(len(wanted), 30000)
        self.assertEqual(held, wanted)

    def test_first_parameters(self):
        """What registers hold follows from the signature; the tests of kernel and units look at widths and splits."""
        known = signatures()
        problems = []
        for row in rows("entries.csv"):
            for abi in common.ABIS:
                wanted = [one["name"] for one in known.get(row[abi], [])]
                held = [p.name for _, p in sorted(tables().parameters.get((abi, row["name"]), {}).items())]
                merged = [name for i, name in enumerate(held) if i == 0 or held[i - 1] != name]
                if wanted != merged:
                    problems.append(f"{row['name']} on {abi}: {wanted} and {held}")
        self.none(problems)


if __name__ == "__main__":
    unittest.main()
