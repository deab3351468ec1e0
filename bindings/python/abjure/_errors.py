# SPDX-License-Identifier: MIT
"""The one place that turns results of the core into Python's errors."""

from __future__ import annotations

import os
from typing import Optional


class Error(OSError):
    """What the core refused: `errno` says which kind, `strerror` the cause and the remedy, for people.

    EINVAL   a text, option or argument is malformed; the message says where
    ENOENT   a name is in no table; the message has the nearest
    EEXIST   a rule can never decide anything
    ENOTSUP  it makes sense but cannot be done: this ABI, this format, this kernel
    ENOMEM   out of memory
    """


class LoadError(Error):
    """A filter that is not in force. Beside the kinds of Error:

    E2BIG      too many instructions, or too many filters in this process
    EBADMSG    program and rules differ, a bug in abjure; ETIMEDOUT: the proof took too long
    EBUSY      the process has an io_uring ring, which no filter can take back
    ESRCH      a thread has a filter of its own; `thread` is its id
    EACCES     no_new_privs is off and the process has no CAP_SYS_ADMIN
    EPERM      an outer filter or sandbox forbids it
    ENOSYS     no seccomp here
    ENOBUFS    the kernel's memory for BPF programs is full
    EIO        the kernel said that it loaded the filter, and verification says otherwise
    """

    thread: Optional[int] = None


def check(result: int, message: str) -> int:
    if result < 0:
        raise Error(-result, message or os.strerror(-result))
    return result


def check_load(result: int, message: str, thread: int = 0) -> None:
    if result < 0:
        error = LoadError(-result, message or os.strerror(-result))
        error.thread = thread or None
        raise error
