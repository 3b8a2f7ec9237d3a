"""Options and output that every kind of estimate has."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from joulebook.account.terms import Statement
from joulebook.cli.output import put_json, put_rendered
from joulebook.estimate.stated import Place
from joulebook.settings import load


def add_place(parser: ArgumentParser) -> None:
    """Where it is done, what it is priced with, and how it is printed."""
    place = parser.add_argument_group("place and prices")
    place.add_argument("--region", help="of the grid: FR, US-CA, Germany")
    place.add_argument("--site", help="whose PUE and water are known: aws, gcp:europe-west4")
    place.add_argument("--pue", metavar="RATIO", help="energy of the site per energy of its machines: 1.2 or 1.1..1.4")
    place.add_argument("--intensity", metavar="AMOUNT", help="of the grid: 41, '0.954 lb/kWh', '30..60 g/kWh'")
    place.add_argument("--price", metavar="AMOUNT", help="of a device-hour (0.43..1.46) or of energy ('0.2 EUR/kWh')")
    place.add_argument("--currency", help="that costs are shown in: EUR, USD")
    place.add_argument("--edition", help="facts to use: a date (default: the newest)")
    parser.add_argument("--json", action="store_true", dest="as_json", help="schema joulebook.statement/1")


def place_of(arguments: Namespace) -> Place:
    """The place that options and settings say; options come first."""
    settings = load(lenient=True)
    place: Place = {}
    for name in ("region", "site", "pue", "intensity", "price", "currency", "edition"):
        said = getattr(arguments, name) or getattr(settings, name, None)
        if said:
            place[name] = said
    return place


def put_statement(statement: Statement, arguments: Namespace) -> None:
    """Print it as JSON or as tables."""
    if arguments.as_json:
        put_json(statement.as_dict())
        return
    from joulebook.report.view import show  # rich is not loaded for JSON

    put_rendered(show(statement))
