"""`joulebook explain RUN FIGURE`: one figure unfolded down to readings and cited facts."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import Final

from joulebook.cli.output import put
from joulebook.index import Book
from joulebook.report.terminal import explanation

FIGURES: Final = ("it_energy", "energy", "carbon", "cost", "duration", "device_hours", "idle_baseline")


def add_arguments(parser: ArgumentParser) -> None:
    """The options of `joulebook explain`."""
    parser.add_argument("run", metavar="RUN", help="an id or its beginning, a name, last, last~1")
    parser.add_argument("figure", metavar="FIGURE", choices=FIGURES, help=", ".join(FIGURES))


def main(arguments: Namespace) -> int:
    """Unfold one figure of a run down to its readings and cited facts."""
    statement = Book().statement(arguments.run)
    quantity = getattr(statement, arguments.figure)
    if quantity is None:
        reason = "; ".join(text for text in statement.warnings if text.startswith(arguments.figure))
        put(f"{reason or arguments.figure + ': unknown'}\n")
    else:
        put(explanation(quantity.named(quantity.name or arguments.figure)) + "\n")
    return 0
