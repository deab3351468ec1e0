#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A CGI program with a hole: it pings the host in the query, through the shell. `ping.cgi?127.0.0.1;id` runs id.

With ABJURE=1 in its environment one line takes away the right to start programs. Then it cannot start ping either:
a program that needs no other program is the better design, and the line proves that it has become one.
"""

import os
import subprocess
import sys
import urllib.parse

if os.environ.get("ABJURE"):
    import abjure
    abjure.deny("@exec", "@spawn", "@listen")

host = urllib.parse.unquote_plus(os.environ.get("QUERY_STRING", "")) or "127.0.0.1"
print("Content-Type: text/plain\n", flush=True)
try:
    subprocess.run(f"ping -c 1 {host}", shell=True, stderr=subprocess.STDOUT)
except OSError as error:
    print(f"{type(error).__name__}: {error.strerror}")
    sys.exit(1)
