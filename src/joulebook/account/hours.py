"""In which hours a run used its energy, for prices and contracts that depend on them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, tzinfo
from math import fsum
from typing import Final

from joulebook.account.bought import HOURS
from joulebook.account.terms import Context
from joulebook.facts.feeds.series import Slice

QUARTER_NS: Final = 900 * 10**9
"""Every time zone differs from UTC by whole quarters of an hour."""
_MOST: Final = 200_000
"""Quarters that are looked at one by one: five years."""


def by_hour_of_day(context: Context) -> dict[int, float]:
    """Shares of the energy by hour of the day in UTC; they sum to 1."""
    found: dict[int, float] = {}
    for hour, share in by_hour_of_week(context, UTC).items():
        found[hour % HOURS] = found.get(hour % HOURS, 0.0) + share
    return found


def by_hour_of_week(context: Context, zone: tzinfo) -> dict[int, float]:
    """Shares of the energy by hour of the week in local time, 0 being that from Monday midnight; they sum to 1."""
    weights: dict[int, list[float]] = {}
    for start_ns, weight in _quarters(_used(context) or _evenly(context)):
        local = datetime.fromtimestamp(start_ns // 10**9, zone)
        weights.setdefault(local.weekday() * HOURS + local.hour, []).append(weight)
    whole = fsum(weight for some in weights.values() for weight in some)
    return {hour: fsum(some) / whole for hour, some in sorted(weights.items())}


def _used(context: Context) -> tuple[Slice, ...]:
    """The slices of the run in which any energy was used."""
    return tuple(one for one in context.bought.use if one.energy > 0)


def _evenly(context: Context) -> tuple[Slice, ...]:
    """The whole run in one; a run without a time of its own stands for all hours of its day."""
    seconds = context.duration.to("s").value if context.duration is not None else 0.0
    text = context.started or f"{context.on}T00:00:00Z"
    start = datetime.fromisoformat(text)
    if not context.started:
        seconds = timedelta(days=1).total_seconds()
    begin = round(start.timestamp()) * 10**9
    return (Slice(begin, begin + max(int(seconds * 1e9), 1), 1.0),)


def _quarters(use: tuple[Slice, ...]) -> Iterator[tuple[int, float]]:
    """Instants and the weight of the energy used around them, in pieces that lie within a quarter of an hour."""
    for one in use:
        length = max(one.end_ns - one.start_ns, 1)
        at = one.start_ns
        step = QUARTER_NS * max(1, -(-length // (QUARTER_NS * _MOST)))
        while at < one.start_ns + length:
            end = min((at // step + 1) * step, one.start_ns + length)
            yield at, one.energy * (end - at) / length
            at = end


def zone_of(name: str) -> tzinfo:
    """The time zone of that name; raises `ValueError`, `KeyError` or `OSError` where there is none."""
    if name == "UTC":
        return UTC
    from zoneinfo import ZoneInfo  # for tariffs alone

    return ZoneInfo(name)
