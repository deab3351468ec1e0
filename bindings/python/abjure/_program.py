# SPDX-License-Identifier: MIT
"""A compiled program."""

from __future__ import annotations

import os
from types import TracebackType
from typing import Any, List, Mapping, NoReturn, Optional, Sequence, Tuple, Type, Union

from . import _core
from ._errors import Error, check, check_load
from ._handle import Handle
from ._text import WHY_SIZE, Argument, arguments, clean, clean_abi, clean_call

#: A path or an argument of a program.
Word = Union[str, bytes, "os.PathLike[str]", "os.PathLike[bytes]"]


def load_options(options: str, **given: bool) -> str:
    """The options of a load as the core takes them: the text, and the keywords that are true."""
    return ", ".join(filter(None, [clean(options), *(name.replace("_is_", "=") for name, on in given.items() if on)]))


def exec_arguments(argv: Sequence[Word], env: Optional[Mapping[str, str]],
                   path: Optional[Word] = None) -> Tuple[str, List[bytes], Optional[List[bytes]]]:
    """The path, argv and environment as the core takes them."""
    if isinstance(argv, (str, bytes)) or not argv:
        raise TypeError('a list of words is needed here, the program first: ["ls", "-l"]')
    environment = None if env is None else [os.fsencode(f"{name}={value}") for name, value in env.items()]
    words = [os.fsencode(word) for word in argv]
    program = words[0] if path is None else os.fsencode(path)
    if any(b"\0" in word for word in [program, *words, *(environment or [])]):
        raise ValueError("a word contains a NUL, where C would end it")
    return os.fsdecode(program), words, environment


class Program:
    """BPF as the kernel takes it. Comes from `Filter.compile`, from bytes, or from a running process.

    Threads may share it; calls wait for one another. `with` frees its memory at the end; what was loaded stays in force.
    """

    def __init__(self, pointer: Any) -> None:
        if pointer is None or isinstance(pointer, (int, str, bytes)):
            raise TypeError("programs come from Filter.compile, Program.from_bytes, from_process and effective")
        self._handle = Handle(pointer, _core.abjure_program_free, "program")

    @classmethod
    def from_bytes(cls, data: Union[bytes, bytearray, memoryview]) -> "Program":
        """From an array of struct sock_filter, 8 bytes each, validated as the kernel would. Raises Error: EINVAL."""
        pointer, why = _core.abjure_program_from_bytes(data, WHY_SIZE)
        return cls(_made(pointer, why))

    @classmethod
    def from_process(cls, pid: int, index: int = 0) -> "Program":
        """Number `index` of a process, 0 being the newest. The process is stopped for a moment.

        Raises Error: EACCES (needs CAP_SYS_ADMIN and a caller without a filter), ESRCH, ENOENT (no such program), EINVAL
        (strict mode), ENOTSUP, EPERM.
        """
        pointer, why = _core.abjure_program_from_process(pid, index, WHY_SIZE)
        return cls(_made(pointer, why))

    @classmethod
    def effective(cls, pid: int) -> "Program":
        """All programs of a process as one, which decides as the kernel does: the strictest verdict wins.

        It has `eval`, `outline` and `disassemble`; where the process has several, its bytes, length, `load` and `exec`
        raise Error: ENOTSUP. Raises Error as `from_process` does.
        """
        pointer, why = _core.abjure_program_effective(pid, WHY_SIZE)
        return cls(_made(pointer, why))

    def _size(self) -> int:
        result = int(self._handle.call(_core.abjure_program_bytes, bytearray()))
        check(result, "these are all programs of a process, and each has bytes of its own: use from_process")
        return result

    def __bytes__(self) -> bytes:
        data = bytearray(self._size())
        self._handle.call(_core.abjure_program_bytes, data)
        return bytes(data)

    def __len__(self) -> int:
        """The number of instructions."""
        return self._size() // 8

    def __repr__(self) -> str:
        try:
            return f"<abjure.Program of {len(self)} instructions>"
        except ValueError:
            return "<abjure.Program, closed>"
        except Error:
            return "<abjure.Program, several of a process>"

    def eval(self, call: Union[str, int], /, *args: Argument, abi: Optional[str] = None) -> str:
        """The verdict for one call: "allow", "EPERM", "kill" ...

        `args` are its arguments in order, numbers or texts such as "AF_INET"; those left out are 0. Without an ABI it is
        that of this program. Raises Error: ENOENT (unknown call or ABI), ENOTSUP (the ABI lacks the call), EINVAL.
        """
        where, name = clean_abi(abi), clean_call(call)
        result, text = self._handle.text(_core.abjure_program_eval, where, name, *arguments(args, where))
        check(result, text or f"no verdict for {name[:40]}: unknown call or ABI, or the ABI lacks the call")
        return text

    def disassemble(self) -> str:
        """The instructions in words, a line each."""
        return self._handle.text(_core.abjure_program_disassemble)[1]

    def outline(self, form: str = "text", /) -> str:
        """What the program does for every call: "text" for people, "policy" text that `Filter.read` takes, or "json".

        "text" and "json" may be narrowed: "json, abi=x86_64, call=clone". Raises Error: EINVAL, ENOENT.
        """
        result, text = self._handle.text(_core.abjure_program_outline, clean(form))
        check(result, text)
        return text

    def load(self, options: str = "", /, *, this_thread: bool = False, log: bool = True) -> None:
        """Puts it in force for all threads of the process, for good, or for the calling thread only.

        `options` has the same, and more, as a text: abjure.h lists them. Other threads run meanwhile. Raises LoadError
        where it is not in force.
        """
        words = load_options(options, this_thread=this_thread, log_is_off=not log)
        result = self._handle.call(_core.abjure_program_load, words)
        check_load(result, f"the program was not loaded: {os.strerror(-result)}" if result < 0 else "")

    def exec(self, argv: Sequence[Word], env: Optional[Mapping[str, str]] = None, *, path: Optional[Word] = None) -> NoReturn:
        """Loads the program and becomes another one, also where it denies execve: this one start passes.

        The program is `path`, without it argv[0]. Without `env` it gets this one's environment. Returns only by raising
        Error.
        """
        program, words, environment = exec_arguments(argv, env, path)
        result = self._handle.call(_core.abjure_program_exec, program, words, environment)
        raise Error(-result, f"cannot start {program}: {os.strerror(-result)}")

    def close(self) -> None:
        """Frees the memory now. What was loaded stays in force."""
        self._handle.close()

    def __enter__(self) -> "Program":
        return self

    def __exit__(self, kind: Optional[Type[BaseException]], error: Optional[BaseException],
                 trace: Optional[TracebackType]) -> None:
        self.close()


def _made(pointer: Any, why: str) -> Any:
    if isinstance(pointer, int):
        raise Error(-pointer, why or os.strerror(-pointer))
    return pointer
