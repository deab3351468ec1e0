#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Counts what ctest ran, from its JUnit files, and names each skipped test: summary.py FILE..."""

import sys
import xml.etree.ElementTree as tree

passed = failed = skipped = 0
for path in sys.argv[1:]:
    for case in tree.parse(path).getroot().iter("testcase"):
        if case.find("failure") is not None:
            failed += 1
        elif case.find("skipped") is not None or case.get("status") in ("notrun", "disabled"):
            skipped += 1
            output = case.find("system-out")
            lines = [] if output is None or output.text is None else output.text.strip().splitlines()
            print(f"skipped: {case.get('name')}: {lines[-1] if lines else 'no reason given'}")
        else:
            passed += 1
print(f"{passed} passed, {failed} failed, {skipped} skipped")
sys.exit(1 if failed or not passed else 0)
