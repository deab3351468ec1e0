# SPDX-License-Identifier: MIT
"""The talk's web server, whole and attacked over HTTP: with abjure.compat.seccomp, where only its import line changes,
and as it is with libseccomp's module."""

import contextlib
import http.client
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest
import urllib.parse

SOURCE = pathlib.Path(__file__).with_name("talk_server.py")
IMPORT = "from seccomp import *\n"
DENIED = "PermissionError: [Errno 1] Operation not permitted"


class Server:
    """A process that serves on a port of its own, until the end of `with`."""

    def __init__(self, python: str, program: pathlib.Path, *options: str) -> None:
        self.log = open(program.with_suffix(".log"), "w+")
        self.process = subprocess.Popen([python, str(program), "-p", "0", *options], cwd=program.parent, text=True,
                                        stdout=subprocess.PIPE, stderr=self.log)
        self.said = ""
        for line in self.process.stdout:
            self.said += line
            found = re.match(r"Listening on localhost:(\d+)", line)
            if found:
                self.port = int(found.group(1))
                return
        self.process.wait()
        raise AssertionError(f"the server did not start: {self.said}{self.errors()}")

    def get(self, path: str) -> str:
        with contextlib.closing(http.client.HTTPConnection("localhost", self.port, timeout=60)) as connection:
            connection.request("GET", path)
            return connection.getresponse().read().decode()

    def errors(self) -> str:
        self.log.flush()
        return pathlib.Path(self.log.name).read_text()

    def mode(self) -> str:
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return re.search(r"^Seccomp:\s*(\d)", status, re.M).group(1)

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        self.log.close()


class Talk(unittest.TestCase):
    def attack(self, python: str, source: str, *options: str, works: bool) -> None:
        with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
            program = pathlib.Path(folder, "app.py")
            program.write_text(source)
            server = Server(python, program, *options)
            stack.callback(server.close)
            self.assertEqual(server.said.startswith("Seccomp enabled..."), "-s" in options)
            self.assertEqual(server.mode(), "2" if "-s" in options else "0")
            for turn in ("first", "second"):  # a refusal does not end the server
                self.assertEqual("app.py" in server.get("/"), works, turn)
                marker = pathlib.Path(folder, turn)
                exploit = urllib.parse.quote(f"127.0.0.1; ls -al; touch {marker}")
                self.assertEqual("app.py" in server.get(f"/cgi-bin/ping?{exploit}"), works, turn)
                self.assertEqual(marker.exists(), works, turn)
                self.assertEqual(server.get("/port"), "opened" if works else "", turn)
            self.assertEqual(server.errors().count(DENIED), 0 if works else 6, server.errors())

    def attacks(self, python: str, source: str) -> None:
        self.attack(python, source, works=True)
        self.attack(python, source, "-s", works=False)
        self.attack(python, source, "-s", "-l", works=True)

    def test_abjure_with_one_line_changed(self) -> None:
        source = SOURCE.read_text()
        self.assertEqual(source.count(IMPORT), 1)
        self.attacks(sys.executable, source.replace(IMPORT, "from abjure.compat.seccomp import *\n"))

    def test_libseccomp_unchanged(self) -> None:
        python = "/usr/bin/python3"
        probe = subprocess.run([python, "-c", "import seccomp"], stderr=subprocess.PIPE, text=True)
        if probe.returncode != 0:
            self.skipTest(f"{python} has no module seccomp (package python3-seccomp): {probe.stderr.strip()[-100:]}")
        self.attacks(python, SOURCE.read_text())


if __name__ == "__main__":
    unittest.main()
