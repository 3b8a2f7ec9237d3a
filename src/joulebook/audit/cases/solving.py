"""Which input, were it another, would make the cells close that do not: slips of the pen, and digits not printed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from math import ceil, exp, floor, log
from typing import Final, NamedTuple

from joulebook.audit.cases.printed import Printed
from joulebook.audit.cases.sheet import Cell, Sheet, coherent, size

_FACTOR: Final = 1e4
_HALVINGS: Final = 80
_MOST_DIGITS: Final = 4
_SLACK: Final = 1e-9


class Change(NamedTuple):
    """An input that makes cells close."""

    key: str
    value: float
    """In the unit of the printed figure."""
    digits: int
    """More than are printed."""
    closes: frozenset[str]
    is_rounding: bool
    """Whether the printed figure is this one, rounded."""


def repairs(sheet: Sheet, cells: Iterable[Cell], rounded: frozenset[str]) -> list[Change]:
    """Changes of single inputs, one after the other, each the only or by far the best one that breaks no other cell.

    A change counts when it closes two cells at once, or when no other input could close the cell. `rounded` are
    cells that rounding explains: one of them alone needs no change.
    """
    checked = list(cells)
    changed: dict[str, float] = {}
    found: list[Change] = []
    while True:
        options = candidates(sheet, checked, changed)
        chosen = _best(options, rounded)
        if chosen is None:
            return found
        found.append(chosen)
        changed[chosen.key] = chosen.value * size(sheet.input(chosen.key).unit)


def candidates(sheet: Sheet, cells: Iterable[Cell], changed: Mapping[str, float]) -> list[Change]:
    """For each input the change that closes most cells and breaks none, the most useful first."""
    checked = list(cells)
    state = {cell.key: closes(sheet, cell, changed) for cell in checked}
    failing = [cell for cell in checked if not state[cell.key]]
    inputs = sorted({key for cell in failing for key in sheet.inputs(cell.key) if key not in changed})
    found = []
    for key in inputs:
        touched = [cell for cell in checked if key in sheet.inputs(cell.key)]
        change = _change(sheet, key, [cell for cell in failing if key in sheet.inputs(cell.key)], changed)
        if change is None:
            continue
        trial = {**changed, key: change.value * size(sheet.input(key).unit)}
        after = {cell.key: closes(sheet, cell, trial) for cell in touched}
        gained = frozenset(name for name, closed in after.items() if closed and not state[name])
        broken = [cell for cell in touched if explained(sheet, cell, changed) and not explained(sheet, cell, trial)]
        if gained and not broken:
            found.append(change._replace(closes=gained))
    return sorted(found, key=lambda change: (-len(change.closes), not change.is_rounding, change.key))


def closes(sheet: Sheet, cell: Cell, changed: Mapping[str, float]) -> bool:
    """Whether a cell comes out as printed, be it rounded or cut off."""
    assert cell.printed is not None  # noqa: S101 - who asks has looked
    amount = sheet.number(cell.key, changed) / size(cell.printed.unit)
    return cell.printed.covers(amount) or cell.printed.cuts(amount)


def explained(sheet: Sheet, cell: Cell, changed: Mapping[str, float]) -> bool:
    """Whether a cell comes out as printed from some inputs that are rounded to those printed."""
    figure = cell.printed
    assert figure is not None  # noqa: S101 - as above
    low, high = (end / size(figure.unit) for end in sheet.range(cell.key, changed))
    slack = _SLACK * abs(figure.value)
    return low <= figure.high + slack and high >= figure.low - slack


def _best(options: list[Change], rounded: frozenset[str]) -> Change | None:
    for option in options:
        rivals = [other for other in options if other is not option and other.closes & option.closes]
        if any(len(other.closes) >= len(option.closes) for other in rivals):
            continue
        if len(option.closes) > 1 or (not rivals and not option.closes <= rounded):
            return option
    return None


def _change(sheet: Sheet, key: str, failing: list[Cell], changed: Mapping[str, float]) -> Change | None:
    """The value of an input for which most of the cells close: as many digits as printed, or one that is so rounded."""
    figure = sheet.input(key)
    ranges = [found for cell in failing if (found := _closing(sheet, key, cell, changed)) is not None]
    if not ranges or figure.is_range:
        return None
    whole = [value for found in (*ranges, _fullest(ranges)) if (value := _simplest(*found, figure.step or 1.0))]
    if whole:
        most = max(
            whole, key=lambda value: sum(low * (1 - _SLACK) <= value <= high * (1 + _SLACK) for low, high in ranges)
        )
        return Change(key, most, 0, frozenset(), is_rounding=False)
    low, high = _fullest(ranges)
    low, high = max(low, figure.low), min(high, figure.high)
    for digits in range(1, _MOST_DIGITS + 1) if figure.step and low <= high * (1 + _SLACK) else ():
        value = _simplest(low, high, figure.step / 10**digits)
        if value is not None:
            return Change(key, value, digits, frozenset(), is_rounding=True)
    return None


def _closing(sheet: Sheet, key: str, cell: Cell, changed: Mapping[str, float]) -> tuple[float, float] | None:
    """Between which values of an input a cell closes, in the unit of the input; None where no value makes it."""
    figure, wanted = sheet.input(key), cell.printed
    assert wanted is not None  # noqa: S101 - as above
    start = changed.get(key, coherent(figure))
    if start <= 0:
        return None
    scale = size(wanted.unit)

    def at(value: float) -> float:
        return sheet.number(cell.key, {**changed, key: value}) / scale

    ends = [_where(at, target, start) for target in (wanted.low, wanted.high)]
    if ends[0] is None or ends[1] is None:
        return None
    low, high = sorted(end / size(figure.unit) for end in ends if end is not None)
    return low, high


def _where(at: Callable[[float], float], target: float, start: float) -> float | None:
    """Where a monotone function of a positive number is `target`, by halving; None where it is so nowhere near."""
    low, high = start / _FACTOR, start * _FACTOR
    rises = at(high) > at(low)
    if not min(at(low), at(high)) < target < max(at(low), at(high)):
        return None
    for _ in range(_HALVINGS):
        middle = exp((log(low) + log(high)) / 2)
        if (at(middle) < target) == rises:
            low = middle
        else:
            high = middle
    return high


def _fullest(ranges: list[tuple[float, float]]) -> tuple[float, float]:
    """Where most of the ranges overlap."""
    holding = [
        [item for item in ranges if item[0] <= low * (1 + _SLACK) and low <= item[1] * (1 + _SLACK)]
        for low, _ in ranges
    ]
    best = max(holding, key=len)
    return max(low for low, _ in best), min(high for _, high in best)


def _simplest(low: float, high: float, step: float) -> float | None:
    """A multiple of a step within the ends, that in the middle of several."""
    first, last = ceil(low / step - 1e-6), floor(high / step + 1e-6)
    return None if first > last else (first + last) // 2 * step


def shown(figure: Printed, change: Change) -> str:
    """The other value as the figure is printed."""
    return figure.shown(change.value, change.digits)
