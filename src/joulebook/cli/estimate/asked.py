"""Options and output that every kind of estimate has."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from joulebook.account.terms import Statement
from joulebook.cli.files import write_whole
from joulebook.cli.output import put_document, put_json, put_rendered, say
from joulebook.errors import ConfigError
from joulebook.estimate.stated import Place
from joulebook.report.estimated_sheets import units_shown
from joulebook.settings import load


def add_place(parser: ArgumentParser) -> None:
    """Where it is done, what it is priced with, and how it is printed."""
    place = parser.add_argument_group("place and prices")
    place.add_argument("--region", help="of the grid: FR, US-CA, Germany")
    place.add_argument("--site", help="whose PUE and water are known: aws, gcp:europe-west4")
    place.add_argument("--pue", metavar="RATIO", help="overhead of the site: 1.2 or 1.1..1.4")
    place.add_argument("--intensity", metavar="AMOUNT", help="of the grid: 41, '0.954 lb/kWh', '30..60 g/kWh'")
    place.add_argument("--price", metavar="AMOUNT", help="of a device-hour, or of energy: '0.2 EUR/kWh'")
    place.add_argument("--currency", help="that costs are shown in: EUR, USD")
    place.add_argument("--edition", help="facts to use: a date (default: the newest)")
    shown = parser.add_argument_group("how it is shown")
    shown.add_argument("--unit", action="append", default=[], metavar="UNIT", help="MWh, J, t, kg, d; may be repeated")
    shown.add_argument("--lb", action="append_const", const="lb", dest="unit", help="carbon in pounds")
    shown.add_argument("--explain", metavar="FIGURE", help="unfold energy, carbon, cost, ... to what was given")
    shown.add_argument("--depth", type=int, metavar="N", help="with --explain: levels shown (default: all)")
    shown.add_argument("--markdown", action="store_true", help="the tables as Markdown")
    shown.add_argument("--html", metavar="FILE", help="a page in which every assumption can be changed")
    shown.add_argument("--json", action="store_true", dest="as_json", help="schema joulebook.statement/1, in its units")


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
    """Print it as JSON, Markdown or tables, and write the page that was asked for.

    Raises `ConfigError` for a unit or a figure that there is none of, OSError where the page cannot be written.
    """
    units = units_shown(arguments.unit)
    if arguments.depth is not None and arguments.explain is None:
        raise ConfigError("--depth is of a tree: give --explain FIGURE as well")
    if arguments.explain is not None:
        from joulebook.cli.estimate.explained import put_figure  # trees and citations, for this option alone

        put_figure(statement, arguments)
        return
    if arguments.html is not None:
        from joulebook.report.estimate_page.build import page  # what draws it is loaded for a page alone

        write_whole(arguments.html, page(statement).encode())
    if arguments.as_json:
        put_json(statement.as_dict())
    elif arguments.markdown:
        from joulebook.report.estimated_markdown import markdown  # tabulate is not loaded for JSON

        put_document(markdown(statement, units))
    elif arguments.html is not None:
        say(f"wrote {arguments.html}: open it in a browser")
    else:
        from joulebook.report.estimated import show  # rich is not loaded for JSON

        put_rendered(show(statement, units))
