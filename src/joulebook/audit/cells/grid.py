"""A table as a grid: its columns of figures, its cells, and which rows are totals, and of what."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from joulebook.audit.reading.amount import Amount, Field, Record, Table

Key = tuple[int, int]
"""Row and column of a cell."""
_MOST_ROUGH: Final = 0.005
"""What trailing zeros may hide of a figure, relative."""
_HEDGED: Final = 0.05
_THINGS: Final = re.compile(
    r"\b(?:n|num|number|count|anzahl|nombre|quantity|menge)\b|#|nodes|servers?\b|gpus?\b|cards|devices|accelerators"
    r"|chips|hosts|racks|sockets|instances|replicas|knoten|karten|serveurs?|cartes|machines|units\b",
)
_RATIO: Final = re.compile(
    r"\bpue\b|\bwue\b|\bcue\b|intensity|factor|\bper\b|/|average|mean\b|median|utili|\brate\b|efficien|accuracy|score"
    r"|price|ratio|\btdp\b|\bmfu\b|growth|change|auslastung|preis|faktor|durchschnitt|mittler|moyenn|intensité"
    r"|facteur|prix|\bbatch\b|layers|quotient|verhältnis|\blr\b|version|\bpeak\b|\bmax\b|\bmin\b"
    r"|\bp\d\d\b|latency|temperature|matched",
    re.IGNORECASE,
)
_ADDED: Final = {"energy", "mass", "water", "money", "device-hours", "count", "number", "percent", "power", "time",
                 "data", "distance", "compute"}  # fmt: skip
_TOTAL_WORDS: Final = {"total", "totals", "sum", "overall", "gesamt", "summe", "combined", "all", "grand", "subtotal"}
_INDEX: Final = re.compile(r"\W*|(?:no|nr|num|id|rank|index|step|row|line|epoch|week|month|day|year)\.?")
_UNIT_WORDS: Final = {
    "kwh", "wh", "mwh", "gwh", "k", "m", "g", "kg", "t", "s", "h", "hours", "seconds", "minutes", "hrs", "w", "kw",
    "mw", "usd", "eur", "gbp", "l", "m3", "percent", "co2e", "co2",
}  # fmt: skip
_WORDS: Final = re.compile(r"[a-zà-ÿ0-9]+")


class Grid(NamedTuple):
    """Columns by their names, rows, and the amounts in the cells."""

    names: tuple[str, ...]
    rows: tuple[Record, ...]
    cells: dict[Key, Amount]
    title: str = ""
    outer: int = -1
    """The row that gathers the figures beside a list, its totals among them."""

    def column(self, at: int) -> dict[int, Amount]:
        """The amounts of a column by their rows."""
        return {row: amount for (row, column), amount in self.cells.items() if column == at}


def grid_of(table: Table) -> Grid:
    """The grid of a table; repeated cells are left out, and totals beside a list are its last row."""
    names = list(dict.fromkeys(field.label for record in table.records for field in record.fields))
    cells: dict[Key, Amount] = {}
    for row, record in enumerate(table.records):
        for field in record.fields:
            if not field.copied:
                cells.setdefault((row, names.index(field.label)), field.amount)
    for column, name in enumerate(names):
        own = [cells[key] for key in cells if key[1] == column]
        if _counts(name, own):
            cells |= {key: amount._replace(slack=0.0, rough=0.0) for key, amount in cells.items() if key[1] == column}
    found = Grid(tuple(names), table.records, cells, table.title)
    return found if table.outer is None else _with_outer(found, table.outer)


def turned(grid: Grid) -> Grid:
    """The grid with rows for columns."""
    rows = tuple(Record(name, ()) for name in grid.names)
    names = tuple(record.label for record in grid.rows)
    return Grid(names, rows, {(column, row): amount for (row, column), amount in grid.cells.items()}, grid.title)


def _counts(name: str, amounts: list[Amount]) -> bool:
    """Whether a column counts things, so that its figures are exact."""
    bare = all(one.kind in ("count", "number") and float(one.value).is_integer() for one in amounts)
    return bare and "/" not in name and _THINGS.search(name) is not None


def _with_outer(grid: Grid, outer: Record) -> Grid:
    """The grid with one more row: of each column, the figure beside the list that is named as its total."""
    row = len(grid.rows)
    cells = dict(grid.cells)
    columns = [list(grid.column(column).values()) for column in range(len(grid.names))]
    fits = [
        [_named(field, name, parts) for name, parts in zip(grid.names, columns, strict=True)] for field in outer.fields
    ]
    for column, parts in enumerate(columns):
        best = max((fit[column] for fit in fits), default=0)
        own = [at for at, fit in enumerate(fits) if best and fit[column] == best == max(fit)]
        if not own:
            continue
        alike = [outer.fields[at] for at in own]
        added = sum(one.value for one in parts)
        nearest = min(alike, key=lambda field: abs(field.amount.value - added))
        cells[row, column] = nearest.amount
    if len(cells) == len(grid.cells):
        return grid
    return Grid(grid.names, (*grid.rows, outer), cells, grid.title, row)


def _named(field: Field, name: str, parts: list[Amount]) -> int:
    """How well a figure beside a list is named as the total of a column; 0 where it is not."""
    sample = parts[0]
    if (field.amount.kind, field.amount.per) != (sample.kind, sample.per) or len(parts) < 2:
        return 0
    own, column = (set(_WORDS.findall(re.sub(r"\([^()]*\)", "", words))) for words in (field.label, name))
    left, right = own - _TOTAL_WORDS, column - _TOTAL_WORDS
    if left == right:
        return 4
    left, right = left - _UNIT_WORDS, right - _UNIT_WORDS
    if left == right and left:
        return 3
    is_total = bool(own & _TOTAL_WORDS)
    if is_total and (left <= right or right <= left) and (left or len(own) == 1):
        return 2 if left else 1
    return 0


def bounds(amount: Amount) -> tuple[float, float]:
    """Between which values the amount lies that was printed so."""
    size = abs(amount.value)
    half = max(amount.slack, min(amount.rough, _MOST_ROUGH * size))
    if amount.hedged:
        half = max(half, _HEDGED * size)
    return amount.low - half, amount.high + half


def additive(grid: Grid, column: int) -> bool:
    """Whether the figures of a column may be added."""
    kinds = {what(grid.cells[key]) for key in grid.cells if key[1] == column}
    name = re.sub(r"[(\[][^)\]]*[)\]]|\bk wh\b|\bper year\b", "", grid.names[column])
    return (
        len(kinds) == 1
        and len(next(iter(kinds))) == 2
        and not _RATIO.search(name)
        and not _INDEX.fullmatch(name)
        and next(iter(kinds))[0] in _ADDED
    )


def what(amount: Amount) -> tuple[str, ...]:
    """What an amount is of: only amounts of one kind are added, and only money of one currency."""
    kind = "number" if amount.kind in ("count", "number") else amount.kind
    return (kind, amount.unit if kind == "money" else "", *amount.per)
