"""The budgets of a project in a TOML file: limits by the names of runs, and which end of an interval counts."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Final, NamedTuple

from joulebook.errors import ConfigError, ExchangeError
from joulebook.meter.limits import KINDS, Limit, limit_of

JUDGES: Final = ("value", "high")


class Allowed(NamedTuple):
    """What the runs of a name may use."""

    pattern: str
    limits: tuple[Limit, ...]


class Budgets(NamedTuple):
    """A file of budgets."""

    judge: str
    """value or high: which figure of an amount is compared with its limit."""
    allowed: tuple[Allowed, ...]

    def of(self, name: str) -> list[tuple[str, Limit]]:
        """Pattern and limit of each budget that a run of this name has."""
        return [(one.pattern, limit) for one in self.allowed if fnmatchcase(name, one.pattern) for limit in one.limits]


def read_budgets(path: Path) -> Budgets:
    """The budgets in a file. Raises `ExchangeError` with file, line and what was expected."""
    try:
        text = path.read_text(encoding="utf-8")
        plain = tomllib.loads(text)
    except OSError as error:
        raise ExchangeError(f"{path}: {error.strerror}; name a file of budgets, see docs/guide.md") from error
    except (ValueError, RecursionError) as error:
        line = str(error).partition("line ")[2].partition(",")[0]
        raise ExchangeError.at(f"{path}", int(line) if line.isdigit() else 1, f"a TOML file ({error})") from error
    for key in plain:
        if key not in ("judge", "budget"):
            raise _wrong(path, text, key, f"judge or [budget.NAME], not {key!r}")
    judge = plain.get("judge", "value")
    if judge not in JUDGES:
        raise _wrong(path, text, "judge", f"judge = {' or '.join(repr(one) for one in JUDGES)}, not {judge!r}")
    tables = plain.get("budget")
    if not isinstance(tables, dict) or not tables:
        raise _wrong(path, text, "budget", """a table such as  [budget."train*"]  with  energy = "0.5 kWh" """.strip())
    return Budgets(judge, tuple(_allowed(path, text, pattern, table) for pattern, table in tables.items()))


def _allowed(path: Path, text: str, pattern: str, table: object) -> Allowed:
    if not isinstance(table, Mapping) or not table:
        raise _wrong(path, text, pattern, f"[budget.{pattern!r}] with {', '.join(KINDS)}")
    limits = []
    for kind, said in table.items():
        if kind not in KINDS:
            raise _wrong(path, text, kind, f"one of {', '.join(KINDS)} in [budget.{pattern!r}], not {kind!r}")
        if not isinstance(said, str):
            raise _wrong(path, text, kind, f"""an amount with its unit, such as "5 Wh", not {said!r}""")
        try:
            limit = limit_of(said, name=kind)
        except ConfigError as error:
            raise _wrong(path, text, kind, f"{error}".partition("expected ")[2] + f", not {said!r}") from error
        if limit.kind != kind:
            raise _wrong(path, text, kind, f"an amount of {kind}, not {said!r}")
        limits.append(limit)
    return Allowed(pattern, tuple(limits))


def _wrong(path: Path, text: str, word: str, expected: str) -> ExchangeError:
    """The error at the first line that has this word before any value or in a heading."""
    lines = text.splitlines()
    found = (
        at for at, line in enumerate(lines, 1) if word in (line if line.startswith("[") else line.partition("=")[0])
    )
    return ExchangeError.at(f"{path}", next(found, 1), expected)
