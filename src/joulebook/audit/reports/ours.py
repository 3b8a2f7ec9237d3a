"""Statements of joulebook as reports: its JSON, and the rows of its CSV."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from joulebook.audit.reports.fields import device_word
from joulebook.audit.reports.report import HOST, ONE_REQUEST, Report, number, reported
from joulebook.errors import ExchangeError
from joulebook.quantity import Quantity, total

STATEMENT: Final = "joulebook.statement/1"
_TOTALS: Final = ("duration", "it_energy", "energy", "carbon", "carbon_market", "carbon_embodied", "water", "cost")
_COLUMNS: Final = {
    "duration_h": ("duration", "h"),
    "it_energy_kWh": ("it_energy", "kWh"),
    "energy_kWh": ("energy", "kWh"),
    "carbon_kgCO2e": ("carbon", "kgCO2e"),
    "carbon_market_kgCO2e": ("carbon_market", "kgCO2e"),
    "carbon_embodied_kgCO2e": ("carbon_embodied", "kgCO2e"),
    "water_L": ("water", "L"),
}
_RUN: Final = 6
"""Characters of an id that are shown."""


def statement_report(name: str, document: Mapping[str, Any]) -> Report:
    """The report that a statement of joulebook is, from its JSON."""
    figures: dict[str, Quantity | None] = {
        key: Quantity.from_dict(document[key], f"{name} {key}", key)
        for key in _TOTALS
        if isinstance(document.get(key), dict)
    }
    if figures.get("energy") is None:
        raise KeyError("energy")
    lines = [
        line
        for line in document.get("lines", ())
        if line.get("kind") == "it_energy" and not line.get("span") and line["quantity"]["value"] > 0
    ]
    kinds = dict.fromkeys(map(_kind, lines))
    parts = {
        kind: total(
            [Quantity.from_dict(line["quantity"], f"{name} {line['device']}") for line in lines if _kind(line) == kind],
            "J",
            kind,
        )
        for kind in kinds
    }
    label = _label(str(document.get("name", "")), str(document.get("run", ""))) or name
    return Report(label, "joulebook", figures, parts, frozenset(kinds), _overhead(figures), span=_span(document))


def chosen_statement(place: str, documents: Sequence[Mapping[str, Any]], chosen: str) -> Report:
    """The report of the one that was chosen of several statements. Raises `ExchangeError` where it is not one."""
    found = [
        one
        for one in documents
        if not chosen or str(one.get("run", "")).startswith(chosen) or str(one.get("name", "")) == chosen
    ]
    if len(found) != 1:
        listed = ", ".join(str(one.get("run", ""))[:_RUN] for one in documents)
        raise ExchangeError(f"{place}: expected one run; say which, {place}#RUN: {listed}")
    try:
        return statement_report(place, found[0])
    except (KeyError, TypeError, ValueError) as error:
        raise ExchangeError(f"{place}: expected {STATEMENT}: {error!r}") from error


def own_row(place: str, row: Mapping[str, str]) -> Report:
    """The report that a row of our CSV is: totals with their intervals, without the parts."""
    figures: dict[str, Quantity | None] = {}
    for column, (name, symbol) in _COLUMNS.items():
        value, low, high = (number(row.get(f"{column}{end}")) for end in ("", "_low", "_high"))
        if value is not None:
            ends = None if low is None or high is None else (low, high)
            figures[name] = reported(place, name, value, symbol, ends)
    label = _label(str(row.get("name", "")), str(row.get("run", ""))) or place
    return Report(label, "joulebook", figures, overhead=_overhead(figures))


def _kind(line: Mapping[str, Any]) -> str:
    """Of what device a line is; estimates have processors and memory in one."""
    kind, device = device_word(str(line.get("device_kind", ""))), str(line.get("device", ""))
    return HOST if kind == "cpu" and (device == "host" or "memory" in device) else kind


def _label(name: str, run: str) -> str:
    return f"{name} {run if run == 'estimated' else run[:_RUN]}".strip()


def _overhead(figures: Mapping[str, Quantity | None]) -> float | None:
    """The PUE within the energy, which is energy over that of the machines."""
    it_energy, energy = figures.get("it_energy"), figures.get("energy")
    if it_energy is None or energy is None or not it_energy.value:
        return None if it_energy is None else 1.0
    return energy.to("J").value / it_energy.to("J").value


def _span(document: Mapping[str, Any]) -> str:
    """Of how many requests it is, where it is an estimate of serving."""
    each = (document.get("rates") or {}).get("energy_per_request")
    if not isinstance(each, dict) or not each.get("value"):
        return ""
    whole = Quantity.from_dict(document["energy"], "energy").to("J").value
    count = round(whole / Quantity.from_dict(each, "each").to("J").value)
    return ONE_REQUEST if count == 1 else f"{count} requests"
