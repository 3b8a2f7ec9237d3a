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
    formula: str = ""


class Table(NamedTuple):
    """Figures that are published together."""

    name: str
    about: str
    source: str
    rows: Sequence[Row]


class Input(NamedTuple):
    """A figure that formulas use and no table shows."""

    key: str
    name: str
    printed: str
    source: str


class Page(NamedTuple):
    """A publication."""

    name: str
    title: str
    about: str
    counts: Mapping[str, int]
    tables: Sequence[Table]
    inputs: Sequence[Input] = ()


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
            said = row.why if row.printed else f"{row.formula}; {row.why}".rstrip("; ")
            lines += [f"      {part}" for part in wrap(said, _WIDE - 6)]
        lines += wrap(f"Source: {table.source}", _WIDE, initial_indent="  ", subsequent_indent="  ")
    if page.inputs:
        lines += ["", "Inputs that formulas use beside these"]
        lines += [f"  {given.name:<{_NAME}} {given.printed:>20}" for given in page.inputs]
    if slips := _slips(page):
        lines += ["", "Inputs that cannot stand as printed"]
        lines += [part for slip in slips for part in wrap(slip, _WIDE, initial_indent="  ", subsequent_indent="    ")]
    return "\n".join([*lines, "", counted(page.counts)]) + "\n"


def markdown(pages: Iterable[Page], head: str = "") -> str:
    """Publications as Markdown: a summary, then table by table, with what is remarkable below each."""
    found = list(pages)
    rows = [[f"[{page.name}](#{page.name})", escape(page.title), counted(page.counts)] for page in found]
    parts = [head.strip()] if head else []
    parts.append(tabulate(rows, ["case", "publication", "figures"], tablefmt="github", disable_numparse=True))
    for page in found:
        parts += [f"## {page.name}", f"{escape(page.title)}. {escape(page.about)}"]
        if slips := _slips(page):
            said = "\n".join(f"- {typeset(escape(slip))}" for slip in slips)
            parts.append(f"Inputs that cannot stand as printed:\n\n{said}")
        for table in page.tables:
            parts += [f"### {page.name}: {table.name}", *([escape(table.about)] if table.about else [])]
            parts += [_table(table), f"Source: {escape(table.source)}."]
        parts += _inputs(page)
    return "\n\n".join(part for part in parts if part) + "\n"


def _slips(page: Page) -> list[str]:
    """Printed inputs that what is computed from them speaks against."""
    rows = [row for table in page.tables for row in table.rows]
    return [f"{row.name}, {row.printed}: {row.why}" for row in rows if not row.plain and not row.computed]


def counted(counts: Mapping[str, int]) -> str:
    """How many figures there are of each kind, in words."""
    several = sum(counts.values())
    return f"{several} figure{'' if several == 1 else 's'}: " + ", ".join(
        f"{count} {word}" for word, count in counts.items()
    )


def _inputs(page: Page) -> list[str]:
    """What formulas use beside the tables, with its name in them."""
    if not page.inputs:
        return []
    rows = [
        [f"`{key}`", escape(name), typeset(escape(figure)), escape(source)] for key, name, figure, source in page.inputs
    ]
    heads = ["in formulas", "what", "printed", "source"]
    align = ("left", "left", "right", "left")
    table = tabulate(rows, heads, tablefmt="github", disable_numparse=True, colalign=align)
    return [f"### {page.name}: inputs beside the tables", str(table)]


def _table(table: Table) -> str:
    """The figures, without the columns that are empty all the way down."""
    heads = ("", "printed", "computed", "formula", "verdict", "why")
    align = ("left", "right", "right", "left", "left", "left")
    rows = [
        (
            escape(row.name),
            typeset(escape(row.printed)),
            typeset(escape(row.computed)),
            f"`{row.formula}`" if row.formula else "",
            row.verdict if row.plain else f"**{row.verdict}**",
            escape(row.why),
        )
        for row in table.rows
    ]
    kept = [place for place in range(len(heads)) if any(row[place] for row in rows)]
    shown = [[row[place] for place in kept] for row in rows]
    titles, sides = [heads[place] for place in kept], [align[place] for place in kept]
    return str(tabulate(shown, titles, tablefmt="github", disable_numparse=True, colalign=sides))
