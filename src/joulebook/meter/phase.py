"""When a counter was updated: its period found from the readings, and each value placed at its update.

A counter's value is the energy at its latest update, up to one period before the reading. Placing the value
at the update instead of at the reading removes that lag and most of its scatter from every window.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from itertools import pairwise
from math import erf, floor, sqrt
from typing import Final, NamedTuple

FAST_NS: Final = 4_000_000
"""A counter with a shorter period is placed half a period before each reading; nothing finer is gained."""
SQRT12: Final = sqrt(12.0)
_DRIFT: Final = 0.005
"""Random walk of the phase, in periods per square root of updates."""
_HINT_SLACK: Final = 0.02
_HINT_SD: Final = 0.002
_UNLIKELY: Final = 1e-6


class Period(NamedTuple):
    """Time between two updates and its standard deviation, in ns; 0 when the readings cannot tell."""

    ns: float
    sd_ns: float


class Knots(NamedTuple):
    """Rising instants (ns), the energy at each (uJ), and the standard deviation of each instant (ns)."""

    t: list[int]
    uj: list[int]
    sd_ns: list[float]


def find_period(
    t: Sequence[int], moved: Sequence[int], hint_ns: int = 0, blind: Sequence[tuple[int, int]] = ()
) -> Period:
    """The update period of a counter read at `t` whose value differs at the indices `moved`.

    Two changes lie within the span from the reading before the first to the reading of the second, hence the
    period is at most the shortest such span; a value read twice without a change bounds it from below. One that stood
    still once does not overrule a hint, and one that stood still across a `blind` interval (disjoint, rising) tells
    nothing.
    """
    if len(moved) < 2:
        return Period(float(hint_ns), hint_ns * _HINT_SD)
    upper = min(t[j] - t[i - 1] for i, j in pairwise(moved))
    spans = [t[j - 1] - t[i] for i, j in pairwise(moved) if not _meets(blind, t[i], t[j])]
    still = sorted(span for span in spans if span <= upper)[-2:]
    lower = (still[0] if len(still) > 1 else 0) if hint_ns else max(still, default=0)
    if hint_ns and lower * (1 - _HINT_SLACK) <= hint_ns <= upper * (1 + _HINT_SLACK):
        rough = Period(float(hint_ns), hint_ns * _HINT_SD)
    else:
        rough = Period((lower + upper) / 2, (upper - lower) / SQRT12)
    return rough if rough.ns <= FAST_NS else _refine(t, moved, rough)


def _meets(intervals: Sequence[tuple[int, int]], start: int, end: int) -> bool:
    index = bisect_left(intervals, (end, end)) - 1
    return index >= 0 and intervals[index][1] > start


def _located(t: Sequence[int], moved: Sequence[int], period_ns: float) -> list[tuple[float, float]]:
    """Updates known to a third of a period: (instant, standard deviation)."""
    widest = period_ns / 3
    return [((t[i] + t[i - 1]) / 2, (t[i] - t[i - 1]) / SQRT12) for i in moved if t[i] - t[i - 1] <= widest]


def _refine(t: Sequence[int], moved: Sequence[int], rough: Period) -> Period:
    """A sharper period from updates ever further apart, as long as the number of updates between is certain."""
    found = _located(t, moved, rough.ns)
    ns, sd = rough
    if not found:
        return rough
    first, first_sd = found[0]
    for at, at_sd in found[1:]:
        count = round((at - first) / ns)
        if count < 1:
            continue
        doubt = count * sd + sqrt(count) * _DRIFT * ns
        if doubt > ns / 6:  # the count is no longer certain: begin a new chain here
            first, first_sd = at, at_sd
            continue
        new_sd = sqrt(first_sd**2 + at_sd**2 + count * (_DRIFT * ns) ** 2) / count
        if new_sd < sd:
            ns, sd = (at - first) / count, new_sd
    return Period(ns, sd)


def _probability(z: float) -> float:
    return (1 + erf(z / sqrt(2))) / 2


class _Predictor:
    """Instants of updates, extrapolated from the nearest located one."""

    def __init__(self, located: list[tuple[float, float]], period: Period) -> None:
        self._at = [at for at, _ in located]
        self._sd = [sd for _, sd in located]
        self._ns, self._period_sd = period

    def _from(self, index: int, t: float) -> tuple[float, float]:
        count = floor((t - self._at[index]) / self._ns)
        walk = abs(count) * (_DRIFT * self._ns) ** 2
        return self._at[index] + count * self._ns, sqrt(self._sd[index] ** 2 + (count * self._period_sd) ** 2 + walk)

    def within(self, low: float, high: float) -> tuple[float, float] | None:
        """The latest update in (low, high]: mean and standard deviation; None when the phase is not known.

        Near a bound the update just before it, or just after, may be the one: each counts by its probability.
        """
        index = bisect_left(self._at, high)
        near = [self._from(i, high) for i in (index - 1, index) if 0 <= i < len(self._at)]
        if not near:
            return None
        at, sd = min(near, key=lambda pair: pair[1])
        if sd > self._ns / 5:
            return None
        sd = max(sd, 1.0)
        chances = []
        for candidate in (at - self._ns, at, at + self._ns):
            chance = _probability((high - candidate) / sd) - _probability((low - candidate) / sd)
            chances.append((chance, min(max(candidate, low), high)))
        whole = sum(chance for chance, _ in chances)
        if whole < _UNLIKELY:
            return min(max(at, low), high), sd
        mean = sum(chance * place for chance, place in chances) / whole
        spread = sum(chance * (place - mean) ** 2 for chance, place in chances) / whole
        return mean, sqrt(sd * sd + spread)


def place(t: Sequence[int], uj: Sequence[int], moved: Sequence[int], period: Period) -> Knots:
    """Each value of a counter at the update that produced it."""
    if not t:
        return Knots([], [], [])
    if period.ns <= FAST_NS:
        lag = int(period.ns / 2)
        return Knots([at - lag for at in t], list(uj), [period.ns / SQRT12] * len(t))
    predictor = _Predictor(_located(t, moved, period.ns), period)
    knots = Knots([], [], [])
    firsts = [0, *moved]
    for number, first in enumerate(firsts):
        last = (firsts[number + 1] if number + 1 < len(firsts) else len(t)) - 1
        low = t[first] - period.ns
        if first:
            low = max(low, t[first - 1])
        still = t[last] - period.ns  # no update between this and the last reading of the same value
        if still < t[first]:
            low = max(low, still)
        _add(knots, _within(predictor, low, t[first]), uj[first])
        if t[last] - t[first] > 2 * period.ns:  # updates without energy: the value still held
            _add(knots, _within(predictor, t[last] - period.ns, t[last]), uj[first])
    return knots


def _within(predictor: _Predictor, low: float, high: int) -> tuple[float, float]:
    """The latest update in (low, high], as well as the phase and the bounds tell together."""
    width = max(0.0, high - low)
    guess = predictor.within(low, high)
    if guess is None or guess[1] > width / SQRT12:
        return (low + high) / 2, width / SQRT12
    return guess


def _add(knots: Knots, instant: tuple[float, float], uj: int) -> None:
    at = int(instant[0])
    if knots.t and at <= knots.t[-1]:
        at = knots.t[-1] + 1
    knots.t.append(at)
    knots.uj.append(uj)
    knots.sd_ns.append(instant[1])
