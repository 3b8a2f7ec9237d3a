"""The readings of an outer meter during a run, as a log to calibrate with: no file, and no other clock."""

from __future__ import annotations

from hashlib import sha256

from joulebook.errors import CalibrationRefused
from joulebook.ledger.recording import Recording, legible
from joulebook.meter.claimed import Scene
from joulebook.meter.wall.log import COUNTER, POWER, WallLog, log_of
from joulebook.meter.wall.sensed import Log
from joulebook.sensors.base import SOCKET

_FEWEST = 3


def recorded_log(scene: Scene, meter: str = "") -> tuple[WallLog, Log]:
    """The log of the outer meter of a run, and its name and checksum; `meter` names one of several.

    Of a meter's power and its counter the power is taken: it tells more in a run of minutes. An average is kept once
    for each of its windows. Raises `CalibrationRefused` where there is none, or several.
    """
    found: dict[str, tuple[Recording, int]] = {}
    for recording in scene.own:
        for at, channel in enumerate(recording.channels):
            if channel.get("kind") == SOCKET and len(recording.t[at]) >= _FEWEST:
                name = legible(str(channel.get("device")))
                if name not in found or channel.get("form") == POWER:
                    found[name] = recording, at
    chosen = {name: one for name, one in found.items() if meter in ("", name)}
    if not chosen:
        known = f" called {meter!r}; it had {', '.join(found)}" if meter and found else ""
        raise CalibrationRefused.because(
            f"the run was recorded without an outer meter{known}",
            "give the log of one with  --meter FILE , or set JOULEBOOK_METERS and record a run",
        )
    if len(chosen) > 1:
        raise CalibrationRefused.because(
            f"the run has {len(chosen)} outer meters: {', '.join(chosen)}", "choose one with  --column NAME"
        )
    name, (recording, at) = next(iter(chosen.items()))
    return _log(recording, at, scene.offset, name)


def _log(recording: Recording, at: int, offset: int, name: str) -> tuple[WallLog, Log]:
    channel = recording.channels[at]
    counter = channel.get("form") == COUNTER
    window = channel.get("period_ns")
    apart = 0 if counter or not isinstance(window, int) else window
    times: list[int] = []
    values: list[float] = []
    for t, raw in zip(recording.t[at], recording.raw[at], strict=True):
        if isinstance(raw, int) and raw >= 0 and (not times or t + offset - times[-1] >= max(apart, 1)):
            times.append(t + offset)
            values.append(raw / 1e6)
    if len(times) < _FEWEST:
        raise CalibrationRefused.because(f"{name} has {len(times)} readings in this run", "record a longer one")
    kind = COUNTER if counter else POWER
    log = log_of(kind, times, values)
    unit, column = ("J", "energy") if counter else ("W", "power")
    text = "\n".join(f"{t},{value}" for t, value in zip(times, values, strict=True))
    return WallLog(log, column, unit, kind, len(times), log.notes), Log(name, sha256(text.encode()).hexdigest())
