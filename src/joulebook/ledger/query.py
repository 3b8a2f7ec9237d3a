"""Which runs are wanted, as SQL: filters, order and page of a list of runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, Select, exists, func, select, text

from joulebook.ledger.tables import PRICES, RUNS

COLUMNS: Final[Mapping[str, ColumnElement[Any]]] = {
    "started": RUNS.c.started_ns,
    "name": RUNS.c.name,
    "status": RUNS.c.status,
    "duration": RUNS.c.duration_ns,
    "it_energy": RUNS.c.energy_uj,
    "carbon": PRICES.c.carbon_g,
    "cost": PRICES.c.cost,
}
"""What rows can be sorted and filtered by."""
PRICED: Final = frozenset(("carbon", "cost"))


class Condition(NamedTuple):
    """`column operator value`, with the value in ns, uJ, g or the currency."""

    column: str
    operator: str
    value: float


class Query(NamedTuple):
    """Which runs, in which order, and which of them."""

    name: str = ""
    """Part of a name, or a pattern with `*` and `?`; letters of both cases are alike."""
    status: tuple[str, ...] = ()
    region: str = ""
    labels: tuple[tuple[str, str], ...] = ()
    since_ns: int | None = None
    until_ns: int | None = None
    conditions: tuple[Condition, ...] = ()
    nested: bool = False
    sort: str = "started"
    ascending: bool = False
    limit: int = 50
    offset: int = 0

    def unpriced(self) -> Query:
        """The query for every run that could be in the answer, whatever it came to."""
        kept = tuple(condition for condition in self.conditions if condition.column not in PRICED)
        return self._replace(conditions=kept, sort="started", limit=-1, offset=0)

    @property
    def priced(self) -> bool:
        """Whether the answer depends on facts, and not on journals alone."""
        return self.sort in PRICED or any(condition.column in PRICED for condition in self.conditions)


def page_of(query: Query) -> Select[Any]:
    """The rows of one page, in order; unknown amounts come last."""
    order = COLUMNS[query.sort]
    last = RUNS.c.id.asc() if query.ascending else RUNS.c.id.desc()
    ordered = (order.asc() if query.ascending else order.desc()).nulls_last(), RUNS.c.started_ns.desc(), last
    statement = select(RUNS).select_from(_tables(query)).where(*_wanted(query)).order_by(*ordered)
    return statement.limit(query.limit).offset(query.offset)


def number_of(query: Query) -> Select[int]:
    """How many rows a query has on all its pages."""
    return select(func.count()).select_from(_tables(query)).where(*_wanted(query))


def _tables(query: Query) -> Any:  # noqa: ANN401 - a table or a join of two
    return RUNS.outerjoin(PRICES, RUNS.c.id == PRICES.c.run) if query.priced else RUNS


_OUTER: Final = RUNS.alias("outer_runs")


def _wanted(query: Query) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if not query.nested:
        found.append((RUNS.c.group == "") | (RUNS.c.folder == ""))  # a rank is shown by the run of all
        circle = (_OUTER.c.id == RUNS.c.id) | (_OUTER.c.parent == RUNS.c.id)  # runs that name each other stand alone
        found.append(~exists(select(text("1")).select_from(_OUTER).where(_OUTER.c.id == RUNS.c.parent, ~circle)))
    if query.name:
        found.append(RUNS.c.name.like(_pattern(query.name), escape="\\"))
    if query.status:
        found.append(RUNS.c.status.in_(query.status))
    if query.region:
        found.append(func.lower(RUNS.c.region) == query.region.lower())
    found += [_has_label(key, value) for key, value in query.labels]
    if query.since_ns is not None:
        found.append(RUNS.c.started_ns >= query.since_ns)
    if query.until_ns is not None:
        found.append(RUNS.c.started_ns < query.until_ns)
    found += [
        _OPERATORS[condition.operator](COLUMNS[condition.column], condition.value) for condition in query.conditions
    ]
    return found


def _has_label(key: str, value: str) -> ColumnElement[bool]:
    labels = func.json_each(RUNS.c.labels).table_valued("key", "value")
    return exists(select(text("1")).select_from(labels).where(labels.c.key == key, labels.c.value == value))


_OPERATORS: Final[Mapping[str, Any]] = {
    "<": lambda column, value: column < value,
    "<=": lambda column, value: column <= value,
    ">": lambda column, value: column > value,
    ">=": lambda column, value: column >= value,
    "=": lambda column, value: column == value,
}
OPERATORS: Final = tuple(_OPERATORS)


def _pattern(name: str) -> str:
    """The words of a user as a LIKE pattern: with `*` or `?` the whole name, else any part of it."""
    escaped = name.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    if "*" in name or "?" in name:
        return escaped.replace("*", "%").replace("?", "_")
    return f"%{escaped}%"
