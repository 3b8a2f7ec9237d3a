"""Grids of cells -> tables of records; tables of names and values -> single records."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from joulebook.audit.reading.amount import Amount, Field, Place, Record, Table
from joulebook.audit.reading.durations import duration
from joulebook.audit.reading.labels import Label, label
from joulebook.audit.reading.numbers import NUMBER
from joulebook.audit.reading.scan import scan

_FOOTNOTE: Final = re.compile(r"(?<=[\d%A-Za-z)])\s*(?:\*+|†|‡|\[\^?\w+\]|\^\w+\^?|[¹²³⁴⁵⁶⁷⁸⁹⁰]+|\([a-e]\))\s*$")
_EMPTY: Final = {"", "-", "–", "—", "n/a", "na", "nan", "none", "null", "...", "k. a.", "n.d."}
_YEARS: Final = re.compile(r"\b(?:year|years|date|since|jahr|jahre|année|an|released?|until|from|to|published)\b|^$")
_COUNTED: Final = re.compile(r"count|gpus|devices|number|anzahl")
_NAMING: Final = re.compile(
    r"(?:(?:ghg )?scope|(?:job|run|user|row|line)[ _]?(?:id|no|number)?|id|no\.?|nr\.?|#|rank|index|name|model|device"
    r"|category|description|hardware|gpu|accelerator|card|note|notes|remark|comment|quarter|month|version)"
)
"""Heads of columns whose cells name the row, also where they begin with a number."""


class Cell(NamedTuple):
    """A cell: its words, where they stand, and whether a merged cell is repeated here."""

    text: str
    place: Place
    copied: bool = False


def cell_amount(cell: Cell, head: Label, *, comma: bool) -> Amount | None:
    """The amount of a cell under a label; None where it has none, or is a sentence."""
    text = _FOOTNOTE.sub("", re.sub(r"\*\*|__|`", "", cell.text)).strip()
    if text.lower() in _EMPTY or (_NAMING.fullmatch(head.words) and not NUMBER.fullmatch(text)):
        return None
    if (hours := duration(text, head.words)) is not None:
        half = 0.5 / 3600
        return Amount(text, hours, hours, hours, half, half, "time", "h", place=cell.place, end=len(text))
    found = scan(text, comma=comma, place=cell.place)
    if not found or (found[0].start > 2 and found[0].noun != "device" and not found[0].ranged):
        return None
    first = found[0]
    bare = first.kind in ("number", "count", "year") and first.noun != "device"
    words = len(re.findall(r"[A-Za-zÀ-ÿ]{2,}", text[first.end :])) + len(
        re.findall(r"[A-Za-z]{2,}", text[: first.start])
    )
    if bare and words > 1:
        return None
    is_year = head.measure is None or head.measure.symbol == "y"
    if first.kind == "year" and is_year and _YEARS.search(head.words) and not _COUNTED.search(head.words):
        return first
    return _in(first, head)


def _in(amount: Amount, head: Label) -> Amount:
    """The amount in the unit that its label gives, where it has none of its own."""
    if head.measure is None or amount.kind not in ("number", "count", "year"):
        if amount.kind == "money" and head.per and not amount.per:
            return amount._replace(per=head.per)
        if amount.kind == "year":
            return amount._replace(kind="number")
        return amount
    known, scale = head.measure, head.measure.scale * head.by
    return amount._replace(
        value=amount.value * scale,
        low=amount.low * scale,
        high=amount.high * scale,
        slack=amount.slack * scale,
        rough=amount.rough * scale,
        kind=known.kind,
        unit=known.symbol,
        per=head.per,
        noun="",
        scale=scale,
    )


def tables_of(
    grid: list[list[Cell]], *, comma: bool, title: str = "", heads: int = 1
) -> tuple[list[Table], list[Record]]:
    """The tables and single records that a grid holds; its first `heads` rows name the columns."""
    width = max((len(row) for row in grid), default=0)
    body = [row for row in grid[heads:] if any(cell.text.strip() for cell in row)]
    if not width or not body:
        return [], []
    names = [_head(grid[:heads], column) for column in range(width)]
    if heads == 1 and len(body) > 1 and _is_units(body[0]):
        units = {column: cell.text.strip() for column, cell in enumerate(body[0]) if cell.text.strip()}
        names = [f"{name} ({units[column]})" if column in units else name for column, name in enumerate(names)]
        body = body[1:]
    labels = [label(name) for name in names]
    if is_sheet(body, labels, comma=comma):
        records = _columns_as_records(names, body, comma=comma, title=title)
        if len(records) < _LEAST_COLUMNS:
            return [], records
        columns = dict.fromkeys(field.label for record in records for field in record.fields)
        return [Table(tuple(columns), tuple(records), title)], []
    records = [_row(names, labels, row, comma=comma) for row in body]
    return [Table(tuple(names), tuple(records), title)], []


_SHEET: Final = 200
"""Rows that say whether a table is one of named figures."""
_LEAST_COLUMNS: Final = 3
"""Columns of values from which a table of named figures is one of columns side by side."""


def _is_units(row: list[Cell]) -> bool:
    """Whether a row names the units of the columns above it."""
    given = [cell.text.strip() for cell in row if cell.text.strip()]
    known = [
        text for text in given if label(f"({text.strip('()[]')})").measure is not None or text in ("%", "count", "-")
    ]
    return len(given) >= 2 and len(known) >= 0.6 * len(given) and not any(NUMBER.match(text) for text in given)


def _head(rows: list[list[Cell]], column: int) -> str:
    parts = [row[column].text.strip() for row in rows if column < len(row)]
    return " ".join(dict.fromkeys(part for part in parts if part))


def _row(names: list[str], labels: list[Label], row: list[Cell], *, comma: bool) -> Record:
    fields, texts, title = [], [], ""
    for name, head, cell in zip(names, labels, row, strict=False):
        amount = cell_amount(cell, head, comma=comma)
        if amount is None or (amount.kind == "year"):
            texts.append((head.words, cell.text.strip()))
            title = title or re.sub(r"[*_`]", "", cell.text).strip()
        else:
            where = amount.place._replace(cell=f"{title or 'row'}, {name}" if name else title)
            fields.append(Field(head.words, amount._replace(place=where), cell.copied))
    return Record(title, tuple(fields), tuple(texts), row[0].place if row else Place(1, 1))


def is_sheet(body: list[list[Cell]], labels: list[Label], *, comma: bool) -> bool:
    """Whether the first column names the figures, and the others have one value of each."""
    if len(labels) < 2 or len(body) < 2 or any(head.measure is not None for head in labels[1:]):
        return False
    body = body[:_SHEET]
    own = [label(row[0].text) for row in body if row]
    named = sum(one.measure is not None for one in own)
    kinds = set()
    for row in body:
        for cell, head in zip(row[1:], labels[1:], strict=False):
            amount = cell_amount(cell, head, comma=comma)
            if amount is not None and amount.kind not in ("number", "count", "year", "percent"):
                kinds.add((amount.kind, amount.per))
    roles = sum(bool(re.search(r"\b(?:pue|hours?|gpus?|devices|intensity|factor)\b", one.words)) for one in own)
    return len(kinds) >= 2 or named >= 2 or (named >= 1 and roles >= 1) or (bool(kinds) and roles >= 1)


def _columns_as_records(names: list[str], body: list[list[Cell]], *, comma: bool, title: str) -> list[Record]:
    records = []
    unit_column = next((i for i, name in enumerate(names) if re.fullmatch(r"units?|einheit|unité", name.lower())), None)
    for column in range(1, len(names)):
        if column == unit_column:
            continue
        fields, texts = [], []
        for row in body:
            if column >= len(row):
                continue
            name = row[0].text.strip()
            if unit_column is not None and unit_column < len(row) and row[unit_column].text.strip():
                name = f"{name} ({row[unit_column].text.strip()})"
            head = label(name)
            amount = cell_amount(row[column], head, comma=comma)
            if amount is None or amount.kind == "year":
                texts.append((head.words, row[column].text.strip()))
            else:
                where = amount.place._replace(cell=f"{name}, {names[column]}" if names[column] else name)
                fields.append(Field(head.words, amount._replace(place=where), row[column].copied))
        if fields:
            records.append(Record(names[column] or title, tuple(fields), tuple(texts), fields[0].amount.place))
    return records
