"""One job by several published methods as a table: their figures, the ratio to ours, and what it is made of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from rich.box import SIMPLE_HEAD
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from joulebook.estimate.methods.table import Against
from joulebook.estimate.methods.told import BOTH, HARDWARE, OPERATION, Factor, Told
from joulebook.quantity import Quantity
from joulebook.report import wording
from joulebook.report.estimated_sheets import Units, amount_and_interval, scaled
from joulebook.report.markdown import escape
from joulebook.report.wording import digits, plain

_BRACKETS: Final = "{} ({})"
_SAME: Final = 0.005
"""A factor nearer to 1 than this is not printed."""
_EXTENT: Final = {OPERATION: "", BOTH: ", with hardware", HARDWARE: ", hardware alone"}
_READ: Final = "x: theirs over ours, with the word where theirs lies outside of our 90 % interval."
_TERMS: Final = (
    "Terms that multiply to the ratio of the carbon, the largest first; those but intensity, hardware and lifetime "
    "multiply to that of the energy. Terms of 1 are left out. Published methods give single figures."
)
_NO_SITE: Final = (
    "Ours counts no overhead of a site, since none is known: give --pue or --site, of a run a [site] table."
)


def show(found: Against, shown: Units | None = None) -> RenderableType:
    """The figures, what each ratio is made of and why, and which methods say nothing."""
    speaking = [one for one in found.told if not one.silent]
    parts: list[RenderableType] = [
        Text(f"The same job by other methods: {plain(found.statement.name, 80)}", style="bold"),
        _table(found, speaking, shown or {}),
        _line(_READ),
    ]
    if found.job.pue == 1:
        parts.append(_line(_NO_SITE))
    if speaking:
        parts += [Text("\nWhy they differ", style="bold"), _line(_TERMS, style="dim")]
    for one in speaking:
        parts += [_line(f"{one.title}: {_terms(one)}", style="bold"), _line(f"{one.why}.", 4)]
        parts.append(_line(one.source, 4, "dim"))
    silent = [one for one in found.told if one.silent]
    if silent:
        parts.append(Text("\nNo figure", style="bold"))
    parts += [_line(f"{one.title}: {one.silent}.") for one in silent]
    return Group(*parts)


def markdown(found: Against) -> str:
    """A table of figures and terms, and below it why, with the sources."""
    rows = ["| method | energy | x | carbon | of | x | terms |", "| --- | ---: | ---: | ---: | --- | ---: | --- |"]
    energy = found.statement.energy
    speaking = [one for one in found.told if not one.silent]
    for extent in dict.fromkeys((OPERATION, *(one.counts for one in speaking))):
        own = found.of(extent)
        ours = _range(energy if extent != HARDWARE else None, {}, _BRACKETS), "", _range(own, {}, _BRACKETS)
        rows.append(_row(("joulebook", *ours, extent, "", "")))
    for one in speaking:
        sides = (
            (one.energy_kwh, "kWh", one.energy_ratio, energy),
            (one.carbon_kg, "kgCO2e", one.carbon_ratio, found.of(one.counts)),
        )
        left, right = ((_single(*side[:2], {}), _ratio(*side)) for side in sides)
        rows.append(_row((one.title, *left, right[0], one.counts, right[1], _terms(one))))
    why = [f"- {one.title}: {one.why}. {one.source}." for one in speaking]
    why += [f"- {one.title}: no figure; {one.silent}." for one in found.told if one.silent]
    title = f"# The same job by other methods: {plain(found.statement.name, 80)}"
    return "\n".join([title, "", *rows, "", *(escape(line) for line in (_READ, _TERMS)), "", *why]) + "\n"


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(map(escape, cells))} |"


def _table(found: Against, speaking: list[Told], shown: Units) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for column in ("method", ">energy", ">x", ">carbon", ">x"):
        right = column.startswith(">")
        table.add_column(column.removeprefix(">"), justify="right" if right else "left", overflow="fold", no_wrap=right)
    for extent in (OPERATION, BOTH, HARDWARE):
        own = [one for one in speaking if one.counts == extent]
        if not own and extent != OPERATION:
            continue
        energy = found.statement.energy if extent != HARDWARE else None
        carbon = found.of(extent)
        title = f"joulebook{_EXTENT[extent]}"
        cells = (title, _range(energy, shown), "", _range(carbon, shown), "")
        table.add_row(*(Text(cell, style="bold") for cell in cells))
        for one in own:
            sides = (
                (one.energy_kwh, "kWh", one.energy_ratio, energy),
                (one.carbon_kg, "kgCO2e", one.carbon_ratio, carbon),
            )
            found_cells = [cell for side in sides for cell in (_single(*side[:2], shown), _ratio(*side))]
            table.add_row(*map(Text, (f"  {one.title}", *found_cells)))
        table.add_section()
    return table


def _range(quantity: Quantity | None, shown: Units, form: str = "{}\n{}") -> str:
    """Our value, which theirs are held against, and our interval, both in one unit."""
    if quantity is None:
        return ""
    figure, scale = scaled(quantity, shown)
    size, symbol = wording.scaled(figure.high, scale)
    value, low, high = (digits(end / size) for end in (figure.value, figure.low, figure.high))
    return f"{value} {symbol}" if low == high else form.format(f"{value} {symbol}", f"{low}-{high}")


def _single(value: float | None, symbol: str, shown: Units) -> str:
    """The single figure of a method."""
    return "" if value is None else amount_and_interval(Quantity.exact(value, symbol), shown)[0]


def _ratio(value: float | None, symbol: str, ratio: float | None, ours: Quantity | None) -> str:
    """Theirs over ours, and whether it is below or above all that ours may be."""
    if value is None or ratio is None or ours is None:
        return ""
    own = ours.to(symbol)
    side = "below " if value < own.low else "above " if value > own.high else ""
    return f"{side}{digits(ratio)}"


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
