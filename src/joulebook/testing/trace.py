"""Recorded readings of a real GPU, kept as JSON and replayed: what its instruments said of the same time.

Times start at 0 and no uuid is kept. `scripts/check_gpu.py --trace FILE` writes such a file.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import mean, stdev
from typing import Final, NamedTuple

from joulebook.meter.curve import Curve
from joulebook.meter.integrate import integrate
from joulebook.meter.phase import Period
from joulebook.meter.timeline import Timeline
from joulebook.sensors.base import Channel

FORMAT: Final = 1
_COLUMNS: Final = ("ns", "counter mJ", "instant mW", "1 s average mW")
_CHANNEL: Final = Channel("gpu", "gpu", "gpu")


class Row(NamedTuple):
    """One look at a GPU at a random instant; None where it has no such instrument."""

    t_ns: int
    counter_mj: int | None
    instant_mw: int | None
    average_mw: int | None


class Trace(NamedTuple):
    """The readings of one GPU, by kind of load."""

    gpu: str
    driver: str
    fake: bool
    loads: dict[str, list[Row]]


class Agreement(NamedTuple):
    """Mean powers over the same time in W, as different instruments tell them; None where there is none."""

    counter: float | None
    instant: float | None
    instant_se: float
    """Standard error of the mean of the random instants."""
    average: float | None
    period: Period
    """Of the updates of the counter, as joulebook finds it in these readings."""


def agreement(rows: Sequence[Row]) -> Agreement:
    """What the instruments say of the time from the first to the last row."""
    counted = [(row.t_ns, row.counter_mj * 1_000) for row in rows if row.counter_mj is not None]
    counter, period = None, Period(0.0, 0.0)
    if len(counted) > 1:
        track = integrate(_CHANNEL, counted)
        start, end = counted[0][0], counted[-1][0]
        counter = Timeline([track]).energy(start, end) / (end - start) * 1e3
        period = Curve(track).period
    instants = [row.instant_mw / 1e3 for row in rows if row.instant_mw is not None]
    averages = [row.average_mw / 1e3 for row in rows if row.average_mw is not None]
    error = stdev(instants) / len(instants) ** 0.5 if len(instants) > 1 else 0.0
    return Agreement(counter, mean(instants) if instants else None, error, mean(averages) if averages else None, period)


def write_trace(path: Path, trace: Trace) -> None:
    """Write a trace; times and the counter start at 0."""
    loads: Mapping[str, list[list[int | None]]] = {kind: _from_zero(rows) for kind, rows in trace.loads.items()}
    head = {"format": FORMAT, "gpu": trace.gpu, "driver": trace.driver, "fake": trace.fake, "columns": _COLUMNS}
    path.write_text(json.dumps({**head, "loads": loads}, separators=(",", ":")) + "\n", encoding="utf-8")


def _from_zero(rows: Sequence[Row]) -> list[list[int | None]]:
    origin, base = rows[0].t_ns, rows[0].counter_mj or 0
    return [[r.t_ns - origin, None if r.counter_mj is None else r.counter_mj - base, *r[2:]] for r in rows]


def read_trace(path: Path) -> Trace:
    """The trace in a file; raises ValueError when it is of another format."""
    plain = json.loads(path.read_text(encoding="utf-8"))
    if plain["format"] != FORMAT:
        raise ValueError(f"{path.name}: format {plain['format']}, not {FORMAT}")
    loads = {kind: [Row(*row) for row in rows] for kind, rows in plain["loads"].items()}
    return Trace(plain["gpu"], plain["driver"], plain["fake"], loads)
