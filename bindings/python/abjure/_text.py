# SPDX-License-Identifier: MIT
"""Texts and numbers on their way into the core, and texts on their way out."""

from __future__ import annotations

import operator
from typing import Any, Callable, Optional, SupportsIndex, Tuple, Union

from . import _core
from ._errors import check

#: An argument of a call: a number, or a text such as "AF_INET" or "O_RDWR|O_CREAT".
Argument = Union[SupportsIndex, str]

WHY_SIZE = 1024  # bytes; no message of the core is longer
ARGUMENT_MASK = (1 << 64) - 1
ARGUMENTS = 6


def clean(text: object, what: str = "a text") -> str:
    """A text that C sees whole: it would end at U+0000, and a rule behind that would be lost."""
    if not isinstance(text, str):
        raise TypeError(f"{what} is needed here, not {type(text).__name__}")
    if "\0" in text:
        raise ValueError("the text contains U+0000, where C would end it")
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise ValueError(f"the text is not valid Unicode: {error.reason}") from None
    return text


def clean_abi(abi: Optional[str]) -> str:
    return "" if abi is None else clean(abi, "the name of an ABI")


def clean_call(call: object) -> str:
    """The name of a call, or its number."""
    if isinstance(call, str):
        return clean(call)
    try:
        return str(operator.index(call))  # type: ignore[arg-type]
    except TypeError:
        raise TypeError(f"the name or number of a call is needed here, not {type(call).__name__}") from None


def collect(function: Callable[..., Any], *arguments: object) -> Tuple[int, str]:
    """Calls a function of the core that writes a text; gives its result and the whole text."""
    size = WHY_SIZE
    while True:
        result, text = function(*arguments, size)
        if result < size:
            return result, text
        size = result + 1


def join(calls: Tuple[object, ...]) -> str:
    if not calls:
        raise ValueError('no calls given; for example "@exec", "@listen"')
    return ", ".join(clean(call, "the text of calls") for call in calls)


def value(text: str, abi: Optional[str] = None) -> int:
    """The number that a value of the calls language means on an ABI: value("O_RDWR|O_CREAT", "arm").

    Without an ABI it is that of this program. Raises Error: EINVAL (malformed), ENOENT (unknown name), ENOTSUP (the ABI
    lacks the constant).
    """
    result, found, why = _core.abjure_value(clean_abi(abi), clean(text), WHY_SIZE)
    check(result, why)
    return int(found)


def argument(call: Union[str, int], name: str, abi: Optional[str] = None) -> int:
    """Which argument of a call, 0 to 5, has this name: argument("socket", "family") is 0.

    The name is the kernel's, the man page's or "argN". Raises Error: ENOENT (unknown call or name), ENOTSUP (the ABI
    lacks the call, or splits the argument over two registers).
    """
    result, why = _core.abjure_argument(clean_abi(abi), clean_call(call), clean(name), WHY_SIZE)
    return check(result, why)


def number(given: object, abi: str = "") -> int:
    """The 64 bits of an argument."""
    if isinstance(given, str):
        return value(given, abi)
    try:
        integer = operator.index(given)  # type: ignore[arg-type]
    except TypeError:
        raise TypeError(f"an argument is a number or a text such as \"AF_INET\", not {type(given).__name__}") from None
    if not -(1 << 63) <= integer <= ARGUMENT_MASK:
        raise ValueError(f"{integer:#x} does not fit into 64 bits")
    return integer & ARGUMENT_MASK


def arguments(values: Tuple[object, ...], abi: str = "") -> Tuple[int, ...]:
    """All six, zero where none is given."""
    if len(values) > ARGUMENTS:
        raise ValueError(f"a system call has at most {ARGUMENTS} arguments, not {len(values)}")
    return tuple(number(value, abi) for value in values) + (0,) * (ARGUMENTS - len(values))
