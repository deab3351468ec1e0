#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A web server with a hole: it runs `ls -al` for each request, and passes the query to the shell.

    server.py [-s | -l] [-p PORT]        -s: deny programs and new ports; -l: only log what would be denied

Without -s, `curl 'localhost:8080/?.;id'` runs a program of the caller's choice.
"""

import argparse
import http.server
import os
import subprocess
import sys
import urllib.parse

import abjure


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        address = urllib.parse.urlsplit(self.path)
        if address.path == "/hello":
            return self.answer(200, "hello\n")
        folder = urllib.parse.unquote_plus(address.query) or "."
        try:
            listing = subprocess.run(f"/bin/ls -al {folder}", shell=True, stdout=subprocess.PIPE,
                                     stderr=subprocess.STDOUT, text=True)
        except OSError as error:
            return self.answer(500, f"{type(error).__name__}: {error.strerror}\n")
        self.answer(200, listing.stdout)

    def answer(self, status, text):
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def main():
    parser = argparse.ArgumentParser(description="A web server with a hole, and the line that closes it")
    parser.add_argument("-s", action="store_true", help="deny programs and new ports")
    parser.add_argument("-l", action="store_true", help="only log what would be denied")
    parser.add_argument("-p", type=int, default=8080, metavar="PORT")
    options = parser.parse_args()

    server = http.server.ThreadingHTTPServer(("127.0.0.1", options.p), Handler)
    if options.l:
        abjure.Filter().set("complain", "on").deny("@exec", "@spawn", "@listen").load()
    elif options.s:
        abjure.deny("@exec", "@spawn", "@listen")  # the server listens already: that goes on
    print(f"listening on port {options.p}, process {os.getpid()}", file=sys.stderr, flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
