"""How a run shows itself: on a terminal its account, in a notebook three figures and a small picture of its power.

The HTML has no script, no style sheet and no colour of its own, so that it fits into any notebook, light or dark.
"""

from __future__ import annotations

from html import escape
from typing import Protocol

from joulebook.account.terms import ESTIMATED, Statement
from joulebook.meter.series import History, PowerSeries
from joulebook.report import estimated_glance, wording
from joulebook.report.bins import rebinned, together
from joulebook.report.outline import amount_and_interval, started
from joulebook.report.terminal import summary
from joulebook.report.typography import typeset
from joulebook.report.wording import Figure, plain

_WIDTH, _HEIGHT = 260, 44
_BINS = 130
_CELL = 'style="min-width:8em"'
_QUIET = 'style="opacity:.65;font-size:90%"'


class Recorded(Protocol):
    """What is needed of a run."""

    @property
    def span(self) -> int:
        """0, unless it is a part of another run."""

    @property
    def statement(self) -> Statement:
        """Its account."""

    @property
    def history(self) -> History:
        """Its power over time."""


def bundle(value: Statement | Recorded) -> dict[str, str]:
    """HTML and text of a statement, or of a run with its power, by media type."""
    if isinstance(value, Statement):
        if value.status == ESTIMATED:
            return {"text/html": estimated_glance.html(value), "text/plain": text(value)}
        statement, history = value, History()
    else:
        statement, history = value.statement, History() if value.span else value.history
    return {"text/html": html(statement, history), "text/plain": text(statement)}


def text(statement: Statement) -> str:
    """A statement in a few lines, as an interpreter shows it."""
    return "\n".join(estimated_glance.lines(statement) if statement.status == ESTIMATED else summary(statement))


def renderable(value: Statement | Recorded) -> object:
    """The whole account of a statement or a run, for `rich` to print."""
    from joulebook.report import estimated, view  # rich is not loaded in a notebook

    statement = value if isinstance(value, Statement) else value.statement
    return estimated.show(statement) if statement.status == ESTIMATED else view.show(statement)


def html(statement: Statement, history: History) -> str:
    """Name, energy, carbon and cost with their intervals, and the power of all devices together."""
    name = " ".join(part for part in (plain(statement.name), plain(statement.run)[:6]) if part)
    lasted = "" if statement.duration is None else wording.duration(statement.duration)
    facts = " · ".join(part for part in (lasted, statement.status, started(statement)) if part)
    cells = [
        _cell("energy", *_energy(statement), _shares(statement)),
        _cell("CO\N{SUBSCRIPT TWO}e", *_words(statement, "carbon"), _note(statement, "carbon_intensity")),
        _cell("cost", *_words(statement, "cost"), _note(statement, "price")),
    ]
    spark = sparkline(history)
    if spark:
        cells.append(f"<div {_CELL}><div {_QUIET}>power</div>{spark}</div>")
    head = f"<b><bdi>{escape(name)}</bdi></b> <span {_QUIET}>{escape(facts)}</span>"
    return (
        f'<div style="line-height:1.45"><div>{head}</div>'
        f'<div style="display:flex;flex-wrap:wrap;gap:.6em 2.5em;margin:.4em 0">{"".join(cells)}</div></div>'
    )


def _cell(label: str, amount: str, interval: str, note: str) -> str:
    below = "".join(f"<div {_QUIET}><bdi>{escape(text)}</bdi></div>" for text in (interval, note) if text)
    return f'<div {_CELL}><div {_QUIET}>{label}</div><div style="font-size:130%">{escape(amount)}</div>{below}</div>'


def _energy(statement: Statement) -> tuple[str, str]:
    return ("unknown", "") if statement.energy is None else _both(*amount_and_interval(statement.energy.to("J")))


def _words(statement: Statement, name: str) -> tuple[str, str]:
    quantity = getattr(statement, name)
    if quantity is None:
        return "unknown", ""
    if name == "cost" and 0 < Figure.of(quantity).high < 1e-4:
        return wording.money(quantity), ""
    return _both(*amount_and_interval(quantity))


def _both(amount: str, interval: str) -> tuple[str, str]:
    """Amount and interval; where the interval is too wide it takes the place of the amount."""
    if amount == "-":
        return typeset(interval), "90\N{NO-BREAK SPACE}% interval"
    return typeset(amount), "" if interval in ("", "exact") else typeset(f"90 % interval {interval}")


def _shares(statement: Statement) -> str:
    shares = statement.shares or {}
    return ", ".join(f"{typeset(wording.percent(share))} {basis}" for basis, share in shares.items() if share)


def _note(statement: Statement, name: str) -> str:
    found = statement.assumption(name)
    return plain(found.note, 60) if found is not None else ""


def sparkline(history: History) -> str:
    """The power of all devices together over time as a small SVG; "" where none was recorded."""
    series = together(history)
    if series is None:
        return ""
    shown = rebinned(series, _BINS)
    highs = [value for value in shown.high_w if value is not None]
    if len(highs) < 2 or max(highs) <= 0:
        return ""
    top = max(highs)
    peak = wording.amount(Figure(top, top, top, "W"), wording.WATTS)
    return (
        f'<svg width="{_WIDTH}" height="{_HEIGHT}" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" '
        f'aria-label="Power over time, at most {escape(peak)}">'
        f'<path d="{_band(shown, top)}" fill="currentColor" fill-opacity=".2"/>'
        f'<path d="{_line(shown, top)}" fill="none" stroke="currentColor" stroke-width="1.2"/></svg>'
        f"<div {_QUIET}>at most {escape(typeset(peak))}</div>"
    )


def _places(shown: PowerSeries) -> tuple[float, ...]:
    step = _WIDTH / len(shown.mean_w)
    return tuple(round(place * step, 1) for place in range(len(shown.mean_w) + 1))


def _line(shown: PowerSeries, top: float) -> str:
    """Steps of the mean; a gap is a gap."""
    x, parts, drawing = _places(shown), [], False
    for place, mean in enumerate(shown.mean_w):
        if mean is not None:
            parts.append(f"{'L' if drawing else 'M'}{x[place]},{_y(mean, top)}H{x[place + 1]}")
        drawing = mean is not None
    return "".join(parts)


def _band(shown: PowerSeries, top: float) -> str:
    """A box from the lowest to the highest power of each bin."""
    x = _places(shown)
    return "".join(
        f"M{x[place]},{_y(low, top)}V{_y(high, top)}H{x[place + 1]}V{_y(low, top)}Z"
        for place, (low, high) in enumerate(zip(shown.low_w, shown.high_w, strict=True))
        if low is not None and high is not None
    )


def _y(watts: float, top: float) -> float:
    return round(_HEIGHT - 1 - (_HEIGHT - 2) * watts / top, 1)
