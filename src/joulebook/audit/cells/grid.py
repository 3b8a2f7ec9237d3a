"""A table as a grid: its columns of figures, its cells, and which rows are totals, and of what."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from joulebook.audit.reading.amount import Amount, Document, Field, Place, Record, Table

Key = tuple[int, int]
"""Row and column of a cell."""
AROUND: Final = -1
"""The row of figures that hold for all rows."""
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


class Scope(NamedTuple):
    """Figures that stand together in a record, and those around it."""

    inner: tuple[Key, ...]
    outer: tuple[Key, ...]
    record: Record


class Grid(NamedTuple):
    """Columns by their names, rows, and the amounts in the cells."""

    names: tuple[str, ...]
    rows: tuple[Record, ...]
    cells: dict[Key, Amount]
    title: str = ""
    outer: int = -1
    """The row that gathers the figures beside a list, its totals among them."""
    around: tuple[Field, ...] = ()
    """Figures that hold for all rows: they are cells of a row before the first, in columns behind the last."""
    beside: frozenset[Key] = frozenset()
    """Those of them that only stand beside the rows: what may follow from all of them together."""
    adding: frozenset[int] = frozenset()
    """Columns whose figures may be added."""

    def column(self, at: int) -> dict[int, Amount]:
        """The amounts of a column by their rows."""
        return {row: self.cells[row, at] for row in range(len(self.rows)) if (row, at) in self.cells}

    def row_of(self, row: int) -> list[Key]:
        """The cells of a row."""
        return [(row, at) for at in range(len(self.names)) if (row, at) in self.cells]

    def keys_around(self) -> list[Key]:
        """The cells that hold for all rows."""
        keys = [(AROUND, len(self.names) + at) for at in range(len(self.around))]
        return [key for key in keys if key not in self.beside]

    def name(self, key: Key) -> str:
        """What the figure of a cell is called."""
        own = key[1] - len(self.names)
        return self.names[key[1]] if own < 0 else self.around[own].label

    def words(self, key: Key) -> str:
        """The words of the row of a cell."""
        return self.rows[key[0]].words if key[0] != AROUND else ""


def grid_of(table: Table) -> Grid:
    """The grid of a table; repeated cells are left out, and totals beside a list are its last row."""
    counted = [_counted(record) for record in table.records]
    at = {head: column for column, head in enumerate(dict.fromkeys(head for row in counted for head, _ in row))}
    names = [name for name, _ in at]
    cells: dict[Key, Amount] = {}
    for row, heads in enumerate(counted):
        cells |= {(row, at[head]): field.amount for head, field in heads if not field.copied}
    found = Grid(tuple(names), table.records, cells, table.title)
    for column, name in enumerate(names):
        own = found.column(column)
        if _counts(name, list(own.values())):
            cells |= {(row, column): _exactly(name, amount) for row, amount in own.items()}
    if table.outer is not None:
        found = _with_outer(found, table.outer)
    found = found._replace(adding=frozenset(_adding(found)))
    context = [field for record in table.records for field in record.context]
    return _with_around(found, context, table.outer.fields if table.outer is not None else ())


def _counted(record: Record) -> list[tuple[tuple[str, int], Field]]:
    """The figures of a row with their names, and how often each stands before in the row."""
    seen: Counter[str] = Counter()
    found = []
    for field in record.fields:
        found.append(((field.label, seen[field.label]), field))
        seen[field.label] += 1
    return found


def records_of(document: Document) -> tuple[Grid, tuple[Scope, ...]]:
    """The figures of the single records of a document as one grid, and which of them stand together."""
    own = [record for record in document.records if not record.flat]
    names = list(dict.fromkeys(field.label for record in document.records for field in record.fields))
    at = {name: column for column, name in enumerate(names)}
    cells: dict[Key, Amount] = {}
    keys: dict[Place, Key] = {}
    for row, record in enumerate(document.records):
        for field in record.fields if not record.flat else ():
            if not field.copied and field.amount.place not in keys:
                keys[field.amount.place] = (row, at[field.label])
                cells.setdefault((row, at[field.label]), _exactly(field.label, field.amount))
    around = [field for record in own for field in record.context if field.amount.place not in keys]
    grid = _with_around(Grid(tuple(names), document.records, cells), around)
    keys |= {grid.cells[key].place: key for key in grid.keys_around()}
    scopes = []
    for record in document.records:
        inner, outer = (
            tuple(dict.fromkeys(keys[field.amount.place] for field in some if field.amount.place in keys))
            for some in (record.fields, record.context)
        )
        scopes.append(Scope(inner, tuple(key for key in outer if key not in inner), record))
    return grid, tuple(sorted(scopes, key=lambda one: one.record.flat))


def _with_around(grid: Grid, fields: Iterable[Field], beside: Iterable[Field] = ()) -> Grid:
    """The grid with figures that hold for all rows, and those that stand beside them."""
    known = {amount.place for amount in grid.cells.values()}
    context = {field.amount.place: field for field in fields if field.amount.place not in known}
    others = {field.amount.place: field for field in beside if field.amount.place not in {*known, *context}}
    around = (*context.values(), *others.values())
    keys = [(AROUND, len(grid.names) + at) for at in range(len(around))]
    cells = {key: field.amount for key, field in zip(keys, around, strict=True)}
    return grid._replace(cells=grid.cells | cells, around=around, beside=frozenset(keys[len(context) :]))


def turned(grid: Grid) -> Grid:
    """The grid with rows for columns."""
    rows = tuple(Record(name, ()) for name in grid.names)
    names = tuple(record.label for record in grid.rows)
    cells = {(column, row): amount for (row, column), amount in grid.cells.items() if row != AROUND}
    found = Grid(names, rows, cells, grid.title)
    return found._replace(adding=frozenset(_adding(found)))


def _counts(name: str, amounts: list[Amount]) -> bool:
    """Whether a column counts things, so that its figures are exact."""
    bare = all(one.kind in ("count", "number") and float(one.value).is_integer() for one in amounts)
    return bare and "/" not in name and _THINGS.search(name) is not None


def _exactly(name: str, amount: Amount) -> Amount:
    """The amount as an exact one, where it is a number of things."""
    return amount._replace(slack=0.0, rough=0.0) if _counts(name, [amount]) else amount


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
    return grid._replace(rows=(*grid.rows, outer), cells=cells, outer=row)


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


def _adding(grid: Grid) -> Iterator[int]:
    """Columns whose figures may be added: those of one kind."""
    for column, name in enumerate(grid.names):
        amounts = list(grid.column(column).values())
        if len({what(amount) for amount in amounts}) == 1 and may_add(name, amounts[0]):
            yield column


def may_add(name: str, amount: Amount) -> bool:
    """Whether figures of that name are amounts that add up, and no ratios, means or numbers of rows."""
    plain = re.sub(r"[(\[][^)\]]*[)\]]|\bk wh\b|\bper year\b", "", name)
    kind = what(amount)
    return len(kind) == 2 and kind[0] in _ADDED and not _RATIO.search(plain) and not _INDEX.fullmatch(plain)


def what(amount: Amount) -> tuple[str, ...]:
    """What an amount is of: only amounts of one kind are added, and only money of one currency."""
    kind = "number" if amount.kind in ("count", "number") else amount.kind
    return (kind, amount.unit if kind == "money" else "", *amount.per)
