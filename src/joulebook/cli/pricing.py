"""The options of verbs that price a run in another way than it was recorded."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from joulebook.account.terms import Statement
from joulebook.cli.output import say
from joulebook.index.priced import Pricing


def add_pricing(parser: ArgumentParser) -> None:
    """All of them; `--live` is the one option with which something is asked on the network."""
    parser.add_argument("--region", default="", help="price it for this region instead of the recorded one")
    parser.add_argument("--edition", default="", help="facts to price with: a date, or latest (default: as recorded)")
    parser.add_argument(
        "--live", nargs="?", const="auto", default="", metavar="SERVICE",
        help="ask a service for the grid's intensity hour by hour: neso, energy-charts, electricity-maps, watttime",
    )  # fmt: skip
    parser.add_argument("--mix", default="", help="price it for this mix of sources, such as coal=.30,gas=.24,wind=.46")


def priced_with(arguments: Namespace) -> Pricing:
    """What the options --region, --edition, --live and --mix say; what is wrong in the settings is raised."""
    live, mix = (getattr(arguments, name, "") for name in ("live", "mix"))
    return Pricing(arguments.region, arguments.edition, live, mix, strict=True)


def say_live(statement: Statement) -> None:
    """Say what services on the network did not tell, for verbs that do not show warnings."""
    for warning in statement.warnings:
        if warning.startswith("live: "):
            say(f"joulebook: {warning}")
