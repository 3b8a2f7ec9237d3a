"""Published tables beside what is computed again: for the terminal, and as a page of Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from textwrap import wrap
from typing import Final, NamedTuple

from tabulate import tabulate

from joulebook.report.markdown import escape
from joulebook.report.typography import typeset

_WIDE: Final = 96
_NAME: Final = 46


class Row(NamedTuple):
    """One figure; `plain` where there is nothing to say of it."""

    name: str
    printed: str
    computed: str
    verdict: str
    why: str
    plain: bool
    apart: float | None = None
    """What is computed over what is printed, less 1; None where nothing is computed."""


class Table(NamedTuple):
    """Figures that are published together."""

    name: str
    about: str
    source: str
    rows: Sequence[Row]


class Page(NamedTuple):
    """A publication."""

    name: str
    title: str
    about: str
    counts: Mapping[str, int]
    tables: Sequence[Table]


def text(page: Page) -> str:
    """A publication for the terminal: table by table, one line for a figure and one for what is to be said of it."""
    lines = [page.title, *wrap(page.about, _WIDE)]
    for table in page.tables:
        lines += ["", table.name]
        lines += [f"  {'':<{_NAME}} {'printed':>20} {'computed':>20}"]
        for row in table.rows:
            name = wrap(row.name, _NAME) or [""]
            lines += [f"  {part}" for part in name[:-1]]
            lines.append(f"  {name[-1]:<{_NAME}} {row.printed:>20} {row.computed:>20}  {row.verdict}".rstrip())
            lines += [f"      {part}" for part in wrap(row.why, _WIDE - 6)]
        lines += wrap(f"Source: {table.source}", _WIDE, initial_indent="  ", subsequent_indent="  ")
    return "\n".join([*lines, "", counted(page.counts)]) + "\n"


def markdown(pages: Iterable[Page], head: str = "") -> str:
    """Publications as Markdown: a summary, then table by table, with what is remarkable below each."""
    found = list(pages)
    rows = [[f"[{page.name}](#{page.name})", escape(page.title), counted(page.counts)] for page in found]
    parts = [head.strip()] if head else []
    parts.append(tabulate(rows, ["case", "publication", "figures"], tablefmt="github", disable_numparse=True))
    for page in found:
        parts += [f"## {page.name}", f"{escape(page.title)}. {escape(page.about)}"]
        for table in page.tables:
            parts += [f"### {page.name}: {table.name}", *([escape(table.about)] if table.about else [])]
            parts += [_table(table), f"Source: {escape(table.source)}."]
    return "\n\n".join(part for part in parts if part) + "\n"


def counted(counts: Mapping[str, int]) -> str:
    """How many figures there are of each kind, in words."""
    return f"{sum(counts.values())} figures: " + ", ".join(f"{count} {word}" for word, count in counts.items())


def _table(table: Table) -> str:
    rows = [
        [
            escape(row.name),
            typeset(escape(row.printed)),
            typeset(escape(row.computed)),
            row.verdict if row.plain else f"**{row.verdict}**",
            escape(row.why),
        ]
        for row in table.rows
    ]
    heads = ["", "printed", "computed", "verdict", "why"]
    if not any(row[4] for row in rows):
        rows, heads = [row[:4] for row in rows], heads[:4]
    align = ["left", "right", "right", "left", "left"][: len(heads)]
    return str(tabulate(rows, heads, tablefmt="github", disable_numparse=True, colalign=align))
