"""Counters of joules as Prometheus has them (Kepler): a page of an exporter, or an answer of its API.

A range query says how much was used between its first and its last value. One look at a counter says only what was used
since an instant that it does not state.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any, Final, NamedTuple

from joulebook.audit.reports.report import COUNTERS, Report, number, reported
from joulebook.errors import ExchangeError
from joulebook.quantity import Quantity, total

_LINE: Final = re.compile(r"^([a-z_][\w:]*_joules_total)(?:\{(.*)\})?\s+(\S+)(?:\s+\d+)?\s*$", re.MULTILINE)
_LABEL: Final = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')
_ZONES: Final = {"package": "cpu", "pkg": "cpu", "dram": "ram", "gpu": "gpu", "accelerator": "gpu"}
_WHOLE: Final = ("platform", "psys", "other")
_LEVELS: Final = ("node", "vm", "pod", "container", "process")
_PARTIAL: Final = ("active", "idle")
"""Shares of a counter that stands beside them: never added to it."""


class Series(NamedTuple):
    """One counter: its name, its labels, what it grew by in J, and in how many seconds; None for one value."""

    name: str
    labels: Mapping[str, str]
    joules: float
    seconds: float | None


def is_page(text: str) -> bool:
    """Whether a text is a page of an exporter that has counters of joules."""
    return _LINE.search(text) is not None


def page(place: str, text: str, chosen: str) -> Report:
    """The report of an exporter's page, looked at once."""
    found = [
        Series(name, dict(_LABEL.findall(labels or "")), value, None)
        for name, labels, words in _LINE.findall(text)
        if (value := number(words)) is not None
    ]
    return _report(place, found, chosen)


def answer(place: str, document: Mapping[str, Any], chosen: str) -> Report:
    """The report of an answer of Prometheus: a vector is one look, a matrix a period."""
    found = list(_answered(document["data"]["result"]))
    if not found:
        raise ExchangeError(f"{place}: expected counters whose names end with _joules_total; found none")
    return _report(place, found, chosen)


def _answered(results: list[Mapping[str, Any]]) -> Iterator[Series]:
    for one in results:
        labels = dict(one.get("metric") or {})
        name = str(labels.pop("__name__", ""))
        if not name.endswith("_joules_total"):
            continue
        values = [(number(at), number(value)) for at, value in one.get("values") or [one.get("value") or (0, None)]]
        known = [(at, value) for at, value in values if at is not None and value is not None]
        if len(known) > 1:
            rises = sum(max(after[1] - before[1], 0.0) for before, after in pairwise(known))
            yield Series(name, labels, rises, known[-1][0] - known[0][0])
        elif known:
            yield Series(name, labels, known[0][1], None)


def _report(place: str, series: list[Series], chosen: str) -> Report:
    """The sum over the zones of the highest level that there is: zones within others are not added."""
    if chosen:
        series = [one for one in series if any(value.startswith(chosen) for value in one.labels.values())]
    level = next((word for word in _LEVELS if any(f"_{word}_" in one.name for one in series)), "")
    own = [one for one in series if f"_{level}_" in one.name and not any(f"_{word}_" in one.name for word in _PARTIAL)]
    kinds: dict[str, float] = {}
    whole = 0.0
    for one in own:
        words = [one.labels.get("zone", ""), *one.name.split("_")]
        if any(word in _WHOLE for word in words):
            whole += one.joules
        elif kind := next((_ZONES[word] for word in words if word in _ZONES), ""):
            kinds[kind] = kinds.get(kind, 0.0) + one.joules
        elif one.name.endswith(f"_{level}_joules_total"):
            whole += one.joules
    parts = {kind: reported(place, f"counters of {kind}", value, "J") for kind, value in kinds.items()}
    if not parts and not whole:
        raise ExchangeError(f"{place}: expected counters of a package, of dram or of a whole; found none")
    figures: dict[str, Quantity | None] = {
        "energy": total(parts.values(), "J", "energy") if parts else reported(place, "counters", whole, "J")
    }
    spans = {one.seconds for one in own}
    span = COUNTERS if None in spans else ""
    if not span:
        figures["duration"] = reported(place, "range", max(one for one in spans if one is not None), "s")
    note = f"{place}: counters of the {level or 'machine'}{f' {chosen}' if chosen else ''}"
    tool = "Kepler" if own[0].name.startswith("kepler_") else "Prometheus"
    return Report(place, tool, figures, parts, frozenset(parts), 1.0, notes=(note,), span=span)
