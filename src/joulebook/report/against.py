"""One job by several published methods as a table: their figures, the ratio to ours, and what it is made of."""

from __future__ import annotations

from typing import Final

from rich.box import SIMPLE_HEAD
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from joulebook.estimate.methods.table import Against
from joulebook.estimate.methods.told import BOTH, HARDWARE, OPERATION, Factor, Told
from joulebook.quantity import Quantity
from joulebook.report.estimated_sheets import Units, amount_and_interval
from joulebook.report.wording import digits, plain

_SAME: Final = 0.005
"""A factor nearer to 1 than this is not printed."""
_EXTENT: Final = {OPERATION: "carbon", BOTH: "carbon with hardware", HARDWARE: "carbon of hardware"}
_READ: Final = (
    "x: theirs over ours. The terms multiply to the ratio of the carbon, those but intensity and hardware to that of "
    "the energy; terms of 1 are left out. Published methods give single figures, without a range."
)
_NO_SITE: Final = "Ours counts no overhead of a site, since none is known: give --pue or --site."


def show(found: Against, shown: Units | None = None) -> RenderableType:
    """The table, then in a line each why, and which methods say nothing."""
    speaking = [one for one in found.told if not one.silent]
    parts: list[RenderableType] = [
        Text(f"The same job by other methods: {plain(found.statement.name, 80)}", style="bold"),
        _table(found, speaking, shown or {}),
        _line(_READ),
    ]
    if found.job.pue == 1:
        parts.append(_line(_NO_SITE))
    if speaking:
        parts.append(Text("\nWhy", style="bold"))
    for one in speaking:
        parts += [_line(f"{one.title}: {one.why}."), _line(one.source, 4, "dim")]
    silent = [one for one in found.told if one.silent]
    if silent:
        parts.append(Text("\nNo figure", style="bold"))
    parts += [_line(f"{one.title}: {one.silent}.") for one in silent]
    return Group(*parts)


def _table(found: Against, speaking: list[Told], shown: Units) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for column, right in (("method", False), ("energy", True), ("carbon", True), ("terms of the ratio", False)):
        table.add_column(column, justify="right" if right else "left", overflow="fold", no_wrap=right)
    for extent in (OPERATION, BOTH, HARDWARE):
        own = [one for one in speaking if one.counts == extent]
        if not own and extent != OPERATION:
            continue
        energy = found.statement.energy if extent != HARDWARE else None
        carbon = found.ours(own[0]) if own else found.statement.carbon
        title = "joulebook" if extent == OPERATION else f"joulebook, {_EXTENT[extent].partition(' ')[2]}"
        table.add_row(*(Text(cell, style="bold") for cell in (title, _range(energy, shown), _range(carbon, shown), "")))
        for one in own:
            energy_cell = _single(one.energy_kwh, "kWh", one.energy_ratio, shown)
            carbon_cell = _single(one.carbon_kg, "kgCO2e", one.carbon_ratio, shown)
            table.add_row(*map(Text, (f"  {one.title}", energy_cell, carbon_cell, _terms(one))))
        table.add_section()
    return table


def _range(quantity: Quantity | None, shown: Units) -> str:
    """Our amount on one line, its interval below; the interval alone where it is too wide."""
    if quantity is None:
        return ""
    amount, interval = amount_and_interval(quantity, shown)
    return interval if amount == "-" else "\n".join(filter(None, (amount, interval)))


def _single(value: float | None, symbol: str, ratio: float | None, shown: Units) -> str:
    """The single figure of a method and its ratio to ours."""
    if value is None or ratio is None:
        return ""
    amount, _ = amount_and_interval(Quantity.exact(value, symbol), shown)
    return f"{amount}\nx {digits(ratio)}"


def _terms(one: Told) -> str:
    """The factors that are not 1, the furthest from 1 first."""
    kept = [factor for factor in one.factors if abs(factor.ratio - 1) >= _SAME]
    kept.sort(key=lambda factor: -max(factor.ratio, 1 / factor.ratio) if factor.ratio > 0 else 0.0)
    return ", ".join(f"{factor.name} x {digits(factor.ratio)}{_ends(factor)}" for factor in kept) or "the same"


def _ends(factor: Factor) -> str:
    """What the factor is in both."""
    if factor.said:
        return f" ({factor.said})"
    scale, symbol = (1000, "g/kWh") if factor.unit == "kgCO2e/kWh" else (1.0, factor.unit)
    unit = "" if symbol == "1" else f" {symbol.replace('CO2e', '')}"
    return f" ({digits(factor.ours * scale)} to {digits(factor.theirs * scale)}{unit})"


def _line(text: str, by: int = 2, style: str = "") -> Padding:
    return Padding(Text(text, style=style), (0, 0, 0, by), expand=False)
