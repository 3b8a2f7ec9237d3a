"""A calibration against a wall meter in words: what was aligned and found, what is in use, and how to undo it."""

from __future__ import annotations

from datetime import UTC, datetime

from joulebook.facts.machine import Choice, Triple, WallFacts
from joulebook.meter.wall.clock import Alignment
from joulebook.meter.wall.line import Calibration
from joulebook.meter.wall.log import WallLog
from joulebook.report.wording import digits, plain

_OLD_DAYS = 365
_WIDTH = 12
_GAIN = "W at the wall for one W more at the sensors"
_GUESS = "assumed, as of any power supply: the load was too even to tell"


def calibration_lines(found: Calibration, facts: WallFacts, log: WallLog) -> list[str]:
    """What a log and a run told, one finding a line."""
    windows = f"{found.windows} windows of {digits(found.window_s)} s, {digits(found.overlap_s)} s in all"
    sensors = ", ".join(sensor.partition(" (")[0] for sensor in facts.sensors)
    rows = [
        ("log", f"{plain(facts.file, 80)}, column {plain(log.column, 40)} in {log.unit} ({log.kind}), {log.rows} rows"),
        ("run", f"{facts.run[:6]}, {len(facts.sensors)} sensors: {plain(sensors, 200)}"),
        ("aligned", f"{windows}; {_clock(found.alignment)}"),
        ("gain", f"{_range(facts.gain, 4)}   {_GAIN if found.gain_known else _GUESS}"),
        ("offset", f"{_range(facts.offset)} W   at the wall where the sensors would show nothing"),
        ("missing", f"{_range(facts.excess)} W   at the mean of {digits(found.at_w)} W that the sensors showed"),
        ("residual", f"{digits(found.residual_w, 2)} W in one window"),
        ("meter", f"taken to be right within ±{digits(100 * (facts.accuracy[2] - 1), 2)} % (--accuracy)"),
    ]
    rows += [("note", plain(note, 400)) for note in (*log.notes, *found.notes)]
    return [f"{label:<{_WIDTH}} {text}" for label, text in rows]


def _clock(alignment: Alignment) -> str:
    if not alignment.known:
        return "the clocks are taken as they are"
    half = max(alignment.high_s - alignment.offset_s, alignment.offset_s - alignment.low_s)
    margin = f" ±{digits(half, 2)}" if half else ""
    return f"{alignment.offset_s:+.2f} s{margin} added to the meter's times"


def _range(triple: Triple, count: int = 3) -> str:
    value, low, high = (digits(number, count) for number in triple)
    return f"{value} ({low} to {high})"


def summary_of(facts: WallFacts) -> str:
    """A calibration on one line."""
    known = "" if facts.gain_known else " (assumed)"
    return (
        f"{facts.made[:10]} against {plain(facts.file, 60)}: gain {_range(facts.gain, 4)}{known}, "
        f"offset {_range(facts.offset)} W"
    )


def calibration_state(choice: Choice, now: datetime | None = None) -> str:
    """Which calibration holds here, and how old it is; or that there is none and why."""
    if choice.facts is None:
        return (
            f"not used     {plain(choice.reason, 400)}"
            if choice.reason
            else "none         -> joulebook calibrate --meter FILE"
        )
    made = datetime.fromisoformat(choice.facts.made)
    days = ((now or datetime.now(UTC)) - made).days
    age = "today" if days < 1 else f"{days} day{'s' if days > 1 else ''} old"
    old = "; fans and supplies age: calibrate again" if days > _OLD_DAYS else ""
    return f"in use       {summary_of(choice.facts)} ({age}{old})"
