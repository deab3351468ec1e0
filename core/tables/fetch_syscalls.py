#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes syscalls.csv: the number of every system call on every ABI, from the kernel headers that Debian packages.

The newest suite wins; older ones add the calls that newer kernels have dropped. Needs clang, apt, dpkg and a network.
"""
import re
import subprocess

import common
import debian

SUITES = ["bookworm", "trixie", "sid"]  # oldest first

# Not calls: bases, counts, and helper macros of the generic header.
IGNORED = re.compile(r"__NR3264_|__NR_(syscalls|Linux|SYSCALL_BASE|OABI_SYSCALL_BASE|arch_specific_syscall|SYSCALL_MASK)$")

# arm's private calls, __ARM_NR_*, relative to 0x0f0000.
ARM_PRIVATE = {"breakpoint", "cacheflush", "usr26", "usr32", "set_tls", "get_tls"}


def include_folders(suite, abi):
    """-isystem folders of the kernel headers of an ABI in a suite, and the package's name and version."""
    every = debian.stanza(suite, "linux-libc-dev")
    if every["Architecture"] == "all":
        root, version = debian.unpack(suite, "linux-libc-dev")
        name = "linux-libc-dev"
        folders = [root / "usr/include" / common.TARGETS[abi].replace("i686", "i386"), root / "usr/include"]
    else:
        name = f"linux-libc-dev-{common.DEBIAN[abi]}-cross"
        root, version = debian.unpack(suite, name)
        folders = [root / "usr" / common.TARGETS[abi] / "include"]
    return folders, name, version


def macros(abi, folders):
    flags = [f"-isystem{folder}" for folder in folders]
    out = subprocess.run(["clang", f"--target={common.TARGETS[abi]}", "-nostdinc", *flags, "-E", "-dM", "-xc", "-"],
                         input="#include <asm/unistd.h>\n", check=True, capture_output=True, text=True).stdout
    return dict(re.findall(r"^#define (\w+) (.*)$", out, re.M))


def evaluate(text, known):
    """A number from a macro's text: names, decimal, hex, +, parentheses."""
    for _ in range(10):
        expanded = re.sub(r"\b[A-Za-z_]\w*", lambda m: "(" + known[m[0]] + ")", text)
        if expanded == text:
            break
        text = expanded
    if not re.fullmatch(r"[0-9a-fxA-FX+() ]+", text):
        raise SystemExit(f"fetch_syscalls: cannot evaluate {text!r}")
    return eval(re.sub(r"\b0+(\d)", r"\1", text), {"__builtins__": {}})


def numbers(abi, folders):
    known = macros(abi, folders)
    found = {}
    for name, text in known.items():
        if IGNORED.match(name):
            continue
        if name.startswith("__NR_"):
            number = evaluate(text, known)
            found[name[len("__NR_"):]] = number & ~common.X32_BASE if abi == "x32" else number
        elif name.startswith("__ARM_NR_") and name[len("__ARM_NR_"):] in ARM_PRIVATE:
            found[name[len("__ARM_NR_"):]] = evaluate(text, known)
    if len(found) < 300:
        raise SystemExit(f"fetch_syscalls: only {len(found)} calls for {abi}")
    return found


def main():
    table, sources = {}, {}
    for suite in SUITES:
        for abi in common.ABIS:
            folders, package, version = include_folders(suite, abi)
            if suite == "bookworm" and abi == "x32" and not folders[0].exists():
                continue
            sources[(suite, package)] = version
            for name, number in numbers(abi, folders).items():
                row = table.setdefault(name, {})
                if row.get(abi, number) != number:
                    raise SystemExit(f"fetch_syscalls: {name} on {abi}: {row[abi]} and, in {suite}, {number}")
                row[abi] = number
    newest = re.match(r"\d+\.\d+", sources[(SUITES[-1], "linux-libc-dev")])[0]
    comments = ["Made by core/tables/fetch_syscalls.py; do not edit.",
                "Numbers without the ABI's base (bit 30 of x32). Empty: the ABI lacks the call.",
                f"kernel: linux-{newest}"]
    comments += [f"source: {package} {version} ({suite})" for (suite, package), version in sources.items()]
    common.write_csv("syscalls.csv", comments, ["name", *common.ABIS],
                     [[name, *(table[name].get(abi, "") for abi in common.ABIS)] for name in sorted(table)])
    print(f"syscalls.csv: {len(table)} names, up to linux-{newest}")


if __name__ == "__main__":
    main()
