"""A packed index: sorted lines `key TAB json` in which one look-up reads one line; nothing else is parsed.

Loaded where programs are measured.
"""

from __future__ import annotations

import json
import mmap
from bisect import bisect_right
from collections.abc import Iterator
from typing import Any, Final

_scan: Final = json.JSONDecoder().scan_once  # type: ignore[attr-defined]
"""What `json.loads` is made of, without the looks around the text: half of its time on lines as short as these."""
_BLOCK: Final = 1024
"""Bytes between two keys that are looked at when the index is first asked; one look-up searches one block."""


class Packed:
    """What `pack` made, by key."""

    def __init__(self, content: bytes | mmap.mmap) -> None:
        self._content = content
        self._keys: list[bytes] = []
        self._starts: list[int] = []
        """First key of each block and where its line begins; filled by the first look-up."""

    def get(self, key: str) -> Any:  # noqa: ANN401 - whatever JSON holds
        """The value of a key; None where there is none."""
        wanted = key.encode(errors="surrogatepass")  # a key may be any text, and is then simply not there
        if b"\n" in wanted or b"\t" in wanted:
            return None
        start, end = self._block(wanted)
        block = b"\n" + self._content[start:end]  # a search in bytes is faster than one in a mapped file
        at = block.find(b"\n" + wanted + b"\t")
        if at < 0:
            return None
        begin = at + len(wanted) + 2
        return _scan(block[begin : block.find(b"\n", begin)].decode(), 0)[0]

    def scan(self, prefix: str) -> Iterator[tuple[str, bytes]]:
        """Every key that begins with `prefix`, in order, with the text of its value."""
        wanted = prefix.encode(errors="surrogatepass")
        at, _ = self._block(wanted)
        while at < len(self._content):
            end = self._content.find(b"\n", at)
            key, _, value = self._content[at:end].partition(b"\t")
            at = end + 1
            if key.startswith(wanted):
                yield key.decode(), value
            elif key > wanted:
                return

    def _block(self, key: bytes) -> tuple[int, int]:
        """Where the lines begin and end among which this key would be."""
        if not self._starts:
            self._sample()
        at = max(bisect_right(self._keys, key) - 1, 0)
        return self._starts[at], self._starts[at + 1]

    def _sample(self) -> None:
        start, size = 0, len(self._content)
        while start < size:
            self._starts.append(start)
            self._keys.append(self._content[start : max(self._content.find(b"\t", start), start)])
            found = self._content.find(b"\n", start + _BLOCK)
            start = found + 1 if found >= 0 else size
        self._starts.append(size)
        self._keys = self._keys or [b""]
        self._starts = self._starts if len(self._starts) > 1 else [0, size]
