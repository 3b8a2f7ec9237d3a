"""Power over time in fewer, wider bins; no peak is lost."""

from __future__ import annotations

from joulebook.meter.series import History, PowerSeries


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
