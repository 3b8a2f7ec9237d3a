"""Totals within one record: of the figures that stand beside them, some add up."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import combinations
from itertools import product as choices
from math import fsum
from typing import Final

from joulebook.audit.cells.grid import Grid, Key, may_add, what
from joulebook.audit.cells.law import Instance, Way
from joulebook.audit.cells.totals import HEAD

_KINDS: Final = ("energy", "mass", "water", "money", "device-hours", "percent")
_PERIODIC: Final = re.compile(r"\b(?:per|a|pro|par) (?:year|month|day|jahr|monat|tag|an|mois|jour)\b", re.IGNORECASE)
_OTHERWISE: Final = re.compile(r"facility|building|pue|overhead", re.IGNORECASE)
"""Words of what contains other figures beside it by a factor."""
_OF_BASES: Final = re.compile(r"market|markt|marché", re.IGNORECASE)
"""Words of what stands in the place of another part, or beside it."""
_MOST_SIGNED: Final = 7
"""Figures of which every sum and difference is tried."""
_NEAR: Final = (0.6, 1.6)
"""Stated to computed, between which a total that does not close is one of these parts."""


def totals_within(grid: Grid, keys: Sequence[Key]) -> Iterator[Instance]:
    """The totals of a record."""
    named = [key for key in keys if grid.cells[key].kind in _KINDS and may_add(grid.name(key), grid.cells[key])]
    for total in named:
        if not HEAD.search(grid.name(total)) or _OTHERWISE.search(grid.name(total)):
            continue
        alike = [key for key in named if key != total and _of(grid, key) == _of(grid, total)]
        parts = [key for key in alike if not HEAD.search(grid.name(key)) and not _OTHERWISE.search(grid.name(key))]
        words = " ".join(grid.name(key) for key in parts)
        if len(parts) < 2 or _OF_BASES.search(words):
            continue
        ways = [*_subsets(total, parts), *_signed(grid, total, alike)]
        stated, added = grid.cells[total], fsum(grid.cells[key].value for key in parts)
        is_only = len(parts) == len(alike) and added > 0 and _NEAR[0] < stated.value / added < _NEAR[1]
        yield Instance(ways[0], grid.name(total), None, tuple(ways[1:]), sure=is_only, strict=is_only, directed=True)


def _of(grid: Grid, key: Key) -> tuple[object, ...]:
    """What a figure is of, and whether its name says that it is of a period."""
    return (*what(grid.cells[key]), _PERIODIC.search(grid.name(key)) is not None)


def _subsets(total: Key, parts: list[Key]) -> Iterator[Way]:
    """All parts; where there are many, also all but one or two, which may be no parts."""
    for left_out in range(3):
        if len(parts) >= 2 * left_out + 1:
            for some in combinations(parts, len(parts) - left_out):
                yield Way((total, *some), (1, *(-1 for _ in some)), is_sum=True)


def _signed(grid: Grid, total: Key, others: list[Key]) -> Iterator[Way]:
    """Sums and differences of the others that give the total: a bill less a discount, plus tax."""
    if len(others) > _MOST_SIGNED:
        return
    for signs in choices((0, 1, -1), repeat=len(others)):
        used = [(key, sign) for key, sign in zip(others, signs, strict=True) if sign]
        slack = fsum(grid.cells[key].slack for key in (total, *(key for key, _ in used)))
        added = fsum(sign * grid.cells[key].value for key, sign in used)
        if len(used) >= 2 and abs(grid.cells[total].value - added) <= slack * 1.001:
            yield Way((total, *(key for key, _ in used)), (1, *(-sign for _, sign in used)), is_sum=True)
