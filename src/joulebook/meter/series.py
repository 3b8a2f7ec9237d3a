"""Power over time in bins, for people to look at: lowest, mean and highest power of each channel, and the stages.

A bin never hides a peak: its ends are those of the readings inside it.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import pairwise
from math import hypot
from typing import Final, NamedTuple

from joulebook.entry import Span
from joulebook.meter.claimed import Claimed, Interval, Scene
from joulebook.meter.measured import known_channels
from joulebook.meter.phase import Knots
from joulebook.meter.timeline import Timeline
from joulebook.meter.visits import paths_of, visits_in
from joulebook.meter.wall.missing import Supply, supplies
from joulebook.sensors.base import COUNTER, Channel

BINS: Final = 1_000
"""About as many as a screen has pixels for."""
_SHORTEST_NS: Final = 100_000_000
_PERIODS: Final = 3
"""Updates of the slowest counter in a bin: in fewer of them the power is mostly that of not knowing when they were."""
_FEW_BINS: Final = 20
_KNOTS_NS: Final = 50_000_000
"""Between two updates of a counter that are closer than this lies noise, not power."""
_BLUR: Final = 0.2
"""How well the time between two updates has to be known for a power."""
_PATHS: Final = 64


Bins = tuple[float | None, ...]
"""Watts, one for each bin; None where nothing is known."""


class PowerSeries(NamedTuple):
    """Power of one channel in equal bins; None where nothing is known."""

    device: str
    channel: str
    kind: str
    """Device class: cpu, dram, gpu, ram, board, supply, other."""
    basis: str
    within: str
    """Device whose power already contains this one: shown, never added."""
    start_ns: int
    """UTC."""
    step_ns: int
    low_w: Bins
    mean_w: Bins
    high_w: Bins


class Band(NamedTuple):
    """One visit of a stage (or several visits too close to be told apart), in UTC ns."""

    path: str
    """Names from the top, divided by "/"."""
    depth: int
    """0 at the top."""
    start_ns: int
    end_ns: int


class History(NamedTuple):
    """What happened in a run, in time."""

    series: tuple[PowerSeries, ...] = ()
    bands: tuple[Band, ...] = ()


def history(scene: Scene, bins: int = BINS) -> History:
    """Power of each channel of a run and its stages, in at most `bins` bins.

    The power is that of this run's share, as its energy is.
    """
    start, end = scene.window
    if end <= start:
        return History()
    step = max(-(-(end - start) // bins), _SHORTEST_NS, min(_PERIODS * _slowest_ns(scene), (end - start) // _FEW_BINS))
    edges = [*range(start, end - step // 10, step), end]  # a splinter at the end is part of the last bin
    series = [_series(claimed, edges, step, scene.offset) for claimed in scene.claimed if claimed.share]
    missing, _ = supplies(scene.own, known_channels(scene), scene.window)
    return History(
        series=(*series, *(_supply(one, edges, step, scene.offset) for one in missing)),
        bands=tuple(_bands(visits_in(scene), scene.window, step, scene.offset)),
    )


def _slowest_ns(scene: Scene) -> int:
    """The longest time between two updates of a counter; 0 without one."""
    stretches = (stretch for one in scene.claimed for stretch in one.timeline.stretches())
    return int(max((curve.period.ns for _, _, curve, track in stretches if track.channel.form == COUNTER), default=0))


def _series(claimed: Claimed, edges: Sequence[int], step: int, offset: int) -> PowerSeries:
    timeline, share = claimed
    assert share is not None  # noqa: S101 - as the caller chose
    channel = timeline.channel
    times, watts = _steps(timeline)
    low: list[float | None] = []
    mean: list[float | None] = []
    high: list[float | None] = []
    unknown = [gap for gap in timeline.gaps_in(edges[0], edges[-1]) if not gap.bridged]
    for start, end in pairwise(edges):
        known = not unknown or timeline.coverage(start, end) > 0
        if not known or end <= start:
            low.append(None)
            mean.append(None)
            high.append(None)
            continue
        middle = share.energy(start, end) / (end - start) * 1_000
        seen = _within(times, watts, start, end)
        part = share.share(start, end) if seen else 1.0
        low.append(_short(min(middle, min(seen) * part) if seen else middle))
        mean.append(_short(middle))
        high.append(_short(max(middle, max(seen) * part) if seen else middle))
    return _named(channel, edges[0] + offset, step, (tuple(low), tuple(mean), tuple(high)))


def _supply(supply: Supply, edges: Sequence[int], step: int, offset: int) -> PowerSeries:
    """What the sensors missed: its mean in each bin, for no reading is its own; its peaks are theirs."""
    channel = supply.time.channel
    mean = tuple(
        _short(supply.energy(start, end) / (end - start) * 1_000)
        if end > start and all(share.coverage(start, end) > 0 for share in supply.shares)
        else None
        for start, end in pairwise(edges)
    )
    return _named(channel, edges[0] + offset, step, (mean, mean, mean))


def _named(channel: Channel, start_ns: int, step_ns: int, bins: tuple[Bins, Bins, Bins]) -> PowerSeries:
    """The lowest, mean and highest power of a channel under its names."""
    return PowerSeries(
        channel.device, channel.name, channel.kind, channel.basis, channel.within, start_ns, step_ns, *bins
    )


def _steps(timeline: Timeline) -> tuple[list[int], list[float]]:
    """Power as steps: it is `watts[i]` from `times[i]` to `times[i + 1]`; of a power channel, what was read."""
    times: list[int] = []
    watts: list[float] = []
    for start, end, curve, track in timeline.stretches():
        if track.channel.form == COUNTER:
            t, uj = _apart(curve.knots())
            found = [
                (b - a) / (then - now) * 1_000 for (now, then), (a, b) in zip(pairwise(t), pairwise(uj), strict=True)
            ]
        else:
            t, found = list(track.t), [power / 1e6 for power in track.power_uw]
        if not found:  # one update alone tells no power
            continue
        first, last = bisect_left(t, start), bisect_right(t, end)
        first = max(0, first - 1)
        times += t[first:last]
        watts += found[first:last]
        if len(watts) < len(times):  # nothing is known after a counter's last update
            watts.append(found[-1])
    return times, watts


def _apart(knots: Knots) -> tuple[list[int], list[int]]:
    """The knots without those too close to the one before: a constant load would show peaks that nobody drew."""
    kept_t, kept_uj, since = list(knots.t[:1]), list(knots.uj[:1]), knots.sd_ns[:1]
    for t, energy, sd in zip(*knots, strict=True):
        if t - kept_t[-1] >= max(_KNOTS_NS, hypot(since[0], sd) / _BLUR):
            kept_t.append(t)
            kept_uj.append(energy)
            since = [sd]
    return kept_t, kept_uj


def _within(times: Sequence[int], watts: Sequence[float], start: int, end: int) -> Sequence[float]:
    """The steps that touch a bin."""
    return watts[max(0, bisect_right(times, start) - 1) : bisect_left(times, end)]


def _short(value: float) -> float:
    """Four digits are more than a chart shows."""
    return float(f"{value:.4g}")


def _bands(visits: Sequence[Span], window: Interval, step: int, offset: int) -> list[Band]:
    """The visits by path; those of one path that are less than a bin apart become one band."""
    paths = paths_of(visits)
    by_path: dict[str, list[Interval]] = {}
    depths: dict[str, int] = {}
    parents = {visit.id: visit.parent for visit in visits}
    for visit in visits:
        start, end = max(visit.start_ns, window[0]), min(visit.end_ns, window[1])
        path = paths[visit.id]
        if end > start and (path in by_path or len(by_path) < _PATHS):
            by_path.setdefault(path, []).append((start, end))
            depths.setdefault(path, _depth(visit.id, parents))
    found = []
    for path, intervals in by_path.items():
        merged: list[Interval] = []
        for start, end in sorted(intervals):
            if merged and start - merged[-1][1] < step:
                merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
            else:
                merged.append((start, end))
        found += [Band(path, depths[path], start + offset, end + offset) for start, end in merged]
    return found


def _depth(visit: str, parents: dict[str, str]) -> int:
    """How many visits are around this one; a circle of damaged parents ends where it closes."""
    depth, seen = 0, {visit}
    above = parents.get(visit, "")
    while above in parents and above not in seen:
        seen.add(above)
        depth += 1
        above = parents[above]
    return depth
