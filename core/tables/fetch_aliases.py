#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes aliases.csv: the names that the man pages give to the parameters of system calls.

Prototypes come from the SYNOPSIS of section 2 of Debian's manpages-dev, an old and a new one, since names change
(ioctl's cmd was request and is op). A prototype counts where it has as many parameters as the kernel's function on
x86_64, or fewer and an ellipsis; hand_aliases.csv adds what that misses. Needs entries.csv and parameters.csv.
"""
import gzip
import re

import common
import debian

SUITES = ["bookworm", "sid"]

# Wrappers whose parameters are not the kernel's, though their number is.
DIFFERENT = {"clone", "signalfd", "cacheflush"}


def synopsis(text):
    """The SYNOPSIS of a page as plain C, roughly."""
    found = re.search(r'^\.SH "?SYNOPSIS"?\n(.*?)^\.SH ', text, re.M | re.S)
    lines = []
    for line in (found[1] if found else "").splitlines():
        line = re.sub(r"\\f\[\w*\]|\\f\w|\\c", "", line)
        if re.match(r"\.(BI|BR|B|IR|RI|RB|IB|I)\b", line):
            words = re.findall(r'"([^"]*)"|(\S+)', line.split(None, 1)[1] if " " in line else "")
            line = "".join(quoted or plain for quoted, plain in words) if not line.startswith((".B ", ".I ")) else (
                line[3:].replace('"', ""))
        elif line.startswith("."):
            line = ""
        lines.append(line.replace("\\-", "-").replace("\\&", ""))
    return re.sub(r"_Nullable|_Nonnull|restrict\b", " ", " ".join(lines))


def argument_names(text):
    """Names of the parameters in "int fd, ... /* mode_t mode */", and whether it ends in an ellipsis."""
    text = re.sub(r"\.\.\.\s*/\*(.*?)\*/", r"\1", text)
    text = re.sub(r"/\*.*?\*/", "", text).split(";")[-1]
    names, open_end = [], False
    for word in text.split(","):
        word = re.sub(r"\[.*?\]", "", word).strip()
        if word == "...":
            open_end = True
            continue
        match = re.search(r"(\w+)$", word)
        names.append(match[1] if match and " " in word.replace("*", " ") else "")
    return [] if names in ([""], ["void"]) else names, open_end


def prototypes():
    """Call -> list of (names, ellipsis), and the versions of the packages."""
    found, versions = {}, []
    for suite in SUITES:
        root, version = debian.unpack(suite, "manpages-dev")
        versions.append(f"manpages-dev {version} ({suite})")
        for path in sorted(root.glob("usr/share/man/man2/*.2.gz")):
            if path.is_symlink():
                continue
            text = synopsis(gzip.open(path, "rt", encoding="utf-8").read())
            for name, inside in re.findall(r"\b(\w+)\(((?:[^()]|\([^()]*\))*)\)\s*;", text):
                if name == "syscall" and (raw := re.match(r"SYS_(\w+)\s*,?(.*)", inside, re.S)):
                    name, inside = raw[1], raw[2]
                if not re.search(r",\s*[A-Z][A-Z0-9_]+\s*[,)]|^\s*[A-Z][A-Z0-9_]+\s*,", inside + ")"):  # one operation only
                    found.setdefault(name, []).append(argument_names(inside))
    return found, versions


def kernel_names():
    """Call -> names of the kernel's parameters, on the first ABI that has the call."""
    by_entry = {}
    for row in common.read_csv("parameters.csv")[0]:
        by_entry.setdefault(row["entry"], []).append(row["name"])
    return {row["name"]: by_entry.get(next(row[abi] for abi in common.ABIS if row[abi]), [])
            for row in common.read_csv("entries.csv")[0]}


def base_names(call):
    """Calls that this one is a variant of: chown32 of chown."""
    yield call
    for pattern in (r"_time64$", r"(64|32)$", r"^_new", r"^_"):
        if (shorter := re.sub(pattern, "", call)) != call:
            yield shorter


def main():
    manual, versions = prototypes()
    kernel = kernel_names()
    found = set()
    for call, names in kernel.items():
        for base in base_names(call):
            for manual_names, open_end in manual.get(base, []) if base not in DIFFERENT else []:
                if len(manual_names) == len(names) or open_end and len(manual_names) < len(names):
                    found |= {(call, own, other) for own, other in zip(names, manual_names)
                              if other and other != own and other not in names}
    for row in common.read_csv("hand_aliases.csv")[0]:
        for call in row["calls"].split():
            if row["kernel"] not in kernel.get(call, []):
                raise SystemExit(f"fetch_aliases: {call} has no parameter {row['kernel']}: {kernel.get(call)}")
            found.add((call, row["kernel"], row["alias"]))
    seen = {}
    for call, own, other in sorted(found):
        if seen.setdefault((call, other), own) != own:
            raise SystemExit(f"fetch_aliases: {other} of {call} means {seen[call, other]} and {own}")
    common.write_csv("aliases.csv", ["Made by core/tables/fetch_aliases.py; do not edit."]
                     + [f"source: {version}" for version in versions], ["call", "kernel", "alias"], sorted(found))
    print(f"aliases.csv: {len(found)} names for {len({call for call, _, _ in found})} calls")


if __name__ == "__main__":
    main()
