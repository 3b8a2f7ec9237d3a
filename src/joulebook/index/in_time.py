"""When a run used its energy, for what is priced by the hour."""

from __future__ import annotations

from typing import NamedTuple

from joulebook.facts.feeds.series import Slice
from joulebook.meter.series import History
from joulebook.quantity import Quantity
from joulebook.sensors.base import SOCKET


class Use(NamedTuple):
    """When a run used its energy."""

    start_ns: int
    """UTC."""
    end_ns: int
    slices: tuple[Slice, ...]


def use_of(history: History, start_ns: int, duration: Quantity) -> Use:
    """The energy of a run in time, from its power in bins; evenly spread where no bin is known."""
    end_ns = start_ns + max(int(duration.to("s").value * 1e9), 1_000_000)
    slices = tuple(
        Slice(begins, ends, watts * (ends - begins))
        for one in history.series
        if not one.within and one.kind != SOCKET
        for at, watts in enumerate(one.mean_w)
        if watts and (begins := one.start_ns + at * one.step_ns) < (ends := min(begins + one.step_ns, end_ns))
    )
    return Use(start_ns, end_ns, slices or (Slice(start_ns, end_ns, 1.0),))
