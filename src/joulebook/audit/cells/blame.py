"""Which cell is wrong where relations break: the one whose other value would make most of them hold."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple

from joulebook.audit.cells.grid import Key
from joulebook.audit.cells.law import Instance, Interval, overlap
from joulebook.audit.cells.likeness import Likeness

_SHARP: Final = 0.06
"""Relative width from which a relation does not say what a cell should be."""
_UNITS, _LEARNED = 0.7, 0.5
"""What a relation counts that units may explain, and one whose constant is learned; sums and those of units count 1."""
_SHAPE, _SWAPPED, _COUNT = 0.25, 0.6, 0.6
"""What it adds that a slip is a known one, that digits are exchanged, which then are in a total as well; and how much
less likely a count of things is wrong than what follows."""

_Rank = tuple[float, float, bool, bool, int]
_Natural = Callable[[Key, Interval], Likeness | None]


class Culprit(NamedTuple):
    """A cell that is wrong: what it should be, the relations that then hold, and those that speak for it as it is."""

    key: Key
    value: Interval
    fixed: tuple[Instance, ...]
    against: tuple[Instance, ...]
    like: Likeness | None


def culprits(
    instances: Sequence[Instance],
    printed: Mapping[Key, Interval],
    natural: _Natural,
    tells: Callable[[Culprit], bool],
) -> list[Culprit]:
    """The cells that are wrong, the surest first; each is corrected before the next is looked for.

    Where a cell only leaves what is learned of the other rows, and nothing else tells of a slip, its row is special.
    What holds with a wrong figure was computed from it, and is not told again.
    """
    values = dict(printed)
    found: list[Culprit] = []
    of: dict[Key, list[int]] = {}
    for at, one in enumerate(instances):
        for key in one.cells:
            of.setdefault(key, []).append(at)
    special: set[int] = set()
    broken = {at for at, one in enumerate(instances) if one.holds(values) is False}
    while broken:
        keys = {key for at in broken for key in instances[at].way.cells} - {one.key for one in found}
        tried = [
            won
            for key in sorted(keys)
            if (won := _try(key, [instances[at] for at in of[key] if at not in special], values, natural)) is not None
        ]
        likely = sorted((won for won in tried if won[0][0] > 0), key=lambda won: won[0], reverse=True)
        if not likely:
            break
        best = next((one for _, one in likely if tells(one)), likely[0][1])
        if tells(best):
            found.append(best)
            values[best.key] = best.value
            touched = set(of[best.key])
            from_it = {id(one) for one in best.against}
            special |= {at for at in touched if id(instances[at]) in from_it}
        else:
            given_up = {id(one) for one in best.fixed}
            touched = {at for at in of[best.key] if id(instances[at]) in given_up}
            special |= touched
        broken -= touched
        broken |= {at for at in touched - special if instances[at].holds(values) is False}
    return found


def _try(
    key: Key, own: Sequence[Instance], values: Mapping[Key, Interval], natural: _Natural
) -> tuple[_Rank, Culprit] | None:
    """How much would be won by another value of a cell, and which."""
    given = [(one, found) for one in own if (found := _given(one, key, values))]
    kept = [one for one, found in given if _meets(found, values[key])]
    best: tuple[_Rank, Culprit] | None = None
    for one, ((value, free), *_) in given:
        if one in kept or key not in one.way.cells or not _is_sharp(value):
            continue
        fixed = [other for other, found in given if _meets(found, value, free)]
        gain = _weight(fixed) - _weight(kept)
        shape = natural(key, value)
        gain *= _COUNT if values[key][0] == values[key][1] and gain > 0 and shape is None else 1.0
        follows = any(other.directed and other.way.cells[0] == key for other in fixed)
        known = 0.0 if shape is None else _SWAPPED if shape.kind == "digits" else _SHAPE
        rank = (gain + known, _weight(fixed), bool(shape), follows, key[1])
        narrow = min(
            (its for other, found in given if other in fixed for its, _ in found if overlap(its, value, free)),
            key=lambda its: its[1] - its[0],
            default=value,
        )
        if best is None or rank > best[0]:
            against = tuple(other for other in kept if other not in fixed)
            best = rank, Culprit(key, narrow, tuple(fixed), against, shape)
    return best


def _given(one: Instance, key: Key, values: Mapping[Key, Interval]) -> list[tuple[Interval, float]]:
    """Which values a relation gives for a cell, its own way first; none where it holds without the cell."""
    found = []
    for way in (one.way, *one.others):
        if key not in way.cells:
            if way.holds(values):
                return []
            continue
        value = way.implied(key, values)
        if value is not None and (values[key][0] < 0 or value[1] >= 0):
            found.append((value, way.free))
        elif way is one.way:
            return []
    return found


def _meets(found: Sequence[tuple[Interval, float]], value: Interval, free: float = 0.0) -> bool:
    return any(overlap(its, value, max(own, free)) for its, own in found)


def _is_sharp(value: Interval) -> bool:
    return value[1] - value[0] <= _SHARP * max(abs(value[0]), abs(value[1]))


def _weight(some: Sequence[Instance]) -> float:
    """What relations count together."""
    return sum(1.0 if one.strict else _UNITS if one.sure else _LEARNED for one in some)
