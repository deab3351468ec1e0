# SPDX-License-Identifier: MIT
"""The kernel's audit, as tests use it: its state, an auditd of their own, and whether its records can be read here."""
import contextlib
import errno
import os
import shutil
import socket
import struct
import subprocess
import time
import unittest

NETLINK_AUDIT, READLOG = 9, 1
GET, SET, ACK, ERROR = 1000, 1001, 4, 2
MASKS = {"enabled": 1, "backlog_limit": 16}  # AUDIT_STATUS_ENABLED, AUDIT_STATUS_BACKLOG_LIMIT
NAMES = ("mask", "enabled", "failure", "pid", "rate_limit", "backlog_limit", "lost", "backlog")
INITIAL_PID_NAMESPACE = 0xEFFFFFFC


def why_not():
    """Why records cannot be read here, or None."""
    if os.stat("/proc/self/ns/pid").st_ino != INITIAL_PID_NAMESPACE:
        return "this is a PID namespace: records have other process ids"
    if not os.path.exists("/proc/sys/net/core/netdev_max_backlog"):
        return "this is a network namespace, which audit does not reach"
    try:
        with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_AUDIT) as listener:
            listener.bind((0, READLOG))
    except OSError as error:
        if error.errno == errno.EPERM:
            return "this needs CAP_AUDIT_READ in the initial user namespace"
        return f"this kernel's audit cannot be read: {error.strerror}"
    return None


def ask(kind, payload=b""):
    """Sends a request; what the kernel answers besides its acknowledgement."""
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_AUDIT) as requester:
        requester.settimeout(10)
        requester.send(struct.pack("=IHHII", 16 + len(payload), kind, 1 | ACK, 1, 0) + payload)
        answer = b""
        while kind == GET and not answer or kind != GET:
            message = requester.recv(9000)
            answered = struct.unpack_from("=IH", message)[1]
            if answered == ERROR:
                error = -struct.unpack_from("=i", message, 16)[0]
                if error:
                    raise OSError(error, os.strerror(error))
                if kind != GET:
                    break
            elif answered == kind:
                answer = message[16:]
        return answer


def state():
    return dict(zip(NAMES, struct.unpack_from("=8I", ask(GET))))


def settle():
    """Waits until the kernel has sent what it has, also where others keep it busy."""
    until = time.monotonic() + 30
    try:
        while state()["backlog"] and time.monotonic() < until:
            time.sleep(0.02)
    except PermissionError:
        time.sleep(1)
    time.sleep(0.2)


def change(**values):
    """enabled, backlog_limit"""
    fields = [0] * 8
    for name, value in values.items():
        fields[0] |= MASKS[name]
        fields[NAMES.index(name)] = value
    ask(SET, struct.pack("=8I", *fields))


@contextlib.contextmanager
def alone():
    """Another run of these tests on this machine, in whatever root, waits: a name in the abstract namespace is its lock."""
    with socket.socket(socket.AF_UNIX) as lock:
        until = time.monotonic() + 600
        while True:
            try:
                lock.bind("\0abjure-tests-change-audit")
                break
            except OSError as error:
                if error.errno != errno.EADDRINUSE or time.monotonic() > until:
                    raise
            time.sleep(0.1)
        yield


@contextlib.contextmanager
def changed(**values):
    """The state of audit for a while, and afterwards what it was. With room for many records, since a program that finds
    the kernel's queue full sleeps until another one's records are gone, for a minute where many compete."""
    with alone():
        before = {name: state()[name] for name in MASKS}
        change(backlog_limit=max(before["backlog_limit"], 65536), **values)
        try:
            yield
        finally:
            change(**before)


@contextlib.contextmanager
def auditd(folder, **settings):
    """An auditd that logs to folder/log/audit.log, and afterwards neither it nor what it changed."""
    if state()["pid"]:
        raise unittest.SkipTest(f"an auditd runs already, process {state()['pid']}, and the kernel takes one")
    os.makedirs(os.path.join(folder, "plugins"), exist_ok=True)
    os.makedirs(os.path.join(folder, "log"), exist_ok=True)
    log = os.path.join(folder, "log", "audit.log")
    values = {"local_events": "yes", "write_logs": "yes", "log_file": log, "log_group": "root", "log_format": "RAW",
              "flush": "NONE", "max_log_file": 8, "num_logs": 20, "max_log_file_action": "ROTATE", "space_left": 2,
              "space_left_action": "IGNORE", "admin_space_left": 1, "admin_space_left_action": "IGNORE",
              "disk_full_action": "IGNORE", "disk_error_action": "IGNORE", "name_format": "NONE",
              "plugin_dir": os.path.join(folder, "plugins"), **settings}
    path = os.path.join(folder, "auditd.conf")
    with open(path, "w", encoding="utf-8") as file:
        file.writelines(f"{key} = {value}\n" for key, value in values.items())
    os.chmod(path, 0o640)
    daemon = shutil.which("auditd", path=os.environ["PATH"] + ":/usr/sbin:/sbin")
    assert daemon, "auditd is missing: install auditd"
    # It turns audit on.
    with changed(), subprocess.Popen([daemon, "-n", "-c", folder]) as process:
        try:
            until = time.monotonic() + 10
            while state()["pid"] != process.pid or not os.path.exists(log):
                assert process.poll() is None, f"auditd ended with {process.returncode}"
                assert time.monotonic() < until, f"auditd does not start: {state()}"
                time.sleep(0.05)
            yield log
        finally:
            process.terminate()
            process.wait(20)
