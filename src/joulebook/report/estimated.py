"""An estimate on a terminal, as Markdown, in a notebook and in one glance: the tables of `estimated_sheets`."""

from __future__ import annotations

from typing import Final

from rich.box import SIMPLE_HEAD
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from joulebook.account.terms import Statement
from joulebook.report import estimated_sheets as sheets
from joulebook.report.estimated_sheets import Units
from joulebook.report.sheets import Sheet
from joulebook.report.wording import plain

_INDENT: Final = 2
_DEEPER: Final = 6


def show(statement: Statement, shown: Units | None = None) -> RenderableType:
    """The whole of an estimate: what was asked, figures, what their ranges come from, what they rest on."""
    shown = shown or {}
    found: list[RenderableType] = [_head(statement), _table(sheets.figures(statement, shown), titled=False)]
    if statement.yardstick is not None:
        found.append(_indented(f"Energy is {plain(statement.yardstick.text, 80)}.", 1))
    by_part = sheets.parts(statement, shown)
    if len(by_part.rows) > 1:
        found += [Text(), _table(by_part)]
    found += _narrowed(sheets.narrowed(statement, shown))
    side_by_side = sheets.alternatives(statement, shown)
    if side_by_side.rows:
        found += [Text(), _table(side_by_side)]
    found += _assumptions(sheets.assumptions(statement))
    for title, items in sheets.remarks(statement):
        found += [_title(title), *(_indented(item) for item in items)]
    return Group(*found)


def _head(statement: Statement) -> RenderableType:
    """Name, hardware, what was asked."""
    hardware = plain(", ".join(statement.hardware), 80)
    text = Text(f"{plain(statement.name)}   estimated", style="bold")
    below = "   ".join(part for part in (hardware, f"facts {plain(statement.edition)}") if part)
    text.append(f"\n{below}", style="not bold dim")
    said = sheets.asked(statement)
    return Group(text, _indented(f"asked: {', '.join(said)}", 0)) if said else text


def _title(text: str) -> Text:
    return Text(f"\n{text}", style="bold")


def _indented(text: str, by: int = _INDENT, style: str = "") -> Padding:
    return Padding(Text(text, style=style), (0, 0, 0, by), expand=False)


def _table(sheet: Sheet, *, titled: bool = True) -> Table:
    heading = Text(sheet.title, style="bold") if titled else None
    table = Table(box=SIMPLE_HEAD, title=heading, title_justify="left", pad_edge=False)
    for column in sheet.columns:
        right = column.startswith(">")
        table.add_column(column.removeprefix(">"), justify="right" if right else "left", overflow="fold", no_wrap=right)
    for row in sheet.rows:
        table.add_row(*map(Text, row))
    return table


def _narrowed(sheet: Sheet) -> list[RenderableType]:
    """Under each figure the inputs, what it would be if one were known, and by how much that is narrower."""
    if not sheet.rows:
        return []
    table = Table.grid(padding=(0, 3, 0, 0))
    table.add_column(overflow="fold")
    table.add_column(justify="right", no_wrap=True)
    table.add_column(no_wrap=True)
    for head, known, left, change in sheet.rows:
        if head:
            table.add_row(Text(head, style="bold"), Text(), Text())
        table.add_row(Text(f"  {known}"), Text(left), Text(change))
    return [_title(sheet.title), Padding(table, (0, 0, 0, _INDENT), expand=False)]


def _assumptions(sheet: Sheet) -> list[RenderableType]:
    """Each on a line, its source below it."""
    found: list[RenderableType] = [_title(sheet.title)] if sheet.rows else []
    for what, value, basis, source in sheet.rows:
        found += [_indented(f"{what} = {value}  {basis}"), _indented(source, _DEEPER, "dim")]
    return found
