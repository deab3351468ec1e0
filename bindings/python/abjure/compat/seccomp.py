# SPDX-License-Identifier: MIT
"""The interface of libseccomp's Python module over abjure: a program changes its import line and nothing else.

    from abjure.compat.seccomp import *

    f = SyscallFilter(ALLOW)
    f.add_rule(ERRNO(errno.EPERM), "execve")
    f.add_rule(ERRNO(errno.EACCES), "ioctl", Arg(1, EQ, 0x5412))
    f.load()

Kept: names, values, argument order, what add_arch and merge mean, 64-bit unsigned comparisons (so a condition on an
int argument misses values with a bit above 32 set; abjure.Filter compares as the kernel does), a rule without conditions
that outweighs those with conditions, the calling thread alone as what load covers unless CTL_TSYNC is set, no log records
unless CTL_LOG is set, and the bad-architecture action KILL, which ends the thread.

Different:
- Every program is proven to equal its rules before it is loaded or exported, and a load is verified afterwards.
- A rule that can never decide anything is an error at load: conditions that nothing fulfils, or another action for
  what earlier rules cover. So is a filter that allows nothing. Where rules with conditions overlap, the one added first
  decides.
- A name may be a group: add_rule(ERRNO(errno.EPERM), "@listen").
- With the default ALLOW or LOG and something denied, io_uring and numbers newer than the tables get ENOSYS. An ALLOW rule
  opens io_uring again: add_rule(ALLOW, "io_uring_setup").
- On x86_64, numbers of x32 get ENOSYS where X32 was not added. uretprobe and uprobe, which the kernel itself makes, pass.
- Errors are OSErrors with errno and a sentence; they are RuntimeErrors too, as there. Text with U+0000 is refused.
- A load that leaves other threads out, without CTL_TSYNC having been set either way, is a RuntimeWarning.
- export_pfc writes the rules and the instructions in abjure's own words. Priorities are checked and change nothing.
- NOTIFY can be exported, not loaded: there is no listener. Architectures without tables (MIPS, PA-RISC, 31-bit
  s390, big-endian POWER) are refused.
"""

from __future__ import annotations

import errno
import operator
import os
import re
import warnings
from typing import Any, Callable, Dict, List, NamedTuple, Optional, Protocol, Set, Tuple, TypeVar, Union

from .. import Error, Filter, LoadError, Program, supported
from .._text import clean

__all__ = ["ALLOW", "Arch", "Arg", "Attr", "EQ", "ERRNO", "GE", "GT", "KILL", "KILL_PROCESS", "LE", "LOG", "LT",
           "MASKED_EQ", "NE", "NOTIFY", "SyscallFilter", "TRACE", "TRAP", "errno", "get_api", "resolve_syscall",
           "system_arch"]

KILL_PROCESS = -0x80000000
KILL = 0
TRAP = 0x00030000
LOG = 0x7ffc0000
ALLOW = 0x7fff0000
NOTIFY = 0x7fc00000
_ERRNO, _TRACE = 0x00050000, 0x7ff00000
_ACTIONS = {KILL_PROCESS & 0xffffffff: "kill", KILL: "kill_thread", TRAP: "trap", LOG: "log", ALLOW: "allow",
            NOTIFY: "notify"}
_LARGEST_ERRNO = 4095  # the kernel lowers anything above to this

NE, LT, LE, EQ, GE, GT, MASKED_EQ = range(1, 8)
_OPERATORS = {NE: "!=", LT: "<", LE: "<=", EQ: "==", GE: ">=", GT: ">"}

# What a denying default lets pass in abjure and does not here.
_ESSENTIAL = ("rt_sigreturn", "sigreturn", "restart_syscall", "exit", "exit_group")


class LibraryError(Error, RuntimeError):
    """An error of libseccomp's module was a RuntimeError with the errno in its text."""


class LibraryLoadError(LoadError, RuntimeError):
    """As LibraryError, from load."""


_Result = TypeVar("_Result")


def _translated(function: Callable[[], _Result]) -> _Result:
    try:
        return function()
    except LoadError as error:
        failed = LibraryLoadError(error.errno, error.strerror)
        failed.thread = error.thread
        raise failed from None
    except Error as error:
        raise LibraryError(error.errno, error.strerror) from None


def ERRNO(errno: int) -> int:
    """The call fails with this errno."""
    return _ERRNO | (operator.index(errno) & 0xffff)


def TRACE(value: int) -> int:
    """The tracer is told, and gets the value; without one the call fails with ENOSYS."""
    return _TRACE | (operator.index(value) & 0xffff)


def _action_text(action: int) -> str:
    number = operator.index(action) & 0xffffffff
    if number in _ACTIONS:
        return _ACTIONS[number]
    if number & 0xffff0000 == _ERRNO:
        return f"errno({min(number & 0xffff, _LARGEST_ERRNO)})"
    if number & 0xffff0000 == _TRACE:
        return f"trace({number & 0xffff})"
    raise LibraryError(errno.EINVAL, f"{action} is no action; there are ALLOW, LOG, ERRNO(n), TRAP, NOTIFY, TRACE(n), "
                                     "KILL and KILL_PROCESS")


class Arch:
    """An architecture, by value, by name or, without either, the native one."""

    NATIVE = 0
    X86 = 0x40000003
    X86_64 = 0xc000003e - (1 << 32)
    X32 = 0x4000003e
    ARM = 0x40000028
    AARCH64 = 0xc00000b7 - (1 << 32)
    MIPS = 0x8
    MIPS64 = 0x80000008 - (1 << 32)
    MIPS64N32 = 0xa0000008 - (1 << 32)
    MIPSEL = 0x40000008
    MIPSEL64 = 0xc0000008 - (1 << 32)
    MIPSEL64N32 = 0xe0000008 - (1 << 32)
    PARISC = 0xf
    PARISC64 = 0x8000000f - (1 << 32)
    PPC = 0x14
    PPC64 = 0x80000015 - (1 << 32)
    PPC64LE = 0xc0000015 - (1 << 32)
    RISCV64 = 0xc00000f3 - (1 << 32)
    S390 = 0x16
    S390X = 0x80000016 - (1 << 32)

    def __init__(self, arch: "Union[None, int, str, Arch]" = None) -> None:
        if isinstance(arch, Arch):
            self._token = int(arch)
            return
        if isinstance(arch, str):
            arch = getattr(Arch, arch.upper()) if arch.lower() in _NAMES else None
            if arch is None:
                raise ValueError("Invalid architecture")
        token = _signed(Arch.NATIVE if arch is None else operator.index(arch))
        self._token = _signed(system_arch()) if token == Arch.NATIVE else token
        if self._token not in _TOKENS:
            raise ValueError("Invalid architecture")

    def __int__(self) -> int:
        return self._token

    def __repr__(self) -> str:
        return f"Arch({_TOKENS[self._token]!r})"


_TOKENS: Dict[int, str] = {value: name.lower() for name, value in vars(Arch).items() if name.isupper() and name != "NATIVE"}
_NAMES = {name: token for token, name in _TOKENS.items()}
_AnyArch = Union[None, int, str, Arch]


def _signed(token: int) -> int:
    token &= 0xffffffff
    return token - (1 << 32) if token & 0x80000000 else token


def _abi(arch: _AnyArch) -> str:
    return _TOKENS[int(Arch(arch))]


def system_arch() -> int:
    """The value of the native architecture."""
    native = supported()["abi"]
    if native not in _NAMES:
        raise LibraryError(errno.EOPNOTSUPP, "there is no table for this architecture")
    return _NAMES[native] & 0xffffffff


def resolve_syscall(arch: _AnyArch, syscall: Union[str, int]) -> Union[int, bytes]:
    """The number of a name, -1 where the architecture has none; the name of a number, as bytes."""
    abi = _abi(arch)
    if isinstance(syscall, str):
        try:
            return Filter().explain(clean(syscall), abi=abi).number
        except Error:
            return -1
    if not isinstance(syscall, int):
        raise TypeError("Syscall must either be an int or str type")
    name = _name_of(abi, syscall)
    if name is None:
        raise ValueError(f"Unknown syscall {syscall} on arch {int(Arch(arch))}")
    return name.encode()


def _name_of(abi: str, number: int) -> Optional[str]:
    if number < 0:
        return None
    name = _translated(lambda: Filter().explain(number, abi=abi)).call.split("(")[0].split(" ")[0]
    return None if name[:1].isdigit() else name


def get_api() -> int:
    """4: all that libseccomp has but notification, which is level 5."""
    return 4


class Arg:
    """A condition on argument `arg`: compared with `datum_a`, or for MASKED_EQ (arg & datum_a) == datum_b."""

    def __init__(self, arg: int, op: int, datum_a: int, datum_b: int = 0) -> None:
        self._arg, self._op = operator.index(arg), operator.index(op)
        self._data = operator.index(datum_a), operator.index(datum_b)
        for datum in self._data:
            if not 0 <= datum < 1 << 64:
                raise OverflowError(f"{datum} is no unsigned number of 64 bits; write a negative number as "
                                    "value & 0xffffffff or value & 0xffffffffffffffff, as the program passes it")

    def _text(self) -> str:
        a, b = self._data
        if self._op == MASKED_EQ:
            return f"arg{self._arg}:u64 & {a:#x} == {a & b:#x}"
        return f"arg{self._arg}:u64 {_OPERATORS[self._op]} {a:#x}"

    def _holds_always(self) -> bool:
        return (self._op, self._data[0]) in ((GE, 0), (LE, (1 << 64) - 1), (MASKED_EQ, 0))


class Attr:
    """The attributes of a filter."""

    ACT_DEFAULT = 1   #: the default action; read only
    ACT_BADARCH = 2   #: action for calls through other architectures
    CTL_NNP = 3       #: set no_new_privs
    CTL_TSYNC = 4     #: cover all threads
    API_TSKIP = 5     #: rules on the number -1; not supported
    CTL_LOG = 6       #: have the kernel log denied calls
    CTL_SSB = 7       #: leave out the mitigation of speculative store bypass
    CTL_OPTIMIZE = 8  #: 1 or 2; the program is a decision tree either way
    API_SYSRAWRC = 9  #: errors have their errno either way


_DEFAULTS = {Attr.ACT_BADARCH: KILL, Attr.CTL_NNP: 1, Attr.CTL_TSYNC: 0, Attr.API_TSKIP: 0, Attr.CTL_LOG: 0,
             Attr.CTL_SSB: 0, Attr.CTL_OPTIMIZE: 1, Attr.API_SYSRAWRC: 0}


class _Rule(NamedTuple):
    action: str
    call: str
    conditions: Tuple[str, ...]
    abis: Tuple[str, ...]

    def text(self, abis: List[str]) -> str:
        conditions = f"({' && '.join(self.conditions)})" if self.conditions else ""
        return f"on {','.join(abis)} {self.action} {self.call}{conditions}"


class _File(Protocol):
    def fileno(self) -> int: ...


class SyscallFilter:
    """A filter under construction."""

    def __init__(self, defaction: int) -> None:
        self._start(defaction)

    def _start(self, defaction: int) -> None:
        _action_text(defaction)
        self._default = defaction
        self._abis = [_abi(None)]
        self._rules: List[_Rule] = []
        self._attributes: Dict[int, int] = dict(_DEFAULTS)
        self._threads_chosen = False

    def reset(self, defaction: Optional[int] = None) -> None:
        """Back to the start, with this default action or the one it had. What was loaded stays in force."""
        try:
            self._start(self._default if defaction is None else defaction)
        except LibraryError:
            raise ValueError("Invalid action") from None

    # ---- Architectures ----

    def exist_arch(self, arch: _AnyArch) -> bool:
        return _abi(arch) in self._abis

    def add_arch(self, arch: _AnyArch) -> None:
        """Rules that are added from here on are for this architecture too; those that are there are not."""
        abi = _abi(arch)
        if abi in self._abis:
            raise LibraryError(errno.EEXIST, f"the filter has the architecture {abi} already")
        try:
            Filter(abis=[abi])
        except Error:
            raise LibraryError(errno.EOPNOTSUPP, f"there is no table of system calls for {abi}") from None
        self._abis.append(abi)

    def remove_arch(self, arch: _AnyArch) -> None:
        abi = _abi(arch)
        if abi not in self._abis:
            raise LibraryError(errno.EEXIST, f"the filter does not have the architecture {abi}")
        self._abis.remove(abi)
        self._rules = [rule._replace(abis=tuple(a for a in rule.abis if a != abi)) for rule in self._rules]

    def merge(self, filter: "SyscallFilter") -> None:
        """Takes over the architectures and rules of another filter with the same attributes, which is then reset."""
        if not isinstance(filter, SyscallFilter) or filter is self:
            raise LibraryError(errno.EINVAL, "merge needs another SyscallFilter")
        if (filter._default, filter._attributes) != (self._default, self._attributes):
            raise LibraryError(errno.EINVAL, "filters with different attributes or default actions do not merge")
        shared = set(filter._abis) & set(self._abis)
        if shared:
            raise LibraryError(errno.EEXIST, f"both filters have the architecture {', '.join(sorted(shared))}")
        self._abis += filter._abis
        self._rules += filter._rules
        filter.reset()

    # ---- Attributes ----

    def get_attr(self, attr: int) -> int:
        if attr == Attr.ACT_DEFAULT:
            return self._default
        if attr not in self._attributes:
            raise ValueError("Invalid attribute")
        return self._attributes[attr]

    def set_attr(self, attr: int, value: int) -> None:
        value = operator.index(value)
        if attr == Attr.ACT_DEFAULT:
            raise LibraryError(errno.EACCES, "the default action is set by SyscallFilter() and reset()")
        if attr not in self._attributes:
            raise ValueError("Invalid attribute")
        if attr == Attr.ACT_BADARCH:
            _action_text(value)
        elif attr == Attr.CTL_OPTIMIZE:
            if value not in (1, 2):
                raise LibraryError(errno.EOPNOTSUPP, f"there is no optimization level {value}")
        elif attr == Attr.API_TSKIP and value:
            raise LibraryError(errno.EOPNOTSUPP, "rules on the number -1 are not supported")
        else:
            value = int(value != 0)
        self._threads_chosen |= attr == Attr.CTL_TSYNC
        self._attributes[attr] = value

    def syscall_priority(self, syscall: Union[str, int], priority: int) -> None:
        """Checks its arguments. The order of tests in the program is abjure's own, and all calls are fast."""
        if not 0 <= priority <= 255:
            raise ValueError("Syscall priority must be between 0 and 255")
        self._try(_Rule("log", self._call_text(syscall), (), tuple(self._abis)))

    set_syscall_priority = syscall_priority

    # ---- Rules ----

    def _call_text(self, syscall: Union[str, int]) -> str:
        """The name of a call or group. A number is that of the native architecture."""
        if isinstance(syscall, str):
            if not re.fullmatch(r"@?\w+", clean(syscall), re.ASCII):
                raise LibraryError(errno.EINVAL, f"\"{syscall[:40]}\" is no name of a system call or group")
            return syscall
        if not isinstance(syscall, int):
            raise TypeError("Syscall must either be an int or str type")
        if syscall < 0:
            raise LibraryError(errno.EINVAL, f"there is no system call {syscall}")
        return _name_of(_abi(None), syscall) or str(syscall)

    def _conditions(self, args: Tuple[Arg, ...]) -> Tuple[str, ...]:
        seen: Set[int] = set()
        for arg in args:
            if not isinstance(arg, Arg):
                raise TypeError(f"Cannot convert {type(arg).__name__} to seccomp.Arg")
            if not 0 <= arg._arg <= 5:
                raise LibraryError(errno.EINVAL, f"a system call has arguments 0 to 5, not {arg._arg}")
            if arg._op not in _OPERATORS and arg._op != MASKED_EQ:
                raise LibraryError(errno.EINVAL, f"{arg._op} is no comparison; there are EQ, NE, LT, LE, GT, GE and "
                                                 "MASKED_EQ")
            if arg._arg in seen:
                raise LibraryError(errno.EINVAL, f"a rule takes one condition on argument {arg._arg}, not two")
            seen.add(arg._arg)
        return tuple(arg._text() for arg in sorted(args, key=lambda arg: arg._arg) if not arg._holds_always())

    def _add(self, action: int, syscall: Union[str, int], args: Tuple[Arg, ...], exactly: bool) -> None:
        word, call, conditions = _action_text(action), self._call_text(syscall), self._conditions(args)
        if word == _action_text(self._default) and not call.startswith("io_uring_"):
            raise LibraryError(errno.EACCES, f"{word} is the filter's default action; a rule with it would do nothing")
        if exactly and len(self._abis) > 1:
            raise LibraryError(errno.EOPNOTSUPP, "add_rule_exactly needs a filter of one architecture")
        rule = _Rule(word, call, conditions, tuple(self._abis))
        skipped = self._try(rule)
        if exactly and skipped:
            raise LibraryError(errno.EDOM, skipped[0])
        same = [r for r in self._rules if (r.call, r.conditions) == (call, conditions) and set(r.abis) & set(rule.abis)]
        if conditions and any(r.action != word for r in same):
            raise LibraryError(errno.EEXIST, f"the filter has this rule on {call} already, with another action")
        self._rules.append(rule)

    def _try(self, rule: _Rule) -> List[str]:
        """Has the rule checked; gives the names that architectures lack."""
        if not rule.abis:
            raise LibraryError(errno.EINVAL, "the filter has no architecture")

        def check() -> List[str]:
            with Filter(abis=rule.abis) as filter:
                return filter.read(rule.text(list(rule.abis)), "rule").skipped
        return _translated(check)

    def add_rule(self, action: int, syscall: Union[str, int], *args: Arg) -> None:
        """Adds a rule for the filter's architectures; those that lack the call are skipped."""
        self._add(action, syscall, args, False)

    def add_rule_exactly(self, action: int, syscall: Union[str, int], *args: Arg) -> None:
        """As add_rule, but an architecture that lacks the call is an error, and so is a second architecture."""
        self._add(action, syscall, args, True)

    def _policy(self) -> str:
        """The filter as a policy of abjure. A rule without conditions outweighs those of the same call with some."""
        if not self._abis:
            raise LibraryError(errno.EINVAL, "the filter has no architecture")
        attributes, default = self._attributes, _action_text(self._default)
        lines = [f"default {default}"] + [f"abi {abi}" for abi in self._abis]
        lines += [f"set foreign {_action_text(attributes[Attr.ACT_BADARCH])}",
                  f"set log {'on' if attributes[Attr.CTL_LOG] else 'off'}",
                  f"set no_new_privs {'on' if attributes[Attr.CTL_NNP] else 'off'}",
                  f"set speculation {'allow' if attributes[Attr.CTL_SSB] else 'mitigate'}"]
        denies = default not in ("allow", "log")
        if denies:
            lines.append(f"set unknown {default}")
        whole: Dict[Tuple[str, str], _Rule] = {}
        for rule in self._rules:
            if not rule.conditions:
                for abi in rule.abis:
                    whole.setdefault((abi, rule.call), rule)
        for rule in self._rules:
            abis = [abi for abi in rule.abis if whole.get((abi, rule.call), rule) is rule]
            if abis:
                lines.append(rule.text(abis))
        if denies:
            lines.append("lenient")  # conditions of several rules may cover all of a call
        for name in _ESSENTIAL if denies else ():
            abis = [abi for abi in self._abis if (abi, name) not in whole]
            if abis:
                lines.append(_Rule(default, name, (), ()).text(abis))
        return "\n".join(lines) + "\n"

    def _filter(self) -> Filter:
        return _translated(lambda: Filter().read(self._policy(), "filter"))

    # ---- In force ----

    def load(self) -> None:
        """Puts the filter in force, for good: for the calling thread, or with CTL_TSYNC for all."""
        everywhere = bool(self._attributes[Attr.CTL_TSYNC])
        if not everywhere and not self._threads_chosen and len(os.listdir("/proc/self/task")) > 1:
            warnings.warn("other threads of this process stay unfiltered; set_attr(Attr.CTL_TSYNC, 1) covers them, and "
                          "set_attr(Attr.CTL_TSYNC, 0) says that this is meant", RuntimeWarning, stacklevel=2)
        with self._filter() as filter:
            _translated(lambda: filter.load(this_thread=not everywhere))

    # ---- Export ----

    def _program(self) -> Program:
        with self._filter() as filter:
            return _translated(filter.compile)

    def export_bpf(self, file: _File) -> None:
        """Writes the program as the kernel takes it to the file's descriptor."""
        with self._program() as program:
            _write(file, bytes(program))

    def export_pfc(self, file: _File) -> None:
        """Writes the rules and the instructions in words to the file's descriptor."""
        with self._program() as program:
            _write(file, f"{self._policy()}\n{program.disassemble()}".encode())

    # ---- Notification ----

    def get_notify_fd(self) -> int:
        raise LibraryError(errno.EOPNOTSUPP, "notification is not supported; deny, trap or log the call instead")

    def receive_notify(self) -> Any:
        self.get_notify_fd()

    def respond_notify(self, response: Any) -> None:
        self.get_notify_fd()


def _write(file: _File, data: bytes) -> None:
    flush = getattr(file, "flush", None)
    if flush is not None:
        flush()  # what the program wrote before stands before
    descriptor = file.fileno()
    while data:
        data = data[os.write(descriptor, data):]
