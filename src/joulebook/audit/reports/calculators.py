"""Rows and mappings of calculators and small trackers whose names state no unit: what each name means is known here.

Green Algorithms: the export of its web page, separated by semicolons. eco2AI: emission.csv, whose "power consumption"
is energy. Experiment Impact Tracker: `total_power` is kWh with its PUE within, `kw_hr_gpu` and `kw_hr_cpu` without.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from joulebook.audit.reports.report import Report, number, reported
from joulebook.quantity import Quantity

GREEN_ALGORITHMS: Final = frozenset({"energy_needed", "carbonEmissions"})
IMPACT_TRACKER: Final = frozenset({"total_power", "estimated_carbon_impact_kg"})
ECO2AI: Final = ("power_consumption(kWh)", "power_consumption(kWTh)")
_SHARES: Final = {"cpu": "CE_CPU", "gpu": "CE_GPU", "ram": "CE_memory"}
_NO_DEVICE: Final = ("", "0 device(s)")


def green_algorithms(place: str, row: Mapping[str, object]) -> Report:
    """Energy in kWh with the PUE within, carbon in g, hours; its parts by their share of the carbon."""
    figures = _figures(
        place,
        row,
        ("duration", "runTime", "h"),
        ("energy", "energy_needed", "kWh"),
        ("carbon", "carbonEmissions", "gCO2e"),
    )
    energy, carbon, pue = (number(row.get(name)) for name in ("energy_needed", "carbonEmissions", "PUE"))
    parts = {}
    if energy and carbon:
        parts = {
            kind: reported(place, name, energy * share / carbon / (pue or 1.0), "kWh")
            for kind, name in _SHARES.items()
            if (share := number(row.get(name)))
        }
    tool = f"Green Algorithms {row.get('appVersion') or ''}".strip()
    return Report(place, tool, figures, parts, frozenset(parts), pue)


def eco2ai(place: str, row: Mapping[str, object]) -> Report:
    """Energy of a row in kWh, carbon in kg. Processors, memory and accelerators are counted; a PUE is not stated."""
    column = next(name for name in ECO2AI if name in row)
    figures = _figures(
        place,
        row,
        ("duration", "duration(s)", "s"),
        ("energy", column, "kWh"),
        ("carbon", "CO2_emissions(kg)", "kgCO2e"),
    )
    graphic = str(row.get("GPU_name") or "").strip()
    counted = {"cpu", "ram"} | ({"gpu"} if not graphic.endswith(_NO_DEVICE[1]) and graphic != _NO_DEVICE[0] else set())
    label = str(row.get("project_name") or place)
    return Report(label, "eco2AI", figures, {}, frozenset(counted), None)


def impact_tracker(place: str, fields: Mapping[str, object]) -> Report:
    """Energy in kWh, carbon in kg, hours. The PUE is the total over its parts; processors have their memory within."""
    figures = _figures(
        place,
        fields,
        ("duration", "exp_len_hours", "h"),
        ("energy", "total_power", "kWh"),
        ("carbon", "estimated_carbon_impact_kg", "kgCO2e"),
    )
    told = {kind: number(fields.get(f"kw_hr_{kind}")) for kind in ("gpu", "cpu")}
    parts = {kind: reported(place, f"kw_hr_{kind}", value, "kWh") for kind, value in told.items() if value}
    whole, energy = sum(value for value in told.values() if value), number(fields.get("total_power"))
    stated = number(fields.get("PUE"))
    overhead = energy / whole if whole and energy and None not in told.values() else stated
    return Report(place, "Experiment Impact Tracker", figures, parts, frozenset(parts), overhead)


def _figures(place: str, row: Mapping[str, object], *columns: tuple[str, str, str]) -> dict[str, Quantity | None]:
    """Figures by their columns and the units that these have."""
    found = ((name, column, number(row.get(column)), symbol) for name, column, symbol in columns)
    return {name: reported(place, column, value, symbol) for name, column, value, symbol in found if value is not None}
