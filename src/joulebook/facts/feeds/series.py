"""Carbon intensity in time: points with their version, which of them holds when, and means weighted by energy.

Times are UTC seconds since 1970: a day of 23 or 25 hours is so many hours of them. Nothing here reads or writes.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from heapq import heappop, heappush
from itertools import pairwise
from math import fsum
from typing import Final, NamedTuple

MEASURED: Final = "measured"
ESTIMATED: Final = "estimated"
FORECAST: Final = "forecast"
STATES: Final = (MEASURED, ESTIMATED, FORECAST)
"""What the service says of a value: from metered generation, filled in by it, or said before the time came."""
AVERAGE: Final = "average"
MARGINAL: Final = "marginal"
LIFE_CYCLE: Final = "life cycle"
DIRECT: Final = "direct"
UNSTATED: Final = "boundary not stated"
"""Upstream emissions may be in it or not: the service does not say."""

_SECOND: Final = 1_000_000_000


class Point(NamedTuple):
    """One value, from `start` until `end`."""

    start: int
    end: int
    grams: float
    """g/kWh."""
    state: str
    fetched: int = 0
    """When we were told: of two values for one time the one told last holds."""


class Slice(NamedTuple):
    """Some of a run's energy, spread evenly over its time (UTC ns)."""

    start_ns: int
    end_ns: int
    energy: float
    """In any unit, the same for all."""


class Part(NamedTuple):
    """The part of the energy that values of one state cover."""

    state: str
    share: float
    """Of the whole energy."""
    grams: float
    """Mean in g/kWh, weighted by energy."""
    points: int
    """How many values are in it."""
    fetched: int
    """When the last of them was told."""


class Weighed(NamedTuple):
    """Energy by what is known of its intensity; the shares of `parts` and `missing` make 1."""

    parts: tuple[Part, ...]
    missing: float
    gaps: tuple[tuple[int, int], ...] = ()
    """Times (UTC s) with energy and without a value."""


def current(points: Iterable[Point]) -> list[Point]:
    """What holds when: points in order that do not overlap. The one told last wins, then the later in the list."""
    ordered = sorted(
        ((point, at) for at, point in enumerate(points) if point.end > point.start), key=lambda pair: pair[0].start
    )
    edges = sorted({edge for point, _ in ordered for edge in point[:2]})
    waiting: list[tuple[int, int, Point]] = []
    found: list[Point] = []
    of: list[int] = []
    at = 0
    for now, then in pairwise(edges):
        while at < len(ordered) and ordered[at][0].start <= now:
            point, place = ordered[at]
            heappush(waiting, (-point.fetched, -place, point))
            at += 1
        while waiting and waiting[0][2].end <= now:
            heappop(waiting)
        if not waiting:
            continue
        _, place, point = waiting[0]
        if of and of[-1] == place and found[-1].end == now:
            found[-1] = found[-1]._replace(end=then)
        else:
            found.append(point._replace(start=now, end=then))
            of.append(place)
    return found


def weigh(points: Sequence[Point], energy: Iterable[Slice]) -> Weighed:
    """The energy by the state of the intensity that holds while it is used; `points` are those of `current`."""
    starts = [point.start * _SECOND for point in points]
    used: dict[str, list[tuple[float, Point]]] = {}
    missing: list[float] = []
    whole: list[float] = []
    gaps: list[tuple[int, int]] = []
    for start, end, amount in energy:
        if end <= start or amount <= 0:
            continue
        whole.append(amount)
        covered = 0
        position = start
        at = max(bisect_right(starts, start) - 1, 0)
        while at < len(points) and starts[at] < end:
            left, right = max(starts[at], start), min(points[at].end * _SECOND, end)
            if right > left:
                used.setdefault(points[at].state, []).append((amount * (right - left) / (end - start), points[at]))
                covered += right - left
                if left > position:
                    gaps.append((position, left))
                position = right
            at += 1
        if position < end:
            gaps.append((position, end))
        missing.append(amount * (end - start - covered) / (end - start))
    total = fsum(whole)
    if total <= 0:
        return Weighed((), 1.0, ())
    parts = tuple(_part(state, used[state], total) for state in STATES if state in used)
    return Weighed(parts, fsum(missing) / total, _joined(gaps))


def _part(state: str, used: Sequence[tuple[float, Point]], total: float) -> Part:
    weight = fsum(amount for amount, _ in used)
    mean = fsum(amount * point.grams for amount, point in used) / weight
    lowest, highest = min(point.grams for _, point in used), max(point.grams for _, point in used)
    distinct = {point.start for _, point in used}
    last = max(point.fetched for _, point in used)
    return Part(state, weight / total, min(max(mean, lowest), highest), len(distinct), last)


def _joined(gaps: Iterable[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """Gaps in UTC seconds; those that touch or overlap are one."""
    found: list[tuple[int, int]] = []
    for start, end in sorted(gaps):
        if found and start <= found[-1][1]:
            found[-1] = found[-1][0], max(found[-1][1], end)
        else:
            found.append((start, end))
    return tuple((start // _SECOND, -(-end // _SECOND)) for start, end in found)
