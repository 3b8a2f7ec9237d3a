"""Where the difference of two runs comes from: what each term adds to or takes from the energy."""

from __future__ import annotations

from collections.abc import Sequence

from joulebook.account.compare import Compared, compare
from joulebook.errors import ConfigError
from joulebook.quantity import Quantity
from joulebook.report import wording
from joulebook.report.charts.bars import LESS, MORE, MOST_ROWS, Row, Segment, bars, interval_of
from joulebook.report.charts.picture import Frame, Item, Picture, Table
from joulebook.report.typography import isolated, typeset
from joulebook.report.wording import Figure, digits, plain

MINUS = "\N{MINUS SIGN}"
_ROUNDING = 1e-6
"""Part of the largest contribution below which a contribution is rounding."""


def comparison(items: Sequence[Item], frame: Frame) -> Picture:
    """Contributions of each term to the difference in energy between the first run (A) and the second (B).

    Raises `ConfigError` unless there are two runs.
    """
    if len(items) != 2:
        raise ConfigError.bad("runs to compare", len(items), "two: A and B")
    a, b = (statement for statement, _ in items)
    whole = compare(a, b)
    found = whole.figure("energy")
    words = {(term.name, term.kind): term.word for term in whole.terms}
    effects = [(words.get(effect[:2], effect.name), effect.change.to("J")) for effect in found.effects]
    if found.difference is not None:
        effects.append(("together", found.difference.to("J")))
    largest = max((abs(change.value) for _, change in effects), default=1.0)
    size, symbol = wording.scaled(largest, wording.JOULES)
    rows, listed = [], []
    for name, change in effects:
        kind, basis = MORE if change.value >= 0 else LESS, str(change.basis)
        amount = f"{_signed(change.value, size)} {typeset(symbol)}"
        ends = interval_of(change, "J", size, signed=True)
        interval = f"{_signed(change.low, size)} to {_signed(change.high, size)} {typeset(symbol)}" if ends else "exact"
        nothing = amount.startswith("0 ")
        parts = () if nothing else (Segment(kind, basis, change.value / size),)
        rows.append(Row(name, amount, parts, None if nothing else ends, basis))
        listed.append((name, amount, interval, basis))
    names = [isolated(plain(statement.name)) or statement.run[:4] for statement in (a, b)]
    subtitle = f"A is {names[0]}, B is {names[1]}. The line across a bar is its 90 % interval."
    if found.reason:
        subtitle += f" {plain(found.reason, 200)}"
    drawing = bars(rows[:MOST_ROWS], typeset(f"energy of B minus energy of A / {symbol}"), frame)
    table = Table(("term", ">adds", ">90 % interval", "basis"), tuple(listed))
    return Picture(_finding(found), typeset(subtitle), drawing, table, frame)


def _finding(found: Compared) -> str:
    ratio = found.ratio
    if ratio is None:
        return "Difference of two runs"
    if found.differs is False:
        return typeset(f"B used {_times(ratio)} times the energy of A: no difference that can be told")
    return typeset(f"B used {_times(ratio)} times the energy of A")


def _times(ratio: Quantity) -> str:
    figure = Figure.of(ratio)
    if figure.exact or wording.span(figure.low, figure.high) == digits(figure.value, 2):
        return digits(figure.value)
    both = f"{digits(figure.low)}-{digits(figure.high)}"
    return both if figure.wide else f"{digits(figure.value)} ({both})"


def _signed(joules: float, size: float) -> str:
    """A difference in units of `size` joules; what only rounding made is 0."""
    value = joules / size
    if abs(value) < _ROUNDING:
        return "0"
    return f"{'+' if value > 0 else MINUS}{digits(abs(value))}"
