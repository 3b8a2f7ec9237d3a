"""`joulebook show RUN`: the whole account of one run."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from joulebook.cli.output import LIVE_HELP, MIX_HELP, priced_with, put_json, put_rendered
from joulebook.index import Book


def add_arguments(parser: ArgumentParser) -> None:
    """The options of `joulebook show`."""
    parser.add_argument("run", nargs="?", default="last", metavar="RUN", help="an id or its beginning, a name, last~1")
    parser.add_argument("--json", action="store_true", dest="as_json", help="schema joulebook.statement/1")
    parser.add_argument("--region", default="", help="price it for this region instead of the recorded one")
    parser.add_argument("--edition", default="", help="facts to price with: a date, or latest (default: as recorded)")
    parser.add_argument("--live", nargs="?", const="auto", default="", metavar="SERVICE", help=LIVE_HELP)
    parser.add_argument("--mix", default="", metavar="MIX", help=MIX_HELP)


def main(arguments: Namespace) -> int:
    """Show the whole account of one run: devices, stages, assumptions, sources.

    examples:
      joulebook show last
      joulebook show baseline --region DE
    """
    statement = Book().statement(arguments.run, asked=priced_with(arguments))
    if arguments.as_json:
        put_json(statement.as_dict())
        return 0
    from joulebook.report.view import show  # rich is not loaded for JSON

    put_rendered(show(statement))
    return 0
