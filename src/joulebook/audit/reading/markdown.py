"""Markdown and plain text: headings, paragraphs, pipe tables, lists; front matter and code are told apart."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from joulebook.audit.reading.amount import Field, Paragraph, Place, Record, Table
from joulebook.audit.reading.labels import label
from joulebook.audit.reading.prose import paragraph
from joulebook.audit.reading.tables import Cell, cell_amount, tables_of

_RULE: Final = re.compile(r"\s*\|?\s*:?-{2,}:?\s*(?:\|\s*:?-{2,}:?\s*)*\|?\s*$")
_HEADING: Final = re.compile(r"(#{1,6})\s+(.*)$")
_ITEM: Final = re.compile(r"\s*(?:[-*+•]|\d{1,2}[.)])\s+")
_NAMED: Final = re.compile(
    r"\s*(?:[-*+•]\s+)?\**(?P<name>[A-ZÀ-Ý][^:.|]{1,50}?)\**\s*:\**\s+(?P<value>[~≈$€£]?[\d.].{0,60})$"
)


class Parts(NamedTuple):
    """What a text is made of."""

    paragraphs: list[Paragraph]
    tables: list[Table]
    records: list[Record]


def markdown(text: str, *, comma: bool, first_line: int = 1) -> Parts:
    """The parts of a Markdown or plain text whose first line has that number."""
    lines = text.split("\n")
    parts = Parts([], [], [])
    heading, index = "", 0
    while index < len(lines):
        line = lines[index]
        number = first_line + index
        if line.lstrip().startswith("```"):
            index = _behind_code(lines, index)
        elif found := _HEADING.match(line):
            heading = found[2]
            parts.paragraphs.append(paragraph(heading, Place(number, 1 + found.start(2)), comma=comma))
            index += 1
        elif "|" in line and index + 1 < len(lines) and _RULE.match(lines[index + 1]) and "-" in lines[index + 1]:
            end = index + 2
            while end < len(lines) and "|" in lines[end] and lines[end].strip():
                end += 1
            _table(lines[index:end], number, heading, parts, comma=comma)
            index = end
        elif not line.strip():
            index += 1
        else:
            index = _block(lines, index, first_line, heading, parts, comma=comma)
    return parts


def _behind_code(lines: list[str], index: int) -> int:
    end = index + 1
    while end < len(lines) and not lines[end].lstrip().startswith("```"):
        end += 1
    return end + 1


def _block(lines: list[str], index: int, first_line: int, heading: str, parts: Parts, *, comma: bool) -> int:
    """One paragraph or list; a list of names with values is a record as well."""
    end = index + 1
    while end < len(lines) and lines[end].strip() and not _begins(lines, end):
        end += 1
    block = lines[index:end]
    named = [(at, _NAMED.match(line)) for at, line in enumerate(block)]
    if sum(found is not None for _, found in named) >= 2:
        _named(block, first_line + index, heading, parts, comma=comma)
        block_texts = [(at, line) for at, line in enumerate(block) if _NAMED.match(line) is None]
    else:
        block_texts = list(enumerate(block))
    pieces: list[tuple[int, list[str]]] = []
    last = -2
    for at, line in block_texts:
        if pieces and not _ITEM.match(line) and at == last + 1:
            pieces[-1][1].append(line)
        else:
            pieces.append((at, [line]))
        last = at
    for at, piece in pieces:
        joined = re.sub(
            r"[*_`]{1,3}(?=\S)|(?<=\S)[*_`]{1,3}(?=[\s.,;:)]|$)", lambda f: "\u200b" * len(f[0]), "\n".join(piece)
        )
        joined = joined.replace("\u200b", " ") if "\u200b" in joined else joined
        parts.paragraphs.append(paragraph(joined, Place(first_line + index + at, 1), comma=comma, heading=heading))
    return end


def _begins(lines: list[str], index: int) -> bool:
    line = lines[index]
    is_table = "|" in line and index + 1 < len(lines) and _RULE.match(lines[index + 1]) is not None
    return is_table or _HEADING.match(line) is not None or line.lstrip().startswith("```")


def _named(block: list[str], first_line: int, heading: str, parts: Parts, *, comma: bool) -> None:
    fields = []
    texts = []
    for at, line in enumerate(block):
        found = _NAMED.match(line)
        if found is None:
            continue
        name = found["name"].strip()
        head = label(name)
        cell = Cell(found["value"], Place(first_line + at, 1 + found.start("value"), name))
        amount = cell_amount(cell, head, comma=comma)
        if amount is None or amount.kind == "year":
            texts.append((head.words, found["value"]))
            parts.paragraphs.append(paragraph(found["value"], cell.place, comma=comma, heading=heading))
        else:
            fields.append(Field(head.words, amount))
            if len(found["value"]) > amount.end + 4:
                parts.paragraphs.append(paragraph(f"{found['value']}", cell.place, comma=comma, heading=heading))
    if fields:
        parts.records.append(Record(heading, tuple(fields), tuple(texts), fields[0].amount.place))


def _table(lines: list[str], first_line: int, heading: str, parts: Parts, *, comma: bool) -> None:
    grid = [_cells(lines[0], first_line)]
    grid += [_cells(line, first_line + 2 + at) for at, line in enumerate(lines[2:])]
    tables, records = tables_of(grid, comma=comma, title=heading)
    parts.tables.extend(tables)
    parts.records.extend(records)
    for row in grid[1:]:
        for cell in row:
            if len(cell.text.split()) > 3 or "(" in cell.text:
                parts.paragraphs.append(paragraph(cell.text, cell.place, comma=comma, heading=heading))


def _cells(line: str, number: int) -> list[Cell]:
    """The cells of a line of a pipe table, with their columns."""
    text = line.replace("\\|", "\u0001")
    start = len(text) - len(text.lstrip())
    inner = text.strip()
    if inner.startswith("|"):
        inner, start = inner[1:], start + 1
    inner = inner.removesuffix("|")
    cells, column = [], start
    for part in inner.split("|"):
        lead = len(part) - len(part.lstrip())
        words = part.strip().replace("\u0001", "|")
        cells.append(Cell(words, Place(number, 1 + column + lead)))
        column += len(part) + 1
    return cells
