"""Impacts of EcoLogits as JSON: of one request, with a PUE that they do not state; use and hardware stand apart."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from joulebook.audit.reports.report import ONE_REQUEST, Report, number, reported
from joulebook.quantity import Quantity

_FIGURES: Final = (
    ("energy", ("energy",), {"kWh": "kWh"}),
    ("carbon", ("usage", "gwp"), {"kgCO2eq": "kgCO2e"}),
    ("carbon_embodied", ("embodied", "gwp"), {"kgCO2eq": "kgCO2e"}),
    ("water", ("wcf",), {"L": "L"}),
)


def is_impacts(document: Mapping[str, Any]) -> bool:
    """Whether a document has the impacts of an answer: energy and warming, of use and of hardware."""
    return {"energy", "gwp", "usage", "embodied"} <= document.keys() and isinstance(document["gwp"], dict)


def ecologits(place: str, document: Mapping[str, Any]) -> Report:
    """Energy, carbon of use, carbon of hardware and water of one request, with the ranges that EcoLogits gives."""
    figures = dict(_figures(place, document))
    notes = (f"{place}: its energy has the PUE of the provider within, which it does not state; carbon is that of use",)
    return Report(place, "EcoLogits", figures, {}, frozenset({"gpu", "server"}), None, notes=notes, span=ONE_REQUEST)


def _figures(place: str, document: Mapping[str, Any]) -> Iterator[tuple[str, Quantity | None]]:
    for name, path, units in _FIGURES:
        node: Any = document
        for word in path:
            node = node.get(word) if isinstance(node, dict) else None
        if not isinstance(node, dict):
            continue
        symbol, value = units.get(str(node.get("unit"))), node.get("value")
        ends = [number(value.get(end)) for end in ("min", "max")] if isinstance(value, dict) else [number(value)] * 2
        if ends[0] is None or ends[1] is None:
            continue
        middle = (ends[0] + ends[1]) / 2
        yield name, None if symbol is None else reported(place, name, middle, symbol, (ends[0], ends[1]))
