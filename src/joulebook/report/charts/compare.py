"""Where the difference of two runs comes from: what each term adds to or takes from the energy."""

from __future__ import annotations

from collections.abc import Sequence
from math import floor, log10

from joulebook.account.compare import Compared, compare
from joulebook.errors import ConfigError
from joulebook.quantity import Quantity
from joulebook.report import wording
from joulebook.report.charts.bars import LESS, MORE, MOST_ROWS, Row, Segment, bars, interval_of
from joulebook.report.charts.picture import Frame, Item, Picture, Table
from joulebook.report.comparison import adding_up
from joulebook.report.typography import isolated, typeset
from joulebook.report.wording import Figure, digits, plain

_MINUS = "\N{MINUS SIGN}"
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
    symbol = typeset(symbol)
    places = max(2 - floor(log10(largest / size)), 0) if largest else 0
    *values, whole_value = (change.value / size for _, change in effects) if effects else (0.0,)
    rows, listed = [], []
    for (name, change), text in zip(effects, adding_up(values, whole_value, places), strict=False):
        value, basis = change.value / size, str(change.basis)
        ends = interval_of(change, "J", size, signed=True)
        interval = _ends(*ends, places) if ends else ""
        amount = text.replace("-", _MINUS)
        seen = abs(change.value) > _ROUNDING * largest
        parts = (Segment(MORE if value >= 0 else LESS, basis, value),) if seen else ()
        shown = f"{amount} {symbol} ({interval})" if interval else f"{amount} {symbol}"
        rows.append(Row(name, shown, parts, ends if seen else None, basis))
        listed.append((name, f"{amount} {symbol}", f"{interval} {symbol}" if interval else "", basis))
    names = [isolated(plain(statement.name)) or statement.run[:4] for statement in (a, b)]
    subtitle = f"A is {names[0]}, B is {names[1]}. The line across a bar is its 90 % interval."
    subtitle += "".join(f" {plain(cause, 160)}" for cause in whole.causes[:2])
    if found.reason:
        subtitle += f" {plain(found.reason, 200)}"
    drawing = bars(rows[:MOST_ROWS], f"energy of B minus energy of A / {symbol}", frame)
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


def _ends(low: float, high: float, places: int) -> str:
    """Both ends with that many decimals; nothing where they look alike."""
    left, right = (f"{round(end, places) + 0.0:+.{places}f}".replace("-", _MINUS) for end in (low, high))
    return "" if left == right else f"{left} to {right}"
