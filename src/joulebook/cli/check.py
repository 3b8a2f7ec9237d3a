"""`joulebook check --budget FILE`: runs against the budgets of a project, for continuous integration."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from joulebook.account.terms import in_schema_unit
from joulebook.cli.output import put, put_json
from joulebook.errors import ConfigError, RunNotFound
from joulebook.exchange.budgets import read_budgets
from joulebook.index import Book
from joulebook.meter.limits import KINDS
from joulebook.report.checked import Check, checked, document, markdown

EXCEEDED: Final = 3
_PAGE: Final = 500
Found = tuple[str, str, Mapping[str, Mapping[str, Any] | None]]
"""Id, name and amounts of a run."""


def add_arguments(parser: ArgumentParser) -> None:
    """The options of `joulebook check`."""
    parser.add_argument("run", nargs="?", metavar="RUN", help="an id or its beginning, a name, last~1 (default: last)")
    parser.add_argument("--budget", type=Path, required=True, metavar="FILE", help="budgets by names of runs, in TOML")
    parser.add_argument("--since", default="", metavar="WHEN", help="instead of RUN all since 2026-11-01, 12h, 7d")
    parser.add_argument("--json", action="store_true", dest="as_json", help="schema joulebook.check/1")


def main(arguments: Namespace) -> int:
    """Compare runs with the budgets in a file; exit code 3 when one is exceeded.

    The file has a table of limits for each pattern of names:
      judge = "value"              # or "high": that end of the 90 % interval
      [budget."train*"]
      energy = "0.5 kWh"           # carbon, cost, duration as well

    examples:
      joulebook check --budget budgets.toml
      joulebook check --budget budgets.toml --since 12h >> "$GITHUB_STEP_SUMMARY"
    """
    if arguments.run and arguments.since:
        raise ConfigError("RUN and --since exclude each other: give a run, or the period of the runs to check")
    budgets = read_budgets(arguments.budget)
    found = _since(arguments.since) if arguments.since else [_one(arguments.run or "last")]
    checks: list[Check] = []
    for run, name, amounts in found:
        checks += [checked(run, name, one, amounts[one[1].kind], budgets.judge) for one in budgets.of(name)]
    if not checks:
        names = ", ".join(one.pattern for one in budgets.allowed)
        raise RunNotFound(
            f"no run here has a budget in {arguments.budget}, which has them for {names}; see  joulebook runs"
        )
    if arguments.as_json:
        put_json(document(checks, budgets.judge, str(arguments.budget)))
    else:
        put(markdown(checks, budgets.judge))
    return 0 if all(check.holds for check in checks) else EXCEEDED


def _one(reference: str) -> Found:
    statement = Book().statement(reference)
    return statement.run, statement.name, {kind: in_schema_unit(getattr(statement, kind)) for kind in KINDS}


def _since(when: str) -> Iterator[Found]:
    from joulebook.index.asked import Asked, query_of  # with SQLAlchemy, which one run alone does not need

    listing, page = Book().listing, 1
    while True:
        rows = listing.page(query_of(Asked(since=when, limit=_PAGE, page=page))).rows
        for row in rows:
            yield str(row["id"]), str(row["name"]), {kind: row[kind] for kind in KINDS}  # type: ignore[misc]
        if len(rows) < _PAGE:
            return
        page += 1
