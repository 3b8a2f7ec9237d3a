"""The Software Carbon Intensity of runs, as text and as the document `joulebook.sci/1`."""

from __future__ import annotations

from typing import Final

from tabulate import tabulate

from joulebook.account.sci import SCHEMA, SPEC, Rate, Sci
from joulebook.account.terms import Statement, in_schema_unit
from joulebook.quantity import Quantity
from joulebook.report import wording
from joulebook.report.outline import amount_and_interval
from joulebook.report.wording import Figure, plain

_NO_OFFSETS: Final = "Gross: no contract, certificate or offset enters E, I or M."


def text(found: Sci, statement: Statement) -> str:
    """Terms, total and rates of one run, each with its 90 % interval."""
    head = " ".join(part for part in (plain(statement.name), f"({plain(statement.run)[:6]})") if part)
    terms = [
        ("E", "energy of the site", _cells(found.energy.to("J"))),
        ("I", "grid, location-based", ("", "") if found.intensity is None else _rate_cells(found.intensity)),
        ("O", "operational, E x I", _cells(found.operational)),
        ("M", "embodied", _cells(found.embodied)),
        ("C", "together, O + M", _cells(found.total)),
    ]
    rows = [[sign, words, *cells] for sign, words, cells in terms]
    if found.by_work is not None:
        rows.append(["", "embodied by FLOP, as published for HGX H100 and B200; in no total", *_cells(found.by_work)])
    parts = [
        f"Software Carbon Intensity of {head}, {SPEC}",
        _table(("", "of the whole run", "amount", "90 % interval"), rows, right=2),
        _table(
            ("functional unit R", "counted", "SCI = C / R", "90 % interval", "O / R", "M / R", "E / R"),
            [_row(rate) for rate in found.rates],
            right=1,
        ),
    ]
    if found.reason:
        parts.append(f"No SCI: {plain(found.reason, 400)}.")
    parts.append(_NO_OFFSETS)
    if statement.not_included:
        parts.append(f"Not included: {plain(', '.join(statement.not_included), 400)}.")
    return "\n\n".join(parts) + "\n"


def document(found: Sci, statement: Statement) -> dict[str, object]:
    """The document of `joulebook.sci/1` (report/schema/sci-1.json)."""
    return {
        "schema": SCHEMA,
        "spec": SPEC,
        "run": statement.run,
        "name": statement.name,
        "edition": statement.edition,
        "region": statement.region,
        "site": statement.site,
        "energy": in_schema_unit(found.energy),
        "intensity": found.intensity.to("gCO2e/kWh").as_dict() if found.intensity is not None else None,
        "operational": in_schema_unit(found.operational),
        "embodied": in_schema_unit(found.embodied),
        "total": in_schema_unit(found.total),
        "embodied_by_work": in_schema_unit(found.by_work),
        "rates": [
            {
                "unit": rate.unit,
                "count": rate.counted,
                "sci": _grams(rate.sci),
                "operational": _grams(rate.operational),
                "embodied": _grams(rate.embodied),
                "energy": in_schema_unit(rate.energy),
            }
            for rate in found.rates
        ],
        "reason": found.reason,
        "not_included": list(statement.not_included),
        "warnings": list(statement.warnings),
    }


def _grams(quantity: Quantity | None) -> dict[str, float | str] | None:
    return quantity.to("gCO2e").as_dict() if quantity is not None else None


def _row(rate: Rate) -> list[str]:
    one = [_brief(part) for part in (rate.operational, rate.embodied)]
    energy = wording.brief(Figure.of(rate.energy, "J"), wording.JOULES)
    return [plain(rate.unit), f"{rate.counted:.12g}", *_cells(rate.sci), *one, energy]


def _brief(quantity: Quantity | None) -> str:
    return "unknown" if quantity is None else wording.brief(Figure.of(quantity, "gCO2e"), wording.GRAMS)


def _cells(quantity: Quantity | None) -> tuple[str, str]:
    return ("unknown", "") if quantity is None else amount_and_interval(quantity)


def _rate_cells(quantity: Quantity) -> tuple[str, str]:
    return amount_and_interval(quantity.to("gCO2e/kWh"))


def _table(headings: tuple[str, ...], rows: list[list[str]], *, right: int) -> str:
    """Columns from `right` on are amounts."""
    sides = ["left" if at < right else "right" for at in range(len(headings))]
    table: str = tabulate(rows, headings, tablefmt="simple", colalign=sides, disable_numparse=True)
    return "\n".join(line.rstrip() for line in table.splitlines())
