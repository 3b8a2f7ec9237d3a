"""Cumulative energy of one track as a piecewise linear curve, and how well it is known at any instant."""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate, pairwise
from math import sqrt
from typing import Final

from joulebook.meter.integrate import Track
from joulebook.meter.integrator import Gap
from joulebook.meter.phase import Knots, Period, find_period, place
from joulebook.sensors.base import COUNTER, POWER, SOCKET, Channel

_CONTEXT: Final = 16
"""Neighbouring readings on each side whose scatter tells how noisy sampling is."""
_AROUND: Final = 3.0
_AROUND_NS: Final = 500_000_000
_FLOOR: Final = 0.04
_PEAK_NS: Final = 200_000_000
_SMEAR: Final = 1.6
"""Error of an edge of an average, in windows times the standard deviation of the averages around. Wide enough where a
meter shows the mean of the last whole window (87 % of 150 simulated runs), too wide where its window slides (99 %)."""
_SMEARED: Final = 8
"""Around: within so many windows."""
_TAIL: Final = 0.75
"""Periods before the last update over which the power is taken with which the curve goes on after it."""


class Curve:
    """Energy of a track at any boot time between its first and last reading, in uJ."""

    __slots__ = (
        "_changes",
        "_counter",
        "_sd",
        "_t",
        "_tail",
        "_uj",
        "_var",
        "end_ns",
        "gaps",
        "period",
        "start_ns",
        "track",
    )

    def __init__(self, track: Track) -> None:
        self.track = track
        self.gaps: tuple[Gap, ...] = track.gaps
        self.start_ns = track.t[0] if track.t else 0
        self.end_ns = track.t[-1] if track.t else 0
        self._counter = track.channel.form == COUNTER
        self.period = _declared(track.channel) or find_period(
            track.t, track.moved, track.channel.period_ns, [gap[:2] for gap in track.gaps]
        )
        self._var: list[float] = []
        self._changes: list[float] = []
        self._tail = 0
        if self._counter:
            knots = place(track.t, track.uj, track.moved, self.period)
            self._t, self._uj, self._sd = knots = _without_stuck(knots, self.gaps)
            self._changes = _changes(knots)
            earliest = self._t[-1] - int(_TAIL * self.period.ns) if self._t else 0
            self._tail = max(0, min(bisect_right(self._t, earliest), len(self._t) - 1) - 1)
        else:
            self._t, self._uj, self._sd = list(track.t), list(track.uj), []
            self._var = _sampling_variance(track)

    def at(self, t_ns: int) -> int:
        """Energy up to `t_ns`; after the last update it goes on at the last power for one period at most."""
        t, uj = self._t, self._uj
        if not t:
            return 0
        t_ns = min(t_ns, self.end_ns)
        index = bisect_right(t, t_ns) - 1
        if index < 0:
            return uj[0]
        if index < len(t) - 1:
            return uj[index] + (uj[index + 1] - uj[index]) * (t_ns - t[index]) // (t[index + 1] - t[index])
        if index == 0:
            return uj[0]
        beyond, since = min(t_ns - t[index], int(self.period.ns)), self._tail
        return uj[index] + (uj[index] - uj[since]) * beyond // (t[index] - t[since])

    def knots(self) -> Knots:
        """The instants (boot ns, rising) between which the curve of a counter is straight, and the energy at each."""
        return Knots(self._t, self._uj, self._sd)

    def var(self, t_ns: int) -> float:
        """Variance in uJ^2 that sampling has added up to `t_ns`."""
        var, t = self._var, self._t
        if not var:
            return 0.0
        index = bisect_right(t, t_ns) - 1
        if index < 0 or index >= len(t) - 1:
            return var[0 if index < 0 else -1]
        return var[index] + (var[index + 1] - var[index]) * (t_ns - t[index]) / (t[index + 1] - t[index])

    def peak_w(self) -> float:
        """Highest mean power between readings at least 0.2 s apart."""
        best, since = 0.0, 0
        for index in range(1, len(self._t)):
            dt = self._t[index] - self._t[since]
            if dt >= _PEAK_NS:
                best = max(best, (self._uj[index] - self._uj[since]) / dt * 1000)
                since = index
        return best

    def edge_sd(self, t_ns: int) -> float:
        """Standard deviation in uJ of `at(t_ns)`: where the updates were, and what the load did between them.

        A step of the power by d at a uniformly random instant of an interval h leaves an error of
        d h x (1 - x) / sqrt(3) at the fraction x of it; d is judged by how much the power changes around.
        """
        if not self._counter:
            return _smear(self.track, t_ns)
        if len(self._t) < 2:
            return 0.0
        index = min(max(bisect_right(self._t, t_ns) - 1, 0), len(self._t) - 2)
        power, h = self._power(index), self._t[index + 1] - self._t[index]
        x = (t_ns - self._t[index]) / h
        step2 = _AROUND * self._change2(t_ns) + (_FLOOR * power) ** 2
        if x > 1:
            return self._sd_beyond(min(t_ns - self._t[-1], self.period.ns), step2)
        timing = power**2 * (((1 - x) * self._sd[index]) ** 2 + (x * self._sd[index + 1]) ** 2)
        return sqrt(timing + step2 * (h * x * (1 - x)) ** 2 / 3)

    def _sd_beyond(self, beyond_ns: float, step2: float) -> float:
        """Standard deviation of what `at` adds after the last update: its instant, the power, and a change of it."""
        since = self._tail
        span = self._t[-1] - self._t[since]
        power = (self._uj[-1] - self._uj[since]) / span
        timing = (power * self._sd[-1]) ** 2 * (1 + beyond_ns / span) ** 2
        timing += (power * self._sd[since] * beyond_ns / span) ** 2
        return sqrt(timing + step2 * beyond_ns**2)

    def _change2(self, t_ns: int) -> float:
        """Mean square of the change of power from one interval to the next around `t_ns`, in (uJ/ns)^2."""
        low = max(0, bisect_right(self._t, t_ns - _AROUND_NS) - 1)
        high = min(len(self._changes) - 1, max(bisect_right(self._t, t_ns + _AROUND_NS) - 1, low + 2))
        low = max(0, min(low, high - 2))
        return max(0.0, self._changes[high] - self._changes[low]) / (high - low) if high > low else 0.0

    def _power(self, index: int) -> float:
        """Mean power between two knots in uJ per ns."""
        return (self._uj[index + 1] - self._uj[index]) / (self._t[index + 1] - self._t[index])


def averages(channel: Channel) -> int:
    """Nanoseconds over which an outer meter averages its power; 0 for everything else."""
    return channel.period_ns if channel.kind == SOCKET and channel.form == POWER else 0


def _smear(track: Track, t_ns: int) -> float:
    """Standard deviation in uJ at an instant of a meter that averages: a change near it is not told apart."""
    window = averages(track.channel)
    if not window:
        return 0.0
    low, high = bisect_right(track.t, t_ns - _SMEARED * window), bisect_right(track.t, t_ns + _SMEARED * window)
    near = track.power_uw[low:high]
    if not near:
        return 0.0
    mean = sum(near) / len(near)
    return _SMEAR * sqrt(sum((power - mean) ** 2 for power in near) / len(near)) * window / 1e9


def _declared(channel: Channel) -> Period | None:
    """The period that was found before readings were dropped; None where it is to be found now."""
    ns, sd = channel.period_ns, channel.period_sd_ns
    return Period(float(ns), float(sd)) if type(sd) is int and 0 < sd < ns else None


def _changes(knots: Knots) -> list[float]:
    """Running sum of the squared change of power at each inner knot, less what the knots' own errors make of it."""
    spans = [after - before for before, after in pairwise(knots.t)]
    powers = [(after - before) / span for (before, after), span in zip(pairwise(knots.uj), spans, strict=True)]
    running = [0.0]
    sd, total = knots.sd_ns, 0.0
    inner = zip(pairwise(powers), pairwise(spans), zip(sd, sd[1:], sd[2:], strict=False), strict=False)
    for (before, after), (left, right), (first, middle, last) in inner:
        ahead, behind = before / left, after / right
        noise = (ahead * first) ** 2 + (behind * last) ** 2 + ((ahead + behind) * middle) ** 2
        total += (after - before) ** 2 - noise
        running.append(total)
    return running


def _without_stuck(knots: Knots, gaps: tuple[Gap, ...]) -> Knots:
    """Knots without those inside a stretch where the counter stood still and then told all at once."""
    stuck = [gap for gap in gaps if gap.reason == "stuck" and gap.bridged]
    if not stuck:
        return knots
    kept = [
        i for i, at in enumerate(knots.t) if not any(_inside(gap, at, knots.uj[i], knots.uj[i - 1]) for gap in stuck)
    ]
    return Knots([knots.t[i] for i in kept], [knots.uj[i] for i in kept], [knots.sd_ns[i] for i in kept])


def _inside(gap: Gap, at: int, uj: int, before: int) -> bool:
    return gap.start_ns < at < gap.end_ns and uj == before


def _sampling_variance(track: Track) -> list[float]:
    """Running variance of the trapezoid sum over readings at random instants, in uJ^2.

    With d the difference of neighbouring powers over an interval h: independent readings err by (h d)^2 / 2,
    rare steps at random instants by (h d)^2 / 12. Which of the two it is shows in the correlation of
    neighbouring differences: -1/2 for independent readings, 0 for rare steps. A load that turns within two
    slots gives less than -1/2, since one reading per slot then balances the next; the factor falls to 1/6
    there (benchmarks/accuracy.py).
    """
    t, power = track.t, track.power_uw
    if len(t) < 2:
        return [0.0] * len(t)
    closed = {(gap.start_ns, gap.end_ns) for gap in track.gaps}
    steps = [0.0 if pair in closed else float(b - a) for pair, a, b in zip(pairwise(t), power, power[1:], strict=False)]
    squares = [0.0, *accumulate(step * step for step in steps)]
    products = [0.0, *accumulate(a * b for a, b in pairwise(steps)), 0.0]
    products[-1] = products[-2]
    total, running = 0.0, [0.0]
    for index, step in enumerate(steps):
        low, high = max(0, index - _CONTEXT), min(len(steps), index + _CONTEXT + 1)
        around = squares[high] - squares[low]
        inner = products[max(low, high - 1)] - products[low]
        against = max(0.0, -2 * inner / around) if around > 0 else 0.0
        alike, beyond = min(1.0, 1.15 * against), max(0.0, against - 1.12)
        h = (t[index + 1] - t[index]) / 1e9
        total += (
            h * h * ((1 - alike) * step * step / 12 + alike * around / (high - low) * max(1 / 6, 1 / 2 - 1.8 * beyond))
        )
        running.append(total)
    return running
