"""Laws of addition that most rows obey: c = a + b, c = a + b - d, c = the change from a to b in per cent."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations, permutations
from math import fsum, log2
from typing import Final

from joulebook.audit.cells.grid import Grid, what
from joulebook.audit.cells.law import BITS, FIRST, LEAST, SHARE, Law
from joulebook.audit.cells.totals import HEAD
from joulebook.audit.reading.amount import Amount

_FIRST_ROWS: Final = 12
"""Rows in which all sums and changes are tried; of those that hold in two, the others are."""
_HITS: Final = 2
_MOST_ADDED: Final = 14
_MOST_LESS: Final = 8
CHANGED: Final = 4.0
"""By how many roundings two figures have to differ for a change to be one."""
_TOTAL_BITS: Final = 5.0
"""What it tells that a column is called a total."""


def alike(grid: Grid, rows: Sequence[int], *, every: bool = False) -> dict[tuple[str, ...], list[int]]:
    """Columns that may be added, or `every` one, by what they are."""
    found: dict[tuple[str, ...], list[int]] = {}
    for at in range(len(grid.names)):
        amounts = [grid.cells[row, at] for row in rows if (row, at) in grid.cells]
        if len(amounts) >= LEAST and (every or at in grid.adding):
            kinds = {what(amount) for amount in amounts}
            if len(kinds) == 1:
                found.setdefault(kinds.pop(), []).append(at)
    return found


def sums(grid: Grid, rows: Sequence[int]) -> Iterator[Law]:
    """Columns that are the sum of others in most rows."""
    for kind, columns in alike(grid, rows).items():
        if kind[0] == "percent":
            continue
        tries: list[tuple[int, ...]] = []
        for size in (2, 3, 4):
            tries += combinations(columns, size) if len(columns) <= _MOST_ADDED else ()
        tries += [tuple(columns[begin:end]) for begin in range(len(columns)) for end in range(begin + 5, len(columns))]
        many = log2(max(2, len(tries)))
        for total, some in _promising(grid, rows, columns, [(some, ()) for some in tries]):
            said = _TOTAL_BITS if HEAD.search(grid.names[total]) else 0.0
            if total not in some[0] and (law := _added(grid, rows, total, some[0], (), many - said)) is not None:
                yield law
        yield from _differences(grid, rows, columns)


def _differences(grid: Grid, rows: Sequence[int], columns: list[int]) -> Iterator[Law]:
    """Sums less one column: what is bought is what is used less what is made."""
    if len(columns) > _MOST_LESS:
        return
    sets = [some for size in (2, 3, 4) for some in combinations(columns, size)]
    tries = [(some, (less,)) for some in sets for less in columns if less not in some]
    many = log2(max(2, len(tries)))
    for total, (some, less) in _promising(grid, rows, columns, tries):
        if total not in (*some, *less) and total < less[0]:
            law = _added(grid, rows, total, some, less, many)
            if law is not None:
                yield law


_Some = tuple[tuple[int, ...], tuple[int, ...]]


def _promising(
    grid: Grid, rows: Sequence[int], columns: list[int], tries: Sequence[_Some]
) -> Iterator[tuple[int, _Some]]:
    """The columns that are, in two of the first rows, a sum of `tries` less what is taken off."""
    hits: Counter[tuple[int, _Some]] = Counter()
    for row in rows[:_FIRST_ROWS]:
        own = {at: grid.cells[row, at] for at in columns if (row, at) in grid.cells}
        near = _Nearby(own)
        for some in tries:
            more, less = some
            if all(at in own for at in more) and all(at in own for at in less):
                value = fsum(own[at].value for at in more) - fsum(own[at].value for at in less)
                slack = sum(max(own[at].slack, 1e-12) for at in (*more, *less))
                for total in near.of(value, slack * 1.001):
                    hits[total, some] += 1
    return (found for found, many in hits.items() if many >= _HITS)


class _Nearby:
    """The figures of a row by size, so that those near a value are found at once."""

    def __init__(self, amounts: Mapping[int, Amount]) -> None:
        self.sorted = sorted((amount.value, at, amount.slack) for at, amount in amounts.items())
        self.values = [value for value, _, _ in self.sorted]
        self.widest = max((slack for _, _, slack in self.sorted), default=0.0) * 1.01 + 1e-11

    def of(self, value: float, slack: float) -> list[int]:
        """The columns whose figure lies there."""
        begin = bisect_left(self.values, value - slack - self.widest)
        end = bisect_right(self.values, value + slack + self.widest, begin)
        if begin == end:
            return []
        return [at for its, at, own in self.sorted[begin:end] if abs(its - value) <= slack + own * 1.001 + 1e-11]


def _added(
    grid: Grid, rows: Sequence[int], total: int, parts: tuple[int, ...], less: tuple[int, ...], tried: float
) -> Law | None:
    """The law that a column, with those that are taken off, is the sum of others."""
    held, said = 0, 0
    slacks: list[float] = []
    seen: list[list[float]] = []
    for row in rows:
        cells = [grid.cells.get((row, at)) for at in (total, *less, *parts)]
        amounts = [one for one in cells if one is not None]
        if len(amounts) != len(cells):
            continue
        said += 1
        whole = sum(one.value for one in amounts[: 1 + len(less)])
        added = sum(one.value for one in amounts[1 + len(less) :])
        slack = sum(max(one.slack, 1e-12) for one in amounts)
        if abs(whole - added) <= slack * 1.001:
            held += 1
            slacks.append(slack)
            seen.append([one.value for one in amounts])
        elif said == FIRST and not held:
            return None
    if said < LEAST or held < max(2, SHARE * said):
        return None
    least = min(max(column) - min(column) for column in zip(*seen, strict=True))
    bits = sum(max(0.0, min(12.0, log2(max(least, 1e-12) / slack))) for slack in slacks)
    if bits < tried + BITS:
        return None
    signs = (*(1 for _ in (total, *less)), *(-1 for _ in parts))
    return Law((total, *less, *parts), signs, 1.0, 1.0, True, True, -1, held, said)


def changes(grid: Grid, rows: Sequence[int]) -> Iterator[Law]:
    """Columns that are the change between two others, in per cent, in most rows."""
    groups = alike(grid, rows, every=True)
    percents = [at for kind, columns in groups.items() if kind[0] in ("percent", "number") for at in columns]
    hits: Counter[tuple[int, int, int]] = Counter()
    for row in rows[:_FIRST_ROWS] if percents else ():
        own = {at: grid.cells[row, at] for at in percents if (row, at) in grid.cells}
        near = _Nearby(own)
        for columns in groups.values():
            there = [(at, grid.cells[row, at]) for at in columns if (row, at) in grid.cells]
            for (first, old), (second, new) in permutations([one for one in there if one[1].value > 0], 2):
                for percent in near.of(*change(old, new)):
                    hits[percent, first, second] += 1
    for (percent, first, second), many in hits.items():
        if many >= _HITS and percent not in (first, second) and (law := _changed(grid, rows, percent, first, second)):
            yield law


def change(old: Amount, new: Amount) -> tuple[float, float]:
    """The change from one amount to another in per cent, and by how much it is off at most."""
    by = new.value / old.value
    return 100 * (by - 1), 100 * by * (old.slack / old.value + new.slack / new.value)


def _changed(grid: Grid, rows: Sequence[int], percents: int, first: int, second: int) -> Law | None:
    held, said, changed, bits = 0, 0, 0, 0.0
    for row in rows:
        cells = [grid.cells.get((row, at)) for at in (percents, first, second)]
        if any(one is None for one in cells) or cells[1].value <= 0 or cells[2].value <= 0:  # type: ignore[union-attr]
            continue
        percent, old, new = (one for one in cells if one is not None)
        said += 1
        real, slack = change(old, new)
        slack += percent.slack
        if abs(percent.value - real) <= slack * 1.001:
            held += 1
            changed += abs(real) > CHANGED * slack
            bits += max(0.0, log2(max(abs(percent.value), 1.0) / slack))
    if said < LEAST or held < max(2, SHARE * said) or bits < BITS + 6 or changed < 2:
        return None
    return Law((percents, first, second), (1, 1, -1), 1.0, 1.0, True, False, 0, held, said)
