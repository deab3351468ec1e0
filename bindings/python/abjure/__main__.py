# SPDX-License-Identifier: MIT
"""python -m abjure: what this kernel, process and sandbox allow."""

import sys

from . import supported, tables_version, version

if __name__ == "__main__":
    here = supported()
    print(f"abjure {version()}, tables of {tables_version()}\n{here}")
    sys.exit(0 if here else 1)
