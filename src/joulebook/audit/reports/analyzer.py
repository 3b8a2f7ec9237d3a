"""Logs of a power analyser as MLPerf Power has them (SPEC PTDaemon): a line a second, watts at the plug."""

from __future__ import annotations

import re
from datetime import datetime
from itertools import pairwise
from typing import Final

from joulebook.audit.reports.report import Report, reported
from joulebook.errors import ExchangeError

_LINE: Final = re.compile(r"^Time,(\d\d-\d\d-\d{4} \d\d:\d\d:\d\d(?:\.\d+)?),Watts,([\d.]+)", re.MULTILINE)
_CLOCKS: Final = ("%m-%d-%Y %H:%M:%S.%f", "%m-%d-%Y %H:%M:%S")


def is_log(text: str) -> bool:
    """Whether a text is such a log."""
    return _LINE.search(text) is not None


def analyzer(place: str, text: str) -> Report:
    """Energy between the first and the last line (trapezoids), and their distance in time."""
    seen = [(_instant(clock), float(watts)) for clock, watts in _LINE.findall(text)]
    if len(seen) < 2:
        raise ExchangeError(f"{place}: expected two lines of a power analyser at least")
    joules = sum((before[1] + after[1]) / 2 * (after[0] - before[0]) for before, after in pairwise(seen))
    figures = {
        "duration": reported(place, "Time", seen[-1][0] - seen[0][0], "s"),
        "energy": reported(place, "Watts", joules, "J"),
    }
    return Report(place, "power analyser", figures, {}, frozenset({"whole system at the plug"}), 1.0)


def _instant(clock: str) -> float:
    """Seconds of a day and a time, whatever the zone: only distances are used."""
    pattern = _CLOCKS[0] if "." in clock else _CLOCKS[1]
    return (datetime.strptime(clock, pattern) - datetime(2000, 1, 1)).total_seconds()  # noqa: DTZ001, DTZ007
