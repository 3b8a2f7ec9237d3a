"""Two runs side by side as `rich` renderables: figures, the terms behind one of them, causes, configuration."""

from __future__ import annotations

from collections.abc import Sequence
from math import exp, floor, isfinite, log10
from typing import Final

from rich.box import SIMPLE_HEAD
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from joulebook.account.compare import Compared, Comparison, Effect
from joulebook.account.configuration import Difference
from joulebook.account.factors import MADE, OVERHEAD, POWER, PRICE, Term
from joulebook.account.terms import Statement
from joulebook.quantity import Quantity
from joulebook.report import wording
from joulebook.report.wording import Figure, plain
from joulebook.units import UNITS

_SCALES: Final = {"J": wording.JOULES, "gCO2e": wording.GRAMS, "W": wording.WATTS, "L": wording.LITRES}
_SHOWN: Final = 30
_WORDS: Final = {
    "it_energy": "IT energy",
    "carbon_market": "carbon (market)",
    "carbon_embodied": "carbon (embodied)",
}
_OPTIONAL: Final = ("carbon_embodied", "water")
"""Figures without a row where they are known of neither run."""


def comparison(found: Comparison, figure: str) -> RenderableType:
    """Run B against run A, with the terms that make the difference of one figure."""
    parts: list[RenderableType] = [_heads(found), _figures(found), "", _terms(found, found.figure(figure)), ""]
    if found.causes:
        parts.append(
            Text.assemble(("What else differs\n", "bold"), *(f"  {plain(said, 400)}\n" for said in found.causes))
        )
    parts.append(_configuration(found.configuration))
    return Group(*parts)


def _heads(found: Comparison) -> Text:
    text = Text()
    for letter, side in (("A", found.a), ("B", found.b)):
        text.append(f"{letter}  {_head(side)}\n", style="bold")
    return text


def _head(side: Statement) -> str:
    started = side.started.replace("T", " ")[:16]
    parts = (plain(side.name), side.run[:6], side.status, started, plain(side.region) or "region unknown")
    return "   ".join(part for part in parts if part)


def _figures(found: Comparison) -> RenderableType:
    rows = _table("figure", ">A", ">B", ">B / A", "")
    overhead = next(term for term in found.terms if term.name == OVERHEAD)
    for item in found.figures:
        if item.figure == "energy" and overhead.before is None and overhead.after is None:
            continue  # the same as the IT energy
        if item.before is None and item.after is None and item.figure in _OPTIONAL:
            continue
        if item.figure == "carbon_market" and all(side.carbon == side.carbon_market for side in (found.a, found.b)):
            continue  # the same as location-based
        rows.add_row(
            _WORDS.get(item.figure, item.figure),
            Text(amount(item.before)),
            Text(amount(item.after)),
            Text(_ratio(item.ratio)),
            Text(verdict(item)),
        )
    return rows


def verdict(item: Compared) -> str:
    """Whether the measurements tell the runs apart."""
    if item.reason:
        return item.reason
    if item.difference is not None and item.difference.is_exact and item.difference.value == 0:
        return "the same"
    if item.ratio is not None and item.ratio.low == item.ratio.high == 1:
        return "the same"
    if not item.differs:
        return "no difference that these measurements can show"
    return "B is higher" if item.difference is not None and item.difference.value > 0 else "B is lower"


def _terms(found: Comparison, item: Compared) -> RenderableType:
    word = _WORDS.get(item.figure, item.figure)
    if item.reason:
        return Text.assemble((f"{word}: what makes the difference\n", "bold"), f"  {plain(item.reason, 400)}")
    changes, ends, symbol = _changes(item)
    rows = _table(
        "term", ">A", ">B", ">B/A", f">{symbol}", ">90 % interval", ">factor", title=f"{word}: what makes B - A"
    )
    shown = {(effect.name, effect.kind): at for at, effect in enumerate(item.effects)}
    for term in found.terms:
        cells = [_title(term), *(_absent(term) if side is None else amount(side) for side in (term.before, term.after))]
        if term.name == PRICE:
            cells[1:] = [cell.partition(" ")[0] for cell in cells[1:]]
        cells.append(wording.digits(term.ratio.value) if term.ratio is not None else "")
        at = shown.get((term.name, term.kind))
        if at is not None:
            rows.add_row(*(Text(cell) for cell in (*cells, changes[at], ends[at], _factor(item.effects[at]))))
        elif (term.name, term.kind) == (POWER, "") and len(item.effects) > len(shown.keys() - _powers(found)) + 1:
            rows.add_row(*(Text(cell) for cell in cells))
    rows.add_section()
    factor = wording.digits(item.ratio.value) if item.ratio is not None else ""
    whole = ("together", "", "", factor, changes[-1], ends[-1], factor)
    rows.add_row(*(Text(cell) for cell in whole))
    return rows


def _title(term: Term) -> str:
    side = term.before or term.after
    return f"{term.word} in {side.unit.symbol}" if term.name == PRICE and side is not None else term.word


def _powers(found: Comparison) -> set[tuple[str, str]]:
    return {(term.name, term.kind) for term in found.terms if term.name == POWER}


def _absent(term: Term) -> str:
    return "not counted" if term.name in (OVERHEAD, POWER, MADE) else "unknown"


def amount(quantity: Quantity | None) -> str:
    """A value, or a range where it is wide, in a fitting unit."""
    if quantity is None:
        return "unknown"
    if quantity.unit.dims == UNITS["s"].dims:
        return wording.duration(quantity)
    if quantity.unit.dims == UNITS["gCO2e/kWh"].dims or "/" in quantity.unit.symbol:
        return wording.rate(quantity)
    for base, scale in _SCALES.items():
        if quantity.unit.dims == UNITS[base].dims:
            return wording.amount(Figure.of(quantity, base), scale)
    text = wording.money(quantity) if quantity.unit.symbol in ("USD", "EUR") else ""
    return text if text.startswith("under") else wording.amount(Figure.of(quantity), ((1.0, quantity.unit.symbol),))


def _ratio(quantity: Quantity | None) -> str:
    if quantity is None or not isfinite(quantity.value):
        return ""
    low, high = quantity.low, quantity.high
    value = wording.digits(quantity.value)
    if not isfinite(low + high):
        return f"{value} (any)"
    ends = wording.digits(low), wording.digits(high)
    return value if ends[0] == ends[1] else f"{value} ({ends[0]}-{ends[1]})"


def _factor(effect: Effect) -> str:
    if effect.log is None or not isfinite(effect.log.value):
        return ""
    return wording.digits(exp(effect.log.value))


def _changes(item: Compared) -> tuple[list[str], list[str], str]:
    """Contributions and their sum in one unit with as many decimals, their intervals, and the unit."""
    assert item.difference is not None  # noqa: S101 - there are effects
    quantities = [*(effect.change for effect in item.effects), item.difference]
    symbol = item.difference.unit.symbol
    base = next((base for base in _SCALES if item.difference.unit.dims == UNITS[base].dims), symbol)
    figures = [quantity.to(base) for quantity in quantities]
    size, symbol = wording.scaled(max(abs(figure.value) for figure in figures), _SCALES.get(base) or _thousandths(base))
    *values, whole = (figure.value / size for figure in figures)
    largest = max((abs(value) for value in (*values, whole)), default=0.0)
    places = max(2 - floor(log10(largest)), 0) if largest else 0
    texts = adding_up(values, whole, places)
    ends = [_ends(figure.low / size, figure.high / size, places) for figure in figures]
    return texts, ends, symbol


def _thousandths(symbol: str) -> wording.Scale:
    """Steps of a unit that has no prefixes."""
    return [*((10.0**power, f"10^{power} {symbol}") for power in range(-15, 0, 3)), (1.0, symbol)]


def _ends(low: float, high: float, places: int) -> str:
    if not isfinite(low + high):
        return "any"
    left, right = (f"{round(end, places) + 0.0:+.{places}f}" for end in (low, high))
    return "" if left == right else f"{left} to {right}"


def adding_up(values: Sequence[float], whole: float, places: int) -> list[str]:
    """The values and their sum with `places` decimals, rounded so that what is printed adds up.

    The units in the last place that rounding gains or loses go where rounding was furthest off (the largest
    remainders); a value that is exactly 0 stays 0.
    """
    scale = 10**places
    units = [round(value * scale) for value in values]
    missing = round(whole * scale) - sum(units)
    step = 1 if missing > 0 else -1
    order = sorted((k for k, value in enumerate(values) if value), key=lambda k: step * (units[k] - values[k] * scale))
    for k in (order * (abs(missing) // len(order) + 1) if order else [])[: abs(missing)]:
        units[k] += step
    return [f"{unit / scale:+.{places}f}" if unit else f"{0:.{places}f}" for unit in (*units, round(whole * scale))]


def _table(*columns: str, title: str = "") -> Table:
    """A table whose columns are aligned to the right where their heading begins with ">"; nothing in it is cut off."""
    heading = Text(title, style="bold") if title else None
    table = Table(
        box=SIMPLE_HEAD, title=heading, title_justify="left", pad_edge=False, collapse_padding=True, show_edge=False
    )
    for column in columns:
        right = column.startswith(">")
        table.add_column(column.removeprefix(">"), justify="right" if right else "left", overflow="fold")
    return table


def _configuration(found: Sequence[Difference]) -> RenderableType:
    if not found:
        return Text("The recorded configurations are the same.\n")
    rows = _table("key", "A", "B", title="Configuration")
    for item in found[:_SHOWN]:
        cells = ("(not recorded)" if value is None else plain(value, 60) for value in (item.a, item.b))
        note = f"  {item.note}" if item.note else ""
        rows.add_row(Text(plain(item.key, 60)), *(Text(cell) for cell in cells))
        if note:
            rows.add_row("", Text(note.strip()), "")
    if len(found) > _SHOWN:
        rows.add_row("", Text(f"and {len(found) - _SHOWN} more: see --json"), "")
    return rows
