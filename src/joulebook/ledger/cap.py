"""The size limit of a journal: how thin detail gets as it comes near, and how rarely totals are written at it.

Loaded on the metering path. Pure: it counts, the journal writes.
"""

from __future__ import annotations

from typing import Final

RESERVE: Final = 64 << 10
"""The last bytes under the cap, kept for accumulated energies and the end record."""
END_ROOM: Final = 4_096
THINNEST: Final = 1_024
ANCHOR_NS: Final = 10_000_000_000
ANCHORS_PER_SPACING: Final = 16
"""After so many anchors their spacing doubles: a year of them fits into the reserve."""
_FRAME = 20


class Cap:
    """A journal's limit in bytes over all its segments."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.reserve = min(RESERVE, size // 4)
        self.reached = False
        self._anchors = 0
        self._anchored_ns = 0

    def admits(self, written: int, text: int) -> bool:
        """True when a record of this length leaves the reserve whole."""
        return self.size - written - text - _FRAME >= self.reserve

    def admits_anchor(self, written: int, text: int, last: bool) -> bool:
        """True when an anchor of this length leaves room for the last one and the end record."""
        return self.size - written - text - _FRAME > (END_ROOM if last else self.reserve // 4)

    def anchor_is_due(self, now: int) -> bool:
        """True ever more rarely; counts the anchor."""
        if now - self._anchored_ns < ANCHOR_NS << (self._anchors // ANCHORS_PER_SPACING):
            return False
        self._anchored_ns = now
        self._anchors += 1
        return True

    def thinness(self, written: int) -> int:
        """1 up to four fifths, then 2, 4, 8, ... each time half of what was left is used up."""
        room, part, factor = self.size - self.reserve - written, self.size // 5, 1
        while room < part and factor < THINNEST:
            part //= 2
            factor *= 2
        return factor
