"""How often counters of unknown period are updated, found by looking at them until they have moved."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from joulebook.meter.integrate import integrate
from joulebook.meter.phase import find_period
from joulebook.meter.poller import Poller, Wait, is_slow
from joulebook.sensors.base import Channel, Clock, Sensor


class Updates(NamedTuple):
    """How often one counter is updated, with its standard error; None where it did not move."""

    channel: str
    device: str
    every_ms: float | None
    error_ms: float | None


def update_periods(sensors: Sequence[tuple[str, Sensor]], *, clock: Clock, wait: Wait) -> list[Updates]:
    """What is found of each counter whose sensor does not tell how often it is updated.

    Looks for at most half a second; sensors that have no such counter are not read at all.
    """
    unknown = [(name, sensor) for name, sensor in sensors if any(map(_is_unknown, sensor.channels))]
    if not unknown:
        return []
    poller = Poller(unknown, clock=clock)
    poller.burst(wait, moves=2)
    poller.burst(wait)
    return [
        _found(channel, column)
        for channel, column in zip(poller.channels, poller.columns, strict=True)
        if _is_unknown(channel)
    ]


def _found(channel: Channel, column: tuple[list[int], list[object]]) -> Updates:
    track = integrate(channel, zip(*column, strict=True))
    if len(track.moved) < 2:
        return Updates(channel.name, channel.device, None, None)
    period = find_period(track.t, track.moved)
    return Updates(channel.name, channel.device, period.ns / 1e6, period.sd_ns / 1e6)


def _is_unknown(channel: Channel) -> bool:
    return is_slow(channel) and not channel.period_ns
