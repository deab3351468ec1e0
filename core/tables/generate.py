#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes the C tables of core/src/generated from the CSV files of this folder. Needs nothing but Python.

    generate.py [FOLDER]    FOLDER: where to write; default: core/src/generated
"""
import pathlib
import sys

import common
import generate_constants
import generate_parameters
import generate_syscalls


def main():
    folder = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else common.HERE.parent / "src/generated"
    folder.mkdir(parents=True, exist_ok=True)
    for name, module in (("syscall_table.c", generate_syscalls), ("parameter_table.c", generate_parameters),
                         ("constant_table.c", generate_constants)):
        (folder / name).write_text(module.generate(), encoding="utf-8")


if __name__ == "__main__":
    main()
