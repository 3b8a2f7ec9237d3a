"""What has to hold in a table: its laws in every row, and its totals."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import combinations
from typing import Final

from joulebook.audit.cells.grid import Grid, what
from joulebook.audit.cells.law import Instance, Law, Way
from joulebook.audit.cells.totals import Total, closes, folds
from joulebook.audit.reading.amount import Amount

_FOLDED: Final = ("time", "power", "count", "number")
"""Kinds of which the figure of a total row may be the largest or the mean."""
BASED: Final = ("mass", "number")
"""Kinds that may be emissions, which have bases."""
_SHARE: Final = re.compile(r"share|anteil|\bpart\b|percentage of|% of|proportion", re.IGNORECASE)


def of_laws(grid: Grid, learned: list[Law], parts: list[int], whole: list[int]) -> Iterator[Instance]:
    """What the laws say of each row, and of totals where they hold for them as well."""
    plain = set(parts)
    for law in learned:
        words = " x ".join(grid.names[column] for column in law.columns)
        for row in [*parts, *whole]:
            cells = law.cells(row)
            if any(cell not in grid.cells for cell in cells) or (law.steps and not {key[0] for key in cells} <= plain):
                continue
            if row in whole and not _is_for_totals(grid, law, row, parts):
                continue
            way = Way(cells, law.signs, (law.low, law.high), law.is_sum, law.shift)
            strict = law.strict or law.is_sum or law.shift >= 0
            yield Instance(way, words, law, sure=law.natural, strict=strict)


def _is_for_totals(grid: Grid, law: Law, row: int, parts: list[int]) -> bool:
    """Whether a law of rows holds for totals as well: sums, fixed ratios, and ratios of two that add up."""
    if law.is_sum or law.shift >= 0:
        return True
    adding = [column for column in law.columns if column in grid.adding]
    others = [column for column in law.columns if column not in adding]
    if len(law.columns) == 2:
        return law.signs[0] != law.signs[1] and len(adding) >= (1 if law.natural else 2)
    if len(law.columns) != 3 or len(adding) != 2 or not others:
        return False
    signs = [law.signs[law.columns.index(column)] for column in adding]
    rates = [grid.cells[part, others[0]] for part in parts if (part, others[0]) in grid.cells]
    return signs[0] != signs[1] and not _is_plain_mean(grid.cells[row, others[0]], rates)


def _is_plain_mean(stated: Amount, parts: list[Amount]) -> bool:
    """Whether the figure of a total row is the mean, the middle, the largest or the least of the rows."""
    values = sorted(part.value for part in parts)
    if not values:
        return True
    folded = (
        values[0],
        values[-1],
        sum(values) / len(values),
        values[len(values) // 2],
        values[(len(values) - 1) // 2],
    )
    return any(abs(stated.value - one) <= 1.01 * stated.slack for one in folded)


def of_totals(grid: Grid, found: list[Total]) -> Iterator[Instance]:
    """What totals say of their columns."""
    for total in found:
        for column in range(len(grid.names)):
            stated = grid.cells.get((total.row, column))
            if total.mixed and stated is not None and stated.kind in BASED:
                continue
            rows = [part for part in total.parts if (part, column) in grid.cells]
            amounts = [grid.cells[part, column] for part in rows]
            if stated is None or len(amounts) < 2 or column not in grid.adding:
                continue
            unknown = any(_is_unknown(grid, part, column) for part in total.parts if part not in rows)
            if not closes(stated, amounts) and (unknown or not _has_to_close(grid, column, stated, amounts, total)):
                continue
            cells = ((total.row, column), *((part, column) for part in rows))
            way = Way(cells, (1, *(-1 for _ in rows)), is_sum=True)
            yield Instance(way, grid.names[column], directed=True, adds_rows=True)


def _is_unknown(grid: Grid, row: int, column: int) -> bool:
    """Whether a cell says that its figure is not known, unlike a dash for none."""
    return any(name == grid.names[column] and re.search(r"[A-Za-z?]", text) for name, text in grid.rows[row].texts)


def _has_to_close(grid: Grid, column: int, stated: Amount, amounts: list[Amount], total: Total) -> bool:
    """Whether a total that does not close is one, and no mean, maximum or share of something else."""
    if stated.kind in _FOLDED:
        whole = all(float(one.value).is_integer() for one in (stated, *amounts))
        others = total.closing > 1 and whole and stated.kind in ("count", "number")
        if folds(stated, amounts, loosely=not others):
            return False
        if not others and stated.kind in ("count", "number") and stated.value < max(part.value for part in amounts):
            return False
    if stated.kind == "percent" and not (_SHARE.search(grid.names[column]) and abs(stated.value - 100) < 25):
        return False
    return total.row != grid.outer or not _closes_with_more(grid, stated, amounts)


def _closes_with_more(grid: Grid, stated: Amount, amounts: list[Amount]) -> bool:
    """Whether a total beside a list closes with figures that stand beside it as well: what is idle, a base load."""
    more = [
        field.amount
        for field in grid.rows[grid.outer].fields
        if what(field.amount) == what(stated) and field.amount is not stated
    ]
    some = [[one] for one in more] + [[one, other] for one, other in combinations(more, 2)]
    return any(closes(stated, [*amounts, *added]) for added in some)
