# SPDX-License-Identifier: MIT
"""Parameters of x86_64 are those of the running kernel: names from its trace formats, widths and signs from its BTF."""
import os
import pathlib
import platform
import re
import subprocess
import tempfile
import unittest

import btf
from support import Case, common, skip, tables


def read_formats(folder):
    """Function ("openat") -> [(type, name)]."""
    found = {}
    for path in pathlib.Path(folder).glob("sys_enter_*/format"):
        fields = re.findall(r"field:(.*?)\s*(\w+);\toffset:(\d+)", path.read_text())
        found[path.parent.name[len("sys_enter_"):]] = [(kind, name) for kind, name, at in fields if int(at) >= 16]
    return found


def formats():
    """From where tracefs is mounted, or from a mount of its own in a mount namespace that ends with the process."""
    mounted = pathlib.Path("/sys/kernel/tracing/events/syscalls")
    if os.access(mounted, os.R_OK) and (found := read_formats(mounted)):
        return found
    if os.geteuid() != 0:
        skip("tracefs is not mounted, and only root can mount it")
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(["mount", "-t", "tracefs", "-o", "ro", "tracefs", folder], capture_output=True, text=True)
        if done.returncode:
            skip(f"tracefs cannot be mounted here: {done.stderr.strip()}")
        try:
            found = read_formats(f"{folder}/events/syscalls")
        finally:
            subprocess.run(["umount", folder], check=True)
    if not found:
        skip("this kernel has no trace formats of system calls (CONFIG_FTRACE_SYSCALLS)")
    return found


# What the kernel calls the functions of these.
FUNCTION = {"stat": "newstat", "lstat": "newlstat", "fstat": "newfstat", "uname": "newuname", "umount2": "umount",
            "sendfile": "sendfile64"}
OVERRIDES = {(row["entry"], row["parameter"]): row["signed"] == "1" for row in common.read_csv("overrides.csv")[0]}


# Kernels rename parameters now and then: names are compared on the series that the table was made on, widths always.
SERIES = re.search(r"trace formats of Linux (\d+\.\d+)\.", "\n".join(common.read_csv("parameters.csv")[1]))[1]
SAME_SERIES = platform.release().startswith(SERIES + ".")


class Parameters(Case):
    def test_every_format(self):
        problems, compared, kinds = [], 0, btf.Types(btf.VMLINUX.read_bytes())
        for call in sorted(tables().numbers["x86_64"]):
            function = FUNCTION.get(call, call)
            if function not in FORMATS:
                continue
            held = tables().parameters.get(("x86_64", call), {})
            compared += 1
            for register, (kind, name) in enumerate(FORMATS[function]):
                wanted = kinds.describe(kind)
                have = held.get(register)
                override = OVERRIDES.get(("sys_" + function, have.name if have else name))
                if override is not None:
                    self.assertEqual(wanted[:2], ("value", 64), f"{call} {name} needs no override")
                    wanted = "value", 32, override
                if have is None or SAME_SERIES and have.name != name or (have.kind, have.bits, have.signed) != (
                        wanted if wanted[0] == "value" else ("pointer", 64, False)):
                    problems.append(f"{call} {register}: {kind} {name} is {wanted} to the kernel, {have} to the table")
        print(compared, "calls compared", "" if SAME_SERIES else f"without names: the table is of {SERIES}")
        self.assertGreater(compared, 300)
        self.none(problems)

    def test_calls_without_a_format_are_few(self):
        """They have no SYSCALL_DEFINE, or came after this kernel; the names of functions above miss none by mistake."""
        lacking = {call for call in tables().numbers["x86_64"] if FUNCTION.get(call, call) not in FORMATS}
        print("without a format:", *sorted(lacking))
        self.assertLess(len(lacking), 70)
        self.assertFalse(lacking & {"read", "open", "clone", "execve", "socket", "ioctl", "stat", "uname", "sendfile"})

    def test_parameters_that_formats_lack(self):
        """A call has more parameters than its format only where a newer kernel has added them."""
        more = {call for call in tables().numbers["x86_64"] if FUNCTION.get(call, call) in FORMATS
                and len(tables().parameters.get(("x86_64", call), {})) > len(FORMATS[FUNCTION.get(call, call)])}
        self.assertLessEqual(more, {"bpf"})


if __name__ == "__main__":
    if platform.machine() != "x86_64":
        skip("the formats of x86_64 are those of an x86_64 kernel")
    if not btf.VMLINUX.exists():
        skip("this kernel has no BTF (CONFIG_DEBUG_INFO_BTF)")
    FORMATS = formats()
    unittest.main()
