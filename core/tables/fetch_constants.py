#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes constants.csv: the value of named constants on every ABI.

The compiler evaluates the macros and enumerators of the kernel's and the C library's headers for each target. Where
both have a name the kernel's value counts: glibc's O_LARGEFILE is 0 on 64-bit ABIs, what arrives in a system call is
not. Needs clang, apt, dpkg and a network.
"""
import collections
import concurrent.futures
import re
import subprocess

import common
import constant_headers as headers
import debian

SUITE = "sid"

WANTED = re.compile("(?:" + "|".join(headers.PREFIXES) + r")\w*$")


def include_flags(abi):
    """Kernel headers and C library of an ABI, and their packages."""
    kernel, kernel_version = debian.unpack(SUITE, "linux-libc-dev")
    package = f"libc6-dev-{common.DEBIAN[abi]}-cross"
    libc, libc_version = debian.unpack(SUITE, package)
    folders = [libc / "usr" / common.TARGETS[abi] / "include",
               kernel / "usr/include" / common.TARGETS[abi].replace("i686", "i386"), kernel / "usr/include"]
    builtin = subprocess.run(["clang", "-print-resource-dir"], check=True, capture_output=True, text=True).stdout.strip()
    flags = [f"--target={common.TARGETS[abi]}", "-nostdinc", "-D_GNU_SOURCE", "-w", "-ferror-limit=0",
             f"-isystem{builtin}/include", *(f"-isystem{folder}" for folder in folders)]
    return flags, [f"linux-libc-dev {kernel_version} ({SUITE})", f"{package} {libc_version} ({SUITE})"]


def clang(flags, options, text):
    return subprocess.run(["clang", *flags, *options, "-xc", "-"], input=text, capture_output=True, text=True)


def candidates(flags, include):
    """Names of the object-like macros and enumerators that a header brings."""
    defined = clang(flags, ["-E", "-dM"], include)
    names = set(re.findall(r"^#define (\w+) \S", defined.stdout, re.M))
    source = clang(flags, ["-E", "-P"], include).stdout
    for body in re.findall(r"\benum\b[^;{}()]*\{([^{}]*)\}", source):
        names |= {match[1] for item in body.split(",") if (match := re.match(r"\s*(\w+)\s*(=|$)", item))}
    ignored = tuple(headers.IGNORED)
    return sorted(name for name in names if WANTED.match(name) and not name.startswith(ignored))


def values(flags, include, names):
    """Name -> value for those that are integer constants."""
    for _ in range(3):
        lines = include.count("\n")
        text = include + "".join(f"const long long v_{name} = (long long)({name});\n" for name in names)
        done = clang(flags, ["-S", "-emit-llvm", "-o-"], text)
        if done.returncode == 0:
            return {name: int(value) for name, value in
                    re.findall(r"^@v_(\w+) = .*?constant i64 (-?\d+)", done.stdout, re.M)}
        bad = {int(line) - lines - 1 for line in re.findall(r"^<stdin>:(\d+):\d+: error", done.stderr, re.M)}
        kept = [name for i, name in enumerate(names) if i not in bad]
        if kept == names:
            break
        names = kept
    raise SystemExit(f"fetch_constants: {include.split()[-1]}: {done.stderr[:500]}")


# What the macros of the kernel's headers use and those do not include: _IOW, _BITUL, structures of which they take the size.
KERNEL_NEEDS = "".join(f"#include <linux/{name}.h>\n" for name in ("const", "ioctl", "fiemap", "blktrace_api", "serial"))

# What headers expect to come before them; the first that compiles is taken.
BEFORE = ["", "#include <linux/types.h>\n", "#include <sys/types.h>\n#include <sys/socket.h>\n#include <netinet/in.h>\n",
          "#include <stddef.h>\n#include <sys/time.h>\n#include <linux/types.h>\n"]


def includes(file):
    """Texts that include a header, to be tried one after the other."""
    needs = KERNEL_NEEDS if file in headers.KERNEL else ""
    return [f"{needs}{before}#include <{file}>\n" for before in BEFORE]


def usable(flags, abi, file):
    """Text that includes a header so that it compiles, or None where the ABI has no such header."""
    for include in includes(file):
        done = clang(flags, ["-fsyntax-only"], include)
        if done.returncode == 0:
            return include
        if f"'{file}' file not found" in done.stderr:
            return None
    raise SystemExit(f"fetch_constants: {abi}: {file} does not compile: {done.stderr[:500]}")


def of_abi(abi):
    """Name -> value, kernel first, and the packages."""
    flags, packages = include_flags(abi)
    found, origin = {}, {}
    for kind, files in (("kernel", headers.KERNEL), ("libc", headers.LIBC)):
        for file in files:
            include = usable(flags, abi, file)
            if include is None:
                continue
            for name, value in values(flags, include, candidates(flags, include)).items():
                if found.setdefault(name, value) != value and origin[name] == kind:
                    print(f"fetch_constants: {abi}: {name} is {found[name]} and, in {file}, {value}")
                origin.setdefault(name, kind)
    if len(found) < 1000:
        raise SystemExit(f"fetch_constants: only {len(found)} constants for {abi}")
    return abi, found, packages


def row(name, by_abi):
    """The value that most ABIs have, and the others by name."""
    common_value = collections.Counter(by_abi[abi].get(name) for abi in common.ABIS
                                       if name in by_abi[abi]).most_common(1)[0][0]
    others = [f"{abi}={by_abi[abi].get(name, '')}" for abi in common.ABIS if by_abi[abi].get(name) != common_value]
    return [name, common_value, " ".join(others)]


def main():
    by_abi, packages = {}, []
    for abi in common.ABIS:
        include_flags(abi)  # downloads, one after the other
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for abi, found, of in pool.map(of_abi, common.ABIS):
            by_abi[abi] = found
            packages += [package for package in of if package not in packages]
    names = sorted(set().union(*by_abi.values()))
    common.write_csv("constants.csv", ["Made by core/tables/fetch_constants.py; do not edit.",
                                       "value: on all ABIs that `others` does not name; \"abi=\" there: absent."]
                     + [f"source: {package}" for package in packages],
                     ["name", "value", "others"], [row(name, by_abi) for name in names])
    print(f"constants.csv: {len(names)} constants")


if __name__ == "__main__":
    main()
