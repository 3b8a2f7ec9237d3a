"""The clock of another meter against ours: the shift of its times at which its log follows our sensors best.

For each shift the log is compared with the mean power of the sensors over the log's own intervals, shifted; what
a straight line leaves unexplained is least at the right one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from math import exp
from typing import Final, NamedTuple

from joulebook.meter.wall.log import Metered, MeterLog, Sensed, within

SEARCH_S: Final = 120.0
"""Clocks of meters are searched this far on both sides, and two intervals of the meter at least."""
_SEARCHED: Final = 1_200
"""Intervals that the coarse search looks at."""
_FEWEST: Final = 10
_OVERLAP: Final = 0.6
"""A shift must leave this much of the longest overlap, or an end of the log that happens to fit would win."""
_FOLLOWS: Final = 0.3
"""Share of the meter's variance below which it cannot be said that the log follows the sensors at all."""
_RIVAL: Final = 1.5
"""A second shift that leaves less than this times the unexplained rest of the best one is as good."""
_CHI2_90: Final = 2.706
_GOLDEN: Final = 0.618034


class Alignment(NamedTuple):
    """Seconds to add to the meter's times, with a 90 % interval; not `known` when the load tells nothing about it."""

    offset_s: float
    low_s: float
    high_s: float
    known: bool
    explained: float = 0.0
    """Share of the meter's variance that the sensors explain at this shift."""
    note: str = ""


class _Score(NamedTuple):
    shift_ns: int
    rest: float
    """Unexplained share of the variance: 0 is a perfect line."""
    windows: int


def align(meter: MeterLog, sensed: Sensed, centre_s: float = 0.0) -> Alignment:
    """The shift of the meter's clock within `SEARCH_S` of `centre_s`."""
    bound_ns = int(max(SEARCH_S, 2 * meter.period_s) * 1e9)
    centre_ns = int(centre_s * 1e9)
    near = within(meter, sensed.start_ns - centre_ns - bound_ns, sensed.end_ns - centre_ns + bound_ns)
    step_ns = int(min(15.0, max(0.25, meter.period_s / 2)) * 1e9)
    coarse = _coarse(near, sensed, range(centre_ns - bound_ns, centre_ns + bound_ns + 1, step_ns))
    if not coarse:
        return Alignment(centre_s, centre_s, centre_s, known=False, note="too little of the log lies within the run")
    best = min(coarse, key=lambda score: score.rest)
    if 1 - best.rest < _FOLLOWS:
        note = "the load changes too little to tell the clocks apart"
        return Alignment(centre_s, centre_s, centre_s, known=False, explained=1 - best.rest, note=note)
    rivals = [score for score in _valleys(coarse) if score.rest < _RIVAL * best.rest + 1e-6]
    chosen = min(rivals, key=lambda score: abs(score.shift_ns - centre_ns), default=best)
    others = [score for score in rivals if abs(score.shift_ns - chosen.shift_ns) > 2 * step_ns]
    note = ""
    if others:
        others.sort(key=lambda score: abs(score.shift_ns - chosen.shift_ns))
        shown = ", ".join(f"{score.shift_ns / 1e9:+.3g} s" for score in others[:3])
        note = (
            f"the load repeats itself, so that other shifts fit as well ({shown}): the nearest to the clocks is taken"
        )
    return _refined(near, sensed, chosen.shift_ns, step_ns)._replace(note=note)


def _coarse(near: Sequence[Metered], sensed: Sensed, shifts: range) -> list[_Score]:
    every = len(near) // _SEARCHED + 1
    scores = [score for shift in shifts if (score := _score(near[::every], sensed, shift)) is not None]
    most = max((score.windows for score in scores), default=0)
    return [score for score in scores if score.windows >= max(_FEWEST, _OVERLAP * most)]


def _score(intervals: Sequence[Metered], sensed: Sensed, shift_ns: int) -> _Score | None:
    """What a straight line leaves of the meter's variance at one shift; None with too few intervals."""
    n = 0
    sx = sy = sxx = sxy = syy = 0.0
    for x, y in _columns(intervals, sensed, shift_ns):
        n += 1
        sx += x
        sy += y
        sxx += x * x
        sxy += x * y
        syy += y * y
    if n < _FEWEST:
        return None
    xx, yy, xy = sxx - sx * sx / n, syy - sy * sy / n, sxy - sx * sy / n
    flat = xx <= 1e-9 * sxx or yy <= 1e-12 * syy or xy <= 0
    return _Score(shift_ns, 1.0 if flat else max(0.0, 1 - xy * xy / (xx * yy)), n)


def _columns(intervals: Sequence[Metered], sensed: Sensed, shift_ns: int) -> Iterator[tuple[float, float]]:
    at, knows = sensed.at, sensed.knows
    for start, end, joules in intervals:
        begin, stop = start + shift_ns, end + shift_ns
        if knows(begin, stop):
            seconds = (stop - begin) / 1e9
            yield (at(stop) - at(begin)) / seconds, joules / seconds


def _valleys(scores: Sequence[_Score]) -> list[_Score]:
    """Shifts that fit better than both neighbours."""
    ends = [scores[0]._replace(rest=2.0), *scores, scores[-1]._replace(rest=2.0)]
    return [
        middle
        for before, middle, after in zip(ends, ends[1:], ends[2:], strict=False)
        if middle.rest <= before.rest and middle.rest < after.rest
    ]


def _refined(near: Sequence[Metered], sensed: Sensed, shift_ns: int, step_ns: int) -> Alignment:
    """The best shift between the neighbours of a coarse one, by golden sections, and how well it is known."""
    every = len(near) // (4 * _SEARCHED) + 1
    near = near[::every]

    def rest(shift: float) -> float:
        score = _score(near, sensed, round(shift))
        return 1.0 if score is None else score.rest

    low, high = float(shift_ns - step_ns), float(shift_ns + step_ns)
    while high - low > 2e6:
        left, right = high - _GOLDEN * (high - low), low + _GOLDEN * (high - low)
        if rest(left) < rest(right):
            high = right
        else:
            low = left
    best = (low + high) / 2
    least = max(rest(best), 1e-9)
    columns = list(_columns(near, sensed, round(best)))
    freedom = max(3.0, len(columns) / _inflation(columns) - 3)
    allowed = least * exp(_CHI2_90 / freedom)
    ends = [_reach(rest, best, direction, allowed, step_ns) for direction in (-1, 1)]
    return Alignment(best / 1e9, ends[0] / 1e9, ends[1] / 1e9, known=True, explained=1 - least)


def _reach(rest: Callable[[float], float], best: float, direction: int, allowed: float, step_ns: int) -> float:
    """How far from the best shift the unexplained rest stays within what chance allows."""
    far = 4e6
    while far < 8 * step_ns and rest(best + direction * far) <= allowed:
        far *= 1.5
    return best + direction * far


def _inflation(columns: Sequence[tuple[float, float]]) -> float:
    """How many intervals are worth one independent one: from the correlation of neighbouring residuals."""
    n = len(columns)
    mx, my = sum(x for x, _ in columns) / n, sum(y for _, y in columns) / n
    xx = sum((x - mx) ** 2 for x, _ in columns) or 1.0
    slope = sum((x - mx) * (y - my) for x, y in columns) / xx
    rest = [y - my - slope * (x - mx) for x, y in columns]
    power = sum(one * one for one in rest) or 1.0
    rho = min(0.95, max(0.0, sum(a * b for a, b in pairwise(rest)) / power))
    return (1 + rho) / (1 - rho)
