#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes entries.csv and parameters.csv: which kernel function serves a call on each ABI, and its parameters.

Types are the type texts of the running kernel's trace formats (events/syscalls/sys_enter_*/format); what has no format
there (calls of other ABIs, newer calls, calls left out of the configuration) is taken from the SYSCALL_DEFINE lines of
the newest kernel source that Debian packages, and what has neither from hand_parameters.csv. Both machine sources must
agree. Needs root for tracefs, apt, dpkg and a network.
"""
import pathlib
import re
import subprocess
import tempfile

import common
import debian

SUITE = "sid"

PATTERNS = ["scripts/syscall.tbl", "arch/*/entry/syscalls/*.tbl", "arch/*/kernel/syscalls/*.tbl", "arch/*/tools/*.tbl",
            *(f"{folder}/*.c" for folder in ("fs", "kernel", "mm", "net", "ipc", "security", "block", "io_uring",
                                             "drivers/char", "arch/*/pci"))]  # tar's * crosses slashes: kernel/ is also arch/x86/kernel/

# ABI: (table, tags of its rows, folder of its own sources)
TABLES = {
    "x86_64": ("arch/x86/entry/syscalls/syscall_64.tbl", {"common", "64"}, "arch/x86"),
    "x86": ("arch/x86/entry/syscalls/syscall_32.tbl", {"i386"}, "arch/x86"),
    "x32": ("arch/x86/entry/syscalls/syscall_64.tbl", {"common", "x32"}, "arch/x86"),
    "aarch64": ("scripts/syscall.tbl", {"common", "64", "renameat", "rlimit", "memfd_secret"}, "arch/arm64"),
    "arm": ("arch/arm/tools/syscall.tbl", {"common", "eabi"}, "arch/arm"),
    "riscv64": ("scripts/syscall.tbl", {"common", "64", "riscv", "rlimit", "memfd_secret"}, "arch/riscv"),
    "ppc64le": ("arch/powerpc/kernel/syscalls/syscall.tbl", {"common", "64", "nospu"}, "arch/powerpc"),
    "s390x": ("arch/s390/kernel/syscalls/syscall.tbl", {"common", "64"}, "arch/s390"),
}

DEFINE = re.compile(r"^(COMPAT_)?SYSCALL_DEFINE([0-6])\(([^;{#]*?)\)\s*(?=\{|#|/\*)", re.M | re.S)


def clean(type_text):
    """A type's text in one spelling: no __user, single spaces."""
    text = re.sub(r"\b(__user|__force)\b", " ", type_text).replace("*", " * ")
    return re.sub(r"\s+", " ", text).strip().replace("* *", "**")


def trace_formats():
    """Entry ("sys_openat") -> [(type, name)] from the running kernel."""
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["mount", "-t", "tracefs", "tracefs", folder], check=True)
        try:
            for path in pathlib.Path(folder, "events/syscalls").glob("sys_enter_*/format"):
                fields = re.findall(r"field:(.*?)(\w+);\toffset:(\d+)", path.read_text())
                found["sys_" + path.parent.name[len("sys_enter_"):]] = [
                    (clean(kind), name) for kind, name, offset in fields if int(offset) >= 16]
        finally:
            subprocess.run(["umount", folder], check=True)
    if len(found) < 300:
        raise SystemExit("fetch_parameters: this kernel has no trace formats (CONFIG_FTRACE_SYSCALLS)")
    return found


def definitions(root):
    """(folder of an architecture or "", entry) -> set of signatures, each a tuple of (type, name)."""
    found = {}
    for path in sorted(root.rglob("*.c")):
        place = path.relative_to(root).parts
        own = "/".join(place[:2]) if place[0] == "arch" else ""
        text = path.read_text(errors="replace")
        if "SYSCALL_DEFINE" not in text:
            continue
        for compat, count, inside in DEFINE.findall(text):
            words = [word.strip() for word in re.sub(r"/\*.*?\*/", "", inside, flags=re.S).split(",")]
            if len(words) != 1 + 2 * int(count):
                continue  # macros that stand for several parameters: hand_parameters.csv
            pairs = tuple((clean(words[i]), words[i + 1]) for i in range(1, len(words), 2))
            found.setdefault((own, ("compat_sys_" if compat else "sys_") + words[0]), set()).add(pairs)
    return found


def entries(root, abi):
    """Call -> kernel function, from the kernel's own table of the ABI."""
    path, tags, _ = TABLES[abi]
    found = {}
    for line in (root / path).read_text().splitlines():
        words = line.split("#")[0].split()
        if len(words) >= 4 and words[1] in tags:
            found[words[2]] = words[3]
    return found


def same_kind(type_text):
    """Types that mean the same to a filter: any pointer, and const or not."""
    return "*" if type_text.endswith("*") else type_text.replace("const ", "").replace("unsigned int", "unsigned")


def signature(abi, entry, trace, source, hand, problems):
    """The parameters of a kernel function on an ABI and where they are from, or None."""
    for key in (f"{entry}@{abi}", entry):
        if key in hand:
            return hand[key], "hand"
    own = TABLES[abi][2]
    texts = source.get((own, entry)) or source.get(("", entry)) or set()
    if len(texts) > 1 and entry in trace and tuple(trace[entry]) in texts and own == "arch/x86":
        texts = {tuple(trace[entry])}
    if len(texts) > 1 and len({tuple(kind.replace("const ", "") for kind, _ in text) for text in texts}) == 1:
        texts = {max(texts)}
    if len(texts) > 1:
        problems.add(f"{entry} on {abi} has several definitions: {texts}; decide in hand_parameters.csv")
    if entry in trace and not (own != "arch/x86" and (own, entry) in source):
        newest = next(iter(texts), tuple(trace[entry]))
        if len(newest) > len(trace[entry]) and list(newest[:len(trace[entry])]) == trace[entry]:
            return newest, "source"  # a newer kernel has added parameters
        if [same_kind(k) for k, _ in trace[entry]] != [same_kind(k) for k, _ in newest]:
            problems.add(f"{entry}: {trace[entry]} in the trace format, {texts} in the source")
        return tuple(trace[entry]), "trace"
    return (next(iter(texts)), "source") if texts else None


def hand_signatures():
    found = {}
    for row in common.read_csv("hand_parameters.csv")[0]:
        words = [word.strip() for word in row["parameters"].split(",")] if row["parameters"] else []
        found[row["entry"]] = tuple((clean(re.sub(r"\w+$", "", w)), re.search(r"\w+$", w)[0]) for w in words)
    return found


def main():
    trace, hand = trace_formats(), hand_signatures()
    root, version = debian.unpack_source(SUITE, PATTERNS)
    source = definitions(root)
    calls = common.read_csv("syscalls.csv")[0]
    multiplexed = {row["call"]: row["multiplexer"] for row in common.read_csv("multiplexed.csv")[0]}
    entry_rows, parameter_rows, missing, problems = [], {}, [], set()
    by_call = {}
    for abi in common.ABIS:
        known = entries(root, abi)
        having = {row["name"] for row in calls if row[abi] != ""}
        wanted = having | {call for call, through in multiplexed.items() if through in having}
        for call in sorted(wanted):
            entry = known.get(call, "sys_" + call)
            if entry == "sys_ni_syscall":
                entry = "sys_" + call
            if entry.startswith("sys_ia32_"):  # those take 64-bit values as two; the plain ones name them
                entry = entry.replace("ia32_", "")
            found = signature(abi, entry, trace, source, hand, problems)
            if found is None:
                missing.append(f"{entry}@{abi}")
                continue
            pairs, origin = found
            key = entry
            if parameter_rows.get(key, (pairs,))[0] != pairs:
                key = f"{entry}@{abi}"
            parameter_rows[key] = (pairs, origin)
            by_call.setdefault(call, {})[abi] = key
    if problems:
        raise SystemExit("fetch_parameters: sources disagree:\n" + "\n".join(sorted(problems)))
    if missing:
        raise SystemExit("fetch_parameters: no parameters known, add to hand_parameters.csv: " + " ".join(missing))
    entry_rows = [[call, *(by_call[call].get(abi, "") for abi in common.ABIS)] for call in sorted(by_call)]
    kernel = subprocess.run(["uname", "-r"], capture_output=True, text=True).stdout.split("-")[0].strip()
    comments = ["Made by core/tables/fetch_parameters.py; do not edit.",
                f"source: trace formats of Linux {kernel} x86_64", f"source: linux-source {version} ({SUITE})"]
    common.write_csv("entries.csv", comments[:1] + comments[2:] + ["The kernel function of a call, also of one that only a multiplexer reaches."],
                     ["name", *common.ABIS], entry_rows)
    common.write_csv("parameters.csv", comments + ["from: trace, source or hand (hand_parameters.csv)."],
                     ["entry", "position", "type", "name", "from"],
                     [[key, i, kind, name, origin] for key, (pairs, origin) in sorted(parameter_rows.items())
                      for i, (kind, name) in enumerate(pairs)])
    print(f"entries.csv: {len(entry_rows)} calls; parameters.csv: {len(parameter_rows)} signatures")


if __name__ == "__main__":
    main()
