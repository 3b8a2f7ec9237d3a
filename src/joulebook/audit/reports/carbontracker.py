"""Logs of carbontracker: `..._output.log` has totals, `..._carbontracker.log` the PUE and the power of every epoch.

Names of both begin alike; where the other lies beside the one that was named, it is read too. Lines and their wording
are those of the releases since 1.0 (github.com/saintslab/carbontracker, loggerutil.py and tracker.py).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from math import isclose
from pathlib import Path
from typing import Final

from joulebook.audit.reports.fields import device_word
from joulebook.audit.reports.report import Report, reported
from joulebook.quantity import Quantity, total

_BLOCK: Final = re.compile(
    r"(Actual|Predicted) consumption(?: for (\d+) epoch\(s\))?:\s*Time:\s*(\S+)\s*Energy:\s*([\d.]+) kWh"
    r"(?:\s*CO2eq:\s*([\d.]+) g)?"
)
_COMPONENTS: Final = re.compile(r"(GPU|CPU|RAM|DRAM) with device")
_OVERHEAD: Final = re.compile(r"PUE\s+coefficient of ([\d.]+)")
_EPOCH: Final = re.compile(r"Epoch \d+:\s*\n.*?Duration: (\S+)((?:\s*\n.*?Average power usage \(W\) for \w+: .*)+)")
_POWER: Final = re.compile(r"for (\w+): \[?([\d.\s,]+)")
_ENDS: Final = ("_carbontracker_output.log", "_carbontracker.log")
_SAME: Final = 0.02
"""Within which the epochs of a log make its total; a log that lacks some does not say what its parts are."""
_SIZES: Final = (1, 60, 3600, 86_400)


def is_log(text: str) -> bool:
    """Whether a text is such a log."""
    return _BLOCK.search(text) is not None or (_OVERHEAD.search(text) is not None and _EPOCH.search(text) is not None)


def with_other(place: Path, text: str) -> str:
    """The log, and the other one of the same run where it lies beside it."""
    for end, other in (_ENDS, _ENDS[::-1]):
        beside = place.with_name(f"{place.name.removesuffix(end)}{other}")
        if place.name.endswith(end) and beside.is_file():
            return f"{text}\n{beside.read_text(encoding='utf-8', errors='replace')}"
    return text


def carbontracker(place: str, text: str) -> Report:
    """The last block of what was consumed; of what was predicted where nothing was; else the sum of the epochs."""
    parts, seconds = _epochs(place, text)
    stated = _OVERHEAD.search(text)
    overhead = float(stated[1].rstrip(".")) if stated is not None else None
    figures: dict[str, Quantity | None] = {}
    notes = []
    blocks = list(_BLOCK.finditer(text))
    if blocks:
        word, epochs, clock, energy, grams = ([one for one in blocks if one[1] == "Actual"] or blocks)[-1].groups()
        figures["energy"] = reported(place, "Energy", float(energy), "kWh")
        if (told := _seconds(clock)) is not None:
            figures["duration"] = reported(place, "Time", told, "s")
        if grams:
            figures["carbon"] = reported(place, "CO2eq", float(grams), "gCO2e")
        notes.append(f"{place}: {word.lower()} consumption{f' of {epochs} epochs' if epochs else ''}")
        whole = sum(part.to("kWh").value for part in parts.values()) * (overhead or 1.0)
        parts = parts if word == "Actual" and isclose(whole, float(energy), rel_tol=_SAME) else {}
    elif parts:
        figures["energy"] = total(parts.values(), "kWh", "energy") * (overhead or 1.0)
        figures["duration"] = reported(place, "Duration", seconds, "s")
    if overhead is None:
        notes.append(
            f"{place}: its energy has the PUE of its release within (1.55 to 1.67), which this file does not state: "
            "..._carbontracker.log beside it does"
        )
    counted = frozenset(parts) or frozenset(device_word(found.lower()) for found in _COMPONENTS.findall(text))
    return Report(place, "carbontracker", figures, parts, counted, overhead, notes=tuple(notes))


def _epochs(place: str, text: str) -> tuple[Mapping[str, Quantity], float]:
    """Energy of each kind of device, mean power times duration of every epoch, and the seconds of all."""
    joules: dict[str, float] = {}
    whole = 0.0
    for epoch in _EPOCH.finditer(text):
        seconds = _seconds(epoch[1]) or 0.0
        whole += seconds
        for kind, powers in _POWER.findall(epoch[2]):
            watts = sum(float(word) for word in re.split(r"[\s,]+", powers.strip()) if word)
            word = device_word(kind.lower())
            joules[word] = joules.get(word, 0.0) + watts * seconds
    return {kind: reported(place, f"{kind} power x duration", value, "J") for kind, value in joules.items()}, whole


def _seconds(clock: str) -> float | None:
    """Seconds of "1:02:03", also with days before it."""
    try:
        parts = [float(part) for part in clock.split(":")]
    except ValueError:
        return None
    return sum(part * size for part, size in zip(reversed(parts), _SIZES, strict=False))
