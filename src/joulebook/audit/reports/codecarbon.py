"""`emissions.csv` of CodeCarbon: columns are found by name, in whatever release."""

from __future__ import annotations

from collections.abc import Mapping

from joulebook.audit.reports.report import Report, number, reported
from joulebook.quantity import Quantity

COLUMNS = frozenset({"emissions", "energy_consumed"})
_TOTALS = (
    ("duration", "duration", "s"),
    ("energy", "energy_consumed", "kWh"),
    ("carbon", "emissions", "kgCO2e"),
    ("water", "water_consumed", "L"),
)


def codecarbon(place: str, row: Mapping[str, str]) -> Report:
    """The report that a row is. Energy has the PUE of the row within."""
    found = {key: number(value) for key, value in row.items() if key}
    pue = found.get("pue") or 1.0
    figures: dict[str, Quantity | None] = {}
    for name, column, symbol in _TOTALS:
        value = found.get(column)
        if value is not None and (value > 0 or column != "water_consumed"):
            figures[name] = reported(place, column, value, symbol)
    parts = {
        kind: reported(place, f"{kind}_energy", value / pue, "kWh")
        for kind in ("cpu", "gpu", "ram")
        if (value := found.get(f"{kind}_energy"))
    }
    tool = f"CodeCarbon {row.get('codecarbon_version') or ''}".strip()
    notes: tuple[str, ...] = ()
    if row.get("tracking_mode") == "process":
        notes = (f"{place}: tracking_mode is process: of memory, that of the process alone",)
    label = str(row.get("project_name") or place)
    return Report(label, tool, figures, parts, frozenset(parts), pue, notes=notes)
