"""Power over time by device, and in fewer, wider bins; no peak is lost."""

from __future__ import annotations

from collections.abc import Sequence

from joulebook.meter.series import History, PowerSeries
from joulebook.quantity import Basis


def rebinned(series: PowerSeries, most: int) -> PowerSeries:
    """The series in at most `most` bins: lowest of the lowest, mean of the known, highest of the highest."""
    bins = len(series.mean_w)
    size = -(-bins // max(most, 1))
    if size <= 1:
        return series
    low, mean, high = [], [], []
    for first in range(0, bins, size):
        known = slice(first, first + size)
        lows, means, highs = (
            [value for value in column[known] if value is not None]
            for column in (series.low_w, series.mean_w, series.high_w)
        )
        low.append(min(lows, default=None))
        mean.append(sum(means) / len(means) if means else None)
        high.append(max(highs, default=None))
    return series._replace(step_ns=series.step_ns * size, low_w=tuple(low), mean_w=tuple(mean), high_w=tuple(high))


def coarsened(history: History, most: int) -> History:
    """The history with at most that many bins for each device."""
    return history._replace(series=tuple(rebinned(series, most) for series in history.series))


def by_device(history: History) -> list[PowerSeries]:
    """One series for each device: its channels (a model's idle and active power) are added.

    The lowest sum is that of the lowest powers, the highest that of the highest, as if they had met.
    """
    groups: dict[tuple[object, ...], list[PowerSeries]] = {}
    for series in history.series:
        same = (series.device, series.within, series.start_ns, series.step_ns, len(series.mean_w))
        groups.setdefault(same, []).append(series)
    return [_added(group) for group in groups.values()]


def together(history: History) -> PowerSeries | None:
    """The power of all devices, without those that are part of another one; None where there is none.

    Series in bins of another size (a device that was recorded elsewhere) are left out.
    """
    whole = [series for series in by_device(history) if not series.within]
    if not whole:
        return None
    first = whole[0]
    same = [
        series
        for series in whole
        if (series.start_ns, series.step_ns, len(series.mean_w)) == (first.start_ns, first.step_ns, len(first.mean_w))
    ]
    return _added(same)


def _added(group: Sequence[PowerSeries]) -> PowerSeries:
    if len(group) == 1:
        return group[0]
    columns = (
        [series.low_w for series in group],
        [series.mean_w for series in group],
        [series.high_w for series in group],
    )
    low, mean, high = (
        tuple(
            None if None in parts else sum(part for part in parts if part is not None)
            for parts in zip(*each, strict=True)
        )
        for each in columns
    )
    basis = str(min(Basis.parse(series.basis) for series in group))
    return group[0]._replace(channel="", basis=basis, low_w=low, mean_w=mean, high_w=high)
