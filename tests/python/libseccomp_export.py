#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Rule sets in JSON on standard input; libseccomp's programs for them, in hexadecimal, on standard output."""

import json
import sys
import tempfile

import seccomp

programs = []
for one in json.load(sys.stdin):
    f = seccomp.SyscallFilter(one["default"])
    f.set_attr(seccomp.Attr.ACT_BADARCH, one["badarch"])
    for action, name, conditions in one["rules"]:
        f.add_rule(action, name, *(seccomp.Arg(*c) for c in conditions))
    with tempfile.TemporaryFile() as file:
        f.export_bpf(file)
        file.seek(0)
        programs.append(file.read().hex())
json.dump(programs, sys.stdout)
