"""Laws that most rows obey: c = a x b, c = k x a, c = a + b, c = the change from a to b; found by trying them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import combinations, pairwise
from itertools import product as choices
from math import exp, log, log2
from statistics import median
from typing import Final, NamedTuple

from joulebook.audit.columns.grid import Grid, bounds
from joulebook.audit.reading.amount import Amount
from joulebook.audit.reading.measures import PERS

_SAMPLE: Final = 48
"""Rows from which laws are learned."""
_SHARE, _SHARE_LEARNED = 0.6, 0.75
"""Of the rows that say anything, those that have to obey; more where units do not say that they should."""
_LEAST: Final = 3
_BITS: Final = 7.0
"""Evidence beyond that of having tried so many laws."""
_WIDE: Final = 0.03
"""Relative rounding from which a row says nothing."""
_IN_HEAD: Final = re.compile(r"(?<![\w.])(?!(?:19|20)\d\d\b)\d{2,6}(?![\w.]*\d)")
_EXACT: Final = 1e-3
_NARROW: Final = 0.01
"""Relative range in which a constant lies that is taken for one of units."""
_MOST_COLUMNS: Final = (60, 24, 14)
"""Columns of which products of two, three and four are tried."""
_MOST_ADDED: Final = 14
_MOST_LESS: Final = 8
_TOTAL: Final = re.compile(r"\btotal|\bsum\b|gesamt|summe|insgesamt|ensemble|overall|combined", re.IGNORECASE)
_TOTAL_BITS: Final = 5.0
"""What it tells that a column is called a total."""
_FIRST: Final = 8
"""Rows of which two have to agree before all are looked at."""
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


class _Column(NamedTuple):
    """Logarithms of a column with their half-widths, by row."""

    middle: dict[int, float]
    half: dict[int, float]
    units: dict[str, int] | None
    """Powers of base units; None where the rows differ."""
    named: tuple[float, ...] = ()
    """Numbers in the head: "500-token answer"."""


def laws(grid: Grid, parts: Sequence[int]) -> list[Law]:
    """The laws that the rows `parts` obey; of several that say the same, all."""
    sample = list(parts)[:_SAMPLE]
    if len(sample) < _LEAST:
        return []
    found = list(_products(grid, sample))
    products = [law for law in found if not any(_is_part(law, other) for other in found)]
    return [*products, *_sums(grid, sample), *_changes(grid, sample)]


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
        middle, half = {}, {}
        for row in rows:
            amount = grid.cells.get((row, at))
            if amount is not None and amount.value > 0 and (low := bounds(amount)[0]) > 0:
                middle[row] = log(amount.value)
                half[row] = log(bounds(amount)[1] / low) / 2
        if len(middle) >= _LEAST:
            units = [dimension(grid.cells[row, at], grid.names[at]) for row in middle]
            own = tuple(float(one) for one in _IN_HEAD.findall(grid.names[at]))
            found[at] = _Column(middle, half, units[0] if all(one == units[0] for one in units) else None, own)
    return found


def dimension(amount: Amount, name: str) -> dict[str, int]:
    """Powers of energy, time, mass and so on that an amount is of; of bare numbers, what the head says is counted."""
    found = dict(_DIMENSIONS.get(amount.kind, {amount.kind: 1}))
    if not found and amount.kind != "percent" and (counted := _COUNTED.search(name)):
        thing = PERS.get(counted["what"], counted["what"])
        return {f"n:{thing}": 1, "time": -1} if counted["time"] else {f"n:{thing}": 1}
    for one in amount.per:
        for name, power in _PER.get(one, {f"n:{one}": 1}).items():
            found[name] = found.get(name, 0) - power
    return {name: power for name, power in found.items() if power}


_COUNTED: Final = re.compile(
    r"(?:^|\b(?:output|input|total|generated|number of|n|num)[\s_])(?P<what>tokens?|requests?|queries|answers?|images?|prompts?)"
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


def _products(grid: Grid, rows: Sequence[int]) -> Iterator[Law]:
    columns = _logs(grid, rows)
    usable = sorted(columns)
    for size in (2, 3, 4):
        some = usable[: _MOST_COLUMNS[size - 2]]
        sets = list(combinations(some, size))
        patterns = [(1, *rest) for rest in choices((1, -1), repeat=size - 1)]
        tried = log2(max(2, len(sets) * len(patterns)))
        for chosen in sets:
            for signs in patterns:
                law = _fit([columns[at] for at in chosen], chosen, signs, tried)
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


def _fit(columns: list[_Column], chosen: tuple[int, ...], signs: tuple[int, ...], tried: float) -> Law | None:
    rows = list(columns[0].middle)
    for column in columns[1:]:
        rows = [row for row in rows if row in column.middle]
    if len(rows) < _LEAST or not _promises(columns, signs, rows[:_FIRST]):
        return None
    off = {row: sum(sign * column.middle[row] for sign, column in zip(signs, columns, strict=True)) for row in rows}
    wide = {row: sum(column.half[row] for column in columns) + 1e-6 for row in rows}
    sharp = [row for row in rows if wide[row] < _WIDE]
    if len(sharp) < _LEAST:
        return None
    middle = median(off[row] for row in sharp)
    if sum(abs(off[row] - middle) <= 2 * wide[row] for row in sharp) < _SHARE * len(sharp):
        return None
    low, high, held = _common(off, wide, sharp, middle)
    fits = _consistent(columns, signs)
    of_units = next((one for one in _OF_UNITS if low - 1e-4 <= -one <= high + 1e-4), None)
    strict = fits and len(chosen) > 2 and of_units is not None
    named = [log(one) for column in columns for one in column.named]
    near = of_units if strict else _natural(low, high, named)
    share = _SHARE if strict else _SHARE_LEARNED
    if len(held) < max(_LEAST - strict, share * len(sharp)) or (len(chosen) > _MOST_LEARNED and near is None and not fits):
        return None
    if not _needed([column for column in columns if not (strict and column.units)], held, strict=strict):
        return None
    spread = _spread(columns, held)
    bits = sum(max(0.0, log2(spread / (2 * wide[row]))) for row in held if spread > 0)
    if not strict:
        bits -= tried + (_NATURAL_BITS if near is not None else max(0.0, log2(spread / (high - low + 1e-9))))
    if bits < _BITS or (near == 0.0 and len(chosen) == len(_PAIR)):
        return None  # two columns that are alike: location and market, where no contract is
    constant = (exp(-high), exp(-low)) if near is None else (exp(near) * (1 - 1e-6), exp(near) * (1 + 1e-6))
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


# -- sums along rows ---------------------------------------------------------------------------------------------------


def _alike(grid: Grid, rows: Sequence[int]) -> dict[tuple[str, ...], list[int]]:
    """Columns that may be added, by what they are."""
    found: dict[tuple[str, ...], list[int]] = {}
    for at in range(len(grid.names)):
        amounts = [grid.cells[row, at] for row in rows if (row, at) in grid.cells]
        if len(amounts) >= _LEAST:
            kinds = {what(amount) for amount in amounts}
            if len(kinds) == 1:
                found.setdefault(kinds.pop(), []).append(at)
    return found


def what(amount: Amount) -> tuple[str, ...]:
    """What an amount is of: only amounts of one kind are added, and only money of one currency."""
    kind = "number" if amount.kind in ("count", "number") else amount.kind
    return (kind, amount.unit if kind == "money" else "", *amount.per)


def _sums(grid: Grid, rows: Sequence[int]) -> Iterator[Law]:
    for columns in _alike(grid, rows).values():
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
    held, said, bits = 0, 0, 0.0
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
            if min(abs(one.value) for one in amounts) > slack:
                bits += max(0.0, min(12.0, log2(abs(whole) / (2 * slack))))
        elif said == _FIRST and not held:
            return None
    if said < _LEAST or held < max(2, _SHARE * said) or bits < tried + _BITS:
        return None
    signs = (*(1 for _ in (total, *less)), *(-1 for _ in parts))
    return Law((total, *less, *parts), signs, 1.0, 1.0, True, True, -1, held, said)


# -- changes in per cent -----------------------------------------------------------------------------------------------


def _changes(grid: Grid, rows: Sequence[int]) -> Iterator[Law]:
    groups = _alike(grid, rows)
    for percents in (columns for kind, columns in groups.items() if kind[0] in ("percent", "number")):
        for change in percents:
            for columns in groups.values():
                for first, second in choices(columns, repeat=2):
                    if len({first, second, change}) == 3 and (law := _changed(grid, rows, change, first, second)):
                        yield law


def _changed(grid: Grid, rows: Sequence[int], change: int, first: int, second: int) -> Law | None:
    held, said, bits = 0, 0, 0.0
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
            bits += max(0.0, log2(max(abs(percent.value), 1.0) / slack))
    if said < _LEAST or held < max(2, _SHARE * said) or bits < _BITS + 6:
        return None
    return Law((change, first, second), (1, 1, -1), 1.0, 1.0, True, False, 0, held, said)
