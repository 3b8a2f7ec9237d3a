"""`joulebook compare A B`: two runs term by term, and what makes the difference."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from joulebook.account.compare import FIGURES, compare
from joulebook.account.configuration import differences
from joulebook.account.figures import spoken
from joulebook.cli.output import put_json, put_rendered
from joulebook.cli.pricing import priced_with
from joulebook.index import Book


def add_arguments(parser: ArgumentParser) -> None:
    """The options of `joulebook compare`."""
    parser.add_argument("a", metavar="A", help="a run: an id or its beginning, a name, last, last~1")
    parser.add_argument("b", metavar="B", help="the run that is compared with it")
    parser.add_argument(
        "--figure", type=spoken, choices=FIGURES, default="carbon", help="what is taken apart (default: carbon)"
    )
    parser.add_argument("--region", default="", help="price both for this region instead of the recorded ones")
    parser.add_argument("--edition", default="", help="facts to price both with: a date, or latest")
    parser.add_argument("--json", action="store_true", dest="as_json", help="schema joulebook.comparison/1")


def main(arguments: Namespace) -> int:
    """Compare run B with run A: what makes the difference, term by term.

    Contributions add up to the difference exactly; what else differs is listed.

    examples:
      joulebook compare last~1 last
      joulebook compare baseline quick --figure energy
    """
    book = Book()
    names = arguments.a, arguments.b
    sides = [book.statement(name, asked=priced_with(arguments)) for name in names]
    heads = [book.measurement(side.run).head for side in sides]
    found = compare(*sides)._replace(configuration=tuple(differences(*heads)))
    if arguments.as_json:
        put_json(found.as_dict())
        return 0
    from joulebook.report.comparison import comparison  # rich is not loaded for JSON

    put_rendered(comparison(found, arguments.figure))
    return 0
