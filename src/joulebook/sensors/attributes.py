"""Files of sysfs that are read again and again: opened once, and anew with longer and longer pauses after failures."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Final

from joulebook.sensors.base import DENIED

Meaning = Callable[[Sequence[str]], object]
"""Makes a raw value of the texts of some files, or keeps what is no number as it came."""
_FLAGS: Final = os.O_RDONLY | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NONBLOCK", 0)
_BYTES: Final = 64
_RETRY_NS: Final = 1_000_000_000
_RETRY_DOUBLINGS: Final = 6
_RETRY_MAX_NS: Final = 60_000_000_000


class Attributes:
    """The files behind one channel, read together. Opening them raises OSError; reading never does."""

    __slots__ = ("_descriptors", "_failures", "_meaning", "_paths", "_retry_ns", "_shown")

    def __init__(self, paths: Sequence[str], meaning: Meaning) -> None:
        self._paths = paths
        self._meaning = meaning
        self._descriptors: list[int] = []
        self._failures = self._retry_ns = 0
        self._shown: object = None
        self._open()

    def value(self, now: int) -> object:
        """The present value; None where a file cannot be read now, DENIED where it may not be."""
        try:
            if not self._descriptors:
                if now < self._retry_ns:
                    return self._shown
                self._open()
            texts = self.texts()
        except OSError as error:
            return self._lose(error, now)
        self._failures = 0
        return self._meaning(texts)

    def texts(self) -> list[str]:
        """What the files say; raises OSError."""
        return [os.pread(one, _BYTES, 0).decode("ascii", "replace").strip() for one in self._descriptors]

    def close(self) -> None:
        """Close the files; a second call does nothing."""
        while self._descriptors:
            os.close(self._descriptors.pop())

    def _open(self) -> None:
        try:
            for path in self._paths:
                self._descriptors.append(os.open(path, _FLAGS))
        except OSError:
            self.close()
            raise

    def _lose(self, error: OSError, now: int) -> object:
        self.close()
        self._retry_ns = now + min(_RETRY_MAX_NS, _RETRY_NS << min(self._failures, _RETRY_DOUBLINGS))
        self._failures += 1
        self._shown = DENIED if isinstance(error, PermissionError) else None
        return self._shown


def number(texts: Sequence[str]) -> object:
    """The number of a single file, or its text where that is none."""
    (text,) = texts
    return int(text) if is_number(text) else text


def is_number(text: str) -> bool:
    """Whether a file shows a whole number, which may be negative."""
    digits = text.removeprefix("-")
    return digits.isascii() and digits.isdigit()
