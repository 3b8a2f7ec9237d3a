"""`joulebook runs`: the runs of the book, newest first."""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError, Namespace

from joulebook.cli.output import put_json, put_rendered, say
from joulebook.index import Book


def add_arguments(parser: ArgumentParser) -> None:
    """The options of `joulebook runs`."""
    parser.add_argument("--json", action="store_true", dest="as_json", help="rows as JSON")
    parser.add_argument("--nested", action="store_true", help="also list runs recorded inside another run")
    parser.add_argument("--limit", "-n", type=_natural, default=50, metavar="N", help="at most N rows (default: 50)")


def main(arguments: Namespace) -> int:
    """List the runs of this book, newest first.

    Energies of runs that overlapped on one machine are shares: the rows add up to what the machine used.
    """
    rows = Book().rows(limit=arguments.limit, nested=arguments.nested)
    if arguments.as_json:
        put_json(rows)
    elif not rows:
        say("joulebook: no runs yet; record one with  joulebook run -- CMD")
    else:
        from joulebook.report.view import runs_table  # rich is not loaded for JSON

        put_rendered(runs_table(rows))
    return 0


def _natural(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise ArgumentTypeError(f"{text!r}: expected a number of rows from 1 on")
    return int(text)
