# SPDX-License-Identifier: MIT
"""What the core gave and wants back."""

from __future__ import annotations

import threading
import weakref
from typing import Any, Callable, Tuple

from ._text import collect


class Handle:
    """Owns one object of the core and frees it. A lock keeps two threads from using the object at once.

    Loading and compiling let other threads run Python meanwhile, so the lock is more than a courtesy: without it
    `close` in one thread could free what another one loads.
    """

    def __init__(self, pointer: Any, free: Callable[[Any], None], what: str) -> None:
        self._pointer = pointer
        self._what = what
        self._lock = threading.RLock()
        self._free = weakref.finalize(self, free, pointer)
        # At exit daemon threads may still use it, and the memory goes with the process anyway.
        self._free.atexit = False

    def pointer(self) -> Any:
        if not self._free.alive:
            raise ValueError(f"this {self._what} was closed")
        return self._pointer

    def __enter__(self) -> None:
        """Several calls in a row, with no other thread between them."""
        self._lock.acquire()

    def __exit__(self, *_: object) -> None:
        self._lock.release()

    def call(self, function: Callable[..., Any], *arguments: object) -> Any:
        with self._lock:
            return function(self.pointer(), *arguments)

    def text(self, function: Callable[..., Any], *arguments: object) -> Tuple[int, str]:
        """For functions that write a text: their result and the text."""
        with self._lock:
            return collect(function, self.pointer(), *arguments)

    def close(self) -> None:
        """Frees the memory now; twice is fine. What was loaded stays in force."""
        with self._lock:
            self._free()
