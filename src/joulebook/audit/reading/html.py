"""HTML: tables with merged cells, and the words around them; scripts and styles are left out."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Final

from joulebook.audit.reading.amount import Place
from joulebook.audit.reading.markdown import Parts
from joulebook.audit.reading.prose import paragraph
from joulebook.audit.reading.tables import Cell, tables_of

_BLOCKS: Final = {"p", "li", "h1", "h2", "h3", "h4", "h5", "h6", "div", "section", "article", "blockquote", "dd", "dt",
                  "figcaption", "caption", "body", "main", "header", "footer", "br", "title"}  # fmt: skip
_SILENT: Final = {"script", "style", "template", "noscript", "svg"}
_MOST_SPAN: Final = 1000


class _Grid:
    """A table being read: rows of (text, place, is head, rowspan, colspan)."""

    def __init__(self) -> None:
        self.rows: list[list[tuple[str, Place, bool, int, int]]] = []
        self.caption = ""


class _Reader(HTMLParser):
    def __init__(self, *, comma: bool) -> None:
        super().__init__(convert_charrefs=True)
        self.comma = comma
        self.parts = Parts([], [], [])
        self.merged = 0
        self._silent = 0
        self._grids: list[_Grid] = []
        self._cell: tuple[Place, bool, int, int] | None = None
        self._words: list[str] = []
        self._text: list[str] = []
        self._begun: Place | None = None
        self._heading = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SILENT:
            self._silent += 1
        elif tag == "table":
            self._flush()
            self._grids.append(_Grid())
        elif tag == "tr" and self._grids:
            self._close_cell()
            self._grids[-1].rows.append([])
        elif tag in ("td", "th") and self._grids:
            self._close_cell()
            given = dict(attrs)
            line, column = self.getpos()
            self._cell = (Place(line, column + 1), tag == "th", _span(given, "rowspan"), _span(given, "colspan"))
            self._words = []
        elif tag == "sup" and self._cell is not None:
            self._words.append(" ")
        elif tag in _BLOCKS:
            self._flush(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in _SILENT:
            self._silent = max(0, self._silent - 1)
        elif tag in ("td", "th"):
            self._close_cell()
        elif tag == "table" and self._grids:
            self._close_cell()
            self._finish(self._grids.pop())
        elif tag in _BLOCKS:
            self._flush(tag)

    def handle_data(self, data: str) -> None:
        if self._silent:
            return
        if self._cell is not None:
            self._words.append(data)
        elif data.strip() or self._text:
            if self._begun is None and data.strip():
                line, column = self.getpos()
                self._begun = Place(line, column + 1)
            self._text.append(data)

    def _close_cell(self) -> None:
        if self._cell is not None and self._grids:
            place, head, rows, columns = self._cell
            if not self._grids[-1].rows:
                self._grids[-1].rows.append([])
            text = " ".join("".join(self._words).split())
            self._grids[-1].rows[-1].append((text, place, head, rows, columns))
        self._cell = None

    def _flush(self, tag: str = "") -> None:
        text = "".join(self._text)
        if text.strip() and self._begun is not None:
            lead = len(text) - len(text.lstrip())
            self.parts.paragraphs.append(
                paragraph(text[lead:].rstrip(), self._begun, comma=self.comma, heading=self._heading)
            )
            if tag[:1] == "h" and tag[1:].isdigit():
                self._heading = " ".join(text.split())
        self._text, self._begun = [], None

    def finish(self) -> Parts:
        """What was read, also where closing tags are missing."""
        self.close()
        self._close_cell()
        while self._grids:
            self._finish(self._grids.pop())
        self._flush()
        return self.parts

    def _finish(self, found: _Grid) -> None:
        grid, heads = self._spread(found)
        tables, records = tables_of(grid, comma=self.comma, title=self._heading, heads=max(1, heads))
        self.parts.tables.extend(tables)
        self.parts.records.extend(records)
        for row in grid[max(1, heads) :]:
            for cell in row:
                if not cell.copied and (len(cell.text.split()) > 3 or "(" in cell.text):
                    self.parts.paragraphs.append(paragraph(cell.text, cell.place, comma=self.comma))

    def _spread(self, found: _Grid) -> tuple[list[list[Cell]], int]:
        """The grid with merged cells repeated, and how many rows of heads it has."""
        grid: list[list[Cell]] = []
        waiting: dict[int, tuple[int, Cell]] = {}
        heads, counting = 0, True
        for row in found.rows:
            cells: list[Cell] = []
            given = list(row)
            while given or len(cells) in waiting:
                column = len(cells)
                if column in waiting:
                    left, cell = waiting.pop(column)
                    cells.append(cell)
                    if left > 1:
                        waiting[column] = (left - 1, cell)
                    continue
                text, place, _, rows, columns = given.pop(0)
                self.merged += rows > 1 or columns > 1
                for offset in range(columns):
                    cell = Cell(text, place, offset > 0)
                    cells.append(cell)
                    if rows > 1:
                        waiting[column + offset] = (rows - 1, Cell(text, place, True))
            grid.append(cells)
            counting = counting and bool(row) and all(head for _, _, head, _, _ in row)
            heads += counting
        return grid, heads


def _span(given: dict[str, str | None], name: str) -> int:
    text = given.get(name) or "1"
    return min(_MOST_SPAN, max(1, int(text))) if re.fullmatch(r"\d{1,4}", text) else 1


def html(text: str, *, comma: bool) -> tuple[Parts, list[str]]:
    """The parts of a page, and notes of what was understood with a guess."""
    reader = _Reader(comma=comma)
    reader.feed(text)
    parts = reader.finish()
    notes = [f"{reader.merged} merged cells: each counts once, at its first place"] if reader.merged else []
    return parts, notes
