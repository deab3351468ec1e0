# SPDX-License-Identifier: MIT
"""What this kernel, process and sandbox allow, and what the library holds."""

from __future__ import annotations

import errno
from typing import Dict, Iterator, List, Mapping, Optional

from . import _core
from ._errors import check
from ._text import clean, clean_abi, collect


class Support(Mapping[str, str]):
    """What is there, by name: `supported()["landlock"]` is "yes", "no" or a value, with " - reason" behind.

    It is true where filters can be loaded.
    """

    def __init__(self, lines: Dict[str, str]) -> None:
        self._lines = lines

    def __getitem__(self, name: str) -> str:
        return self._lines[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._lines)

    def __len__(self) -> int:
        return len(self._lines)

    def __bool__(self) -> bool:
        return self._lines.get("filter", "no").startswith("yes")

    def __repr__(self) -> str:
        return f"Support({self._lines!r})"

    def __str__(self) -> str:
        return "\n".join(f"{name}: {state}" for name, state in self._lines.items())


def supported() -> Support:
    """Looks and changes nothing. Never raises: where something cannot be found out, its line says so."""
    _, text = collect(_core.abjure_supported)
    return Support(dict(line.split(": ", 1) for line in text.splitlines() if ": " in line))


def status(pid: int = 0) -> Dict[str, str]:
    """How a process uses seccomp now, 0 being this one: `status()["mode"]` is "disabled", "strict" or "filter".

    Also pid, name, parent, uid, filters, no_new_privs, speculation, threads, differing (threads that have not what the
    main thread has), exe, cgroup, unit and container; what is unknown here is left out. All values are texts, odd names
    in double quotes with escapes. Raises Error: ESRCH (no such process), EACCES (/proc hides it), EINVAL, ENOTSUP.
    """
    result, text = collect(_core.abjure_status, pid)
    check(result, text)
    return dict(line.split(": ", 1) for line in text.splitlines())


def groups() -> List[str]:
    """The names of the groups: "@exec", "@spawn" ..."""
    _, text = collect(_core.abjure_groups)
    return text.split()


def group(name: str, abi: Optional[str] = None) -> str:
    """What a group is for, its rules on an ABI, what it breaks and what it leaves open.

    Raises Error: ENOENT (no such group or ABI).
    """
    result, text = collect(_core.abjure_group, clean(name), clean_abi(abi))
    if result == -errno.ENOENT and not text:
        text = f'unknown group or ABI: "{name[:40]}"; the groups are {", ".join(groups())}'
    check(result, text)
    return text


class Record(Mapping[str, str]):
    """What an audit record of seccomp tells, by name: `record["call"]` is "bind". As a text it is the sentence."""

    def __init__(self, lines: Dict[str, str]) -> None:
        self._lines = lines

    def __getitem__(self, name: str) -> str:
        return self._lines[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._lines)

    def __len__(self) -> int:
        return len(self._lines)

    def __repr__(self) -> str:
        return f"Record({self._lines!r})"

    def __str__(self) -> str:
        return self._lines["summary"]


def explain(line: str) -> Record:
    """What one line of audit.log, ausearch, dmesg or the journal says of a denied call.

    Names: time, serial, call, abi, action, signal, errno, pid, uid, auid, gid, session, name, exe, ip, subject, compat
    and summary; those that the record does not have are left out.
    Raises Error: EINVAL (no audit record, or a damaged one), ENOENT (a record of another type).
    """
    result, text = collect(_core.abjure_explain, clean(line))
    check(result, text)
    return Record(dict(pair.split(": ", 1) for pair in text.splitlines()))


def version() -> str:
    """The version of libabjure: "0.1.0"."""
    return str(_core.abjure_version())


def tables_version() -> str:
    """The newest kernel whose calls the tables know: "linux-7.2"."""
    return str(_core.abjure_tables_version())
