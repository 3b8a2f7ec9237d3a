"""Statements as CSV: one row for each run, or one for each line. Numbers round-trip; unknown is an empty cell.

Names that a spreadsheet would take for a formula are quoted with an apostrophe, unless that is turned off.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from joulebook.account.terms import TOTALS, Statement

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What a cell with a formula begins with; the last four are the wide forms of the first four."""
_ABOUT: Final = ("run", "name", "status", "exit", "started", "region", "site", "edition")
_UNITS: Final = {"duration": "h", "device_hours": "", "water": "L", "carbon": "kgCO2e", "cost": ""}
_LISTS: Final = ("not_included", "warnings", "degraded")


def rows(statements: Sequence[Statement], *, guard: bool = True) -> str:
    """One row for each run: its totals with interval and basis, units in the names of the columns."""
    return written([_row(statement.as_dict()) for statement in statements], guard=guard)


def lines(statements: Sequence[Statement], *, guard: bool = True) -> str:
    """One row for each line of each statement: span, device, kind, value, interval, unit and basis."""
    found = []
    for statement in statements:
        for line in statement.lines:
            plain = line.as_dict()
            quantity = plain.pop("quantity")
            assert isinstance(quantity, dict)  # noqa: S101 - a line has one
            found.append({"run": statement.run, "name": statement.name, **plain, **quantity})
    columns = ("run", "name", "span", "device", "kind", "value", "low", "high", "unit", "basis", "energy_uj")
    return written(found, (*columns, "device_kind", "method", "coverage"), guard=guard)


def _row(plain: Mapping[str, Any]) -> dict[str, object]:
    row: dict[str, object] = {name: plain[name] for name in _ABOUT}
    for name in TOTALS:
        quantity = plain[name]
        column = name if name == "device_hours" else f"{name}_{_unit(name, quantity)}"
        if name.startswith("cost") and quantity is None:
            continue  # each has a column for each currency there is
        row[column] = quantity["value"] if quantity else None
        row[f"{column}_low"] = quantity["low"] if quantity else None
        row[f"{column}_high"] = quantity["high"] if quantity else None
        row[f"{name}_basis"] = quantity["basis"] if quantity else None
    for basis in ("measured", "reported", "modelled", "assumed"):
        row[f"share_{basis}"] = plain["shares"][basis] if plain["shares"] is not None else None
    row["shared_with"] = plain["shared_with"]
    row.update((name, "; ".join(plain[name])) for name in _LISTS)
    return row


def _unit(name: str, quantity: Mapping[str, Any] | None) -> str:
    """The unit of a total, also where its value is unknown: the columns are the same for every run."""
    if quantity is not None:
        return str(quantity["unit"])
    if name.startswith("carbon"):
        return _UNITS["carbon"]
    return _UNITS.get(name, "kWh")


def written(found: Sequence[Mapping[str, object]], columns: Iterable[str] = (), *, guard: bool) -> str:
    """The rows as CSV, their columns in the order in which they first appear unless `columns` says it."""
    names = list(columns) or list(dict.fromkeys(name for row in found for name in row)) or list(_ABOUT)
    stream = io.StringIO()
    writer = csv.writer(stream)  # RFC 4180: its line ends make it quote every character that ends a line for someone
    writer.writerow(names)
    for row in found:
        writer.writerow([_cell(row.get(name), guard=guard) for name in names])
    return stream.getvalue()


def _cell(value: object, *, guard: bool) -> str:
    """Numbers with every digit that they have; texts made harmless."""
    if value is None:
        return ""
    if isinstance(value, str):
        return f"'{value}" if guard and value.lstrip(" ").startswith(_FORMULA) else value
    return repr(value)
