# SPDX-License-Identifier: MIT
"""A filter: ordered rules and a default action. The first rule that matches a call decides it."""

from __future__ import annotations

import functools
import os
import subprocess
from errno import EINVAL, ESRCH
from types import TracebackType
from typing import (Any, Callable, List, Mapping, NamedTuple, NoReturn, Optional, Sequence, Tuple, Type, TypeVar, Union,
                    cast)

from . import _child, _core
from ._errors import Error, check, check_load
from ._handle import Handle
from ._program import exec_arguments, load_options, Program, Word
from ._text import ARGUMENTS, WHY_SIZE, Argument, argument, arguments, clean, clean_abi, clean_call, join

#: An errno by number or name; None: EPERM, and what suits each rule of a group.
Errno = Union[int, str, None]

#: The value of an option; several names are joined with commas.
Option = Union[str, bool, Sequence[str]]


def _errno_number(errno: object) -> int:
    if isinstance(errno, bool) or not isinstance(errno, int):
        raise TypeError(f"an errno is a number or a name such as \"EACCES\", not {type(errno).__name__}")
    return max(-1, min(errno, 1 << 16))  # within an int of C; the core tells which are none


def deny(*calls: str, errno: Errno = None) -> None:
    """Denies the calls to this process, all its threads and all that it will start, now and for good.

    `calls` are texts such as "execve", "@listen", "socket(family == AF_INET)". A denied call then fails with
    PermissionError, or with the error that `errno` names: errno.EACCES or "EACCES". 0 is as None.

    Raises Error where a text is no rule, and LoadError where the filter could not be put in force; then nothing is in
    force. Other threads run meanwhile. Call it after the sockets that the program needs are open.
    """
    if isinstance(errno, str):
        Filter().deny(*calls, errno=errno).load()
        return
    result, why = _core.abjure_deny(join(calls), 0 if errno is None else _errno_number(errno), WHY_SIZE)
    if result == -ESRCH:
        Filter().deny(*calls, errno=errno).load()  # only a filter tells the id of the thread in the way
        return
    check_load(result, why)


class Verdict(NamedTuple):
    """What a filter decides for one call."""

    action: str            #: "allow", "EPERM", "kill" ...
    origin: str            #: "rule", "default", "guard", "unknown", "essential", "kernel", "x32" or "foreign"
    rule: Optional[str]    #: the rule as written, where one decided
    source: Optional[str]  #: "file:line:column" where the rule came from a file
    call: str              #: the call with its arguments by name
    number: int            #: of the call on this ABI
    abi: str

    @property
    def allowed(self) -> bool:
        return self.action in ("allow", "log")

    def __str__(self) -> str:
        by = f" by rule \"{self.rule}\"" if self.rule else f" ({self.origin})"
        return f"{self.call}: {self.action}{by}" + (f" ({self.source})" if self.source else "")


_Method = TypeVar("_Method", bound=Callable[..., Any])


def _changes(method: _Method) -> _Method:
    """What the package refuses breaks the filter, as what the core refuses does."""

    @functools.wraps(method)
    def changing(self: "Filter", *args: Any, **named: Any) -> Any:
        try:
            return method(self, *args, **named)
        except Error:
            raise
        except Exception as error:
            self._refused = self._refused or str(error) or type(error).__name__
            raise
    return cast(_Method, changing)


class Filter:
    """Rules under construction, then in force. Nothing is in force before `load`, and nothing can be taken back after.

    Methods that change the filter return it, so that calls can be chained. A call that fails raises, leaves the rules as
    they were, and marks the filter broken: load, compile, exec and write raise an Error that says so until `clear`.
    Threads may share a filter; calls wait for one another. `with` frees its memory at the end; what was loaded stays.
    """

    def __init__(self, default: str = "allow", *, abis: Sequence[str] = ()) -> None:
        """`default` is what happens to calls that no rule matches; `abis` are this program's own where none is given."""
        pointer = _core.abjure_filter_new()
        if pointer is None:
            raise MemoryError
        self._handle = Handle(pointer, _core.abjure_filter_free, "filter")
        self._refused = ""  # what the package refused, which the core has not seen
        if isinstance(abis, str):
            abis = (abis,)
        for abi in abis:
            self.set("abi", clean(abi, "the name of an ABI"))
        self.default(default)

    def _do(self, function: Any, *values: object) -> "Filter":
        with self._handle:
            check(self._handle.call(function, *values), self.message)
        return self

    def _sound(self) -> None:
        """Raises where the filter is broken by what the core has not seen."""
        self._handle.pointer()
        check(-EINVAL if self._refused else 0, self._refused)

    # ---- Rules ----

    @_changes
    def add(self, action: str, *calls: str) -> "Filter":
        """Adds a rule behind those that are there; the first that matches a call decides it.

        `action` is "allow", "log", "deny", an errno such as "EACCES", "trap", "notify", "trace(N)", "kill_thread" or
        "kill" (the process). Raises Error: EINVAL, ENOENT (unknown name), ENOTSUP.
        """
        return self._do(_core.abjure_filter_add, clean(action, "an action"), join(calls))

    def allow(self, *calls: str) -> "Filter":
        """Lets calls pass. Exceptions go before the rules that they are exceptions to."""
        return self.add("allow", *calls)

    @_changes
    def deny(self, *calls: str, errno: Errno = None) -> "Filter":
        """Makes calls fail: with EPERM (in a group, with what suits each rule), or with the errno given."""
        if isinstance(errno, str):
            return self.add(f"errno({clean(errno)})", *calls)
        number = 0 if errno is None else _errno_number(errno)
        return self.add(f"errno({number})" if number else "deny", *calls)

    def kill(self, *calls: str) -> "Filter":
        """Ends the process at such a call, with SIGSYS."""
        return self.add("kill", *calls)

    def log(self, *calls: str) -> "Filter":
        """Lets calls pass and has the kernel log them."""
        return self.add("log", *calls)

    @_changes
    def default(self, action: str) -> "Filter":
        """What happens to calls that no rule matches."""
        return self._do(_core.abjure_filter_default, clean(action, "an action"))

    @_changes
    def set(self, option: Optional[str] = None, value: Option = "", /, **options: Option) -> "Filter":
        """Sets options: set("log", "off") or set(log=False, unknown="allow").

        abi            adds an ABI: x86_64, x86, x32, aarch64, arm, riscv64, ppc64le, s390x; or several: ["x86_64", "x86"]
        unknown        action for calls that the tables do not know, once something is denied; ENOSYS
        foreign        action for calls through an ABI that the filter does not have; kill
        x32            action for x32 numbers on x86_64, in a filter without the ABI x32; ENOSYS
        log            have the kernel log denied calls; on
        complain       deny nothing, log what would be denied; off
        landlock       enter a Landlock domain, which closes /proc/PID/mem of other processes of this user; off
        io_uring       refuse or keep: what to do where the process already has a ring
        no_new_privs   set it before the load; off needs CAP_SYS_ADMIN, or that it is set already
        speculation    allow or mitigate: matters before Linux 5.16
        proof          prove that the program equals the rules; on
        capabilities   for OCI profiles: names, or "none"; Docker's default 14
        kernel         for OCI profiles: "6.1"; any

        True is "on" and False "off". Raises Error: ENOENT (unknown option), EINVAL (value).
        """
        if option is not None:
            options = {clean(option, "an option"): value, **options}
        elif not options:
            raise TypeError('an option is needed here: set("log", "off") or set(log=False)')
        for name, given in options.items():
            for word in _option_values(name, given):
                self._do(_core.abjure_filter_set, name, word)
        return self

    @_changes
    def read(self, text: str, name: str = "policy") -> "Filter":
        """Adds what a policy text, or a seccomp profile of Docker or OCI in JSON, says. `name` is for messages.

        Raises Error: EINVAL, ENOENT, ENOTSUP; messages start with "name:line:column: ".
        """
        return self._do(_core.abjure_filter_read, clean(text), clean(name))

    @_changes
    def read_file(self, path: "Union[str, os.PathLike[str]]") -> "Filter":
        """As `read`, from a file in UTF-8."""
        with open(path, encoding="utf-8") as file:
            return self.read(file.read(), os.fspath(path))

    def write(self, format: str = "policy") -> str:
        """The filter as "policy" text, which `read` reads again, or as "oci" JSON.

        Raises Error: ENOTSUP (OCI cannot say it), EINVAL (no such format).
        """
        with self._handle:
            self._sound()
            result, text = self._handle.text(_core.abjure_filter_write, clean(format))
            check(result, self.message)
        return text

    # ---- Errors and notes ----

    @property
    def message(self) -> str:
        """The message of the last call that failed, or ""."""
        return self._handle.text(_core.abjure_filter_message)[1] or self._refused

    @property
    def error(self) -> Optional[Error]:
        """The error of the last call that failed."""
        with self._handle:
            code = self._handle.call(_core.abjure_filter_error) or (-EINVAL if self._refused else 0)
            return Error(-code, self.message) if code < 0 else None

    @property
    def blocking_thread(self) -> Optional[int]:
        """After a load that failed with ESRCH: the id of the thread in the way; LoadError.thread has it too."""
        return self._handle.call(_core.abjure_filter_blocking_thread) or None

    def clear(self) -> "Filter":
        """Forgets the error of a call that failed; until then load, compile, exec and write repeat it."""
        self._handle.call(_core.abjure_filter_clear)
        self._refused = ""
        return self

    @property
    def skipped(self) -> List[str]:
        """Names that the filter's ABIs lack and that were skipped, as "creat: absent on aarch64"."""
        return self._handle.text(_core.abjure_filter_skipped)[1].splitlines()

    @property
    def notes(self) -> List[str]:
        """What is worth knowing and no error: repeated rules; after a load, what no filter takes back."""
        return self._handle.text(_core.abjure_filter_notes)[1].splitlines()

    # ---- Verdicts and programs ----

    def explain(self, call: Union[str, int], /, *args: Argument, abi: Optional[str] = None, **named: Argument) -> Verdict:
        """What the filter decides for a call: explain("socket", "AF_INET") or explain("socket", family="AF_INET").

        Arguments are numbers or texts of the calls language; those left out are 0. Without an ABI it is the filter's
        only one, or this program's own. Raises Error: EINVAL, ENOENT (unknown name), ENOTSUP (the ABI lacks the call).
        """
        name, where = clean_call(call), clean_abi(abi)
        with self._handle:
            if where == "" and (named or any(isinstance(value, str) for value in args)):
                where = self._explain(where, name, ())["abi"]  # names mean what they mean on that ABI
            lines = self._explain(where, name, arguments(_placed(name, args, named, where), where))
        return Verdict(lines["action"], lines["origin"], lines.get("rule"), lines.get("source"), lines["call"],
                       int(lines["number"]), lines["abi"])

    def _explain(self, abi: str, call: str, values: Tuple[int, ...]) -> "dict[str, str]":
        padded = values + (0,) * (ARGUMENTS - len(values))
        result, text = self._handle.text(_core.abjure_filter_explain, abi, call, *padded)
        check(result, self.message)
        return dict(line.split(": ", 1) for line in text.splitlines())

    def compile(self) -> Program:
        """Compiled, and proven to equal the rules. Other threads run meanwhile.

        Raises Error: E2BIG (too many instructions), ETIMEDOUT (the proof took too long), EEXIST (a rule can never decide
        anything), EINVAL ("self" is known only at load), EBADMSG (a bug in abjure).
        """
        with self._handle:
            self._sound()
            pointer = self._handle.call(_core.abjure_filter_compile)
            if isinstance(pointer, int):
                raise Error(-pointer, self.message or os.strerror(-pointer))
        return Program(pointer)

    # ---- In force ----

    def load(self, options: str = "", /, *, this_thread: bool = False, once: bool = False) -> None:
        """Puts the filter in force for all threads of the process, for good. Raises LoadError where it is not.

        `this_thread` covers the calling thread only, and what it starts. `once` does nothing where this process
        loaded this very filter for all its threads before; `options` has the same as a text. Other threads run
        meanwhile. It sets no_new_privs.
        """
        words = load_options(options, this_thread=this_thread, once=once)
        with self._handle:
            self._handle.pointer()
            check_load(-EINVAL if self._refused else 0, self._refused)
            result = self._handle.call(_core.abjure_filter_load, words)
            if result < 0:
                check_load(result, self.message, self._handle.call(_core.abjure_filter_blocking_thread))

    def exec(self, argv: Sequence[Word], env: Optional[Mapping[str, str]] = None, *, path: Optional[Word] = None) -> NoReturn:
        """Loads the filter and becomes another program, also where the filter denies @exec: this one start passes.

        The program is `path`, without it argv[0]. Without `env` it gets this one's environment. Returns only by raising
        Error.
        """
        program, words, environment = exec_arguments(argv, env, path)
        with self._handle:
            self._sound()
            result = self._handle.call(_core.abjure_filter_exec, program, words, environment)
            raise Error(-result, self.message or os.strerror(-result))

    def run(self, argv: Sequence[Word], **options: Any) -> "subprocess.CompletedProcess[Any]":
        """As subprocess.run, with the program under this filter, also where the filter denies @exec.

        This process stays as it is, and no code runs between fork and exec. Raises Error where the filter could not be
        loaded or the program not be started, and what subprocess.run raises. `shell` and `executable` are refused:
        name the shell in `argv`.
        """
        return _child.run(self.write(), argv, options)

    def close(self) -> None:
        """Frees the memory now; twice is fine. What was loaded stays in force."""
        self._handle.close()

    def __enter__(self) -> "Filter":
        return self

    def __exit__(self, kind: Optional[Type[BaseException]], error: Optional[BaseException],
                 trace: Optional[TracebackType]) -> None:
        self.close()


def _option_values(name: str, given: object) -> List[str]:
    if isinstance(given, bool):
        return ["on" if given else "off"]
    if isinstance(given, (list, tuple, set, frozenset)):
        words = [clean(word, f"the value of {name}") for word in given]
        return words if name == "abi" else [",".join(words)]
    return [clean(given, f"the value of {name}")]


def _placed(call: str, args: Tuple[Argument, ...], named: Mapping[str, Argument], abi: str) -> Tuple[Argument, ...]:
    """Arguments in order, those with names put in their places."""
    placed = list(args)
    for name, value in named.items():
        place = argument(call, name, abi)
        if place < len(args):
            raise TypeError(f"argument {place} of {call} is given twice, once as \"{name}\"")
        placed.extend([0] * (place + 1 - len(placed)))
        placed[place] = value
    return tuple(placed)
