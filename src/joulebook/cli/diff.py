"""`joulebook diff A B`: two reports of different tools, aligned, explained, or refused with the reason."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path

from joulebook.audit.comparing import diff
from joulebook.audit.reports import Report, read_report, statement_report
from joulebook.cli.output import put_json, put_rendered
from joulebook.index import Book


def add_arguments(parser: ArgumentParser) -> None:
    """The options of `joulebook diff`."""
    parser.add_argument("a", metavar="A", help="a file, FILE#RUN where it has several, or a run of the book")
    parser.add_argument("b", metavar="B", help="the report that is compared with it")
    parser.add_argument("--per-hour", action="store_true", help="compare an hour of each, whatever their periods")
    parser.add_argument("--json", action="store_true", dest="as_json", help="schema joulebook.diff/1")


def main(arguments: Namespace) -> int:
    """Compare two reports of the same work by different tools, figure by figure.

    Statements of joulebook, emissions.csv of CodeCarbon, logs of carbontracker,
    and JSON or CSV with fields such as energy_kwh, co2eq_kg, pue.

    examples:
      joulebook diff last emissions.csv
      joulebook diff statement.json carbontracker.log --json
    """
    found = diff(_report(arguments.a), _report(arguments.b), per_hour=arguments.per_hour)
    if arguments.as_json:
        put_json(found.as_dict())
        return 0
    from joulebook.report.difference import show  # rich is not loaded for JSON

    put_rendered(show(found))
    return 0


def _report(word: str) -> Report:
    """The report in that file, or the run of the book."""
    if Path(word.partition("#")[0]).is_file():
        return read_report(word)
    return statement_report(word, Book().statement(word).as_dict())
