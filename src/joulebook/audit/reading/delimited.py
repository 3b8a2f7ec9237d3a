"""CSV and its relatives: the separator is found, lines that are torn are said and not guessed."""

from __future__ import annotations

import csv
import io
from typing import Final

from joulebook.audit.reading.amount import Place
from joulebook.audit.reading.markdown import Parts
from joulebook.audit.reading.numbers import NUMBER
from joulebook.audit.reading.prose import paragraph
from joulebook.audit.reading.tables import Cell, tables_of

_SEPARATORS: Final = (";", "\t", ",", "|")


def delimited(text: str, *, comma: bool) -> tuple[Parts, list[str]]:
    """The tables of a CSV text, and notes of what was not read."""
    parts, notes = Parts([], [], []), []
    separator = _separator(text)
    grid: list[list[Cell]] = []
    reader = csv.reader(io.StringIO(text), delimiter=separator)
    before = 0
    try:
        for row in reader:
            first = before + 1
            before = reader.line_num
            if not any(cell.strip() for cell in row) or row[0].startswith("#"):
                if row and row[0].startswith("#"):
                    words = separator.join(row)
                    parts.paragraphs.append(paragraph(words, Place(first, 1), comma=comma))
                continue
            grid.append(_cells(row, first))
    except csv.Error as error:
        notes.append(f"line {reader.line_num}: {error}; what follows it was not read")
    for block in _blocks(grid, notes):
        tables, records = tables_of(block, comma=comma)
        parts.tables.extend(tables)
        parts.records.extend(records)
        for line in block[1:]:
            for cell in line:
                if len(cell.text.split()) > 5:
                    parts.paragraphs.append(paragraph(cell.text, cell.place, comma=comma))
    return parts, notes


def _separator(text: str) -> str:
    lines = [line for line in text.split("\n")[:30] if line.strip() and not line.startswith("#")]
    scores = {one: min((line.count(one) for line in lines[:1]), default=0) for one in _SEPARATORS}
    best = max(_SEPARATORS, key=lambda one: (scores[one], -_SEPARATORS.index(one)))
    return best if scores[best] else ","


def _cells(row: list[str], line: int) -> list[Cell]:
    cells, column = [], 1
    for text in row:
        cells.append(Cell(text.strip(), Place(line, column)))
        column += len(text) + 1
    return cells


def _blocks(grid: list[list[Cell]], notes: list[str]) -> list[list[list[Cell]]]:
    """The tables of a file: a row of words only, of another width, begins a new one; torn rows are left out."""
    blocks: list[list[list[Cell]]] = []
    for row in grid:
        words = not any(NUMBER.fullmatch(cell.text) for cell in row)
        if not blocks or (words and len(row) != len(blocks[-1][0]) and len(row) > 1 and len(blocks[-1]) > 1):
            blocks.append([row])
        elif len(row) > len(blocks[-1][0]) or (len(row) < len(blocks[-1][0]) and len(row) > 0 and len(row) < 2):
            notes.append(
                f"line {row[0].place.line}: {len(row)} cells where the head has {len(blocks[-1][0])}; the row "
                f"was not read"
            )
        else:
            blocks[-1].append(row)
    return blocks
