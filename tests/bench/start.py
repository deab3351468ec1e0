#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Starts a program, waits for its end and prints the milliseconds that took: start.py PROGRAM [ARGUMENT...]"""

import subprocess
import sys
import time

before = time.perf_counter()
subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL)
print((time.perf_counter() - before) * 1000)
