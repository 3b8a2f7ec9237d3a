"""`Law`: what most rows of a table obey; `Way`: how one cell follows from others; `Instance`: one case of a law."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from joulebook.audit.cells.grid import Key

Interval = tuple[float, float]
_FREE: Final = 1e-9
_FREE_OF_PRODUCTS: Final = 0.006
"""Relative difference of products that is never told: years of 365 or 366 days, factors without their last digits."""
SHARE: Final = 0.6
"""Of the rows that say anything, those that have to obey a law."""
LEAST: Final = 3
"""Rows that have to say something."""
BITS: Final = 7.0
"""Evidence beyond that of having tried so many laws."""
FIRST: Final = 8
"""Rows that are looked at before all are."""


class Law(NamedTuple):
    """Columns with exponents or signs, and the constant that is between them."""

    columns: tuple[int, ...]
    signs: tuple[int, ...]
    low: float = 1.0
    high: float = 1.0
    natural: bool = True
    """Whether units alone explain the constant, so that it needs not be learned."""
    is_sum: bool = False
    shift: int = -1
    obeyed: int = 0
    of: int = 0
    strict: bool = False
    """Whether units say that it has to hold: kW x h = kWh."""
    steps: tuple[int, ...] = ()
    """In which row each column is taken, counted from that of the law; empty where all are in one."""

    def cells(self, row: int) -> tuple[Key, ...]:
        """The cells that it is about in a row."""
        steps = self.steps or (0,) * len(self.columns)
        return tuple((row + step, column) for step, column in zip(steps, self.columns, strict=True))


class Way(NamedTuple):
    """A product of powers (exponents of 1 or -1) times a constant that is 1, or a sum with signs that is 0."""

    cells: tuple[Key, ...]
    signs: tuple[int, ...]
    constant: Interval = (1.0, 1.0)
    """Of a product only."""
    is_sum: bool = False
    shift: int = -1
    """Which cell is a change in per cent, and enters as 1 + it / 100."""
    offset: Interval = (0.0, 0.0)
    """What a sum is beside its cells: products of the rows that no cell states."""

    @property
    def free(self) -> float:
        """Relative difference that is never told."""
        return _FREE if self.is_sum or self.shift >= 0 else _FREE_OF_PRODUCTS

    def implied(self, key: Key, values: Mapping[Key, Interval]) -> Interval | None:
        """Between which values a cell lies by all others; None where a factor is zero or below."""
        at = self.cells.index(key)
        if self.is_sum:
            low, high = -self.offset[1], -self.offset[0]
            for other, (cell, sign) in enumerate(zip(self.cells, self.signs, strict=True)):
                if other != at:
                    least, most = values[cell]
                    low, high = (low + least, high + most) if sign > 0 else (low - most, high - least)
            return (-high, -low) if self.signs[at] > 0 else (low, high)
        low, high = self.constant
        for other, (cell, sign) in enumerate(zip(self.cells, self.signs, strict=True)):
            if other == at:
                continue
            least, most = self._view(other, values[cell])
            if least <= 0:
                return None
            low, high = (low * least, high * most) if sign > 0 else (low / most, high / least)
        if self.signs[at] > 0:
            low, high = (1 / high, 1 / low) if low > 0 else (low, high)
        return (100 * (low - 1), 100 * (high - 1)) if at == self.shift else (low, high)

    def _view(self, at: int, value: Interval) -> Interval:
        return (1 + value[0] / 100, 1 + value[1] / 100) if at == self.shift else value

    def holds(self, values: Mapping[Key, Interval], free: float | None = None) -> bool | None:
        """Whether the cells obey it within their printed digits; None where that cannot be said."""
        found = self.implied(self.cells[0], values)
        if found is None:
            return None
        return overlap(found, values[self.cells[0]], self.free if free is None else free)


class Instance(NamedTuple):
    """What has to hold between some cells: a law in one row, a total, or a figure that units demand."""

    way: Way
    name: str
    law: Law | None = None
    """The law of the rows that it is one case of."""
    others: tuple[Way, ...] = ()
    """Other ways of which one may hold in its place: with or without PUE, from other figures of the same kind."""
    sure: bool = True
    """Whether it needs no constant that is learned from the rows."""
    strict: bool = True
    """Whether it has to hold: a sum, or a product that units demand."""
    directed: bool = False
    """Whether the first cell follows from the others, and is wrong if none of them is known to be."""
    adds_rows: bool = False
    """Whether it is the total of a column."""

    @property
    def cells(self) -> frozenset[Key]:
        """The cells of all its ways."""
        return frozenset(self.way.cells).union(*(other.cells for other in self.others))

    def holds(self, values: Mapping[Key, Interval]) -> bool | None:
        """Whether one of its ways holds, but for differences that are never told."""
        found = [way.holds(values) for way in (self.way, *self.others)]
        return True if any(found) else found[0]


def overlap(left: Interval, right: Interval, free: float = _FREE) -> bool:
    """Whether two ranges have a value in common."""
    spare = free * max(abs(left[0]), abs(left[1]), abs(right[0]), abs(right[1])) + 1e-12
    return left[0] <= right[1] + spare and right[0] <= left[1] + spare
