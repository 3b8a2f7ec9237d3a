"""A cell that is wrong -> the finding: the arithmetic, what it looks like, and what would make it right."""

from __future__ import annotations

import re
from collections.abc import Iterator
from math import log10
from typing import Final

from joulebook.audit.cells.blame import Culprit
from joulebook.audit.cells.grid import Grid, Key
from joulebook.audit.cells.instances import BASED
from joulebook.audit.cells.law import Instance
from joulebook.audit.cells.likeness import Likeness
from joulebook.audit.cells.totals import Total, closes
from joulebook.audit.finding import Finding, printed, shown

_SPECIAL: Final = re.compile(
    r"estimat|partial|exclud|without|dedicated|pro[- ]?rata|assum|approx|incomplete|missing|interpolat|provisional"
    r"|geschätzt|teilweise|vorläufig|ohne|sauf|provisoire",
    re.IGNORECASE,
)
"""Words of a row that is unlike the others for a reason."""
_LISTED: Final = 8
"""Terms of a sum that are named."""


def tells(grid: Grid, one: Culprit) -> bool:
    """Whether a cell is told: a relation without a learned constant breaks, or it looks like a known slip."""
    is_sure = any(fixed.sure for fixed in one.fixed) or sum(fixed.directed for fixed in one.fixed) > 1
    like = one.like
    if not is_sure and not (like and _is_likely(one, like)):
        return False
    is_special = _SPECIAL.search(grid.words(one.key)) is not None
    return like is not None or any(fixed.way.is_sum for fixed in one.fixed if fixed.sure) or not is_special


def _is_likely(one: Culprit, like: Likeness) -> bool:
    """Whether a slip is likely though nothing sure tells of it."""
    if all(fixed.directed for fixed in one.fixed):
        return like.is_factor or like.kind == "pue"
    added = all(its.way.is_sum for its in one.against if its.sure)
    return (
        like.is_factor
        or (added and like.kind == "digits")
        or (like.is_digits and not any(its.sure for its in one.against))
    )


def finding(grid: Grid, one: Culprit) -> Finding:
    """The finding of a wrong cell."""
    amount, like = grid.cells[one.key], one.like
    middle = (one.value[0] + one.value[1]) / 2
    ratio = amount.value / middle if middle else 0.0
    best = max(one.fixed, key=lambda fixed: (fixed.sure, not fixed.way.is_sum, -len(fixed.way.cells)))
    computed = shown(middle, amount.kind, amount)
    evidence = f"{_arithmetic(grid, best, one.key)} = {computed}, stated {printed(amount)}"
    if abs(ratio - 1) > 0.004:
        evidence += f"; stated / computed = {ratio:.4g}"
    others = len(one.fixed) - 1
    if others:
        evidence += f"; {others} more relation{'s' if others > 1 else ''} would close with it"
    remedy = f"they differ by {like.words}" if like else "correct this figure, or those that it follows from"
    rule = _rule(one, best, amount.kind)
    if twice := _twice(grid, one):
        rule, remedy = "double-count", f"it is larger by {twice}, which stands among its parts: counted twice"
    is_grave = not 0.5 < ratio < 2 or (like is not None and like.is_factor)
    return Finding(
        rule, "high" if is_grave else "medium", 0.95 if others or like else 0.85, amount.place, evidence, remedy
    )


def _rule(one: Culprit, best: Instance, kind: str) -> str:
    like = one.like.kind if one.like else ""
    if like in ("units", "pue"):
        return "unit-slip" if like == "units" else "double-count"
    if best.way.shift >= 0 or kind == "percent":
        return "percentage"
    return "sum" if best.way.is_sum else "product"


def _twice(grid: Grid, one: Culprit) -> str:
    """The figure of the same column by which a total is too large."""
    amount = grid.cells[one.key]
    more = amount.value - (one.value[0] + one.value[1]) / 2
    slack = amount.slack + (one.value[1] - one.value[0]) / 2
    parts = [
        cell
        for fixed in one.fixed
        if fixed.way.is_sum and fixed.directed and fixed.way.cells[0] == one.key
        for cell in (grid.column(one.key[1]) if fixed.adds_rows else ())
    ]
    if not parts or more <= slack:
        return ""
    column = [grid.cells[row, one.key[1]] for row in parts if row != one.key[0]]
    return next((other.digits for other in column if abs(other.value - more) <= slack + other.slack), "")


def _arithmetic(grid: Grid, one: Instance, key: Key) -> str:
    """The calculation that gives a cell from the others."""
    way = one.way if key in one.way.cells else next(way for way in one.others if key in way.cells)
    at, name = way.cells.index(key), grid.name(key)
    told = f"{name}, as in {one.law.obeyed} of {one.law.of} rows" if one.law is not None else name
    if way.is_sum:
        terms = [(cell, -way.signs[at] * sign) for cell, sign in zip(way.cells, way.signs, strict=True) if cell != key]
        listed = [f"{'+' if sign > 0 else '-'} {grid.cells[cell].digits}" for cell, sign in terms]
        text = " ".join(listed[:_LISTED]).removeprefix("+ ") + (" + ..." if len(listed) > _LISTED else "")
        is_whole = one.adds_rows and at == 0
        if not terms:
            return f"{name}: {one.name}"
        return f"the sum of {len(terms)} rows of {name!r}: {text}" if is_whole else f"{name}: {text}"
    if way.shift >= 0:
        _, old, new = (grid.cells[cell].digits for cell in way.cells)
        return f"{told}: the change from {old} to {new}"
    pairs = list(zip(way.cells, way.signs, strict=True))
    up = [cell for cell, sign in pairs if cell != key and sign != way.signs[at]]
    down = [cell for cell, sign in pairs if cell != key and sign == way.signs[at]]
    text = " x ".join(_figure(grid, cell) for cell in up) or "1"
    text += "".join(f" / {_figure(grid, cell)}" for cell in down)
    if one.law is None and not log10(way.constant[0]).is_integer():
        text += f" {'/' if at else 'x'} {way.constant[0]:.4g}"
    learned = one.law is not None and not one.law.natural
    return f"{told}: {text}{' x the ratio of the other rows' if learned else ''}"


def _figure(grid: Grid, key: Key) -> str:
    return f"{printed(grid.cells[key])} ({grid.name(key)})"


def mixed(grid: Grid, found: list[Total]) -> Iterator[Finding]:
    """Totals that close only when location-based and market-based rows are added."""
    for total in found:
        for column in sorted(grid.adding) if total.mixed else ():
            amount = grid.cells.get((total.row, column))
            parts = [grid.cells[part, column] for part in total.parts if (part, column) in grid.cells]
            if amount is None or amount.kind not in BASED or len(parts) < 2 or not closes(amount, parts):
                continue
            listed = " + ".join(part.digits for part in parts[:_LISTED])
            evidence = f"{listed} = {amount.digits}: location-based and market-based emissions are added"
            remedy = "the two are bases of the same emissions: give a total for each"
            yield Finding("mixed-basis", "medium", 0.9, amount.place, evidence, remedy)
