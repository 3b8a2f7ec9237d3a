"""`joulebook diff A B`: two reports of different tools, aligned, explained, or refused with the reason."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path

from joulebook.audit.comparing import diff
from joulebook.audit.reports.door import read_report
from joulebook.audit.reports.ours import statement_report
from joulebook.audit.reports.report import Report
from joulebook.cli.output import put_json, put_rendered
from joulebook.errors import ConfigError, RunNotFound
from joulebook.estimate.amounts import amount
from joulebook.index import Book


def add_arguments(parser: ArgumentParser) -> None:
    """The options of `joulebook diff`."""
    parser.add_argument("a", metavar="A", help="a file, FILE#RUN where it has several, or a run of the book")
    parser.add_argument("b", metavar="B", help="the report that is compared with it")
    parser.add_argument("--per-hour", action="store_true", help="compare an hour of each, whatever their periods")
    for side in ("a", "b"):
        parser.add_argument(
            f"--pue-{side}", metavar="RATIO", help=f"overhead of the site within {side.upper()}, where it states none"
        )
    parser.add_argument("--json", action="store_true", dest="as_json", help="schema joulebook.diff/1")


def main(arguments: Namespace) -> int:
    """Compare two reports of the same work by different tools, figure by figure.

    Statements of joulebook; files of CodeCarbon, carbontracker, EcoLogits,
    Green Algorithms, eco2AI, Experiment Impact Tracker; counters of Kepler; logs
    of MLPerf's power analyser; JSON or CSV with fields such as energy_kwh.

    examples:
      joulebook diff last emissions.csv
      joulebook diff statement.json run_carbontracker_output.log --json
      joulebook diff emissions.csv emission.csv --pue-b 1
    """
    a, b = _report(arguments.a, arguments.pue_a, "a"), _report(arguments.b, arguments.pue_b, "b")
    found = diff(a, b, per_hour=arguments.per_hour)
    if arguments.as_json:
        put_json(found.as_dict())
        return 0
    from joulebook.report.difference import show  # rich is not loaded for JSON

    put_rendered(show(found))
    return 0


def _report(word: str, pue: str | None, side: str) -> Report:
    """The report in that file, or the run of the book, with the overhead that was given. Raises `ConfigError`."""
    if Path(word.partition("#")[0]).is_file():
        found = read_report(word)
    else:
        try:
            found = statement_report(word, Book().statement(word).as_dict())
        except RunNotFound as error:
            raise RunNotFound(f"{word}: no such file, and {error}") from error
    if pue is None:
        return found
    if found.overhead is not None:
        raise ConfigError.bad(f"--pue-{side}", pue, f"none: {found.name} states {found.overhead:.4g}")
    return found._replace(overhead=amount(f"--pue-{side}", pue, "1", least=1.0).value)
