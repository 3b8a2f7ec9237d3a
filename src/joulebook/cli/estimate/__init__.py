"""`joulebook estimate train|serve|search`: what something will take, before the fact."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter
from importlib import import_module

KINDS = {
    "train": "a training, from hours and power or from its size and the hardware",
    "plan": "which devices, where and how many, within budgets",
    "serve": "requests to a model: energy, latency and cost of each",
    "search": "a search of hyper-parameters: grid, random and Bayesian side by side",
}


def add_arguments(parser: ArgumentParser) -> None:
    """One parser for each kind of work."""
    kinds = parser.add_subparsers(dest="kind", metavar="KIND", required=True)
    for kind, summary in KINDS.items():
        module = import_module(f"joulebook.cli.estimate.{kind}")
        text = module.main.__doc__.replace("\n    ", "\n").rstrip()
        description, title, examples = text.partition("examples:\n")
        one = kinds.add_parser(
            kind,
            help=summary,
            description=description,
            epilog=title + examples,
            formatter_class=RawDescriptionHelpFormatter,
        )
        module.add_arguments(one)


def main(arguments: Namespace) -> int:
    """Estimate energy, carbon, water, money and time before the fact, with ranges.

    Each figure has a 90 % interval and names the inputs that cause most of it.

    examples:
      joulebook estimate train --device H100 --count 64 --hours 100 --region FR
    """
    code: int = import_module(f"joulebook.cli.estimate.{arguments.kind}").main(arguments)
    return code
