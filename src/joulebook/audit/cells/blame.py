"""Which cell is wrong where relations break: the one whose other value would make most of them hold."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple

from joulebook.audit.cells.grid import Key
from joulebook.audit.cells.law import Instance, Interval, overlap

_FREE: Final = 0.006
"""Relative difference of products that is never told."""
_SHARP: Final = 0.06
"""Relative width from which a relation says nothing of a cell."""
_UNITS, _LEARNED = 0.7, 0.5
"""What a relation counts that units may explain, and one whose constant is learned; sums and those of units count 1."""
_SHAPE, _COUNT = 0.25, 0.6
"""What it adds that a slip is a known one, and how much less likely a count of things is wrong than what follows."""


_Rank = tuple[float, float, bool, bool, int]


class Culprit(NamedTuple):
    """A cell that is wrong: what it should be, the relations that then hold, and those that speak for it as it is."""

    key: Key
    value: Interval
    fixed: tuple[Instance, ...]
    against: tuple[Instance, ...]
    natural: str


def holds(one: Instance, values: Mapping[Key, Interval]) -> bool | None:
    """Whether a relation holds, but for differences that are never told."""
    return one.holds(values, 1e-9 if one.is_sum or one.shift >= 0 else _FREE)


def culprits(
    instances: Sequence[Instance],
    printed: Mapping[Key, Interval],
    natural: Callable[[Key, Interval], str],
    tells: Callable[[Culprit], bool],
) -> list[Culprit]:
    """The cells that are wrong, the surest first; each is corrected before the next is looked for.

    Where a cell only leaves what is learned of the other rows, and nothing else tells of a slip, its row is special.
    """
    values = dict(printed)
    found: list[Culprit] = []
    of: dict[Key, list[Instance]] = {}
    for one in instances:
        for key in one.cells:
            of.setdefault(key, []).append(one)
    numbers = {id(one): at for at, one in enumerate(instances)}
    special: set[int] = set()
    broken = {at for at, one in enumerate(instances) if holds(one, values) is False}
    while broken:
        keys = {key for at in broken for key in instances[at].cells} - {one.key for one in found}
        tried = [won for key in sorted(keys) if (won := _try(key, of[key], values, natural)) is not None]
        rank, best = max(tried, key=lambda won: won[0], default=(None, None))
        if best is None or rank is None or rank[0] <= 0:
            break
        if tells(best):
            found.append(best)
            values[best.key] = best.value
        else:
            special |= {numbers[id(one)] for one in best.fixed}
            for key in {key for one in best.fixed for key in one.cells}:
                of[key] = [one for one in of[key] if numbers[id(one)] not in special]
        broken = {at for at, one in enumerate(instances) if at not in special and holds(one, values) is False}
    return found


def _try(
    key: Key, own: list[Instance], values: Mapping[Key, Interval], natural: Callable[[Key, Interval], str]
) -> tuple[_Rank, Culprit] | None:
    """How much would be won by another value of a cell, and which."""
    given = [(one, value) for one in own if (value := one.implied(key, values)) is not None and _is_sharp(value)]
    if values[key][0] >= 0:
        given = [(one, value) for one, value in given if value[1] >= 0]
    kept = [one for one, value in given if overlap(value, values[key], _free(one))]
    best: tuple[_Rank, Culprit] | None = None
    for one, value in given:
        if one in kept:
            continue
        fixed = [other for other, its in given if overlap(its, value, max(_free(other), _free(one)))]
        gain = _weight(fixed) - _weight(kept)
        shape = natural(key, value)
        gain *= _COUNT if values[key][0] == values[key][1] and gain > 0 else 1.0
        is_total = any(other.is_sum and other.law < 0 and other.cells[0] == key for other in fixed)
        rank = (gain + (_SHAPE if shape else 0.0), _weight(fixed), bool(shape), is_total, key[1])
        narrow = min((its for other, its in given if other in fixed), key=lambda its: its[1] - its[0])
        if best is None or rank > best[0]:
            against = tuple(other for other in kept if other not in fixed)
            best = rank, Culprit(key, narrow, tuple(fixed), against, shape)
    return best


def _free(one: Instance) -> float:
    return 1e-9 if one.is_sum else _FREE


def _is_sharp(value: Interval) -> bool:
    return value[1] - value[0] <= _SHARP * max(abs(value[0]), abs(value[1]))


def _weight(some: Sequence[Instance]) -> float:
    """What relations count together."""
    return sum(1.0 if one.strict else _UNITS if one.sure else _LEARNED for one in some)
