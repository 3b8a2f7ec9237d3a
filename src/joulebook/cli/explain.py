"""`joulebook explain RUN FIGURE`: one figure unfolded down to readings and cited facts."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from joulebook.account.figures import figure, reason, wanted
from joulebook.account.uncertainty import SourceShare, shares
from joulebook.cli.output import put, put_json
from joulebook.cli.pricing import add_pricing, priced_with, say_live
from joulebook.facts.catalog import Catalog
from joulebook.index import Book
from joulebook.quantity import Quantity
from joulebook.report.citations import Cited, cited, publications, reference
from joulebook.report.readings import readings
from joulebook.report.tree import explanation, figure_text, nodes
from joulebook.report.wording import percent, plain

SCHEMA = "joulebook.explanation/1"
_SHOWN = 8


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
    parser.add_argument("--json", action="store_true", dest="as_json", help="schema joulebook.explanation/1")


def main(arguments: Namespace) -> int:
    """Unfold one figure of a run down to readings and cited facts.

    Below the tree stands where its interval comes from, and the sources.

    examples:
      joulebook explain last carbon
      joulebook explain last energy:train/forward
      joulebook explain last it_energy --device ram --json
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
    put(explanation(quantity, {item.id: item.note for item in known}) + "\n")
    put(_uncertainty(quantity, uncertain))
    put(_facts(facts))
    return 0


def _uncertainty(quantity: Quantity, found: list[SourceShare]) -> str:
    if not found:
        return "\nIt is exact: no source of it has an interval.\n"
    lines = ["\nWhere the interval comes from (what goes if this source alone were known exactly)"]
    for item in found[:_SHOWN]:
        left = Quantity.of(
            quantity.value, quantity.unit, low=item.low, high=item.high, basis=item.basis, source="what is left"
        )
        lines.append(f"  {percent(item.share):>5}  {item.basis!s:<8}  {plain(item.text, 120)}")
        lines.append(f"         {'':<8}  then {figure_text(left)}")
    if len(found) > _SHOWN:
        lines.append(f"         {'':<8}  and {len(found) - _SHOWN} more sources")
    return "\n".join(lines) + "\n"


def _facts(found: list[Cited]) -> str:
    if not found:
        return ""
    lines = ["\nFacts"]
    for fact, card in found:
        ends = "" if fact.low == fact.high else f" ({fact.low:.6g}-{fact.high:.6g})"
        unit = "" if fact.unit == "1" else f" {fact.unit}"
        lines.append(
            f"  {fact.subject} {fact.property} = {fact.value:.6g}{ends}{unit}  {fact.valid_from[:4]} [{card.id}]"
        )
    lines.append("Sources")
    lines += [f"  [{card.id}] {plain(reference(card), 400)}" for card in publications(found)]
    return "\n".join(lines) + "\n"
