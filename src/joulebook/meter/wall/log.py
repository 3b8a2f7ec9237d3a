"""What another meter says, as intervals with their energy; and what our sensors say, as one curve to compare it with.

A meter keeps its own resolution: each of its values is an interval, and nothing is interpolated between them.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import pairwise
from statistics import median, quantiles
from typing import Final, NamedTuple

POWER, COUNTER, ENERGY = "power", "counter", "energy"
"""Kinds of columns: watts; cumulative energy; energy of the interval that ends at the row."""
_LATE: Final = 1.5
"""A value speaks for so many periods before its time at most: what is missing before is a gap."""
_HELD_NS: Final = 60_000_000_000
"""Of a meter that writes changes only, a value holds until the next one, but not longer than this."""
_UNEVEN: Final = 5.0
_CELLS: Final = 100_000


class Metered(NamedTuple):
    """One interval of a meter, in UTC ns by the meter's clock, and the joules in it."""

    start_ns: int
    end_ns: int
    joules: float


class MeterLog(NamedTuple):
    """The intervals of a log in order of time, and what has to be said about them."""

    intervals: tuple[Metered, ...]
    period_s: float
    """Usual length of an interval."""
    notes: tuple[str, ...] = ()

    @property
    def start_ns(self) -> int:
        """Begin of the first interval."""
        return self.intervals[0].start_ns

    @property
    def end_ns(self) -> int:
        """End of the last interval."""
        return self.intervals[-1].end_ns


class WallLog(NamedTuple):
    """A log that was read: which column in which unit and kind, and everything that was noticed."""

    log: MeterLog
    column: str
    unit: str
    kind: str
    """power, counter or energy."""
    rows: int
    notes: tuple[str, ...]


def log_of(kind: str, times: Sequence[int], values: Sequence[float]) -> MeterLog:
    """The intervals of rows in rising order of time (UTC ns); `values` are in W or J. At least three rows."""
    if kind == COUNTER:
        return _log_of_counter(times, values)
    steps = [after - before for before, after in pairwise(times)]
    period = median(steps)
    tenths = quantiles(steps, n=10) if len(steps) > 1 else [period]
    if kind == POWER and tenths[-1] > _UNEVEN * tenths[0]:
        held = [
            Metered(start, end, watts * (end - start) / 1e9)
            for (start, following), watts in zip(pairwise(times), values, strict=False)
            for end in [min(following, start + _HELD_NS)]
        ]
        note = "rows come at uneven times: each value is taken to hold until the next one, for 60 s at most"
        return MeterLog(tuple(held), period / 1e9, (note,))
    limit = int(_LATE * period)
    intervals = []
    for end, before, value in zip(times, (times[0] - int(period), *times), values, strict=False):
        start = before if end - before <= limit else end - int(period)
        intervals.append(Metered(start, end, value if kind == ENERGY else value * (end - start) / 1e9))
    gaps = [step for step in steps if step > limit]
    longest = max(gaps, default=0) / 1e9
    said = f"{len(gaps)} gaps, the longest {longest:.3g} s: nothing is taken to be known in them"
    return MeterLog(tuple(intervals), period / 1e9, (said,) if gaps else ())


def _log_of_counter(times: Sequence[int], joules: Sequence[float]) -> MeterLog:
    """Between two rows at which a counter moved the energy is known, gaps or not; where it falls it began anew.

    A coarse counter is read at its ticks: the rounding is then in the time of a tick, where it is small.
    """
    intervals: list[Metered] = []
    resets, last = 0, 0
    moved = False
    for at in range(1, len(times)):
        if joules[at] == joules[last]:
            continue
        if joules[at] < joules[last]:
            resets += 1
            moved = False
        elif moved:
            intervals.append(Metered(times[last], times[at], joules[at] - joules[last]))
        else:
            moved = True
        last = at
    period = median(one.end_ns - one.start_ns for one in intervals) / 1e9 if intervals else 0.0
    said = f"the counter fell {resets} times and is taken to have begun anew there: that energy is left out"
    return MeterLog(tuple(intervals), period, (said,) if resets else ())


class Sensed:
    """Cumulative energy of all sensors of a machine in J on a regular grid of UTC ns, and where it is not known."""

    __slots__ = ("_joules", "end_ns", "gaps", "period_s", "start_ns", "step_ns")

    def __init__(
        self, start_ns: int, step_ns: int, joules: Sequence[float], gaps: Sequence[tuple[int, int]], period_s: float
    ) -> None:
        self.start_ns = start_ns
        self.step_ns = step_ns
        self.end_ns = start_ns + step_ns * (len(joules) - 1)
        self.gaps = sorted(gaps)
        self.period_s = period_s
        """Time between two updates of the slowest sensor."""
        self._joules = joules

    @staticmethod
    def step_for(length_ns: int) -> int:
        """A step of the grid that is fine for the sensors and keeps a long run small."""
        return max(50_000_000, length_ns // _CELLS)

    def at(self, t_ns: float) -> float:
        """Energy up to a time within `start_ns`..`end_ns`."""
        index, rest = divmod((t_ns - self.start_ns) / self.step_ns, 1)
        low = int(index)
        if low >= len(self._joules) - 1:
            return self._joules[-1]
        return self._joules[low] + (self._joules[low + 1] - self._joules[low]) * rest

    def knows(self, start_ns: float, end_ns: float) -> bool:
        """Whether the whole interval was seen."""
        if start_ns < self.start_ns or end_ns > self.end_ns:
            return False
        at = bisect_right(self.gaps, (end_ns, end_ns))
        return not any(gap[1] > start_ns for gap in self.gaps[max(0, at - 8) : at])


class Pair(NamedTuple):
    """One window: begin (UTC ns), seconds, mean watts of our sensors and of the meter."""

    start_ns: int
    seconds: float
    sensed_w: float
    wall_w: float


def pairs(log: MeterLog, sensed: Sensed, shift_ns: int, window_s: float = 0.0) -> list[Pair]:
    """The windows known to both, `shift_ns` added to the meter's times.

    Intervals that touch are joined until they are as long as `window_s`.
    """
    found: list[Pair] = []
    start = end = 0
    joules, least = 0.0, window_s * 1e9
    for one in within(log, sensed.start_ns - shift_ns, sensed.end_ns - shift_ns):
        begin, stop = one.start_ns + shift_ns, one.end_ns + shift_ns
        if not sensed.knows(begin, stop):
            joules, end = 0.0, 0
            continue
        if not end or begin != end:
            start, joules = begin, 0.0
        end, joules = stop, joules + one.joules
        if end - start >= least:
            seconds = (end - start) / 1e9
            found.append(Pair(start, seconds, (sensed.at(end) - sensed.at(start)) / seconds, joules / seconds))
            joules, end = 0.0, 0
    return found


def within(log: MeterLog, start_ns: float, end_ns: float) -> Sequence[Metered]:
    """The intervals that lie in a stretch of the meter's time."""
    low = bisect_left(log.intervals, start_ns, key=lambda one: one.start_ns)
    high = bisect_right(log.intervals, end_ns, key=lambda one: one.end_ns)
    return log.intervals[low:high]
