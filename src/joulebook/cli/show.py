"""`joulebook show RUN`: the whole account of one run."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from joulebook.cli.estimate.against import add_against, put_against
from joulebook.cli.output import put_json, put_rendered
from joulebook.cli.pricing import add_pricing, priced_with
from joulebook.index import Book


def add_arguments(parser: ArgumentParser) -> None:
    """The options of `joulebook show`."""
    parser.add_argument(
        "run", nargs="?", default="last", metavar="RUN", help="an id or its beginning, a name, last~1 (default: last)"
    )
    parser.add_argument("--json", action="store_true", dest="as_json", help="schema joulebook.statement/1")
    add_pricing(parser)
    add_against(parser)


def main(arguments: Namespace) -> int:
    """Show the whole account of one run: devices, stages, assumptions, sources.

    examples:
      joulebook show last
      joulebook show baseline --region DE
      joulebook show last --against all
    """
    statement = Book().statement(arguments.run, asked=priced_with(arguments))
    if arguments.against is not None:
        put_against(statement, arguments)
        return 0
    if arguments.as_json:
        put_json(statement.as_dict())
        return 0
    from joulebook.report.view import show  # rich is not loaded for JSON

    put_rendered(show(statement))
    return 0
