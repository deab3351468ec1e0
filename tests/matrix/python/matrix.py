# SPDX-License-Identifier: MIT
"""What Python's own means do under a filter: matrix.py PORT FOLDER [CALLS...]"""

import errno
import os
import queue
import re
import socket
import subprocess
import sys
import threading

import abjure

PORT, FOLDER, CALLS = int(sys.argv[1]), sys.argv[2], sys.argv[3:]


def attempt(effect, means, work):
    try:
        result = work() or "ok"
    except OSError as error:
        result = errno.errorcode[error.errno]
    print(effect, means, result, sep="\t", flush=True)


def touch(means):
    return ["/bin/touch", f"{FOLDER}/" + re.sub(r"\W", "", means)]


def status(code):
    """What os.system gives where the program did not start: its shell's status, and no error."""
    return None if code == 0 else str(code)


def fork():
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)


def spawned(pid):
    os.waitpid(pid, 0)


def thread():
    answers = queue.Queue()
    threading.Thread(target=answers.put, args=(42,)).start()
    return None if answers.get(timeout=10) == 42 else "no answer"


go = threading.Event()
older = threading.Thread(target=lambda: (go.wait(), attempt(
    "old thread", "subprocess.run, old", lambda: status(subprocess.run(touch("subprocess.run, old")).returncode))))
older.start()

if CALLS:
    abjure.deny(*CALLS)

attempt("start", "subprocess.run", lambda: status(subprocess.run(touch("subprocess.run")).returncode))
attempt("start", "subprocess.run, shell", lambda: status(
    subprocess.run(" ".join(touch("subprocess.run, shell")), shell=True).returncode))
attempt("start", "os.system", lambda: status(os.system(" ".join(touch("os.system")))))
attempt("start", "os.popen", lambda: os.popen(" ".join(touch("os.popen"))).close())
attempt("start", "os.posix_spawn", lambda: spawned(os.posix_spawn("/bin/touch", touch("os.posix_spawn"), os.environ)))
attempt("start", "os.spawnv", lambda: status(os.spawnv(os.P_WAIT, "/bin/touch", touch("os.spawnv"))))
attempt("fork", "os.fork", fork)
attempt("listen", "socket.create_server", lambda: socket.create_server(("127.0.0.1", 0)).close())
attempt("connect", "socket.create_connection", lambda: socket.create_connection(("127.0.0.1", PORT)).close())
attempt("open", "open", lambda: open("/etc/hostname").close())
attempt("thread", "threading.Thread", thread)
go.set()
older.join()
