# SPDX-License-Identifier: MIT
"""Each way to start a program, make a process or listen: it works without a filter, and fails under @exec, @spawn and
@listen, from the thread that loads and from one that is older."""

import os
import platform
import subprocess
import sys
import unittest

import attempts

from support import THREADS_FORK, Child

SCRIPT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "attempts.py")
KILLED = "killed by signal 31"  # SIGSYS
REFUSED = {"os.system": "status 32512", "clone3": "ENOSYS", "int 0x80, getpid": KILLED, "int 0x80, execve": KILLED,
           "int 0x80, fork": KILLED, "io_uring, bind": "ENOSYS", "io_uring, listen": "ENOSYS"}
NATIVE = {name for name in attempts.ATTEMPTS if name.startswith(("os.", "subprocess", "bind", "listen"))}


def outcome(*arguments: str) -> str:
    done = subprocess.run([sys.executable, *THREADS_FORK, SCRIPT, *arguments], text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, timeout=60)
    return done.stdout.strip() if done.returncode >= 0 else f"killed by signal {-done.returncode}"


class Attempts(unittest.TestCase):
    def test_each(self) -> None:
        refused = 0
        for name in attempts.ATTEMPTS:
            with self.subTest(name):
                if name not in NATIVE and platform.machine() != "x86_64":
                    print(f"skipped: {name} is written for x86_64")
                    continue
                free = outcome(name)
                if name.startswith(("int 0x80", "io_uring")) and free != "worked":
                    print(f"{name}: without a filter this kernel answers {free}")
                else:
                    self.assertEqual(free, "worked")
                self.assertEqual(outcome(name, "deny"), REFUSED.get(name, "EPERM"))
                self.assertEqual(outcome(name, "deny", "older"), REFUSED.get(name, "EPERM"))
                refused += 1
        self.assertGreaterEqual(refused, len(NATIVE))


class Servers(Child):
    SERVE = """
        import abjure, http.server, threading, urllib.request
        class Handler(http.server.SimpleHTTPRequestHandler):
            def log_message(self, *_): pass
        """

    def test_server_that_listens_goes_on(self) -> None:
        self.expect(self.SERVE + """
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        abjure.deny("@exec", "@spawn", "@listen")
        for _ in range(3):
            print(urllib.request.urlopen(f"http://127.0.0.1:{server.server_port}/").status)
        try: http.server.HTTPServer(("127.0.0.1", 0), Handler)
        except OSError as e: print(type(e).__name__, e.strerror)
        server.shutdown()
        """, "200\n200\n200\nPermissionError Operation not permitted")

    def test_server_that_loads_before_cannot_listen(self) -> None:
        self.expect(self.SERVE + """
        abjure.deny("@exec", "@spawn", "@listen")
        try:
            http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
            print("listens")
        except PermissionError as e: print(e)
        """, "[Errno 1] Operation not permitted")


if __name__ == "__main__":
    unittest.main()
