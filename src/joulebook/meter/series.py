"""Power over time in bins, for people to look at: lowest, mean and highest power of each channel, and the stages.

A bin never hides a peak: its ends are those of the readings inside it.
"""

from __future__ import annotations

from typing import NamedTuple


class PowerSeries(NamedTuple):
    """Power of one channel in equal bins; None where nothing is known."""

    device: str
    channel: str
    kind: str
    """Device class: cpu, dram, gpu, ram, board, other."""
    basis: str
    within: str
    """Device whose power already contains this one: shown, never added."""
    start_ns: int
    """UTC."""
    step_ns: int
    low_w: tuple[float | None, ...]
    mean_w: tuple[float | None, ...]
    high_w: tuple[float | None, ...]


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
