"""The figures of one work in many places at once, as NumPy arrays: digit for digit what the rules give one by one.

    energy = sum of parts x PUE        carbon = sum of energies x intensity       cost = sum of energies x price
    water  = sum of parts x WUE + sum of energies x EWIF

The formulas, and the order of their operations, are those of the rules in `account`; draws are those of the quantities,
so that what two options have in common is the same in both. Needs `joulebook[arrays]`.
"""

from __future__ import annotations

import operator
from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import reduce
from math import fsum, nan
from typing import Any, Final, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from joulebook.account.water import WUE
from joulebook.draws import HIGH, LOW, N_DRAWS, Kernel, using
from joulebook.plan.option import COST, EMBODIED, FIGURES, SHOWN, Amount, Priced
from joulebook.quantity import Basis, Quantity
from joulebook.units import Unit, combine, factor

Array: TypeAlias = NDArray[np.float64]

ROWS: Final = 64
"""Places in one piece: a column of them is 517 kB."""
_LAST_DIGIT: Final = 2.0**-51


class Column(NamedTuple):
    """One quantity in each of some places (rows), or the same in all of them (one row)."""

    value: Array
    draws: Array
    exact: NDArray[np.bool_]
    basis: NDArray[np.int64]
    unit: Unit


Limits: TypeAlias = Sequence[tuple[str, Quantity]]
"""Figure and the most of it."""


def column(quantities: Sequence[Quantity]) -> Column:
    """The quantities, all of one unit, below each other."""
    return Column(
        np.array([[one.value] for one in quantities]),
        np.array([np.asarray(one.draws) for one in quantities]),
        np.array([[one.is_exact] for one in quantities]),
        np.array([[int(one.basis)] for one in quantities]),
        quantities[0].unit,
    )


class Costed(NamedTuple):
    """A work: its figures that no place changes, and its energy by part."""

    figures: Mapping[str, Quantity | None]
    lines: Sequence[Quantity]


def priced(work: Costed, rates: Mapping[str, Column | None], limits: Limits, count: int) -> list[Priced]:
    """The figures of a work in `count` places, with the chances that they keep within the limits."""
    found = {name: None if one is None else column([one]) for name, one in work.figures.items()}
    parts = [column([line]) for line in work.lines]
    pue = rates["pue"]
    energies = parts if pue is None else [times(part, pue) for part in parts]
    found["energy"] = added(energies)
    for name, rate in (("carbon", rates["carbon_intensity"]), (COST, rates["price"])):
        if rate is not None:
            found[name] = added([times(part, rate) for part in energies])
    waters = [
        times(part, rate)
        for base, rate in ((parts, rates[WUE]), (energies, rates["water_intensity"]))
        if rate is not None
        for part in base
    ]
    found["water"] = added(waters) if waters else None
    carbon, making = found["carbon"], found[EMBODIED]
    found["carbon_total"] = None if carbon is None or making is None else _plus(carbon, making)
    return _rows(found, limits, count)


def times(left: Column, right: Column) -> Column:
    """The products, as `Quantity` multiplies: the value is the median of the draws unless one of the two is exact."""
    target, num, den = combine(left.unit, right.unit, 1)
    draws = _scaled(left.draws * right.draws, num, den)
    value = _scaled(left.value * right.value, num, den)
    linear = left.exact | right.exact
    if not linear.all():
        ordered = np.sort(draws, axis=-1)
        middle = N_DRAWS // 2
        value = np.where(linear, value, (ordered[:, middle - 1 : middle] + ordered[:, middle : middle + 1]) / 2)
    return Column(value, draws, left.exact & right.exact, np.minimum(left.basis, right.basis), target)


def added(parts: Sequence[Column]) -> Column:
    """The sums, as `total` adds: rounded once."""
    return Column(
        rounded_sum([part.value for part in parts]),
        rounded_sum([part.draws for part in parts]),
        reduce(np.logical_and, [part.exact for part in parts]),
        reduce(np.minimum, [part.basis for part in parts]),
        parts[0].unit,
    )


def rounded_sum(parts: Sequence[Array]) -> Array:
    """The sums of the parts element by element, each rounded once as `math.fsum` rounds it.

    What each addition loses is kept, and added up in the same way (Knuth's two-sum). Where that second sum lost
    nothing, the last addition rounds the true sum; where what it lost could turn the last digit, `fsum` is asked.
    """
    if len(parts) < 3:
        return reduce(np.add, parts)
    whole, lost = _two_sum(parts[0], parts[1])
    doubt = np.zeros(1)
    for part in parts[2:]:
        whole, error = _two_sum(whole, part)
        lost, more = _two_sum(lost, error)
        doubt = doubt + np.abs(more)
    result: Array = whole + lost
    unsure = np.nonzero(doubt)
    if unsure[0].size:
        near, slack = lost[unsure], 2 * doubt[unsure] + np.abs(lost[unsure]) * _LAST_DIGIT
        turned = whole[unsure] + (near - slack) != whole[unsure] + (near + slack)
        unsure = tuple(axis[turned] for axis in unsure)
        spread = [np.broadcast_to(part, result.shape)[unsure].tolist() for part in parts]
        result[unsure] = [fsum(terms) for terms in zip(*spread, strict=True)]
    return result


def _two_sum(left: Array, right: Array) -> tuple[Array, Array]:
    """The rounded sum, and exactly what the rounding took from it."""
    whole = left + right
    back = whole - left
    return whole, (left - (whole - back)) + (right - back)


def _marks(draws: array[float]) -> tuple[float, float, float]:
    ordered = np.sort(np.frombuffer(draws))
    if np.isnan(ordered[-1]):
        return nan, nan, nan
    low, before, after, high = ordered[[LOW, N_DRAWS // 2 - 1, N_DRAWS // 2, HIGH]].tolist()
    return low, (before + after) / 2, high


def _total(parts: Sequence[array[float]]) -> array[float]:
    return _kept(rounded_sum([np.frombuffer(part) for part in parts]))


def _times_ratio(draws: array[float], num: int, den: int) -> array[float]:
    return _kept(_scaled(np.frombuffer(draws), num, den))


def _combined(
    apply: Callable[[float, float], float], parts: Sequence[array[float]], num: int, den: int
) -> array[float]:
    left, right = (np.frombuffer(part) for part in parts)
    by_number = _APPLIED.get(apply)
    if by_number is None:  # a division by zero somewhere
        return array("d", [draw * num / den for draw in map(apply, *parts)])
    return _kept(_scaled(by_number(left, right), num, den))


def _kept(draws: Array) -> array[float]:
    kept = array("d")
    kept.frombytes(draws.tobytes())
    return kept


_APPLIED: Final[Mapping[object, Callable[[Array, Array], Array]]] = {
    operator.mul: np.multiply,
    operator.truediv: np.divide,
    operator.add: np.add,
    operator.sub: np.subtract,
}
_KERNEL: Final = Kernel(_marks, _total, _times_ratio, _combined)


@contextmanager
def quick() -> Iterator[None]:
    """Quantities are worked through by NumPy, ten times as fast and to the same digits, while a plan is made."""
    with np.errstate(all="ignore"), using(_KERNEL):
        yield


def _plus(left: Column, right: Column) -> Column:
    """As `Quantity` adds two."""
    ratio = factor(right.unit, left.unit)
    return Column(
        left.value + _scaled(right.value, *ratio),
        left.draws + _scaled(right.draws, *ratio),
        left.exact & right.exact,
        np.minimum(left.basis, right.basis),
        left.unit,
    )


def _scaled(amounts: Array, num: int, den: int) -> Array:
    """Times an exact ratio; a factor of one changes no digit."""
    scaled = amounts if num == 1 else amounts * float(num)
    return scaled if den == 1 else scaled / float(den)


def _rows(found: Mapping[str, Column | None], limits: Limits, count: int) -> list[Priced]:
    """Each place with its amounts and chances."""
    amounts = {name: _amounts(name, found.get(name), count) for name in FIGURES}
    within: list[Any] = []
    for name, most in limits:
        known = found.get(name)
        within.append(None if known is None else known.draws <= most.to(known.unit).value)
    shares = [[None] * count if one is None else _shares(one, count) for one in within]
    both = np.ones((1, N_DRAWS), dtype=bool)
    for one in within:
        both = both & (False if one is None else one)
    meets = _shares(both, count)
    return [
        Priced({name: column[row] for name, column in amounts.items()}, tuple(one[row] for one in shares), meets[row])
        for row in range(count)
    ]


def _shares(within: Any, count: int) -> list[float]:  # noqa: ANN401 - an array of truths
    shares: list[float] = (np.count_nonzero(within, axis=-1) / N_DRAWS).tolist()
    return shares if len(shares) == count else shares * count


def _amounts(name: str, known: Column | None, count: int) -> Sequence[Amount | None]:
    """Value and interval of each row in the unit that is shown, as `Quantity` reads them off its draws."""
    if known is None:
        return [None] * count
    ordered = np.sort(known.draws, axis=-1)
    low = np.where(known.exact, known.value, np.minimum(ordered[:, LOW : LOW + 1], known.value))
    high = np.where(known.exact, known.value, np.maximum(ordered[:, HIGH : HIGH + 1], known.value))
    target = SHOWN.get(name, known.unit)
    ratio = factor(known.unit, target)
    ends = [np.broadcast_to(_scaled(end, *ratio), low.shape)[:, 0].tolist() for end in (known.value, low, high)]
    bases = [str(Basis(one)) for one in np.broadcast_to(known.basis, low.shape)[:, 0].tolist()]
    rows = [
        Amount(value, least, most, target.symbol, basis) for value, least, most, basis in zip(*ends, bases, strict=True)
    ]
    return rows if len(rows) == count else rows * count
