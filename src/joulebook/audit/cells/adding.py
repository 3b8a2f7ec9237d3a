"""Laws of addition that most rows obey: c = a + b, c = a + b - d, c = the change from a to b in per cent."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import combinations
from itertools import product as choices
from math import log2
from typing import Final

from joulebook.audit.cells.grid import Grid, what
from joulebook.audit.cells.law import BITS, FIRST, LEAST, SHARE, Law

_MOST_ADDED: Final = 14
_MOST_LESS: Final = 8
_TOTAL: Final = re.compile(r"\btotal|\bsum\b|gesamt|summe|insgesamt|ensemble|overall|combined", re.IGNORECASE)
_CHANGED: Final = 4.0
"""By how many roundings two figures have to differ for a change to be one."""
_TOTAL_BITS: Final = 5.0
"""What it tells that a column is called a total."""


def _alike(grid: Grid, rows: Sequence[int], *, every: bool = False) -> dict[tuple[str, ...], list[int]]:
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
    for kind, columns in _alike(grid, rows).items():
        if kind[0] == "percent":
            continue
        tries: list[tuple[int, ...]] = []
        for size in (2, 3, 4):
            tries += combinations(columns, size) if len(columns) <= _MOST_ADDED else ()
        tries += [tuple(columns[begin:end]) for begin in range(len(columns)) for end in range(begin + 5, len(columns))]
        many = log2(max(2, len(tries)))
        for total in columns:
            said = _TOTAL_BITS if _TOTAL.search(grid.names[total]) else 0.0
            for some in tries:
                if total not in some and (law := _added(grid, rows, total, some, (), many - said)) is not None:
                    yield law
        yield from _differences(grid, rows, columns)


def _differences(grid: Grid, rows: Sequence[int], columns: list[int]) -> Iterator[Law]:
    """Sums less one column: what is bought is what is used less what is made."""
    if len(columns) > _MOST_LESS:
        return
    tries = [some for size in (3, 4, 5) for some in combinations(columns, size)]
    for some in tries:
        for total, less in combinations(some, 2):
            parts = tuple(one for one in some if one not in (total, less))
            if len(parts) >= 2:
                law = _added(grid, rows, total, parts, (less,), log2(max(2, 4 * len(tries))))
                if law is not None:
                    yield law


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
    groups = _alike(grid, rows, every=True)
    for percents in (columns for kind, columns in groups.items() if kind[0] in ("percent", "number")):
        for change in percents:
            for columns in groups.values():
                for first, second in choices(columns, repeat=2):
                    if len({first, second, change}) == 3 and (law := _changed(grid, rows, change, first, second)):
                        yield law


def _changed(grid: Grid, rows: Sequence[int], change: int, first: int, second: int) -> Law | None:
    held, said, changed, bits = 0, 0, 0, 0.0
    for row in rows:
        cells = [grid.cells.get((row, at)) for at in (change, first, second)]
        if any(one is None for one in cells) or cells[1].value <= 0 or cells[2].value <= 0:  # type: ignore[union-attr]
            continue
        percent, old, new = (one for one in cells if one is not None)
        said += 1
        real = 100 * (new.value / old.value - 1)
        slack = percent.slack + 100 * (new.value / old.value) * (old.slack / old.value + new.slack / new.value)
        if abs(percent.value - real) <= slack * 1.001:
            held += 1
            changed += abs(real) > _CHANGED * slack
            bits += max(0.0, log2(max(abs(percent.value), 1.0) / slack))
    if said < LEAST or held < max(2, SHARE * said) or bits < BITS + 6 or changed < 2:
        return None
    return Law((change, first, second), (1, 1, -1), 1.0, 1.0, True, False, 0, held, said)
