# SPDX-License-Identifier: MIT
"""Asks a C compiler what the headers of this machine say: nothing is run, so it works for other targets as well."""
import re
import subprocess


class Unusable(Exception):
    """A header that does not compile as it was included."""


def preprocessed(compiler, include):
    """What the preprocessor makes of the text, macros included, or None where a header is not there."""
    done = subprocess.run([compiler, "-D_GNU_SOURCE", "-E", "-dD", "-P", "-xc", "-"], input=include,
                          capture_output=True, text=True)
    if done.returncode and "No such file" in done.stderr:
        return None
    if done.returncode:
        raise Unusable(f"{compiler}: {include}{done.stderr[:500]}")
    return done.stdout


def macros(compiler, include):
    return re.findall(r"^#define (\w+) \S", preprocessed(compiler, include), re.M)


def check(compiler, include, wanted):
    """Compares names with the values wanted: the set of names that the headers have, and those with other values."""
    names = list(wanted)
    first = include.count("\n") + 1
    # The value is converted as the table holds it: 64 bits, signed.
    text = include + "".join(f'_Static_assert((long long)({name}) == (long long){wanted[name] & (1 << 64) - 1:#x}ULL, "");\n'
                             for name in names)
    done = subprocess.run([compiler, "-std=gnu11", "-D_GNU_SOURCE", "-w", "-fsyntax-only", "-fmax-errors=0",
                           "-fno-diagnostics-show-caret", "-xc", "-"], input=text, capture_output=True, text=True)
    absent, wrong = set(), set()
    for file, line, message in re.findall(r"^(.*?):(\d+):\d+: error: (.*)$", done.stderr, re.M):
        if file != "<stdin>" or int(line) < first:
            raise Unusable(f"{compiler}: {include}{done.stderr[:500]}")
        name = names[int(line) - first]
        (wrong if message.startswith("static assertion failed") else absent).add(name)
    if done.returncode and not absent and not wrong:
        raise Unusable(f"{compiler}: {include}{done.stderr[:500]}")
    return set(names) - absent, wrong - absent
