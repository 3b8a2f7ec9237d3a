"""From a recorded run to the curve that a wall meter is compared with, and from the fit to facts that are kept."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from typing import Final, NamedTuple

from joulebook.errors import CalibrationRefused
from joulebook.facts.machine import WallFacts
from joulebook.meter.claimed import Scene, boot_of
from joulebook.meter.timeline import Timeline
from joulebook.meter.wall.in_use import sensor_names
from joulebook.meter.wall.line import Calibration
from joulebook.meter.wall.log import Sensed
from joulebook.sensors.base import COUNTER

_ROUNDED: Final = 6
_STEP_NS: Final = 100_000_000
"""A wall clock that was set by more than this during the run is told."""


class Log(NamedTuple):
    """The file that a calibration was made from."""

    name: str
    sha256: str


class SensedRun(NamedTuple):
    """What the sensors of a run showed, and which ones they are."""

    sensed: Sensed
    sensors: tuple[str, ...]
    notes: tuple[str, ...]


def sensed_run(scene: Scene) -> SensedRun:
    """The curve of all sensors of the machine of a run; raises `CalibrationRefused` where there is none."""
    if len({boot_of(recording) for recording in scene.own}) > 1:
        raise CalibrationRefused.because("the run was recorded on several machines", "give a run of this one alone")
    lines = [timeline for timeline, _ in scene.claimed if not timeline.channel.within]
    if not lines:
        raise CalibrationRefused.because("the run has no readings of any sensor", "see  joulebook doctor")
    for line in lines:
        still = line.channel.form == COUNTER and line.channel.basis == "measured"
        if still and line.energy(line.start_ns, line.end_ns) == 0:
            raise CalibrationRefused.because(
                f"{line.channel.device} {line.channel.name} showed nothing in this run", "give another one"
            )
    start, end = max(line.start_ns for line in lines), min(line.end_ns for line in lines)
    step = Sensed.step_for(end - start)
    if end - start < 2 * step:
        raise CalibrationRefused.because("the run is too short", "record idle, half and full load for some minutes")
    joules = _sampled(lines, start, step, (end - start) // step + 1)
    gaps = [
        (gap.start_ns + scene.offset, gap.end_ns + scene.offset) for line in lines for gap in line.gaps_in(start, end)
    ]
    interval = max((_interval(recording.head.get("interval_s")) for recording in scene.own), default=0.0)
    period = max(interval, *(line.channel.period_ns / 1e9 for line in lines))
    sensed = Sensed(start + scene.offset, step, joules, gaps, period)
    return SensedRun(sensed, tuple(sensor_names(line.channel for line in lines)), tuple(_notes(scene)))


def _sampled(lines: Sequence[Timeline], start: int, step: int, count: int) -> list[float]:
    """Energy of all of them in J on a grid."""
    return [sum(line.at(t) for line in lines) / 1e6 for t in accumulate([step] * (count - 1), initial=start)]


def _interval(value: object) -> float:
    return float(value) if isinstance(value, int | float) and 0 < value < 3_600 else 0.0


def _notes(scene: Scene) -> list[str]:
    """Said when the machine's clock was set during the run: the meter's times are compared with those at its start."""
    steps = [
        payload["ns"] / 1e9
        for recording in scene.own
        for _, kind, payload in recording.events
        if kind == "g"
        and isinstance(payload, dict)
        and payload.get("reason") == "clock step"
        and isinstance(payload.get("ns"), int)
        and abs(payload["ns"]) > _STEP_NS
    ]
    return [
        f"this machine's clock was set by {step:+.3g} s during the run: times count from its start" for step in steps
    ]


def facts_of(
    found: Calibration, run: SensedRun, identity: tuple[str, str, str, str], log: Log, accuracy: float
) -> WallFacts:
    """The facts to keep; `identity` is id, machine, UTC and run, `accuracy` the share by which the meter may be wrong.

    Rounded to millionths, so that what is computed from the file is what was computed from the fit.
    """
    name, subject, made, run_id = identity

    def rounded(triple: Sequence[float]) -> tuple[float, float, float]:
        value, low, high = (round(number, _ROUNDED) for number in triple)
        return value, low, high

    return WallFacts(
        id=name,
        subject=subject,
        made=made,
        run=run_id,
        file=log.name,
        sha256=log.sha256,
        sensors=run.sensors,
        gain=rounded(found.gain),
        excess=rounded(found.excess),
        offset=rounded(found.offset),
        at=rounded((found.at_w, *found.loads_w)),
        accuracy=rounded((1.0, 1 - accuracy, 1 + accuracy)),
        gain_known=found.gain_known,
        windows=found.windows,
        window_s=found.window_s,
        clock_s=round(found.alignment.offset_s, 3),
        residual_w=round(found.residual_w, 3),
    )
