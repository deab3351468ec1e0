# SPDX-License-Identifier: MIT
"""A web server as the talk "Seccomp for Developers" shows it, written for libseccomp's Python module.

    talk_server.py [-s] [-l] [-p PORT]        -s: with the talk's rules; -l: they only log

GET / runs `ls -al`, GET /cgi-bin/ping?HOST is the talk's command injection, GET /port opens a second port. For
abjure, test_compat.py changes the import line and nothing else.
"""

import argparse
import subprocess
import urllib.parse
from http.server import BaseHTTPRequestHandler, HTTPServer

from seccomp import *


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        place = urllib.parse.urlsplit(self.path)
        if place.path == "/port":
            HTTPServer(("localhost", 0), Handler).server_close()
            self.wfile.write(b"opened")
        elif place.path == "/cgi-bin/ping":
            command = "ping -c 1 " + urllib.parse.unquote(place.query)
            self.wfile.write(subprocess.run(command, shell=True, capture_output=True).stdout)
        else:
            self.wfile.write(subprocess.run(["/bin/ls", "-al"], capture_output=True).stdout)


def setup_seccomp(action):
    f = SyscallFilter(ALLOW)
    # stop executions
    f.add_rule(action, "execve")
    f.add_rule(action, "execveat")
    f.add_rule(action, "vfork")
    f.add_rule(action, "fork")
    # stop listening & binding to other ports
    f.add_rule(action, "bind")
    f.add_rule(action, "listen")
    f.load()
    print("Seccomp enabled...", flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("-s", action="store_true")
    parser.add_argument("-l", action="store_true")
    parser.add_argument("-p", type=int, default=8081)
    options = parser.parse_args()
    server = HTTPServer(("localhost", options.p), Handler)
    if options.s:
        setup_seccomp(LOG if options.l else ERRNO(errno.EPERM))
    print(f"Listening on localhost:{server.server_port}", flush=True)
    server.serve_forever()


main()
