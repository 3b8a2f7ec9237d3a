"""What somebody asks of a list of runs, in his words, as a query: patterns, dates, ages, amounts with units."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final, NamedTuple

from joulebook.errors import ConfigError, UnitMismatch
from joulebook.ledger.query import COLUMNS, OPERATORS, Condition, Query
from joulebook.ledger.recording import ENDS
from joulebook.units import convert, unit

STATUSES: Final = ("running", *ENDS, "interrupted", "damaged")
SORTS: Final = tuple(COLUMNS)
_BASE: Final = {"duration": ("s", 1e9), "it_energy": ("J", 1e6), "carbon": ("gCO2e", 1.0)}
"""Unit of a column and how many of what is stored make one of it; a cost is compared in its own currency."""
_LARGEST: Final = (1 << 63) - 1
"""SQLite holds no larger number; there is no run beyond."""
_CONDITION: Final = re.compile(r"\s*([a-z_]+)\s*(<=|>=|<|>|=)\s*([0-9.eE+-]+)\s*([A-Za-z0-9/]*)\s*", re.ASCII)
_AGE: Final = re.compile(r"(\d+)\s*(min|h|d)", re.ASCII)


class Asked(NamedTuple):
    """The words."""

    name: str = ""
    status: Sequence[str] = ()
    region: str = ""
    labels: Sequence[str] = ()
    """Each `key=value`."""
    since: str = ""
    until: str = ""
    """A day, a time (UTC unless it says otherwise), or an age such as `12h` and `7d`."""
    where: Sequence[str] = ()
    """Each an amount compared: `it_energy>1kWh`."""
    sort: str = "started"
    ascending: bool = False
    limit: int = 50
    page: int = 1
    nested: bool = False


def query_of(asked: Asked) -> Query:
    """The query. Raises `ConfigError` with what was expected where a word makes no sense."""
    return Query(
        name=asked.name,
        status=tuple(_one_of("--status", word, STATUSES) for word in asked.status),
        region=asked.region,
        labels=tuple(_label(word) for word in asked.labels),
        since_ns=_instant("--since", asked.since),
        until_ns=_instant("--until", asked.until),
        conditions=tuple(_condition(word) for word in asked.where),
        nested=asked.nested,
        sort=_one_of("--sort", asked.sort, SORTS),
        ascending=asked.ascending,
        limit=min(asked.limit, _LARGEST),
        offset=min((asked.page - 1) * asked.limit, _LARGEST),
    )


def _one_of(option: str, word: str, known: Sequence[str]) -> str:
    if word not in known:
        raise ConfigError.bad(option, word, "one of " + ", ".join(known))
    return word


def _label(word: str) -> tuple[str, str]:
    key, equals, value = word.partition("=")
    if not key or not equals:
        raise ConfigError.bad("--label", word, "KEY=VALUE, as in project=vision")
    return key, value


def _instant(option: str, word: str) -> int | None:
    """UTC ns of a day, a time or an age."""
    if not word:
        return None
    age = _AGE.fullmatch(word)
    if age:
        seconds = int(age[1]) * {"min": 60, "h": 3_600, "d": 86_400}[age[2]]
        return max(time.time_ns() - seconds * 10**9, -_LARGEST)
    try:
        parsed = datetime.fromisoformat(word)
    except ValueError:
        raise ConfigError.bad(option, word, "2026-11-21, 2026-11-21T08:30+01:00, or an age such as 12h or 7d") from None
    known = parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)
    return max(-_LARGEST, min(int(known.timestamp()) * 10**9, _LARGEST))


def _condition(word: str) -> Condition:
    found = _CONDITION.fullmatch(word)
    known = tuple(column for column in (*_BASE, "cost"))
    expected = f"COLUMN {' or '.join(OPERATORS)} AMOUNT UNIT, as in 'it_energy>1kWh'; columns: {', '.join(known)}"
    if found is None or found[1] not in known:
        raise ConfigError.bad("--where", word, expected)
    column, operator, amount, symbol = found.groups()
    try:
        value = float(amount)
    except ValueError:
        raise ConfigError.bad("--where", word, expected) from None
    if column == "cost":
        if symbol:
            raise ConfigError.bad("--where", word, "no unit: a cost is compared in its own currency")
        return Condition(column, operator, value)
    base, size = _BASE[column]
    if not symbol:
        raise ConfigError.bad("--where", word, f"a unit after the amount, as in '{column}{operator}{amount}{base}'")
    try:
        return Condition(column, operator, convert(value, unit(symbol), unit(base)) * size)
    except UnitMismatch as error:
        raise ConfigError.bad("--where", word, f"a unit that converts to {base} ({error})") from error
