"""Two reports of different tools side by side, figure by figure, as a table."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from math import log
from typing import Final, Protocol

from rich.box import SIMPLE_HEAD
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from joulebook.quantity import Quantity
from joulebook.report.estimated_sheets import amount_and_interval
from joulebook.report.wording import digits, plain

_ONE: Final = 5e-4
"""A factor closer to 1 does nothing that could be seen."""
_ABSENT: Final = "only "


class Side(Protocol):
    """What a table needs of a report."""

    @property
    def name(self) -> str:
        """Of the work."""

    @property
    def tool(self) -> str:
        """That made the report."""

    @property
    def counted(self) -> AbstractSet[str]:
        """Kinds of devices within its energy."""

    @property
    def overhead(self) -> float | None:
        """PUE within its energy."""


class Term(Protocol):
    """What a table needs of a factor of a ratio."""

    @property
    def name(self) -> str:
        """What it is."""

    @property
    def ratio(self) -> float:
        """B over A."""

    @property
    def said(self) -> str:
        """What it is in both."""


class Row(Protocol):
    """What a table needs of a figure."""

    @property
    def figure(self) -> str:
        """Its name."""

    @property
    def a(self) -> Quantity | None:
        """In A."""

    @property
    def b(self) -> Quantity | None:
        """In B."""

    @property
    def ratio(self) -> Quantity | None:
        """B over A."""

    @property
    def terms(self) -> Sequence[Term]:
        """Factors of the ratio."""

    @property
    def refused(self) -> str:
        """Why there is no ratio."""


class Difference(Protocol):
    """What a table needs of two reports; `joulebook.audit.comparing.Diff` is one."""

    @property
    def a(self) -> Side:
        """The one."""

    @property
    def b(self) -> Side:
        """The other."""

    @property
    def rows(self) -> Sequence[Row]:
        """Figure by figure."""

    @property
    def notes(self) -> Sequence[str]:
        """What has to be known of either."""


def show(found: Difference) -> RenderableType:
    """The sides, a row for each figure, and what has to be known of either."""
    head = Text()
    for letter, one in (("A", found.a), ("B", found.b)):
        counted = f", counts {', '.join(sorted(one.counted))}" if one.counted else ""
        overhead = f", PUE {one.overhead:.4g}" if one.overhead is not None else ""
        told = f"{plain(one.tool, 40)}{counted}{overhead}".removeprefix(", ")
        head.append(f"{letter}  {plain(one.name, 60)}   {told}\n", style="bold")
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for column, right in (("figure", False), ("A", True), ("B", True), ("B / A", True), ("", False)):
        table.add_column(column, justify="right" if right else "left", overflow="fold", no_wrap=right)
    for row in found.rows:
        table.add_row(*map(Text, _cells(row)))
    reasons: dict[str, list[str]] = {}
    for row in found.rows:
        if row.refused and not row.refused.startswith(_ABSENT):
            reasons.setdefault(row.refused, []).append(_name(row))
    split: dict[str, list[str]] = {}
    for row in found.rows:
        if row.ratio is not None and (moved := _told(row.terms)):
            split.setdefault(", ".join(moved), []).append(_name(row))
    why = [Text("Why they differ: terms that multiply to the ratio", style="bold")] if split else []
    why += [Text(f"  {', '.join(names)}: {terms}") for terms, names in split.items()]
    refused = [Text("Refused", style="bold")] if reasons else []
    refused += [Text(f"  {plain(why, 300)}: {', '.join(names)}") for why, names in reasons.items()]
    notes = [Text(f"  {plain(note, 300)}", style="dim") for note in found.notes]
    return Group(head, table, *why, *refused, *notes)


def _told(terms: Sequence[Term]) -> list[str]:
    """The terms in words, the largest first; those of 1 are left out."""
    moved = [term for term in terms if abs(term.ratio - 1) > _ONE]
    by_size = sorted(moved, key=_size)
    return [f"{term.name} x {digits(term.ratio)} ({term.said})" for term in by_size]


def _size(term: Term) -> float:
    return -abs(log(term.ratio)) if term.ratio > 0 else 0.0


def _name(row: Row) -> str:
    return row.figure.replace("_", " ").replace("it energy", "energy of the machines")


def _cells(row: Row) -> tuple[str, ...]:
    name = _name(row)
    sides = [_amount(one) for one in (row.a, row.b)]
    if row.refused:
        absent = row.refused.startswith(_ABSENT)
        return name, *sides, "", row.refused if absent else f"refused: {row.refused.partition(':')[0]}"
    return name, *sides, _times(row.ratio), ""


def _times(ratio: Quantity | None) -> str:
    """A ratio with its interval, where it has one."""
    if ratio is None:
        return ""
    ends = "" if ratio.is_exact or ratio.low == ratio.high else f" ({digits(ratio.low, 2)}-{digits(ratio.high, 2)})"
    return f"{digits(ratio.value)}{ends}"


def _amount(quantity: Quantity | None) -> str:
    if quantity is None:
        return ""
    amount, interval = amount_and_interval(quantity, {})
    return interval if amount == "-" else amount
