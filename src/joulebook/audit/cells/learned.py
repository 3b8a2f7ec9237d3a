"""Laws that most rows obey, found by trying them: c = a x b, c = a x b / d, c = k x a; sums and changes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import combinations, pairwise
from itertools import product as choices
from math import exp, log, log2
from statistics import median
from typing import Final, NamedTuple

from joulebook.audit.cells.adding import changes, sums
from joulebook.audit.cells.grid import Grid, bounds
from joulebook.audit.cells.law import BITS, FIRST, LEAST, SHARE, Law
from joulebook.audit.cells.sequences import sequences
from joulebook.audit.reading.amount import Amount
from joulebook.audit.reading.measures import PERS

_SAMPLE: Final = 48
"""Rows from which laws are learned."""
_SHARE_LEARNED: Final = 0.75
"""Of the rows that say anything, those that have to obey where units do not say that they should."""
_WIDE: Final = 0.03
"""Relative rounding from which a row says nothing."""
_IN_HEAD: Final = re.compile(r"(?<![\w.])(?!(?:19|20)\d\d\b)\d{2,6}(?![\w.]*\d)")
_EXACT: Final = 1e-3
_NARROW: Final = 0.01
"""Relative range in which a constant lies that is taken for one of units."""
_MOST_COLUMNS: Final = (60, 24, 14)
"""Columns of which products of two, three and four are tried."""
_NATURAL: Final = tuple(
    log(by * 10.0**power)
    for by in (1.0, 3.6, 1 / 3.6, 24.0, 1 / 24.0, 8760.0, 1 / 8760.0, 8784.0, 1 / 8784.0, 60.0, 1 / 60.0)
    for power in (-6, -5, -3, -2, 0, 2, 3, 5, 6)
)
"""Logarithms of constants that units alone explain."""
_PAIR: Final = (1, -1)
_OF_UNITS: Final = (0.0, log(3600.0), -log(3600.0), log(24.0), -log(24.0))
"""Constants that are left where bare numbers are "a second" or "a day"."""
_THOUSANDS: Final = (0.0, log(1e-3), log(1e3), log(1e-6), log(1e6))
_NATURAL_BITS: Final = log2(len(_NATURAL))
_MOST_LEARNED: Final = 3
"""Columns of a product whose constant is learned, where units do not say that it is one."""


class _Column(NamedTuple):
    """Logarithms of a column with their half-widths, by row."""

    middle: dict[int, float]
    half: dict[int, float]
    fine: dict[int, float]
    """Half-widths of the last digit alone, though trailing zeros may be rounded."""
    units: dict[str, int] | None
    """Powers of base units; None where the rows differ."""
    named: tuple[float, ...] = ()
    """Numbers in the head: "500-token answer"."""


def laws(grid: Grid, parts: Sequence[int], pues: Sequence[float] = (), *, whole: bool = True) -> list[Law]:
    """The laws that the rows `parts` obey; of several that say the same, all; changes only where not the `whole`."""
    sample = list(parts)[:_SAMPLE]
    if len(sample) < LEAST:
        return []
    if not whole:
        return list(changes(grid, sample))
    found = list(_products(grid, sample, pues))
    products = [law for law in found if not any(_is_part(law, other) for other in found)]
    return [*products, *sums(grid, sample), *changes(grid, sample), *sequences(grid, sample)]


def _is_part(law: Law, other: Law) -> bool:
    """Whether a law is another one without a column, and holds in fewer rows: it holds where that column is one."""
    if len(law.columns) >= len(other.columns) or law.obeyed / law.of >= other.obeyed / other.of:
        return False
    signs = dict(zip(other.columns, other.signs, strict=True))
    turns = {signs.get(column, 0) * sign for column, sign in zip(law.columns, law.signs, strict=True)}
    return turns in ({1}, {-1})


# -- products ----------------------------------------------------------------------------------------------------------


def _logs(grid: Grid, rows: Sequence[int]) -> dict[int, _Column]:
    found = {}
    for at in range(len(grid.names)):
        middle, half, fine = {}, {}, {}
        for row in rows:
            amount = grid.cells.get((row, at))
            if amount is not None and amount.value > 0 and (low := bounds(amount)[0]) > 0:
                middle[row] = log(amount.value)
                half[row] = log(bounds(amount)[1] / low) / 2
                fine[row] = min(half[row], amount.slack / amount.value)
        if len(middle) >= LEAST:
            units = [_units_of(grid.cells[row, at], grid.names[at]) for row in middle]
            own = tuple(float(one) for one in _IN_HEAD.findall(grid.names[at]))
            found[at] = _Column(middle, half, fine, units[0] if all(one == units[0] for one in units) else None, own)
    return found


def _units_of(amount: Amount, name: str) -> dict[str, int]:
    """Powers of energy, time, mass and so on that an amount is of; of bare numbers, what the head says is counted."""
    found = dict(_DIMENSIONS.get(amount.kind, {amount.kind: 1}))
    if not found and amount.kind != "percent" and (counted := _COUNTED.search(name)):
        thing = PERS.get(counted["what"], counted["what"])
        return {f"n:{thing}": 1, "time": -1} if counted["time"] else {f"n:{thing}": 1}
    for one in amount.per:
        for unit, power in _PER.get(one, {f"n:{one}": 1}).items():
            found[unit] = found.get(unit, 0) - power
    return {unit: power for unit, power in found.items() if power}


_COUNTED: Final = re.compile(
    r"(?:^|\b(?:output|input|total|generated|number of|n|num)[\s_])"
    r"(?P<what>tokens?|requests?|queries|answers?|images?|prompts?)"
    r"(?:\s?(?:/|per)\s?(?P<time>s|sec|second|h|hr|hour|min|minute|day)\b)?(?!\s?(?:/|per\b))",
)
_DIMENSIONS: Final[dict[str, dict[str, int]]] = {
    "number": {}, "count": {}, "factor": {}, "percent": {}, "power": {"energy": 1, "time": -1},
    "device-hours": {"time": 1},
}  # fmt: skip
_PER: Final[dict[str, dict[str, int]]] = {
    "kWh": {"energy": 1}, "hour": {"time": 1}, "device-hour": {"time": 1}, "device": {}, "node": {}, "each": {},
}  # fmt: skip


def _consistent(columns: list[_Column], signs: tuple[int, ...]) -> bool:
    """Whether the units of a law cancel, and it has units at all."""
    left: dict[str, int] = {}
    for column, sign in zip(columns, signs, strict=True):
        if column.units is None:
            return False
        for name, power in column.units.items():
            left[name] = left.get(name, 0) + sign * power
    return not any(left.values()) and sum(bool(column.units) for column in columns) >= 2


def _products(grid: Grid, rows: Sequence[int], pues: Sequence[float]) -> Iterator[Law]:
    columns = _logs(grid, rows)
    usable = sorted(columns)
    for size in (2, 3, 4):
        some = usable[: _MOST_COLUMNS[size - 2]]
        sets = list(combinations(some, size))
        patterns = [(1, *rest) for rest in choices((1, -1), repeat=size - 1)]
        tried = log2(max(2, len(sets) * len(patterns)))
        for chosen in sets:
            for signs in patterns:
                law = _fit([columns[at] for at in chosen], chosen, signs, tried, pues)
                if law is not None and (law.obeyed == law.of or not _one_more(law, columns)):
                    yield law


def _one_more(law: Law, columns: dict[int, _Column]) -> bool:
    """Whether all rows obey a law once another column is in it: it holds without only where that column does not vary.

    Where units demand the law as it is, the other column can only count things.
    """
    own = [columns[at] for at in law.columns]
    rows = [row for row in own[0].middle if all(row in column.middle for column in own[1:])]
    off = {row: sum(sign * one.middle[row] for sign, one in zip(law.signs, own, strict=True)) for row in rows}
    for at, column in columns.items():
        counts = column.units == {} and all(half < _EXACT for half in column.half.values())
        if at in law.columns or any(row not in column.middle for row in rows) or (law.strict and not counts):
            continue
        wide = {row: sum(one.half[row] for one in (*own, column)) + _EXACT for row in rows}
        sharp = [row for row in rows if wide[row] < _WIDE]
        for sign in (1, -1):
            more = {row: off[row] + sign * column.middle[row] for row in rows}
            if len(sharp) >= law.of and len(_common(more, wide, sharp, 0.0)[2]) == len(sharp):
                return True
    return False


def _fit(
    columns: list[_Column], chosen: tuple[int, ...], signs: tuple[int, ...], tried: float, pues: Sequence[float]
) -> Law | None:
    rows = list(columns[0].middle)
    for column in columns[1:]:
        rows = [row for row in rows if row in column.middle]
    if len(rows) < LEAST or not _promises(columns, signs, rows[:FIRST]):
        return None
    off = {row: sum(sign * column.middle[row] for sign, column in zip(signs, columns, strict=True)) for row in rows}
    wide = {row: sum(column.half[row] for column in columns) + 1e-6 for row in rows}
    sharp = [row for row in rows if wide[row] < _WIDE]
    middle = median(off[row] for row in sharp) if sharp else 0.0
    near_enough = sum(abs(off[row] - middle) <= 2 * wide[row] for row in sharp)
    if len(sharp) < LEAST or near_enough < SHARE * len(sharp):
        return None
    low, high, held = _common(off, wide, sharp, middle)
    fits = _consistent(columns, signs)
    of_units = next((one for one in _OF_UNITS if low - 1e-4 <= -one <= high + 1e-4), None)
    strict = fits and len(chosen) > 2 and of_units is not None
    named = [log(one) for column in columns for one in column.named]
    named += [log(one) for one in pues if fits and len(chosen) > len(_PAIR)]
    near = of_units if strict else _natural(low, high, named)
    share = SHARE if strict else _SHARE_LEARNED
    too_long = len(chosen) > _MOST_LEARNED and near is None and not fits
    if too_long or len(held) < max(LEAST - strict, share * len(sharp)):
        return None
    varying = _needed([column for column in columns if not (strict and column.units)], held, strict=strict)
    spread = _spread(columns, held)
    apart = max(off[row] for row in held) - min(off[row] for row in held)
    fine = {row: max(sum(column.fine[row] for column in columns) + 1e-6, apart / 2) for row in held}
    bits = sum(max(0.0, log2(spread / (2 * fine[row]))) for row in held if spread > 0)
    if not strict:
        bits -= tried + (
            _NATURAL_BITS if near is not None else max(0.0, log2(spread / (2 * min(fine.values()) + 1e-9)))
        )
    alike = near == 0.0 and len(chosen) == len(_PAIR)  # location and market, where no contract is
    if not varying or alike or bits < BITS:
        return None
    low, high = max(off[row] - fine[row] for row in held), min(off[row] + fine[row] for row in held)
    constant = (
        (exp(-max(low, high)), exp(-min(low, high)))
        if near is None
        else (exp(near) * (1 - 1e-6), exp(near) * (1 + 1e-6))
    )
    return Law(chosen, signs, *constant, near is not None, False, -1, len(held), len(sharp), strict)


def _promises(columns: list[_Column], signs: tuple[int, ...], rows: list[int]) -> bool:
    """Whether two of the first rows have one constant."""
    off = [0.0] * len(rows)
    wide = _EXACT
    for sign, column in zip(signs, columns, strict=True):
        middle, half = column.middle, column.half
        off = [value + sign * middle[row] for value, row in zip(off, rows, strict=True)]
        wide += 2 * max(half[row] for row in rows)
    off.sort()
    return any(right - left <= wide for left, right in pairwise(off))


def _natural(low: float, high: float, named: list[float]) -> float | None:
    """The constant of units, or of numbers in heads, that lies in a narrow range of logarithms."""
    if high - low >= _NARROW:
        return None
    tried = (*_NATURAL, *(sign * one + by for one in named for sign in (1, -1) for by in _THOUSANDS))
    return next((one for one in tried if low - 1e-4 <= -one <= high + 1e-4), None)


def _common(
    off: dict[int, float], wide: dict[int, float], rows: list[int], start: float
) -> tuple[float, float, list[int]]:
    """The range of constants that most rows share, and these rows."""
    edges = sorted([(off[row] - wide[row], 0) for row in rows] + [(off[row] + wide[row], 1) for row in rows])
    best, depth, low, high = 0, 0, start, start
    for at, (value, closing) in enumerate(edges):
        depth += -1 if closing else 1
        if not closing and depth > best:
            best, low = depth, value
            high = next(other for other, ends in edges[at + 1 :] if ends)
    held = [row for row in rows if off[row] - wide[row] <= high and off[row] + wide[row] >= low]
    return low, high, held


def _needed(columns: list[_Column], rows: list[int], *, strict: bool) -> bool:
    """Whether each column varies over the rows, so that the law is about it."""
    for column in columns:
        values = [column.middle[row] for row in rows]
        common = median(values)
        mode = max(values, key=lambda one: sum(abs(one - other) < 0.002 for other in values))
        others = min(sum(abs(one - base) >= 0.002 for one in values) for base in (common, mode))
        if others < (1 if strict else 2):
            return False
    return True


def _spread(columns: list[_Column], rows: list[int]) -> float:
    """How far the least varying column varies, as logarithm."""
    spreads = []
    for column in columns:
        values = sorted(column.middle[row] for row in rows)
        spreads.append(values[-1] - values[0])
    return max(1e-9, sorted(spreads)[-2] / 2)
