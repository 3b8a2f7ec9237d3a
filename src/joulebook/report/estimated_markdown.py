"""An estimate as Markdown: the tables of `estimated_sheets`, with every name escaped."""

from __future__ import annotations

from typing import Final

from joulebook.account.terms import Statement
from joulebook.report import estimated_sheets as sheets
from joulebook.report.estimated_sheets import Units
from joulebook.report.markdown import escape, table
from joulebook.report.wording import plain

_LONG: Final = 400


def markdown(statement: Statement, shown: Units | None = None) -> str:
    """The whole of an estimate as Markdown."""
    shown = shown or {}
    found = [f"# {escape(plain(statement.name, 80))}"]
    said = [*statement.hardware, *sheets.asked(statement)]
    found.append(escape(plain(f"Estimated for: {', '.join(said)}; facts {statement.edition}", _LONG)) + ".")
    by_part = sheets.parts(statement, shown)
    every = (
        sheets.figures(statement, shown),
        *((by_part,) if len(by_part.rows) > 1 else ()),
        sheets.narrowed(statement, shown),
        sheets.alternatives(statement, shown),
        sheets.assumptions(statement),
    )
    for sheet in every:
        if sheet.rows:
            found += [f"## {sheet.title}", table(sheet)]
    for title, items in sheets.remarks(statement):
        found += [f"## {title}", "\n".join(f"- {escape(item)}" for item in items)]
    return "\n\n".join(found) + "\n"
