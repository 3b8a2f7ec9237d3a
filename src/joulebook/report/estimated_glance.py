"""An estimate in one glance: a few lines for an interpreter, four figures for a notebook."""

from __future__ import annotations

from html import escape
from typing import Final

from joulebook.account.terms import Statement
from joulebook.quantity import Quantity
from joulebook.report import estimated_sheets as sheets
from joulebook.report.typography import typeset
from joulebook.report.wording import plain

_FIGURES: Final = ("duration", "energy", "carbon", "cost")
_CELL: Final = 'style="min-width:8em"'
_QUIET: Final = 'style="opacity:.65;font-size:90%"'
_NAME: Final = 80


def lines(statement: Statement) -> list[str]:
    """Name, the figures that matter with their intervals, and what causes most of their ranges."""
    hardware = plain(", ".join(statement.hardware), _NAME)
    head = ", ".join(part for part in (plain(statement.name, _NAME), hardware) if part)
    found = [f"estimate: {head}"]
    rows = [(sheets.title(statement, name), *_words(statement, name), _cause(statement, name)) for name in _FIGURES]
    rows += [(plain(name.replace("_", " ")), *_both(rate), "") for name, rate in statement.rates.items()]
    width = max(len(row[0]) for row in rows)
    amounts = max(len(row[1]) for row in rows)
    for name, amount, interval, cause in rows:
        told = "; ".join(part for part in (interval, cause and f"most from {cause}") if part)
        found.append(f"  {name:<{width}}   {amount:<{amounts}}   {told}".rstrip())
    return found


def html(statement: Statement) -> str:
    """Name, time, energy, carbon and cost with their intervals, and what causes most of each."""
    cells = []
    for name in _FIGURES:
        amount, interval = _words(statement, name)
        cause = _cause(statement, name)
        below = (typeset(f"90 % interval {interval}") if interval else "", cause and f"most from {cause}")
        notes = "".join(f"<div {_QUIET}><bdi>{escape(text)}</bdi></div>" for text in below if text)
        label = escape(typeset(sheets.title(statement, name)))
        cells.append(
            f'<div {_CELL}><div {_QUIET}>{label}</div><div style="font-size:130%">{escape(typeset(amount))}</div>'
            f"{notes}</div>"
        )
    facts = " · ".join(part for part in ("estimate", plain(", ".join(statement.hardware), _NAME)) if part)
    return (
        f'<div style="line-height:1.45"><div><b><bdi>{escape(plain(statement.name, _NAME))}</bdi></b> '
        f"<span {_QUIET}>{escape(facts)}</span></div>"
        f'<div style="display:flex;flex-wrap:wrap;gap:.6em 2.5em;margin:.4em 0">{"".join(cells)}</div></div>'
    )


def _words(statement: Statement, name: str) -> tuple[str, str]:
    quantity = getattr(statement, name)
    return ("unknown", "") if quantity is None else _both(quantity)


def _both(quantity: Quantity) -> tuple[str, str]:
    """Amount and interval; the interval alone where it is too wide."""
    amount, interval = sheets.amount_and_interval(quantity, {})
    return (interval, "") if amount == "-" else (amount, interval)


def _cause(statement: Statement, name: str) -> str:
    """The input that causes most of the range."""
    return next((cause.name for cause in sheets.causes(statement, name, {})), "")
