"""Laws from one row to the next: growth in per cent since the last year, totals that run down a column."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import permutations
from math import log2
from typing import Final

from joulebook.audit.cells.adding import CHANGED, alike, change
from joulebook.audit.cells.grid import Grid
from joulebook.audit.cells.law import BITS, LEAST, SHARE, Law

_FIRST: Final = 3
"""Rows of which one has to obey before more are looked at."""
_STEPS: Final = (-1, 1)
"""The row before stands above, or below where the last year comes first."""


def sequences(grid: Grid, rows: Sequence[int]) -> Iterator[Law]:
    """The laws between neighbouring rows that most of them obey."""
    known = set(rows)
    groups = alike(grid, rows, every=True)
    kinds = {at: kind[0] for kind, columns in groups.items() for at in columns}
    for step in _STEPS:
        pairs = [(row + step, row) for row in rows if row + step in known]
        for (first, kind), (second, other) in permutations(kinds.items(), 2) if len(pairs) >= LEAST else ():
            if kind in ("percent", "number"):
                yield from _grown(grid, pairs, first, second, step)
            if kind == other and second in grid.adding:
                yield from _running(grid, pairs, first, second, step)


def _grown(grid: Grid, pairs: Sequence[tuple[int, int]], percent: int, at: int, step: int) -> Iterator[Law]:
    """A column that is the change of another since the row before."""
    held, said, changed, bits = 0, 0, 0, 0.0
    for before, row in pairs:
        stated, old, new = (grid.cells.get(key) for key in ((row, percent), (before, at), (row, at)))
        if stated is None or old is None or new is None or old.value <= 0 or new.value <= 0:
            continue
        real, slack = change(old, new)
        slack += stated.slack
        said += 1
        if said > _FIRST and not held:
            return
        if abs(stated.value - real) <= slack * 1.001:
            held += 1
            changed += abs(real) > CHANGED * slack
            bits += max(0.0, log2(max(abs(stated.value), 1.0) / slack))
    if said >= LEAST and held >= max(2, SHARE * said) and changed >= 2 and bits >= _least(grid):
        yield Law((percent, at, at), (1, 1, -1), 1.0, 1.0, True, False, 0, held, said, steps=(0, step, 0))


def _running(grid: Grid, pairs: Sequence[tuple[int, int]], total: int, at: int, step: int) -> Iterator[Law]:
    """A column that adds up another, row by row."""
    held, said, bits = 0, 0, 0.0
    for before, row in pairs:
        now, last, part = (grid.cells.get(key) for key in ((row, total), (before, total), (row, at)))
        if now is None or last is None or part is None or not part.value:
            continue
        said += 1
        if said > _FIRST and not held:
            return
        slack = max(now.slack + last.slack + part.slack, 1e-12)
        if abs(now.value - last.value - part.value) <= slack * 1.001:
            held += 1
            bits += max(0.0, min(12.0, log2(abs(part.value) / slack)))
    if said >= LEAST and held >= max(2, SHARE * said) and bits >= _least(grid):
        yield Law((total, total, at), (1, -1, -1), 1.0, 1.0, True, True, -1, held, said, steps=(0, step, 0))


def _least(grid: Grid) -> float:
    """The evidence that is needed where so many pairs of columns are tried."""
    return BITS + 2 * log2(max(2, len(grid.names)))
