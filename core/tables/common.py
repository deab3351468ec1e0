# SPDX-License-Identifier: MIT
"""What the scripts of this folder share: the ABIs, and CSV files with a comment on top."""
import csv
import io
import pathlib

HERE = pathlib.Path(__file__).resolve().parent

# Order of enum abi_id in core/src/abi.h.
ABIS = ["x86_64", "x86", "x32", "aarch64", "arm", "riscv64", "ppc64le", "s390x"]

TARGETS = {
    "x86_64": "x86_64-linux-gnu", "x86": "i686-linux-gnu", "x32": "x86_64-linux-gnux32",
    "aarch64": "aarch64-linux-gnu", "arm": "arm-linux-gnueabihf", "riscv64": "riscv64-linux-gnu",
    "ppc64le": "powerpc64le-linux-gnu", "s390x": "s390x-linux-gnu",
}

# Debian's names of the architectures.
DEBIAN = {"x86_64": "amd64", "x86": "i386", "x32": "x32", "aarch64": "arm64", "arm": "armhf", "riscv64": "riscv64",
          "ppc64le": "ppc64el", "s390x": "s390x"}

BITS = {abi: 32 if abi in ("x86", "arm") else 64 for abi in ABIS}
X32_BASE = 0x40000000


def write_csv(name, comments, header, rows, folder=HERE):
    out = io.StringIO()
    for line in comments:
        out.write(f"# {line}\n")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    (folder / name).write_text(out.getvalue(), encoding="utf-8")


def read_csv(name, folder=HERE):
    """List of dicts, and the comment lines without "# "."""
    lines = (folder / name).read_text(encoding="utf-8").splitlines()
    comments = [line[2:] for line in lines if line.startswith("# ")]
    return list(csv.DictReader(line for line in lines if line and not line.startswith("#"))), comments
