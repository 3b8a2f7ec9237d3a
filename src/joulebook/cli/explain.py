"""`joulebook explain RUN FIGURE`: one figure unfolded down to readings and cited facts."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from joulebook.account.figures import figure, reason, wanted
from joulebook.account.uncertainty import shares
from joulebook.cli.estimate.explained import put_explained
from joulebook.cli.output import put, put_json
from joulebook.cli.pricing import add_pricing, priced_with, say_live
from joulebook.facts.catalog import Catalog
from joulebook.index import Book
from joulebook.report.citations import cited
from joulebook.report.explained import Explained
from joulebook.report.readings import readings
from joulebook.report.tree import nodes
from joulebook.report.wording import plain

SCHEMA = "joulebook.explanation/1"


def add_arguments(parser: ArgumentParser) -> None:
    """The options of `joulebook explain`."""
    parser.add_argument("run", metavar="RUN", help="an id or its beginning, a name, last, last~1")
    parser.add_argument(
        "figure",
        metavar="FIGURE",
        help="it_energy, energy, carbon, cost, power, ...; of a part of the run: energy:STAGE, energy:DEVICE",
    )
    parser.add_argument("--stage", default="", help="of this stage: its path (train/forward) or the end of it")
    parser.add_argument("--device", default="", help="of this device alone")
    add_pricing(parser)
    parser.add_argument("--depth", type=int, metavar="N", help="levels that are unfolded (default: all)")
    parser.add_argument("--markdown", action="store_true", help="to copy: a nested list with numbered sources")
    parser.add_argument("--html", metavar="FILE", help="a page whose tree folds, without a script")
    parser.add_argument("--json", action="store_true", dest="as_json", help="schema joulebook.explanation/1")


def main(arguments: Namespace) -> int:
    """Unfold one figure of a run down to readings and cited facts.

    Below the tree stands where its interval comes from, and the sources. Estimates
    and options of a plan unfold theirs with --explain FIGURE.

    examples:
      joulebook explain last carbon
      joulebook explain last energy:train/forward --depth 2
      joulebook explain last it_energy --device ram --json
      joulebook explain last carbon --html carbon.html
    """
    book = Book()
    statement = book.statement(arguments.run, asked=priced_with(arguments))
    say_live(statement)
    asked = wanted(statement, arguments.figure, stage=arguments.stage, device=arguments.device)
    quantity = figure(statement, asked)
    if quantity is None:
        why = reason(statement, asked)
        if arguments.as_json:
            put_json({"schema": SCHEMA, "run": statement.run, **asked._asdict(), "quantity": None, "reason": why})
        else:
            put(f"{why}\n")
        return 0
    quantity = quantity.named(quantity.name or asked.name)
    known = readings(quantity, book.recordings(statement.run))
    facts = cited([quantity], statement, Catalog.open())
    uncertain = shares(quantity)
    if arguments.as_json:
        put_json(
            {
                "schema": SCHEMA,
                "run": statement.run,
                **asked._asdict(),
                "quantity": quantity.as_dict(),
                "reason": "",
                "nodes": nodes(quantity),
                "uncertainty": [item.as_dict() for item in uncertain],
                "readings": [item._asdict() for item in known],
                "facts": [item.as_dict() for item in facts],
            }
        )
        return 0
    what = f"{quantity.name} of {plain(statement.name, 60)} {statement.run[:6]}"
    found = Explained(what, quantity, tuple(uncertain), tuple(facts), {item.id: item.note for item in known})
    put_explained(found, arguments)
    return 0
